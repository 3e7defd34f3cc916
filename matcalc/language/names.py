"""Names: one canonical spelling for each, and how each is written in Unicode, ASCII and LaTeX.

A canonical name is ASCII: letters, then the digits of a subscript (``x1``) or ``_`` and its letters
(``W_in``).  Greek letters go by their English names.  A second subscript follows a further ``_``:
``x_{1,in}`` is ``x1_in``.
"""

from __future__ import annotations

import re
from functools import lru_cache

from matcalc.patterns import regex

_NAMES = [
    "alpha",
    "beta",
    "gamma",
    "delta",
    "eps",
    "zeta",
    "eta",
    "theta",
    "iota",
    "kappa",
    "lambda",
    "mu",
    "nu",
    "xi",
    "omicron",
    "pi",
    "rho",
    "sigma",
    "tau",
    "upsilon",
    "phi",
    "chi",
    "psi",
    "omega",
]
_SMALL = "αβγδεζηθικλμνξοπρστυφχψω"
_LARGE = "ΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ"
_CAPITALS = ["Epsilon" if name == "eps" else name.capitalize() for name in _NAMES]

# canonical name -> the character that is printed.  Σ is the sum sign, so the name prints as italic 𝛴.
SYMBOLS: dict[str, str] = {
    **dict(zip(_NAMES, _SMALL, strict=True)),
    **dict(zip(_CAPITALS, _LARGE, strict=True)),
    "ell": "ℓ",
    "Sigma": "𝛴",
}

# character -> canonical name
GREEK: dict[str, str] = {
    **{symbol: name for name, symbol in SYMBOLS.items()},
    **dict(
        zip(
            "ϵϑϕϱµ∆ΩΣ𝚺𝜮",
            ["eps", "theta", "phi", "rho", "mu", "Delta", "Omega", "Sigma", "Sigma", "Sigma"],
            strict=True,
        )
    ),
}

# a word or the name of a LaTeX command -> canonical name
GREEK_WORDS: dict[str, str] = {
    **{name: name for name in SYMBOLS},
    "epsilon": "eps",
    **{
        "var" + name: canonical
        for name, canonical in zip(
            ["epsilon", "theta", "phi", "rho"], ["eps", "theta", "phi", "rho"], strict=True
        )
    },
}

COMBINING = {"\u0302": "hat", "\u0304": "bar", "\u0303": "tilde"}
_MARKS = {accent: mark for mark, accent in COMBINING.items()}
ACCENTS = {
    "hat": "hat",
    "widehat": "hat",
    "bar": "bar",
    "overline": "bar",
    "tilde": "tilde",
    "widetilde": "tilde",
}
PRECOMPOSED: dict[str, tuple[str, str]] = {
    **{
        letter: (base, "hat")
        for letter, base in zip("âĉêĝĥîĵôŝûŵŷẑÂĈÊĜĤÎĴÔŜÛŴŶẐ", "aceghijosuwyzACEGHIJOSUWYZ", strict=True)
    },
    **{letter: (base, "bar") for letter, base in zip("āēḡīōūȳĀĒḠĪŌŪȲ", "aegiouyAEGIOUY", strict=True)},
    **{letter: (base, "tilde") for letter, base in zip("ãẽĩñõũṽỹÃẼĨÑÕŨṼỸ", "aeinouvyAEINOUVY", strict=True)},
}

UPRIGHT = frozenset(
    ["mathrm", "operatorname", "text", "textrm", "mathsf", "mathtt", "mathop", "rm", "sf", "tt"]
)
STYLES = UPRIGHT | frozenset(
    ["mathbf", "boldsymbol", "mathit", "bm", "vec", "textbf", "textit", "bf", "it", "mathbb", "mathds"]
)

_SUBSCRIPTS = dict(zip("0123456789aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", strict=True))
FROM_SUBSCRIPT = str.maketrans({sub: plain for plain, sub in _SUBSCRIPTS.items()})
_TO_SUBSCRIPT = str.maketrans(_SUBSCRIPTS)

