"""Sums as an expert writes them: common factors taken out where that is not longer, no leading minus, no −1·x."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from math import gcd, lcm

from matcalc.graph.algebra import Algebra
from matcalc.graph.node import SCALAR, Node, Shape, topological
from matcalc.index.network import Product

_BRACKETS = 2  # characters that a factored sum costs
_SIDES = ("left", "right", "above", "below", "coefficient")


class Factoring:
    """Puts products together to sums."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self._terms: dict[Node, list[Product]] = {}
        self._lengths: dict[Node, int] = {}

    def remember(self, node: Node, terms: list[Product]) -> None:
        """Note what terms a closed sum has, so that it can be written with the opposite sign."""
        if len(terms) > 1 and any(term.coefficient < 0 for term in terms):
            self._terms.setdefault(node, terms)

    def sum(self, products: Sequence[Product], shape: Shape) -> Node:
        """The sum of products, factored, as a node of this shape."""
        if not products:
            return self.algebra.fill(self.algebra.number(0), shape)
        terms = self._plain_first(products)
        while len(terms) > 1:
            group = self._best_group(terms)
            if group is None:
                break
            side, members = group
            factored = self._factor([terms[place] for place in members], side, shape)
            terms = [
                factored if place == members[0] else term
                for place, term in enumerate(terms)
                if place == members[0] or place not in members
            ]
        return self._add(terms, shape)

    def _plain_first(self, products: Sequence[Product]) -> list[Product]:
        """Terms that differ in transposes only, the plainest first: A + Aᵀ, rxᵀ + xrᵀ."""
        groups: dict[object, list[int]] = {}
        for place, product in enumerate(products):
            if product.chain:
                groups.setdefault(frozenset(_plain(node) for node in product.chain), []).append(place)
        terms = list(products)
        for places in groups.values():
            if len(places) > 1:
                ordered = sorted((terms[place] for place in places), key=self._transposed)
                for place, term in zip(places, ordered, strict=True):
                    terms[place] = term
        return terms

    def _transposed(self, term: Product) -> int:
        """How much of a term is transposed."""
        return self._length(node for node in _chain(term) if node.op == "transpose")

    # Factoring -------------------------------------------------------------------------------------------------

    def _best_group(self, terms: list[Product]) -> tuple[str, list[int]] | None:
        """The factor that saves most characters when it is taken out, and the terms that have it."""
        best: tuple[int, str, list[int]] | None = None
        for side in _SIDES:
            groups: dict[object, list[int]] = {}
            for place, term in enumerate(terms):
                key = _key(term, side)
                if key is not None:
                    groups.setdefault(key, []).append(place)
            for members in groups.values():
                if len(members) > 1:
                    saved, needed = self._saved([terms[place] for place in members], side)
                    if saved >= needed and (best is None or saved > best[0]):
                        best = (saved, side, members)
        return None if best is None else best[1:]

    def _saved(self, terms: list[Product], side: str) -> tuple[int, int]:
        """The characters that taking a factor out saves, and how many make it worth while."""
        common, needed = 0, 0
        if side in ("left", "right"):
            factor = _chain(terms[0])[0 if side == "left" else -1]
            common = self._length((factor,))
            if all(len(_chain(term)) == 2 for term in terms):
                needed = -1  # (A + Aᵀ)x rather than Ax + Aᵀx
            elif any(len(_chain(term)) == 1 for term in terms) or None in factor.shape:
                needed = 4  # an identity has to be written, or a vector no longer folds the product
        elif side == "above":
            common = self._length(terms[0].above)
        elif side == "below":
            common = self._length(terms[0].below) + 1
        else:
            needed = 1
        content = _content(terms)
        coefficient = 0 if content == 1 else len(str(content.numerator)) + (content.denominator != 1)
        return (len(terms) - 1) * (common + coefficient) - _BRACKETS, needed

    def _length(self, nodes: Iterable[Node]) -> int:
        """About how many characters a product takes."""
        total = 0
        for root in nodes:
            for node in topological([root]) if root not in self._lengths else ():
                if node not in self._lengths:
                    inner = sum(self._lengths[arg] for arg in node.args)
                    if node.op == "variable":
                        own = len(str(node.data)) if len(str(node.data)) < 4 else 1
                    else:
                        own = _OWN_LENGTH.get(node.op, len(node.op) + 2)
                    self._lengths[node] = min(inner + own, 10**6)
            total += self._lengths[root]
        return total

    def _factor(self, terms: list[Product], side: str, shape: Shape) -> Product:
        """One product for terms that share a factor."""
        content = _content(terms)
        if all(term.coefficient < 0 for term in terms):
            content = -content
        rest = [replace(term, coefficient=term.coefficient / content) for term in terms]
        chain = _chain(terms[0])
        if side == "left":
            inner = self._rest([replace(t, chain=_chain(t)[1:]) for t in rest], (chain[0].shape[1], shape[1]))
            return Product(content, (), (), (chain[0], inner))
        if side == "right":
            inner = self._rest(
                [replace(t, chain=_chain(t)[:-1]) for t in rest], (shape[0], chain[-1].shape[0])
            )
            return Product(content, (), (), (inner, chain[-1]))
        above = terms[0].above if side == "above" else ()
        below = terms[0].below if side == "below" else ()
        rest = [
            replace(t, above=() if side == "above" else t.above, below=() if side == "below" else t.below)
            for t in rest
        ]
        inner = self.sum(rest, shape)
        if shape == SCALAR:
            return Product(content, (*above, inner), below, None)
        return Product(content, above, below, (inner,))

    def _rest(self, terms: list[Product], shape: Shape) -> Node:
        """The sum that is left when a factor is taken out; the identity stands for a term that was the factor."""
        identity = self.algebra.identity(shape)
        return self.sum([term if term.chain else replace(term, chain=(identity,)) for term in terms], shape)

    # Sums and products -----------------------------------------------------------------------------------------

    def _add(self, terms: list[Product], shape: Shape) -> Node:
        """The sum, a positive term first."""
        terms = sorted(terms, key=lambda term: term.coefficient < 0) if terms[0].coefficient < 0 else terms
        result: Node | None = None
        for term in terms:
            negative, node = self._product(term)
            filled = self.algebra.fill(node, shape) if term.chain is None else node
            if result is None:
                if negative:
                    filled = self.algebra.neg(node)
                    filled = self.algebra.fill(filled, shape) if term.chain is None else filled
                result = filled
            else:
                result = self.algebra.graph.node("sub" if negative else "add", (result, filled), shape)
        assert result is not None
        return result

    def _product(self, term: Product) -> tuple[bool, Node]:
        """A product without its sign, and whether the sign is minus."""
        algebra = self.algebra
        coefficient = term.coefficient
        chain, above = term.chain, term.above
        if coefficient < 0:
            turned = self._turn(chain) if chain else None
            if turned is not None:
                chain, coefficient = turned, -coefficient
            else:
                turned = self._turn(above)
                if turned is not None:
                    above, coefficient = turned, -coefficient
        negative = coefficient < 0
        number = algebra.number(abs(coefficient))
        node = algebra.product(chain) if chain else None
        for scalar in reversed(above):
            node = scalar if node is None else algebra.scale(scalar, node)
        node = number if node is None else algebra.scale(number, node)
        for index, scalar in enumerate(term.below):
            below = scalar if index == 0 else algebra.scale(below, scalar)
        return negative, algebra.over(node, below) if term.below else node

    def _turn(self, chain: Sequence[Node]) -> tuple[Node, ...] | None:
        """The chain with one closed sum a − b in it written b − a; None where it has none."""
        for place, node in enumerate(chain):
            turned = self._turned(node)
            if turned is not None:
                return (*chain[:place], turned, *chain[place + 1 :])
        return None

    def _turned(self, node: Node) -> Node | None:
        terms = self._terms.get(node)
        if terms is not None:
            return self.sum([replace(term, coefficient=-term.coefficient) for term in terms], node.shape)
        if node.op in ("transpose", "hadamard"):
            for place, arg in enumerate(node.args):
                turned = self._turned(arg)
                if turned is not None:
                    args = (*node.args[:place], turned, *node.args[place + 1 :])
                    return self.algebra.graph.node(node.op, args, node.shape)
        return None


