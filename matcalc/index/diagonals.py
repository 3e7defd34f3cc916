"""Products of diagonal matrices commute: of all orders that a run DED of them has, every term gets the same."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.index.canonical import term_key
from matcalc.index.structured import is_diagonal, less
from matcalc.index.terms import Factor, Index, Term
from matcalc.structure import Structures

Run = tuple[list[int], list[Index]]  # places of the factors, and the indices along them, one more


def commute(term: Term, free: Sequence[Index], structures: Structures) -> Term:
    """The term with each run of diagonal factors in order, from the end at which its key is least."""
    if not structures or not term.coefficient:
        return term
    places = [
        place
        for place, (atom, legs, power) in enumerate(term.factors)
        if len(legs) == 2 and power == 1 and legs[0] is not legs[1] and is_diagonal(atom, structures)
    ]
    if len(places) < 2:
        return term
    for places_along, indices in _runs(term, places):
        atoms = sorted((term.factors[place][0] for place in places_along), key=lambda atom: atom.id)
        best: tuple[object, list[Factor]] | None = None
        for path in (indices, indices[::-1]):
            factors = list(term.factors)
            for step, (place, atom) in enumerate(zip(places_along, atoms, strict=True)):
                factors[place] = (atom, (path[step], path[step + 1]), 1)
            key = term_key(Term(1, factors, term.bound), list(free))
            if best is None or less(key, best[0]):
                best = (key, factors)
        assert best is not None
        term = Term(term.coefficient, best[1], term.bound)
    return term


def _runs(term: Term, places: Sequence[int]) -> list[Run]:
    """The chains of two diagonal factors or more whose inner indices have no other factor."""
    bound = set(term.bound)
    around: dict[Index, list[int]] = {}
    for place, (_, legs, _) in enumerate(term.factors):
        for leg in dict.fromkeys(legs):
            around.setdefault(leg, []).append(place)
    mine = set(places)
    inner = {
        index for index, near in around.items() if index in bound and len(near) == 2 and mine.issuperset(near)
    }
    runs: list[Run] = []
    done: set[int] = set()
    for first in places:
        start = next((leg for leg in term.factors[first][1] if leg not in inner), None)
        if first in done or start is None:  # not the end of a run, or a closed ring
            continue
        along, indices = [first], [start]
        while True:
            legs = term.factors[along[-1]][1]
            end = legs[1] if legs[0] is indices[-1] else legs[0]
            indices.append(end)
            if end not in inner:
                break
            along.append(next(place for place in around[end] if place != along[-1]))
        done.update(along)
        if len(along) > 1:
            runs.append((along, indices))
    return runs
