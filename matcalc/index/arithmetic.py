"""Sums, products, powers, transposes, diagonals and traces in index form: what opens into terms and factors."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from matcalc.graph.node import Node
from matcalc.graph.numbers import exact
from matcalc.graph.subscripts import Subscripts
from matcalc.index.factors import IDENTITY
from matcalc.index.terms import Index, Term, Value, fresh_axes, riding_of, scalar_of

if TYPE_CHECKING:
    from matcalc.index.expand import Expansion


def _add(expansion: Expansion, node: Node, left: Value, right: Value) -> Value:
    right.join(left)
    left.riding = right.riding = riding_of(left, right)
    if len(left.terms) < len(right.terms):
        right.terms[:0] = left.terms
        return right
    left.terms.extend(right.terms)
    return left


def _sub(expansion: Expansion, node: Node, left: Value, right: Value) -> Value:
    return _add(expansion, node, left, right.scaled(-1))


def _neg(expansion: Expansion, node: Node, value: Value) -> Value:
    return value.scaled(-1)


def _scale(expansion: Expansion, node: Node, scalar: Value, value: Value) -> Value:
    number = _constant(scalar)
    if number is not None:
        return value.scaled(number)
    return expansion.product(value.axes, scalar, value, [])


def _constant(value: Value) -> Fraction | int | None:
    """The number that a value is, where it is seen to be one."""
    if len(value.terms) == 1 and not value.terms[0].factors and not value.terms[0].bound:
        return value.terms[0].coefficient
    return None


def _over(expansion: Expansion, node: Node, value: Value, scalar: Value) -> Value:
    return _scale(expansion, node, expansion.power(scalar, -1), value)


def _matmul(expansion: Expansion, node: Node, left: Value, right: Value) -> Value:
    bound = []
    if left.axes[1] is not None and right.axes[0] is not None:
        left.axes[1].join(right.axes[0])
        bound.append(right.axes[0])
    return expansion.product((left.axes[0], right.axes[1]), left, right, bound)


def _contract(expansion: Expansion, node: Node, *values: Value) -> Value:
    """A contraction: the indices of its operands are joined as its subscripts say."""
    subscripts = node.data
    assert isinstance(subscripts, Subscripts)
    indices: dict[int, Index] = {}
    for value, numbers_of in zip(values, subscripts.inputs, strict=True):
        for leg, number in zip(value.legs, numbers_of, strict=True):
            leg.join(indices.setdefault(number, leg))
    bound = [indices[number] for number in subscripts.summed]
    own = iter(subscripts.output)
    axes = tuple(None if size is None else indices.setdefault(next(own), Index(size)) for size in node.shape)
    result = values[0]
    for value in values[1:]:
        result = expansion.product(axes, result, value, [])
    if not bound:
        return Value(axes, result.terms, result.riding)
    term = expansion.settling.close(result.terms, tuple(indices.values()) + result.riding)
    term.bound.extend(bound)
    return Value(axes, [term] if term.coefficient else [], result.riding)


def _hadamard(expansion: Expansion, node: Node, left: Value, right: Value) -> Value:
    right.join(left)
    return expansion.product(left.axes, left, right, [])


def _eldivide(expansion: Expansion, node: Node, left: Value, right: Value) -> Value:
    return _hadamard(expansion, node, left, expansion.power(right, -1))


def _power(expansion: Expansion, node: Node, base: Value, exponent: Value) -> Value:
    number = _constant(exponent)
    if number:
        return expansion.power(base, number)
    terms = expansion.settling.collect(exponent.terms, ())
    if not terms:
        return Value(base.axes, [Term(1, [], [])])
    if len(terms) == 1 and not terms[0].factors:
        return expansion.power(base, exact(terms[0].coefficient))
    return expansion.elementwise("power", [base, Value(base.axes, terms)])


def _sqrt(expansion: Expansion, node: Node, value: Value) -> Value:
    return expansion.power(value, Fraction(1, 2))


def _elpower(expansion: Expansion, node: Node, base: Value, exponent: Value) -> Value:
    return expansion.elementwise("elpower", [base, exponent])


def _transpose(expansion: Expansion, node: Node, value: Value) -> Value:
    return Value(value.axes[::-1], value.terms, value.riding)


def _fill(expansion: Expansion, node: Node, scalar: Value) -> Value:
    return Value(fresh_axes(node.shape), scalar.terms, scalar.riding)


def _diag(expansion: Expansion, node: Node, vector: Value) -> Value:
    term = expansion.single(vector)
    columns = Index(node.shape[1])  # type: ignore[arg-type]
    (rows,) = vector.legs
    term.factors.append((IDENTITY, (rows, columns), 1))
    return Value((rows, columns), [term] if term.coefficient else [], vector.riding)


def _diagonal(expansion: Expansion, node: Node, matrix: Value) -> Value:
    term = expansion.single(matrix)
    rows, columns = matrix.legs
    columns.join(rows)
    return Value((rows, None), [term] if term.coefficient else [], matrix.riding)


def _sum(expansion: Expansion, node: Node, value: Value) -> Value:
    term = expansion.single(value)
    term.bound.extend(value.legs)
    return scalar_of([term] if term.coefficient else [], value.riding)


def _trace(expansion: Expansion, node: Node, matrix: Value) -> Value:
    return _sum(expansion, node, _diagonal(expansion, node, matrix))


def _sumsq(expansion: Expansion, node: Node, value: Value) -> Value:
    return _sum(expansion, node, expansion.power(value, 2))


STRUCTURAL: dict[str, Callable[..., Value]] = {
    "add": _add,
    "sub": _sub,
    "neg": _neg,
    "scale": _scale,
    "over": _over,
    "matmul": _matmul,
    "contract": _contract,
    "hadamard": _hadamard,
    "eldivide": _eldivide,
    "intpower": _power,
    "power": _power,
    "elpower": _elpower,
    "sqrt": _sqrt,
    "transpose": _transpose,
    "fill": _fill,
    "diag": _diag,
    "diagonal": _diagonal,
    "sum": _sum,
    "sumsq": _sumsq,
    "tr": _trace,
}
