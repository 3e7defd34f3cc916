"""Tokens to text: the spaces between them, drawn at random where none is needed."""

from __future__ import annotations

from .style import Style
from .tokens import JUXTAPOSED, Tokens

_WORDS = """exp log ln sqrt sin cos tan tanh sinh cosh arcsin arccos arctan asin acos atan abs sign sgn relu sigmoid
logistic softplus erf max min softmax logsumexp tr trace det logdet inv diag sum norm step eye ones pi vector matrix
where xi nu mu eta phi chi psi rho tau eps Mu Nu Xi Pi Eta Rho Tau Phi Chi Psi""".split()
_OPENING = {"(", "[", "\\left(", "\\bigl("}


def joined(tokens: Tokens, style: Style) -> str:
    """The text of tokens."""
    text, run = "", ""
    for place, token in enumerate(tokens):
        if token == JUXTAPOSED:
            continue
        before = tokens[place - 1] if place else ""
        product = before == JUXTAPOSED
        if product:
            before = tokens[place - 2]
        if not text:
            space = ""
        elif product:
            space = _between(style, text, before, token, run)
        elif _glued(before, token, text):
            space = " "
        else:
            tight = (
                token in (",", ")", "]")
                or before in ("(", "[")
                or token[0] in "'^.ᵀ⁻⁰¹²³⁴⁵⁶⁷⁸⁹"
                or (before and before[-1] in "^")
            )
            name_before_bracket = token in _OPENING and before and before[-1].isalnum()
            wide = token in "+-−" or before in "+-−"
            if tight or name_before_bracket:
                space = " " if token == ".^" and style.perhaps(0.1) else ""
            else:
                space = " " if style.rng.random() < (0.8 if wide else 0.4) else ""
        letter = len(token) == 1 and token.isascii() and token.isalpha()
        run = (run + token if run and not space and product else token) if letter else ""
        text += space + token
    return text


def _between(style: Style, text: str, before: str, token: str, run: str) -> str:
    """What stands between the factors of a product without a sign."""
    letter = len(token) == 1 and token.isascii() and token.isalpha()
    if _glued(before, token, text):
        return " "
    if text[-1].isalnum() and token[0].isalnum() and text[-1].isascii():
        single = letter and (run or text[-1].isdigit() and before.isdigit())
        if (
            not single
            or len(run) > 2
            or run + token in _WORDS
            or any(run[-2:] + token == word for word in _WORDS)
        ):
            return " "
    if text[-1].isalpha() and token in _OPENING and not text[-1].isascii():
        return " "
    if style.latex and token[0] == "\\" or not style.perhaps(0.5):
        return " "
    return style.one_of("", "", "\\," if style.latex else "")


def _glued(before: str, token: str, text: str) -> bool:
    """Whether two tokens would run into one."""
    if before.startswith("\\") and text[-1].isalpha() and token[0].isalpha():
        return True
    if text.endswith(("\\top", "^T", "^-T")) and token[0].isalnum():
        return True
    if text[-1] in "|" and token[0] == "|":
        return True
    return (
        text[-1].isalnum()
        and token[0].isalnum()
        and not text[-1].isdigit()
        and token[0].isascii()
        and text[-1].isascii()
        and len(before) > 1
    )