def _chain(term: Product) -> tuple[Node, ...]:
    assert term.chain is not None
    return term.chain


def _key(term: Product, side: str) -> object:
    """What a term offers to be taken out on this side; None for nothing."""
    if side in ("left", "right"):
        if not term.chain or term.below:
            return None
        node = term.chain[0] if side == "left" else term.chain[-1]
        # Taken from the end of a chain, a vector leaves a matrix behind: what is left must have both axes.
        return node if len(term.chain) > 1 or None not in _left_over(node, side, term.chain) else None
    if side == "above":
        return (
            (term.above, term.chain is None) if term.above and (term.chain or len(term.above) > 1) else None
        )
    if side == "below":
        return (term.below, term.chain is None) if term.below else None
    return (abs(term.coefficient), term.chain is None) if abs(term.coefficient) != 1 else None


def _left_over(node: Node, side: str, chain: tuple[Node, ...]) -> Shape:
    """The shape of what is left of a chain without its first or last node."""
    return (node.shape[1], chain[-1].shape[1]) if side == "left" else (chain[0].shape[0], node.shape[0])


def _plain(node: Node) -> Node:
    return node.args[0] if node.op == "transpose" else node


def _content(terms: Sequence[Product]) -> Fraction:
    """The largest positive number that divides all coefficients."""
    over = gcd(*(term.coefficient.numerator for term in terms))
    under = lcm(*(term.coefficient.denominator for term in terms))
    return Fraction(over, under)


_OWN_LENGTH = {
    "number": 1,
    "pi": 1,
    "size": 1,
    "identity": 1,
    "ones": 1,
    "fill": 0,
    "matmul": 0,
    "scale": 0,
    "transpose": 1,
    "add": 5,
    "sub": 5,
    "neg": 1,
    "hadamard": 5,
    "eldivide": 5,
    "over": 1,
    "inv": 2,
    "intpower": 0,
    "power": 2,
    "sumsq": 3,
    "norm2": 2,
    "sum": 3,
}
