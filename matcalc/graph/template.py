"""Formulas over operands: the texts of rule files, made into nodes for the operands at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from matcalc.errors import MatcalcError, RuleProblem
from matcalc.graph.build import build
from matcalc.graph.node import SCALAR, Graph, Node, Shape
from matcalc.language.parser import parse
from matcalc.language.syntax import Syntax
from matcalc.operations import Operations


@lru_cache(maxsize=1024)
def _tree(text: str, names: tuple[str, ...], functions: frozenset[str]) -> Syntax:
    return parse(text, names, functions).tree


def instantiate(
    text: str, bound: Mapping[str, Node], graph: Graph, operations: Operations, expected: Shape | None = None
) -> Node:
    """The node of ``text`` where its names stand for the ``bound`` nodes.

    Raises ``RuleProblem`` where the text can't be read or does not have the ``expected`` shape.
    """
    try:
        tree = _tree(text, tuple(bound), operations.functions)
        return build(tree, text, graph, operations, bound=bound, expected=expected).value
    except MatcalcError as error:
        raise RuleProblem(f"in the rule `{text}`: {error.message}") from None


def operands(node: Node, operations: Operations, graph: Graph) -> dict[str, Node]:
    """The names that a rule uses for a node, its operands and, by the letters of ``takes``, their sizes."""
    takes = operations[node.op].takes
    used = operations[node.op].sizes
    bound: dict[str, Node] = {}
    for (_, pattern), arg in zip(takes, node.args, strict=True) if used else ():
        for letter, size in zip(pattern, arg.shape, strict=False):  # only those of matrices have letters
            if letter in used:
                bound[letter] = graph.number(1) if size is None else graph.node("size", (), SCALAR, size)
    return {**bound, **{name: arg for (name, _), arg in zip(takes, node.args, strict=True)}, "Y": node}


def definition(node: Node, graph: Graph, operations: Operations) -> Node:
    """The value of a node whose operation says in the language what it computes."""
    operation = operations[node.op]
    if operation.value is None:
        raise RuleProblem(
            f"the operation `{node.op}` has neither `numpy` nor `value`: its value can't be computed"
        )
    names = operands(node, operations, graph)
    del names["Y"]
    return instantiate(operation.value, names, graph, operations, node.shape)
