"""Logistic regression on eight devices: generated JAX code, unchanged, with the rows of X split over them.

    XLA_FLAGS=--xla_force_host_platform_device_count=8 python examples/sharded.py

The flag makes eight devices of one CPU.  Which device computes what is said by the arrays alone: JAX's compiler puts
the communication where the code needs it, one all-reduce for the gradient, as each device has the sum over its own
rows and all of them need the sum of these sums.
"""

import re
from collections import Counter

import jax
import numpy as np
from jax.sharding import Mesh, NamedSharding
from jax.sharding import PartitionSpec as P

import matcalc

SAMPLES, FEATURES = 4096, 50
COLLECTIVES = re.compile(
    r" = (.*) (all-reduce|all-gather|reduce-scatter|all-to-all|collective-permute)(?:-start)?\("
)
LAYOUT = re.compile(r"\{[^{}]*\}|/\*.*?\*/")

loss = matcalc.derive("log(1 + exp(−y wᵀx))", wrt="w", shapes="y: scalar", batch="x, y")


def generated(name: str, text: str):
    """The function of a generated file, as an import of the file gives it."""
    space = {}
    exec(text, space)
    return space[name]


def collectives(function, *arrays) -> list[str]:
    """The operations of the compiled program in which devices talk to each other, with the shapes of what they send."""
    program = jax.jit(function).lower(*arrays).compile().as_text()
    return [f"{kind} of {re.sub(LAYOUT, '', shape)}" for shape, kind in COLLECTIVES.findall(program)]


def main() -> None:
    jax.config.update("jax_enable_x64", True)
    gradient = generated("gradient", loss.code("jax", value=False))
    value_and_gradient = generated("value_and_gradient", loss.code("jax"))
    print(f"gradient: {loss}")

    rng = np.random.default_rng(0)
    X = rng.normal(size=(SAMPLES, FEATURES))
    w = rng.normal(size=FEATURES) / np.sqrt(FEATURES)
    y = np.where(rng.uniform(size=SAMPLES) < 1 / (1 + np.exp(-X @ w)), 1.0, -1.0)

    mesh = Mesh(np.array(jax.devices()), ("data",))
    rows = NamedSharding(mesh, P("data"))
    everywhere = NamedSharding(mesh, P())
    split = (jax.device_put(y, rows), jax.device_put(w, everywhere), jax.device_put(X, rows))
    print(f"{mesh.size} devices, {split[2].addressable_shards[0].data.shape[0]} rows of X on each")

    one_value, one_gradient = jax.jit(value_and_gradient)(y, w, X)
    value, grad = jax.jit(value_and_gradient)(*split)
    largest = float(np.max(np.abs(grad - one_gradient)) / np.max(np.abs(one_gradient)))
    print(f"value on one device and on all: relative difference {abs(value - one_value) / one_value:.0e}")
    print(f"gradient on one device and on all: relative difference {largest:.0e}")

    for name, function in (("gradient", gradient), ("value and gradient", value_and_gradient)):
        found = collectives(function, *split)
        counted = ", ".join(
            f"{count} {kind}" for kind, count in Counter(each.split()[0] for each in found).items()
        )
        print(f"{name}: {counted or 'no collectives'}")
        for each in found:
            print(f"  {each}")


if __name__ == "__main__":
    main()
