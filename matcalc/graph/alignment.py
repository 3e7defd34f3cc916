"""Values with named indices put side by side: their indices aligned, contracted over, or taken entry by entry.

(Laue, Mitterreiter & Giesen, 2020: every product of such values is one Einstein sum.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from matcalc.graph.axes import Axis, DraftShape
from matcalc.graph.draft import Draft, Drafting
from matcalc.graph.named import Indexed, Names, is_scalar, names_of, own_of, present
from matcalc.graph.subscripts import Subscripts


class Alignment:
    """The axes that the indices of one text run over, and how values with indices are combined."""

    def __init__(self, drafting: Drafting) -> None:
        self.drafting = drafting
        self.axes: dict[str, Axis] = {}  # index -> the axis that it runs over

    def axis(self, index: str) -> Axis:
        """The axis of an index."""
        return self.axes.setdefault(index, Axis())

    def forget_free(self) -> None:
        """Free indices belong to one formula or definition."""
        for index in [index for index in self.axes if "#" not in index]:
            del self.axes[index]

    def _contract(
        self,
        parts: Sequence[tuple[Draft, Sequence[object]]],
        names: Names,
        own: Sequence[object],
        form: DraftShape,
    ) -> Draft:
        """The contraction of drafts with these subscripts to a value with indices and own axes, of shape ``form``."""
        if len(parts) == 1 and tuple(parts[0][1]) == (*names, *own):
            draft = parts[0][0]
            return Indexed(draft, names, form) if names else draft
        draft = self.drafting.make(
            "contract",
            [part for part, _ in parts],
            self._shape(names, form),
            Subscripts.of([tuple(subscripts) for _, subscripts in parts], (*names, *own)),
        )
        return Indexed(draft, names, form) if names else draft

    def _shape(self, names: Names, own: DraftShape) -> DraftShape:
        if not names:
            return own
        axes = (*(self.axis(name) for name in names), *present(own))
        return (*axes, None, None)[: max(2, len(axes))]

    def _subscripts(self, value: Draft, *own: object) -> tuple[object, ...]:
        return (*names_of(value), *own)

    def _labels(self, value: Draft) -> tuple[int, ...]:
        """The own axes of a value, as subscripts."""
        return tuple(place for place, axis in enumerate(own_of(value)) if axis is not None)

    def _union(self, values: Sequence[Draft]) -> Names:
        return tuple(sorted({name for value in values for name in names_of(value)}))

    def _aligned(self, values: Sequence[Draft]) -> tuple[list[Draft], Names, DraftShape]:
        """Values with the same indices and own shape; scalars go to every entry."""
        names = self._union(values)
        own = next((own_of(value) for value in values if not is_scalar(own_of(value))), (None, None))
        for value in values:
            self._join_own(values, own, value)
        return [self._spread(value, names, own) for value in values], names, own

    def _join_own(self, values: Sequence[Draft], own: DraftShape, value: Draft) -> None:
        mine = own_of(value)
        if is_scalar(mine):
            return
        left, right = self._view(values[0]), self._view(value)
        if len(mine) != len(own):
            raise self.drafting.problem(self.drafting.mismatch(left, right))
        for a, b in zip(own, mine, strict=True):
            if (a is None) != (b is None) or (a and b and not a.join(b)):
                raise self.drafting.problem(self.drafting.mismatch(left, right))

    def _view(self, value: Draft) -> Draft:
        """A value at one index, for messages."""
        return Draft("variable", (), own_of(value)).placed(value.start, value.end)

    def _spread(self, value: Draft, names: Names, own: DraftShape) -> Draft:
        """A value as an array over all of ``names`` and of this own shape."""
        if names_of(value) == names and (own_of(value) == own or not is_scalar(own_of(value))):
            return value
        shape = self._shape(names, own)
        if value in self.drafting.greek and not is_scalar(own) and value.data != "eps":
            source = self.drafting.source(value)
            self.drafting.note(
                f"{source} was read as a scalar that every entry gets; declare {source} if it is an array"
            )
        if not names_of(value) and is_scalar(own_of(value)):
            return self.drafting.fill(value, shape).placed(value.start, value.end)
        own_labels = tuple(place for place, axis in enumerate(own) if axis is not None)
        part = (value, self._subscripts(value, *self._labels(value)))
        return self._contract([part], names, own_labels, own).placed(value.start, value.end)

    def _entrywise(self, operation: Callable[..., Draft], values: Sequence[Draft]) -> Draft:
        """An elementwise operation on aligned values."""
        aligned, names, own = self._aligned(values)
        noted = len(self.drafting.notes)
        draft = operation(*aligned)
        del self.drafting.notes[noted:]
        return Indexed(draft, names, own) if names else draft
