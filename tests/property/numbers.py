"""Numbers for random expressions, with autograd: the independent side of the property test.

Every value is a 2-d array here: a scalar is 1×1, a vector n×1, a row 1×n.
"""

from __future__ import annotations

import math
from typing import Any

import autograd.numpy as anp
import numpy as np
from autograd import grad
from autograd.extend import defvjp, primitive

Array = Any


@primitive
def erf(x: Array) -> Array:
    return np.vectorize(math.erf, otypes=[float])(x)


defvjp(erf, lambda ans, x: lambda g: g * 2 / math.sqrt(math.pi) * anp.exp(-(x**2)))


def _logsumexp(x: Array) -> Array:
    top = anp.max(x)
    return anp.reshape(anp.log(anp.sum(anp.exp(x - top))) + top, (1, 1))


def _softmax(x: Array) -> Array:
    e = anp.exp(x - anp.max(x))
    return e / anp.sum(e)


def _one(x: Array) -> Array:
    return anp.reshape(x, (1, 1))


def _matrix_power(a: Array, k: int) -> Array:
    base = anp.linalg.inv(a) if k < 0 else a
    result = anp.eye(a.shape[0])
    for _ in range(abs(k)):
        result = result @ base
    return result


ELEMENTWISE = {
    "exp": anp.exp,
    "log": anp.log,
    "sqrt": anp.sqrt,
    "sin": anp.sin,
    "cos": anp.cos,
    "tan": anp.tan,
    "sinh": anp.sinh,
    "cosh": anp.cosh,
    "tanh": anp.tanh,
    "arcsin": anp.arcsin,
    "arccos": anp.arccos,
    "arctan": anp.arctan,
    "abs": anp.abs,
    "sign": anp.sign,
    "relu": lambda x: anp.where(x > 0, x, 0.0 * x),
    "sigmoid": lambda x: 1 / (1 + anp.exp(-x)),
    "softplus": lambda x: anp.log(1 + anp.exp(x)),
    "erf": erf,
}
BINARY = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "hadamard": lambda a, b: a * b,
    "scale": lambda a, b: a * b,
    "over": lambda a, b: a / b,
    "eldivide": lambda a, b: a / b,
    "matmul": lambda a, b: a @ b,
    "pow": lambda a, b: a**b,
    "max": lambda a, b: anp.where(a > b, a + 0 * b, b + 0 * a),
    "min": lambda a, b: anp.where(a < b, a + 0 * b, b + 0 * a),
}
UNARY = {
    **ELEMENTWISE,
    "neg": lambda x: -x,
    "transpose": lambda x: x.T,
    "inv": anp.linalg.inv,
    "det": lambda x: _one(anp.linalg.det(x)),
    "logdet": lambda x: _one(anp.log(anp.linalg.det(x))),
    "tr": lambda x: _one(anp.trace(x)),
    "sum": lambda x: _one(anp.sum(x)),
    "norm2": lambda x: _one(anp.sqrt(anp.sum(x * x))),
    "norm1": lambda x: _one(anp.sum(anp.abs(x))),
    "logsumexp": _logsumexp,
    "softmax": _softmax,
    "diag": lambda x: x * anp.eye(x.shape[0]),
    "diagonal": lambda x: (x * anp.eye(x.shape[0])) @ anp.ones((x.shape[0], 1)),
}


def apply(op: str, args: list[Array], data: Any, shape: tuple[int, int]) -> Array:
    """The value of one operation; ``data`` is its number, exponent or size."""
    if op in UNARY:
        return UNARY[op](args[0])
    if op in BINARY:
        return BINARY[op](*args)
    match op:
        case "number":
            return anp.array([[float(data)]])
        case "pi":
            return anp.array([[math.pi]])
        case "ones":
            return anp.ones(shape)
        case "identity":
            return anp.eye(shape[0])
        case "fill":
            return args[0] * anp.ones(shape)
        case "intpow":
            return args[0] ** int(data)
        case "matpow":
            return _matrix_power(args[0], data)
    raise ValueError(op)


def gradient(function: Any, at: Array) -> Array:
    """The gradient by autograd, which leaves out what does not depend on the variable."""
    return np.asarray(grad(lambda x: function(x)[0, 0])(at))


def central_differences(function: Any, at: Array) -> Array:
    """The gradient by central differences of fourth order."""
    result = np.zeros_like(at)
    for place in np.ndindex(at.shape):
        h = 1e-3
        step = np.zeros_like(at)
        step[place] = h
        far = function(at + 2 * step) - function(at - 2 * step)
        near = function(at + step) - function(at - step)
        result[place] = ((8 * near - far) / (12 * h))[0, 0]
    return result
