"""Values with more than two axes as SymPy array expressions, and what only sums over entries can say as matrices.

A contraction ``Σ_k A[i,k] x[k] T[i,j,l]`` is a tensor product of its operands, of which equal indices are contracted
(those that are summed), or put on a diagonal (those that stay), and whose axes are put in order last.  A vector is
n×1 in SymPy; all axes of length 1 are contracted with each other, with ``OneMatrix(1, 1)`` where there is only one, so
that the shape of the expression is exactly that of the value.  SymPy's ``doit`` drops the contraction of a single axis
of length 1 and then gives wrong shapes; contractions of two axes or more it leaves right.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import sympy
from sympy import OneMatrix, S
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.array.expressions import (
    ArrayAdd,
    ArrayContraction,
    ArrayDiagonal,
    ArrayElementwiseApplyFunc,
    ArraySymbol,
    ArrayTensorProduct,
    OneArray,
    PermuteDims,
    ZeroArray,
)
from sympy.tensor.indexed import Indexed

from matcalc.errors import RuleProblem
from matcalc.graph.node import SCALAR, Node, Size, own_axes
from matcalc.graph.subscripts import Subscripts

if TYPE_CHECKING:
    from matcalc.printers.to_sympy import _Writer

Operand = tuple[Any, Sequence[int]]
_ONE = -1  # the index of every axis of length 1 that a value does not have


def is_array(node: Node) -> bool:
    """Whether a node is no matter of matrices alone: a contraction, or a value or operand with more than two axes."""
    return node.op == "contract" or any(len(each.shape) > 2 for each in (node, *node.args))


def array_value(writer: _Writer, node: Node, args: Sequence[Any]) -> Any:
    """The value of a node for which ``is_array`` holds, from those of its operands.

    With more than two axes it is an array expression or a ``Fill``, else what the writer takes for matrices.
    """
    if len(node.shape) > 2:
        make: Callable[..., Any] = _ARRAYS.get(node.op, _elementwise)
        return make(writer, node, *args)
    rows, columns = writer.index(), writer.index()
    places = [(rows, columns)[place] for place in own_axes(node.shape)]
    entry = _made_entry(writer, node, places)
    if node.shape == SCALAR:
        return entry
    shape = (size_of(size) for size in node.shape[:2])
    return writer.whole(sympy.FunctionMatrix(*shape, sympy.Lambda((rows, columns), entry)))


def array_of(value: Any) -> Any:
    """The array expression of a value with more than two axes."""
    return scaled(value.scalar, OneArray(*value.shape)) if hasattr(value, "scalar") else value


def size_of(size: Size | None) -> Any:
    """A size as SymPy has it; 1 for an axis that is not there."""
    if size is None:
        return S.One
    if isinstance(size, str):
        terms = ([_part(factor) for factor in term.split("*")] for term in size.split("+"))
        return sympy.Add(*(sympy.Mul(*factors) for factors in terms))
    return sympy.Integer(size)


def _part(text: str) -> Any:
    return sympy.Integer(text) if text.isdigit() else sympy.Symbol(text, integer=True, positive=True)


def with_row(expr: Any, count: int) -> Any:
    """A value with ``count`` axes, and one of length 1 in front: of a vector, a matrix of one row."""
    return sympy.Transpose(expr) if count == 1 else ArrayTensorProduct(OneArray(1), expr)


# Contractions ----------------------------------------------------------------------------------------------------


def contraction(operands: Sequence[Operand], output: Sequence[int], sizes: Mapping[int, Any]) -> Any:
    """The array expression of Σ over the indices that ``output`` lacks, with an axis for each index of ``output``.

    An operand is a matrix or array expression and the index of each of its axes, ``_ONE`` for one of length 1 that
    has none; or a scalar with no index.  ``sizes`` are those of the indices.
    """
    place = {index: place for place, index in enumerate(output)}
    operands = [_with_scalar(operand) for operand in operands]
    operands.sort(key=lambda operand: min((place.get(index, len(place)) for index in operand[1]), default=-1))
    found = [index for _, indices in operands for index in indices]
    alone = [i for i in dict.fromkeys([*found, *output]) if i != _ONE and found.count(i) + (i in output) == 1]
    operands += [(OneMatrix(sizes[index], 1), (index, _ONE)) for index in alone]
    if sum(index == _ONE for _, indices in operands for index in indices) == 1:
        operands.append((OneMatrix(1, 1), (_ONE, _ONE)))
    labels = [index for _, indices in operands for index in indices]
    product = ArrayTensorProduct(*(expr for expr, _ in operands)) if len(operands) > 1 else operands[0][0]
    summed = [index for index in dict.fromkeys(labels) if index not in output]
    if summed:
        product = ArrayContraction(product, *(_places(labels, index) for index in summed))
        labels = [index for index in labels if index in output]
    shared = [index for index in dict.fromkeys(labels) if labels.count(index) > 1]
    if shared:
        product = ArrayDiagonal(product, *(_places(labels, index) for index in shared))
        labels = [index for index in labels if index not in shared] + shared
    return permuted(product, [labels.index(index) for index in output])


def _with_scalar(operand: Operand) -> Operand:
    """An operand; SymPy's arrays take an entry of a matrix for a matrix, so that of a 1×1 matrix is the matrix."""
    expr, indices = operand
    if isinstance(expr, MatrixElement) and not indices:
        return expr.parent, (_ONE, _ONE)
    return operand


