"""The order of the multiplications in a product of many factors: the cheapest, by dynamic programming.

The cost of multiplying two operands is the number of combinations of their indices.  A size that is no number counts as
``TYPICAL``: so ABx is A(Bx), and a product of matrices is formed only where the result needs it.
Source: Cormen et al., Introduction to Algorithms, 14.2, for chains; over all subsets as in opt_einsum's ``optimal``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from matcalc.graph.node import Size

TYPICAL = 1000
_MOST = 8  # factors whose best order is searched; more are joined by the cheapest pair

Tree = int | tuple["Tree", "Tree"]


def length(size: Size) -> int:
    """How long an axis is taken to be."""
    return size if isinstance(size, int) else TYPICAL


def cheapest(
    factors: Sequence[frozenset[int]], output: frozenset[int], sizes: Mapping[int, Size]
) -> tuple[Tree, int]:
    """In which order to multiply factors with these indices, as nested pairs of their places, and the cost."""
    lengths = {index: length(size) for index, size in sizes.items()}
    if len(factors) > _MOST:
        return _greedy(factors, output, lengths)
    whole = (1 << len(factors)) - 1
    indices = [frozenset[int]()] * (whole + 1)
    outside = [frozenset[int]()] * (whole + 1)
    for mask in range(1, whole + 1):
        inside = [factors[place] for place in range(len(factors)) if mask >> place & 1]
        others = [factors[place] for place in range(len(factors)) if not mask >> place & 1]
        outside[mask] = output.union(*others)
        indices[mask] = frozenset().union(*inside) & outside[mask]
    best: list[tuple[int, Tree]] = [(0, 0)] * (whole + 1)
    for place, own in enumerate(factors):
        best[1 << place] = (0, place)
        indices[1 << place] = own
    for mask in range(1, whole + 1):
        if mask & (mask - 1) == 0:
            continue
        found: tuple[int, Tree] | None = None
        left = (mask - 1) & mask
        while left:
            right = mask ^ left
            if left > right:  # each pair once; the lower places stand on the left
                step = prod(lengths[index] for index in indices[left] | indices[right])
                cost = best[left][0] + best[right][0] + step
                if found is None or cost < found[0]:
                    found = (cost, (best[right][1], best[left][1]))
            left = (left - 1) & mask
        assert found is not None
        best[mask] = found
    return best[whole][1], best[whole][0]


def _greedy(
    factors: Sequence[frozenset[int]], output: frozenset[int], lengths: Mapping[int, int]
) -> tuple[Tree, int]:
    """Join the two neighbours whose product is cheapest, until one is left."""
    trees: list[tuple[Tree, frozenset[int]]] = list(enumerate(factors))
    count: dict[int, int] = {}
    for own in factors:
        for index in own:
            count[index] = count.get(index, 0) + 1
    total = 0
    while len(trees) > 1:
        costs = [
            prod(lengths[index] for index in trees[place][1] | trees[place + 1][1])
            for place in range(len(trees) - 1)
        ]
        cost = min(costs)
        place = costs.index(cost)
        (left, mine), (right, theirs) = trees[place], trees[place + 1]
        for index in mine & theirs:
            count[index] -= 1
        kept = frozenset(
            index
            for index in mine | theirs
            if index in output or count[index] > 1 or index not in mine & theirs
        )
        trees[place : place + 2] = [((left, right), kept)]
        total += cost
    return trees[0][0], total