# Pieces of the patterns here and in the lexer.
SUBSCRIPT_CHARACTERS = "".join(_SUBSCRIPTS.values())
SYMBOL_CLASS = "".join(GREEK) + "".join(PRECOMPOSED)
BRACED = r"_\s*\{(?:[^{}]|\{[^{}]*\}){0,80}\}"
TAIL = rf"(?:{BRACED}|_\\[A-Za-z]+|_[{''.join(GREEK)}]|[{SUBSCRIPT_CHARACTERS}]+)"
_MARK = "[" + "".join(COMBINING) + "]"
PLAIN_SUBSCRIPT = r"_(?:[A-Za-z]+[0-9]*|[0-9]+)"
LATEX_SUBSCRIPT = r"_(?:[A-Za-z][0-9]*|[0-9]+)"  # a bare _ of LaTeX takes one letter


def suffix_pattern(subscript: str) -> str:
    """What may follow the letter of a name: an accent, digits, subscripts."""
    return rf"{_MARK}?[0-9]*(?:{subscript})*{TAIL}?"


_ANY_SUBSCRIPT = r"_[A-Za-z0-9]+"
# These take milliseconds to compile, and plain names need none of them: `re` compiles them when they are used.
_WORD = rf"([A-Za-z]+|[{SYMBOL_CLASS}])({suffix_pattern(_ANY_SUBSCRIPT)})\Z"
_SUFFIX = rf"({suffix_pattern(_ANY_SUBSCRIPT)})\Z"
_PIECES = rf"({_MARK})|([0-9]+)|_([A-Za-z0-9]+)|({TAIL})"
_WRAPPED = regex(
    r"\\(?:mathrm|text|textrm|mathsf|mathit|mathbf|operatorname|rm|sf)(?![A-Za-z])|[{}\s]|\\[,;:! ]"
)
_COMMAND = regex(r"\\([A-Za-z]+)\s*")
_LETTERS = regex(r"[A-Za-z]+")
_CANONICAL = regex(r"([A-Za-z]+)([0-9]*)((?:_[A-Za-z0-9]+)*)\Z")
_ACCENTED = regex(r"(hat|bar|tilde)([0-9]*)\Z")


@lru_cache(maxsize=4096)
def canonical(spelling: str) -> str | None:
    """The canonical name that ``spelling`` stands for, or ``None`` if it is no name."""
    spelling = spelling.strip().strip("$").strip()
    if spelling.startswith("\\"):
        found = styled(spelling, 0, len(spelling))
        if found is None or found[0] == "1":
            return None
        base, accent, end, _ = found
        match = re.match(_SUFFIX, spelling[end:])
        return compose(base + accent, match[1]) if match else None
    if spelling.isascii() and spelling.isalpha():
        return compose(spelling, "")
    word = re.match(_WORD, spelling)
    return compose(word[1], word[2]) if word else None


@lru_cache(maxsize=4096)
def compose(base: str, suffix: str) -> str | None:
    """The canonical name of a base (letters or a Greek character) and its suffix, if that is a name."""
    if base in PRECOMPOSED:
        base = "_".join(PRECOMPOSED[base])
    base = GREEK.get(base) or GREEK_WORDS.get(base, base)
    parts: list[str] = []
    for mark, digits, plain, tail in re.findall(_PIECES, suffix) if suffix else ():
        if mark:
            base += "_" + COMBINING[mark]
        elif tail:
            inside = _subscripts(tail)
            if inside is None:
                return None
            parts += inside
        else:
            parts.append(digits or plain)
    if parts and parts[0].isdigit():
        base += parts.pop(0)
    return "_".join([base, *parts])


def _subscripts(tail: str) -> list[str] | None:
    """The parts of a subscript in braces, of a ``_\\command`` or of Unicode subscript characters."""
    content = tail.translate(FROM_SUBSCRIPT) if tail[0] != "_" else _WRAPPED.sub("", tail[1:])
    parts = []
    for part in content.replace("\\_", ",").replace("_", ",").split(","):
        part = GREEK.get(part) or GREEK_WORDS.get(part.removeprefix("\\"), part)
        if not (part.isascii() and part.isalnum()):
            return None
        parts.append(part)
    return parts