def _places(labels: Sequence[int], index: int) -> tuple[int, ...]:
    return tuple(place for place, label in enumerate(labels) if label == index)


def permuted(expr: Any, order: Sequence[int]) -> Any:
    """The array whose n-th axis is the axis ``order[n]`` of ``expr``."""
    return expr if list(order) == sorted(order) else PermuteDims(expr, list(order))


def scaled(scalar: Any, expr: Any) -> Any:
    """A scalar times an array."""
    if scalar == 1:
        return expr
    if scalar == 0:
        return ZeroArray(*expr.shape)
    if isinstance(scalar, MatrixElement):
        axes = range(len(expr.shape))
        return contraction([(scalar, ()), (expr, axes)], axes, dict(zip(axes, expr.shape, strict=True)))
    if isinstance(expr, ArrayTensorProduct):
        return ArrayTensorProduct(scalar, *expr.args)
    return ArrayTensorProduct(scalar, expr)


def added(*terms: Any) -> Any:
    """A sum of arrays of one shape; sums in a sum are opened."""
    opened = [part for term in terms for part in (term.args if isinstance(term, ArrayAdd) else (term,))]
    kept = [part for part in opened if not isinstance(part, ZeroArray)]
    return ArrayAdd(*kept) if len(kept) > 1 else (kept or opened)[0]


def product(left: Any, right: Any) -> Any:
    """The elementwise product of two arrays of one shape."""
    axes = range(len(left.shape))
    return contraction([(left, axes), (right, axes)], axes, {})


# Nodes -----------------------------------------------------------------------------------------------------------


def _contract(writer: _Writer, node: Node, *args: Any) -> Any:
    subscripts = node.data
    assert isinstance(subscripts, Subscripts)
    operands, sizes = [], {}
    for value, arg, indices in zip(args, node.args, subscripts.inputs, strict=True):
        labels = [] if arg.shape == SCALAR else [_ONE] * len(arg.shape)
        for place, index in zip(own_axes(arg.shape), indices, strict=True):
            labels[place], sizes[index] = index, size_of(arg.shape[place])
        if arg.shape != SCALAR:
            value = array_of(value) if len(arg.shape) > 2 else writer.matrix(value)
        operands.append((value, labels))
    for place, index in zip(own_axes(node.shape), subscripts.output, strict=True):
        sizes[index] = size_of(node.shape[place])
    return contraction(operands, subscripts.output, sizes)


def _sum(writer: _Writer, node: Node, left: Any, right: Any) -> Any:
    sign = -1 if node.op == "sub" else 1
    return added(array_of(left), scaled(sign, array_of(right)))


def _scale(writer: _Writer, node: Node, scalar: Any, value: Any) -> Any:
    return _filled(value, scalar * value.scalar) if hasattr(value, "scalar") else scaled(scalar, value)


def _filled(like: Any, scalar: Any) -> Any:
    """A ``Fill`` of the same shape."""
    return like._replace(scalar=scalar)


