"""What has no matrix notation: a product of factors over indices, as one contraction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matcalc.graph.algebra import Algebra
from matcalc.graph.node import SCALAR, Node, Shape
from matcalc.graph.subscripts import Subscripts
from matcalc.index.terms import Index, Legs


class Part(NamedTuple):
    """A factor over indices and its place in the term."""

    place: int
    node: Node
    indices: Legs


def contraction(
    parts: Sequence[Part], free: Legs, shape: Shape, algebra: Algebra
) -> tuple[list[Node], Node | None]:
    """The product of ``parts``: the contractions that have no free index, and one with the ``free`` ones.

    The latter is ``None`` where the product is the same in every entry.
    """
    scalars, rest = [], []
    for group in _connected(parts, free):
        if any(index in free for part in group for index in part.indices):
            rest += group
        else:
            scalars.append(_contract(group, (), SCALAR, algebra))
    if not rest:
        return scalars, None
    rest = [_in_order(part, free, algebra) for part in rest]
    rest.sort(key=lambda part: _order(part, free))
    missing = set(free).difference(index for part in rest for index in part.indices)
    rest += [Part(0, algebra.ones((leg.size, None)), (leg,)) for leg in free if leg in missing]
    return scalars, _contract(rest, free, shape, algebra)


def _in_order(part: Part, free: Legs, algebra: Algebra) -> Part:
    """A symmetric factor with its free indices in the order of the axes."""
    both = len(part.indices) == 2 and all(index in free for index in part.indices)
    if both and algebra.is_symmetric(part.node) and free.index(part.indices[0]) > free.index(part.indices[1]):
        return part._replace(indices=part.indices[::-1])
    return part


def _order(part: Part, free: Legs) -> tuple[bool, tuple[int, ...], int]:
    """Where a factor stands: identities last, then by their free indices."""
    axes = tuple(sorted(free.index(index) for index in part.indices if index in free))
    if part.node.op == "identity":
        return True, axes, 0 if len(axes) == len(part.indices) else part.place
    return False, axes or (len(free),), part.place


def _contract(parts: Sequence[Part], free: Legs, shape: Shape, algebra: Algebra) -> Node:
    if len(parts) == 1 and parts[0].indices == free and parts[0].node.shape == shape:
        return parts[0].node
    subscripts = Subscripts.of([part.indices for part in parts], free)
    return algebra.graph.node("contract", tuple(part.node for part in parts), shape, subscripts)


def _connected(parts: Sequence[Part], free: Legs) -> list[list[Part]]:
    """The parts in groups that share no bound index."""
    groups: list[tuple[set[Index], list[Part]]] = []
    for part in parts:
        bound = {index for index in part.indices if index not in free}
        joined = [part]
        apart = []
        for indices, members in groups:
            if indices & bound:
                bound |= indices
                joined = members + joined
            else:
                apart.append((indices, members))
        groups = [*apart, (bound, joined)]
    return [members for _, members in groups]
