"""How wide a formula in LaTeX is on the page, and where a long one is broken, as papers break them: before signs."""

from __future__ import annotations

import re

PAGE = 72  # small letters that fit beside each other on a page
_TOKEN = re.compile(
    r"\\begin\{[a-z]*\}|\\end\{[a-z]*\}|\\left(?![a-z])\\?.|\\right(?![a-z])\\?.|\\[A-Za-z]+|\\.|[{}()\[\]]|\s+|."
)
_WORDS = frozenset("log exp det sin cos tan sinh cosh tanh max min arg arcsin arccos arctan".split())
_SIGNS = frozenset(["+", "-", "=", "\\odot", "\\oslash", "\\otimes", "\\circ", "\\in", "\\times", "\\cdot"])
_NOTHING = re.compile(
    r"\\(?:begin|end)\{[a-z]*\}|\\(?:left|right)(?![A-Za-z])|\\(?:operatorname|mathrm|mathbf|mathbb|text|frac)\Z|[{}^_&\s]"
)
_SMALL = 0.72  # the size of what is raised or lowered
_SIGN, _BRACKET, _WORD_LETTER, _TYPED, _CAPITAL, _TOP = (
    2.2,
    0.7,
    0.85,
    0.98,
    1.4,
    1.3,
)  # widths; a small letter has 1
_TEXTTT = re.compile(r"\\texttt\{((?:[^{}]|\{[^{}]*\})*)\}")
_PRODUCTS = frozenset(["\\odot", "\\oslash"])


def broken(text: str, limit: float) -> list[str]:
    """A formula in lines of at most ``limit`` letters, as far as its plus and minus signs allow.

    First come those outside of brackets, then products entry by entry, then those in plain round brackets.
    """
    if width(text) <= limit:
        return [text]
    pieces = [text]
    for depth, products in ((0, False), (0, True), (1, False), (1, True), (2, True), (3, True)):
        if all(width(piece) <= limit for piece in pieces):
            break
        pieces = [
            part
            for piece in pieces
            for part in ([piece] if width(piece) <= limit else _pieces(piece, depth, products))
        ]
    lines = [pieces[0]]
    for piece in pieces[1:]:
        if width(lines[-1]) + width(piece) <= limit:
            lines[-1] = f"{lines[-1]} {piece}"
        else:
            lines.append(piece)
    return lines


def _pieces(text: str, deepest: int, products: bool) -> list[str]:
    """A formula cut before each sign that is at most so deep in round brackets and in nothing else."""
    round_depth = other = 0
    cuts = [0]
    for token in _TOKEN.finditer(text):
        sign = token[0]
        if sign in "([":
            round_depth += 1
        elif sign in ")]":
            round_depth -= 1
        elif sign == "{" or sign.startswith(("\\begin", "\\left", "\\lVert", "\\lvert")):
            other += 1
        elif sign == "}" or sign.startswith(("\\end", "\\right", "\\rVert", "\\rvert")):
            other -= 1
        elif (sign in "+-" or products and sign in _PRODUCTS) and other == 0 and round_depth <= deepest:
            if text[token.start() - 1 : token.end() + 1] == f" {sign} ":
                cuts.append(token.start())
    return [text[start:end].strip() for start, end in zip(cuts, [*cuts[1:], len(text)], strict=True)]


def width(text: str) -> float:
    """About how wide a formula or a cell is on the page, in letters."""
    typed = sum(_TYPED * len(found[1]) for found in _TEXTTT.finditer(text))
    total, sizes, before = 0.0, [1.0], ""
    for token in _TOKEN.finditer(_TEXTTT.sub("", text)):
        sign = token[0]
        if sign == "{":
            sizes.append(sizes[-1] * (_SMALL if before in ("^", "_") else 1.0))
        elif sign == "}" and len(sizes) > 1:
            sizes.pop()
        if sign.strip():
            before = sign
        total += sizes[-1] * _width_of(sign, sizes[-1] < 1)
    return typed + total


def _width_of(sign: str, small: bool) -> float:
    if _NOTHING.match(sign):
        return 0.0
    if sign in _SIGNS and not small:
        return _SIGN
    if sign in "()[]" or sign in ("\\lVert", "\\rVert", "\\(", "\\)"):
        return 0.0 if sign in ("\\(", "\\)") else _BRACKET
    if sign[1:] in _WORDS:
        return _WORD_LETTER * len(sign) - _WORD_LETTER
    if sign == "\\top":
        return _TOP
    if sign in ("\\quad", "\\qquad"):
        return 2.0 * len(sign[1:]) - 6
    return _CAPITAL if sign.isupper() or sign[1:2].isupper() else 1.0
