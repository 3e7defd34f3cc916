"""Products without a sign: when two texts may stand side by side, and what keeps them apart where they may not."""

from __future__ import annotations

from collections.abc import Collection

from matcalc.language.names import GREEK_WORDS
from matcalc.patterns import regex
from matcalc.printers.levels import ELEMENTWISE, PRODUCT, Text
from matcalc.printers.spelling import ASCII, Spelling

FUNCTION_LETTERS = {
    "σ": "sigma",
    "\\sigma": "sigma",
    "Γ": "Gamma",
    "\\Gamma": "Gamma",
}  # also functions of what follows
_LONGEST_RUN = 64  # letters at the end of a text that are looked at
_HEAD = regex("[A-Za-z]+(?:_[A-Za-z]+)*")
_TAIL = regex(r"[A-Za-z]+\Z")
_GREEK = frozenset("αβγδεζηθικλμνξοπρςστυφχψω")
_WORDS = frozenset(GREEK_WORDS) | {"eye", "ones", "pi", "where", "vector", "matrix"}


def beside(left: str, right: str, spelling: Spelling, functions: Collection[str]) -> Text:
    """A product: side by side, with brackets, a dot or a space where the reader would see something else.

    ``functions`` are the names that are read as functions.
    """
    if spelling is ASCII:
        return f"{left}*{right}", PRODUCT
    if right[0] in "0123456789½¼¾":
        right = spelling.brackets(right)
    if left.endswith(tuple(FUNCTION_LETTERS)) and right.startswith(("(", "\\left(")):
        dot = " \\cdot " if spelling.latex else "·"  # σ(x) would be the sigmoid of x
        return left + dot + right, ELEMENTWISE
    if spelling.latex or _runs_together(left, right, functions):
        return f"{left} {right}", PRODUCT
    return left + right, PRODUCT


def _runs_together(left: str, right: str, functions: Collection[str]) -> bool:
    """Whether the last letters of one text and the first of the next would be read as one word."""
    head = _HEAD.match(right)
    is_word = (
        head is not None and len(head[0]) > 1 and not _is_product(head[0], right[head.end() :], functions)
    )
    tail = _TAIL.search(left, max(0, len(left) - _LONGEST_RUN))
    if tail is None:
        return is_word and left[-1] in _GREEK
    if head is None:
        return right[0] == "(" and len(tail[0]) > 3
    run = tail[0] + head[0]
    return is_word or len(tail[0]) > 3 or run in functions or run in _WORDS


def _is_product(letters: str, rest: str, functions: Collection[str]) -> bool:
    """Whether a run of letters stands for single ones, rather than for a function or a word."""
    return letters not in functions and letters not in _WORDS and rest[:1] not in ("(", "²", "³")
