"""What the factors of one term make of each other: squares, inverses, and sums that a factor shortens."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from matcalc.index.canonical import Forms
from matcalc.index.factors import base, identify, multiply
from matcalc.index.terms import Atom, Exponent, Form, Index, Legs, Powers, Term, instance, roots

Close = Callable[[list[Term], Legs], Term]


def close_squares(powers: Powers, bound: set[Index], forms: Forms) -> bool:
    """A sum of squares is a squared norm: x[k]² over k is ‖x‖², so that it meets other powers of the norm."""
    for (atom, legs), power in powers.items():
        if power != 2 or not legs or not bound.issuperset(legs) or len(set(legs)) != len(legs):
            continue
        if any(
            leg in other_legs
            for other, other_legs in powers
            if (other, other_legs) != (atom, legs)
            for leg in legs
        ):
            continue
        form = atom.args[0] if atom.kind == "sum" else forms.form(legs, [Term(1, [(atom, legs, 1)], [])])[0]
        del powers[(atom, legs)]
        bound.difference_update(legs)
        multiply(powers, (forms.atom("function", "norm2", (form,), columns=(True,)), (), 2))
        return True
    return False


def cancel_inverses(powers: Powers, bound: set[Index]) -> bool:
    """inv(A) A is the identity where the index between them has no other factor."""
    for (atom, legs), power in powers.items():
        if atom.kind != "function" or atom.data != "inv" or power != 1 or legs[0] is legs[1]:
            continue
        for place in (0, 1):
            middle = legs[place]
            around = [key for key in powers if middle in key[1]] if middle in bound else []
            if len(around) != 2:
                continue
            other = around[0] if around[1] == (atom, legs) else around[1]
            outer = _inverted_leg(atom.args[0], other, place, middle)
            if outer is None or powers[other] != 1 or outer is middle:
                continue
            del powers[other], powers[(atom, legs)]
            bound.discard(middle)
            identify(powers, legs[1 - place], outer, bound)
            return True
    return False


def _inverted_leg(form: Form, other: tuple[Atom, Legs], place: int, middle: Index) -> Index | None:
    """The outer index of the factor that an inverse cancels, where it is what the inverse inverts."""
    atom, legs = other
    if len(legs) != 2:
        return None
    own = (0, 1)
    if atom.kind == "sum":
        if atom.args[0] is not form:
            return None
    else:
        if len(form.terms) != 1 or len(form.terms[0].factors) != 1 or form.terms[0].coefficient != 1:
            return None
        inner_atom, inner, power = form.terms[0].factors[0]
        if inner_atom is not atom or power != 1 or inner[0].root() is inner[1].root():
            return None
        first, second = map(roots(form.legs).index, roots(inner))
        own = (first, second)
    # inv(F)[a,b] F[b,c]: the leg of F that is contracted with leg `place` of the inverse is leg 1 − place of F.
    contracted = own.index(1 - place)
    if legs[contracted] is middle:
        return legs[1 - contracted]
    return legs[contracted] if atom.symmetric and legs[1 - contracted] is middle else None


def distribute(term: Term, powers: Powers, bound: set[Index], close: Close, forms: Forms) -> bool:
    """Multiply a factor into a closed sum that it makes shorter: y ⊙ (t ⊘ y − c) is t − cy."""
    present = {atom for atom, _ in powers}
    for (atom, legs), power in powers.items():
        if atom.kind != "sum" or power not in (1, -1):
            continue
        key = _shortening(atom.args[0], legs, powers, present, power)
        if key is None and power == 1 and len(legs) == 2:
            key = _weight(atom.args[0], legs, powers, bound)
        if key is None:
            continue
        other_power = powers.pop(key) * power
        del powers[(atom, legs)]
        terms = instance(atom.args[0], legs)
        for inner in terms:
            inner.factors.append((*key, other_power))
        every_leg = tuple(dict.fromkeys((*legs, *key[1])))
        product = close(terms, every_leg)
        if power == -1 and product.bound:
            form, turned = forms.form(every_leg, [product])
            closed = forms.atom("sum", None, (form,), form.symmetric)
            product = Term(1, [(closed, every_leg[::-1] if turned else every_leg, 1)], [])
        term.coefficient *= Fraction(product.coefficient) ** int(power)
        for inner_atom, inner_legs, inner_power in product.factors:
            multiply(powers, (inner_atom, inner_legs, inner_power * power))
        bound.update(roots(product.bound))
        return True
    return False


def _weight(form: Form, legs: Legs, powers: Powers, bound: set[Index]) -> tuple[Atom, Legs] | None:
    """A vector that a term constant along it is made of: diag(y)(A − 𝟏yᵀA) is diag(y)A − yyᵀA.

    Not where the index is summed and nothing else has it: yᵀ(A − 𝟏yᵀA) stays, as diag(y)(X − 𝟏cᵀ) and diag(y)(1 − A) do.
    """
    for own, leg in zip(form.legs, legs, strict=True):
        constant = [
            atom
            for term in form.terms
            if all(own.root() is not inner.root() for _, ends, _ in term.factors for inner in ends)
            for atom, _, _ in term.factors
        ]
        around = [key for key in powers if leg in key[1]] if constant else []
        weight = next((key for key in around if len(key[1]) == 1 and powers[key] == 1), None)
        if weight is not None and weight[0] in constant and (leg not in bound or len(around) > 2):
            return weight
    return None


def _shortening(
    form: Form, legs: Legs, powers: Powers, present: set[Atom], sign: Exponent
) -> tuple[Atom, Legs] | None:
    """A factor of the term that takes away more factors of the sum's terms than it brings.

    It clears a denominator of half the terms at least, or cancels in all of them.
    """
    gone: dict[tuple[Atom, Legs], int] = {}
    for term in form.terms:
        for atom, inner, power in term.factors:
            if atom not in present:
                continue
            outer = tuple(map(dict(zip(roots(form.legs), legs, strict=True)).get, roots(inner)))
            if None in outer:
                continue
            key = base(atom, outer)  # type: ignore[arg-type]
            if powers.get(key) == -power * sign:
                gone[key] = gone.get(key, 0) + 1
                if gone[key] * (2 if power < 0 else 1) >= len(form.terms):
                    return key
    return None
