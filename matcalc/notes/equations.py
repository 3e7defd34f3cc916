r"""A derivation as equations in LaTeX: ``\nabla_{s} \lVert As - x \rVert^{2} = 2 A^{\top} (As - x)``.

Long ones are broken before the plus, minus and equals signs that are in no brackets, as papers break them.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from matcalc.derivation import Derivation
from matcalc.graph.node import Node, variables
from matcalc.graph.sizes import is_made, spelled
from matcalc.language.names import canonical, latex_name
from matcalc.printers.levels import PRODUCT
from matcalc.printers.tables.cells import LARGE, Scribe, count

WIDTH = 72  # letters that fit beside each other on a page
_LONG_VALUE = 40  # letters of a formula that has a line of its own
_TOKEN = re.compile(
    r"\\begin\{[a-z]*\}|\\end\{[a-z]*\}|\\left(?![a-z])\\?.|\\right(?![a-z])\\?.|\\[A-Za-z]+|\\.|[{}()\[\]]|\s+|."
)
_WORDS = frozenset("log exp det sin cos tan sinh cosh tanh max min arg arcsin arccos arctan".split())
_SIGNS = frozenset(["+", "-", "=", "\\odot", "\\oslash", "\\otimes", "\\circ", "\\in", "\\times", "\\cdot"])
_NOTHING = re.compile(
    r"\\(?:begin|end)\{[a-z]*\}|\\(?:left|right)(?![A-Za-z])|\\(?:operatorname|mathrm|mathbf|mathbb|text|frac)\Z|[{}^_&\s]"
)
_SMALL = 0.72  # the size of what is raised or lowered
_SIGN, _BRACKET, _WORD_LETTER, _TYPED, _CAPITAL = 2.2, 0.7, 0.85, 0.98, 1.4  # widths; a small letter has 1
_TEXTTT = re.compile(r"\\texttt\{((?:[^{}]|\{[^{}]*\})*)\}")
_PRODUCTS = frozenset(["\\odot", "\\oslash"])


@dataclass(frozen=True)
class Equation:
    """One equation: its two sides, and what stands before it in words."""

    left: str
    right: str
    word: str = ""


def equations(derivation: Derivation) -> list[Equation]:
    """What was derived, and the definitions of the names in it."""
    value, left = _left(derivation)
    return [*value, *solved(derivation, left)]


def solved(derivation: Derivation, left: str, known: Collection[str] = ()) -> list[Equation]:
    """The derivative behind a left side, and the definitions of the names in it that are not ``known``."""
    found = derivation.written("latex", headed=True)
    definitions = [each for each in map(_definition, found.definitions) if each.left not in known]
    first = [Equation(each.left, each.right, "where") for each in definitions[:1]]
    return [Equation(left, found.formula), *first, *definitions[1:]]


def _definition(text: str) -> Equation:
    left, _, right = text.partition(" = ")
    return Equation(left, right)


def _left(derivation: Derivation) -> tuple[list[Equation], str]:
    """The left side of the derivative, and an equation before it where that speaks of the value by a letter."""
    head = derivation.head("latex")
    reading = derivation.reading
    named = reading.names.get(reading.value)
    if derivation.kind == "gradient":
        if named is not None:
            return [], f"{head} {latex_name(named)}"
        value = value_text(derivation, PRODUCT)
        if width(value) <= _LONG_VALUE and "\\text{where}" not in value:
            return [], f"{head} {value}"
    name = own_name(derivation)
    letter = latex_name(name)
    defined = named is not None or name in derivation.names.used([derivation.named])
    value_line = [] if defined else [Equation(letter, value_text(derivation))]
    return value_line, f"{head} {letter}" if derivation.kind == "gradient" else head


def own_name(derivation: Derivation) -> str:
    """The letter of the value, its own or a free one."""
    from matcalc.derivatives import Derivative, own_value_name

    directions = derivation.question.directions if isinstance(derivation, Derivative) else ()
    reading = derivation.reading
    return reading.names.get(reading.value) or own_value_name(reading, directions)


def value_text(derivation: Derivation, level: int = 0) -> str:
    """The formula that was derived, in LaTeX; in brackets where it stands at a ``level`` that binds closer."""
    return node_text(derivation, derivation.names.body(derivation.value), level)


def node_text(derivation: Derivation, node: Node, level: int = 0) -> str:
    """A value of the formula in LaTeX, other values by their names."""
    reading = derivation.reading
    taken = frozenset(str(each.data) for each in variables([derivation.value]))
    taken |= derivation.names.by_name.keys()
    scribe = Scribe(reading.operations, taken, large=count(node) > LARGE, names=derivation.names)
    if node in derivation.names.variables:  # which would be written by its name
        return scribe.definition(node).latex().partition(" = ")[2]
    whole = scribe.formula(node).latex()
    if not level or whole == scribe.at(node, "latex", level):
        return whole
    return f"\\left({whole}\\right)" if "\\frac" in whole or "\\sqrt" in whole else f"({whole})"


def shape_texts(derivation: Derivation, field: str = "\\mathbb{R}") -> list[str]:
    r"""The variables and where they are: ``A \in \mathbb{R}^{m \times k}``."""
    found = []
    for name, shape in derivation.shapes.items():
        letter = latex_name(canonical(name) or name)
        sizes = " \\times ".join(
            latex_name(size) if isinstance(size, str) and not is_made(size) else spelled(size)
            for size in shape
        )
        power = f"^{{{sizes}}}" if sizes else ""
        words = derivation.reading.structures.words(canonical(name) or name)
        found.append(f"{letter} \\in {field}{power}" + (f"\\text{{ {words}}}" if words else ""))
    return found


# Lines --------------------------------------------------------------------------------------------------------------


def aligned(found: Sequence[Equation], environment: str, limit: int = WIDTH) -> list[str]:
    """The equations as lines of LaTeX in an aligned environment; one that fits on a line, alone."""
    lines = [line for equation in found for line in _lines(equation, limit)]
    if len(lines) == 1:
        return [lines[0].replace(" &= ", " = ", 1)]
    ended = [f"{line} \\\\" for line in lines[:-1]]
    return [f"\\begin{{{environment}}}", *ended, lines[-1], f"\\end{{{environment}}}"]


def _lines(equation: Equation, limit: int) -> Iterator[str]:
    word = f"\\text{{{equation.word} }} " if equation.word else ""
    first, *rest = broken(equation.right, limit - width(equation.left))
    yield f"{word}{equation.left} &= {first}"
    for line in rest:
        yield f"&\\quad {line}"


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
    if sign in ("\\quad", "\\qquad"):
        return 2.0 * len(sign[1:]) - 6
    return _CAPITAL if sign.isupper() or sign[1:2].isupper() else 1.0
