"""The dollar signs of LaTeX: ``$…$`` and ``$$…$$`` may stand around a formula, and none elsewhere."""

from __future__ import annotations

from matcalc.errors import SyntaxProblem
from matcalc.patterns import regex

_MARK = regex(r"\$\$?")
_EDGE = regex(r"[ \t\r\n$~&.,;]*")  # what may stand between a dollar sign and the end of a formula


def check_pairs(text: str) -> None:
    """Raise ``SyntaxProblem`` at the first dollar sign that no other one closes or opens."""
    marks = list(_MARK.finditer(text)) if "$" in text else []
    for first, last in zip(marks[::2], [*marks[1::2], None], strict=False):
        if last is None or last[0] != first[0]:
            raise SyntaxProblem(
                f"this `{first[0]}` has no partner; `$…$` or `$$…$$` stands around a formula",
                text,
                *first.span(),
            )


def behind(text: str, position: int, end: int) -> int:
    """Where the formula that the dollar sign at ``position`` ends is over; raises ``SyntaxProblem`` where it goes on."""
    found = _EDGE.match(text, position, end)
    assert found is not None
    if found.end() < end:
        raise SyntaxProblem(
            "a `$` stands inside of a formula; `$…$` or `$$…$$` stands around it",
            text,
            position,
            position + 1,
        )
    return end
