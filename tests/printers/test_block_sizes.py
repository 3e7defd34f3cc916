"""Blocks of ones, zeros and single entries, as derivatives in a scalar have them, say how large they are."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

SHAPES = {"γ": (), "μ": (), "A": (2, 3), "B": (2, 4), "c": (3,), "x": (2,), "D": (1, 3)}


def one(scalar):
    return jnp.reshape(scalar, (1, 1))


BLOCKS = [
    ("[γA, B]", lambda v: jnp.hstack([v["γ"] * v["A"], v["B"]]), "[A, 0𝟏₂𝟏₄ᵀ]"),
    ("[A + γ, B]", lambda v: jnp.hstack([v["A"] + v["γ"], v["B"]]), "[𝟏₂𝟏₃ᵀ, 0𝟏₂𝟏₄ᵀ]"),
    ("[c + γ; x]", lambda v: jnp.concatenate([v["c"] + v["γ"], v["x"]]), "[𝟏₃; 0𝟏₂]"),
    ("[c + γμ; x + γ]", lambda v: jnp.concatenate([v["c"] + v["γ"] * v["μ"], v["x"] + v["γ"]]), "[μ𝟏₃; 𝟏₂]"),
    ("[γ; x]", lambda v: jnp.concatenate([v["γ"][None], v["x"]]), "[1; 0𝟏₂]"),
    ("[γ²; exp(γ)]", lambda v: jnp.stack([v["γ"] ** 2, jnp.exp(v["γ"])]), "[2γ; exp(γ)]"),
    (
        "[2γμ D; x γA]",
        lambda v: jnp.block([[2 * one(v["γ"] * v["μ"]), v["D"]], [v["x"][:, None], v["γ"] * v["A"]]]),
        "[2μ 0; 0 A]",
    ),
    (
        "[γ cᵀ; x γA]",
        lambda v: jnp.block([[one(v["γ"]), v["c"][None]], [v["x"][:, None], v["γ"] * v["A"]]]),
        "[1 0; 0 A]",
    ),
    ("[γcᵀ; D]", lambda v: jnp.vstack([v["γ"] * v["c"][None], v["D"]]), "[cᵀ; 0𝟏₁𝟏₃ᵀ]"),
]


@pytest.mark.parametrize(("formula", "oracle", "printed"), BLOCKS, ids=[block[0] for block in BLOCKS])
@pytest.mark.parametrize("spelling", ["unicode", "ascii", "latex"])
def test_derivatives_in_a_scalar(formula, oracle, printed, spelling):
    derivation = matcalc.derive(formula, "γ", SHAPES, "jacobian")
    rng = np.random.default_rng(2)
    arrays = {name: np.asarray(rng.normal(size=shape)) for name, shape in SHAPES.items()}
    expected = jax.jacobian(lambda scalar: oracle({**arrays, "γ": scalar}))(arrays["γ"])
    used = {name: arrays[name] for name in derivation.shapes}
    assert derivation.unicode() == printed
    text = getattr(derivation, spelling)()
    got = matcalc.evaluate(text, derivation.shapes, **used)
    assert np.shape(got) == expected.shape, text
    np.testing.assert_allclose(got, expected, rtol=1e-12, err_msg=text)


def test_a_zero_takes_what_is_left_where_something_tells_the_whole():
    derivation = matcalc.derive("([I; 0]y)'z", "y", {"y": (2,), "z": (5,)})
    assert derivation.unicode() == "[I₂ 0]z"
