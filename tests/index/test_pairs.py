"""Sums that change their sign with two indices, xᵢ − xⱼ: even functions of them are symmetric.  JAX has the numbers."""

import numpy as np
import pytest

import matcalc

N, D = 5, 3


def pairs(jnp, x):
    return x[:, None] - x[None, :]


def squares(jnp, Y):
    return jnp.sum((Y[:, None, :] - Y[None, :, :]) ** 2, axis=2)


CASES = [
    (
        "Σ_ij exp(−(x_i − x_j)²/2) w_i w_j",
        "w",
        lambda jnp, x, w, **_: w @ jnp.exp(-(pairs(jnp, x) ** 2) / 2) @ w,
        "2exp(−½(x𝟏ᵀ − 𝟏xᵀ)^{∘2})w",
    ),
    (
        "Σ_ij |x_i − x_j| w_i w_j",
        "w",
        lambda jnp, x, w, **_: w @ jnp.abs(pairs(jnp, x)) @ w,
        "2abs(x𝟏ᵀ − 𝟏xᵀ)w",
    ),
    (
        "Σ_ij cosh(x_i − x_j) w_i",
        "x",
        lambda jnp, x, w, **_: w @ jnp.cosh(pairs(jnp, x)) @ jnp.ones(N),
        None,
    ),
    (
        "Σ_ij exp(−‖y_i − y_j‖²/2) w_i w_j",
        "w",
        lambda jnp, Y, w, **_: w @ jnp.exp(-squares(jnp, Y) / 2) @ w,
        "2Gw where G[i,j] = exp(−½Σₚ (Y[i,p] − Y[j,p])²)",
    ),
    (
        "Σ_ij exp(−‖y_i − y_j‖²/2) w_i w_j",
        "Y",
        lambda jnp, Y, w, **_: w @ jnp.exp(-squares(jnp, Y) / 2) @ w,
        "2(diag(w)G diag(w) − diag(Gw ⊙ w))Y where G[i,j] = exp(−½Σₚ (Y[i,p] − Y[j,p])²)",
    ),
    (
        "log Σ_ij 1/(1 + ‖y_i − y_j‖²)",
        "Y",
        lambda jnp, Y, **_: jnp.log(jnp.sum(1 / (1 + squares(jnp, Y)))),
        None,
    ),
    (
        "Σ_ij P_ij log(1 + ‖y_i − y_j‖²)",
        "Y",
        lambda jnp, Y, P, **_: jnp.sum(P * jnp.log(1 + squares(jnp, Y))),
        None,
    ),
    (
        "Σ_ij P_ij ‖y_i − y_j‖⁴",
        "Y",
        lambda jnp, Y, P, **_: jnp.sum(P * squares(jnp, Y) ** 2),
        None,
    ),
    (  # an odd power is not symmetric
        "Σ_ij P_ij (x_i − x_j)³",
        "x",
        lambda jnp, x, P, **_: jnp.sum(P * pairs(jnp, x) ** 3),
        None,
    ),
    (
        "Σ_ij exp((x_i − x_j)³) w_i w_j",
        "w",
        lambda jnp, x, w, **_: w @ jnp.exp(pairs(jnp, x) ** 3) @ w,
        None,
    ),
    (  # nor is a difference of two vectors
        "Σ_ij exp(−(x_i − w_j)²) w_i",
        "x",
        lambda jnp, x, w, **_: jnp.sum(jnp.exp(-((x[:, None] - w[None, :]) ** 2)) * w[:, None]),
        None,
    ),
]


@pytest.mark.parametrize(("formula", "wrt", "loss", "text"), CASES)
def test_gradients(formula, wrt, loss, text):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    rng = np.random.default_rng(3)
    shapes = {"x": (N,), "w": (N,), "Y": (N, D), "P": (N, N)}
    inputs = {name: 0.6 * rng.normal(size=shape) for name, shape in shapes.items()}
    derivation = matcalc.derive(formula, wrt, shapes="x: n, w: n, Y: n×d, P: n×n")
    if text is not None:
        assert derivation.unicode() == text
    expected = jax.grad(lambda at: loss(jax.numpy, **(inputs | {wrt: at})))(inputs[wrt])
    used = {name: inputs[name] for name in derivation.shapes}
    np.testing.assert_allclose(derivation.function()(**used), expected, rtol=1e-9, atol=1e-12)


def test_even_powers_of_a_norm_have_no_root_that_would_be_zero():
    derivation = matcalc.derive("Σ_ij P_ij ‖y_i − y_j‖⁴", "Y", shapes="Y: n×d, P: n×n")
    assert derivation.check().ok is True


def test_equal_terms_meet_whatever_their_indices_are_called():
    first = "Σ_ij A_ij exp(−‖y_i − y_j‖²) − Σ_ij A_ji exp(−‖y_j − y_i‖²)"
    assert matcalc.derive(first, "Y", shapes="Y: n×d, A: n×n").unicode() == "0"
    second = "Σ_ij A_ij ‖y_i − y_j‖⁶ − Σ_ij A_ji ‖y_j − y_i‖⁶"
    assert matcalc.derive(second, "A", shapes="Y: n×d, A: n×n").unicode() == "0"
