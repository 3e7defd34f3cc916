"""vec, unvec and ⊗ in index form: all three are a constant that says which entry of vec(X) is which of X.

P[a,i,j] is 1 where a = i + m·j counted from 0, for an X of m rows.  So vec(X)[a] = P[a,i,j] X[i,j], and
(A ⊗ B)[a,b] = P[a,k,i] P[b,l,j] A[i,j] B[k,l].  What P's say to each other are the identities of vec and ⊗
(Magnus & Neudecker, Matrix Differential Calculus, chapters 2 and 3).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from matcalc.graph.node import Node
from matcalc.graph.sizes import joined, separated
from matcalc.index.canonical import Forms
from matcalc.index.factors import identify, multiply
from matcalc.index.terms import Atom, Factor, Form, Index, Legs, Powers, Term, Value, instance

if TYPE_CHECKING:
    from matcalc.index.expand import Expansion

Close = Callable[[list[Term], Legs], Term]
PAIRING = "pairing"


def _pair(both: Index, rows: Index, columns: Index, forms: Forms) -> Factor:
    """P[both, rows, columns].  Its sizes are part of the factor: K of m×n is not K of n×m."""
    return forms.atom(PAIRING, joined((rows.root().size, columns.root().size))), (both, rows, columns), 1


# Identities -----------------------------------------------------------------------------------------------------


def pair_up(powers: Powers, bound: set[Index]) -> bool:
    """What pairings say to each other and to sums over their indices; False where that is nothing new."""
    pairings = [key for key in powers if key[0].kind == PAIRING]
    for place, key in enumerate(pairings):
        both, rows, columns = key[1]
        for single, other in ((rows, columns), (columns, rows)):
            if single.size == 1:  # a matrix of one column is its own vec
                del powers[key]
                identify(powers, both, other, bound)
                return True
        for second in pairings[place + 1 :]:
            if second[0] is not key[0]:
                continue
            if second[1][0] is both:
                del powers[second]
                pairs = [(rows, second[1][1]), (columns, second[1][2])]
            elif second[1][1:] == (rows, columns):
                del powers[second]
                pairs = [(both, second[1][0])]
            else:
                continue
            for left, right in pairs:
                if left.root() is not right.root():
                    identify(powers, left.root(), right.root(), bound)
            return True
        if _sums_to_one(key[1], powers, bound):
            del powers[key]
            return True
    return False


def _sums_to_one(legs: Legs, powers: Powers, bound: set[Index]) -> bool:
    """Whether a pairing is all that is summed over its first index, or over its other two; these are then gone."""
    both, rows, columns = legs
    others = {leg for _, other in powers if other != legs for leg in other}
    for free in ((both,), (rows, columns)):
        if bound.issuperset(free) and not others.intersection(free) and len(set(legs)) == 3:
            bound.difference_update(free)
            return True
    return False


def into_sum(term: Term, powers: Powers, bound: set[Index], close: Close) -> bool:
    """Multiply a pairing or the choice of a block into a closed sum whose terms all have such a factor.

    So unvec(vec(A) + vec(B)) is A + B, and [I, 0][A; B] is A.
    """
    pairings = [key for key in powers if key[0].kind in (PAIRING, "inclusion")]
    for (atom, legs), power in powers.items() if pairings else ():
        if atom.kind != "sum" or power != 1:
            continue
        key = next((key for key in pairings if _is_in_all(key, atom.args[0], legs)), None)
        if key is None:
            continue
        del powers[key], powers[(atom, legs)]
        terms = instance(atom.args[0], legs)
        for inner in terms:
            inner.factors.append((*key, 1))
        others = {leg for _, other in powers for leg in other}
        every_leg = tuple(dict.fromkeys((*legs, *key[1])))
        summed = [leg for leg in every_leg if leg in bound and leg not in others]
        for inner in terms:
            inner.bound += summed
        bound.difference_update(summed)
        product = close(terms, tuple(leg for leg in every_leg if leg not in summed))
        term.coefficient *= Fraction(product.coefficient)
        for factor in product.factors:
            multiply(powers, factor)
        bound.update(index.root() for index in product.bound)
        return True
    return False


def _is_in_all(key: tuple[Atom, Legs], form: Form, legs: Legs) -> bool:
    """Whether every term of a sum has this pairing, over the same first index or over the same other two."""
    places = {own.root(): leg for own, leg in zip(form.legs, legs, strict=True)}

    def matches(term: Term) -> bool:
        for atom, inner, _ in term.factors:
            if atom.kind == key[0].kind == "inclusion" and places.get(inner[0].root()) is key[1][0]:
                return True
            if atom is key[0] and atom.kind == PAIRING:
                both, rows, columns = (places.get(leg.root()) for leg in inner)
                if both is key[1][0] or (rows is key[1][1] and columns is key[1][2]):
                    return True
        return False

    return any(map(matches, form.terms)) if key[0].kind == "inclusion" else all(map(matches, form.terms))


# From nodes -----------------------------------------------------------------------------------------------------


def _commutation(expansion: Expansion, node: Node) -> Value:
    """K[b,a] with vec(Xᵀ) = K vec(X)."""
    rows, columns = (Index(size) for size in separated(str(node.data)))
    before, after = Index(node.shape[1]), Index(node.shape[0])  # type: ignore[arg-type]
    forms = expansion.settling.forms
    factors = [_pair(before, rows, columns, forms), _pair(after, columns, rows, forms)]
    return Value((after, before), [Term(1, factors, [rows, columns])])


def _pairing(expansion: Expansion, node: Node) -> Value:
    both, rows, columns = (Index(size) for size in node.shape)  # type: ignore[arg-type]
    return Value((both, rows, columns), [Term(1, [_pair(both, rows, columns, expansion.settling.forms)], [])])


def _vec(expansion: Expansion, node: Node, value: Value) -> Value:
    if len(value.legs) == 1:
        return Value((value.legs[0], None), value.terms, value.riding)
    term = expansion.single(value)
    rows, columns = value.legs
    both = Index(node.shape[0])  # type: ignore[arg-type]
    term.factors.append(_pair(both, rows, columns, expansion.settling.forms))
    term.bound += [rows, columns]
    return Value((both, None), [term] if term.coefficient else [], value.riding)


def _unvec(expansion: Expansion, node: Node, value: Value) -> Value:
    term = expansion.single(value)
    rows, columns = (Index(size) for size in node.shape)  # type: ignore[arg-type]
    (both,) = value.legs
    term.factors.append(_pair(both, rows, columns, expansion.settling.forms))
    term.bound.append(both)
    return Value((rows, columns), [term] if term.coefficient else [], value.riding)


def _kron(expansion: Expansion, node: Node, left: Value, right: Value) -> Value:
    result = expansion.product((None, None), left, right, [])
    axes = []
    for size, outer, inner in zip(node.shape, left.axes, right.axes, strict=True):
        if outer is None or inner is None:
            axes.append(outer or inner)
            continue
        axes.append(both := Index(size))  # type: ignore[arg-type]
        for term in result.terms:
            term.factors.append(_pair(both, inner, outer, expansion.settling.forms))
            term.bound += [outer, inner]
    return Value(tuple(axes), result.terms, result.riding)


def _blockdot(expansion: Expansion, node: Node, whole: Value, block: Value) -> Value:
    return _blocks(expansion, node, whole, block, inner=True)


def _blocksum(expansion: Expansion, node: Node, weights: Value, whole: Value) -> Value:
    return _blocks(expansion, node, whole, weights, inner=False)


def _blocks(expansion: Expansion, node: Node, whole: Value, part: Value, inner: bool) -> Value:
    """Z[a,b] with one of the two indices that a is, and of those that b is, summed together with those of a part."""
    result = expansion.product((None, None), whole, part, [])
    axes: list[Index | None] = []
    for size, both, some in zip(node.shape, whole.axes, part.axes, strict=True):
        if both is None or some is None:
            axes.append(both)
            continue
        for term in result.terms:
            term.bound += [both, some]
        if size is None:  # the other factor was a vector
            both.join(some)
            axes.append(None)
            continue
        axes.append(rest := Index(size))
        pair = (some, rest) if inner else (rest, some)
        for term in result.terms:
            term.factors.append(_pair(both, *pair, expansion.settling.forms))
    return Value(tuple(axes), result.terms, result.riding)


LEAVES: dict[str, Callable[[Expansion, Node], Value]] = {"commutation": _commutation, "pairing": _pairing}
STRUCTURAL: dict[str, Callable[..., Value]] = {
    "vec": _vec,
    "unvec": _unvec,
    "kron": _kron,
    "blockdot": _blockdot,
    "blocksum": _blocksum,
}
