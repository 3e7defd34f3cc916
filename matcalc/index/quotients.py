"""Quotients of a sum of products by itself: (A ⊙ B)𝟏 ⊘ r is 𝟏 where r is (A ⊙ B)𝟏, and aᵀBc/(aᵀBc) is 1.

What a term is divided by is one closed factor; the same sum above the line is open, factors that bound indices connect.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.index.canonical import components, term_key
from matcalc.index.factors import multiply
from matcalc.index.terms import Atom, Factor, Form, Index, Legs, Powers, Term


def cancel_sums(term: Term, powers: Powers, bound: set[Index]) -> bool:
    """Cancel a sum of products that the term is also divided by; False where there is none."""
    present = {atom for atom, _ in powers}
    for (atom, legs), power in powers.items():
        if atom.kind != "sum" or power > 0 or not _is_product(atom.args[0], present):
            continue
        found = _found(atom, legs, powers, bound)
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


def _found(
    atom: Atom, legs: Legs, powers: Powers, bound: set[Index]
) -> tuple[list[Factor], list[Index]] | None:
    """The factors among ``powers`` that make up a closed sum over ``legs``, and their bound indices."""
    form = atom.args[0]
    own = [leg.root() for leg in form.legs]
    wanted = term_key(form.terms[0], own)
    every = {leg for _, ends in powers for leg in ends}
    outer = {leg: place for place, leg in enumerate(every - bound | set(legs))}
    factors = [(inner, ends, power) for (inner, ends), power in powers.items()]
    _, parts = components(Term(1, factors, []), outer)
    ways = [legs, legs[::-1]] if atom.symmetric else [legs]
    for part, summed in parts:
        ends = {leg for _, around, _ in part for leg in around}
        if len(part) != len(form.terms[0].factors) or not ends <= {*legs, *summed}:
            continue
        if any(term_key(Term(1, part, summed), list(way)) == wanted for way in ways):
            return part, summed
    return None
