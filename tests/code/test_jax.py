"""Generated JAX code where JAX transforms it: jit, vmap and grad, in both precisions."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import matcalc

jax = pytest.importorskip("jax")
jnp = jax.numpy

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "public.jsonl").read_text("utf-8").splitlines()
]
GRADIENTS = [case for case in CASES if case["kind"] == "gradient"]
JACOBIANS = [case for case in CASES if case["kind"] == "jacobian"]


@pytest.fixture(autouse=True)
def double():
    jax.config.update("jax_enable_x64", True)


def derived(case) -> matcalc.Derivation:
    return matcalc.derive(case["unicode"], wrt=case["wrt"], shapes=case["shapes"], kind=case["kind"])


def generated(text: str) -> Any:
    """The function of a generated file."""
    space: dict[str, Any] = {}
    exec(text, space)
    return next(made for name, made in space.items() if name.startswith("value_and_"))


def arguments(function, case, dtype="float64") -> dict[str, Any]:
    names = inspect.signature(function).parameters
    inputs = {"lambda_" if name == "lambda" else name: value for name, value in case["inputs"].items()}
    return {name: jnp.asarray(inputs[name], dtype=dtype) for name in names}


def assert_close(got, expected, tolerance):
    got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    assert got.shape == expected.shape
    assert np.abs(got - expected).max() <= tolerance * max(np.abs(expected).max(), 1e-3)


@pytest.mark.parametrize("case", GRADIENTS, ids=lambda case: case["name"])
def test_jit_vmap_and_grad_of_the_generated_function(case):
    function = generated(derived(case).code("jax"))
    compiled = jax.jit(function)
    at = arguments(function, case)
    value, gradient = compiled(**at)
    assert value.shape == () and value.dtype == gradient.dtype == jnp.float64
    assert_close(gradient, case["expected"], 1e-8)
    wrt = case["wrt"]
    if wrt in at:  # JAX differentiates the value that the same function returns
        assert_close(jax.jit(jax.grad(lambda x: function(**{**at, wrt: x})[0]))(at[wrt]), gradient, 1e-8)

    moved = wrt if wrt in at else next(iter(at))
    stack = jnp.stack([at[moved] * scale for scale in (1.0, 0.9, 1.15)])
    axes = {name: 0 if name == moved else None for name in at}
    many = jax.jit(jax.vmap(lambda given: function(**given), in_axes=(axes,)))({**at, moved: stack})
    alone = [compiled(**{**at, moved: each}) for each in stack]
    for got, expected in zip(many, zip(*alone, strict=True), strict=True):
        assert_close(got, np.stack(expected), 1e-9)

    # Half as many digits in, half as many out, and no silent float64.
    value, gradient = compiled(**arguments(function, case, "float32"))
    assert value.dtype == gradient.dtype == jnp.float32
    assert_close(gradient, case["expected"], 2e-3)


@pytest.mark.parametrize("case", JACOBIANS[::4] + GRADIENTS[::9], ids=lambda case: case["name"])
def test_the_keyword_function_under_jit_and_vmap(case):
    function = derived(case).function("jax")
    at = {name: jnp.asarray(value) for name, value in case["inputs"].items()}
    assert_close(jax.jit(function)(**at), case["expected"], 1e-8)
    moved = next(iter(at))
    stack = jnp.stack([at[moved], 1.15 * at[moved]])
    many = jax.jit(jax.vmap(lambda each: function(**{**at, moved: each})))(stack)
    for got, each in zip(many, stack, strict=True):
        assert_close(got, function(**{**at, moved: each}), 1e-9)


def test_shapes_are_checked_while_tracing():
    function = matcalc.derive("‖As − x‖²", wrt="s").function("jax", value=True)
    good = {"A": jnp.ones((4, 3)), "s": jnp.ones(3), "x": jnp.ones(4)}
    with pytest.raises(matcalc.MatcalcError):
        jax.jit(lambda given: function(**given))({**good, "x": jnp.ones(5)})
    with pytest.raises(matcalc.MatcalcError, match="no value was given for x"):
        jax.jit(lambda A, s: function(A=A, s=s))(good["A"], good["s"])
    value, gradient = jax.eval_shape(lambda given: function(**given), good)
    assert value.shape == () and gradient.shape == (3,)


def test_whole_numbers_become_floating_point_numbers():
    function = matcalc.derive("½xᵀAx", wrt="x").function("jax")
    got = function(A=jnp.array([[2, 1], [1, 4]]), x=[1, 2])
    assert got.dtype == jnp.float64
    assert got.tolist() == [4.0, 9.0]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    ("formula", "wrt", "kind"),
    [
        ("3sum(x)", "x", "gradient"),
        ("tr(X)", "X", "gradient"),
        ("‖X‖²", "X", "hessian"),
        ("½xᵀx", "x", "hessian"),
    ],
)
def test_a_constant_derivative_has_the_type_of_the_arguments(formula, wrt, kind, dtype):
    d = matcalc.derive(formula, wrt=wrt, kind=kind)
    shape = (3, 3) if wrt == "X" else (3,)
    for target, array in (("jax", jnp.ones(shape, dtype)), ("numpy", np.ones(shape, dtype))):
        space: dict[str, Any] = {}
        exec(d.code(target, value=False), space)
        got = space[kind](array)
        assert str(got.dtype) == dtype
        assert got.shape == shape * (2 if kind == "hessian" else 1)


def test_a_scan_of_gradient_steps():
    """The function as the body of a loop that JAX compiles: gradient descent finds the least squares solution."""
    step = matcalc.derive("½‖Aw − b‖²", wrt="w").function("jax")
    rng = np.random.default_rng(3)
    A, b = jnp.asarray(rng.normal(size=(7, 3))), jnp.asarray(rng.normal(size=7))

    @jax.jit
    def fit(w):
        return jax.lax.scan(lambda w, _: (w - 0.05 * step(A=A, b=b, w=w), None), w, None, length=2000)[0]

    assert_close(fit(jnp.zeros(3)), np.linalg.lstsq(A, b, rcond=None)[0], 1e-8)
