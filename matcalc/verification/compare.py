"""A formula's values beside the slopes of the original function."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from matcalc.graph.node import Node, axes
from matcalc.verification.arrays import Array
from matcalc.verification.differences import Slopes
from matcalc.verification.report import COMPLEX_STEP, DIFFERENCES, TOLERANCE, CheckReport

_SETTLED = 1e-7  # slopes in more doubt than this are no evidence
# Errors are relative to the largest slope of a point, but to no less than this part of its largest intermediate
# value: below it lies what rounding leaves of a derivative that is zero.
_FLOOR = {DIFFERENCES: 1e-5, COMPLEX_STEP: 1e-7}
# Slopes this far below the values can't be rounding, nor underflow of the complex step: they are compared as they are.
_TINY = (1e-180, 1e-25)
_UNRELATED = 1e3  # the relative error from which two tiny slopes have nothing in common
_TELLING = 1e-10  # a slope above this part of the values says something


class Evidence(NamedTuple):
    """Slopes (points, directions) in the directions ``along``, how they were found, and the ``peaks`` (points)."""

    slopes: Slopes
    along: Array
    method: str
    peaks: Array
    order: float | None = None

    def scale(self) -> Array:
        """What errors are relative to (points)."""
        largest = np.abs(self.slopes.values).max(axis=1)
        return np.asarray(np.maximum(largest, _FLOOR[self.method] * self.peaks))

    def settled(self) -> Array:
        """The points (a mask) whose slopes can be trusted."""
        return np.asarray(self.slopes.doubt <= _SETTLED * self.scale())


def best(exact: Evidence | None, differences: Evidence) -> Evidence:
    """The evidence to use: the exact slopes, unless the differences settle and contradict them."""
    if exact is None or not np.isfinite(exact.slopes.doubt).all():
        return differences
    usable = differences.settled()
    apart = np.abs(exact.slopes.values - differences.slopes.values)[usable]
    if (apart > TOLERANCE * differences.scale()[usable, None]).any():
        return differences
    return exact._replace(order=differences.order)


def compare(wrt: Node, formula: Array, evidence: Evidence) -> tuple[CheckReport, bool]:
    """The report for the values ``formula`` (points, …axes) of a gradient in the variable ``wrt``.

    Also whether it is telling: derivatives that vanish to rounding at every point prove little.
    """
    used = evidence.settled()
    if not used.any():
        reason = "the differences do not settle at any point"
        return CheckReport(None, reason=reason, method=evidence.method), True
    claimed = _directional(formula, evidence.along)[used]
    slopes, peaks, scale = evidence.slopes.values[used], evidence.peaks[used], evidence.scale()[used]
    largest = np.maximum(np.abs(slopes).max(axis=1), np.abs(claimed).max(axis=1))
    tiny = (largest > _TINY[0] * peaks) & (largest < _TINY[1] * peaks) & (evidence.method == COMPLEX_STEP)
    # Tiny slopes are compared as they are; where they have nothing in common a saturated function (1 − tanh²) or the
    # smallest floats have lost them on one side.
    own_errors = _errors(claimed, slopes, np.abs(slopes).max(axis=1))
    tiny &= ~((claimed == 0) & (slopes != 0)).any(axis=1) & (own_errors < _UNRELATED).all(axis=1)
    if (
        not tiny.all()
    ):  # where there are points that say more, a tiny slope that differs may be one that was lost
        tiny &= (own_errors <= TOLERANCE).all(axis=1)
    scale = np.where(tiny, np.abs(slopes).max(axis=1), scale)
    errors = _errors(claimed, slopes, scale)
    agrees = bool((errors <= TOLERANCE).all())
    telling = bool((tiny | (largest > _TELLING * peaks)).any())
    report = CheckReport(
        ok=agrees,
        points=int(used.sum()),
        error=float(errors.max()) if np.isfinite(errors).all() else None,
        order=evidence.order,
        reason=None if agrees else _blame(wrt, evidence.along, claimed, slopes, errors),
        method=evidence.method,
    )
    return report, telling or not agrees


def _errors(claimed: Array, slopes: Array, scale: Array) -> Array:
    """The errors (points, directions) relative to ``scale`` (points); inf where they are not finite."""
    with np.errstate(all="ignore"):
        errors = np.where(claimed == slopes, 0.0, np.abs(claimed - slopes) / scale[:, None])
    return np.where(np.isfinite(errors), errors, np.inf)


def _directional(formula: Array, along: Array) -> Array:
    """The formula's derivative (points, directions) in the directions (directions, …axes)."""
    flat = formula.reshape(len(formula), -1)
    if len(along) == flat.shape[1]:
        return flat  # the directions are the entries; a product would spread one nan over all of them
    return np.asarray(flat @ along.reshape(len(along), -1).T)


def _blame(wrt: Node, along: Array, claimed: Array, slopes: Array, errors: Array) -> str:
    """The place where the formula is most wrong, and both figures there."""
    point, direction = np.unravel_index(int(errors.argmax()), errors.shape)
    formula, slope, worst = claimed[point, direction], slopes[point, direction], errors[point, direction]
    error = f"relative error {worst:.1e}" if np.isfinite(formula) else "the formula is not finite"
    return f"{error}{_place(wrt, along[direction])}: formula {formula:.6g}, differences {slope:.6g}"


def _place(wrt: Node, direction: Array) -> str:
    """The entry, counted from 1, that a direction (…axes) points along."""
    if not axes(wrt.shape):
        return ""
    entries = np.argwhere(direction)
    if len(entries) != 1:
        return ", along a random direction"
    place = ",".join(str(place + 1) for place in entries[0][: len(axes(wrt.shape))])
    return f" at entry {place}" if wrt.shape[1] is None else f" at entry ({place})"
