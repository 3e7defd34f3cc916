"""How norms and absolute values are written: ``‖x‖``, ``‖A‖_*``, ``|c|``, in ASCII ``norm2(x)``."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from matcalc.graph.node import Node
from matcalc.printers.levels import POSTFIX, UNIT, Text

if TYPE_CHECKING:
    from matcalc.printers.formula import Formula


def _norm2(formula: Formula, node: Node) -> Text:
    return _norm(formula, node.args[0], "norm2", ""), UNIT


def _sumsq(formula: Formula, node: Node) -> Text:
    return formula.spelling.power(_norm(formula, node.args[0], "norm2", ""), "2", False), POSTFIX


def _norm1(formula: Formula, node: Node) -> Text:
    return _norm(formula, node.args[0], "norm1", "_1" if formula.spelling.latex else "₁"), UNIT


def _normnuc(formula: Formula, node: Node) -> Text:
    return _norm(formula, node.args[0], "normnuc", "_{*}" if formula.spelling.latex else "_*"), UNIT


def _normspec(formula: Formula, node: Node) -> Text:
    subscript = "_{\\mathrm{op}}" if formula.spelling.latex else "_{op}"
    return _norm(formula, node.args[0], "normspec", subscript), UNIT


def _norm(formula: Formula, inner: Node, name: str, subscript: str) -> str:
    text = formula.written(inner)[0]
    bars = formula.spelling.norm
    if bars is None or (bars[0] == bars[1] and bars[0] in text):
        return f"{name}({text})" if not formula.spelling.latex else f"\\operatorname{{{name}}}({text})"
    return f"{bars[0]}{text}{bars[1]}{subscript}"


def _abs(formula: Formula, node: Node) -> Text:
    text = formula.written(node.args[0])[0]
    bars = formula.spelling.bars
    if bars is None or None not in node.shape or "|" in text or "‖" in text:
        return formula._function(node)
    return f"{bars[0]}{text}{bars[1]}", UNIT


WRITERS: dict[str, Callable[[Formula, Node], Text]] = {
    "norm2": _norm2,
    "sumsq": _sumsq,
    "norm1": _norm1,
    "normnuc": _normnuc,
    "normspec": _normspec,
    "abs": _abs,
}
