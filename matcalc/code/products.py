"""Contractions as expressions: which factors there are, and in what order they are multiplied."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.code.expression import Arrays, Expression
from matcalc.code.flat import Contraction, Factor, Index
from matcalc.code.made import MadeProducts
from matcalc.code.multiplication import Multiplication
from matcalc.code.ordering import cheapest, length
from matcalc.code.symmetric import Half, half_of, product
from matcalc.graph.node import Size


@dataclass(frozen=True)
class Embedding:
    """Where a block stands in an array of zeros: ``pattern`` names the index of each axis of the whole, equal ones run
    together; ``own`` are the indices of the block's axes.  diag(v) has the pattern (0, 0) and the block v with (0,)."""

    pattern: tuple[int, ...]
    own: tuple[int, ...]


class Products:
    """Turns contractions into expressions."""

    def __init__(self, arrays: Arrays, target: str, made: MadeProducts | None = None) -> None:
        self._arrays = arrays
        self._target = target
        self._made = made  # if products of some factors are to serve again in longer ones
        self._loops = target in ("numpy", "torch")  # which loop over arrays, one product after the other

    def of(self, contraction: Contraction) -> tuple[Fraction, Expression]:
        """The value of a contraction: a number times an expression with the axes of the output."""
        coefficient = contraction.coefficient
        factors = _united([self._diagonal(factor) for factor in contraction.factors])
        present = {index for factor in factors for index in factor.indices}
        scalars = [factor for factor in factors if not factor.indices]
        factors = [factor for factor in factors if factor.indices]
        for index in contraction.summed:
            if index not in present:
                size = contraction.sizes[index]
                if isinstance(size, int):
                    coefficient *= size
                else:
                    scalars.append(Factor(self._arrays.make("size", (), (), size), ()))
        whole = tuple(contraction.sizes[index] for index in contraction.output)
        if coefficient == 0:
            return Fraction(1), self._arrays.spread(self._arrays.number(0), (), whole)
        result = self._multiplied(factors, scalars, contraction)
        return coefficient, self._placed(result, contraction.output, contraction.sizes)

    def cost(self, contraction: Contraction) -> int:
        """What the multiplications of a contraction cost, and its result."""
        factors = [frozenset(factor.indices) for factor in contraction.factors if factor.indices]
        output = frozenset(contraction.output)
        cost = cheapest(factors, output, contraction.sizes)[1] if len(factors) > 1 else 0
        return cost + _area(contraction.output, contraction.sizes)

    def _multiplied(self, factors: list[Factor], scalars: list[Factor], contraction: Contraction) -> Factor:
        """All factors multiplied; what remains has the indices of the output, each once, in any order."""
        output = frozenset(contraction.output)
        # In the order in which they were made, so that equal products are multiplied alike.
        factors = sorted(factors, key=lambda factor: factor.value.id)
        factors = self._all_reduced(factors, output)
        scalars += [factor for factor in factors if not factor.indices]
        factors = [factor for factor in factors if factor.indices]
        if not factors:
            return Factor(self._arrays.times([(s.value, s.power) for s in scalars], ()), ())
        root = None if output else _root(factors)
        if root is not None:
            value = self._squares(root, contraction.sizes)
            return Factor(self._arrays.times([*((s.value, s.power) for s in scalars), (value, 1)], ()), ())
        factors = self._with_symmetric(factors, contraction)
        if self._made is not None:
            factors = self._with_made(factors, contraction, self._made)
        axes = contraction.output if self._loops and len(output) > 2 else ()
        indices = [frozenset(factor.indices) for factor in factors]
        order, _ = cheapest(indices, output, contraction.sizes, axes)
        if scalars and len(factors) > 1:
            # A scalar goes to the smallest factor, unless the result is no larger.
            smallest = min(
                range(len(factors)), key=lambda place: _area(factors[place].indices, contraction.sizes)
            )
            least = factors[smallest]
            if _area(least.indices, contraction.sizes) < _area(contraction.output, contraction.sizes):
                sizes = tuple(contraction.sizes[index] for index in least.indices)
                powers = [(s.value, s.power) for s in (*scalars, least)]
                factors[smallest] = Factor(self._arrays.times(powers, sizes), least.indices)
                scalars = []
        multiply = Multiplication(self._arrays, factors, contraction, self._made)
        result = multiply.by(order)
        if scalars or result.power != 1:
            sizes = tuple(contraction.sizes[index] for index in result.indices)
            powers = [(s.value, s.power) for s in (*scalars, result)]
            result = Factor(self._arrays.times(powers, sizes), result.indices)
        return result

    def _squares(self, root: Sequence[Factor], sizes: Mapping[Index, Size]) -> Expression:
        """The sum of the squares of a product entry by entry, which is made once."""
        indices = root[0].indices
        powers = []
        for factor in root:
            places = tuple(factor.indices.index(index) for index in indices)
            powers.append((self._arrays.permute(factor.value, places), factor.power))
        value = self._arrays.times(powers, tuple(sizes[index] for index in indices))
        return self._arrays.make("inner", (value, value), ())

    def _with_symmetric(self, factors: list[Factor], contraction: Contraction) -> list[Factor]:
        """The factors with parts JᵀDJ, from one index of the output to another, multiplied."""
        for ends, part in _parts(factors, tuple(dict.fromkeys(contraction.output))):
            half = half_of(part, ends)
            if half is None or not self._is_cheaper(half, part, ends, contraction.sizes):
                continue

            def multiplied(inner: list[Factor], output: tuple[Index, ...]) -> Expression:
                found = self._multiplied(
                    inner, [], Contraction(Fraction(1), inner, output, contraction.sizes)
                )
                return self._placed(found, output, contraction.sizes)

            value = product(half, self._arrays, multiplied, self._target)
            chosen = {id(factor) for factor in part}
            factors = [factor for factor in factors if id(factor) not in chosen]
            factors.append(Factor(value, ends))
        return factors

    def _with_made(self, factors: list[Factor], contraction: Contraction, made: MadeProducts) -> list[Factor]:
        """The factors, products that were made already in the place of some of them where that is cheaper."""
        output = frozenset(contraction.output)

        def cost(factors: Sequence[Factor]) -> int:
            indices = [frozenset(factor.indices) for factor in factors]
            return cheapest(indices, output, contraction.sizes)[1]

        best = cost(factors)
        while len(factors) > 1:
            found = min(made.instead(factors, output), key=cost, default=factors)
            if found is factors or cost(found) >= best:
                break
            factors, best = found, cost(found)
        return self._all_reduced(factors, output)

    def _is_cheaper(
        self, half: Half, part: Sequence[Factor], ends: tuple[Index, Index], sizes: Mapping[Index, Size]
    ) -> bool:
        """Whether JᵀDJ costs no more by way of J than in the order that is the cheapest without it.

        Where X is long and narrow, W(XᵀDX)Wᵀ is cheaper than by way of XWᵀ.
        """
        middle, end = length(sizes[half.middle]), length(sizes[half.end])
        first = [frozenset(factor.indices) for factor in half.factors]
        cost = cheapest(first, frozenset([half.middle, half.end]), sizes)[1] + middle * end * end
        cost += middle * middle * end if half.core else middle * end if half.weights else 0
        return cost <= cheapest([frozenset(factor.indices) for factor in part], frozenset(ends), sizes)[1]

    def _diagonal(self, factor: Factor) -> Factor:
        """A factor without an index that it has twice: its diagonal."""
        value, indices = factor.value, factor.indices
        while len(set(indices)) < len(indices):
            index = next(index for index in indices if indices.count(index) > 1)
            first = indices.index(index)
            second = indices.index(index, first + 1)
            rest = tuple(place for place in range(len(indices)) if place not in (first, second))
            sizes = (*(value.sizes[place] for place in rest), value.sizes[first])
            value = self._arrays.make("diagonal", (value,), sizes, (first, second))
            indices = (*(indices[place] for place in rest), index)
        return Factor(value, indices, factor.power)

    def _all_reduced(self, factors: Sequence[Factor], output: frozenset[Index]) -> list[Factor]:
        """The factors, each summed over the indices that it alone has and the output lacks."""
        return [
            self._reduced(factor, output.union(*(o.indices for o in factors if o is not factor)))
            for factor in factors
        ]

    def _reduced(self, factor: Factor, kept: frozenset[Index]) -> Factor:
        """A factor summed over the indices that nothing else has."""
        axes = tuple(place for place, index in enumerate(factor.indices) if index not in kept)
        if not axes:
            return factor
        rest = [place for place in range(len(factor.indices)) if place not in axes]
        value = self._arrays.times([(factor.value, factor.power)], factor.value.sizes)
        sizes = tuple(value.sizes[place] for place in rest)
        reduced = self._arrays.make("reduce", (value,), sizes, axes)
        return Factor(reduced, tuple(factor.indices[place] for place in rest))

    def _placed(self, result: Factor, output: tuple[Index, ...], sizes: Mapping[Index, Size]) -> Expression:
        """The result with the axes in the order of the output, spread and embedded where those say so."""
        distinct = tuple(dict.fromkeys(output))
        order = sorted(range(len(result.indices)), key=lambda place: distinct.index(result.indices[place]))
        value = self._arrays.permute(result.value, tuple(order))
        indices = tuple(result.indices[place] for place in order)
        whole = tuple(sizes[index] for index in output)
        if len(distinct) == len(output):
            return self._arrays.spread(value, tuple(distinct.index(index) for index in indices), whole)
        names = {index: place for place, index in enumerate(distinct)}
        embedding = Embedding(tuple(names[i] for i in output), tuple(names[i] for i in indices))
        return self._arrays.make("embed", (value,), whole, embedding)


