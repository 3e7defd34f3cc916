"""The factors of one term, by base: how they multiply, and what identities among them do."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import isqrt

from matcalc.index.terms import Atom, Exponent, Factor, Index, Legs, Powers, Term, roots

IDENTITY = Atom("identity", None, (), -1, True, ())
_LARGEST_POWER = 64  # of a number that is worked out


def base(atom: Atom, legs: Legs) -> tuple[Atom, Legs]:
    """What tells factors apart but for their powers; the legs of a symmetric atom are sorted."""
    if atom.symmetric and len(legs) == 2 and legs[0].id > legs[1].id:
        return atom, legs[::-1]
    return atom, legs


def multiply(powers: Powers, factor: Factor) -> None:
    """Multiply a factor in; powers of one base add."""
    atom, legs, power = factor
    key = (atom, roots(legs))
    if atom.symmetric:
        key = base(*key)
    before = powers.pop(key, 0)
    # The identity, the triangle of ones and the like hold 0 and 1 alone: their powers are themselves.
    of_bits = atom.kind in ("identity", "pairing", "inclusion") or (
        atom.kind == "function" and atom.data == "tril"
    )
    total = 1 if of_bits and before >= 0 and power > 0 else before + power
    if total:
        powers[key] = total


def has_identity(term: Term) -> bool:
    """Whether an identity is among the factors of a term."""
    return "identity" in [factor[0].kind for factor in term.factors]


def join_identities(term: Term, bound: set[Index]) -> None:
    """δ[i,k] with a bound index renames it; δ[k,k] over a bound k leaves its size to be counted."""
    kept: list[Factor] = []
    for factor in term.factors:
        if factor[0].kind != "identity" or not _joined(factor[1][0].root(), factor[1][1].root(), bound):
            kept.append(factor)
    term.factors = kept


def share_names(term: Term, free: list[Index]) -> None:
    """Free indices that identities make equal get the name of the first of them, but in those identities.

    A[i,j]δ[i,j] is A[i,i]δ[i,j]; δ[i,k]δ[k,j] is δ[i,j]δ[i,k].
    """
    if not has_identity(term):
        return
    order = {index: place for place, index in enumerate(free)}
    equal: dict[Index, list[Index]] = {}
    spare: list[int] = []  # the places of those identities
    for place, (atom, legs, _) in enumerate(term.factors):
        ends = list(roots(legs))
        if atom.kind == "identity" and all(end in order for end in ends):
            spare.append(place)
            joined = sorted(
                {*equal.get(ends[0], ends[:1]), *equal.get(ends[1], ends[1:])}, key=order.__getitem__
            )
            equal.update(dict.fromkeys(joined, joined))
    if not spare:
        return
    first = {index: joined[0] for index, joined in equal.items()}
    kept: dict[int, Factor] = {}
    for place, (atom, legs, power) in enumerate(term.factors):
        if place not in spare:
            kept[place] = (atom, tuple(first.get(root := leg.root(), root) for leg in legs), power)
    pairs = [
        (first[index], index) for index in sorted(equal, key=order.__getitem__) if first[index] is not index
    ]
    kept.update({place: (IDENTITY, pair, 1) for place, pair in zip(spare, pairs, strict=False)})
    term.factors = [kept[place] for place in sorted(kept)]


def _joined(left: Index, right: Index, bound: set[Index]) -> bool:
    """Make two indices one where one of them is bound; False where neither is."""
    if left is right:
        return True
    if left not in bound:
        left, right = right, left
    if left not in bound:
        return False
    left.join(right)
    bound.discard(left)
    return True


def merge_equal(term: Term, free: Sequence[Index]) -> Term:
    """A settled term in which free indices that identities make equal have one name but in those identities.

    x[j]δ[i,j] is x[i]δ[i,j]: of equal indices the first one stands for all.
    """
    pairs = [ends for atom, ends, _ in term.factors if atom.kind == "identity"]
    if not pairs:
        return term
    place = {leg: number for number, leg in reversed(list(enumerate(free)))}
    first = {leg: leg for leg in place}
    for ends in pairs:
        if ends[0] in first and ends[1] in first:
            kept, gone = sorted((first[leg] for leg in ends), key=place.__getitem__)
            first = {leg: kept if other is gone else other for leg, other in first.items()}
    factors: list[Factor] = [
        (atom, tuple(first.get(leg, leg) for leg in ends), power)
        for atom, ends, power in term.factors
        if atom.kind != "identity" or not (ends[0] in first and ends[1] in first)
    ]
    factors += [(IDENTITY, (kept, leg), 1) for leg, kept in first.items() if kept is not leg]
    return Term(term.coefficient, factors, term.bound)


def identify(powers: Powers, left: Index, right: Index, bound: set[Index]) -> None:
    """Multiply δ[left, right] in: rename the index that is bound, keep an identity where neither is."""
    if not _joined(left, right, bound):
        multiply(powers, (IDENTITY, (left, right), 1))
        return
    for key in list(powers):
        if any(leg.root() is not leg for leg in key[1]):
            multiply(powers, (key[0], key[1], powers.pop(key)))


def rational_power(number: Fraction, power: Exponent) -> Fraction | None:
    """number^power where that is a rational number."""
    if number == 1:
        return number
    if (
        number == 0
        or (number < 0 and power.denominator != 1)
        or not -_LARGEST_POWER <= power <= _LARGEST_POWER
    ):
        return None
    if power.denominator == 1:
        return Fraction(number ** int(power))
    if power.denominator == 2:
        over, under = isqrt(number.numerator), isqrt(number.denominator)
        if over * over == number.numerator and under * under == number.denominator:
            return Fraction(over, under) ** int(2 * power)
    return None
