"""Terms over the same indices put together: ``(VᵀV)[j,l]δ[i,k] + γδ[i,k]δ[j,l]`` is ``(VᵀV + γI)[j,l]δ[i,k]``.

Two terms with a common part can be added where what differs has the same free indices, two at most: the sum is then a
matrix, a vector or a scalar, which has matrix notation.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from itertools import combinations
from typing import NamedTuple

from matcalc.index.canonical import components, factor_key, part_key
from matcalc.index.factors import multiply
from matcalc.index.settle import Settling
from matcalc.index.terms import Factor, Index, Powers, Term, copy_terms

_MOST = 40  # terms among which common parts are looked for


class _Piece(NamedTuple):
    """Factors of a term that bound indices connect, or one factor without any; equal pieces have equal keys."""

    key: object
    factors: tuple[Factor, ...]
    bound: tuple[Index, ...]
    free: frozenset[Index]

    @property
    def weight(self) -> int:
        """About how long it is in print."""
        return sum(1 + len(legs) for _, legs, _ in self.factors)


_Pieces = list[_Piece]
_Keys = frozenset[tuple[object, int]]  # of pieces, and how often each occurs


def gathered(terms: list[Term], free: Sequence[Index], settling: Settling) -> list[Term]:
    """Settled terms over these free indices, those with a common part added inside one bracket where that is shorter."""
    terms = list(terms)
    pieces = [_pieces(term, free) for term in terms]
    while 1 < len(terms) <= _MOST:
        best = _best(pieces)
        if best is None:
            break
        members, common, legs = best
        first = members[0]
        inner = []
        for place in members:
            _, rest = _split(pieces[place], common)
            inner.append(_term(terms[place].coefficient, rest))
        total = settling.close(
            copy_terms(inner, {index: index for index in free}), tuple(sorted(legs, key=free.index))
        )
        outer, _ = _split(pieces[first], common)
        whole = _term(total.coefficient, outer)
        factors = sorted(whole.factors + total.factors, key=_is_sum)
        terms[first] = Term(total.coefficient, factors, total.bound + whole.bound)
        pieces[first] = _pieces(terms[first], free)
        gone = {place for place in members if place != first or not total.coefficient}
        terms = [term for place, term in enumerate(terms) if place not in gone]
        pieces = [each for place, each in enumerate(pieces) if place not in gone]
    return terms


def _is_sum(factor: Factor) -> bool:
    """Whether a factor is a closed sum, which stands behind others: r[i](1 − r)[i]."""
    return factor[0].kind == "sum"


def _pieces(term: Term, free: Sequence[Index]) -> _Pieces:
    colors = {index: place for place, index in enumerate(free)}
    loose, parts = components(term, colors)
    singles = [single for factor in loose for single in _factors_of_power(factor)]
    found = [_Piece(factor_key(factor, colors), (factor,), (), frozenset(factor[1])) for factor in singles]
    for factors, bound in parts:
        ends = frozenset(leg for _, legs, _ in factors for leg in legs if leg in colors)
        found.append(_Piece(part_key(factors, bound, colors), tuple(factors), tuple(bound), ends))
    return found


def _factors_of_power(factor: Factor) -> list[Factor]:
    """r² as r and r, so that it shares r with other terms."""
    atom, legs, power = factor
    return [(atom, legs, 1)] * int(power) if legs and power in (2, 3, 4) else [factor]


def _best(pieces: Sequence[_Pieces]) -> tuple[list[int], _Keys, frozenset[Index]] | None:
    """The terms whose addition saves most, what they have in common and the free indices of the rest."""
    offers: dict[tuple[_Keys, frozenset[Index]], tuple[int, dict[int, None]]] = {}
    for one, other in combinations(range(len(pieces)), 2):
        found = _common(pieces[one], pieces[other])
        if found is not None:
            weight, common, legs = found
            offers.setdefault((common, legs), (weight, {}))[1].update({one: None, other: None})
    if not offers:
        return None
    (common, legs), (_, members) = max(offers.items(), key=lambda offer: offer[1][0] * (len(offer[1][1]) - 1))
    return sorted(members), common, legs


def _common(one: _Pieces, other: _Pieces) -> tuple[int, _Keys, frozenset[Index]] | None:
    """What can be taken out of two terms: its weight, its pieces, and the free indices of what is left."""
    shared = Counter(piece.key for piece in one) & Counter(piece.key for piece in other)
    if not shared:
        return None
    outer, rest = _split(one, frozenset(shared.items()))
    rests = _split(other, frozenset(shared.items()))[1]
    legs, others = _legs(rest), _legs(rests)
    every = legs | others
    if legs != others and not _is_power_of_shared(
        rest, rests, shared
    ):  # p[i]δ[i,k] and p[i]p[k]: p[i] goes into the bracket, so that both have i and k
        outer = [piece for piece in outer if not piece.free or not piece.free <= every]
        back = frozenset(leg for piece in _split(one, _keys(outer))[1] for leg in piece.free)
        if back != _legs(_split(other, _keys(outer))[1]):
            return None
        every = back
    if len(every) > 2 or not _legs(outer):
        return None
    return sum(piece.weight for piece in outer), _keys(outer), every


def _is_power_of_shared(one: _Pieces, other: _Pieces, shared: Counter[object]) -> bool:
    """Whether one rest is a number and the other made of what both terms have: r and 2r² leave 1 and 2r."""
    return not (one and other) and all(piece.key in shared and not piece.bound for piece in (*one, *other))


def _split(pieces: _Pieces, common: _Keys) -> tuple[_Pieces, _Pieces]:
    """The pieces that are in the common part, and the others."""
    wanted = dict(common)
    outer, rest = [], []
    for piece in pieces:
        if wanted.get(piece.key, 0):
            wanted[piece.key] -= 1
            outer.append(piece)
        else:
            rest.append(piece)
    return outer, rest


def _keys(pieces: _Pieces) -> _Keys:
    return frozenset(Counter(piece.key for piece in pieces).items())


def _legs(pieces: _Pieces) -> frozenset[Index]:
    return frozenset(leg for piece in pieces for leg in piece.free)


def _term(coefficient: Fraction | int, pieces: _Pieces) -> Term:
    powers: Powers = {}
    for piece in pieces:
        for factor in piece.factors:
            multiply(powers, factor)
    factors = [(atom, legs, power) for (atom, legs), power in powers.items()]
    return Term(coefficient, factors, [index for piece in pieces for index in piece.bound])
