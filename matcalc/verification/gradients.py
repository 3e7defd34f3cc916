"""The numeric proof of a gradient: the formula's values against slopes of the original function."""

from __future__ import annotations

import math
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from matcalc.errors import DerivationProblem
from matcalc.graph.node import SCALAR, Node, axes, topological, variables
from matcalc.operations import Operations
from matcalc.structure import NONE, Structures
from matcalc.verification.arrays import Array, dimensions
from matcalc.verification.compare import Evidence, best, compare
from matcalc.verification.differences import (
    Batched,
    directions,
    gradient_by_complex_step,
    gradient_by_differences,
)
from matcalc.verification.domain import Instantiate, conditions
from matcalc.verification.evaluate import Definition, Program
from matcalc.verification.points import Points, find_points
from matcalc.verification.report import COMPLEX_STEP, DIFFERENCES, CheckReport
from matcalc.verification.sizes import LARGEST, distinct_sizes, longest_pick, rigid_numbers
from matcalc.verification.structured import tangents

_DRAWS = 4  # points are drawn anew so often where all derivatives vanish to rounding
_MOST_CELLS = 300_000  # numbers that one point may hold for a check at the sizes that were given
_UNDERFLOW = 1e-180
_TOO_LARGE = "the formula depends on sizes that are too large to check it at; declare them by names"


def check_gradient(
    value: Node,
    derivative: Node,
    wrt: Node,
    operations: Operations,
    definition: Definition | None,
    instantiate: Instantiate,
    points: int = 3,
    seed: int = 0,
    smallest: int = 2,
    turned: bool = False,
) -> CheckReport:
    """Whether ``derivative`` is the gradient of the scalar ``value`` with respect to the variable ``wrt``.

    The two graphs are evaluated independently; variables are matched by name.  See ``Program`` for ``definition``
    and ``conditions`` for ``instantiate``.  ``smallest`` is the least number that stands for a
    size, and with ``turned`` the last size gets it rather than the first.
    """
    reports = check_gradients(
        value, {wrt: derivative}, operations, definition, instantiate, points, seed, smallest, turned
    )
    return reports[wrt]


def check_gradients(
    value: Node,
    derivatives: Mapping[Node, Node],
    operations: Operations,
    definition: Definition | None,
    instantiate: Instantiate,
    points: int = 3,
    seed: int = 0,
    smallest: int = 2,
    turned: bool = False,
    structures: Structures = NONE,
    projected: bool = True,
) -> dict[Node, CheckReport]:
    """``check_gradient`` for several variables, given as variable to derivative, at the same points.

    Points have the ``structures`` of the variables.  A gradient in such a variable is compared in its space where it is
    ``projected``, else along all directions.
    """
    if value.shape != SCALAR:
        raise DerivationProblem(f"a gradient is checked for a scalar value; this one is {_shape(value)}")
    reports: dict[Node, CheckReport] = {}
    for wrt, derivative in derivatives.items():
        if derivative.shape != wrt.shape:
            reason = f"the formula is {_shape(derivative)}, but {wrt.data} is {_shape(wrt)}"
            reports[wrt] = CheckReport(False, reason=reason)
    fitting = {wrt: derivative for wrt, derivative in derivatives.items() if wrt not in reports}
    if fitting:
        study = _Study(
            value,
            fitting,
            operations,
            definition,
            instantiate,
            structures,
            projected,
            turned,
            smallest=smallest,
        )
        reports |= study.reports(points, seed)
        open_ones = {wrt: fitting[wrt] for wrt in fitting if reports[wrt].ok is None}
        if open_ones and points > 0:
            # inv(X'X) exists only where X has more rows than columns: the sizes the other way round may do.
            again = _Study(
                value,
                open_ones,
                operations,
                definition,
                instantiate,
                structures,
                projected,
                not turned,
                smallest=smallest,
            )
            reports |= {
                wrt: report for wrt, report in again.reports(points, seed).items() if report.ok is not None
            }
        reports |= _at_full_size(
            value, fitting, reports, operations, definition, instantiate, structures, projected, points, seed
        )
    return {wrt: reports[wrt] for wrt in derivatives}


def _at_full_size(
    value: Node,
    derivatives: Mapping[Node, Node],
    reports: Mapping[Node, CheckReport],
    operations: Operations,
    definition: Definition | None,
    instantiate: Instantiate,
    structures: Structures,
    projected: bool,
    points: int,
    seed: int,
) -> dict[Node, CheckReport]:
    """Reports for those that failed while small numbers stood for large sizes, which the formula may contain."""
    failed = {
        wrt: derivatives[wrt]
        for wrt, report in reports.items()
        if report.ok is False
        and any(isinstance(size, int) and size != number for size, number in report.sizes.items())
    }
    if not failed:
        return {}
    study = _Study(
        value, failed, operations, definition, instantiate, structures, projected, largest=sys.maxsize
    )
    if study.cells > _MOST_CELLS:
        return {wrt: CheckReport(None, sizes=reports[wrt].sizes, reason=_TOO_LARGE) for wrt in failed}
    return study.reports(points, seed)


