"""Plain text inside LaTeX, Markdown and XML: nothing in it is taken for a command."""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from matcalc.language.names import canonical, latex_name
from matcalc.patterns import regex

_SPECIAL = {
    "\\": "\\textbackslash{}",
    "{": "\\{",
    "}": "\\}",
    "$": "\\$",
    "&": "\\&",
    "#": "\\#",
    "_": "\\_",
    "%": "\\%",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "<": "\\(<\\)",
    ">": "\\(>\\)",
    "|": "\\(|\\)",
    '"': "''",
    "`": "'",
    "’": "'",
    "‘": "'",
    "“": "``",
    "”": "''",
    "–": "--",
    "—": "---",
    "…": "\\dots{}",
    "\xa0": "~",
}
_SIGNS = {
    "−": "-",
    "×": "\\times",
    "·": "\\cdot",
    "⋅": "\\cdot",
    "÷": "\\div",
    "±": "\\pm",
    "⊙": "\\odot",
    "∘": "\\circ",
    "•": "\\bullet",
    "⊘": "\\oslash",
    "⊗": "\\otimes",
    "‖": "\\Vert",
    "∥": "\\Vert",
    "√": "\\surd",
    "Σ": "\\Sigma",
    "∑": "\\sum",
    "∇": "\\nabla",
    "∂": "\\partial",
    "∈": "\\in",
    "ℝ": "\\mathbf{R}",
    "𝕊": "\\mathbf{S}",
    "⟨": "\\langle",
    "⟩": "\\rangle",
    "≤": "\\le",
    "≥": "\\ge",
    "≠": "\\ne",
    "→": "\\to",
    "∞": "\\infty",
    "𝟏": "\\mathbf{1}",
    "½": "\\tfrac{1}{2}",
    "⅓": "\\tfrac{1}{3}",
    "¼": "\\tfrac{1}{4}",
    "¾": "\\tfrac{3}{4}",
    "′": "'",
}
_OWN_LETTERS = frozenset("ßæÆøØœŒłŁı¡¿£©")
_ACCENTS = frozenset("\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u030a\u030b\u030c")  # those of LaTeX
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ᵀ⊤ⁿᵏᵐᵖ", [*"0123456789-+", "\\top ", "\\top ", *"nkmp"], strict=True))
_LOWERED = dict(zip("₀₁₂₃₄₅₆₇₈₉₊₋ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "0123456789+-aehijklmnoprstuvx", strict=True))
_RUNS = regex(f"(?P<raised>[{''.join(_RAISED)}]+)|(?P<lowered>[{''.join(_LOWERED)}]+)|(?P<one>.)", re.DOTALL)
_SPACE = "\\ "  # as wide behind a colon as elsewhere
_MARKDOWN = regex(r"[\\`*_\[\]<>|$~#&]")


def latex_text(text: str) -> str:
    """Text for a paragraph of LaTeX, with amsmath alone; mathematical signs are written as such.

    A character that a bare pdflatex has no glyph for is named by its number.
    """
    return "".join(map(_latex_run, _RUNS.finditer(text))).replace("\\)\\(", " ")


def _latex_run(run: re.Match[str]) -> str:
    for name, table, sign in (("raised", _RAISED, "^"), ("lowered", _LOWERED, "_")):
        if run[name]:
            return f"\\({{}}{sign}{{{''.join(map(table.__getitem__, run[name])).strip()}}}\\)"
    return _latex_character(run[0])


@cache
def _latex_character(character: str) -> str:
    if character in _SPECIAL:
        return _SPECIAL[character]
    if character.isascii():
        return character if character.isprintable() else " "
    if character in _SIGNS:
        return f"\\({_SIGNS[character]}\\)"
    name = canonical(character)
    if name is not None:
        return f"\\({latex_name(name)}\\)"
    apart = unicodedata.normalize("NFD", character)  # a letter and its accents
    accents = apart[1:]
    if character in _OWN_LETTERS or (accents and apart[0].isascii() and _ACCENTS.issuperset(accents)):
        return character
    return f"\\texttt{{[U+{ord(character):04X}]}}"


def latex_code(text: str) -> str:
    """Typewriter text for a paragraph of LaTeX, its apostrophes straight: in MATLAB's notation they transpose."""
    straight = "\\textquotesingle{}".join(map(latex_text, text.split("'")))
    return f"\\texttt{{{straight.replace(' ', _SPACE)}}}"


def markdown_text(text: str) -> str:
    """Text for a paragraph of Markdown, on one line."""
    return _MARKDOWN.sub(lambda sign: "\\" + sign[0], re.sub(r"\s+", " ", text))


def markdown_code(text: str) -> str:
    """A code span of Markdown, on one line."""
    fence = "`" * (longest_run(text, "`") + 1)
    edge = " " if "`" in (text[:1], text[-1:]) else ""
    return f"{fence}{edge}{' '.join(text.split())}{edge}{fence}"


def longest_run(text: str, sign: str) -> int:
    """How often a sign stands in a row."""
    return max(map(len, re.findall(f"{re.escape(sign)}+", text)), default=0)


def xml_text(text: str) -> str:
    """Text between the tags of XML or HTML; what XML has no character for is left out."""
    from xml.sax.saxutils import escape

    return escape("".join(character if character.isprintable() else " " for character in text))


def comment_text(text: str) -> str:
    """One line of text for a comment."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def ascii_text(text: str) -> str:
    """Text in ASCII, for what can't show or keep more."""
    return text.replace("×", "x").replace("−", "-").encode("ascii", "backslashreplace").decode()
