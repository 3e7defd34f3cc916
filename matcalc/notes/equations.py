r"""A derivation as equations in LaTeX: ``\nabla_{s} \lVert As - x \rVert^{2} = 2 A^{\top} (As - x)``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from matcalc.derivation import Derivation
from matcalc.graph.node import Node, variables
from matcalc.language.names import canonical, latex_name
from matcalc.printers.latex_lines import PAGE, broken, width
from matcalc.printers.levels import PRODUCT
from matcalc.printers.shapes import shape_text
from matcalc.printers.tables.cells import LARGE, Scribe, count

_LONG_VALUE = 40  # letters of a formula that has a line of its own


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
        power = f"^{{{shape_text(shape, 'latex')}}}" if shape else ""
        words = derivation.reading.structures.words(canonical(name) or name)
        found.append(f"{letter} \\in {field}{power}" + (f"\\text{{ {words}}}" if words else ""))
    return found


def aligned(found: Sequence[Equation], environment: str, limit: int = PAGE) -> list[str]:
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
