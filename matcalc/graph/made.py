"""Axes that are as long as others multiplied or added, and what is found out from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from matcalc.errors import ShapeProblem
from matcalc.graph import sizes
from matcalc.graph.axes import Axis
from matcalc.graph.node import Size


class Made(NamedTuple):
    """``axis`` is the ``product`` or the ``sum`` of ``parts``, by what stands at ``place`` of the text."""

    kind: str
    axis: Axis
    parts: tuple[Axis, ...]
    place: tuple[int, int]

    def known(self) -> Size | None:
        """The size of the axis, where those of all parts are known."""
        found = [part.size for part in self.parts]
        present = [size for size in found if size is not None]
        if len(present) < len(found):
            return None
        return sizes.product(present) if self.kind == "product" else sizes.total(present)

    def step(self, text: str) -> bool:
        """Find out one size; False where nothing new follows.  Raises ``ShapeProblem`` where nothing fits."""
        known, size = self.known(), self.axis.size
        if known is not None:
            if size is None:
                self.axis.size = known
                return True
            if known != size:
                raise self._problem(known, size, text)
            return False
        unknown = [part for part in self.parts if part.size is None]
        if size is None or len({part.root() for part in unknown}) > 1:
            return False
        present = [part.size for part in self.parts if part.size is not None]
        if len(unknown) > 1:
            return False
        rest = (sizes.quotient if self.kind == "product" else sizes.difference)(size, present)
        if rest is None:
            combined = sizes.product(present) if self.kind == "product" else sizes.total(present)
            raise self._problem(combined, size, text)
        unknown[0].size = rest
        return True

    def _problem(self, mine: Size, other: Size, text: str) -> ShapeProblem:
        start, end = self.place
        source = (
            text[start:end] if end - start <= 40 else f"{text[start : start + 18]} … {text[end - 18 : end]}"
        )
        open_sizes = any(part.size is None for part in self.parts)
        relation = "so many times" if self.kind == "product" else "so many more than"
        must = (
            f"the size {sizes.spelled(other)} must be {relation} {sizes.spelled(mine)}; declare the shapes that are open"
            if open_sizes
            else (f"the sizes {sizes.spelled(mine)} and {sizes.spelled(other)} must be equal")
        )
        return ShapeProblem(f"{source}: {must}", text, start, end)


def settle(relations: Sequence[Made], text: str) -> None:
    """Find out all sizes that follow; where two axes of one length are products, their factors are the same."""
    try:
        while any(relation.step(text) for relation in relations) or _unified(relations):
            pass
    except ShapeProblem as problem:
        raise problem.at(text, 0, len(text)) from None


def _unified(relations: Sequence[Made]) -> bool:
    """Join the open parts of two products or sums of one length, part by part: [A, B][x; y] is Ax + By."""
    first: dict[tuple[str, int, Axis | Size], list[Made]] = {}
    for relation in relations:
        length = relation.axis.size if relation.axis.size is not None else relation.axis.root()
        others = first.setdefault((relation.kind, len(relation.parts), length), [])
        if any(_joined(relation, other) for other in others):
            return True
        others.append(relation)
    return False


def _joined(relation: Made, other: Made) -> bool:
    """Join the parts of two axes of one length, where some are open and none contradict."""
    pairs = [
        (mine, theirs)
        for mine, theirs in zip(relation.parts, other.parts, strict=True)
        if mine.root() is not theirs.root()
    ]
    known = [(mine.size, theirs.size) for mine, theirs in pairs]
    if all(None not in sizes for sizes in known):
        return False
    if any(None not in sizes and sizes[0] != sizes[1] for sizes in known):
        return False
    for mine, theirs in pairs:
        mine.join(theirs)
    return True


def plain_first(relations: Sequence[Made], axes: Iterable[Axis]) -> Iterator[Axis]:
    """The axes, those that are made of others last."""
    last = []
    for axis in axes:
        if any(relation.axis.root() is axis.root() for relation in relations):
            last.append(axis)
        else:
            yield axis
    yield from last
