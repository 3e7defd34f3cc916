"""The order of the multiplications in a product of many factors: the cheapest, by dynamic programming.

The cost of multiplying two operands is the number of combinations of their indices; where three axes or more are made and
nothing is summed, the loops of NumPy and PyTorch add to it, which are as long as the last axes that an operand has together
or lacks together.  A size that is no number counts as ``TYPICAL``: so ABx is A(Bx), and a product of matrices is formed
only where the result needs it.
Source: Cormen et al., Introduction to Algorithms, 14.2, for chains; over all subsets as in opt_einsum's ``optimal``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod

from matcalc.graph.node import Size

TYPICAL = 1000
_START = 20  # what it costs to begin a loop, in entries of it
_MOST = 8  # factors whose best order is searched; more are joined by the cheapest pair

Tree = int | tuple["Tree", "Tree"]


def length(size: Size) -> int:
    """How long an axis is taken to be."""
    return size if isinstance(size, int) else TYPICAL


def cheapest(
    factors: Sequence[frozenset[int]],
    output: frozenset[int],
    sizes: Mapping[int, Size],
    axes: Sequence[int] = (),
) -> tuple[Tree, int]:
    """In which order to multiply factors with these indices, as nested pairs of their places, and the cost.

    ``axes`` are the indices of the output in their order, where the loops over them count.
    """
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
                if axes and len(indices[mask]) > 2 and indices[mask] == indices[left] | indices[right]:
                    step += _START * step // _loop(indices[left], indices[right], axes, lengths)
                cost = best[left][0] + best[right][0] + step
                if found is None or cost < found[0]:
                    found = (cost, (best[right][1], best[left][1]))
            left = (left - 1) & mask
        assert found is not None
        best[mask] = found
    return best[whole][1], best[whole][0]


def _loop(
    left: frozenset[int], right: frozenset[int], axes: Sequence[int], lengths: Mapping[int, int]
) -> int:
    """How long the innermost loop is over two operands: the last axes of the product that are alike in both."""
    found = 1
    last: tuple[bool, bool] | None = None
    for index in reversed(axes):
        has = index in left, index in right
        if any(has):
            if last not in (None, has):
                break
            last = has
            found *= lengths[index]
    return found


def _greedy(
    factors: Sequence[frozenset[int]], output: frozenset[int], lengths: Mapping[int, int]
) -> tuple[Tree, int]:
    """Join the two factors with a common index whose product is cheapest, until none have one."""
    trees: dict[int, tuple[Tree, frozenset[int]]] = dict(
        enumerate(zip(range(len(factors)), factors, strict=True))
    )
    having: dict[int, set[int]] = {}
    for place, own in enumerate(factors):
        for index in own:
            having.setdefault(index, set()).add(place)
    total = 0
    while len(trees) > 1:
        pairs = {
            (left, right) for places in having.values() for left in places for right in places if left < right
        }
        if not pairs:
            pairs = {tuple(list(trees)[:2])}  # type: ignore[arg-type]
        costs = {
            pair: prod(lengths[index] for index in trees[pair[0]][1] | trees[pair[1]][1]) for pair in pairs
        }
        left, right = min(costs, key=lambda pair: (costs[pair], pair))
        total += costs[left, right]
        (first, mine), (second, theirs) = trees[left], trees.pop(right)
        for index in theirs:
            having[index].discard(right)
            having[index].add(left)
        kept = frozenset(index for index in mine | theirs if index in output or having[index] != {left})
        for index in (mine | theirs) - kept:
            del having[index]
        trees[left] = ((first, second), kept)
    ((tree, _),) = trees.values()
    return tree, total
