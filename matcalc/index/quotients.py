"""Quotients of a sum of products by itself: (A ⊙ B)𝟏 ⊘ r is 𝟏 where r is (A ⊙ B)𝟏, and aᵀBc/(aᵀBc) is 1.

What a term is divided by is one closed factor; the same sum above the line is open, factors that bound indices connect.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from matcalc.index.canonical import components, term_key
from matcalc.index.factors import multiply
from matcalc.index.terms import Atom, Exponent, Factor, Form, Index, Legs, Powers, Term

Part = tuple[list[Factor], list[Index]]  # factors, and the bound indices that connect them
Signature = tuple[tuple[int, Exponent], ...]


def cancel_sums(term: Term, powers: Powers, bound: set[Index]) -> bool:
    """Cancel a sum of products that the term is also divided by; False where there is none."""
    present = {atom for atom, _ in powers}
    parts: dict[frozenset[Index], dict[Signature, list[Part]]] = {}  # found once for all sums over the same
    for (atom, legs), power in powers.items():
        if atom.kind != "sum" or power > 0 or not _is_product(atom.args[0], present):
            continue
        over = frozenset(legs)
        if over not in parts:
            parts[over] = _parts(over, powers, bound)
        alike = parts[over].get(_signature(atom.args[0].terms[0].factors), ())
        found = next((part for part in alike if _is_equal(part, atom, legs)), None)
        if found is None:
            continue
        factors, summed = found
        for inner, ends, _ in factors:
            del powers[(inner, ends)]
        bound.difference_update(summed)
        term.coefficient /= Fraction(atom.args[0].terms[0].coefficient)
        multiply(powers, (atom, legs, 1))
        return True
    return False


def _is_product(form: Form, present: set[Atom]) -> bool:
    """Whether a form is one sum of products of atoms that are all present."""
    (first, *others) = form.terms
    return not others and bool(first.bound) and present.issuperset([atom for atom, _, _ in first.factors])


def _parts(over: frozenset[Index], powers: Powers, bound: set[Index]) -> dict[Signature, list[Part]]:
    """The sums of products over these indices among the factors of a term, by the atoms that they have."""
    every = {leg for _, ends in powers for leg in ends}
    outer = {leg: place for place, leg in enumerate(every - bound | over)}
    _, parts = components(Term(1, [(*key, power) for key, power in powers.items()], []), outer)
    found: dict[Signature, list[Part]] = {}
    for factors, summed in parts:
        if {leg for _, ends, _ in factors for leg in ends} <= over.union(summed):
            found.setdefault(_signature(factors), []).append((factors, summed))
    return found


def _signature(factors: Sequence[Factor]) -> Signature:
    return tuple(sorted([(atom.id, power) for atom, _, power in factors]))


def _is_equal(part: Part, atom: Atom, legs: Legs) -> bool:
    """Whether factors are what a closed sum over ``legs`` is a sum of."""
    form = atom.args[0]
    wanted = term_key(form.terms[0], [leg.root() for leg in form.legs])
    ways = [legs, legs[::-1]] if atom.symmetric else [legs]
    return any(term_key(Term(1, *part), list(way)) == wanted for way in ways)
