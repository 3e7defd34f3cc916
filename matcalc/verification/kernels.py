"""Numeric kernels: the functions that the `numpy` column of the rules and the structural operations name.

Every value is an array of shape (…batch, rows, columns); an axis that a value does not have has length 1.  So batches
broadcast, and nodes that do not depend on a perturbed variable are computed once per point.  Kernels are written to
be analytic away from kinks (no conjugates, comparisons by real part), so that a complex step goes through them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from matcalc.errors import RuleProblem
from matcalc.operations import Operation
from matcalc.verification import layout, matrices, reductions, special

Array = npt.NDArray[Any]

_ENTRIES = (-2, -1)
_HUGE = 2.0**31  # exponents from here on are no machine integers


class Kernel(NamedTuple):
    """A numeric function of ``arity`` arrays; ``sized`` ones also get the (rows, columns) of their result.

    ``analytic`` says that complex arguments give the derivative's imaginary part (true away from kinks).
    """

    apply: Callable[..., Array]
    arity: int = 1
    analytic: bool = True
    sized: bool = False


def kernel_of(operation: Operation) -> Kernel | None:
    """The kernel that computes ``operation``; None where its line has a `value` text instead.

    Raises ``RuleProblem`` for an unknown kernel or one of another number of operands.
    """
    if operation.numpy is None and operation.value is not None:
        return None
    where = f"`{operation.name}`"
    name = operation.numpy or operation.name
    kernel = _KERNELS.get(name)
    if kernel is None and operation.numpy is None:
        raise RuleProblem(f"{where}: say how to compute it, with `value` (a formula) or `numpy` (a kernel)")
    if kernel is None:
        raise RuleProblem(f"{where}: there is no kernel `{name}`; there are {', '.join(known_kernels())}")
    if kernel.arity != len(operation.takes):
        given = len(operation.takes)
        raise RuleProblem(f"{where}: the kernel `{name}` takes {kernel.arity} operands, the line has {given}")
    return kernel


def known_kernels() -> tuple[str, ...]:
    """The names that a rule's `numpy` column may hold, sorted."""
    return tuple(sorted(_KERNELS))


def _abs(x: Array) -> Array:
    return np.where(x.real < 0, -x, x) if np.iscomplexobj(x) else np.abs(x)


def _sign(x: Array) -> Array:
    return np.asarray(np.sign(x.real))


def _step(x: Array) -> Array:
    return np.asarray(np.heaviside(x.real, 0.5))


def _ispositive(x: Array) -> Array:
    return np.asarray(x.real > 0, dtype=float)


def _maximum(a: Array, b: Array) -> Array:
    if np.iscomplexobj(a) or np.iscomplexobj(b):
        return np.where(a.real >= b.real, a, b)
    return np.maximum(a, b)


def _minimum(a: Array, b: Array) -> Array:
    return -_maximum(-a, -b)


def _vectorised(function: Callable[[float], float]) -> Callable[[Array], Array]:
    ufunc = np.frompyfunc(function, 1, 1)

    def apply(x: Array) -> Array:
        return np.asarray(ufunc(np.asarray(x, dtype=float)), dtype=float)

    return apply


def _sigmoid(x: Array) -> Array:
    small = np.exp(-_abs(x))
    return np.asarray(np.where(x.real < 0, small, 1) / (1 + small))


def _softplus(x: Array) -> Array:
    return _maximum(x, np.zeros_like(x)) + np.log1p(np.exp(-_abs(x)))


def _power(x: Array, p: Array) -> Array:
    if np.iscomplexobj(x) or np.iscomplexobj(p):
        return np.asarray(np.exp(p * np.log(x)))
    return np.asarray(np.power(x, p))


def _intpower(x: Array, p: Array) -> Array:
    exponent = float(p.flat[0].real)  # a number, equal over the batch
    return np.asarray(x ** int(exponent) if abs(exponent) < _HUGE else np.power(x, exponent))


def _sum(x: Array) -> Array:
    return np.asarray(x.sum(axis=_ENTRIES, keepdims=True))


def _sumsq(x: Array) -> Array:
    return _sum(x * x)


