"""The peers: what each library calls the functions of a loss, and how it gives a value with its gradient.

A loss is a function of a ``Kit`` and of arrays by keyword, so that it is written once, with each library's own best
function: its `softplus`, its `logsumexp`, its triangular solve.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

Arrays = Mapping[str, Any]
Loss = Callable[..., Any]


@dataclass(frozen=True)
class Kit:
    """A library's functions; ``array`` makes its arrays, the functions of rows keep no axis but that of rows."""

    xp: types.ModuleType
    array: Callable[[Any], Any]
    relu: Callable[[Any], Any]
    softplus: Callable[[Any], Any]
    softmax: Callable[[Any], Any]
    logsumexp: Callable[[Any], Any]
    eye: Callable[[int], Any]
    solve_lower: Callable[[Any, Any], Any]

    def arrays(self, inputs: Arrays) -> dict[str, Any]:
        """The inputs as this library's arrays; numbers stay numbers."""
        return {name: self.array(value) if np.ndim(value) else value for name, value in inputs.items()}


def autograd_kit() -> Kit:
    """Functions that autograd differentiates."""
    import autograd.numpy as anp
    from autograd.scipy.linalg import solve_triangular
    from autograd.scipy.special import logsumexp

    return Kit(
        xp=anp,
        array=np.asarray,
        relu=lambda x: anp.maximum(x, 0.0),
        softplus=lambda x: anp.logaddexp(0.0, x),
        softmax=lambda x: anp.exp(x - logsumexp(x, axis=-1, keepdims=True)),
        logsumexp=lambda x: logsumexp(x, axis=-1),
        eye=anp.eye,
        solve_lower=lambda factor, b: solve_triangular(factor, b, lower=True),
    )


def torch_kit() -> Kit:
    """PyTorch's functions, on the CPU in double precision."""
    import torch
    from torch.nn import functional

    return Kit(
        xp=torch,
        array=lambda value: torch.tensor(value, dtype=torch.float64),
        relu=torch.relu,
        softplus=functional.softplus,
        softmax=lambda x: torch.softmax(x, -1),
        logsumexp=lambda x: torch.logsumexp(x, -1),
        eye=lambda n: torch.eye(n, dtype=torch.float64),
        solve_lower=lambda factor, b: torch.linalg.solve_triangular(factor, b[:, None], upper=False)[:, 0],
    )


def jax_kit() -> Kit:
    """JAX's functions, in double precision.

    What it compiles runs in the thread that calls it: to hand it to another one takes longer than a small function.
    """
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)
    return Kit(
        xp=jax.numpy,
        array=jax.numpy.asarray,
        relu=jax.nn.relu,
        softplus=jax.nn.softplus,
        softmax=jax.nn.softmax,
        logsumexp=lambda x: jax.scipy.special.logsumexp(x, axis=-1),
        eye=jax.numpy.eye,
        solve_lower=lambda factor, b: jax.scipy.linalg.solve_triangular(factor, b, lower=True),
    )


def of_one(loss: Loss, kit: Kit, wrt: str, arrays: Arrays) -> Callable[[Any], Any]:
    """The loss as a function of one variable."""
    return lambda variable: loss(kit, **{**arrays, wrt: variable})


def autograd_pairs(loss: Loss, wrt: str, inputs: Arrays) -> dict[str, Callable[[], Any]]:
    """The value and gradient, by autograd."""
    from autograd import value_and_grad

    arrays = autograd_kit().arrays(inputs)
    function = value_and_grad(of_one(loss, autograd_kit(), wrt, arrays))
    return {"value_and_grad": lambda: function(arrays[wrt])}


def torch_pairs(loss: Loss, wrt: str, inputs: Arrays) -> dict[str, Callable[[], Any]]:
    """The value and gradient, by PyTorch in its two ways."""
    import torch

    arrays = torch_kit().arrays(inputs)
    function = of_one(loss, torch_kit(), wrt, arrays)
    pair = torch.func.grad_and_value(function)
    leaf = arrays[wrt].clone().requires_grad_()

    def functional() -> Any:
        gradient, value = pair(arrays[wrt])
        return value, gradient

    def backward() -> Any:
        value = function(leaf)
        (gradient,) = torch.autograd.grad(value, leaf)
        return value.detach(), gradient

    return {"grad_and_value": functional, "backward": backward}


def jax_pairs(loss: Loss, wrt: str, inputs: Arrays) -> dict[str, Callable[[], Any]]:
    """The value and gradient, compiled by JAX; the arrays come in by keyword, as they do to our code."""
    import jax

    kit = jax_kit()
    return {
        "jit": jax_call(
            lambda **arrays: jax.value_and_grad(of_one(loss, kit, wrt, arrays))(arrays[wrt]), inputs
        )
    }


def jax_call(function: Callable[..., Any], inputs: Arrays) -> Callable[[], Any]:
    """A compiled function of arrays by keyword, at inputs that are on the device; its result is waited for."""
    import jax

    kit = jax_kit()
    compiled = jax.jit(function)
    arrays = {name: kit.array(value) for name, value in inputs.items()}

    def call() -> Any:
        result = compiled(**arrays)
        (result[-1] if isinstance(result, tuple) else result).block_until_ready()
        return result

    return call
