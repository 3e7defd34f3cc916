"""Settling a term: everything that its factors say to each other once their indices are known.

Equal factors join their powers, identities rename indices, inverses meet what they invert, and identities of
``rules/rewrites.toml`` apply.  After that a term has a canonical key.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import isqrt
from typing import Protocol

from matcalc.index.canonical import Forms, term_key
from matcalc.index.terms import Atom, Exponent, Factor, Form, Index, Legs, Powers, Term, copy_terms, instance


class Rewriting(Protocol):
    """What applies identities to the factors of a term."""

    def apply(self, term: Term, powers: Powers, bound: set[Index]) -> bool:
        """Apply one; False where none applies."""


class Settling:
    """Settles terms and collects equal ones; closes sums into atoms."""

    def __init__(self, forms: Forms, rewrites: Rewriting | None) -> None:
        self.forms = forms
        self.rewrites = rewrites

    def collect(self, terms: list[Term], legs: Legs) -> list[Term]:
        """Settled terms with equal ones added and zero ones dropped; sums that stand alone are opened."""
        free = [leg.root() for leg in legs]
        pending = list(reversed(terms))
        collected: dict[object, Term] = {}
        while pending:
            term = self.settle(pending.pop(), free)
            if not term.coefficient:
                continue
            opened = self._opened(term, free)
            if opened is not None:
                pending.extend(reversed(opened))
            elif not collected and not pending:
                return [term]
            else:
                _collect(term, free, collected)
        return [term for term in collected.values() if term.coefficient]

    def arrange(self, terms: list[Term], legs: Legs) -> list[Term]:
        """Collected terms for the eye: multiples of a sum stay closed where opening them lets nothing cancel."""
        free = [leg.root() for leg in legs]
        closed: dict[object, Term] = {}
        for term in terms:
            term = self.settle(term, free)
            if term.coefficient:
                _collect(term, free, closed)
        kept = [term for term in closed.values() if term.coefficient]
        multiples = [term for term in kept if abs(term.coefficient) != 1 and self._is_sum(term, free)]
        count = len(kept) + sum(
            len(term.factors[0][0].args[0].terms) - 1 for term in kept if self._is_sum(term, free)
        )
        opened = self.collect(copy_terms(kept, {index: index for index in free}), legs)
        return opened if not multiples or len(opened) < count else kept

    def _opened(self, term: Term, free: list[Index]) -> list[Term] | None:
        """The terms of a closed sum that is the only factor of a term."""
        if not self._is_sum(term, free):
            return None
        atom, legs, _ = term.factors[0]
        terms = instance(atom.args[0], legs)
        for inner in terms:
            inner.coefficient *= term.coefficient
        return terms

    @staticmethod
    def _is_sum(term: Term, free: list[Index]) -> bool:
        """Whether a term is a multiple of a closed sum and nothing else."""
        if len(term.factors) != 1:
            return False
        atom, legs, power = term.factors[0]
        return (
            atom.kind == "sum"
            and power == 1
            and len(set(legs)) == len(legs)
            and all(leg in free for leg in legs)
        )

    def close(self, terms: list[Term], legs: Legs) -> Term:
        """Terms as one term: a closed sum where more than one is left."""
        terms = self.collect(terms, legs)
        if not terms:
            return Term(0, [], [])
        return terms[0] if len(terms) == 1 else self.closed(terms, legs)

    def closed(self, terms: list[Term], legs: Legs) -> Term:
        """Collected terms as a number times one atom."""
        free = [leg.root() for leg in legs]
        used = {leg for term in terms for _, factor_legs, _ in term.factors for leg in factor_legs}
        kept = tuple(index for index in dict.fromkeys(free) if index in used)
        number, atom, legs = self.forms.sum(kept, terms)
        return Term(number, [(atom, legs, 1)], [])

    # One term --------------------------------------------------------------------------------------------------

    def settle(self, term: Term, free: Iterable[Index]) -> Term:
        """The term with its factors joined and simplified; ``free`` are the roots of its free indices."""
        if not term.coefficient:
            return term
        fixed = set(free)
        bound = {index.root() for index in term.bound} - fixed
        _join_identities(term, fixed, bound)
        bound = {index.root() for index in bound}
        powers = self._powers(term, bound)
        while self._simplified(term, powers, bound):
            pass
        used = {leg for _, legs in powers for leg in legs}
        for index in bound - used:
            self._times_size(term, powers, index)
        term.factors = [(atom, legs, power) for (atom, legs), power in powers.items()]
        term.bound = sorted(bound & used, key=lambda index: index.id)
        return term

    def _times_size(self, term: Term, powers: Powers, index: Index) -> None:
        """A sum over an index that no factor has counts its values."""
        if isinstance(index.size, int):
            term.coefficient *= index.size
        else:
            key = (self.forms.atom("size", index.size), ())
            powers[key] = powers.get(key, 0) + 1

    def _powers(self, term: Term, bound: set[Index]) -> Powers:
        powers: Powers = {}
        for factor in term.factors:
            multiply(powers, factor)
        numbers = [key for key in powers if key[0].kind == "number"]
        for atom, legs in numbers:
            base, power = atom.data, powers.pop((atom, legs))
            assert isinstance(base, Fraction)
            exact = rational_power(base, power)
            if exact is None:
                powers[(atom, legs)] = power
            else:
                term.coefficient *= exact
        return powers

    def _simplified(self, term: Term, powers: Powers, bound: set[Index]) -> bool:
        """Apply one simplification; False where none applies."""
        return (
            self._open_norms(powers, bound)
            or _cancel_inverses(powers, bound)
            or self._distribute(term, powers, bound)
            or (self.rewrites is not None and self.rewrites.apply(term, powers, bound))
        )

    def _open_norms(self, powers: Powers, bound: set[Index]) -> bool:
        """The square of a norm is the sum of the squares, so that it meets other sums of squares."""
        for (atom, legs), power in list(powers.items()):
            if atom.kind == "function" and atom.data == "norm2" and power == 2:
                del powers[(atom, legs)]
                form = atom.args[0]
                indices = tuple(Index(leg.size) for leg in form.legs)
                bound.update(indices)
                multiply(powers, (self.forms.atom("sum", None, (form,), form.symmetric), indices, 2))
                single = form.terms[0] if len(form.terms) == 1 else None
                if single is not None and not single.bound:
                    del powers[(self.forms.atom("sum", None, (form,), form.symmetric), indices)]
                    names = dict(zip((leg.root() for leg in form.legs), indices, strict=True))
                    for inner, inner_legs, inner_power in single.factors:
                        multiply(
                            powers, (inner, tuple(names[leg.root()] for leg in inner_legs), 2 * inner_power)
                        )
                return True
        return False

    def _distribute(self, term: Term, powers: Powers, bound: set[Index]) -> bool:
        """Multiply a factor into a closed sum where it cancels and the sum gets shorter (y ⊙ (t ⊘ y − c))."""
        for (atom, legs), power in powers.items():
            if atom.kind != "sum" or power != 1:
                continue
            form = atom.args[0]
            key = _cancelled(form, legs, powers)
            if key is not None:
                other_power = powers.pop(key)
                del powers[(atom, legs)]
                terms = instance(form, legs)
                for inner in terms:
                    inner.factors.append((*key, other_power))
                self._multiply_closed(term, powers, bound, terms, tuple(dict.fromkeys((*legs, *key[1]))))
                return True
        return False

    def _multiply_closed(
        self, term: Term, powers: Powers, bound: set[Index], terms: list[Term], legs: Legs
    ) -> None:
        product = self.close(terms, legs)
        term.coefficient *= product.coefficient
        for factor in product.factors:
            multiply(powers, factor)
        bound.update(product.bound)


def _collect(term: Term, free: list[Index], collected: dict[object, Term]) -> None:
    """Add a settled term to those collected by key."""
    known = collected.setdefault(term_key(term, free), term)
    if known is not term:
        known.coefficient += term.coefficient


def multiply(powers: Powers, factor: Factor) -> None:
    """Multiply a factor in; powers of one base add."""
    atom, legs, power = factor
    key = _key(atom, tuple(leg.root() for leg in legs))
    total = powers.pop(key, 0) + power
    if atom.kind == "identity":
        total = 1
    if total:
        powers[key] = total


def _key(atom: Atom, legs: Legs) -> tuple[Atom, Legs]:
    """A factor's base; the legs of a symmetric atom are sorted."""
    if atom.symmetric and len(legs) == 2 and legs[0].id > legs[1].id:
        return atom, legs[::-1]
    return atom, legs


