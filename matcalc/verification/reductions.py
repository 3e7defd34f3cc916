"""Kernels of reductions along all entries, rows or columns, and of layout; see kernels.py for the form of arrays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Axes = tuple[int, ...]

_ALL: Axes = (-2, -1)
_ROWS: Axes = (-1,)  # of each row: along the columns
_COLUMNS: Axes = (-2,)


def peak(x: Array, axes: Axes = _ALL) -> Array:
    """The largest real part, as a finite number that exponents can be shifted by."""
    largest = x.real.max(axis=axes, keepdims=True, initial=-np.inf)
    return np.where(np.isinf(largest), 0.0, largest)


def logsumexp(x: Array, axes: Axes = _ALL) -> Array:
    """log Σ exp along axes, which stay with length 1."""
    shift = peak(x, axes)
    return np.asarray(shift + np.log(np.exp(x - shift).sum(axis=axes, keepdims=True)))


def softmax(x: Array, axes: Axes = _ALL) -> Array:
    """exp, normalised along axes."""
    weights = np.exp(x - peak(x, axes))
    return np.asarray(weights / weights.sum(axis=axes, keepdims=True))


def _ismax(x: Array, axes: Axes = _ALL) -> Array:
    """1 where the largest entry is; k equal ones get 1/k each."""
    largest = x.real == x.real.max(axis=axes, keepdims=True)
    return np.asarray(largest / largest.sum(axis=axes, keepdims=True))


def _max(x: Array, axes: Axes = _ALL) -> Array:
    if not np.iscomplexobj(x):
        return np.asarray(x.max(axis=axes, keepdims=True))
    return np.asarray((x * _ismax(x, axes)).sum(axis=axes, keepdims=True))


def _norm2(x: Array, axes: Axes = _ALL) -> Array:
    return np.asarray(np.sqrt((x * x).sum(axis=axes, keepdims=True)))


def _mean(x: Array, axes: Axes = _ALL) -> Array:
    return np.asarray(x.mean(axis=axes, keepdims=True))


def _var(x: Array, axes: Axes = _ALL) -> Array:
    return _mean((x - _mean(x, axes)) ** 2, axes)


def _dot(a: Array, b: Array) -> Array:
    return np.asarray((a * b).sum(axis=_ALL, keepdims=True))


def _shift(x: Array, by: Array) -> Array:
    return np.roll(x, round(float(by.flat[0].real)), axis=-2)  # a number, equal over the batch


def _along(function: Callable[[Array, Axes], Array], axes: Axes) -> Callable[[Array], Array]:
    """The function of each row or column; one number for each column is a vector, so it is turned upright."""

    def apply(x: Array) -> Array:
        value = function(x, axes)
        return np.swapaxes(value, -2, -1) if axes == _COLUMNS else value

    return apply


def _each(function: Callable[[Array, Axes], Array], axes: Axes) -> Callable[[Array], Array]:
    """The function that keeps the shape."""
    return lambda x: function(x, axes)


KERNELS: dict[str, Callable[..., Array]] = {
    "logsumexp": logsumexp,
    "softmax": softmax,
    "mean": _mean,
    "var": _var,
    "max_all": _max,
    "ismax": _ismax,
    "tril": np.tril,
    "triu": np.triu,
    "cumsum": lambda x: np.cumsum(x, axis=-2),
    **{
        f"{name}_{word}": make(function, axes)
        for name, function, make in (
            ("max", _max, _along),
            ("norm2", _norm2, _along),
            ("var", _var, _along),
            ("logsumexp", logsumexp, _along),
            ("ismax", _ismax, _each),
            ("softmax", softmax, _each),
        )
        for word, axes in (("rows", _ROWS), ("columns", _COLUMNS))
    },
}
PAIRS: dict[str, Callable[..., Array]] = {"dot": _dot, "shift": _shift}
