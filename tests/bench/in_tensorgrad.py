"""A formula that matcalc has read as a tensor of tensorgrad, whose edges `r` and `c` are rows and columns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import sympy
import tensorgrad.functions as F
from tensorgrad import Delta, Ones, Product, Variable

from matcalc.graph.node import Node, Shape, topological
from matcalc.reading import Reading


class NotInTensorgrad(Exception):
    """An operation that tensorgrad does not have."""


def in_tensorgrad(reading: Reading, wrt: str) -> tuple[Any, Any]:
    """The value and the variable with a canonical name."""
    found: dict[Node, Any] = {}
    variables: dict[object, Any] = {}
    for node in topological([reading.value]):
        if node.op == "variable":
            found[node] = variables[node.data] = Variable(str(node.data), **_edges(node.shape))
        else:
            found[node] = _converted(node, [found[arg] for arg in node.args])
    return found[reading.value], variables[wrt]


def _converted(node: Node, given: Sequence[Any]) -> Any:
    if node.op in ("power", "intpower"):
        if node.args[1].op != "number":
            raise NotInTensorgrad("a power with a variable exponent")
        return F.pow(given[0], Fraction(node.args[1].data))
    if node.op == "number":
        return Product([]) * Fraction(node.data)
    if node.op in _OF_SHAPES:
        return _OF_SHAPES[node.op](node, *given)
    if node.op not in _FUNCTIONS:
        raise NotInTensorgrad(node.op)
    return _FUNCTIONS[node.op](*given)


def _edges(shape: Shape) -> dict[str, Any]:
    return {edge: sympy.Symbol(str(size)) for edge, size in zip("rc", shape, strict=True) if size is not None}


def _matmul(left: Any, right: Any) -> Any:
    return left.rename(c="inner") @ right.rename(r="inner")


def _identity(node: Node) -> Any:
    return Delta(_edges(node.shape)["r"], "r", "c")


def _diag(node: Node, vector: Any) -> Any:
    return F.diag(vector, ["r", "c"])


def _diagonal(node: Node, matrix: Any) -> Any:
    return F.diag(matrix, ["r"])


def _fill(node: Node, scalar: Any) -> Any:
    return scalar @ Ones(**_edges(node.shape))


def _ones(node: Node) -> Any:
    return Ones(**_edges(node.shape))


_OF_SHAPES: dict[str, Callable[..., Any]] = {
    "identity": _identity,
    "diag": _diag,
    "diagonal": _diagonal,
    "fill": _fill,
    "ones": _ones,
}

_FUNCTIONS: dict[str, Callable[..., Any]] = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "neg": lambda a: -a,
    "hadamard": lambda a, b: a * b,
    "scale": lambda a, b: a @ b,
    "over": lambda a, b: a @ F.pow(b, -1),
    "matmul": _matmul,
    "transpose": lambda a: a.rename(r="c", c="r"),
    "inv": F.inverse,
    "det": F.det,
    "logdet": lambda a: F.log(F.det(a)),
    "tr": F.trace,
    "sum": F.sum,
    "sumsq": F.frobenius2,
    "norm2": lambda a: F.sqrt(F.frobenius2(a)),
    "norm1": lambda a: F.sum(F.abs(a)),
    "max": F.maximum,
    "softmax": lambda a: F.softmax(a, "r"),
    **{name: getattr(F, name) for name in ("exp", "log", "sqrt", "tanh", "sigmoid", "relu", "abs")},
}
