"""Symmetric products JᵀDJ: the half J is made once, and the product of it with itself where that is half the work.

Source: Golub & Van Loan, Matrix Computations (2013), 1.3.6 for AᵀA.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from matcalc.code.expression import Arrays, Expression
from matcalc.code.flat import Factor, Index

_NOT_NEGATIVE = frozenset(
    "sigmoid exp softmax softmax_rows softmax_columns softplus abs norm2 relu ispositive step sqrt cosh".split()
)
_AT_MOST_ONE = frozenset("sigmoid softmax softmax_rows softmax_columns ispositive step".split())


@dataclass(frozen=True)
class Half:
    """The factors of J, from an end of the product to its middle; there a matrix stands, or only weights do."""

    factors: list[Factor]
    end: Index
    middle: Index
    weights: list[Factor]  # on the middle index, where no matrix stands there
    core: list[Factor]  # the matrix in the middle with its weights, from the index ``middle`` to ``beyond``
    beyond: Index


def half_of(factors: list[Factor], ends: tuple[Index, Index]) -> Half | None:
    """The half of a product that reads the same from both ends; None where it does not."""
    matrices: dict[Index, list[Factor]] = {}
    weights: dict[Index, list[Factor]] = {}
    for factor in factors:
        if len(factor.indices) == 1:
            weights.setdefault(factor.indices[0], []).append(factor)
        elif len(factor.indices) == 2 and factor.power == 1:
            for index in factor.indices:
                matrices.setdefault(index, []).append(factor)
        else:
            return None
    if any(len(found) != (1 if index in ends else 2) for index, found in matrices.items()):
        return None
    if not all(end in matrices for end in ends):
        return None
    half: list[Factor] = []
    left, right = ends
    seen: set[int] = set()
    while left != right:
        mine = _next(matrices[left], seen)
        theirs = _next(matrices[right], seen)
        if mine is None or theirs is None:
            return None
        if mine is theirs:
            core = [mine, *weights.get(left, ()), *weights.get(right, ())]
            complete = 2 * len(half) + len(core) == len(factors)
            return Half(half, ends[0], left, [], core, right) if half and complete else None
        if mine.value is not theirs.value or mine.indices.index(left) != theirs.indices.index(right):
            return None
        if _bare(weights.get(left, [])) != _bare(weights.get(right, [])):
            return None
        seen |= {id(mine), id(theirs)}
        half += [mine, *weights.get(left, ())]
        left, right = _other(mine, left), _other(theirs, right)
    middle = weights.get(left, [])
    if 2 * len(half) + len(middle) != len(factors) or (len(half) == 1 and not middle):
        return None
    return Half(half, ends[0], left, middle, [], left)


def _next(found: list[Factor], seen: set[int]) -> Factor | None:
    return next((factor for factor in found if id(factor) not in seen), None)


def _other(factor: Factor, index: Index) -> Index:
    first, second = factor.indices
    return second if first == index else first


def _bare(weights: list[Factor]) -> Counter[tuple[Expression, int]]:
    return Counter((weight.value, weight.power) for weight in weights)


def product(
    half: Half,
    arrays: Arrays,
    multiplied: Callable[[list[Factor], tuple[Index, ...]], Expression],
    target: str,
) -> Expression:
    """JᵀDJ, by ``multiplied``, which gives the value of factors with the axes asked for.

    For NumPy it is the product of √D·J with itself where D has no negative entries; JAX has a function of ours.
    """
    inner = multiplied(half.factors, (half.middle, half.end))
    turned = arrays.permute(inner, (1, 0))
    sizes = (inner.sizes[1], inner.sizes[1])
    if half.core:
        core = multiplied(half.core, (half.middle, half.beyond))
        right = arrays.matmul(core, inner, (core.sizes[0], inner.sizes[1]))
        return arrays.matmul(turned, right, sizes)
    if not half.weights:
        return arrays.matmul(turned, inner, sizes)
    weights = arrays.times([(weight.value, weight.power) for weight in half.weights], inner.sizes[:1])
    if target == "numpy" and is_not_negative(weights):
        root = arrays.call("sqrt", [weights], weights.sizes)
        scaled = arrays.times([(arrays.spread(root, (0,), inner.sizes), 1), (inner, 1)], inner.sizes)
        return arrays.matmul(arrays.permute(scaled, (1, 0)), scaled, sizes)
    scaled = arrays.times([(turned, 1), (arrays.spread(weights, (1,), turned.sizes), 1)], turned.sizes)
    if target == "jax":
        return arrays.call("symmetric_product", [scaled, inner], sizes)
    return arrays.matmul(scaled, inner, sizes)


def is_not_negative(value: Expression) -> bool:
    """Whether all entries of a value are 0 or more, whatever its variables are."""
    if value.op == "call":
        return value.data in _NOT_NEGATIVE
    if value.op in ("spread", "permute", "reduce", "diagonal"):
        return is_not_negative(value.args[0])
    if value.op == "number":
        return isinstance(value.data, Fraction) and value.data >= 0
    if value.op == "times":
        powers: tuple[int, ...] = value.data  # type: ignore[assignment]
        return all(
            power % 2 == 0 or is_not_negative(arg) for arg, power in zip(value.args, powers, strict=True)
        )
    if value.op == "sum":
        coefficients: tuple[Fraction, ...] = value.data  # type: ignore[assignment]
        terms = list(zip(coefficients, value.args, strict=True))
        if all(coefficient > 0 and is_not_negative(term) for coefficient, term in terms):
            return True
        return len(terms) == 2 and _is_one(*terms[0]) and terms[1][0] >= -1 and _is_at_most_one(terms[1][1])
    return False


def _is_one(coefficient: Fraction, term: Expression) -> bool:
    inner = term.args[0] if term.op == "spread" else term
    return inner.op == "number" and isinstance(inner.data, Fraction) and coefficient * inner.data >= 1


def _is_at_most_one(value: Expression) -> bool:
    if value.op == "times" and len(value.args) == 1 and value.data == (2,):
        return value.args[0].op == "call" and value.args[0].data == "tanh"
    return value.op == "call" and value.data in _AT_MOST_ONE
