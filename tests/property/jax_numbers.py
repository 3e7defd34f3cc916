"""Derivatives of random expressions with JAX in float64: the independent side of the second-order property test."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import erf

from .numbers import Array, Backend
from .tree import Expr, dimensions, evaluate, variables

jax.config.update("jax_enable_x64", True)
JAX = Backend(jnp, erf)


def hessian(root: Expr, first: str, second: str) -> np.ndarray:
    """∂²f/∂u∂v of a scalar expression, with the two axes of the first variable before those of the second."""
    return _derivative(jax.jacfwd(jax.grad(_function(root, [first, second])), 1), root, [first, second])


def jacobian(root: Expr, name: str) -> np.ndarray:
    """∂Y/∂X, with the two axes of the value before those of the variable."""
    return _derivative(jax.jacrev(_function(root, [name, name]), 1), root, [name, name])


def _function(root: Expr, names: list[str]) -> Any:
    """The expression as a function of two variables; one that is asked for twice moves with either: it is x + y − x₀."""
    values = {name: variable.value for name, variable in variables(root).items()}
    first, second = names
    scalar = dimensions(root.shape) == (1, 1)

    def function(x: Array, y: Array) -> Array:
        given = (
            {**values, first: x, second: y} if first != second else {**values, first: x + y - values[first]}
        )
        result = evaluate(root, given, JAX)
        return result[0, 0] if scalar else result

    return function


def _derivative(function: Any, root: Expr, names: list[str]) -> np.ndarray:
    at = [jnp.asarray(variables(root)[name].value) for name in names]
    return np.asarray(jax.jit(function)(*at), dtype=float)  # op by op, JAX compiles each one for each shape
