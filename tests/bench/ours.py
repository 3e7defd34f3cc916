"""Our generated code, as the scripts call it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matcalc
from tests.bench.peers import Arrays, jax_call

TARGETS = ("numpy", "jax")


def call(derivation: matcalc.Derivation, target: str, inputs: Arrays, **asked: bool) -> Callable[[], Any]:
    """The generated function at inputs, compiled for JAX; ``asked`` is what ``d.function`` is asked for."""
    function = derivation.function(target, **asked)
    return jax_call(function, inputs) if target == "jax" else lambda: function(**inputs)
