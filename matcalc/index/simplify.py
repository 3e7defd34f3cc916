"""Simplification: through index form and back."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from matcalc.graph.node import Graph, Node, Shape, topological
from matcalc.index.canonical import Forms
from matcalc.index.expand import Expansion
from matcalc.index.notation import Notation
from matcalc.index.rewrites import Rewrites
from matcalc.index.settle import Settling
from matcalc.operations import Operations
from matcalc.structure import NONE, Structures


def simplify(
    nodes: Sequence[Node],
    graph: Graph,
    operations: Operations,
    first: Sequence[Node] = (),
    structures: Structures = NONE,
    opened: Container[Node] = (),
) -> list[Node]:
    """The same values in normal form and matrix notation.

    ``first`` are nodes whose way of writing sums the result should keep: x − a stays x − a, not −(a − x).
    ``structures`` says what variables are assumed to be.
    ``opened`` are sums that stay open although they are used twice: G in (G + Gᵀ)/2.
    """
    forms = Forms(structures)
    settling = Settling(forms, Rewrites(operations, forms))
    expansion = Expansion(operations, settling, opened)
    order = topological(nodes)
    given = set(topological(first))
    sums = [node for node in order if node.op in ("add", "sub") and node in given]
    for value in expansion.expand(sums):  # the first way in which a sum is closed is the way it is written
        settling.close(value.terms, value.legs)
    values = expansion.expand(nodes)
    shapes: Mapping[str, Shape] = {str(node.data): node.shape for node in order if node.op == "variable"}
    notation = Notation(graph, operations, settling, shapes)
    return [notation.write(value) for value in values]