def _norm2(x: Array) -> Array:
    return np.asarray(np.sqrt(_sumsq(x)))


def _trace(x: Array) -> Array:
    return np.asarray(np.trace(x, axis1=-2, axis2=-1)[..., None, None])


def _diag(x: Array) -> Array:
    n = x.shape[-2]
    result = np.zeros((*x.shape[:-1], n), dtype=x.dtype)
    result[..., range(n), range(n)] = x[..., 0]
    return result


def _diagonal(x: Array) -> Array:
    return np.asarray(np.diagonal(x, axis1=-2, axis2=-1)[..., None])


def _fill(x: Array, size: tuple[int, ...]) -> Array:
    return np.broadcast_to(x, (*x.shape[: max(0, x.ndim - len(size))], *size))


def _det(x: Array) -> Array:
    return np.asarray(np.linalg.det(x)[..., None, None])


def _logdet(x: Array) -> Array:
    sign, log = np.linalg.slogdet(x)
    # The argument of the sign carries a complex step: log det = log|det| + i arg det.
    result = log + 1j * np.angle(sign) if np.iscomplexobj(x) else np.where(sign > 0, log, np.nan)
    return np.asarray(np.where(sign == 0, -np.inf, result)[..., None, None])


_UFUNCS = (
    *("exp", "expm1", "exp2", "log", "log1p", "log2", "log10", "sqrt", "square", "reciprocal"),
    *("sin", "cos", "tan", "arcsin", "arccos", "arctan"),
    *("sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh"),
)

_KERNELS: dict[str, Kernel] = {name: Kernel(getattr(np, name)) for name in _UFUNCS} | {
    "abs": Kernel(_abs),
    "sign": Kernel(_sign),
    "step": Kernel(_step),
    "ispositive": Kernel(_ispositive),
    "erf": Kernel(_vectorised(math.erf), analytic=False),
    "erfc": Kernel(_vectorised(math.erfc), analytic=False),
    "normcdf": Kernel(_vectorised(lambda x: math.erfc(-x / math.sqrt(2)) / 2), analytic=False),
    "maximum": Kernel(_maximum, 2),
    "minimum": Kernel(_minimum, 2),
    "sigmoid": Kernel(_sigmoid),
    "softplus": Kernel(_softplus),
    "det": Kernel(_det),
    "logdet": Kernel(_logdet),
    "add": Kernel(np.add, 2),
    "sub": Kernel(np.subtract, 2),
    "neg": Kernel(np.negative),
    "scale": Kernel(np.multiply, 2),
    "over": Kernel(np.divide, 2),
    "matmul": Kernel(np.matmul, 2),
    "hadamard": Kernel(np.multiply, 2),
    "eldivide": Kernel(np.divide, 2),
    "intpower": Kernel(_intpower, 2),
    "power": Kernel(_power, 2),
    "elpower": Kernel(_power, 2),
    "transpose": Kernel(lambda x: np.swapaxes(x, -2, -1)),
    "fill": Kernel(_fill, sized=True),
    "diag": Kernel(_diag),
    "diagonal": Kernel(_diagonal),
    "sum": Kernel(_sum),
    "sumsq": Kernel(_sumsq),
    "norm2": Kernel(_norm2),
    "tr": Kernel(_trace),
    **{name: Kernel(function) for name, function in reductions.KERNELS.items()},
    **{name: Kernel(function, 2) for name, function in reductions.PAIRS.items()},
    **{name: Kernel(function) for name, function in special.UNARY.items()},
    **{
        name: Kernel(function, arity)
        for name, (function, arity) in (special.OTHERS | matrices.ANALYTIC).items()
    },
    **{name: Kernel(function, arity, analytic=False) for name, (function, arity) in matrices.REAL.items()},
    "kron": Kernel(layout.kron, 2),
    "hcat": Kernel(layout.hcat, 2),
    "vcat": Kernel(layout.vcat, 2),
    "vec": Kernel(layout.vec),
    "unvec": Kernel(layout.unvec, sized=True),
    "blockdot": Kernel(layout.blockdot, 2, sized=True),
    "blocksum": Kernel(layout.blocksum, 2, sized=True),
}
