"""The factors of one term, by base: how they multiply, and what identities among them do."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from matcalc.index.terms import Atom, Exponent, Factor, Index, Legs, Powers, Term

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
    key = base(atom, tuple(leg.root() for leg in legs))
    total = 1 if atom.kind in ("identity", "pairing", "inclusion") else powers.pop(key, 0) + power
    if total:
        powers[key] = total


def join_identities(term: Term, bound: set[Index]) -> None:
    """δ[i,k] with a bound index renames it; δ[k,k] over a bound k leaves its size to be counted."""
    if not any(atom.kind == "identity" for atom, _, _ in term.factors):
        return
    kept: list[Factor] = []
    for factor in term.factors:
        if factor[0].kind != "identity" or not _joined(factor[1][0].root(), factor[1][1].root(), bound):
            kept.append(factor)
    term.factors = kept


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
    power = Fraction(power)
    if number == 0 or (number < 0 and power.denominator != 1) or abs(power) > _LARGEST_POWER:
        return None
    if power.denominator == 1:
        return Fraction(number ** int(power))
    if power.denominator == 2:
        over, under = isqrt(number.numerator), isqrt(number.denominator)
        if over * over == number.numerator and under * under == number.denominator:
            return Fraction(over, under) ** int(2 * power)
    return None