def _elementwise(writer: _Writer, node: Node, *args: Any) -> Any:
    """An operation on each entry of arrays."""
    function = writer.function_of(node)
    scalars = [
        getattr(a, "scalar", a) if is_scalar(a, n) else None for a, n in zip(args, node.args, strict=True)
    ]
    arrays = [arg for arg, scalar in zip(args, scalars, strict=True) if scalar is None]
    if not arrays:
        return _filled(next(arg for arg in args if hasattr(arg, "scalar")), function(*scalars))
    z = writer.entry
    if len(arrays) == 1:
        body = function(*(z if scalar is None else scalar for scalar in scalars))
        return ArrayElementwiseApplyFunc(sympy.Lambda(z, body), arrays[0])
    left, right = arrays
    if node.op == "hadamard":
        return product(left, right)
    if node.op == "eldivide":
        return product(left, ArrayElementwiseApplyFunc(sympy.Lambda(z, 1 / z), right))
    if node.op in ("max", "min"):  # max(X, Y) = Y + max(X − Y, 0)
        difference = added(left, scaled(-1, right))
        return added(right, ArrayElementwiseApplyFunc(sympy.Lambda(z, function(z, 0)), difference))
    raise RuleProblem(f"`{node.op}` of two arrays with more than two axes has no SymPy form")


def is_scalar(value: Any, node: Node) -> bool:
    """Whether a value is one number for every entry."""
    return node.shape == SCALAR or hasattr(value, "scalar")


_ARRAYS: dict[str, Callable[..., Any]] = {
    "variable": lambda w, n: ArraySymbol(str(n.data), [size_of(size) for size in n.shape]),
    "ones": lambda w, n: w.fill(S.One, n),
    "fill": lambda w, n, a: w.fill(a, n),
    "contract": _contract,
    "add": _sum,
    "sub": _sum,
    "neg": lambda w, n, a: _scale(w, n, S.NegativeOne, a),
    "scale": _scale,
    "over": lambda w, n, a, s: _scale(w, n, 1 / s, a),
}


# Entries ---------------------------------------------------------------------------------------------------------


def _made_entry(writer: _Writer, node: Node, indices: Sequence[Any]) -> Any:
    """An entry of a value that is made of arrays, as a scalar expression with explicit sums."""
    if node.op == "variable":
        return Indexed(writer.done[node], *indices)
    if node.op == "contract":
        subscripts = node.data
        assert isinstance(subscripts, Subscripts)
        at = dict(zip(subscripts.output, indices, strict=True))
        at |= {index: writer.index() for index in subscripts.summed}
        sizes: dict[int, Any] = {}
        factors = []
        for arg, own in zip(node.args, subscripts.inputs, strict=True):
            factors.append(_entry(writer, arg, [at[index] for index in own]))
            sizes |= {index: size_of(arg.shape[p]) for index, p in zip(own, own_axes(arg.shape), strict=True)}
        return _summed(sympy.Mul(*factors), {at[index]: sizes[index] for index in subscripts.summed})
    if node.op in ("sum", "sumsq", "norm2"):
        (arg,) = node.args
        bound = {writer.index(): size_of(size) for size in arg.shape}
        inner = _entry(writer, arg, [*bound])
        total = _summed(inner if node.op == "sum" else inner**2, bound)
        return sympy.sqrt(total) if node.op == "norm2" else total
    if node.shape == SCALAR or len(node.shape) <= 2:
        raise RuleProblem(f"`{node.op}` of an array with more than two axes has no SymPy form")
    parts = [_entry(writer, arg, [] if arg.shape == SCALAR else indices) for arg in node.args]
    return parts[0] if node.op == "fill" else writer.function_of(node)(*parts)


def _entry(writer: _Writer, node: Node, indices: Sequence[Any]) -> Any:
    """An entry of any value that is done."""
    value = writer.done[node]
    if is_scalar(value, node):
        return getattr(value, "scalar", value)
    if len(node.shape) > 2:
        return _made_entry(writer, node, indices)
    both = [S.Zero, S.Zero]
    for place, index in zip(own_axes(node.shape), indices, strict=True):
        both[place] = index
    return value.body.subs(writer.entry, MatrixElement(value.inner, *both))


def _summed(entry: Any, bound: Mapping[Any, Any]) -> Any:
    """The sum over indices from 0 to below these sizes."""
    return sympy.Sum(entry, *((index, 0, size - 1) for index, size in bound.items())) if bound else entry
