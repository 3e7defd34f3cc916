"""Numeric kernels of Kronecker products, vec and blocks.  Arrays are (…batch, rows, columns), as for all kernels."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


def kron(a: Array, b: Array) -> Array:
    """A ⊗ B."""
    (m, n), (p, q) = a.shape[-2:], b.shape[-2:]
    product = np.einsum("...ij,...kl->...ikjl", a, b)
    return np.asarray(product.reshape(*product.shape[:-4], m * p, n * q))


def vec(x: Array) -> Array:
    """The columns, one below the other."""
    turned = np.swapaxes(x, -2, -1)
    return turned.reshape(*turned.shape[:-2], -1, 1)


def unvec(x: Array, size: tuple[int, int]) -> Array:
    """The matrix of this size whose vec is ``x``."""
    rows, columns = size
    return np.swapaxes(x.reshape(*x.shape[:-2], columns, rows), -2, -1)


def blockdot(z: Array, b: Array, size: tuple[int, int]) -> Array:
    """The inner product of B with each of the blocks of Z, of which there are as many as ``size`` says."""
    return np.asarray(np.einsum("...ikjl,...kl->...ij", _blocks(z, size, b.shape[-2:]), b))


def blocksum(a: Array, z: Array, size: tuple[int, int]) -> Array:
    """The blocks of Z, which have this size, multiplied by the entries of A and added."""
    return np.asarray(np.einsum("...ikjl,...ij->...kl", _blocks(z, a.shape[-2:], size), a))


def _blocks(z: Array, outer: tuple[int, ...], inner: tuple[int, ...]) -> Array:
    return z.reshape(*z.shape[:-2], outer[0], inner[0], outer[1], inner[1])


def hcat(a: Array, b: Array) -> Array:
    """[A, B]."""
    return _together(a, b, -1)


def vcat(a: Array, b: Array) -> Array:
    """[A; B]."""
    return _together(a, b, -2)


def _together(a: Array, b: Array, axis: int) -> Array:
    batch = np.broadcast_shapes(a.shape[:-2], b.shape[:-2])
    return np.concatenate([np.broadcast_to(x, (*batch, *x.shape[-2:])) for x in (a, b)], axis=axis)


def pairing(rows: int, columns: int) -> Array:
    """P[a,i,j]: 1 where entry a of vec(X) is X[i,j]."""
    return np.eye(rows * columns).reshape(rows * columns, columns, rows).swapaxes(1, 2)


def commutation(rows: int, columns: int) -> Array:
    """K with K vec(X) = vec(Xᵀ) for every X of so many rows and columns (Magnus & Neudecker, chapter 3, section 7)."""
    order = np.arange(rows * columns).reshape(columns, rows).T.reshape(-1)
    return np.eye(rows * columns)[order]
