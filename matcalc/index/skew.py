"""Skew matrices in print: every Sᵀ of a product is written −S."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from math import prod

from matcalc.graph.node import Graph, Node, topological
from matcalc.index.network import Product

_MULTILINEAR = frozenset(["matmul", "hadamard", "tr", "sum", "diag", "diagonal", "transpose", "scale", "neg"])


def upright(product: Product, skew: Collection[Node], graph: Graph) -> Product:
    """A product with S for every Sᵀ of a node S in ``skew``, and the sign that this takes."""
    signs: list[int] = []

    def turned(nodes: Iterable[Node]) -> tuple[Node, ...]:
        done = []
        for node in nodes:
            sign, other = _turned(node, skew, graph)
            signs.append(sign)
            done.append(other)
        return tuple(done)

    above, below = turned(product.above), turned(product.below)
    chain = None if product.chain is None else turned(product.chain)
    return replace(
        product, coefficient=product.coefficient * prod(signs), above=above, below=below, chain=chain
    )


def _turned(root: Node, skew: Collection[Node], graph: Graph) -> tuple[int, Node]:
    found: dict[Node, tuple[int, Node]] = {}
    for node in topological([root]):
        if node.op == "transpose" and node.args[0] in skew:
            found[node] = (-1, node.args[0])
        elif node.op in _MULTILINEAR and any(found[arg] != (1, arg) for arg in node.args):
            args = tuple(found[arg][1] for arg in node.args)
            sign = prod(found[arg][0] for arg in node.args)
            found[node] = (sign, graph.node(node.op, args, node.shape, node.data))
        else:
            found[node] = (1, node)
    return found[root]
