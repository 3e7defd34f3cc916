"""Replacing nodes of a graph by others, without recursion."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.graph.node import Graph, Node, topological


def replaced(outputs: Iterable[Node], changed: dict[Node, Node], graph: Graph) -> list[Node]:
    """``outputs`` with the nodes in ``changed`` replaced, which is extended by what became of every node seen.

    What a replaced node was made of is not looked at; nodes that hold none of them stay the same objects.
    """
    outputs = list(outputs)
    for node in topological(outputs, changed):
        args = tuple(map(changed.__getitem__, node.args))
        changed[node] = node if args == node.args else graph.node(node.op, args, node.shape, node.data)
    return [changed[node] for node in outputs]
