"""How arrays of ones and zeros are written: ``I``, ``Iₙ``, ``eye(n)``, ``e₃``, ``𝟏``, ``c𝟏𝟏ᵀ``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from matcalc.graph.node import Node, Shape, Size
from matcalc.graph.sizes import is_subscript, spelled
from matcalc.printers.levels import POSTFIX, PRODUCT, UNIT, Text
from matcalc.printers.spelling import ASCII

if TYPE_CHECKING:
    from matcalc.printers.formula import Formula


def _identity(formula: Formula, node: Node) -> Text:
    formula.wrote_constant = True
    size = node.shape[0]
    if "I" in formula.taken:
        return "\\operatorname{eye}" if formula.spelling.latex else "eye", UNIT
    if not formula.sized or size is None:
        return "I", UNIT
    return sized_identity(formula, size), UNIT


def sized_identity(formula: Formula, size: Size) -> str:
    """An identity that says its size."""
    if formula.spelling is ASCII or not is_subscript(size):
        name = "\\operatorname{eye}" if formula.spelling.latex else "eye"
        return f"{name}({spelled(size, '*')})"
    return "I" + formula.spelling.size(size)


def _selection(formula: Formula, node: Node) -> Text:
    """Columns of an identity: the unit vector e₃, or I[:,2:5]; with its size Iₙ[:,3]."""
    places = str(node.data)
    formula.wrote_constant = True
    if not formula.sized and ":" not in places and not formula.taken & {"e", "e" + places}:
        if formula.spelling is ASCII:
            return f"e_{places}", UNIT
        return formula.spelling.name("e" + places), UNIT
    return f"{_identity(formula, node)[0]}[:,{places}]", UNIT


def _ones(formula: Formula, node: Node) -> Text:
    return one(formula, node.shape), POSTFIX if node.shape[0] is None else UNIT


def one(formula: Formula, shape: Shape) -> str:
    """The vector of ones, or its transpose."""
    formula.wrote_constant = True
    size = shape[0] if shape[0] is not None else shape[1]
    symbol = formula.spelling.one
    if size is not None and formula.sized and (symbol is None or not is_subscript(size)):
        name = "\\operatorname{ones}" if formula.spelling.latex else "ones"
        symbol = f"{name}({spelled(size, '*')})"
    elif symbol is None:
        symbol = "vector(1)"
    elif formula.sized and size is not None:
        symbol += formula.spelling.size(size)
    return symbol + (formula.spelling.transpose if shape[0] is None else "")


def _fill(formula: Formula, node: Node) -> Text:
    """A scalar in every entry, written as a multiple of ones."""
    scalar = node.args[0]
    rows, columns = node.shape
    factors = [] if rows is None else [one(formula, (rows, None))]
    factors += [] if columns is None else [one(formula, (None, columns))]
    if scalar.op == "scale" and scalar not in formula.named:
        factors[:0] = [formula.at(scalar.args[0], POSTFIX), formula.at(scalar.args[1], POSTFIX)]
    elif not (scalar.op == "number" and scalar.data == 1):
        factors.insert(0, formula.at(scalar, POSTFIX))
    if len(factors) == 1:
        return factors[0], POSTFIX if rows is None else UNIT
    text = factors[0], PRODUCT
    for factor in factors[1:]:
        text = formula.beside(text[0], factor)
    return text


WRITERS: dict[str, Callable[[Formula, Node], Text]] = {
    "identity": _identity,
    "selection": _selection,
    "ones": _ones,
    "fill": _fill,
}
