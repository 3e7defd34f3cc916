"""What a check found, as data and as a sentence."""

from __future__ import annotations

from dataclasses import dataclass, field

from matcalc.graph.node import Size

DIFFERENCES = "central differences, Richardson"
COMPLEX_STEP = "complex step"
TOLERANCE = 1e-6


@dataclass(frozen=True)
class CheckReport:
    """What a check found.

    ``ok`` is None when nothing was checked; ``reason`` then says why, as it does when the check failed.  ``error`` is
    the largest relative error over ``points`` points (None where the formula is not finite), ``order`` the observed
    order of convergence of the central differences (None where their error is rounding), ``sizes`` the numbers that
    stood for the sizes, ``method`` what the formula was compared with.
    """

    ok: bool | None
    points: int = 0
    error: float | None = None
    order: float | None = None
    sizes: dict[Size, int] = field(default_factory=dict)
    reason: str | None = None
    method: str = DIFFERENCES
    tolerance: float = TOLERANCE

    def __bool__(self) -> bool:
        return self.ok is True

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """How Jupyter shows a report: green, red, or neither."""
        from matcalc.jupyter import report_bundle

        return report_bundle(self)

    def __str__(self) -> str:
        if self.ok is None:
            return f"not checked: {self.reason}"
        if not self.ok:
            return f"DISAGREES with finite differences: {self.reason}"
        at = f"{self.points} random point{'s' if self.points != 1 else ''}"
        how = " (complex step)" if self.method == COMPLEX_STEP else ""
        return f"agrees with finite differences at {at}, largest relative error {self.error or 0:.0e}{how}"
