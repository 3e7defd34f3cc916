"""Numbers for formulas, at points in the domain of the formula whose derivative they are said to be."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

import numpy as np

from matcalc.derivation import Derivation
from matcalc.errors import DerivationProblem, MatcalcError
from matcalc.graph.node import Node, topological, variables
from matcalc.graph.template import definition, instantiate, operands
from matcalc.index.simplify import simplify
from matcalc.structure import Structures
from matcalc.verification.arrays import Array, dimensions, entries
from matcalc.verification.domain import conditions
from matcalc.verification.draws import Draws
from matcalc.verification.evaluate import Program
from matcalc.verification.points import Points, find_points
from matcalc.verification.sizes import distinct_sizes, longest_pick, rigid_numbers

_LARGEST_RATIO = 12  # numerator and denominator of a number that one may have got wrong
_POINTS = 100  # so many that steps which jump at different places are told apart
_MOST_CELLS = 1_000_000
_TOLERANCE = 1e-8
_FLOOR = 1e-7  # of the largest intermediate value: what rounding leaves of a value that is zero
_TYPICAL = 1e-11  # the error at most points; rounding is worse only where a point is unlucky, a tiny term at all of them
_TYPICAL_FLOOR = 1e-3
_GROWN = 3  # by so much sizes differ elsewhere: where n is 2, n·x is 2x
_DECADES = (-4.0, 3.0)  # far points: entries of every magnitude, on either side of where a claim may jump
_SPREAD = 4  # far points for each point
_PEAK = 1e6
_NUDGE = (
    1e-10  # of every entry: it changes what rounding leaves of zero altogether, and any other value little
)
_NUDGES = 3
_ROUNDING = 1e-14  # of the largest value that is added to another
_FACTORWISE = frozenset(  # in these nothing cancels
    ["scale", "hadamard", "neg", "transpose", "over", "diag", "fill", "intpower", "elpower", "power", "exp"]
)
_KINK = re.compile("!=|≠")
_POLES = frozenset(["over", "eldivide", "tan"])
_INVERTED = frozenset(["inv", "solve", "det", "logdet"])
_FIXED_NORM = ("orthogonal", "unit")


class Ground:
    """Points at which formulas are compared: at sizes that are all different, where the value is smooth.

    ``structures`` are those of the points' variables, ``grown`` is added to every size that is not a given number.
    Raises ``DerivationProblem`` where no points are found.
    """

    def __init__(
        self, derivation: Derivation, beside: Sequence[Node], structures: Structures, grown: int = 0
    ) -> None:
        self._reading = derivation.reading
        self._given = derivation, beside, structures
        value = derivation.value
        everything = topological([*derivation.heads(), value, *beside])
        shapes = [node.shape for node in everything]
        referred: list[Any] = [(node.data, None) for node in everything if node.op == "size"]
        wanted = {str(node.data): node for node in variables(everything)}
        bounds = conditions(
            value,
            self._reading.operations,
            self._instantiate,
            set(derivation.heads()),
        )
        program = self._program([value, *(bound.node for bound in bounds)])
        self._bounds, self._bounded = bounds, program
        for turned in (False, True):  # inv(X'X) exists only where X has more rows than columns
            found = distinct_sizes(
                shapes + referred, turned, least=longest_pick(everything), kept=rigid_numbers(everything)
            )
            self.sizes: Mapping[Any, int] = {
                size: number if size == number else number + grown for size, number in found.items()
            }
            if program.cells(self.sizes) > _MOST_CELLS:
                raise DerivationProblem("the values of the formula are too large to compare formulas with")
            self.points: Points = find_points(
                program, bounds, wanted.values(), self.sizes, _POINTS, grown, structures
            )
            if len(self.points):
                return
        raise DerivationProblem(f"the claim can't be compared by numbers: {self.points.reason}")

    @property
    def _tools(self) -> tuple[Any, Any]:
        return self._reading.graph, self._reading.operations

    def _instantiate(self, text: str, node: Node) -> Node:
        return instantiate(text, operands(node, self._reading.operations, self._reading.graph), *self._tools)

    def _program(self, nodes: Sequence[Node]) -> Program:
        return Program(nodes, self._reading.operations, lambda node: definition(node, *self._tools))

    @cached_property
    def elsewhere(self) -> Ground | None:
        """The same at other sizes; None where no points are found there."""
        try:
            return Ground(*self._given, grown=_GROWN)
        except MatcalcError:
            return None

    def value(self, node: Node) -> Array | None:
        """The values (points, …axes) of a node; None where it has none at these points."""
        full = self._values(node, self.points.values, len(self.points))
        return full if full is not None and np.isfinite(full).all() else None

    def _values(
        self,
        node: Node,
        given: Mapping[str, Array],
        count: int,
        watch: Callable[[Node, Array], None] | None = None,
    ) -> Array | None:
        try:
            program = self._program([node])
            if program.cells(self.sizes) > _MOST_CELLS:
                return None
            (found,) = program.run(given, self.sizes, watch)
            return np.broadcast_to(found, (count, *dimensions(node.shape, self.sizes)))
        except (MatcalcError, KeyError):  # a size or a variable that the formula does not have
            return None

    def ratio(self, one: Array | None, other: Array | None) -> Fraction | None:
        """The simple number by which one value is to be multiplied to be the other; None where there is none."""
        if one is None or other is None or one.shape != other.shape or not (one * other).any():
            return None
        found = Fraction(float((one * other).sum() / (one * one).sum())).limit_denominator(_LARGEST_RATIO)
        simple = 0 < abs(found.numerator) <= _LARGEST_RATIO
        return found if simple and self.same(float(found) * one, other) else None

    def agree(self, one: Node, other: Node) -> bool:
        """Whether two formulas have the same values, also at other sizes and, where one may jump, at far points."""
        if not self.same(self.value(one), self.value(other)):
            return False
        rest = self.difference(one, other)
        if is_zero(rest):
            return True
        if self._is_certain(rest):
            return False
        places = [self] if self.elsewhere is None else [self, self.elsewhere]
        if not all(place.same(place.value(one), place.value(other)) for place in places[1:]):
            return False
        return not self.jumps([one, other]) or all(place._agree_far_away(one, other) for place in places)

    def agree_where_one(self, name: str, one: Node, other: Node) -> bool:
        """Whether two formulas have the same values where the entries of a vector add up to 1."""
        vector = self.points.values.get(name)
        if vector is None:
            return False
        sums = vector.sum(axis=(-2, -1), keepdims=True)
        given = {**self.points.values, name: vector / sums}
        values = [self._values(node, given, len(self.points)) for node in (one, other)]
        return self.same(*values)

    def difference(self, one: Node, other: Node) -> Node:
        """The normal form of what two formulas differ by."""
        graph, operations = self._tools
        whole = graph.node("sub", (one, other), one.shape)
        (rest,) = simplify([whole], graph, operations, structures=self._given[2])
        return rest

    def _is_certain(self, rest: Node) -> bool:
        """Whether a difference, however small, is more than rounding: it stays what it is when the points are nudged."""
        count = len(self.points)
        largest = np.zeros(count)
        nodes = topological([rest])
        added = {arg for node in nodes if node.op not in _FACTORWISE for arg in node.args}

        def watch(node: Node, value: Array) -> None:
            if node in added:
                np.maximum(largest, np.abs(value).max(axis=entries(node.shape)), out=largest)

        base = self._values(rest, self.points.values, count, watch)
        if base is None:
            return False
        size = np.abs(base).reshape(count, -1).max(axis=1)
        certain = (size > 0) & (size > _ROUNDING * largest)
        draws = Draws(count)
        for _ in range(_NUDGES):
            nudged = {
                name: value * (1 + _NUDGE * draws.standard_normal(value.shape))
                for name, value in self.points.values.items()
            }
            moved = self._values(rest, nudged, count)
            assert moved is not None
            certain &= np.abs(moved - base).reshape(count, -1).max(axis=1) <= 1e-3 * size
        return bool(2 * certain.sum() > count)

    def jumps(self, nodes: Sequence[Node]) -> bool:
        """Whether formulas are made of pieces; of matrices to be inverted far points are too near to singular ones."""
        inner = {node.op for node in topological([*nodes, self._given[0].value])}
        known = self._reading.operations.by_name
        kinks = {op for op in inner - _POLES if op in known and _KINK.search(known[op].domain or "")}
        return bool(kinks) and not inner & _INVERTED

    def _agree_far_away(self, one: Node, other: Node) -> bool:
        values, peaks = self._far
        first, second = (self._values(node, values, len(peaks)) for node in (one, other))
        if first is None or second is None:
            return True
        both = _finite(first) & _finite(second)
        return _close(first[both], second[both], peaks[both], _TOLERANCE, _FLOOR)[0]

    @cached_property
    def _far(self) -> tuple[dict[str, Array], Array]:
        """Points of very different magnitudes in the domain of the formula, and the largest values there."""
        draws = Draws(len(self.points))
        kinds = self._given[2]
        count = _SPREAD * len(self.points)
        values: dict[str, Array] = {}
        for name, value in self.points.values.items():
            drawn = draws.uniform((count, *[1] * (value.ndim - 1)))
            scales = 10.0 ** np.interp(drawn, (0, 1), _DECADES)
            fixed = any(kinds.has(name, kind) for kind in _FIXED_NORM)
            values[name] = np.concatenate([value] * _SPREAD) * (1.0 if fixed else scales)
        peaks = np.zeros(count)

        def watch(node: Node, value: Array) -> None:
            np.maximum(peaks, np.abs(value).max(axis=entries(node.shape)), out=peaks)

        _, *bounded = self._bounded.run(values, self.sizes, watch)
        inside = peaks < _PEAK  # nan is not
        for condition, value in zip(self._bounds, bounded, strict=True):
            inside &= condition.holds(value, 0.0)
        return {name: value[inside] for name, value in values.items()}, peaks[inside]

    def total(self, values: Sequence[Array | None]) -> Array | None:
        """The sum of values; None where one is missing or has another shape."""
        present = [value for value in values if value is not None]
        if len(present) < len(values) or len({value.shape for value in present}) != 1:
            return None
        return np.asarray(np.sum(present, axis=0))

    def same(self, one: Array | None, other: Array | None) -> bool:
        """Whether two values are equal but for rounding."""
        if one is None or other is None or one.shape != other.shape:
            return False
        everywhere, _ = _close(one, other, self.points.peaks, _TOLERANCE, _FLOOR)
        return everywhere and _close(one, other, self.points.peaks, _TYPICAL, _TYPICAL_FLOOR)[1]


def is_zero(node: Node) -> bool:
    """Whether a normal form is zero."""
    number = node.args[0] if node.op == "fill" else node
    return number.op == "number" and number.data == 0


def _finite(value: Array) -> Array:
    """At which points all entries are finite."""
    return np.asarray(np.isfinite(value).reshape(len(value), -1).all(axis=1))


def _close(one: Array, other: Array, peaks: Array, tolerance: float, floor: float) -> tuple[bool, bool]:
    """Whether values (points, …axes) are as close as that at all points, and whether at most of them."""
    apart, size = (
        np.abs(part).reshape(len(part), math.prod(part.shape[1:])) for part in (one - other, other)
    )
    scale = np.maximum(size.max(axis=1, initial=0.0), floor * peaks)
    good = apart.max(axis=1, initial=0.0) <= tolerance * scale
    return bool(good.all()), bool(2 * good.sum() > len(good))
