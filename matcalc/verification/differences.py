"""Slopes of a batched scalar function: central differences with Richardson extrapolation, and the complex step."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from matcalc.verification.arrays import Array
from matcalc.verification.draws import Draws

Batched = Callable[[Array], tuple[Array, Array]]
"""(points, batch, …axes) to values and "still on the same side of every kink", each (points, batch)."""

ENTRIES = 200  # a variable with more entries is probed along random directions
DIRECTIONS = 24
MEMORY = 64 * 2**20  # bytes that one batch may take

_STEP = 0.01  # of the size of the point
_STEPS = np.array([1.0, -1.0, 0.5, -0.5, 0.25, -0.25])
_SHRINK = 6.0
_ATTEMPTS = 6
_SETTLED = 1e-9  # doubt, relative to the slopes, at which no smaller step is tried
_COMPLEX_STEP = 1e-100
_NOISE = 1e3 * np.finfo(float).eps


class Slopes(NamedTuple):
    """Directional derivatives (points, directions) and how far to trust them.

    ``doubt`` (points) is an upper estimate of the largest error of a point's slopes, inf where the function is not
    finite or has a kink.  ``order`` is the order of convergence of the plain central differences; None where their
    error is rounding, as for quadratics.
    """

    values: Array
    doubt: Array
    order: float | None = None


def directions(size: tuple[int, ...], seed: int = 0) -> Array:
    """Directions (count, …axes) to probe: every entry, or random unit directions of a large variable."""
    entries = math.prod(size)
    if entries <= ENTRIES:
        return np.eye(entries).reshape(entries, *size)
    probe = Draws(seed).standard_normal((DIRECTIONS, entries))
    return np.asarray(probe / np.linalg.norm(probe, axis=1, keepdims=True)).reshape(DIRECTIONS, *size)


def gradient_by_differences(f: Batched, x: Array, along: Array, cells: int = 1) -> Slopes:
    """Slopes of ``f`` at the points ``x`` (points, …axes) in the directions ``along``: (count, …axes), or (points,
    count, …axes) where each point has its own.

    Steps h, h/2, h/4 give 6th order; h shrinks at points where the result does not settle or a kink is near.
    ``cells`` is the count of numbers that ``f`` holds for one element of its batch.
    """
    points, count = len(x), along.shape[-x.ndim]
    values = np.full((points, count), np.nan)
    doubt = np.full(points, np.inf)
    orders = np.full(points, np.nan)
    h = _STEP * np.clip(np.abs(x).reshape(points, -1).max(axis=1), 0.1, 10.0)
    for _ in range(_ATTEMPTS):
        offsets = h[:, None, None] * _STEPS[:, None]  # (points, 6, 1); moved is (points, 6, count, …axes)
        own = along if along.ndim == x.ndim else along[:, None]
        moved = x[:, None, None] + offsets.reshape(*offsets.shape, *[1] * (x.ndim - 1)) * own
        found, inside = _in_chunks(f, moved.reshape(points, -1, *x.shape[1:]), cells)
        found = found.reshape(points, len(_STEPS), count)
        new, new_doubt, new_orders = _extrapolate(found, h)
        new_doubt[~(inside.all(axis=1) & np.isfinite(new_doubt))] = np.inf
        better = new_doubt < doubt
        values[better], doubt[better], orders[better] = new[better], new_doubt[better], new_orders[better]
        if (doubt <= _SETTLED * np.abs(values).max(axis=1)).all() or (doubt <= _rounding(found, h)).all():
            break
        h = h / _SHRINK
    known = orders[np.isfinite(orders)]
    return Slopes(values, doubt, float(np.median(known)) if known.size else None)


def gradient_by_complex_step(f: Batched, x: Array, along: Array, cells: int = 1) -> Slopes:
    """As ``gradient_by_differences``, accurate to rounding, for a function whose kernels are all analytic."""
    moved = x[:, None] + (1j * _COMPLEX_STEP) * along
    found, _ = _in_chunks(f, moved, 2 * cells)
    values = found.imag / _COMPLEX_STEP
    return Slopes(values, np.where(np.isfinite(values).all(axis=1), 0.0, np.inf))


def _in_chunks(f: Batched, moved: Array, cells: int) -> tuple[Array, Array]:
    """``f`` of a whole batch, in pieces that fit the memory."""
    points, batch = moved.shape[:2]
    piece = max(1, MEMORY // (8 * points * max(1, cells)))
    if piece >= batch:
        return f(moved)
    parts = [f(moved[:, start : start + piece]) for start in range(0, batch, piece)]
    found, inside = zip(*parts, strict=True)
    return np.concatenate(found, axis=1), np.concatenate(inside, axis=1)


def _rounding(found: Array, h: Array) -> Array:
    """The error (points) that rounding of the values leaves in the slopes."""
    return np.asarray(_NOISE / 10 * np.abs(found).max(axis=(1, 2)) / h)


def _extrapolate(found: Array, h: Array) -> tuple[Array, Array, Array]:
    """Slopes (points, directions), doubts (points) and orders (points) from the values at the six offsets."""
    with np.errstate(all="ignore"):
        plain = (found[:, 0::2] - found[:, 1::2]) / (2 * h[:, None, None] * _STEPS[0::2, None])
        fourth = (4 * plain[:, 1:] - plain[:, :-1]) / 3
        sixth = (16 * fourth[:, 1] - fourth[:, 0]) / 15
        doubt = np.abs(sixth - fourth[:, 1]).max(axis=1)
        coarse, fine = (np.abs(plain[:, step] - sixth).max(axis=1) for step in (0, 1))
        floor = _NOISE * np.abs(found).max(axis=(1, 2)) / h + 1e-10 * np.abs(sixth).max(axis=1)
        orders = np.where(fine > floor, np.log2(coarse / fine), np.nan)
    return sixth, doubt, orders
