"""What is found of a claimed formula, as data and in words."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matcalc.derivation import Derivation

EQUAL, CONVENTION, WRONG = "equal", "right up to a convention", "wrong"


@dataclass(frozen=True)
class ClaimReport:
    """What is found of a claimed formula.

    ``verdict`` is ``"equal"``, ``"right up to a convention"`` or ``"wrong"``, ``ok`` whether it is not wrong, ``reasons``
    what was found, in sentences.  Where the claim is wrong, ``slip`` names the small edit that repairs it, alone or with a
    factor (None where there is none), and ``repair`` is the corrected formula in the spelling of the claim.
    ``derivation`` is the derivative as matcalc finds it, ``notes`` how the claim was read where that was a guess.
    """

    verdict: str
    reasons: tuple[str, ...]
    derivation: Derivation = field(repr=False)
    repair: str | None = None
    slip: str | None = None
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the claim is right, be it up to a convention."""
        return self.verdict != WRONG

    def __bool__(self) -> bool:
        return self.ok

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """How Jupyter shows a report."""
        from matcalc.jupyter import claim_bundle

        return claim_bundle(self)

    def __str__(self) -> str:
        lines = [f"{self.verdict}: {self.reasons[0]}", *self.reasons[1:]]
        if self.repair is not None:
            lines.append(f"right is {self.repair}")
        return "\n".join(lines)
