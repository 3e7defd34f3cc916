"""What the structure of variables does to factors: QᵀQ is I, uᵀu is 1, |p| is p, and a skew S meets Sᵀ as −S.

A symmetric variable needs nothing here: its atom says that its legs may be swapped.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import product

from matcalc.index.cancellation import cancel_inverses
from matcalc.index.canonical import term_key
from matcalc.index.factors import identify, multiply
from matcalc.index.terms import Atom, Factor, Form, Index, Legs, Powers, Term, Value
from matcalc.structure import Structures

_TURNED = 6  # skew factors of a term whose orders are all looked at
_POSITIVE_FUNCTIONS = frozenset(["exp", "sigmoid", "softplus"])


def symmetric_variable(structures: Structures, name: object) -> bool:
    """Whether the transpose of a variable is the variable itself."""
    return structures.transposes(name) == "X"


def is_skew(atom: Atom, structures: Structures) -> bool:
    """Whether swapping the two legs of an atom changes its sign: a skew variable or the inverse of one."""
    if atom.kind == "function" and atom.data == "inv":
        only = only_factor(atom.args[0])
        return only is not None and only[0].kind == "variable" and is_skew(only[0], structures)
    return atom.kind == "variable" and structures.transposes(atom.data) == "-X"


def is_positive(atom: Atom, structures: Structures) -> bool:
    """Whether every entry of an atom is known to be above zero."""
    if atom.kind == "variable":
        return structures.has(atom.data, "positive")
    if atom.kind == "number":
        return isinstance(atom.data, Fraction) and atom.data > 0
    return atom.kind in ("pi", "size") or (atom.kind == "function" and atom.data in _POSITIVE_FUNCTIONS)


def only_factor(form: Form) -> Factor | None:
    """The factor of a form that is nothing else."""
    if len(form.terms) != 1 or form.terms[0].coefficient != 1 or len(form.terms[0].factors) != 1:
        return None
    atom, legs, power = form.terms[0].factors[0]
    return (atom, legs, power) if power == 1 else None


# Functions ------------------------------------------------------------------------------------------------------


def known_function(op: str, value: Value, structures: Structures) -> Value | None:
    """The value of a function of structured variables where it is simpler: |p|, sign(p), ‖u‖, Q⁻¹; else None."""
    if not structures or not value.terms:
        return None
    if op in ("abs", "relu", "sign", "step", "ispositive"):
        atoms = [atom for term in value.terms for atom, _, _ in term.factors]
        positive = all(is_positive(atom, structures) for atom in atoms)
        if not positive or any(term.coefficient <= 0 for term in value.terms):
            return None
        if op in ("abs", "relu"):
            return value
        return Value(value.axes, [Term(1, [], [])])
    if op not in ("inv", "norm2") or len(value.terms) != 1:
        return None
    (term,) = value.terms
    if len(term.factors) != 1 or term.bound or term.factors[0][2] != 1:
        return None
    atom, legs, _ = term.factors[0]
    if len({leg.root() for leg in legs}) != len(value.legs) or atom.kind != "variable":
        return None
    if op == "inv" and structures.inverts(atom.data) == "X'":
        term.coefficient = 1 / Fraction(term.coefficient)
        return Value(value.axes[::-1], [term])
    if op == "norm2" and structures.has(atom.data, "unit"):
        return Value((None, None), [Term(abs(Fraction(term.coefficient)), [], [])])
    return None


# Factors of one term --------------------------------------------------------------------------------------------


def simplify_factors(term: Term, powers: Powers, bound: set[Index], structures: Structures) -> bool:
    """Apply one identity to the factors of a term; False where none applies."""
    if not structures or not term.coefficient:
        return False
    if cancel_inverses(powers, bound):  # before a skew factor is turned towards another inverse
        return True
    for key, power in powers.items():
        atom, legs = key
        if len(legs) == 2 and _spread(key, powers, bound, structures):
            return True
        if atom.kind == "function" and atom.data == "tril" and _has_triangle(legs, powers, structures):
            del powers[key]
            return True
        if is_skew(atom, structures):
            if legs[0] is legs[1] and power > 0:  # the diagonal is zero
                term.coefficient = 0
                powers.clear()
                return True
            if power == 1 and _meet_inverse(term, key, powers, bound, structures):
                return True
        elif atom.kind == "variable" and power in (1, 2):
            if structures.has(atom.data, "unit") and power == 2 and _alone(legs[0], [key], powers, bound):
                del powers[key]
                bound.discard(legs[0])
                return True
            if structures.inverts(atom.data) == "X'" and _cancel(key, powers, bound):
                return True
    return False


def _has_triangle(legs: Legs, powers: Powers, structures: Structures) -> bool:
    """Whether a factor is zero wherever the lower triangle of ones on these legs is: L[i,j] or U[j,i]."""
    ways = ((legs, "lower"), (legs[::-1], "upper"))
    return any(
        other.kind == "variable" and power > 0 and around == way and structures.has(other.data, kind)
        for (other, around), power in powers.items()
        for way, kind in ways
    )


def is_diagonal(atom: Atom, structures: Structures) -> bool:
    """Whether an atom is a diagonal matrix: a variable or the inverse of one."""
    if atom.kind == "function" and atom.data == "inv":
        only = only_factor(atom.args[0])
        return only is not None and only[0].kind == "variable" and is_diagonal(only[0], structures)
    return atom.kind == "variable" and structures.has(atom.data, "diagonal")


def _spread(key: tuple[Atom, Legs], powers: Powers, bound: set[Index], structures: Structures) -> bool:
    """The diagonal of a diagonal matrix on the diagonal is the matrix: D[i,i] δ[i,k] is D[i,k]."""
    atom, legs = key
    if legs[0] is not legs[1] or powers[key] != 1 or not is_diagonal(atom, structures):
        return False
    around = [other for other in powers if other != key and legs[0] in other[1]]
    if len(around) != 1 or around[0][0].kind != "identity" or bound & {*around[0][1]}:
        return False
    del powers[key], powers[around[0]]
    multiply(powers, (atom, around[0][1], 1))
    return True


def _alone(index: Index, keys: Sequence[tuple[Atom, Legs]], powers: Powers, bound: set[Index]) -> bool:
    """Whether a bound index has these factors and no others."""
    return index in bound and all((index in legs) == ((atom, legs) in keys) for atom, legs in powers)


def _cancel(key: tuple[Atom, Legs], powers: Powers, bound: set[Index]) -> bool:
    """QᵀQ and QQᵀ are the identity, where the index between them has no other factor."""
    atom, legs = key
    if legs[0] is legs[1]:
        return False
    for place in (0, 1):
        middle = legs[place]
        if powers[key] == 2:  # the columns and rows have norm 1
            if _alone(middle, [key], powers, bound):
                del powers[key]
                bound.discard(middle)
                return True
            continue
        for other in list(powers):
            if other != key and other[0] is atom and powers[other] == 1 and other[1][place] is middle:
                left, right = legs[1 - place], other[1][1 - place]
                if right is middle or not _alone(middle, [key, other], powers, bound):
                    continue
                del powers[key], powers[other]
                bound.discard(middle)
                identify(powers, left, right, bound)
                return True
    return False


def _meet_inverse(
    term: Term, key: tuple[Atom, Legs], powers: Powers, bound: set[Index], structures: Structures
) -> bool:
    """Write SᵀS⁻¹ as −SS⁻¹, which cancels."""
    atom, legs = key
    if atom.kind != "variable":
        return False
    for other, other_legs in list(powers):
        if other.kind != "function" or not is_skew(other, structures) or powers[(other, other_legs)] != 1:
            continue
        inside = only_factor(other.args[0])
        if inside is None or inside[0] is not atom:
            continue
        straight = inside[1][0].root() is other.args[0].legs[0].root()
        for place in (0, 1):
            if other_legs[place] is legs[place] and other_legs[1 - place] is not legs[place] and straight:
                if _alone(legs[place], [key, (other, other_legs)], powers, bound):
                    del powers[key]
                    powers[(atom, legs[::-1])] = 1
                    term.coefficient = -term.coefficient
                    return True
    return False


def orient(term: Term, free: Iterable[Index], structures: Structures) -> Term:
    """The term with its skew factors the way round that all equal terms have; zero where it equals its negative.

    All orders of the legs are compared by their canonical keys (xᵀSx and −xᵀSx have the same, so xᵀSx is 0).
    """
    if not structures or not term.coefficient:
        return term
    places = [
        place
        for place, (atom, legs, power) in enumerate(term.factors)
        if len(legs) == 2 and power in (1, -1) and is_skew(atom, structures)
    ]
    if not 0 < len(places) <= _TURNED:
        return term
    roots = list(free)
    best: tuple[object, int, list[Factor]] | None = None
    signs: set[int] = set()
    for turns in product((False, True), repeat=len(places)):
        factors = list(term.factors)
        for place, turn in zip(places, turns, strict=True):
            atom, legs, power = factors[place]
            factors[place] = (atom, legs[::-1] if turn else legs, power)
        sign = -1 if sum(turns) % 2 else 1
        key = term_key(Term(1, factors, term.bound), roots)
        if best is None or less(key, best[0]):
            best, signs = (key, sign, factors), {sign}
        elif key == best[0]:
            signs.add(sign)
    assert best is not None
    if len(signs) == 2:
        return Term(0, [], [])
    return Term(term.coefficient * best[1], best[2], term.bound)


def less(key: object, other: object) -> bool:
    """Whether one canonical key comes before another."""
    try:
        return bool(key < other)  # type: ignore[operator]
    except TypeError:  # a group of factors that is too symmetric to be labelled has a key of its own
        return False
