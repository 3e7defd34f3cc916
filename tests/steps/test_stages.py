"""The sweeps of each kind of derivative; what a sweep hands down is numerically a vector-Jacobian product of JAX."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.evaluation import function
from matcalc.graph.replace import replaced
from matcalc.steps.stages import stages

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy
rng = np.random.default_rng(2)


def kinds(formula, wrt, kind, **options):
    derivation = matcalc.derive(formula, wrt, kind=kind, **options)
    return derivation, stages(derivation, verbose=True)


ARRAYS = {
    "W": rng.normal(size=(4, 3)),
    "x": rng.normal(size=3),
    "b": rng.normal(size=4),
    "A": rng.normal(size=(5, 3)),
    "X": rng.normal(size=(3, 2)),
    "B": rng.normal(size=(2, 6)),
}


@pytest.mark.parametrize(
    ("formula", "wrt", "compute", "names"),
    [
        ("tanh(Wx + b)", "x", lambda W, x, b: jnp.tanh(W @ x + b), "Wxb"),
        ("tanh(Wx + b)", "W", lambda W, x, b: jnp.tanh(W @ x + b), "Wxb"),
        ("softmax(x)", "x", lambda x: jax.nn.softmax(x), "x"),
        ("AXB", "X", lambda A, X, B: A @ X @ B, "AXB"),
        ("x(xᵀx)", "x", lambda x: x * (x @ x), "x"),
    ],
)
@pytest.mark.parametrize("kind", ["jacobian", "pullback"])
def test_what_a_sweep_hands_down(formula, wrt, compute, names, kind):
    derivation, found = kinds(formula, wrt, kind)
    (stage,) = found
    arrays = [ARRAYS[name] for name in names]
    value, back = jax.vjp(compute, *arrays)
    delta = rng.normal(size=value.shape)
    expected = back(jnp.asarray(delta))[names.index(wrt)]
    graph = derivation.reading.graph
    arriving = graph.variable("Q", stage.record.seed.shape)
    form = stage.record.total[-1].node
    (node,) = replaced(derivation.names.open([form]), {stage.record.seed: arriving}, graph)
    variables = [graph.variable(n, shape) for n, shape in derivation.reading.shapes.items()]
    got = function(node, derivation.reading, also=[*variables, arriving])(
        **{name: ARRAYS[name] for name in names}, Q=delta
    )
    np.testing.assert_allclose(got, expected, rtol=1e-10)


@pytest.mark.parametrize(
    ("kind", "options", "count"),
    [("hessian", {}, 2), ("hvp", {}, 2), ("pullback", {}, 1), ("pushforward", {}, 1), ("jacobian", {}, 1)],
)
def test_the_number_of_sweeps(kind, options, count):
    formula = "xᵀAx where A: n×n" if kind in ("hessian", "hvp") else "tanh(Wx)"
    _, found = kinds(formula, "x", kind, **options)
    assert len(found) == count
    assert bool(found[-1].ending) == (kind not in ("pullback", "hvp"))


def test_a_third_derivative_has_three_sweeps():
    _, found = kinds("γ³", "γ", "hessian", order=3)
    assert [stage.record.total[-1].node.op for stage in found][-1] == "number"
    assert len(found) == 3


def test_the_last_form_of_a_product_is_the_result():
    derivation, found = kinds("‖Ax‖⁴", "x", "hvp")
    assert found[-1].record.total[-1].node is derivation.named
