"""Products of some factors that were made already, and serve again in a longer product of the same factors."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from matcalc.code.expression import Expression
from matcalc.code.flat import Factor, Index

Relabelled = dict[Index, Index]  # from the indices of a made product to those of another one
_MOST_WAYS = 32  # that are looked at: x[i]x[j]x[k]… has each product of some of them in very many
_MOST_PLACES = 4  # of one product in another, which are mostly alike
_MOST_STEPS = 400  # in the search for one product in another


class _Made(NamedTuple):
    """The product ``value`` of factors, summed over the indices that it lacks."""

    factors: Sequence[Factor]
    value: Factor


class MadeProducts:
    """The products that a file has so far."""

    def __init__(self) -> None:
        self._made: dict[Expression, list[_Made]] = {}  # by their youngest factor, which few others have

    def add(self, factors: Sequence[Factor], value: Factor) -> None:
        """Remember the product of these factors."""
        if value.power == 1:
            youngest = max((factor.value for factor in factors), key=lambda factor: factor.id)
            self._made.setdefault(youngest, []).append(_Made(tuple(factors), value))

    def instead(self, factors: Sequence[Factor], output: Collection[Index]) -> Iterator[list[Factor]]:
        """The factors with a made product in the place of some of them, for the ways to do so."""
        return islice(self._ways(factors, output), _MOST_WAYS)

    def _ways(self, factors: Sequence[Factor], output: Collection[Index]) -> Iterator[list[Factor]]:
        for youngest in dict.fromkeys(factor.value for factor in factors):
            for made in sorted(self._made.get(youngest, ()), key=lambda made: -len(made.factors)):
                yield from islice(_with(made, factors, output), _MOST_PLACES)


def _with(made: _Made, factors: Sequence[Factor], output: Collection[Index]) -> Iterator[list[Factor]]:
    """The factors with a made product in the place of some that it is the product of."""
    for places, names in _matches(made.factors, factors):
        rest = [factor for place, factor in enumerate(factors) if place not in places]
        needed = {*output, *(index for factor in rest for index in factor.indices)}
        summed = names.keys() - set(made.value.indices)
        if needed.isdisjoint(names[index] for index in summed):
            yield [*rest, Factor(made.value.value, tuple(names[index] for index in made.value.indices))]


def _matches(
    made: Sequence[Factor], factors: Sequence[Factor]
) -> Iterator[tuple[frozenset[int], Mapping[Index, Index]]]:
    """The places of factors that are those of a made product, and what its indices are there, each another one."""
    stack: list[tuple[tuple[int, ...], Relabelled]] = [((), {})]
    for _ in range(_MOST_STEPS):
        if not stack:
            break
        places, names = stack.pop()
        if len(places) == len(made):
            yield frozenset(places), names
            continue
        wanted = made[len(places)]
        for place, factor in enumerate(factors):
            if place not in places and (factor.value, factor.power) == (wanted.value, wanted.power):
                found = _relabelled(names, wanted.indices, factor.indices)
                if found is not None:
                    stack.append(((*places, place), found))


def _relabelled(names: Relabelled, own: Sequence[Index], others: Sequence[Index]) -> Relabelled | None:
    """The names with more of them; None where they contradict."""
    found = names | dict(zip(own, others, strict=True))
    agrees = all(found[index] == other for index, other in (*names.items(), *zip(own, others, strict=True)))
    return found if agrees and len(set(found.values())) == len(found) else None
