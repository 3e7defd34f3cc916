"""Sums as an expert writes them: common factors taken out where that is not longer, no leading minus, no −1·x."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import replace
from fractions import Fraction

from matcalc.graph.algebra import Algebra
from matcalc.graph.node import SCALAR, Node, Shape, topological
from matcalc.index.factoring import (
    BRACKETS,
    Group,
    chain_of,
    groups,
    is_diagonal,
    plain,
    shared_digits,
    shared_divisor,
    shared_number,
)
from matcalc.index.journal import Journal
from matcalc.index.network import Chain, Product
from matcalc.index.ordering import pairs_together, updates_last

_DEEPEST_FACTOR = 60  # sums inside sums in which common factors are looked for: Aᵀ(g + Aᵀ(g + Aᵀ(…)))
_DEEPEST_TURN = 4  # products inside products in which a sum is looked for that can be turned
_TURNED = ("transpose", "hadamard", "matmul")  # operations that a sum in them can be turned through
_LONGEST = 10**6  # lengths beyond this are not told apart


class Sums:
    """Puts products together to sums."""

    def __init__(self, algebra: Algebra) -> None:
        self.algebra = algebra
        self._terms: dict[Node, list[Product]] = {}
        self._lengths: dict[Node, int] = {}
        self.journal: Journal | None = None  # of what is taken out, where somebody asks
        self._depth = 0  # of the sum that is put together, in sums with a common factor

    def remember(self, node: Node, terms: list[Product]) -> None:
        """Note what terms a closed sum has, so that it can be written with the opposite sign."""
        if len(terms) > 1 and min([term.coefficient.numerator for term in terms]) < 0:
            self._terms.setdefault(node, terms)

    def result(self, products: Sequence[Product], shape: Shape) -> Node:
        """The sum of products that stands alone: (XB + BX)ᵀ rather than BᵀXᵀ + XᵀBᵀ where that is shorter."""
        plain_sum = self.sum(products, shape, derived=True)
        if len(shape) != 2 or None in shape or len(products) < 2 or not _are_transposed(products):
            return plain_sum
        sign = -1 if all(product.coefficient < 0 for product in products) else 1
        turned = [
            replace(each, coefficient=sign * each.coefficient, chain=self.algebra.reverse(chain_of(each)))
            for each in products
        ]
        other = self._transpose(self.sum(turned, shape[::-1], derived=True))
        if sign < 0:
            other = self.algebra.neg(other)
        return other if self._length([other]) < self._length([plain_sum]) - BRACKETS else plain_sum

    def _transpose(self, node: Node) -> Node:
        """The transpose of a sum, behind the scalars in front of it: 2(XB + BX)ᵀ."""
        shape = node.shape[::-1]
        if node.op == "scale":
            return self.algebra.graph.node("scale", (node.args[0], self._transpose(node.args[1])), shape)
        if node.op in ("neg", "over"):
            return self.algebra.graph.node(node.op, (self._transpose(node.args[0]), *node.args[1:]), shape)
        return self.algebra.transpose(node)

    def sum(self, products: Sequence[Product], shape: Shape, derived: bool = False) -> Node:
        """The sum of products, factored, as a node of this shape; the order of what was ``derived`` may change."""
        if not products:
            return self.algebra.fill(self.algebra.number(0), shape)
        terms = self._plain_first(products)
        if derived:
            terms = updates_last(pairs_together(terms))
        while len(terms) > 1 and self._depth < _DEEPEST_FACTOR:
            group = self._best_group(terms)
            if group is None:
                break
            if self.journal is not None:
                self.journal.note("factored")
            first, others = group.members[0], set(group.members)
            factored = self._factor([terms[place] for place in group.members], group, shape, derived)
            terms = [
                factored if place == first else term
                for place, term in enumerate(terms)
                if place == first or place not in others
            ]
        return self._add(self._one_diagonal(terms, derived) if len(terms) > 1 else terms, shape)

    def _one_diagonal(self, terms: list[Product], derived: bool) -> list[Product]:
        """Terms in which diag(u) − 2diag(v) has become diag(u − 2v)."""
        members = [term for term in terms if is_diagonal(term)]
        if len(members) < 2:
            return terms
        negative = all(term.coefficient < 0 for term in members)
        node = chain_of(members[0])[0]
        inner = [
            replace(
                term,
                coefficient=-term.coefficient if negative else term.coefficient,
                chain=chain_of(term)[0].args,
            )
            for term in members
        ]
        entries = self.sum(inner, node.args[0].shape, derived)
        whole = Product(
            Fraction(-1 if negative else 1),
            (),
            (),
            (self.algebra.graph.node("diag", (entries,), node.shape),),
        )
        return [
            whole if term is members[0] else term
            for term in terms
            if term is members[0] or term not in members
        ]

    def _plain_first(self, products: Sequence[Product]) -> list[Product]:
        """Terms that differ in transposes only, the plainest first: A + Aᵀ, rxᵀ + xrᵀ."""
        if len(products) == 1:
            return list(products)
        alike: dict[object, list[int]] = {}
        for place, product in enumerate(products):
            if product.chain:
                alike.setdefault(frozenset(map(plain, product.chain)), []).append(place)
        terms = list(products)
        for places in alike.values():
            if len(places) > 1:
                ordered = sorted((terms[place] for place in places), key=self._transposed)
                for place, term in zip(places, ordered, strict=True):
                    terms[place] = term
        return sorted(terms, key=_has_commutation)

    def _transposed(self, term: Product) -> int:
        """How much of a term is transposed."""
        return self._length(node for node in chain_of(term) if node.op == "transpose")

    # Factoring -------------------------------------------------------------------------------------------------

    def _best_group(self, terms: list[Product]) -> Group | None:
        """The factor that saves most characters when it is taken out, and the terms that have it."""
        best: tuple[int, Group] | None = None
        for group in groups(terms):
            shared = [terms[place] for place in group.members]
            common = self._length(group.factor) + shared_digits(shared) + (group.side == "below")
            common += self._length(shared_divisor(shared, group))
            saved = (len(shared) - 1) * common - BRACKETS
            if saved >= group.needed(shared, len(terms)) and (best is None or saved > best[0]):
                best = (saved, group)
        return None if best is None else best[1]

    def shorter(self, node: Node, other: Node) -> Node:
        """The second of two ways to write a value, which has fewer brackets, where it is hardly longer."""
        return node if self._length([node]) + 2 * BRACKETS < self._length([other]) else other

    def _length(self, nodes: Iterable[Node]) -> int:
        """About how many characters a product takes."""
        total = 0
        for root in nodes:
            for node in topological([root], self._lengths):
                inner = sum([self._lengths[arg] for arg in node.args])
                own = _OWN_LENGTH.get(node.op, len(node.op) + 2)
                self._lengths[node] = min(inner + own, _LONGEST)
            total += self._lengths[root]
        return total

    def _factor(self, terms: list[Product], group: Group, shape: Shape, derived: bool) -> Product:
        """One product for terms that share a factor."""
        number = shared_number(terms)
        if all(term.coefficient < 0 for term in terms):
            number = -number
        if number != 1:
            terms = [replace(term, coefficient=term.coefficient / number) for term in terms]
        rest = [group.without(term) for term in terms]
        factor = group.factor
        if group.side in ("left", "right", "both"):
            above, below, rest = self._common_scalars(rest)
            left, right = factor[: group.left], factor[group.left :]
            rows = left[-1].shape[1] if left else shape[0]
            columns = right[0].shape[0] if right else shape[1]
            chain = (*left, self._rest(rest, (rows, columns), derived), *right)
            return Product(number, above, below, self._merged_diagonals(chain))
        if group.side == "chain":
            return Product(number, (self.sum(rest, SCALAR),), (), factor)
        above, below = (factor, ()) if group.side == "above" else ((), factor)
        if group.side == "above" and all(term.below == rest[0].below for term in rest):
            below, rest = rest[0].below, [replace(term, below=()) for term in rest]  # s(Bx + Bᵀx)/t
        inner = self.sum(rest, shape, derived)
        if shape == SCALAR:
            return Product(number, (*above, inner), below, None)
        return Product(number, above, below, (inner,))

    def _merged_diagonals(self, chain: Chain) -> Chain:
        """A chain in which diag(u)diag(v) has become diag(u ⊙ v)."""
        merged: list[Node] = []
        for node in chain:
            if node.op == "diag" and merged and merged[-1].op == "diag":
                vectors = (node.args[0], merged.pop().args[0])
                entries = self.algebra.graph.node("hadamard", vectors, vectors[0].shape)
                node = self.algebra.graph.node("diag", (entries,), node.shape)
            merged.append(node)
        return tuple(merged)

    def _common_scalars(self, terms: list[Product]) -> tuple[Chain, Chain, list[Product]]:
        """The scalars that all terms are multiplied by, those that they are divided by, and the terms without them."""
        above = Counter(terms[0].above)
        powers = [self._bases(term.below) for term in terms]
        below = dict(powers[0])
        for term, own in zip(terms, powers, strict=True):
            above &= Counter(term.above)
            below = {base: min(power, own[base]) for base, power in below.items() if base in own}
        if not above and not below:
            return (), (), terms
        rest = [
            replace(
                term,
                above=tuple((Counter(term.above) - above).elements()),
                below=self._powers({base: power - below.get(base, 0) for base, power in own.items()}),
            )
            for term, own in zip(terms, powers, strict=True)
        ]
        return tuple(above.elements()), self._powers(below), rest

    def _bases(self, factors: Chain) -> Mapping[Node, Fraction]:
        """Scalar factors as powers of what they are powers of: ‖r‖² as ‖r‖ and 2."""
        powers: dict[Node, Fraction] = {}
        for node in factors:
            base, power = node, Fraction(1)
            if node.op == "sumsq":
                base, power = self.algebra.graph.node("norm2", node.args, SCALAR), Fraction(2)
            elif node.op == "sqrt":
                base, power = node.args[0], Fraction(1, 2)
            elif node.op in ("intpower", "power") and isinstance(node.args[1].data, Fraction):
                base, power = node.args[0], node.args[1].data
            powers[base] = powers.get(base, Fraction(0)) + power
        return powers

    def _powers(self, powers: Mapping[Node, Fraction]) -> Chain:
        return tuple(self.algebra.power(base, power) for base, power in powers.items() if power)

    def _rest(self, terms: list[Product], shape: Shape, derived: bool) -> Node:
        """The sum that is left when a factor is taken out; the identity stands for a term that was the factor."""
        identity = (self.algebra.identity(shape),)
        self._depth += 1
        rest = [term if term.chain else replace(term, chain=identity) for term in terms]
        result = self.sum(rest, shape, derived)
        self._depth -= 1
        return result

    # Sums and products -----------------------------------------------------------------------------------------

    def _add(self, terms: list[Product], shape: Shape) -> Node:
        """The sum, a positive term first."""
        if terms[0].coefficient.numerator < 0:
            terms = sorted(terms, key=lambda term: term.coefficient < 0)
        result: Node | None = None
        for term, kept in zip(terms, self._kept(terms), strict=True):
            negative, node = self._product(term, kept)
            if result is None and negative:
                node = self.algebra.neg(node)
            if term.chain is None:
                node = self.algebra.fill(node, shape)
            if result is None:
                result = node
            else:
                result = self.algebra.graph.node("sub" if negative else "add", (result, node), shape)
        assert result is not None
        return result

    def _kept(self, terms: list[Product]) -> list[Set[Node]]:
        """For each term the closed sums in it that others have too."""
        if len(terms) < 2 or not self._terms:
            return [frozenset()] * len(terms)
        closed = [self._closed_sums(term) for term in terms]
        uses = Counter(node for own in closed for node in own)
        return [{node for node in own if uses[node] > 1} for own in closed]

    def _product(self, term: Product, kept: Set[Node]) -> tuple[bool, Node]:
        """A product without its sign, and whether the sign is minus; the sums ``kept`` in it are not turned."""
        algebra = self.algebra
        coefficient = term.coefficient
        chain, above = _without_multiples(term.chain), term.above
        if chain is not term.chain:
            above = (*above, *(node.args[0] for node in chain_of(term) if _is_multiple(node)))
        if coefficient.numerator < 0:
            turned_chain = self._turn(chain, kept) if chain else None
            turned_above = self._turn(above, kept) if turned_chain is None else None
            if turned_chain is not None or turned_above is not None:
                chain, above = turned_chain or chain, turned_above or above
                coefficient = -coefficient
        node = algebra.product(chain) if chain else None
        for scalar in sorted(above, key=_is_compound)[::-1]:
            node = scalar if node is None else algebra.scale(scalar, node)
        whole = term.below or coefficient.denominator == 1
        number: Fraction | int = abs(coefficient.numerator) if whole else abs(Fraction(coefficient))
        if node is None or number != 1:
            node = algebra.number(number) if node is None else algebra.scale(algebra.number(number), node)
        if term.below:
            below = algebra.number(coefficient.denominator)
            for scalar in term.below:
                below = algebra.scale(below, scalar)
            node = algebra.over(node, below)
        return coefficient.numerator < 0, node

    def _closed_sums(self, term: Product) -> Set[Node]:
        """The closed sums in a term that can be turned."""
        found: set[Node] = set()
        layer = {*(term.chain or ()), *term.above}
        for _ in range(_DEEPEST_TURN):
            if not layer:
                break
            found |= layer & self._terms.keys()
            layer = {arg for node in layer if node.op in _TURNED for arg in node.args}
        return found

    def _turn(self, chain: Sequence[Node], kept: Set[Node], depth: int = 0) -> tuple[Node, ...] | None:
        """The chain with one closed sum a − b in it written b − a, none that is ``kept``; None where it has none."""
        for place, node in enumerate(chain):
            if sum(plain(other) is plain(node) for other in chain) > 1:
                continue  # −rrᵀ stays: turning one of the two would hide that they are equal
            turned = self._turned(node, kept, depth)
            if turned is not None:
                return (*chain[:place], turned, *chain[place + 1 :])
        return None

    def _turned(self, node: Node, kept: Set[Node], depth: int) -> Node | None:
        if node in kept:
            return None  # (Y − T)Vᵀ − Y ⊙ (Y − T) stays, as −rrᵀ does
        terms = self._terms.get(node)
        if terms is not None:
            return self.sum([replace(term, coefficient=-term.coefficient) for term in terms], node.shape)
        if node.op in _TURNED and depth < _DEEPEST_TURN:
            turned = self._turn(node.args, kept, depth + 1)
            if turned is not None:
                return self.algebra.graph.node(node.op, turned, node.shape)
        return None


def _is_multiple(node: Node) -> bool:
    """Whether a factor is a scalar times the identity."""
    return node.op == "scale" and node.args[1].op == "identity"


def _without_multiples(chain: Chain | None) -> Chain | None:
    """A chain without its scalar multiples of the identity; unchanged where it is nothing else."""
    if chain is None or len(chain) == 1 or not any(map(_is_multiple, chain)):
        return chain
    return tuple(node for node in chain if not _is_multiple(node)) or chain


def _are_transposed(products: Sequence[Product]) -> bool:
    """Whether all products are matrices and most of their factors are transposed."""
    factors = [node for product in products for node in product.chain or ()]
    transposed = sum(node.op == "transpose" for node in factors)
    return all(product.chain for product in products) and 2 * transposed > len(factors)


def _has_commutation(term: Product) -> bool:
    """Whether a product has K in it: I + K is written in this order."""
    return "commutation" in [node.op for node in term.chain or ()]


def _is_compound(scalar: Node) -> bool:
    """Whether a scalar is more than a name: −2α exp(−α²), with the name first."""
    return bool(scalar.args[0].args if scalar.op == "intpower" else scalar.args)


_OWN_LENGTH = {
    "variable": 1,
    "number": 1,
    "pi": 1,
    "size": 1,
    "identity": 1,
    "ones": 1,
    "selection": 1,
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
    "contract": 3,
    "sum": 3,
}
