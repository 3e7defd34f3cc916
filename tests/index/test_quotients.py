"""Sums of products divided by themselves, against JAX at sizes that all differ."""

import numpy as np
import pytest

import matcalc

jax = pytest.importorskip("jax")
jnp = jax.numpy


@pytest.fixture(autouse=True)
def double():
    jax.config.update("jax_enable_x64", True)


def softmax(z):
    return jnp.exp(z) / jnp.sum(jnp.exp(z))


CASES = [  # formula, variable, what is printed, the formula in JAX of the names in it
    (
        "-log(softmax(Wx + b)ᵀy)",
        "b",
        "softmax(Wx + b) ⊙ (1 − y/(softmax(Wx + b)ᵀy))",
        lambda W, x, b, y: -jnp.log(softmax(W @ x + b) @ y),
    ),
    (
        "Σ((A ⊙ B)𝟏 ⊘ (B ⊙ A)𝟏 ⊙ c)",
        "c",
        "𝟏ₙ",
        lambda A, B, c: jnp.sum(c * (A * B).sum(1) / (A * B).sum(1)),
    ),
    (
        "Σ((A ⊙ B)𝟏 ⊘ ((B ⊙ A)𝟏).^3 ⊙ c)",
        "c",
        "1 ⊘ ((B ⊙ A)𝟏)²",
        lambda A, B, c: jnp.sum(c / (A * B).sum(1) ** 2),
    ),
    (
        "Σ((A Bᵀ) ⊘ (A Bᵀ).^2)",
        "A",
        "−(1 ⊘ (ABᵀ)^{∘2})B",
        lambda A, B: jnp.sum(1 / (A @ B.T)),
    ),
    (
        "xᵀFd log(xᵀFd)",
        "x",
        "(1 + log(xᵀFd))Fd",
        lambda x, F, d: (x @ F @ d) * jnp.log(x @ F @ d),
    ),
    # what stands above the line is another sum: of other factors, or with its matrix turned
    ("xᵀFd/(xᵀFg)", "x", "Fd/(xᵀFg) − (xᵀFd)Fg/(xᵀFg)²", lambda x, F, d, g: (x @ F @ d) / (x @ F @ g)),
    ("xᵀSp/(pᵀSx)", "x", "Sp/(pᵀSx) − (xᵀSp)Sᵀp/(pᵀSx)²", lambda x, S, p: (x @ S @ p) / (p @ S @ x)),
]  # fmt: skip
SIZES = {
    "W": (4, 5), "b": (4,), "y": (4,), "A": (3, 6), "B": (3, 6), "c": (3,), "x": (5,), "F": (5, 7), "d": (7,),
    "g": (7,), "S": (5, 5), "p": (5,),
}  # fmt: skip


@pytest.mark.parametrize(("formula", "wrt", "printed", "oracle"), CASES)
def test_quotients(formula, wrt, printed, oracle):
    rng = np.random.default_rng(3)
    names = oracle.__code__.co_varnames
    sizes = {**SIZES, "B": (8, 6)} if "A Bᵀ" in formula else SIZES
    arrays = {name: rng.uniform(0.5, 1.5, size=sizes[name]) for name in names}
    derived = matcalc.derive(formula, wrt)
    assert derived.unicode() == printed
    expected = jax.grad(oracle, names.index(wrt))(*arrays.values())
    np.testing.assert_allclose(derived.function()(**arrays), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("formula", "wrt"), [("tr(AB)/tr(BA)", "A"), ("aᵀ(A⊙B)𝟏/(Σ(A⊙B)ᵀa)", "a"), ("xᵀSx/(xᵀSᵀx)", "x")]
)
def test_a_quotient_of_equal_sums_is_one(formula, wrt):
    derived = matcalc.derive(formula, wrt)
    assert derived.unicode() == "0"
    assert derived.check().ok is True
