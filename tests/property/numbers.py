"""Numbers for random expressions, with autograd: the independent side of the property test.

Every value is a 2-d array here: a scalar is 1×1, a vector n×1, a row 1×n.
"""

from __future__ import annotations

import math
from collections.abc import Callable
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


class Backend:
    """The operations of the language with one array library, NumPy's interface under autograd or JAX."""

    def __init__(self, xp: Any, erf: Callable[[Array], Array]) -> None:
        self.xp = xp
        self.elementwise: dict[str, Callable[[Array], Array]] = {
            "exp": xp.exp,
            "log": xp.log,
            "sqrt": xp.sqrt,
            "sin": xp.sin,
            "cos": xp.cos,
            "tan": xp.tan,
            "sinh": xp.sinh,
            "cosh": xp.cosh,
            "tanh": xp.tanh,
            "arcsin": xp.arcsin,
            "arccos": xp.arccos,
            "arctan": xp.arctan,
            "abs": xp.abs,
            "sign": xp.sign,
            "relu": lambda x: xp.where(x > 0, x, 0.0 * x),
            "sigmoid": lambda x: 1 / (1 + xp.exp(-x)),
            "softplus": lambda x: xp.log(1 + xp.exp(x)),
            "erf": erf,
        }
        self.binary: dict[str, Callable[[Array, Array], Array]] = {
            "add": lambda a, b: a + b,
            "sub": lambda a, b: a - b,
            "hadamard": lambda a, b: a * b,
            "scale": lambda a, b: a * b,
            "over": lambda a, b: a / b,
            "eldivide": lambda a, b: a / b,
            "matmul": lambda a, b: a @ b,
            "pow": lambda a, b: a**b,
            "max": lambda a, b: xp.where(a > b, a + 0 * b, b + 0 * a),
            "min": lambda a, b: xp.where(a < b, a + 0 * b, b + 0 * a),
        }
        self.unary: dict[str, Callable[[Array], Array]] = {
            **self.elementwise,
            "neg": lambda x: -x,
            "transpose": lambda x: x.T,
            "inv": xp.linalg.inv,
            "det": lambda x: _one(xp, xp.linalg.det(x)),
            "logdet": lambda x: _one(xp, xp.log(xp.linalg.det(x))),
            "tr": lambda x: _one(xp, xp.trace(x)),
            "sum": lambda x: _one(xp, xp.sum(x)),
            "norm2": lambda x: _one(xp, xp.sqrt(xp.sum(x * x))),
            "norm1": lambda x: _one(xp, xp.sum(xp.abs(x))),
            "logsumexp": self._logsumexp,
            "softmax": self._softmax,
            "diag": lambda x: x * xp.eye(x.shape[0]),
            "diagonal": lambda x: (x * xp.eye(x.shape[0])) @ xp.ones((x.shape[0], 1)),
        }

    def apply(self, op: str, args: list[Array], data: Any, shape: tuple[int, int]) -> Array:
        """The value of one operation; ``data`` is its number, exponent or size."""
        xp = self.xp
        if op in self.unary:
            return self.unary[op](args[0])
        if op in self.binary:
            return self.binary[op](*args)
        match op:
            case "number":
                return xp.array([[float(data)]])
            case "pi":
                return xp.array([[math.pi]])
            case "ones":
                return xp.ones(shape)
            case "identity":
                return xp.eye(shape[0])
            case "fill":
                return args[0] * xp.ones(shape)
            case "intpow":
                return args[0] ** int(data)
            case "matpow":
                return self._matrix_power(args[0], data)
        raise ValueError(op)

    def _logsumexp(self, x: Array) -> Array:
        top = self.xp.max(x)
        return _one(self.xp, self.xp.log(self.xp.sum(self.xp.exp(x - top))) + top)

    def _softmax(self, x: Array) -> Array:
        e = self.xp.exp(x - self.xp.max(x))
        return e / self.xp.sum(e)

    def _matrix_power(self, a: Array, k: int) -> Array:
        base = self.xp.linalg.inv(a) if k < 0 else a
        result = self.xp.eye(a.shape[0])
        for _ in range(abs(k)):
            result = result @ base
        return result


def _one(xp: Any, x: Array) -> Array:
    return xp.reshape(x, (1, 1))


AUTOGRAD = Backend(anp, erf)
ELEMENTWISE, BINARY, UNARY = AUTOGRAD.elementwise, AUTOGRAD.binary, AUTOGRAD.unary


def gradient(function: Any, at: Array) -> Array:
    """The gradient by autograd, which leaves out what does not depend on the variable."""
    return np.asarray(grad(lambda x: function(x)[0, 0])(at))


def central_differences(function: Any, at: Array) -> Array:
    """The gradient by central differences."""
    return differences(function, at).reshape(at.shape)


def differences(function: Any, at: Array) -> Array:
    """The derivative of an array by central differences of fourth order, the axes of ``at`` last."""
    columns = []
    for place in np.ndindex(at.shape):
        h = 1e-3
        step = np.zeros_like(at)
        step[place] = h
        far = function(at + 2 * step) - function(at - 2 * step)
        near = function(at + step) - function(at - step)
        columns.append((8 * near - far) / (12 * h))
    return np.stack(columns, axis=-1).reshape(*columns[0].shape, *at.shape)
