"""Sizes that are found by unification while a formula is read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from matcalc.graph.node import Shape, Size
from matcalc.graph.sizes import spelled


class Axis:
    """One axis of a value; axes that must be equally long are joined (union-find), and may have a known size."""

    __slots__ = ("_joined", "_size")

    def __init__(self, size: Size | None = None) -> None:
        self._joined: Axis | None = None
        self._size = size

    def root(self) -> Axis:
        """The axis that stands for all that are joined with this one."""
        axis = self
        while axis._joined is not None:
            if axis._joined._joined is not None:
                axis._joined = axis._joined._joined
            axis = axis._joined
        return axis

    @property
    def size(self) -> Size | None:
        """The known size, or ``None`` while it is free."""
        return self._size if self._joined is None else self.root()._size

    @size.setter
    def size(self, size: Size) -> None:
        self.root()._size = size

    def join(self, other: Axis) -> bool:
        """Make both axes equally long; False where their known sizes differ."""
        if self is other:
            return True
        mine, theirs = self.root(), other.root()
        if mine is theirs:
            return True
        if mine._size is None:
            mine._joined = theirs
        elif theirs._size is None or theirs._size == mine._size:
            theirs._joined = mine
        else:
            return False
        return True


DraftShape = tuple[Axis | None, ...]


def fresh_names(taken: Iterable[object]) -> Iterator[str]:
    """Names for sizes that no declaration names: n, m, k, …, skipping those taken."""
    used = set(taken)
    for name in ("n", "m", "k", "p", "q", "r", "d", "h"):
        if name not in used:
            yield name
    count = 1
    while True:
        if f"n{count}" not in used:
            yield f"n{count}"
        count += 1


def _word(size: Size | None, count: int) -> str:
    """A size in a shape; a sum that is not alone in brackets."""
    text = str(size) if size is None else spelled(size)
    return f"({text})" if "+" in text and count > 1 else text


def words(shape: DraftShape | Shape) -> str:
    """A shape as a reader says it: ``m×k``, ``n`` (a vector), ``1×n`` (a transposed vector), ``scalar`` or ``a×b×c``."""
    sizes = [axis.size if isinstance(axis, Axis) else axis for axis in shape]
    rows, columns, *more = (
        "?" if axis is not None and size is None else _word(size, len(shape))
        for axis, size in zip(shape, sizes, strict=True)
    )
    if shape[0] is None:
        return "scalar" if shape[1] is None else f"1×{columns}"
    return rows if shape[1] is None else "×".join((rows, columns, *more))