def _join_identities(term: Term, fixed: set[Index], bound: set[Index]) -> None:
    """δ[i,k] with a bound index renames it; δ[k,k] over a bound k leaves its size to be counted."""
    if not any(atom.kind == "identity" for atom, _, _ in term.factors):
        return
    kept: list[Factor] = []
    for factor in term.factors:
        atom, legs, _ = factor
        if atom.kind == "identity":
            left, right = legs[0].root(), legs[1].root()
            if left is right:
                continue
            if left in bound:
                left.join(right)
                bound.discard(left)
                continue
            if right in bound:
                right.join(left)
                bound.discard(right)
                continue
        kept.append(factor)
    term.factors = kept


def _cancel_inverses(powers: Powers, bound: set[Index]) -> bool:
    """inv(A) A is the identity where the index between them has no other factor."""
    for (atom, legs), power in powers.items():
        if atom.kind != "function" or atom.data != "inv" or power != 1:
            continue
        for place in (0, 1):
            middle = legs[place]
            if middle not in bound:
                continue
            around = [key for key in powers if middle in key[1]]
            if len(around) != 2:
                continue
            other = around[0] if around[1] == (atom, legs) else around[1]
            outer = _inverted_leg(atom.args[0], other, place, middle)
            if outer is None or powers[other] != 1 or outer is middle:
                continue
            del powers[other], powers[(atom, legs)]
            bound.discard(middle)
            _identify(powers, legs[1 - place], outer, bound)
            return True
    return False


