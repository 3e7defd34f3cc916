"""The Hessians of the three problems as a good engineer writes them by hand: the limit for generated code.

Each is a function of the arrays by keyword; where it depends on the size or the machine which way is the fastest, there
are two.
"""

from __future__ import annotations

import types
from itertools import pairwise
from typing import Any

import numpy as np


def _curvature(xp: types.ModuleType, X: Any, y: Any, w: Any) -> Any:
    """The second derivatives of the terms of logistic regression: y²σ(z)σ(−z), without overflow."""
    decay = xp.exp(-xp.abs(y * (X @ w)))
    return y * y * decay / (1 + decay) ** 2


def plain(*, X: Any, y: Any, w: Any) -> Any:
    """Xᵀ diag(d) X, the diagonal never made dense."""
    return (X.T * _curvature(np, X, y, w)) @ X


def root(*, X: Any, y: Any, w: Any) -> Any:
    """ZᵀZ with Z = √d ⊙ X: NumPy sees the two equal factors, and computes one half of the product."""
    rooted = np.sqrt(_curvature(np, X, y, w))[:, None] * X
    return rooted.T @ rooted


def plain_jax(*, X: Any, y: Any, w: Any) -> Any:
    """Xᵀ diag(d) X, the diagonal never made dense."""
    import jax.numpy as jnp

    return (X.T * _curvature(jnp, X, y, w)) @ X


def strips(*, X: Any, y: Any, w: Any) -> Any:
    """Xᵀ diag(d) X in four strips from the diagonal on; what is below it is their transpose."""
    import jax.numpy as jnp

    n = X.shape[1]
    cuts = [n * strip // 4 for strip in range(5)]
    weighted = X.T * _curvature(jnp, X, y, w)
    upper = [weighted[a:b] @ X[:, a:] for a, b in pairwise(cuts)]
    rows = []
    for row, (a, b) in enumerate(pairwise(cuts)):
        lower = [upper[above][:, a - start : b - start].T for above, start in enumerate(cuts[:row])]
        rows.append(jnp.concatenate([*lower, upper[row]], axis=1))
    return jnp.concatenate(rows)


def block(*, T: Any, U: Any, V: Any) -> Any:
    """The k×k block 2VᵀV that stands on the diagonal of the Hessian of ‖T − UVᵀ‖² in U."""
    return 2 * V.T @ V


def view(*, T: Any, U: Any, V: Any) -> Any:
    """The block put on the diagonal of zeros, through a view."""
    n, k = U.shape
    hessian = np.zeros((n, k, n, k))
    np.einsum("ijil->ijl", hessian)[...] = block(T=T, U=U, V=V)
    return hessian


def select(*, T: Any, U: Any, V: Any) -> Any:
    """A choice between the block and zeros, which XLA writes in one pass."""
    import jax.numpy as jnp

    diagonal = jnp.eye(len(U), dtype=bool)[:, None, :, None]
    return jnp.where(diagonal, block(T=T, U=U, V=V)[:, None, :], 0.0)


def _network_curvature(xp: types.ModuleType, x: Any, weights: list[Any]) -> Any:
    """∂²f/∂a∂a for a = W₁x: Jᵀ(diag(p) − ppᵀ)J with J = ∂z/∂a, from the logits back to the first layer."""
    activation, steps = x, []
    for weight in weights[:-1]:
        before = weight @ activation
        steps.append(before > 0)
        activation = xp.maximum(before, 0.0)
    logits = weights[-1] @ activation
    p = xp.exp(logits - logits.max())
    p = p / p.sum()
    jacobian = weights[-1] * steps[-1]
    for weight, step in zip(weights[-2:0:-1], steps[-2::-1], strict=True):
        jacobian = (jacobian @ weight) * step
    mean = p @ jacobian
    return (jacobian.T * p) @ jacobian - mean[:, None] * mean


def _in_order(weights: dict[str, Any]) -> list[Any]:
    """The weights from the first layer to the last; JAX hands them over in the order of the alphabet."""
    return [weights[f"W{layer}"] for layer in range(1, len(weights) + 1)]


def rows(*, x: Any, t: Any, **weights: Any) -> Any:
    """M[i,k]x[j]x[l] with long inner loops."""
    n = len(x)
    curvature = _network_curvature(np, x, _in_order(weights))
    long = (curvature[:, :, None] * x).reshape(n, 1, n * n)
    return (long * x[:, None]).reshape(n, n, n, n)


def outer(*, x: Any, t: Any, **weights: Any) -> Any:
    """M[i,k]x[j]x[l] in one fused pass."""
    import jax.numpy as jnp

    curvature = _network_curvature(jnp, x, _in_order(weights))
    return curvature[:, None, :, None] * (x[:, None] * x)[:, None, :]
