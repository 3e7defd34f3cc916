"""Canonical forms: equal terms get equal keys, whatever their indices are called and however factors are ordered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import combinations, count
from math import gcd, lcm
from operator import attrgetter

from matcalc.graph.node import Data
from matcalc.index.factors import merge_equal
from matcalc.index.terms import Atom, Exponent, Factor, Form, Index, Legs, Term, copy_terms, roots
from matcalc.structure import NONE, Structures

Key = tuple[object, ...]
_LABELLINGS = 64  # labellings of a symmetric group of factors that are looked at
_BRANCHES = 8  # indices of one colour that are tried: mostly they are interchangeable
_unlabelled = count()
_by_id = attrgetter("id")


class Forms:
    """The table of atoms and canonical forms; equal ones are made once."""

    def __init__(self, symmetric: frozenset[str] = frozenset(), structures: Structures = NONE) -> None:
        self.symmetric = symmetric  # names of variables
        self.structures = structures
        self._atoms: dict[Key, Atom] = {}
        self._forms: dict[Key, Form] = {}

    def atom(
        self,
        kind: str,
        data: Data = None,
        args: tuple[Form, ...] = (),
        symmetric: bool = False,
        columns: tuple[bool, ...] = (),
    ) -> Atom:
        """The atom of this kind, data and arguments."""
        key = (kind, data, columns, args)
        found = self._atoms.get(key)
        if found is None:
            found = self._atoms[key] = Atom(kind, data, args, len(self._atoms), symmetric, columns)
        return found

    def form(self, legs: Legs, terms: list[Term], turn: bool = True) -> tuple[Form, bool]:
        """The canonical form of settled terms, and whether its legs are swapped against ``legs``.

        With ``turn`` a value and its transpose have one form.
        """
        return self._form(_Keys(legs, terms), _Keys(legs[::-1], terms) if len(legs) == 2 and turn else None)

    def _form(self, straight: _Keys, turned: _Keys | None) -> tuple[Form, bool]:
        legs, terms = straight.legs, straight.terms
        key = straight.form()
        found = self._forms.get(key)
        if found is not None:
            return found, False
        symmetric = False
        if turned is not None:
            other = turned.form()
            symmetric = other == key
            found = self._forms.get(other)
            if found is not None:
                return found, True
            if not symmetric and _is_turned(legs, terms):
                return self._form(turned, straight)[0], True
        # a form's indices are its own: nothing else may join them
        own = tuple([Index(leg.size) for leg in legs])
        copies = copy_terms(terms, dict(zip(roots(legs), own, strict=True)))
        form = self._forms[key] = Form(own, copies, len(self._forms), symmetric, _skew(straight))
        return form, False

    def sum(self, legs: Legs, terms: list[Term]) -> tuple[Fraction | int, Atom, Legs]:
        """Terms as one factor: a number and the atom of what is left, the same for multiples and transposes."""
        content = _content(terms)
        if content != 1:
            for term in terms:
                term.coefficient = Fraction(term.coefficient) / content
        straight = _Keys(legs, terms)
        turned = _Keys(legs[::-1], terms) if len(legs) == 2 else None
        sign = self._known_sign(straight, turned)
        if sign is None:  # the signs stay as they came, unless all are negative
            sign = 1 if [term for term in terms if term.coefficient.numerator > 0] else -1
        if sign == -1:
            for term in terms:
                term.coefficient = -term.coefficient
        form, swapped = self._form(straight, turned)
        return (
            sign * content,
            self.atom("sum", None, (form,), form.symmetric),
            legs[::-1] if swapped else legs,
        )

    def _known_sign(self, straight: _Keys, turned: _Keys | None) -> int | None:
        """The sign with which terms have a form already; None where they have none."""
        for sign in (1, -1):
            if straight.form(sign) in self._forms or (
                turned is not None and turned.form(sign) in self._forms
            ):
                return sign
        return None


def _is_turned(legs: Legs, terms: list[Term]) -> bool:
    """Whether most factors between the two legs lie against them, as in (Aᵀ)⁻¹."""
    ends = roots(legs)
    between = [legs for term in terms for atom, legs, _ in term.factors if not atom.symmetric]
    return between.count(ends) < between.count(ends[::-1])


def _skew(keys: _Keys) -> tuple[int, int] | None:
    """The places of two legs that change the sign of a sum when they are swapped."""
    legs, terms = keys.legs, keys.terms
    if len(legs) not in (2, 3) or len(terms) < 2:
        return None
    if sum([Fraction(each.coefficient) for each in terms]) != 0:
        return None
    for one, other in combinations(range(len(legs)), 2):
        swapped = list(legs)
        swapped[one], swapped[other] = legs[other], legs[one]
        if _Keys(tuple(swapped), terms).form() == keys.form(-1):
            return one, other
    return None


def _content(terms: list[Term]) -> Fraction | int:
    """The largest positive number that divides all coefficients."""
    over = gcd(*[term.coefficient.numerator for term in terms])
    under = lcm(*[term.coefficient.denominator for term in terms])
    return over if under == 1 else Fraction(over, under)


class _Keys:
    """The keys of settled terms over these legs, made once: the signs of the terms may change in between."""

    def __init__(self, legs: Legs, terms: list[Term]) -> None:
        self.legs = legs
        self.terms = terms
        self._keys: list[Key] | None = None
        self._sizes: object = None

    def form(self, sign: int = 1) -> Key:
        """The key of the sum of the terms, each times a sign."""
        if self._keys is None:
            own = roots(self.legs)
            self._keys = [term_key(term, own) for term in self.terms]
            self._sizes = tuple([index.size for index in own]) or "scalar"
        numbers = [sign * term.coefficient for term in self.terms]
        return (self._sizes, *sorted(zip(self._keys, numbers, strict=True)))


def term_key(term: Term, free: Sequence[Index]) -> Key:
    """A key that two settled terms share only when they are equal up to the names of bound indices.

    Factors that no bound index connects are labelled apart: colour refinement over their indices, then
    individualization of those that are still alike (McKay's method).
    """
    term = merge_equal(term, free)
    colors: dict[Index, int] = {}
    for place, index in enumerate(free):
        colors.setdefault(index, place)
    loose, parts = components(term, colors)
    return (_key(loose, colors), *sorted([part_key(factors, bound, colors) for factors, bound in parts]))


def components(
    term: Term, free: dict[Index, int]
) -> tuple[list[Factor], list[tuple[list[Factor], list[Index]]]]:
    """The factors without bound indices, and the others in groups with the bound indices that connect them."""
    loose: list[Factor] = []
    around: dict[Index, list[Factor]] = {}
    for factor in term.factors:
        is_loose = True
        for leg in factor[1]:
            if leg not in free:
                is_loose = False
                others = around.setdefault(leg, [])
                if not others or others[-1] is not factor:
                    others.append(factor)
        if is_loose:
            loose.append(factor)
    parts = []
    seen: set[Index] = set()
    for first in sorted(around, key=_by_id):
        if first in seen:
            continue
        seen.add(first)
        indices, pending, factors = [first], [first], {}
        while pending:
            for factor in around[pending.pop()]:
                factors[id(factor)] = factor
                for leg in factor[1]:
                    if leg not in free and leg not in seen:
                        seen.add(leg)
                        indices.append(leg)
                        pending.append(leg)
        parts.append((list(factors.values()), sorted(indices, key=_by_id)))
    return loose, parts


def part_key(factors: list[Factor], bound: list[Index], free: dict[Index, int]) -> Key:
    """The least key over the labellings of one group of factors."""
    colors = {**free, **dict.fromkeys(bound, len(free))}
    if len(bound) == 1:
        return _key(factors, colors)
    walked = _walk(factors, free)
    if walked is not None:
        return _key(factors, walked)
    best: Key | None = None
    pending = [_refine(factors, colors, bound)]
    for _ in range(_LABELLINGS):
        colors = pending.pop()
        alike = _first_alike(colors, bound)
        if alike is None:
            key = _key(factors, colors)
            best = key if best is None or key < best else best
        else:
            pending.extend(
                _refine(factors, {**colors, index: colors[index] - 1}, bound) for index in alike[:_BRANCHES]
            )
        if not pending:
            break
    # Out of labellings, a key of its own: equal terms may stay apart, different ones are never taken for equal.
    return best if best is not None else (("unlabelled", next(_unlabelled)),)


def _walk(factors: list[Factor], free: dict[Index, int]) -> dict[Index, int] | None:
    """Labels in the order of a walk from the free indices; None where two ways look the same, or nothing is free.

    A chain of matrices between free indices is labelled so in one pass, however often a matrix repeats.
    """
    around: dict[Index, list[int]] = {}
    for place, (_, legs, _) in enumerate(factors):
        for leg in legs:
            around.setdefault(leg, []).append(place)
    labels = dict(free)
    last = len(free) + len(around)
    queue = sorted([index for index in around if index in free], key=free.__getitem__)
    done: set[int] = set()
    for index in queue:  # grows while it is walked
        places = [place for place in around[index] if place not in done]
        if len(places) > 1:
            known = {leg: labels.get(leg, -1) for place in places for leg in factors[place][1]}
            ways = {factor_key(factors[place], known): place for place in places}
            if len(ways) < len(places):
                return None
            places = [ways[key] for key in sorted(ways)]
        for place in places:
            done.add(place)
            for leg in _in_order(factors[place], labels, last):
                if leg not in labels:
                    labels[leg] = len(labels)
                    queue.append(leg)
    return labels if len(done) == len(factors) else None


def _key(factors: list[Factor], colors: dict[Index, int]) -> Key:
    return tuple(sorted([factor_key(factor, colors) for factor in factors]))


def factor_key(factor: Factor, colors: dict[Index, int]) -> tuple[int, Exponent, tuple[int, ...]]:
    """What tells a factor apart whose indices have these colours; those of a symmetric factor have no order."""
    atom, legs, power = factor
    if atom.skew is not None:
        legs = _in_order(factor, colors)
    found = map(colors.__getitem__, legs)
    return (atom.id, power, tuple(sorted(found) if atom.symmetric else found))


def _in_order(factor: Factor, colors: Mapping[Index, int], unknown: int = 0) -> Legs:
    """The legs of a factor, those sorted by colour that may be swapped."""
    legs, pair = factor[1], _swappable(factor)
    if pair is None:
        return legs
    one, other = pair
    if colors.get(legs[one], unknown) <= colors.get(legs[other], unknown):
        return legs
    swapped = list(legs)
    swapped[one], swapped[other] = legs[other], legs[one]
    return tuple(swapped)


def _swappable(factor: Factor) -> tuple[int, int] | None:
    """The places of two legs of an even power that may be swapped: those of (x[i] − x[j])²."""
    return None if factor[2] % 2 else factor[0].skew


def _refine(factors: list[Factor], colors: dict[Index, int], bound: list[Index]) -> dict[Index, int]:
    """Tell indices apart by the factors around them, again and again until nothing changes."""
    classes = len(set(colors.values()))
    offset = 2 * len(colors)  # leaves a gap below each colour, for individualization
    while True:
        seen: dict[Index, list[tuple[object, ...]]] = {index: [] for index in bound}
        for factor in factors:
            atom, legs, power = factor
            around = factor_key(factor, colors)[2]
            alike: Sequence[int] = (0, 1) if atom.symmetric else _swappable(factor) or ()
            for place, leg in enumerate(legs):
                if leg in seen:
                    place = alike[0] if place in alike else place
                    seen[leg].append((atom.id, power, place, around))
        signatures = {
            index: (colors[index], str(index.size), sorted(around)) for index, around in seen.items()
        }
        refined = dict(colors)
        rank, previous = offset, None
        for index in sorted(bound, key=signatures.__getitem__):
            if signatures[index] != previous:
                rank, previous = rank + 2, signatures[index]
            refined[index] = rank
        found = len(set(refined.values()))
        if found == classes or found == len(refined):
            return refined
        classes, colors = found, refined


def _first_alike(colors: dict[Index, int], bound: list[Index]) -> list[Index] | None:
    """The indices of the lowest colour that more than one has."""
    by_color: dict[int, list[Index]] = {}
    for index in bound:
        by_color.setdefault(colors[index], []).append(index)
    return next((by_color[color] for color in sorted(by_color) if len(by_color[color]) > 1), None)
