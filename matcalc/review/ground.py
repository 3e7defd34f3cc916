"""Numbers for formulas, at points in the domain of the formula whose derivative they are said to be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from matcalc.derivation import Derivation
from matcalc.errors import DerivationProblem, MatcalcError
from matcalc.graph.node import Node, topological, variables
from matcalc.graph.template import definition, instantiate, operands
from matcalc.structure import Structures
from matcalc.verification.arrays import Array, dimensions
from matcalc.verification.domain import conditions
from matcalc.verification.evaluate import Program
from matcalc.verification.points import Points, find_points
from matcalc.verification.sizes import distinct_sizes, longest_pick, rigid_numbers

_POINTS = 100  # so many that steps which jump at different places are told apart
_MOST_CELLS = 1_000_000
_TOLERANCE = 1e-8
_FLOOR = 1e-7  # of the largest intermediate value: what rounding leaves of a value that is zero


class Ground:
    """Points at which formulas are compared: at sizes that are all different, where the value is smooth.

    ``structures`` are those of the points' variables.  Raises ``DerivationProblem`` where no points are found.
    """

    def __init__(self, derivation: Derivation, beside: Sequence[Node], structures: Structures) -> None:
        self._reading = derivation.reading
        value = derivation.value
        everything = topological([*derivation.heads(), value, *beside])
        shapes = [node.shape for node in everything]
        referred: list[Any] = [(node.data, None) for node in everything if node.op == "size"]
        wanted = {str(node.data): node for node in variables(everything)}
        bounds = conditions(
            value,
            self._reading.operations,
            lambda text, node: instantiate(
                text, operands(node, self._reading.operations, self._reading.graph), *self._tools
            ),
            set(derivation.heads()),
        )
        program = self._program([value, *(bound.node for bound in bounds)])
        for turned in (False, True):  # inv(X'X) exists only where X has more rows than columns
            self.sizes: Mapping[Any, int] = distinct_sizes(
                shapes + referred, turned, least=longest_pick(everything), kept=rigid_numbers(everything)
            )
            if program.cells(self.sizes) > _MOST_CELLS:
                raise DerivationProblem("the values of the formula are too large to compare formulas with")
            self.points: Points = find_points(
                program, bounds, wanted.values(), self.sizes, _POINTS, 0, structures
            )
            if len(self.points):
                return
        raise DerivationProblem(f"the claim can't be compared by numbers: {self.points.reason}")

    @property
    def _tools(self) -> tuple[Any, Any]:
        return self._reading.graph, self._reading.operations

    def _program(self, nodes: Sequence[Node]) -> Program:
        return Program(nodes, self._reading.operations, lambda node: definition(node, *self._tools))

    def value(self, node: Node) -> Array | None:
        """The values (points, …axes) of a node; None where it has none at these points."""
        try:
            program = self._program([node])
            if program.cells(self.sizes) > _MOST_CELLS:
                return None
            (found,) = program.run(self.points.values, self.sizes)
            full = np.broadcast_to(found, (len(self.points), *dimensions(node.shape, self.sizes)))
        except (MatcalcError, KeyError):  # a size or a variable that the formula does not have
            return None
        return full if np.isfinite(full).all() else None

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
        apart, size = (np.abs(part).reshape(len(part), -1) for part in (one - other, other))
        scale = np.maximum(size.max(axis=1, initial=0.0), _FLOOR * self.points.peaks)
        return bool((apart.max(axis=1, initial=0.0) <= _TOLERANCE * scale).all())
