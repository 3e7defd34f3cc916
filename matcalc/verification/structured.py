"""Points and directions that have the structure of their variable.

What is said here of symmetric, orthogonal and other variables is written apart from ``rules/structures.toml``, which it
is there to check.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from matcalc.structure import Structures
from matcalc.verification.arrays import Array
from matcalc.verification.draws import Draws

_AWAY = 0.05  # positive entries are no smaller
_DEFINITE = 0.5  # nor are the eigenvalues of a positive definite matrix


def structured(structures: Structures, name: str, x: Array, draws: Draws) -> Array:
    """The values ``x`` (points, rows, columns) of a variable, made to have its structure."""
    kinds = structures.kinds[name]
    if "positive" in kinds:
        x = np.abs(x) + _AWAY
    for kind, part in _LINEAR.items():
        if kind in kinds:
            return part(x)
    for kind, make in _MAKERS.items():
        if kind in kinds:
            return make(x, draws)
    return x


def tangents(structures: Structures, name: str, x: Array, along: Array) -> Array:
    """The directions to move in at the points ``x`` (points, rows, columns) instead of ``along`` (count, rows, columns).

    They are the parts of ``along`` that keep the structure: a gradient G in the structure's space has ⟨G, V⟩ equal to the slope along
    the part of V, for every V, and no other matrix has.  With the cookbook rule they move one independent
    entry with its mirror image, whose slope is the entry of the derivative.
    """
    kinds = structures.kinds.get(name, frozenset())
    if structures.rule == "cookbook" and kinds & {"symmetric", "spd"}:
        return along + _turned(along) - along * np.eye(along.shape[-1])
    for kind, linear in _LINEAR.items():
        if kind in kinds:
            return linear(along)
    for kind, part in _PARTS.items():
        if kind in kinds:
            return part(along, x[:, None])
    return along


def _turned(x: Array) -> Array:
    return x.swapaxes(-1, -2)


def _definite(x: Array, draws: Draws) -> Array:
    return np.asarray(x @ _turned(x) / x.shape[-1] + _DEFINITE * np.eye(x.shape[-1]))


def _orthogonal(x: Array, draws: Draws) -> Array:
    """Matrices of both determinants."""
    q, _ = np.linalg.qr(draws.standard_normal(x.shape))
    signs = 1.0 - 2.0 * draws.integers(2, (len(x), 1, x.shape[-1]))
    return np.asarray(q * signs)


def _unit(x: Array, draws: Draws) -> Array:
    length = np.sqrt((x**2).sum(axis=(-2, -1), keepdims=True))
    return np.asarray(x / np.where(length == 0, 1, length))


# the parts of matrices in linear spaces, where directions lie in the same space as points
_LINEAR: dict[str, Callable[[Array], Array]] = {
    "symmetric": lambda x: (x + _turned(x)) / 2,
    "skew": lambda x: (x - _turned(x)) / 2,
    "diagonal": lambda x: x * np.eye(x.shape[-1]),
    "lower": lambda x: np.tril(x),
    "upper": lambda x: np.triu(x),
}
_MAKERS: dict[str, Callable[[Array, Draws], Array]] = {
    "spd": _definite,
    "orthogonal": _orthogonal,
    "unit": _unit,
    "zero": lambda x, draws: np.zeros_like(x),  # of a step whose slope is that at zero
}


def _orthogonal_part(v: Array, q: Array) -> Array:
    """V less the normal part Q·sym(QᵀV)."""
    inner = _turned(q) @ v
    return np.asarray(v - q @ (inner + _turned(inner)) / 2)


def _unit_part(v: Array, u: Array) -> Array:
    return np.asarray(v - u * (u * v).sum(axis=(-2, -1), keepdims=True))


_PARTS: dict[str, Callable[[Array, Array], Array]] = {
    "spd": lambda v, x: _LINEAR["symmetric"](v),
    "orthogonal": _orthogonal_part,
    "unit": _unit_part,
}
