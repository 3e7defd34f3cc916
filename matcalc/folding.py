"""Products that have a name: where a result multiplies out what a definition says, ``AV`` for ``Y = AV``, it gets the name.

Index form takes products apart, so a simplified result may hold the factors of a named product side by side, or those of
its transpose: with α = K⁻¹y and a symmetric K, K⁻¹yyᵀK⁻¹ is ααᵀ.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.graph.algebra import Algebra
from matcalc.graph.node import Graph, Node, topological
from matcalc.structure import Structures

_LONGEST = 12  # factors of a named product that is looked for

Chain = tuple[Node, ...]


def folded(
    nodes: Sequence[Node],
    bodies: Mapping[Node, Node],
    graph: Graph,
    symmetric: frozenset[str],
    structures: Structures,
) -> list[Node]:
    """``nodes`` with names for the products in them that ``bodies``, by the variable that names each, define.

    ``symmetric`` names the values that are symmetric, ``structures`` says what variables are assumed to be.
    """
    products = {name: body for name, body in bodies.items() if _product(body).op == "matmul"}
    if not products:
        return list(nodes)
    algebra = Algebra(graph)
    _find_symmetric([*nodes, *products, *products.values()], algebra, symmetric, structures)
    known: dict[Chain, Node] = {}
    for name, body in products.items():
        chain = tuple(_upright(factor, algebra) for factor in algebra.chain(body))
        if len(chain) <= _LONGEST:
            known.setdefault(chain, name)
            known.setdefault(algebra.reverse(chain), algebra.transpose(name))
    lengths = sorted({len(chain) for chain in known}, reverse=True)
    changed: dict[Node, Node] = {}
    order = topological(nodes)
    inner = _left_factors(order, nodes)
    for node in order:
        args = tuple(map(changed.__getitem__, node.args))
        same = node if args == node.args else graph.node(node.op, args, node.shape, node.data)
        if node.op == "matmul" and node not in inner:
            chain = _spine(node, changed)
            shorter = _named(chain, known, lengths)
            same = same if len(shorter) == len(chain) else algebra.product(shorter)
        changed[node] = same
    return [changed[node] for node in nodes]


def _product(body: Node) -> Node:
    return body.args[0] if body.op == "transpose" else body


def _upright(factor: Node, algebra: Algebra) -> Node:
    """A factor without the transpose of what is symmetric."""
    return algebra.transpose(factor.args[0]) if factor.op == "transpose" else factor


def _find_symmetric(
    nodes: Sequence[Node], algebra: Algebra, symmetric: frozenset[str], structures: Structures
) -> None:
    for node in topological(nodes):
        is_named = node.op == "variable" and (
            str(node.data) in symmetric or structures.transposes(node.data) == "X"
        )
        if is_named or (node.op == "inv" and algebra.is_symmetric(node.args[0])):
            algebra.symmetric.add(node)


def _left_factors(order: Sequence[Node], outputs: Sequence[Node]) -> set[Node]:
    """The products that stand only at the left of longer products, and are looked at with these."""
    left: set[Node] = set()
    elsewhere = set(outputs)
    for node in order:
        for place, arg in enumerate(node.args):
            (left if node.op == "matmul" and place == 0 else elsewhere).add(arg)
    return {node for node in left - elsewhere if node.op == "matmul"}


def _spine(node: Node, changed: Mapping[Node, Node]) -> Chain:
    """The factors of a product from the left, as they have become."""
    factors: list[Node] = []
    while node.op == "matmul":
        factors.append(changed[node.args[1]])
        node = node.args[0]
    return (changed[node], *reversed(factors))


def _named(chain: Chain, known: Mapping[Chain, Node], lengths: Sequence[int]) -> Chain:
    """The factors with names for the longest products among them, from the left."""
    found: list[Node] = []
    place = 0
    while place < len(chain):
        for length in lengths:
            name = known.get(chain[place : place + length])
            if name is not None:
                found.append(name)
                place += length
                break
        else:
            found.append(chain[place])
            place += 1
    return tuple(found)