def _parts(
    factors: Sequence[Factor], output: tuple[Index, ...]
) -> Iterator[tuple[tuple[Index, Index], list[Factor]]]:
    """The parts of a product that share no summed index with the rest, where they have two indices of the output.

    Weights on those two indices belong to the part only where both ends have the same.
    """
    group: dict[int, list[Factor]] = {}
    of_index: dict[Index, int] = {}
    for number, factor in enumerate(factors):
        if len(factor.indices) == 1 and factor.indices[0] in output:
            continue
        joined = {of_index[index] for index in factor.indices if index not in output and index in of_index}
        members = [factor]
        for other in joined:
            members = group.pop(other) + members
        group[number] = members
        for member in members:
            for index in member.indices:
                if index not in output:
                    of_index[index] = number
    for members in group.values():
        present = {index for member in members for index in member.indices}
        ends = tuple(index for index in output if index in present)
        if len(ends) == 2 and len(members) > 1:
            yield (ends[0], ends[1]), members


def _united(factors: Sequence[Factor]) -> list[Factor]:
    """Factors with powers of the same expression over the same indices put together."""
    powers: dict[tuple[Expression, tuple[Index, ...]], int] = {}
    for factor in factors:
        key = (factor.value, factor.indices)
        powers[key] = powers.get(key, 0) + factor.power
    found = []
    for (value, indices), power in powers.items():
        found += [Factor(value, indices) for _ in range(2)] if power == 2 else [Factor(value, indices, power)]
    return [factor for factor in found if factor.power]


def _root(factors: Sequence[Factor]) -> list[Factor] | None:
    """The factors of which the product is the square, all over the same indices; None where it is none."""
    powers: dict[tuple[Expression, tuple[Index, ...]], int] = {}
    for factor in factors:
        key = (factor.value, factor.indices)
        powers[key] = powers.get(key, 0) + factor.power
    if any(power % 2 for power in powers.values()):
        return None
    if len({frozenset(indices) for _, indices in powers}) > 1:
        return None
    return [Factor(value, indices, power // 2) for (value, indices), power in powers.items()]


def _area(indices: Sequence[Index], sizes: Mapping[Index, Size]) -> int:
    area = 1
    for index in indices:
        area *= length(sizes[index])
    return area
