"""Replacing nodes of a graph by others, without recursion."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.graph.node import Graph, Node


def replaced(outputs: Iterable[Node], changed: dict[Node, Node], graph: Graph) -> list[Node]:
    """``outputs`` with the nodes in ``changed`` replaced, which is extended by what became of every node seen.

    What a replaced node was made of is not looked at; nodes that hold none of them stay the same objects.
    """
    outputs = list(outputs)
    stack = [node for node in reversed(outputs) if node not in changed]
    while stack:
        node = stack[-1]
        if node in changed:
            stack.pop()
            continue
        missing = [arg for arg in node.args if arg not in changed]
        if missing:
            stack.extend(reversed(missing))
            continue
        stack.pop()
        args = tuple([changed[arg] for arg in node.args])
        changed[node] = node if args == node.args else graph.node(node.op, args, node.shape, node.data)
    return [changed[node] for node in outputs]
