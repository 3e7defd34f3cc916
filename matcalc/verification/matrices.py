"""Kernels of matrix functions; arrays are (…batch, rows, columns), see kernels.py.

Those that are not in ``REAL`` are made of products and inverses alone, so that a complex step goes through them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

_RANK = 1e-12  # singular values below this part of the largest count as zero
_TERMS = 20  # of the series of exp and artanh, for arguments below a half
_ROOTS = 40  # steps of the iteration for a square root
_LARGEST = 64  # order of a Kronecker system that is solved directly


def _adjoint(x: Array) -> Array:
    return np.swapaxes(x, -2, -1)


def inverse(x: Array) -> Array:
    """Inverses; nan for each singular matrix, and only for those."""
    try:
        return np.linalg.inv(x)
    except np.linalg.LinAlgError:
        if x.ndim == 2:
            return np.full_like(x, np.nan)
    return np.stack([inverse(matrix) for matrix in x])


def _safe(x: Array, function: Callable[[Array], Array], shape: tuple[int, ...]) -> Array:
    """A function of each matrix of a batch that LAPACK computes; nan where a matrix is not finite."""
    finite = np.asarray(np.isfinite(x).all(axis=(-2, -1)))[..., None, None]
    value = function(np.where(finite, x, 0.0))
    return np.where(finite, value, np.nan).reshape(*x.shape[:-2], *shape)


def _pinv(x: Array) -> Array:
    """The Moore-Penrose inverse."""
    return _safe(x, lambda a: np.linalg.pinv(a, rcond=_RANK), (x.shape[-1], x.shape[-2]))


def _cholesky(x: Array) -> Array:
    """The lower factor of the symmetric part; nan where that is not positive definite."""
    rest = (x + _adjoint(x)) / 2
    factor = np.zeros_like(rest)
    for place in range(x.shape[-1]):
        pivot = rest[..., place, place]
        column = rest[..., place] / np.sqrt(np.where(pivot.real > 0, pivot, np.nan))[..., None]
        column[..., :place] = 0
        factor[..., place] = column
        rest = rest - column[..., :, None] * column[..., None, :]
    return factor


def _expm(x: Array) -> Array:
    """The matrix exponential, by scaling, Taylor's series and squaring (Higham 2008, 10.3)."""
    with np.errstate(all="ignore"):
        size = np.abs(x).sum(axis=-1).max(initial=0.0)
    if not np.isfinite(size):
        return np.full_like(x, np.nan) if x.ndim == 2 else np.stack([_expm(matrix) for matrix in x])
    squarings = max(0, int(np.ceil(np.log2(2 * size)))) if size > 0 else 0
    scaled = x / 2.0**squarings
    value = term = np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)
    for count in range(1, _TERMS):
        term = term @ scaled / count
        value = value + term
    for _ in range(squarings):
        value = value @ value
    return np.asarray(value)


def _sqrtm(x: Array) -> Array:
    """The principal square root, by the iteration of Denman and Beavers (Higham 2008, 6.15); nan where there is none."""
    root, reciprocal = x, np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape)
    for _ in range(_ROOTS):
        root, reciprocal, before = (
            (root + inverse(reciprocal)) / 2,
            (reciprocal + inverse(root)) / 2,
            root,
        )
        if not (np.abs(root - before) > 1e-16 * np.abs(root)).any():
            break
    with np.errstate(all="ignore"):
        wrong = np.abs((root @ root - x).real).max(axis=(-2, -1)) > 1e-9 * np.abs(x).max(axis=(-2, -1))
    return np.where(wrong[..., None, None], np.nan, root)


def _logm(x: Array) -> Array:
    """The principal logarithm, by square roots and the series of artanh (Higham 2008, 11.5)."""
    eye = np.eye(x.shape[-1])
    roots = 0
    while roots < 30 and np.nan_to_num(np.abs(x - eye).sum(axis=-1)).max(initial=0.0) > 0.25:
        x = _sqrtm(x)
        roots += 1
    ratio = (x - eye) @ inverse(x + eye)
    square, power = ratio @ ratio, ratio
    value = np.zeros_like(ratio)
    for count in range(_TERMS):
        value = value + power / (2 * count + 1)
        power = power @ square
    return np.asarray(2.0 ** (roots + 1) * value)


