"""Small distinct numbers for symbolic sizes, so that a wrong transpose cannot pass a check."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from itertools import count

from matcalc.graph.node import Node, Shape, Size
from matcalc.graph.sizes import symbols

_FEW = 8  # up to so many sizes are all different
LARGEST = 8  # a number that the user gave is kept up to here
_CYCLE = range(2, 8)
_MADE = frozenset(["kron", "vec", "unvec", "blockdot", "blocksum", "pairing", "commutation", "hcat", "vcat"])


def rigid_numbers(nodes: Iterable[Node]) -> set[int]:
    """The numbers among the sizes of Kronecker products, vec and blocks: one is the product or the sum of others."""
    return {
        size
        for node in nodes
        if node.op in _MADE
        for shape in (node.shape, *(arg.shape for arg in node.args))
        for size in shape
        if isinstance(size, int)
    }


def distinct_sizes(
    shapes: Iterable[Shape],
    turned: bool = False,
    largest: int = LARGEST,
    smallest: int = 2,
    least: Mapping[Size, int] | None = None,
    kept: Container[int] = (),
) -> dict[Size, int]:
    """A number for every size that occurs in ``shapes``, in the order of first occurrence or, ``turned``, of last.

    Symbols get different numbers from ``smallest`` up; numbers that the user gave are kept up to ``largest`` and replaced by small
    ones beyond unless ``kept`` (a formula is the same for every size, unless a sum over an axis has become a number in it).  Of very many sizes those that share a shape differ.
    ``least`` are the lengths that axes with a picked entry, such as x[9], must have.
    """
    neighbours: dict[Size, set[Size]] = {}
    for shape in dict.fromkeys(shapes):
        present = [part for size in shape for part in symbols(size)]
        for place, size in enumerate(present):
            neighbours.setdefault(size, set()).update(present[:place] + present[place + 1 :])
    fixed: dict[Size, int] = {
        size: size for size in neighbours if isinstance(size, int) and (size <= largest or size in kept)
    }
    free = [size for size in neighbours if size not in fixed]
    if turned:
        free.reverse()
    sizes = dict(fixed)
    if len(free) <= _FEW:
        unused = (
            number for number in range(smallest, smallest + len(free) + len(fixed)) if number not in fixed
        )
        return _long_enough(sizes | dict(zip(free, unused, strict=False)), least or {})
    for place, size in enumerate(free):
        near = {sizes.get(other) for other in neighbours[size] if other != size}
        order = [_CYCLE[(place + step) % len(_CYCLE)] for step in range(len(_CYCLE))]
        sizes[size] = next((number for number in order if number not in near), order[0])
    return _long_enough(sizes, least or {})


def _long_enough(sizes: dict[Size, int], least: Mapping[Size, int]) -> dict[Size, int]:
    """Sizes of which those that are below their least are replaced by numbers that no other has."""
    for axis, lowest in least.items():
        size = next(iter(symbols(axis)))
        if sizes[size] < lowest:
            sizes[size] = next(number for number in count(lowest) if number not in sizes.values())
    return sizes


def longest_pick(nodes: Iterable[Node]) -> dict[Size, int]:
    """The last entry that is picked from each axis."""
    least: dict[Size, int] = {}
    for node in nodes:
        if node.op == "selection" and node.shape[0] is not None and node.data != "+":
            last = int(str(node.data).rpartition(":")[2])
            least[node.shape[0]] = max(last, least.get(node.shape[0], 0))
    return least