def _inverted_leg(form: Form, other: tuple[Atom, Legs], place: int, middle: Index) -> Index | None:
    """The outer index of the factor that an inverse cancels, where it is what the inverse inverts."""
    atom, legs = other
    if len(legs) != 2:
        return None
    if atom.kind == "sum":
        if atom.args[0] is not form:
            return None
        own: tuple[int, int] = (0, 1)
    else:
        if len(form.terms) != 1 or len(form.terms[0].factors) != 1 or form.terms[0].factors[0][0] is not atom:
            return None
        _, inner, power = form.terms[0].factors[0]
        roots = [leg.root() for leg in form.legs]
        if power != 1 or len(inner) != 2:
            return None
        own = (roots.index(inner[0].root()), roots.index(inner[1].root()))
    # inv(F)[a,b] F[b,c]: the leg of F that is contracted with leg `place` of the inverse is leg 1 − place of F.
    contracted = own.index(1 - place)
    if legs[contracted] is middle:
        return legs[1 - contracted]
    if atom.symmetric and legs[1 - contracted] is middle:
        return legs[contracted]
    return None


def _identify(powers: Powers, left: Index, right: Index, bound: set[Index]) -> None:
    """δ[left, right] as a factor: rename the one that is bound, keep an identity where neither is."""
    if left is right:
        return
    if left in bound:
        left, right = right, left
    if right in bound:
        bound.discard(right)
        right.join(left)
        for key in list(powers):
            if right in key[1]:
                multiply(powers, (key[0], key[1], powers.pop(key)))
    else:
        multiply(powers, (IDENTITY, (left, right), 1))


IDENTITY = Atom("identity", None, (), -1, True, True)


def _cancelled(form: Form, legs: Legs, powers: Powers) -> tuple[Atom, Legs] | None:
    """A factor of the term that takes away more factors of the sum's terms than it brings."""
    places = {own.root(): leg for own, leg in zip(form.legs, legs, strict=True)}
    gone: dict[tuple[Atom, Legs], int] = {}
    for term in form.terms:
        for atom, inner, power in term.factors:
            outer = [places.get(leg.root()) for leg in inner]
            if None in outer:
                continue
            key = _key(atom, tuple(leg for leg in outer if leg is not None))
            if powers.get(key) == -power:
                gone[key] = gone.get(key, 0) + 1
                if 2 * gone[key] >= len(form.terms):
                    return key
    return None


def rational_power(base: Fraction, power: Exponent) -> Fraction | None:
    """base^power where that is a rational number."""
    power = Fraction(power)
    if base == 0 or (base < 0 and power.denominator != 1) or abs(power) > 64:
        return None
    if power.denominator == 1:
        return base ** int(power)
    if power.denominator == 2:
        over, under = isqrt(base.numerator), isqrt(base.denominator)
        if over * over == base.numerator and under * under == base.denominator:
            return Fraction(over, under) ** int(2 * power)
    return None
