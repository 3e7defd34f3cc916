"""The graph of a formula's operations as a picture: variables on the left, the value on the right.

Source: "Computational graphs": a node for each variable and each operation, with its value and its gradient.
"""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.graph.node import SCALAR, Node, topological
from matcalc.naming import Names
from matcalc.pictures.deltas import written_deltas
from matcalc.pictures.digits import Digits
from matcalc.pictures.labels import Labels
from matcalc.pictures.numbers import Numbers
from matcalc.pictures.picture import Edge, Picture, PictureNode
from matcalc.printers.tables.cells import Cell, Scribe, shape_cell
from matcalc.reading import Reading

SHOWN = 4  # entries of an array that are printed at a node


def shown_nodes(root: Node) -> list[Node]:
    """The nodes of a picture, operands first: variables and what depends on them, and the value itself.

    A scalar in every entry is no node of its own, and constants stand in the operations that have them.
    """
    depending: set[Node] = set()
    for node in topological([root]):
        if node.op == "variable" or any(arg in depending for arg in node.args):
            depending.add(node)
    return [node for node in topological([root]) if (node in depending and node.op != "fill") or node is root]


def operands_of(node: Node, shown: Mapping[Node, int]) -> list[Node]:
    """The nodes of the picture that a node is made of, each once, in the order of its operands."""
    found: dict[Node, None] = {}
    for arg in node.args:
        while arg.op == "fill" and arg not in shown:
            arg = arg.args[0]
        if arg in shown:
            found[arg] = None
    return list(found)


def operation_graph(
    reading: Reading,
    names: Names,
    deltas: bool,
    numbers: Numbers | None,
    digits: Digits,
) -> Picture:
    """The picture of a formula, with ``names`` for values; with ``deltas`` these stand under the nodes."""
    shown = {node: key for key, node in enumerate(shown_nodes(reading.value))}
    layers = _layers(shown)
    ties = tied(shown)
    scribe = Scribe(reading.operations, frozenset(reading.shapes), names=names)
    labels = Labels(reading.graph, reading.operations)
    written, legend = written_deltas(reading, names, list(shown), scribe) if deltas else ({}, ())
    nodes, edges = [], []
    for node, key in shown.items():
        operands = operands_of(node, shown)
        leaf = not operands
        label = scribe.formula(node) if leaf else labels.operation(node, operands)
        nodes.append(
            PictureNode(
                key,
                layers[node],
                "variable" if leaf else "operation",
                label,
                _name(node, reading, scribe),
                None if node.shape == SCALAR or numbers is not None else shape_cell(node.shape),
                digits.cell(numbers.values[node], SHOWN) if numbers else None,
                digits.cell(numbers.gradients[node], SHOWN)
                if numbers and node in numbers.gradients
                else None,
                written.get(node),
                ties.get(node),
            )
        )
        edges += [
            Edge(shown[operand], key, place, tie=ties.get(operand)) for place, operand in enumerate(operands)
        ]
    return Picture("graph", scribe.formula(names.body(reading.value)), tuple(nodes), tuple(edges), legend)


def tied(shown: Mapping[Node, int]) -> dict[Node, int]:
    """A number for each variable that is used more than once, and for its transpose."""
    uses: dict[Node, int] = {}
    for node in shown:
        for operand in operands_of(node, shown):
            uses[operand] = uses.get(operand, 0) + 1
    ties: dict[Node, int] = {}
    for node in shown:
        if node.op == "variable" and uses.get(node, 0) > 1:
            ties[node] = len(ties)
    for node in shown:
        if node.op == "transpose" and node.args[0] in ties:
            ties[node] = ties[node.args[0]]
    return ties


def _layers(shown: Mapping[Node, int]) -> dict[Node, int]:
    """The depth of each node; a variable stands beside the first operation that uses it."""
    layers: dict[Node, int] = {}
    for node in shown:
        layers[node] = 1 + max((layers[operand] for operand in operands_of(node, shown)), default=-1)
    nearest: dict[Node, int] = {}
    for node in shown:
        for operand in operands_of(node, shown):
            nearest[operand] = min(layers[node], nearest.get(operand, layers[node]))
    return {
        node: nearest[node] - 1 if layer == 0 and node in nearest else layer for node, layer in layers.items()
    }


def _name(node: Node, reading: Reading, scribe: Scribe) -> Cell | None:
    """The name that the formula gives to a value."""
    return scribe.formula(node) if node in reading.names and node.args else None
