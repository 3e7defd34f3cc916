"""Our generated code, as the scripts call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matcalc
from tests.bench.peers import Arrays, jax_call

TARGETS = ("numpy", "jax")


def call(derivation: matcalc.Derivation, target: str, inputs: Arrays, **asked: bool) -> Callable[[], Any]:
    """The generated function at inputs, compiled for JAX; ``asked`` is what ``d.function`` is asked for.

    As the peers', it is called as it is, with arrays in its own order.
    """
    function = derivation.function(target, **asked)
    given = {name: inputs[name] for name in function.arguments}
    if target == "jax":
        return jax_call(
            lambda **by_name: function.compute(*[by_name[name] for name in function.arguments]), given
        )
    values = list(given.values())
    return lambda: function.compute(*values)
