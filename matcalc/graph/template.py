"""Formulas over operands: the texts of rule files, made into nodes for the operands at hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from matcalc.errors import MatcalcError, RuleProblem
from matcalc.graph.build import build
from matcalc.graph.node import SCALAR, Data, Graph, Node, Shape, topological
from matcalc.language.parser import parse
from matcalc.language.syntax import Syntax
from matcalc.operations import Operations

# A name and what the reading of a text sees of the node that it stands for: its operation, shape and data, and what
# fills it; not what a variable is called, nor what a value is made of.
Bound = tuple[str, str, Shape, Data, Data]


@lru_cache(maxsize=1024)
def _tree(text: str, names: tuple[str, ...], functions: frozenset[str]) -> Syntax:
    return parse(text, names, functions).tree


@lru_cache(maxsize=1024)
def _template(
    text: str, bound: tuple[Bound, ...], operations: Operations, expected: Shape | None
) -> tuple[tuple[Node, ...], list[Node]]:
    """Nodes that stand for the bound ones, and those of the text over them, operands first."""
    graph = Graph()
    given = {
        name: Node(op, (Node("number", (), SCALAR, entry, -1),) if op == "fill" else (), shape, data, place)
        for place, (name, op, shape, data, entry) in enumerate(bound)
    }
    tree = _tree(text, tuple(given), operations.functions)
    value = build(tree, text, graph, operations, bound=given, expected=expected).value
    stand_ins = tuple(given.values())
    return stand_ins, [*topological([value], stand_ins), value]


def instantiate(
    text: str, bound: Mapping[str, Node], graph: Graph, operations: Operations, expected: Shape | None = None
) -> Node:
    """The node of ``text`` where its names stand for the ``bound`` nodes.

    Raises ``RuleProblem`` where the text can't be read or does not have the ``expected`` shape.
    """
    seen = tuple(
        [
            (
                name,
                node.op,
                node.shape,
                None if node.op == "variable" else node.data,
                _entry(node) if node.op == "fill" else None,
            )
            for name, node in bound.items()
        ]
    )
    try:
        stand_ins, order = _template(text, seen, operations, expected)
    except MatcalcError as error:
        raise RuleProblem(f"in the rule `{text}`: {error.message}") from None
    made = dict(zip(stand_ins, bound.values(), strict=True))
    for node in order:
        if node not in made:
            args = tuple(map(made.__getitem__, node.args))
            made[node] = graph.node(node.op, args, node.shape, node.data)
    return made[order[-1]]


def _entry(fill: Node) -> Data:
    """The number in every entry of an array, where it is one."""
    return fill.args[0].data if fill.args[0].op == "number" else None


def operands(node: Node, operations: Operations, graph: Graph) -> dict[str, Node]:
    """The names that a rule uses for a node, its operands and, by the letters of ``takes``, their sizes."""
    operation = operations[node.op]
    takes, used = operation.takes, operation.sizes
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
