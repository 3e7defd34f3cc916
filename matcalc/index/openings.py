"""Closed sums that a derivative has as factors, multiplied out where it reads better.

The Hessian of f(Ax) is AᵀHA.  The sweep gives it as AᵀS, where S = HA is a sum whose terms all have A: multiplied out,
both can be taken out again, Aᵀ(I − rrᵀ/‖r‖²)A/‖r‖ rather than (A/‖r‖ − rrᵀA/‖r‖³)ᵀA.

A quotient rule leaves sums of quotients: (3(aᵀx)x/‖x‖⁴ − a/‖x‖²)xᵀ/‖x‖ is 3(aᵀx)xxᵀ/‖x‖⁵ − axᵀ/‖x‖³, whose parts meet
others over the same denominator.
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.index.settle import Settling
from matcalc.index.terms import Atom, Index, Legs, Term, copy_terms, instance

_LONGEST = 6  # terms of a sum that is multiplied out
_MOST = 8  # terms of a value in which sums are multiplied out


def multiplied_out(terms: Sequence[Term], legs: Legs, settling: Settling) -> list[Term] | None:
    """Settled terms in which closed sums of quotients, and those whose terms all have the matrix before the sum, are
    multiplied out; None where there is no such sum.
    """
    if len(terms) > _MOST:
        return None
    parts: list[Term] = []
    for term in terms:
        places = range(len(term.factors))
        alone = len(terms) == 1  # quotients that meet no others stay
        place = next(
            (i for i in places if _meets_itself(term, i) or (not alone and _is_of_quotients(term, i))), None
        )
        if place is None:
            parts.append(term)
            continue
        atom, ends, _ = term.factors[place]
        rest = [factor for i, factor in enumerate(term.factors) if i != place]
        for inner in instance(atom.args[0], ends):
            parts.append(
                Term(inner.coefficient * term.coefficient, rest + inner.factors, term.bound + inner.bound)
            )
    if len(parts) == len(terms):
        return None
    free = {index.root(): index.root() for index in legs}
    return settling.collect(copy_terms(parts, free), legs)


def _meets_itself(term: Term, place: int) -> bool:
    """Whether the factor at a place is a closed sum, and a matrix on one of its bound indices is in all its terms."""
    atom, ends, power = term.factors[place]
    if atom.kind != "sum" or power != 1 or len(ends) != 2 or len(atom.args[0].terms) > _LONGEST:
        return False
    bound: set[Index] = set(term.bound)
    inner = instance(atom.args[0], ends)
    return any(
        other is not atom
        and len(legs) == 2
        and any(
            leg in bound and leg in ends and _all_end_in(inner, other, _opposite(ends, leg)) for leg in legs
        )
        for other, legs, _ in term.factors
    )


def _opposite(ends: Legs, near: Index) -> Index:
    return ends[1] if ends[0] is near else ends[0]


def _all_end_in(terms: Sequence[Term], atom: Atom, end: Index) -> bool:
    """Whether all terms have the factor at this end, as those of HA and A have A."""
    return all(any(other is atom and end in legs for other, legs, _ in part.factors) for part in terms)


def _is_of_quotients(term: Term, place: int) -> bool:
    """Whether the factor at a place is a closed sum of vectors or matrices that all are divided by scalars."""
    atom, ends, power = term.factors[place]
    return (
        atom.kind == "sum"
        and power == 1
        and 0 < len(ends) <= 2
        and len(atom.args[0].terms) <= _LONGEST
        and all(any(not legs and own < 0 for _, legs, own in part.factors) for part in atom.args[0].terms)
    )
