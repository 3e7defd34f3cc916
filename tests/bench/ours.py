"""Our generated code, as the scripts call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matcalc
from tests.bench.peers import Arrays, jax_call

TARGETS = ("numpy", "jax")

# Until `Derivation.code` is there, what it will give is put together from `function("numpy")`.
GENERATES = hasattr(matcalc.Derivation, "code")


def call(
    derivation: matcalc.Derivation, target: str, inputs: Arrays, **asked: bool
) -> Callable[[], Any] | None:
    """The generated function at inputs, compiled for JAX; ``asked`` is what ``d.function`` is asked for."""
    if not GENERATES:
        return _interpreted(derivation, inputs, **asked) if target == "numpy" else None
    function = derivation.function(target, **asked)
    return jax_call(function, inputs) if target == "jax" else lambda: function(**inputs)


def _interpreted(
    derivation: matcalc.Derivation, inputs: Arrays, value: bool = False, compressed: bool = False
) -> Callable[[], Any] | None:
    from matcalc.evaluation import function

    if compressed:
        return None
    derivative = derivation.function("numpy")
    if not value:
        return lambda: derivative(**inputs)
    whole = function(derivation.value, derivation.reading)
    return lambda: (whole(**inputs), derivative(**inputs))
