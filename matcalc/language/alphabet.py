"""The alphabet: what characters and LaTeX commands a formula may hold, and the pattern that finds them."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import cache

from matcalc.language.names import (
    LATEX_SUBSCRIPT,
    PLAIN_SUBSCRIPT,
    SUBSCRIPT_CHARACTERS,
    SYMBOL_CLASS,
    suffix_pattern,
)
from matcalc.language.tokens import (
    CLOSE,
    FRACTION,
    OPEN,
    OPERATOR,
    ROOT,
    SUM,
)
from matcalc.patterns import regex

SPACE = r" \t\r\n\xa0\u2000-\u200b\u202f\u205f\u3000\u2060-\u2064\ufeff"
_SIZING = r"\\(?:left|right|[bB]igg?[lrm]?)(?![A-Za-z])"
_UPRIGHT_T = r"\\(?:mathsf|mathrm|mathtt|mathbf|textsf|textrm|text|rm|sf)(?:\s*\{\s*T\s*\}|\s+T)"
_T = rf"(?:\\(?:top|intercal|prime)(?![A-Za-z])|{_UPRIGHT_T}|[T⊤ᵀ⊺'’′])"
_CIRCLE = r"(?:\\circ(?![A-Za-z])|\\odot(?![A-Za-z])|[∘⊙•])"

SUPERSCRIPT_DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
SUPERSCRIPT_LETTERS = dict(zip("ᵃᵇᶜᵈᵉᵏᵐⁿᵖˢᵗˣʸ", "abcdekmnpstxy", strict=True))
FRACTIONS = {
    character: Fraction(text)
    for character, text in zip(
        "½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛",
        ["1/2", "1/3", "2/3", "1/4", "3/4", "1/5", "2/5", "3/5", "4/5", "1/6", "5/6", "1/8"],
        strict=True,
    )
}

OPERATORS = {
    **dict.fromkeys("*·⋅×∗", "mul"),
    **dict.fromkeys([*"⊙∘•", ".*"], "hadamard"),
    **dict.fromkeys("/÷∕⁄", "divide"),
    **dict.fromkeys(["⊘", "./"], "eldivide"),
    "⊗": "kron",
    "+": "add",
    **dict.fromkeys("-−–", "sub"),
    "\\": "solve",
    ">": "greater",
    "<": "less",
    **dict.fromkeys(("≥", ">="), "at least"),
    **dict.fromkeys(("≤", "<="), "at most"),
}
COMMANDS: dict[str, tuple[int, object]] = {
    **dict.fromkeys(("cdot", "times", "ast"), (OPERATOR, "mul")),
    **dict.fromkeys(("odot", "circ", "bullet"), (OPERATOR, "hadamard")),
    "oslash": (OPERATOR, "eldivide"),
    "otimes": (OPERATOR, "kron"),
    "div": (OPERATOR, "divide"),
    "backslash": (OPERATOR, "solve"),
    "gt": (OPERATOR, "greater"),
    "lt": (OPERATOR, "less"),
    **dict.fromkeys(("ge", "geq", "geqslant"), (OPERATOR, "at least")),
    **dict.fromkeys(("le", "leq", "leqslant"), (OPERATOR, "at most")),
    "langle": (OPEN, "⟨"),
    "rangle": (CLOSE, "⟩"),
    "sum": (SUM, None),
    "sqrt": (ROOT, 2),
    **dict.fromkeys(("frac", "tfrac", "dfrac", "cfrac"), (FRACTION, None)),
    **dict.fromkeys(("lbrace", "lbrack", "lparen"), (OPEN, "(")),
    **dict.fromkeys(("rbrace", "rbrack", "rparen"), (CLOSE, ")")),
}
for _command, _bracket in (("lbrace", "{"), ("lbrack", "[")):
    COMMANDS[_command] = (OPEN, _bracket)
for _command, _bracket in (("rbrace", "}"), ("rbrack", "]")):
    COMMANDS[_command] = (CLOSE, _bracket)
SKIPPED = frozenset(
    [
        "left",
        "right",
        "big",
        "Big",
        "bigg",
        "Bigg",
        "bigl",
        "bigr",
        "Bigl",
        "Bigr",
        "biggl",
        "biggr",
        "Biggl",
        "Biggr",
        "bigm",
        "Bigm",
        "quad",
        "qquad",
        "displaystyle",
        "textstyle",
        "limits",
        "nolimits",
        "thinspace",
        "enspace",
        "medspace",
        "thickspace",
    ]
)

MATRIX = regex(r"\\(begin|end)\s*\{\s*[bp]?matrix\s*\}")
PLAIN_WORDS = regex(r"\\?[A-Za-z]+")
LETTERS = regex(r"[A-Za-z0-9]+")
HINTS = {
    "∇": "write the formula itself, without ∇: the variable is named separately",
    "∂": "write the formula itself, without ∂: the variable is named separately",
    "∏": "products over an index are not supported",
    "∫": "integrals are not supported",
    "@": "write `*` for the matrix product",
    "_": "a name starts with a letter",
    ".": "a dot belongs to a number or to `.*`, `./`, `.^`, `.'`",
    '"': "write `''` for transposing twice",
}


_LATEX = regex(r"\\[A-Za-z]{2,}|\\[,;:!>)\]{}|\\]|[{}$]")
_DIVIDES = r"\\"


def _suffix(latex: bool) -> str:
    return suffix_pattern(LATEX_SUBSCRIPT if latex else PLAIN_SUBSCRIPT)


@cache
def pattern(latex: bool) -> re.Pattern[str]:
    """What finds the next token of most formulas; in LaTeX a bare ``_`` takes one letter only."""
    # A word's own digits and _letters are part of `word`; `tail` holds what only the last letter can carry.
    return re.compile(
        rf"""[{SPACE}]*(?:
        (?:(?P<word>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)*)|(?P<symbol>[{SYMBOL_CLASS}]))(?P<tail>{_suffix(latex)})
      | (?P<number>[0-9]+(?:\.(?![*/^'’T])[0-9]*)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
      | (?P<open>[(\[{{⟨〈])|(?P<close>[)\]}}⟩〉])|(?P<comma>,)
      | (?P<operator>\.[*/]|[<>]=|[-+*/·⋅×∗⊙∘•÷∕⁄⊘⊗−–<>≤≥]{"" if latex else "|" + _DIVIDES})
      | (?P<bar>(?:{_SIZING}\s*)?(?:\|\||[|‖∥]|\\\||\\[lr]?[vV]ert(?![A-Za-z])))
      | (?P<superscript>⁻?[⁰¹²³⁴-⁹]+|⁻[½⅓⅔¼¾]|⁻?[ᵀ⊤⊺]|⁻?[{"".join(SUPERSCRIPT_LETTERS)}])
      | (?P<end>\Z)
    )""",
        re.VERBOSE,
    )


@cache
def raised_pattern(latex: bool) -> re.Pattern[str]:
    """What finds ``^``, ``'`` and other signs of what is raised: formulas with ``²`` and ``ᵀ`` have none of them."""
    return re.compile(
        rf"""[{SPACE}]*(?:
        (?P<transpose>\.?['’′]|\.T|\^\s*[-−]?\s*{_T}|\^\s*\{{\s*[-−]?\s*{_T}\s*\}})
      | (?P<pinv>\^\s*(?:\+(?!\s*[0-9])|\{{\s*(?:\+|†|\\dag(?:ger)?)\s*\}}|†|\\dag(?:ger)?(?![A-Za-z]))|[⁺†])
      | (?P<caret>\.\^|\^\s*(?:\{{\s*{_CIRCLE}(?!\s*\}})|{_CIRCLE})|\^)
    )""",
        re.VERBOSE,
    )


@cache
def rare_pattern(latex: bool) -> re.Pattern[str]:
    """What finds a token that the others do not: most formulas have none, and to compile all of them takes 10 ms."""
    return re.compile(
        rf"""[{SPACE}]*(?:
        (?P<vulgar>[{"".join(FRACTIONS)}])
      | (?P<root>√)|(?P<sum>∑)
      | (?P<ones>[𝟏𝟙])(?P<onestail>{_suffix(latex)})
      | (?P<command>\\[A-Za-z]+\*?)
      | (?P<brace>\\[{{}}])
      | (?P<skip>\\[,;:!>\ ()\[\]\\]|[$~&])
      | (?P<subscript>_\s*(?:\{{(?:[^{{}}]|\{{[^{{}}]*\}}){{0,40}}\}}
            |\\[A-Za-z]+\s*(?:\{{[^{{}}]{{0,20}}\}}|[A-Z])?
            |[A-Za-z0-9∞*])|[{SUBSCRIPT_CHARACTERS}]+)
      | (?P<other>[=:;!])
    )""",
        re.VERBOSE,
    )


ROOT_INDEX = regex(r"\s*\[\s*([0-9]{1,9})\s*\]")


@cache
def subscripts(latex: bool) -> re.Pattern[str]:
    """What finds the subscripts of a letter that a command stands for."""
    return re.compile(_suffix(latex))


def is_latex(text: str) -> bool:
    """Whether the backslashes of a text start LaTeX commands; elsewhere ``A\\b`` is a division from the left."""
    return "\\" in text and _LATEX.search(text) is not None


SPACES = regex(rf"[{SPACE}]*")
