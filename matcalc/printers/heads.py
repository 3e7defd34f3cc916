"""The left sides of results: ``∂y/∂x``, ``∂Y[i,j]/∂X[k,l]``, ``∂²f/∂U[i,j]∂U[k,l]``, ``δX``."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.graph.node import SCALAR, Node, is_row, own_axes, topological
from matcalc.language.indexing import ROW
from matcalc.operations import Operations
from matcalc.printers.indexed import free_letters, indexed_nodes
from matcalc.printers.spelling import ASCII, Spelling
from matcalc.printers.text import SPELLINGS

_POWERS = "²³⁴⁵⁶⁷⁸⁹"


def derivative_head(
    spelling: str, value: Node, variables: Sequence[Node], result: Node, operations: Operations, vec: bool
) -> str:
    """``∂y/∂x``; ``value`` is a variable with the name and shape of the value.

    A result that is written by its entries says which of them: the letters of its axes in alphabetical order.
    The entries of a row are y[1,i], those that a matrix with one row has.
    """
    style = SPELLINGS[spelling]
    nodes = ([] if value.shape == SCALAR else [value]) + list(variables)
    texts = [style.name(str(node.data)) for node in nodes]
    if vec:
        function = "\\operatorname{vec}" if style.latex else "vec"
        texts = [
            function + style.brackets(text) if len(own_axes(node.shape)) > 1 else text
            for node, text in zip(nodes, texts, strict=True)
        ]
    elif result in indexed_nodes(topological([result]), operations)[0]:
        taken = {str(node.data) for node in topological([result]) if node.op in ("variable", "size")}
        letters = iter(free_letters(len(own_axes(result.shape)), taken))
        texts = [
            _entry(text, [ROW] * is_row(node.shape) + [next(letters) for _ in own_axes(node.shape)], style)
            for node, text in zip(nodes, texts, strict=True)
        ]
    above = style.name(str(value.data)) if value.shape == SCALAR else texts[0]
    return _quotient(above, texts[-len(variables) :], style)


def _entry(name: str, letters: Sequence[str], style: Spelling) -> str:
    if not letters:
        return name
    if style.latex and ROW not in letters:
        indices = letters[0] if len(letters) == 1 else f"{{{''.join(letters)}}}"
        return f"{style.brackets(name) if '_' in name else name}_{indices}"
    return f"{name}[{','.join(letters)}]"


def _quotient(above: str, below: Sequence[str], style: Spelling) -> str:
    order = len(below)
    if style.latex:
        power = f"^{{{order}}}" if order > 1 else ""
        under = " ".join("\\partial " + name for name in below)
        return f"\\frac{{\\partial{power} {above}}}{{{under}}}"
    if style is ASCII:
        return f"d{order if order > 1 else ''} {above} / {' '.join(f'd {name}' for name in below)}"
    power = "" if order == 1 else _POWERS[order - 2] if order < 10 else f"^{order}"
    return f"∂{power}{above}/{''.join('∂' + name for name in below)}"


def delta_head(spelling: str, variable: Node) -> str:
    """``δX``: the delta of a variable."""
    name = SPELLINGS[spelling].name(str(variable.data))
    return {"unicode": f"δ{name}", "ascii": f"delta {name}", "latex": f"\\delta_{{{name}}}"}[spelling]


def differential_head(spelling: str, value: Node) -> str:
    """``dY``: how a value moves."""
    name = SPELLINGS[spelling].name(str(value.data))
    return (
        f"\\mathrm{{d}} {name}"
        if spelling == "latex"
        else f"d{name}"
        if spelling == "unicode"
        else f"d {name}"
    )


def hessian_product_head(spelling: str, variable: Node, direction: Node) -> str:
    """``∇²x v``: the Hessian in a variable times a direction."""
    style = SPELLINGS[spelling]
    name, along = (style.name(str(node.data)) for node in (variable, direction))
    heads = {
        "unicode": f"∇²{name}·{along}",
        "ascii": f"hess {name} * {along}",
        "latex": f"\\nabla^2_{{{name}}} \\cdot {along}",
    }
    return heads[spelling]
