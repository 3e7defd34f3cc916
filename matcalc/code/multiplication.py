"""The product of the factors of a contraction, two at a time: which operation of arrays multiplies two of them."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.code.expression import Arrays, Expression
from matcalc.code.flat import Contraction, Factor, Index
from matcalc.code.made import MadeProducts
from matcalc.code.ordering import Tree


class Multiplication:
    """Multiplies the factors of one contraction, two at a time."""

    def __init__(
        self, arrays: Arrays, factors: list[Factor], contraction: Contraction, made: MadeProducts | None
    ) -> None:
        self._arrays = arrays
        self._made = made
        self._factors = factors
        self._sizes = contraction.sizes
        self._output = contraction.output
        self._left: dict[Index, int] = {}  # factors that have an index
        for factor in factors:
            for index in factor.indices:
                self._left[index] = self._left.get(index, 0) + 1
        self._place = {index: place for place, index in enumerate(dict.fromkeys(self._output))}

    def by(self, order: Tree) -> Factor:
        """The product in this order, without recursion."""
        done: list[tuple[Factor, list[Factor]]] = []  # products and their factors
        stack: list[tuple[Tree, bool]] = [(order, False)]
        while stack:
            tree, ready = stack.pop()
            if isinstance(tree, int):
                done.append((self._factors[tree], [self._factors[tree]]))
            elif ready:
                (right, theirs), (left, mine) = done.pop(), done.pop()
                product = self._pair(left, right, tree is order)
                if self._made is not None:
                    self._made.add([*mine, *theirs], product)
                done.append((product, [*mine, *theirs]))
            else:
                stack += [(tree, True), (tree[1], False), (tree[0], False)]
        return done[0][0]

    def _pair(self, left: Factor, right: Factor, last: bool) -> Factor:
        both = [index for index in left.indices if index in right.indices]
        for index in both:
            self._left[index] -= 1
        summed = [index for index in both if self._left[index] == 1 and index not in self._place]
        if not summed:
            return self._entrywise(left, right)
        for index in summed:
            del self._left[index]
        mine, theirs = self._plain(left), self._plain(right)
        if len(both) > len(summed):
            return self._batched(mine, theirs, summed)
        if len(summed) == len(mine.indices) == len(theirs.indices):
            return Factor(self._inner(mine, theirs), ())
        if len(summed) == 1 and max(len(mine.indices), len(theirs.indices)) == 2:
            return self._matmul(mine, theirs, summed[0], last)
        return self._tensordot(mine, theirs, summed)

    def _plain(self, factor: Factor) -> Factor:
        """A factor to the power one."""
        if factor.power == 1:
            return factor
        return Factor(self._arrays.times([(factor.value, factor.power)], factor.value.sizes), factor.indices)

    def _aligned(self, factor: Factor, indices: Sequence[Index]) -> Expression:
        """The value with its axes among those of ``indices``, in their order."""
        order = sorted(range(len(factor.indices)), key=lambda place: indices.index(factor.indices[place]))
        value = self._arrays.permute(factor.value, tuple(order))
        places = tuple(indices.index(factor.indices[place]) for place in order)
        return self._arrays.spread(value, places, tuple(self._sizes[index] for index in indices))

    def _entrywise(self, left: Factor, right: Factor) -> Factor:
        mine, theirs = set(left.indices), set(right.indices)
        indices: tuple[Index, ...]
        if mine >= theirs:
            indices = left.indices
        elif theirs >= mine:
            indices = right.indices
        else:
            union = [*left.indices, *(index for index in right.indices if index not in mine)]
            indices = tuple(sorted(union, key=lambda index: self._place.get(index, -1)))
        sizes = tuple(self._sizes[index] for index in indices)
        one = left.power == right.power == 1
        if one and len(mine) == len(theirs) == 1 and len(indices) == 2:
            pair = (left, right) if indices[0] in mine else (right, left)
            return Factor(self._arrays.make("outer", [f.value for f in pair], sizes), indices)
        powers = [(self._aligned(factor, indices), factor.power) for factor in (left, right)]
        return Factor(self._arrays.times(powers, sizes), indices)

    def _inner(self, left: Factor, right: Factor) -> Expression:
        other = self._aligned(right, left.indices)
        operands = [left.value, other]
        if other.op == "permute":  # the transpose may stand on either side
            operands = sorted(
                [self._aligned(left, right.indices), right.value], key=lambda e: e.op == "permute"
            )
        return self._arrays.make("inner", operands, ())

    def _matmul(self, left: Factor, right: Factor, index: Index, last: bool) -> Factor:
        """The product over an index; a matrix that is multiplied further is made without transposing, if it can be."""
        if len(left.indices) == 1:
            left, right = right, left
        free = [next((i for i in f.indices if i != index), None) for f in (left, right)]
        if free[1] is not None:
            turns = 0 if last else _turns(right, left, index) - _turns(left, right, index)
            if turns < 0 or not turns and self._column(free[1]) < self._column(free[0]):
                left, right, free = right, left, free[::-1]
        indices = tuple(i for i in free if i is not None)
        mine = self._aligned(left, (*(() if free[0] is None else (free[0],)), index))
        theirs = self._aligned(right, (index, *(() if free[1] is None else (free[1],))))
        sizes = tuple(self._sizes[i] for i in indices)
        return Factor(self._arrays.matmul(mine, theirs, sizes), indices)

    def _column(self, index: Index | None) -> int:
        """How far to the right an index belongs: what is summed later stands between the axes of the output."""
        place = None if index is None else self._place.get(index)
        return 1 if place is None else 2 * place

    def _tensordot(self, left: Factor, right: Factor, summed: list[Index]) -> Factor:
        places = [tuple(factor.indices.index(index) for index in summed) for factor in (left, right)]
        indices = tuple(i for factor in (left, right) for i in factor.indices if i not in summed)
        sizes = tuple(self._sizes[i] for i in indices)
        value = self._arrays.make("tensordot", (left.value, right.value), sizes, tuple(places))
        return Factor(value, indices)

    def _batched(self, left: Factor, right: Factor, summed: list[Index]) -> Factor:
        if set(left.indices) == set(right.indices):
            values = [(left.value, 1), (self._aligned(right, left.indices), 1)]
            product = self._arrays.times(values, left.value.sizes)
            axes = tuple(place for place, index in enumerate(left.indices) if index in summed)
            indices = tuple(index for index in left.indices if index not in summed)
            sizes = tuple(self._sizes[index] for index in indices)
            return Factor(self._arrays.make("reduce", (product,), sizes, axes), indices)
        union = dict.fromkeys((*left.indices, *right.indices))
        kept = [index for index in union if index not in summed]
        indices = tuple(sorted(kept, key=lambda index: self._place.get(index, -1)))
        names = {index: place for place, index in enumerate(union)}
        subscripts = tuple(tuple(names[i] for i in part) for part in (left.indices, right.indices, indices))
        sizes = tuple(self._sizes[index] for index in indices)
        value = self._arrays.make("einsum", (left.value, right.value), sizes, subscripts)
        return Factor(value, indices)


def _turns(left: Factor, right: Factor, index: Index) -> int:
    """How many of two matrices must be transposed to be multiplied over an index."""
    return (left.indices[-1] != index) + (right.indices[0] != index)
