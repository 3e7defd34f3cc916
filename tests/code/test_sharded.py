"""Generated JAX code on eight devices, which one flag makes of a CPU: equal results, and the collectives counted."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

pytest.importorskip("jax")

ROOT = Path(__file__).parents[2]
DEVICES = 8


def run(*arguments: str) -> str:
    """The output of Python with eight devices."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=ROOT,
        capture_output=True,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "PYTHONUTF8": "1",
            "JAX_PLATFORMS": "cpu",
            "XLA_FLAGS": f"--xla_force_host_platform_device_count={DEVICES}",
        },
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_example():
    lines = run("examples/sharded.py").splitlines()
    assert "8 devices, 512 rows of X on each" in lines
    differences = [float(found) for found in re.findall(r"relative difference (\S+)", "\n".join(lines))]
    assert len(differences) == 2
    assert max(differences) < 1e-12
    place = lines.index("gradient: 1 all-reduce")
    assert lines[place + 1] == "  all-reduce of f64[50]"  # the gradient, and no rows of X
    (both,) = re.findall(r"^value and gradient: (\d) all-reduce$", "\n".join(lines), re.M)
    assert int(both) in (1, 2)  # compilers may combine the two


PREAMBLE = """
import sys
sys.path.insert(0, "examples")
import jax, jax.numpy as jnp, numpy as np
from jax.sharding import Mesh, NamedSharding, PartitionSpec as P
import matcalc
from sharded import collectives, generated
jax.config.update("jax_enable_x64", True)
assert jax.device_count() == 8
mesh = Mesh(np.array(jax.devices()), ("data",))
rng = np.random.default_rng(1)

def close(got, expected):
    np.testing.assert_allclose(np.asarray(got), np.asarray(expected), rtol=1e-11, atol=1e-13)
"""


def test_shard_map_with_psum():
    """The code of the sum over the rows of one device, added over the devices."""
    run(
        "-c",
        PREAMBLE
        + textwrap.dedent(
            """
            shard_map = getattr(jax, "shard_map", None)
            if shard_map is None:
                from jax.experimental.shard_map import shard_map
            d = matcalc.derive("½‖W₂ tanh(W₁ x) − t‖²", wrt=["W1", "W2"], batch="x, t", reduction="sum")
            function = generated("value_and_gradients", d.code("jax"))
            names = function.__code__.co_varnames[: function.__code__.co_argcount]
            arrays = {"W1": (5, 7), "W2": (3, 5), "X": (48, 7), "T": (48, 3)}
            at = [jnp.asarray(rng.normal(size=arrays[name])) for name in names]
            specs = tuple(P("data") if name in "XT" else P() for name in names)

            by_name = d.function("jax", value=True)
            for call in (function, lambda *parts: by_name(**dict(zip(names, parts)))):

                def local(*parts):
                    assert {part.shape[0] for part, spec in zip(parts, specs) if spec == P("data")} == {6}
                    return jax.lax.psum(call(*parts), "data")

                whole = jax.jit(shard_map(local, mesh=mesh, in_specs=specs, out_specs=P()))
                for got, expected in zip(whole(*at), function(*at), strict=True):
                    close(got, expected)
            """
        ),
    )


@pytest.mark.parametrize(
    ("formula", "wrt", "options", "shapes", "expected"),
    [
        ("(wᵀx − y)²", "w", "batch='x, y'", {"w": (7,), "X": (64, 7), "y": (64,)}, 1),
        ("‖WᵀWx − x‖²", "W", "batch='x', reduction='sum'", {"W": (5, 7), "X": (64, 7)}, 1),
        ("−tᵀ log softmax(Wx)", "W", "batch='x, t'", {"W": (3, 7), "X": (64, 7), "T": (64, 3)}, 1),
        # A Hessian that is made by halves.
        ("Σ log(1 + exp(−y ⊙ Xw))", "w", "kind='hessian'", {"X": (64, 7), "w": (7,), "y": (64,)}, 1),
        ("Σ log(1 + exp(−y ⊙ Xw))", "w", "kind='hessian'", {"X": (640, 300), "w": (300,), "y": (640,)}, 1),
        # What belongs to a row is computed where the row is.
        ("½‖Uz − x‖²", "Z", "batch='x, z', reduction='sum'", {"U": (7, 3), "X": (64, 7), "Z": (64, 3)}, 0),
    ],
)
def test_the_collectives_of_a_derivative(formula, wrt, options, shapes, expected):
    samples = max(size for shape in shapes.values() for size in shape)
    program = f"""
d = matcalc.derive({formula!r}, wrt={wrt!r}, {options})
function = generated(d.kind, d.code("jax", value=False))
names = function.__code__.co_varnames[: function.__code__.co_argcount]
shapes = {shapes!r}
at = [jnp.asarray(rng.normal(size=shapes[name])) for name in names]
rows = [{samples} in shapes[name] for name in names]
split = [jax.device_put(x, NamedSharding(mesh, P("data") if row else P())) for x, row in zip(at, rows)]
close(jax.jit(function)(*split), function(*at))
print(collectives(function, *split))
"""
    found = ast.literal_eval(run("-c", PREAMBLE + program))
    assert [each.split()[0] for each in found] == ["all-reduce"] * expected
