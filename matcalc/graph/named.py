"""Drafts with named indices: their first axes are those of the indices, the others the value's own."""

from __future__ import annotations

from matcalc.graph.axes import Axis, DraftShape
from matcalc.graph.draft import Draft
from matcalc.graph.node import Data

Names = tuple[str, ...]


class Indexed(Draft):
    """A draft whose first axes are those of the indices ``names``; ``own`` is the shape of the value at each index."""

    __slots__ = ("names", "own")

    def __init__(self, draft: Draft, names: Names, own: DraftShape) -> None:
        super().__init__(draft.op, draft.args, draft.shape, draft.data, draft.node)
        self.names = names
        self.own = own


class Mark(Draft):
    """An index letter (data), a range ``"2:5"``, a position or ``:`` (no data) in the brackets of an entry."""


class SizeOf(Draft):
    """The length of an axis as a number."""

    __slots__ = ("axis",)

    def __init__(self, axis: Axis) -> None:
        super().__init__("size", (), (None, None))
        self.axis = axis

    def known_data(self) -> Data:
        return self.axis.size


def names_of(value: Draft) -> Names:
    """The indices of a value."""
    return value.names if isinstance(value, Indexed) else ()


def own_of(value: Draft) -> DraftShape:
    """The shape of a value at each index."""
    return value.own if isinstance(value, Indexed) else value.shape


def present(shape: DraftShape) -> tuple[Axis, ...]:
    return tuple(axis for axis in shape if axis is not None)


def is_scalar(shape: DraftShape) -> bool:
    return shape == (None, None)
