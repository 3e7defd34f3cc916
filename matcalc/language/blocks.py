"""Block matrices as they are written: ``[A, B; C, D]``, ``[A B]`` and LaTeX's ``bmatrix``."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.language.syntax import Call, Syntax
from matcalc.language.tokens import (
    BAR,
    CLOSE,
    COMMA,
    CONSTANT,
    NAME,
    NUMBER,
    OPEN,
    OPERATOR,
    OTHER,
    STARTS_OPERAND,
    SUPERSCRIPT,
    TRANSPOSE,
    Token,
)
from matcalc.patterns import regex

# A row of matrices without commas: capital letters, perhaps transposed, I and 0.  Other brackets are round ones.
SPACED_ROW = regex(r"\[ *(?:[A-Z]\w*[ᵀ']?|0)(?: +(?:[A-Z]\w*[ᵀ']?|0))+ *\]")
_ENDS_OPERAND = frozenset({NAME, NUMBER, CONSTANT, CLOSE, TRANSPOSE, SUPERSCRIPT, BAR})


def how_apart(
    text: str, tokens: Sequence[Token], at: int, called: bool
) -> tuple[str, tuple[int, int] | None]:
    """How the blocks in the bracket ``at`` a token are set apart, by ``commas`` or ``spaces``; "" where it has no blocks.

    In the brackets of a function that is ``called``, commas alone stand between arguments.  Where nothing but spaces
    between capital letters says that these are blocks, the place of the bracket in the ``text`` comes with the answer.
    """
    depth, parts, gaps, sums = 0, set(), False, False
    for place in range(at + 1, len(tokens)):
        kind, value, start, _ = tokens[place]
        if kind == CLOSE and depth == 0:
            break
        depth += (kind == OPEN) - (kind == CLOSE)
        if depth == 0:
            parts.add("," if kind == COMMA else ";" if (kind, value) == (OTHER, ";") else "")
            sums |= kind == OPERATOR
        if depth == (kind == OPEN) and is_gap(tokens, place):
            gaps = True
    if tokens[at][1] == "matrix":
        return "commas", None
    if "," in parts:
        return ("" if called and ";" not in parts else "commas"), None
    if ";" in parts:
        return "spaces", None
    end = tokens[place][3]
    if gaps and not sums and not called and SPACED_ROW.fullmatch(text, tokens[at][2], end):
        return "spaces", (tokens[at][2], end)
    return "", None


def is_gap(tokens: Sequence[Token], place: int) -> bool:
    """Whether a space and then an operand stand here, after an operand."""
    kind, value, start, end = tokens[place]
    before = tokens[place - 1]
    if start == before[3] or before[0] not in _ENDS_OPERAND:
        return False
    if kind == OPERATOR and value in ("add", "sub"):
        return tokens[place + 1][2] == end
    return kind in STARTS_OPERAND


def blocks(arguments: tuple[Syntax, ...], rows: list[int], start: int, end: int) -> Syntax:
    """[A, B; C, D]: rows of blocks beside each other, one above the other; ``rows`` are the places where they begin."""
    above: list[Syntax] = []
    for first, last in zip(rows, [*rows[1:], len(arguments)], strict=True):
        row = arguments[first:last]
        above.append(row[0] if len(row) == 1 else Call(row[0].start, row[-1].end, "hcat", row))
    return above[0] if len(above) == 1 else Call(start, end, "vcat", tuple(above))