def _frechet(function: Callable[[Array], Array], order: int) -> Callable[..., Array]:
    """Fréchet derivatives of a matrix function from its value at a block matrix (Higham 2008, 3.16).

    Of the second order it is the sum of both, [[A, E], [0, A]] and its derivative in the direction of F.
    """

    def first(a: Array, e: Array) -> Array:
        n = a.shape[-1]
        a, e = np.broadcast_arrays(a, e)
        blocks = np.concatenate(
            [np.concatenate([a, e], axis=-1), np.concatenate([np.zeros_like(a), a], axis=-1)], axis=-2
        )
        return np.asarray(function(blocks)[..., :n, n:])

    def second(a: Array, e: Array, f: Array) -> Array:
        n = a.shape[-1]
        a, e, f = np.broadcast_arrays(a, e, f)
        zero = np.zeros_like(a + 0 * e)
        rows = [(a, e, f, zero), (zero, a, zero, f), (zero, zero, a, e), (zero, zero, zero, a)]
        blocks = np.concatenate([np.concatenate(row, axis=-1) for row in rows], axis=-2)
        return np.asarray(function(blocks)[..., :n, 3 * n :])

    return first if order == 1 else second


def _sylvester(a: Array, b: Array, c: Array) -> Array:
    """The X with AX + XB = C; where it is not unique, the one of least norm."""
    m, n = a.shape[-1], b.shape[-1]
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2], c.shape[:-2])
    if m * n > _LARGEST and not any(np.iscomplexobj(x) for x in (a, b, c)):
        left, u = np.linalg.eig(a)
        right, v = np.linalg.eig(b)
        below = left[..., :, None] + right[..., None, :]
        above = inverse(u) @ c @ v
        small = np.abs(below) <= _RANK * np.abs(below).max(axis=(-2, -1), keepdims=True)
        quotient = np.where(small, 0, above / np.where(small, 1, below))
        return np.asarray((u @ quotient @ inverse(v)).real)
    # row by row, vec(AX + XB) = (A⊗I + I⊗Bᵀ) vec X
    system = np.einsum("...ij,kl->...ikjl", a, np.eye(n)) + np.einsum("ij,...lk->...ikjl", np.eye(m), b)
    system = np.broadcast_to(system, (*batch, m, n, m, n)).reshape(*batch, m * n, m * n)
    right_side = np.broadcast_to(c, (*batch, m, n)).reshape(*batch, m * n, 1)
    with np.errstate(all="ignore"):
        finite = np.isfinite(system.real).all(axis=(-2, -1), keepdims=True)
        regular = np.linalg.cond(np.where(finite, system.real, 0.0)) < 1 / _RANK
    if not regular.all():
        return np.asarray((_pinv(system.real) @ right_side).reshape(*batch, m, n))
    return np.asarray(np.linalg.solve(system, right_side).reshape(*batch, m, n))


def _singular(x: Array) -> tuple[Array, Array, Array]:
    """U, σ and Vᵀ; nan where a matrix is not finite."""
    finite = np.asarray(np.isfinite(x).all(axis=(-2, -1)))[..., None, None]
    u, s, v = np.linalg.svd(np.where(finite, x, 0.0), full_matrices=False)
    return np.where(finite, u, np.nan), np.where(finite[..., 0], s, np.nan), v


def _normnuc(x: Array) -> Array:
    return np.asarray(_singular(x)[1].sum(axis=-1)[..., None, None])


def _normspec(x: Array) -> Array:
    return np.asarray(_singular(x)[1].max(axis=-1)[..., None, None])


def _polar(x: Array) -> Array:
    u, _, v = _singular(x)
    return np.asarray(u @ v)


def _leading(x: Array) -> Array:
    u, _, v = _singular(x)
    return np.asarray(u[..., :, :1] @ v[..., :1, :])


ANALYTIC: dict[str, tuple[Callable[..., Array], int]] = {
    "inv": (inverse, 1),
    "cholesky": (_cholesky, 1),
    "expm": (_expm, 1),
    "sqrtm": (_sqrtm, 1),
    "logm": (_logm, 1),
    "frechet_exp": (_frechet(_expm, 1), 2),
    "frechet_log": (_frechet(_logm, 1), 2),
    "frechet_exptwo": (_frechet(_expm, 2), 3),
    "frechet_logtwo": (_frechet(_logm, 2), 3),
}
REAL: dict[str, tuple[Callable[..., Array], int]] = {
    "pinv": (_pinv, 1),
    "sylvester": (_sylvester, 3),
    "normnuc": (_normnuc, 1),
    "normspec": (_normspec, 1),
    "polar": (_polar, 1),
    "leading": (_leading, 1),
}
