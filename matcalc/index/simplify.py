"""Simplification: through index form and back."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from matcalc.graph.node import Graph, Node, Shape, topological
from matcalc.index.canonical import Forms
from matcalc.index.expand import Expansion
from matcalc.index.factors import IDENTITY
from matcalc.index.journal import Journal
from matcalc.index.named_quotients import NamedQuotients
from matcalc.index.notation import Notation
from matcalc.index.rewrites import Rewrites
from matcalc.index.settle import Settling
from matcalc.index.terms import Factor, Index, Term, Value, fresh_axes, full_axes
from matcalc.operations import Operations
from matcalc.structure import NONE, Structures


def simplify(
    nodes: Sequence[Node],
    graph: Graph,
    operations: Operations,
    first: Sequence[Node] = (),
    seed: Node | None = None,
    symmetric: frozenset[str] = frozenset(),
    structures: Structures = NONE,
    opened: Container[Node] = (),
    named: Mapping[Node, Node] | None = None,
    journal: Journal | None = None,
) -> list[Node]:
    """The same values in normal form, in matrix notation where there is one.

    ``first`` are nodes whose way of writing sums the result should keep: x − a stays x − a, not −(a − x).
    Where ``nodes`` are linear in the variable ``seed``, it is replaced by the identity tensor, and its axes ride along:
    the results are the coefficients of its entries, with the axes of ``seed`` before their own.
    ``symmetric`` are the names of variables that are symmetric matrices, ``structures`` says what others are assumed
    to be.  ``opened`` are sums that stay open although they are used twice: G in (G + Gᵀ)/2.
    ``named`` are the definitions of variables: quotients in the result that they define get their name.
    What is done to ``nodes`` is noted in the ``journal``, if there is one.
    """
    forms = Forms(symmetric, structures)
    rewrites = Rewrites(operations, forms)
    quotients = NamedQuotients(rewrites)
    settling = Settling(forms, rewrites)
    expansion = Expansion(operations, settling, opened)
    order = topological(nodes)
    given = set(topological(first))
    named = named or {}
    if quotients.learn(named, expansion, settling):
        settling.rewrites = quotients
    sums = [node for node in order if node.op in ("add", "sub") and node in given]
    for value in expansion.expand(sums):  # the first way in which a sum is closed is the way it is written
        settling.close(value.terms, value.legs)
    settling.journal = rewrites.journal = journal
    values = expansion.expand(nodes, None if seed is None else {seed: _identity_tensor(seed)})
    shapes: Mapping[str, Shape] = {
        str(node.data): node.shape for node in (*named, *order) if node.op == "variable"
    }
    notation = Notation(graph, operations, settling, shapes)
    notation.sums.journal = journal
    return [notation.write(_ridden(value)) for value in values]


def _ridden(value: Value) -> Value:
    """A value with what rides along as its first axes."""
    if not value.riding:
        return value
    return Value(full_axes((*value.riding, *value.legs)), value.terms)


def _identity_tensor(seed: Node) -> Value:
    """The delta of every entry of a value at once: one for that entry itself, zero for all others."""
    riding = tuple(Index(size) for size in seed.shape if size is not None)
    own = fresh_axes(seed.shape)
    legs = (leg for leg in own if leg is not None)
    factors: list[Factor] = [(IDENTITY, pair, 1) for pair in zip(riding, legs, strict=True)]
    return Value(own, [Term(1, factors, [])], riding)
