"""The order of a derivative's terms where the formula gives none: ‖x‖I + xxᵀ/‖x‖, a matrix before its update of rank one.

A product rule, as that of x‖x‖, leaves a term in which the scalar was held fixed and one in which the matrix was; the
second is an outer product.  Experts write the first one first, as in Sherman and Morrison's A + uvᵀ.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

from matcalc.graph.node import Node, topological
from matcalc.index.factoring import plain
from matcalc.index.network import Product

_MOST = 12  # terms that are put in order


def updates_last(terms: Sequence[Product]) -> list[Product]:
    """Terms with a plus sign that an outer product updates, before that product.

    These are the multiples of the identity and of diagonal and other matrices by scalars that depend on nothing but
    what the outer product is made of.  XᵀX + λI, whose λ is a parameter, stays in the order of the formula.
    """
    ordered = list(terms)
    if not 1 < len(ordered) <= _MOST or not any(map(_is_update, ordered)):
        return ordered
    for place, term in enumerate(terms):
        first = next((at for at, other in enumerate(ordered) if _is_update(other)), place)
        if term.coefficient > 0 and first < place and _is_updated(term, ordered[first]):
            ordered.remove(term)
            ordered.insert(first, term)
    return ordered


def pairs_together(terms: Sequence[Product]) -> list[Product]:
    """Terms that differ in transposes only, side by side: A + Aᵀ + 2I."""
    alike: dict[object, list[Product]] = {}
    for place, term in enumerate(terms):
        chain = term.chain
        same = (
            frozenset(map(plain, chain))
            if chain and None not in (chain[0].shape[0], chain[-1].shape[1])
            else place
        )
        alike.setdefault(same, []).append(term)
    return [term for members in alike.values() for term in members]


def _is_update(term: Product) -> bool:
    """Whether a term is an outer product of vectors, with matrices beside them or not."""
    chain = term.chain or ()
    return len(chain) > 1 and any(left.shape[1] is None for left, _ in pairwise(chain))


def _is_updated(term: Product, update: Product) -> bool:
    if term.chain is None or _is_update(term) or len(term.chain[0].shape) != 2:
        return False
    scalars = (*term.above, *term.below)
    if not scalars and term.chain[0].op != "identity":
        return False
    diagonal = (node for node in term.chain if node.op == "diag")
    return _variables((*scalars, *diagonal)) <= _variables(update.chain or ())


def _variables(nodes: Iterable[Node]) -> set[Node]:
    return {node for node in topological(nodes) if node.op == "variable"}
