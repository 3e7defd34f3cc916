"""Blocks in index form: a constant says which rows of the whole are those of a part.

E[c,j] is 1 where c = offset + j.  So [A, B] is A[i,j] E[c,j] + B[i,j] E'[c,j] with offsets 0 and n; what a matrix has in
one block is its product with an E; and E's of ranges that don't meet have the product zero.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from matcalc.graph.node import Node, Size
from matcalc.graph.sizes import difference, joined, separated, total
from matcalc.index.canonical import Forms
from matcalc.index.factors import identify, multiply
from matcalc.index.terms import Atom, Factor, Index, Legs, Powers, Term, Value

if TYPE_CHECKING:
    from matcalc.index.expand import Expansion

INCLUSION = "inclusion"
Range = tuple[Size, Size]  # where a part begins, and how long it is


def included(atom: Atom) -> Range:
    """The range of an inclusion."""
    offset, length, _ = separated(str(atom.data))
    return offset, length


def _inclusion(whole: Index, part: Index | None, offset: Size, length: Size, forms: Forms) -> Factor:
    """E[whole, part]; a part of one row needs no index."""
    legs = (whole,) if part is None else (whole, part)
    return forms.atom(INCLUSION, joined((offset, length, whole.root().size))), legs, 1


# Identities -----------------------------------------------------------------------------------------------------


def choose(term: Term, powers: Powers, bound: set[Index], forms: Forms) -> bool:
    """What inclusions say to each other and to sums over their indices; False where that is nothing new."""
    inclusions = [key for key in powers if key[0].kind == INCLUSION]
    for place, key in enumerate(inclusions):
        if _alone(key, powers, bound, forms) or _within(key, powers, bound, forms):
            return True
        for other in inclusions[place + 1 :]:
            if other[1][0] is key[1][0] and _meet(key, other, term, powers, bound, forms):
                return True
    return False


def _alone(key: tuple[Atom, Legs], powers: Powers, bound: set[Index], forms: Forms) -> bool:
    """An inclusion of all, of one row, or summed over the whole."""
    atom, legs = key
    offset, length = included(atom)
    others = {leg for other in powers if other != key for leg in other[1]}
    if len(legs) == 2 and length == legs[0].size:
        del powers[key]
        identify(powers, legs[0], legs[1], bound)
        return True
    if legs[0] in bound and legs[0] not in others:
        del powers[key]
        bound.discard(legs[0])
        return True
    if len(legs) == 2 and length == 1 and legs[1] in bound and legs[1] not in others:
        del powers[key]
        bound.discard(legs[1])
        multiply(powers, _inclusion(legs[0], None, offset, length, forms))
        return True
    return False


def _within(key: tuple[Atom, Legs], powers: Powers, bound: set[Index], forms: Forms) -> bool:
    """E[c,d] E'[d,j] is one inclusion."""
    atom, legs = key
    if len(legs) == 1 or legs[1] not in bound:
        return False
    around = [other for other in powers if other != key and legs[1] in other[1]]
    if len(around) != 1 or around[0][0].kind != INCLUSION or around[0][1][0] is not legs[1]:
        return False
    inner, inner_legs = around[0]
    if len(inner_legs) == 2 and inner_legs[1] is legs[1]:
        return False
    offset, length = included(inner)
    del powers[key], powers[around[0]]
    bound.discard(legs[1])
    start = total((included(atom)[0], offset))
    part = inner_legs[1] if len(inner_legs) == 2 else None
    multiply(powers, _inclusion(legs[0], part, start, length, forms))
    return True


def _meet(
    key: tuple[Atom, Legs],
    other: tuple[Atom, Legs],
    term: Term,
    powers: Powers,
    bound: set[Index],
    forms: Forms,
) -> bool:
    """Two inclusions in one whole: the same, apart, or one inside the other."""
    first, second = included(key[0]), included(other[0])
    if first == second:
        if len(key[1]) != len(other[1]):
            return False
        del powers[other]
        if len(key[1]) == 2 and key[1][1] is not other[1][1]:
            identify(powers, key[1][1], other[1][1], bound)
        return True
    if _before(first, second) or _before(second, first):
        term.coefficient = 0
        powers.clear()
        return True
    for (outer, outer_legs), (inner, inner_legs) in ((key, other), (other, key)):
        inside = _inside(included(inner), included(outer))
        if inside is not None and len(outer_legs) == 2:
            del powers[(outer, outer_legs)]
            part = inner_legs[1] if len(inner_legs) == 2 else None
            multiply(powers, _inclusion(outer_legs[1], part, inside, included(inner)[1], forms))
            return True
    return False


def _before(first: Range, second: Range) -> bool:
    end = total(first)
    return end == second[0] or difference(second[0], (end,)) is not None


def _inside(inner: Range, outer: Range) -> Size | None:
    """Where a range begins inside another; None where it is not known to lie there."""
    start: Size | None = 0 if inner[0] == outer[0] else difference(inner[0], (outer[0],))
    ends = total(inner), total(outer)
    if start is None or not (ends[0] == ends[1] or difference(ends[1], (ends[0],)) is not None):
        return None
    return start


# From nodes -----------------------------------------------------------------------------------------------------


def _hcat(expansion: Expansion, node: Node, left: Value, right: Value) -> Value:
    return _concatenated(expansion, node, left, right, 1)


def _vcat(expansion: Expansion, node: Node, above: Value, below: Value) -> Value:
    return _concatenated(expansion, node, above, below, 0)


def _concatenated(expansion: Expansion, node: Node, first: Value, second: Value, along: int) -> Value:
    across, other = first.axes[1 - along], second.axes[1 - along]
    if across is not None and other is not None:
        other.join(across)
    whole = Index(node.shape[along])  # type: ignore[arg-type]
    offset: Size = 0
    terms: list[Term] = []
    for value in (first, second):
        part = value.axes[along]
        assert part is not None
        length = part.root().size
        term = expansion.single(value)
        if term.coefficient:
            term.factors.append(_inclusion(whole, part, offset, length, expansion.settling.forms))
            term.bound.append(part)
            terms.append(term)
        offset = length
    riding = tuple(dict.fromkeys((*first.riding, *second.riding)))
    axes = (across, whole) if along else (whole, across)
    return Value(axes, terms, riding)


STRUCTURAL: dict[str, Callable[..., Value]] = {"hcat": _hcat, "vcat": _vcat}