class _Study:
    """One value with its derivatives: the sizes, programs and conditions that their checks share."""

    def __init__(
        self,
        value: Node,
        derivatives: Mapping[Node, Node],
        operations: Operations,
        definition: Definition | None,
        instantiate: Instantiate,
        structures: Structures = NONE,
        projected: bool = True,
        turned: bool = False,
        largest: int = LARGEST,
        smallest: int = 2,
    ) -> None:
        everything = topological([*derivatives, value, *derivatives.values()])
        self.variables = {str(node.data): node for node in variables(everything)}
        referred: list[Any] = [(node.data, None) for node in everything if node.op == "size"]
        shapes = [node.shape for node in (*self.variables.values(), *everything)]
        rigid = rigid_numbers(everything)
        self.sizes = distinct_sizes(
            shapes + referred, turned, largest, smallest, longest_pick(everything), rigid
        )
        self.derivatives = derivatives
        self.structures, self.projected = structures, projected
        self.operations, self.definition = operations, definition
        self.conditions = conditions(value, operations, instantiate, derivatives.keys())
        self.value = Program([value], operations, definition)
        bounded = [condition.node for condition in self.conditions]
        self.guarded = Program([value, *bounded], operations, definition)
        self.cells = self.guarded.cells(self.sizes)
        self.too_large = None
        if self.cells > (_MOST_CELLS if rigid else 10 * _MOST_CELLS):
            self.too_large = _TOO_LARGE if rigid else "the values of the formula are too large to check it"

    def reports(self, points: int, seed: int) -> dict[Node, CheckReport]:
        """The report of every derivative; points are drawn anew for those where the first ones prove little."""
        reports: dict[Node, CheckReport] = {}
        pending = list(self.derivatives)
        if self.too_large is not None:
            nothing = CheckReport(None, sizes=self.sizes, reason=self.too_large)
            return dict.fromkeys(pending, nothing)
        for draw in range(_DRAWS):
            drawn = find_points(
                self.guarded,
                self.conditions,
                self.variables.values(),
                self.sizes,
                points,
                (seed, draw),
                self.structures,
            )
            if not len(drawn):
                reason = drawn.reason or "no points were asked for"
                nothing = CheckReport(None, sizes=self.sizes, reason=reason)
                return dict.fromkeys(pending, nothing) | reports
            formulas = self._formulas(pending, drawn)
            for wrt in tuple(pending):
                report, telling = compare(wrt, formulas[wrt], self._evidence(wrt, drawn, seed))
                if wrt not in reports or (telling and report.ok is not None):
                    reports[wrt] = replace(report, sizes=self.sizes)
                if telling or not any(variables([self.derivatives[wrt]])):
                    pending.remove(wrt)
            if not pending:
                return reports
        lost = CheckReport(None, sizes=self.sizes, reason="the derivative is too small for floating point")
        return reports | {wrt: lost for wrt in pending if self._underflows(wrt, drawn)}

    def _underflows(self, wrt: Node, drawn: Points) -> bool:
        """Whether the formula for ``wrt`` gets lost below the smallest floats, rather than being zero."""
        smallest = math.inf

        def watch(node: Node, value: Array) -> None:
            nonlocal smallest
            smallest = min(smallest, np.abs(value).min(where=value != 0, initial=math.inf))

        Program([self.derivatives[wrt]], self.operations, self.definition).run(
            drawn.values, self.sizes, watch
        )
        return smallest < _UNDERFLOW

    def _formulas(self, wanted: Sequence[Node], drawn: Points) -> dict[Node, Array]:
        """The values (points, …axes) of the derivatives in the ``wanted`` variables."""
        program = Program([self.derivatives[wrt] for wrt in wanted], self.operations, self.definition)
        found = program.run(drawn.values, self.sizes)
        return {
            wrt: np.broadcast_to(formula, (len(drawn), *formula.shape[-len(wrt.shape) :]))
            for wrt, formula in zip(wanted, found, strict=True)
        }

    def _evidence(self, wrt: Node, drawn: Points, seed: int) -> Evidence:
        """The slopes that a formula for ``wrt`` is compared with."""
        name = str(wrt.data)
        x = drawn.values[name]
        along = directions(dimensions(wrt.shape, self.sizes), seed)
        tangent = tangents(self.structures, name, x, along) if self.projected else along
        slopes = gradient_by_differences(self._guarded(name, drawn), x, tangent, self.cells)
        differences = Evidence(slopes, along, DIFFERENCES, drawn.peaks, slopes.order)
        if not self.value.analytic:
            return differences
        exact = gradient_by_complex_step(self._plain(name, drawn), x, tangent, self.cells)
        return best(Evidence(exact, along, COMPLEX_STEP, drawn.peaks), differences)

    def _plain(self, name: str, drawn: Points) -> Batched:
        """The value as a function of one variable, for arguments that cross no kink."""
        base = {variable: value[:, None] for variable, value in drawn.values.items()}

        def f(moved: Array) -> tuple[Array, Array]:
            (root,) = self.value.run(base | {name: moved}, self.sizes)
            batch = moved.shape[:2]
            return np.broadcast_to(root[..., 0, 0], batch), np.ones(batch, dtype=bool)

        return f

    def _guarded(self, name: str, drawn: Points) -> Batched:
        """The value as a function of one variable, telling whether a kink or a bound was crossed."""
        base = {variable: value[:, None] for variable, value in drawn.values.items()}
        _, *here = self.guarded.run(base, self.sizes)

        def f(moved: Array) -> tuple[Array, Array]:
            root, *there = self.guarded.run(base | {name: moved}, self.sizes)
            inside = np.ones(moved.shape[:2], dtype=bool)
            for condition, value, before in zip(self.conditions, there, here, strict=True):
                inside &= condition.stays(value, before)
            return np.broadcast_to(root[..., 0, 0], inside.shape), inside

        return f


def _shape(node: Node) -> str:
    return "×".join(map(str, axes(node.shape))) or "a scalar"
