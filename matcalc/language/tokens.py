"""Tokens: the pieces of a formula, the same for all three spellings."""

from __future__ import annotations

from typing import Any

from matcalc.patterns import regex

# kind, value, start, end: a plain tuple, because a formula is read in the time that a few dozen objects take
Token = tuple[int, Any, int, int]

NAME = 0  # value: canonical name
NUMBER = 1  # value: Fraction
FUNCTION = 2  # value: name of the function
CONSTANT = 3  # value: kind and size
OPEN = 4  # value: the bracket
CLOSE = 5  # value: the bracket
OPERATOR = 6  # value: add, sub, mul, hadamard, divide, eldivide, kron
CARET = 7  # value: power or elpower
TRANSPOSE = 8  # value: whether the inverse is meant too, or "pinv"
SUPERSCRIPT = 9  # value: Fraction, or the canonical name of a superscript letter
BAR = 10  # value: norm or abs, and "l", "r" or "" for the side
SUM = 11  # value: None, or the indices that it runs over, each with its range or None
ROOT = 12  # value: 2 for the square root, 3 …
FRACTION = 13  # value: None
COMMA = 14  # value: None
SUBSCRIPT = 15  # value: its text; stands after a norm
OTHER = 16  # value: a character that has a place elsewhere than in a formula, such as =
END = 17
ENDING = 18  # value: the word after the last comma of a function, as in sum(X, rows)
INDEX = 19  # value: what stands in the brackets of A[i,:], as syntax

_NOISE = regex(r"\\(?:mathrm|text|textrm|rm|mathsf|operatorname)(?![A-Za-z])|[_{}\s]")
_DIGITS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")


def plain_subscript(text: str) -> str:
    """What a subscript says, without its braces and fonts: ``2``, ``F``, ``rows``."""
    return _NOISE.sub("", text.translate(_DIGITS))


STARTS_OPERAND = frozenset({NAME, NUMBER, FUNCTION, CONSTANT, OPEN, SUM, ROOT, FRACTION})
