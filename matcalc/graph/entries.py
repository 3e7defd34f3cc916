"""Entries and sums: ``A[i,k]``, ``x[i+p]``, ``X[:,2:5]`` and ``Σᵢ …``, built out of contractions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from matcalc.errors import ShapeProblem
from matcalc.graph.alignment import Alignment
from matcalc.graph.axes import Axis, DraftShape, words
from matcalc.graph.draft import Draft, Drafting
from matcalc.graph.named import is_scalar, names_of, own_of, present
from matcalc.graph.node import Data
from matcalc.graph.subscripts import Subscripts
from matcalc.language.indexing import ROW
from matcalc.language.resolved import letter


class Entries(Alignment):
    """Puts indices on values, and takes them away."""

    def __init__(self, drafting: Drafting) -> None:
        super().__init__(drafting)
        self._shifts: list[tuple[Axis, Axis, Axis, ShapeProblem]] = []  # of x[i+p]: those of x, i and p

    def _entry(self, base: Draft, marks: Sequence[Draft]) -> Draft:
        """The entries of a value that letters, positions and ranges in brackets stand for."""
        own = own_of(base)
        axes = present(own)
        if len(marks) > len(axes):
            raise self.drafting.problem(
                f"{self.drafting.source(base)} is {words(own)}, which has fewer axes than the {len(marks)} indices"
            )
        parts: list[tuple[Draft, Sequence[object]]] = []
        subscripts: list[object] = list(names_of(base))
        names = list(names_of(base))
        kept: list[tuple[object, Axis]] = []
        rows = len(marks) == 2 == len(axes) and marks[0].data is not None and marks[1].data is None
        for place, axis in enumerate(axes):
            data = marks[place].data if place < len(marks) else None
            if data is None:
                subscripts.append(place)
                kept.append((place, axis))
            elif isinstance(data, str) and "+" in data:
                subscripts.append(("at", place))
                letters = data.split("+")
                parts.append((self._shift(letters, axis, base), (("at", place), *letters)))
                names += [name for name in letters if name not in names]
            elif isinstance(data, str) and ":" not in data:
                self._run(data, axis, base)
                subscripts.append(data)
                if data not in names:
                    names.append(data)
            else:
                subscripts.append(("at", place))
                parts.append(self._selection(data, axis, place, kept, base))
        ordered = tuple(sorted(names))
        if len(kept) > 2 and ordered:
            raise self.drafting.problem("an entry with indices has at most two axes left; index more of them")
        left = [axis for _, axis in kept]
        form: DraftShape = (*left, None, None)[: max(2, len(left))]
        if rows and len(left) == 1:
            form = (None, left[0])
        return self._contract([(base, subscripts), *parts], ordered, [label for label, _ in kept], form)

    def _shift(self, letters: Sequence[str], axis: Axis, base: Draft) -> Draft:
        """What picks x[i+p] from x: 1 where the position is as far from the first as i and p are together."""
        first, second = (self.axis(index) for index in letters)
        i, p = (letter(index) for index in letters)
        source = self.drafting.source(base)
        self.drafting.note(
            f"{source}[{i}+{p}]: the first {i} and the first {p} meet the first entry; beyond the last one stand zeros"
        )
        problem = self.drafting.problem(
            f"how far the indices of {source}[{i}+{p}] run can't be found; declare the sizes as numbers, or compare"
            " with an array that has the index"
        )
        self._shifts.append((axis, first, second, problem))
        return self.drafting.leaf("selection", (axis, first, second), "+")

    def measure_shifts(self, known: Iterable[Axis | None]) -> bool:
        """Find how far i runs in Σ_p x[i+p] k[p] where only the sizes of x and k say it: as far as k fits into x.

        Whether there was such an i.
        """
        measured = False
        if not self._shifts:
            return measured
        roots = {axis.root() for axis in known if axis is not None}
        for whole, first, second, problem in self._shifts:
            for open_, other in ((first, second), (second, first)):
                if open_.size is None and open_.root() not in roots:
                    if (
                        not isinstance(whole.size, int)
                        or not isinstance(other.size, int)
                        or other.size > whole.size
                    ):
                        raise problem
                    open_.size = whole.size - other.size + 1
                    measured = True
        return measured

    def _run(self, index: str, axis: Axis, base: Draft) -> None:
        """Let an index run over an axis."""
        known = self.axis(index)
        before = known.size
        if not known.join(axis):
            source = self.drafting.source(base)
            raise self.drafting.problem(
                f"the index {letter(index)} runs over {before} and, in {source}, over {axis.size}"
            )

    def _selection(
        self, data: Data, axis: Axis, place: int, kept: list[tuple[object, Axis]], base: Draft
    ) -> tuple[Draft, Sequence[object]]:
        """The constant that picks the position, or the range, ``data`` of an axis."""
        if isinstance(data, str):
            first, _, last = data.partition(":")
            highest = int(last)
            chosen = self.drafting.sized(highest - int(first) + 1)
            kept.append((("range", place), chosen))
            leaf = self.drafting.leaf("selection", (axis, chosen), data)
            subscripts: Sequence[object] = (("at", place), ("range", place))
        else:
            assert isinstance(data, Fraction)
            highest = int(data)
            leaf = self.drafting.leaf("selection", (axis, None), str(highest))
            subscripts = (("at", place),)
        if isinstance(axis.size, int) and axis.size < highest:
            source = self.drafting.source(base)
            raise self.drafting.problem(f"{source} has {axis.size} entries on this axis, not {highest}")
        return leaf, subscripts

    def _sum_over(self, value: Draft, indices: Sequence[str]) -> Draft:
        """The sum over indices; what does not depend on one of them is added as often as it runs."""
        names = names_of(value)
        parts: list[tuple[Draft, Sequence[object]]] = [(value, self._subscripts(value, *self._labels(value)))]
        for index in indices:
            if index not in names and index not in self.axes:
                source = self.drafting.source(value)
                raise self.drafting.problem(
                    f"{source} does not depend on the index {letter(index)}, and how far it runs is not said; entries are"
                    f" written x_{letter(index)} (a declared x_{letter(index)} is a name: declare x or X instead), n equal"
                    f" terms \\sum_{{{letter(index)}=1}}^{{n}}, and the sum of all entries Σ without an index"
                )
            if index not in names:
                parts.append((self.drafting.leaf("ones", (self.axis(index), None)), (index,)))
                self.drafting.note(f"what is summed over {letter(index)} does not depend on {letter(index)}")
        left = tuple(name for name in names if name not in indices)
        return self._contract(parts, left, self._labels(value), own_of(value))

    def plain(self, value: Draft, order: Sequence[str]) -> Draft:
        """A value whose free indices are axes, in this order or else in that of the alphabet, before its own.

        A 1 before the letter of an axis makes a row of it; elsewhere it is an axis of length one.
        """
        names = names_of(value)
        wanted = tuple(order) or names
        extra = [name for name in wanted if name not in names]
        missing = [name for name in names if name not in wanted]
        if missing:
            raise self.drafting.problem(f"the index {letter(missing[0])} is not on the left side")
        if not wanted:
            return value
        if wanted[0] == ROW and len(wanted) == 2 and is_scalar(own_of(value)):
            data = Subscripts.of([self._subscripts(value)], wanted[1:])
            return self.drafting.make("contract", [value], (None, self.axis(wanted[1])), data)
        self.axes[ROW] = self.drafting.sized(1)
        shape = self._shape(wanted, own_of(value))
        labels = self._labels(value)
        if wanted == names and not extra:
            return Draft(value.op, value.args, shape, value.data, value.node).placed(value.start, value.end)
        data = Subscripts.of([self._subscripts(value, *labels)], (*wanted, *labels))
        return self.drafting.make("contract", [value], shape, data).placed(value.start, value.end)
