"""Common factors of the terms of a sum: which can be taken out, and what that saves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from math import gcd, lcm
from typing import NamedTuple

from matcalc.graph.node import Node
from matcalc.index.network import Product

BRACKETS = 2  # characters that a factored sum costs


class Group(NamedTuple):
    """Terms that share a factor: at the left or right end of their chains or at both, the whole chain, above or below,
    or a number.  Of the matrices of a factor at the ends, ``left`` stand at the left.
    """

    side: str
    members: tuple[int, ...]
    factor: tuple[Node, ...]
    left: int = 0

    def needed(self, terms: Sequence[Product], count: int) -> int:
        """How many characters taking the factor out of these terms, of ``count``, must save to be worth while."""
        if self.side in ("left", "right"):
            rest = [len(chain_of(term)) - len(self.factor) for term in terms]
            if all(length == 1 for length in rest) or any(is_diagonal(self.without(term)) for term in terms):
                return -1  # (A + Aᵀ)x rather than Ax + Aᵀx, (diag(p) − ppᵀ)W
            outermost = self.factor[0] if self.side == "left" else self.factor[-1]
            return 4 if 0 in rest or None in outermost.shape else 0
        if self.side == "number":  # 2(x − As), but 2(As − x)sᵀ + 2γA
            return -1 if len(terms) == count and not any(_has_brackets(term) for term in terms) else 1
        return -1 if self.side == "chain" else 0  # (s + 1)I rather than sI + I

    def without(self, term: Product) -> Product:
        """A term without the factor."""
        if self.side in ("left", "right", "both"):
            right = len(self.factor) - self.left
            return replace(term, chain=chain_of(term)[self.left : len(chain_of(term)) - right])
        if self.side == "chain":
            return replace(term, chain=None)
        if self.side == "above":
            above = list(term.above)
            above.remove(self.factor[0])
            return replace(term, above=tuple(above))
        return replace(term, below=()) if self.side == "below" else term


def groups(terms: Sequence[Product]) -> Iterator[Group]:
    """All ways to take one factor out of two terms or more."""
    offers: dict[tuple[str, object], list[int]] = {}
    divided = all(term.below == terms[0].below for term in terms)  # alike, as a mean is by n
    for place, term in enumerate(terms):
        for offer in _offers(term, divided):
            offers.setdefault(offer, []).append(place)
    for (side, what), members in offers.items():
        if len(members) < 2:
            continue
        factor: tuple[Node, ...] = ()
        left = 0
        if side == "left":
            factor = _common([chain_of(terms[place]) for place in members])
            left = len(factor)
        elif side == "right":
            factor = _common([chain_of(terms[place])[::-1] for place in members])[::-1]
        elif side == "both":
            left, factor = _common_ends([chain_of(terms[place]) for place in members])
        elif side == "chain":
            factor = chain_of(terms[members[0]])
        elif side == "above":
            factor = (what,)  # type: ignore[assignment]
        elif side == "below":
            factor = what  # type: ignore[assignment]
        yield Group(side, tuple(members), factor, left)


def _offers(term: Product, divided: bool) -> list[tuple[str, object]]:
    """What can be taken out of a term; of its chain only where no other term is ``divided`` by something else."""
    chain = term.chain
    offers: list[tuple[str, object]] = []
    if chain and (divided or not term.below) and len(chain[0].shape) == 2:
        # Without an end, a chain must still have both axes: from a lone vector nothing can be taken.
        if len(chain) > 1 or chain[0].shape[1] is not None:
            offers.append(("left", chain[0]))
        if len(chain) > 1 or chain[0].shape[0] is not None:
            offers.append(("right", chain[-1]))
    if chain and len(chain) > 1 and None not in chain[-1].shape and plain(chain[0]) is plain(chain[-1]):
        offers.append(("both", (chain[0], chain[-1])))
    if chain:
        offers.append(("chain", chain))
    if chain or len(term.above) > 1 or term.below:
        offers += [("above", node) for node in dict.fromkeys(term.above)]
    if term.below:
        offers.append(("below", term.below))
    if term.coefficient not in (1, -1):
        offers.append(("number", abs(term.coefficient)))
    return offers


def _common(chains: Sequence[tuple[Node, ...]]) -> tuple[Node, ...]:
    """The longest common beginning that leaves something of every chain, or the first node if one is only that."""
    shortest = min(chains, key=len)
    length = 1
    while length < len(shortest) - 1 and all(chain[length] is shortest[length] for chain in chains):
        length += 1
    return shortest[:length]


def _common_ends(chains: Sequence[tuple[Node, ...]]) -> tuple[int, tuple[Node, ...]]:
    """The matrices that all chains begin and end with, and how many they begin with; a matrix is left between."""
    shortest = min(map(len, chains))
    left, right = 1, 1
    while left + right < shortest and _agree([chain[left] for chain in chains]):
        left += 1
    while left + right < shortest and _agree([chain[-right - 1] for chain in chains]):
        right += 1
    return left, (*chains[0][:left], *chains[0][-right:])


def _agree(nodes: Sequence[Node]) -> bool:
    """Whether nodes are the same matrix."""
    return None not in nodes[0].shape and all(node is nodes[0] for node in nodes)


def shared_digits(terms: Sequence[Product]) -> int:
    """The characters of the number that terms share."""
    content = shared_number(terms)
    return 0 if content == 1 else len(str(content.numerator)) + (content.denominator != 1)


def shared_divisor(terms: Sequence[Product], group: Group) -> tuple[Node, ...]:
    """What terms are divided by that goes below the whole when a factor at an end of their chains is taken out.

    Not where the factor is all of a chain: (κx + AᵀAx)/ν² rather than (κI + AᵀA)x/ν².
    """
    whole = any(len(chain_of(term)) == len(group.factor) for term in terms if term.chain)
    same = all(term.below == terms[0].below for term in terms)
    return terms[0].below if group.side in ("left", "right", "both") and same and not whole else ()


def shared_number(terms: Sequence[Product]) -> Fraction:
    """The largest positive number that divides all coefficients."""
    over = gcd(*(term.coefficient.numerator for term in terms))
    under = lcm(*(term.coefficient.denominator for term in terms))
    return Fraction(over, under)


def chain_of(term: Product) -> tuple[Node, ...]:
    """The chain of a term that has one."""
    assert term.chain is not None
    return term.chain


def plain(node: Node) -> Node:
    """A node without its transpose."""
    return node.args[0] if node.op == "transpose" else node


def is_diagonal(term: Product) -> bool:
    """Whether a term is diag(v), but for scalars."""
    return term.chain is not None and len(term.chain) == 1 and term.chain[0].op == "diag"


def _has_brackets(term: Product) -> bool:
    compound = ("add", "sub", "neg", "hadamard", "eldivide", "matmul")
    return any(plain(node).op in compound for node in (*(term.chain or ()), *term.above, *term.below))
