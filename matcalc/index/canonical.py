"""Canonical forms: equal terms get equal keys, whatever their indices are called and however factors are ordered."""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm

from matcalc.graph.node import Data
from matcalc.index.terms import Atom, Form, Index, Legs, Term, copy_terms

Key = tuple[object, ...]
_LABELLINGS = 64  # how many labellings of a symmetric term are compared at most


class Forms:
    """The table of atoms and canonical forms; equal ones are made once."""

    def __init__(self) -> None:
        self._atoms: dict[Key, Atom] = {}
        self._forms: dict[Key, Form] = {}

    def atom(
        self,
        kind: str,
        data: Data = None,
        args: tuple[Form, ...] = (),
        symmetric: bool = False,
        columns: bool = True,
    ) -> Atom:
        """The atom of this kind, data and arguments."""
        key = (kind, data, columns, *(form.id for form in args))
        found = self._atoms.get(key)
        if found is None:
            found = self._atoms[key] = Atom(kind, data, args, len(self._atoms), symmetric, columns)
        return found

    def form(self, legs: Legs, terms: list[Term], turn: bool = True) -> tuple[Form, bool]:
        """The canonical form of settled terms, and whether its legs are swapped against ``legs``.

        With ``turn`` a value and its transpose have one form.
        """
        key = _form_key(legs, terms)
        found = self._forms.get(key)
        if found is not None:
            return found, False
        symmetric = False
        if len(legs) == 2 and turn:
            turned = _form_key(legs[::-1], terms)
            symmetric = turned == key
            found = self._forms.get(turned)
            if found is not None:
                return found, True
        own = tuple(
            Index(leg.size) for leg in legs
        )  # a form's indices are its own: nothing else may join them
        copies = copy_terms(terms, {leg.root(): index for leg, index in zip(legs, own, strict=True)})
        form = self._forms[key] = Form(own, copies, len(self._forms), symmetric)
        return form, False

    def sum(self, legs: Legs, terms: list[Term]) -> tuple[Fraction | int, Atom, Legs]:
        """Terms as one factor: a number and the atom of what is left, the same for multiples and transposes."""
        content = _content(terms)
        for sign in (1, -1):
            for term in terms:
                term.coefficient = term.coefficient / content if sign == 1 else -term.coefficient
            known = self._forms.get(_form_key(legs, terms))
            if known is None and len(legs) == 2:
                known = self._forms.get(_form_key(legs[::-1], terms))
            if known is not None:
                break
        else:
            for term in terms:
                term.coefficient = -term.coefficient
            sign = 1
        form, turned = self.form(legs, terms)
        return sign * content, self.atom("sum", None, (form,), form.symmetric), legs[::-1] if turned else legs


def _content(terms: list[Term]) -> Fraction:
    """The largest positive number that divides all coefficients."""
    over = gcd(*(Fraction(term.coefficient).numerator for term in terms))
    under = lcm(*(Fraction(term.coefficient).denominator for term in terms))
    return Fraction(over, under)


def _form_key(legs: Legs, terms: list[Term]) -> Key:
    roots = [leg.root() for leg in legs]
    keys = sorted((term_key(term, roots), term.coefficient) for term in terms)
    return (tuple(root.size for root in roots), *keys) if roots else ("scalar", *keys)


def term_key(term: Term, free: list[Index]) -> Key:
    """A key that two settled terms share exactly when they are equal up to the names of bound indices.

    Colour refinement over the indices, then individualization of those that are still alike (McKay's method).
    """
    colors: dict[Index, int] = {}
    for place, index in enumerate(free):
        colors.setdefault(index, place)
    bound = [index for index in {leg for _, legs, _ in term.factors for leg in legs} if index not in colors]
    if not bound:
        return _key(term, colors)
    for index in bound:
        colors[index] = len(free)
    if len(bound) == 1:
        return _key(term, colors)
    best: Key | None = None
    pending = [_refine(term, colors, bound)]
    for _ in range(_LABELLINGS):
        colors = pending.pop()
        alike = _first_alike(colors, bound)
        if alike is None:
            key = _key(term, colors)
            best = key if best is None or key < best else best
        else:
            for index in alike:
                pending.append(_refine(term, {**colors, index: colors[index] - 1}, bound))
        if not pending:
            break
    return best if best is not None else _key(term, colors)


def _key(term: Term, colors: dict[Index, int]) -> Key:
    return tuple(sorted((atom.id, power, _colors(atom, legs, colors)) for atom, legs, power in term.factors))


def _colors(atom: Atom, legs: Legs, colors: dict[Index, int]) -> tuple[int, ...]:
    """The colours of a factor's indices; those of a symmetric factor have no order."""
    found = (colors[leg] for leg in legs)
    return tuple(sorted(found)) if atom.symmetric else tuple(found)


def _refine(term: Term, colors: dict[Index, int], bound: list[Index]) -> dict[Index, int]:
    """Tell indices apart by the factors around them, again and again until nothing changes."""
    classes = len(set(colors.values()))
    offset = 2 * len(colors)  # leaves a gap below each colour, for individualization
    while True:
        seen: dict[Index, list[tuple[object, ...]]] = {index: [] for index in bound}
        for atom, legs, power in term.factors:
            for place, leg in enumerate(legs):
                if leg in seen:
                    around = _colors(atom, legs, colors)
                    seen[leg].append((atom.id, power, 0 if atom.symmetric else place, around))
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
