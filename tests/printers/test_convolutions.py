"""Derivatives of convolutions say how far their indices run, so that they read back to the same numbers."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

SPELLINGS = ("unicode", "ascii", "latex")
SIZES = {"n": 9, "m": 4}


def convolved(x, k, length):
    """Σ_p x[i+p] k[p] for the first ``length`` i, zeros behind the end of x."""
    padded = jnp.concatenate([x, jnp.zeros(length + len(k))])
    return jnp.stack([padded[i : i + len(k)] @ k for i in range(length)])


def linear(x, k, g):
    return g @ convolved(x, k, len(g))


def squares(x, k, g):
    return jnp.sum((g - convolved(x, k, len(g))) ** 2)


LINEAR = "Σ_i g[i] Σ_p x[i+p] k[p]"
SQUARES = "Σ_i (g[i] − Σ_p x[i+p] k[p])^2"
LENGTHS = [(8, 3, 6), (8, 3, 8), (8, 3, 5), (8, 3, 2), (8, "m", 6), ("n", "m", "n")]


def read_back(derivation, arrays):
    for spelling in SPELLINGS:
        for inline in (False, True):
            yield getattr(derivation, spelling)(inline=inline)
        head = derivation.head(spelling)
        if "[i" in head or "_i" in head:
            yield f"{head} = {derivation.written(spelling, headed=True)}"


@pytest.mark.parametrize(("formula", "oracle"), [(LINEAR, linear), (SQUARES, squares)])
@pytest.mark.parametrize(("x", "k", "g"), LENGTHS)
@pytest.mark.parametrize(
    ("kind", "wrt"), [("gradient", "k"), ("gradient", "x"), ("hessian", "k"), ("hessian", "x")]
)
def test_a_convolution_reads_back(formula, oracle, x, k, g, kind, wrt):
    shapes = f"x: {x}, k: {k}, g: {g}"
    derivation = matcalc.derive(formula, wrt, shapes, kind)
    rng = np.random.default_rng(3)
    arrays = {
        name: rng.normal(size=[SIZES.get(s, s) for s in shape]) for name, shape in derivation.shapes.items()
    }
    of = {"gradient": jax.grad, "hessian": jax.hessian}[kind]
    expected = np.asarray(of(oracle, "xkg".index(wrt))(arrays["x"], arrays["k"], arrays["g"]))
    for text in read_back(derivation, arrays):
        got = np.asarray(matcalc.evaluate(text, derivation.shapes, **arrays))
        if expected.any():
            assert got.shape == expected.shape, text
        np.testing.assert_allclose(got + 0 * expected, expected, rtol=1e-9, atol=1e-9, err_msg=text)


@pytest.mark.parametrize(
    ("g", "printed"), [("6", "Σ_q g[q]x[q+i]"), ("8", "Σ_q 𝟏₃[i]g[q]x[q+i]"), ("n", "Σ_q 𝟏₃[i]g[q]x[q+i]")]
)
def test_only_what_does_not_fit_needs_ones(g, printed):
    assert matcalc.derive(LINEAR, "k", f"x: 8, k: 3, g: {g}").unicode() == printed


def test_the_definitions_say_how_far_their_indices_run():
    text = "h[i] = tanh(Σ_p x[i+p] k[p] + b[i])\nΣ_i g[i] h[i]^3 / (1 + h[i]^2)"
    shapes = "x: 8, k: 3, b: 7, g: 7"
    derivation = matcalc.derive(text, "k", shapes)
    rng = np.random.default_rng(4)
    arrays = {name: rng.normal(size=shape) for name, shape in derivation.shapes.items()}

    def oracle(k):
        h = jnp.tanh(convolved(arrays["x"], k, 7) + arrays["b"])
        return jnp.sum(arrays["g"] * h**3 / (1 + h**2))

    expected = np.asarray(jax.grad(oracle)(arrays["k"]))
    for printed in read_back(derivation, arrays):
        got = matcalc.evaluate(printed, derivation.shapes, **arrays)
        np.testing.assert_allclose(got, expected, rtol=1e-9, err_msg=printed)