def styled(text: str, start: int, end: int) -> tuple[str, str, int, bool] | None:
    """Read ``\\hat{\\mathbf{x}}``, ``\\bm w``, ``\\mathrm{weights}`` or ``\\gamma`` at ``start``.

    Gives the letters (``1`` for ``\\mathbf{1}``), the accent (``_hat`` or nothing), where it ends, and
    whether an upright style held the letters together; ``None`` if something else stands there.
    """
    accent, depth, upright, position = "", 0, False, start
    base = ""
    for _ in range(12):
        while position < end and text[position] == " ":
            position += 1
        command = _COMMAND.match(text, position, end)
        if command is not None:
            name = command[1]
            position = command.end()
            if name in ACCENTS:
                if accent:
                    return None
                accent = "_" + ACCENTS[name]
            elif name in STYLES:
                upright = upright or name in UPRIGHT
            elif name in GREEK_WORDS:
                base = GREEK_WORDS[name]
                position = command.end(1)
                break
            else:
                return None
        elif text.startswith("{", position, end):
            depth += 1
            position += 1
        else:
            base = _letters(text, position, end, depth > 0)
            position += len(base)
            base = GREEK.get(base, base)
            break
    for _ in range(depth):
        while position < end and text[position] == " ":
            position += 1
        if not text.startswith("}", position, end):
            return None
        position += 1
    return (base, accent, position, upright) if base else None


def _letters(text: str, position: int, end: int, group: bool) -> str:
    if position >= end:
        return ""
    first = text[position]
    if first in GREEK or first == "1":
        return first
    match = _LETTERS.match(text, position, end)
    return "" if match is None else match[0] if group else first


def unicode_name(name: str) -> str:
    """``x₁``, ``Wᵢₙ``, ``γ``, ``x̂``: how a canonical name is printed."""
    base, accent, subscripts = _split(name)
    symbol = SYMBOLS.get(base, base) + _MARKS.get(accent, "")
    if len(subscripts) == 1 and _SUBSCRIPTS.keys() >= {*subscripts[0]}:
        return symbol + subscripts[0].translate(_TO_SUBSCRIPT)
    return symbol + _braced(subscripts)


def ascii_name(name: str) -> str:
    """``x1``, ``W_{in}``, ``gamma``, ``x_{hat}``: how a canonical name is typed."""
    match = _CANONICAL.match(name)
    if match is None or not match[3]:
        return name
    if match[2]:
        return match[1] + _braced([match[2], *match[3][1:].split("_")])
    return match[1] + _braced(match[3][1:].split("_"))


def latex_name(name: str) -> str:
    """``x_{1}``, ``W_{in}``, ``\\gamma``, ``\\hat{x}``: how a canonical name is typeset."""
    base, accent, subscripts = _split(name)
    if base in SYMBOLS:
        symbol = "\\epsilon" if base == "eps" else "\\" + base
    else:
        symbol = base if len(base) == 1 else f"\\mathrm{{{base}}}"
    return (f"\\{accent}{{{symbol}}}" if accent else symbol) + _braced(subscripts)


def _split(name: str) -> tuple[str, str, list[str]]:
    """The base, the accent and the subscripts of a canonical name."""
    match = _CANONICAL.match(name)
    if match is None:
        return name, "", []
    base, digits, rest = match.groups()
    parts = rest[1:].split("_") if rest else []
    accent = ""
    if parts and not digits and (len(base) == 1 or base in SYMBOLS):
        accented = _ACCENTED.match(parts[0])
        if accented is not None:
            accent, digits = accented[1], accented[2]
            parts = parts[1:]
    # `x_hat_1` can't be written with an accent: its subscript would be taken for the digits of `x_hat1`.
    if accent and not digits and parts and parts[0].isdigit():
        return base, "", [accent, *parts]
    return base, accent, [digits, *parts] if digits else parts


def _braced(subscripts: list[str]) -> str:
    return f"_{{{','.join(subscripts)}}}" if subscripts else ""
