"""Kernels of special functions of each entry, analytic where they have a derivative.

The gamma family is computed from Stirling's series (NIST DLMF 5.11) after a shift of the argument to large values.
"""

from __future__ import annotations

from collections.abc import Callable
from math import factorial
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_BERNOULLI = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798)
_LARGE = 14.0  # from here on the series is exact to rounding
_HIGHEST = 150  # order of a polygamma function whose factorials are still floating-point numbers
_MOST = 2000  # steps by which an argument is shifted


def _shifts(x: Array) -> int:
    """By how many steps the smallest argument is shifted; those far below zero are left to be wrong by nan."""
    smallest = np.nan_to_num(x.real).min(initial=_LARGE)
    return int(min(_MOST, max(0, np.ceil(_LARGE - smallest))))


def _absolute(x: Array) -> Array:
    return np.where(x.real < 0, -x, x)


def lgamma(x: Array) -> Array:
    """log |Γ|."""
    count = _shifts(x)
    below = np.zeros_like(x, dtype=np.result_type(x, float))
    for step in range(count):
        below = below + np.log(_absolute(x + step))
    z = x + count
    series = sum(b / (2 * k * (2 * k - 1) * z ** (2 * k - 1)) for k, b in enumerate(_BERNOULLI, 1))
    return np.asarray((z - 0.5) * np.log(z) - z + np.log(2 * np.pi) / 2 + series - below)


def _gamma(x: Array) -> Array:
    value = np.exp(lgamma(x))
    negative = (x.real < 0) & (np.floor(x.real) % 2 != 0)
    return np.asarray(np.where(negative, -value, value))


def _digamma(x: Array) -> Array:
    count = _shifts(x)
    below = sum((1 / (x + step) for step in range(count)), np.zeros_like(x, dtype=float))
    z = x + count
    series = sum(b / (2 * k * z ** (2 * k)) for k, b in enumerate(_BERNOULLI, 1))
    return np.asarray(np.log(z) - 1 / (2 * z) - series - below)


def _polygamma(order: Array, x: Array) -> Array:
    """The derivative of digamma of a whole order, equal over the batch (DLMF 5.15.8 and its derivatives)."""
    n = round(float(order.flat[0].real))
    if not 0 <= n <= _HIGHEST:
        return np.full(np.broadcast_shapes(order.shape, x.shape), np.nan)
    if n == 0:
        return _digamma(x)
    count = _shifts(x)
    below = sum((1 / (x + step) ** (n + 1) for step in range(count)), np.zeros_like(x, dtype=float))
    z = x + count
    series = factorial(n - 1) / z**n + factorial(n) / (2 * z ** (n + 1))
    for k, b in enumerate(_BERNOULLI, 1):
        series = series + b * factorial(2 * k + n - 1) / (factorial(2 * k) * z ** (2 * k + n))
    return np.asarray((-1) ** (n + 1) * (series + factorial(n) * below))


def _trigamma(x: Array) -> Array:
    return _polygamma(np.ones((1, 1)), x)


def _where(c: Array, a: Array, b: Array) -> Array:
    """a where c is 1, b where it is 0, whatever the other one is there; between them c of one and 1 − c of the other."""
    with np.errstate(all="ignore"):
        mixed = c * a + (1 - c) * b
    return np.where(c == 1, a, np.where(c == 0, b, mixed))


UNARY: dict[str, Callable[[Array], Array]] = {
    "lgamma": lgamma,
    "gamma": _gamma,
    "digamma": _digamma,
    "trigamma": _trigamma,
    "floor": lambda x: np.asarray(np.floor(x.real)),
    "ceil": lambda x: np.asarray(np.ceil(x.real)),
}
OTHERS: dict[str, tuple[Callable[..., Array], int]] = {"polygamma": (_polygamma, 2), "where": (_where, 3)}
