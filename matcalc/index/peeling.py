"""Inverses of products of square matrices lose the factors that stand beside them: X(AX)⁻¹ is A⁻¹."""

from __future__ import annotations

from matcalc.index.canonical import Forms
from matcalc.index.factors import multiply
from matcalc.index.terms import Atom, Index, Legs, Powers, Term, copy_terms, instance


def peel_inverses(powers: Powers, bound: set[Index], forms: Forms) -> bool:
    """Cancel a factor against the same one at the near end of an inverted product; False where there is none.

    P(FP)⁻¹ = F⁻¹ and (PF)⁻¹P = F⁻¹ where P is square.  As the product has an inverse, so has F, and nothing is lost.
    """
    for (atom, legs), power in powers.items():
        if atom.kind != "function" or atom.data != "inv" or power != 1 or legs[0] is legs[1]:
            continue
        for place in (0, 1):
            peeled = _peeled(atom, legs, place, powers, bound, forms)
            if peeled is None:
                continue
            neighbour, left = peeled
            del powers[neighbour], powers[(atom, legs)]
            bound.discard(legs[place])
            bound.update(left.bound)
            for factor in left.factors:
                multiply(powers, factor)
            return True
    return False


def _peeled(
    atom: Atom, legs: Legs, place: int, powers: Powers, bound: set[Index], forms: Forms
) -> tuple[tuple[Atom, Legs], Term] | None:
    """The factor that goes at one leg of an inverse, and the inverse of what is left."""
    middle, form = legs[place], atom.args[0]
    around = [key for key in powers if middle in key[1]] if middle in bound else []
    if len(around) != 2 or len(form.terms) != 1 or form.terms[0].coefficient != 1:
        return None
    neighbour = around[0] if around[1] == (atom, legs) else around[1]
    beside, its_legs = neighbour
    if powers[neighbour] != 1 or len(its_legs) != 2 or its_legs[0] is its_legs[1]:
        return None
    # inv(F)[a,b] F[b,c]: leg `place` of the inverse meets leg 1 − place of what it inverts.
    near, far = form.legs[1 - place].root(), form.legs[place].root()
    factors = form.terms[0].factors
    ends = [factor for factor in factors if near in (leg.root() for leg in factor[1])]
    if len(ends) != 1 or ends[0][0] is not beside or ends[0][2] != 1:
        return None
    end_legs = [leg.root() for leg in ends[0][1]]
    inner = end_legs[1 - end_legs.index(near)]
    same_way = its_legs[end_legs.index(near)] is middle
    inner_bound = [index for index in form.terms[0].bound if index.root() is not inner]
    if not (same_way or beside.symmetric) or len(inner_bound) == len(form.terms[0].bound):
        return None
    if inner.size != near.size:
        return None
    rest = [factor for factor in factors if factor is not ends[0]]
    kept = Index(far.size), Index(inner.size)
    terms = copy_terms([Term(1, rest, inner_bound)], {far: kept[0], inner: kept[1]})
    outer = its_legs[1 - its_legs.index(middle)]
    own = (outer, legs[1]) if place == 0 else (legs[0], outer)
    left = _inverse(terms, kept if place == 0 else kept[::-1], own, forms)
    return None if left is None else (neighbour, left)


def _inverse(terms: list[Term], legs: Legs, own: Legs, forms: Forms) -> Term | None:
    """The inverse of a term over ``legs`` as a term over ``own``; None where it is that of a sum's inverse."""
    (term,) = terms
    atom, inner, power = term.factors[0]
    if len(term.factors) == 1 and atom.kind == "function" and atom.data == "inv" and power == 1:
        (inverted, *others) = instance(atom.args[0], own if inner == legs else own[::-1])
        return None if others or inverted.coefficient != 1 else inverted
    form, turned = forms.form(legs, terms)
    inverse = forms.atom("function", "inv", (form,), form.symmetric, (True,))
    return Term(1, [(inverse, own[::-1] if turned else own, 1)], [])
