"""The code of a batch against ``jax.vmap`` of the loss of one sample and ``jax.grad``, at sizes that all differ."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

import matcalc

jax = pytest.importorskip("jax")
jnp = jax.numpy

N = 11  # samples


@pytest.fixture(autouse=True)
def double():
    jax.config.update("jax_enable_x64", True)


@dataclass(frozen=True)
class Case:
    """A loss of one sample: as text, in JAX, and the arrays that it takes, the samples with their first axis."""

    name: str
    formula: str
    wrt: tuple[str, ...]
    batch: str
    loss: Callable[..., Any]  # of the arrays in the order of `arrays`
    arrays: dict[str, tuple[int, ...]]
    shapes: str = ""
    signs: tuple[str, ...] = ()  # arrays of -1 and 1
    positive: tuple[str, ...] = ()  # arrays of numbers between 0 and 1
    regular: tuple[str, ...] = ()  # arrays with a positive determinant


def softmax(z):
    return jnp.exp(z) / jnp.sum(jnp.exp(z))


def layer_norm(W, g, x, t):
    h = W @ x
    z = (h - jnp.mean(h)) / jnp.sqrt(jnp.var(h) + 0.1)
    return 0.5 * jnp.sum((g * z - t) ** 2)


CASES = [
    Case(
        "logistic",
        "log(1 + exp(−y wᵀx))",
        ("w",),
        "x, y",
        lambda w, X, y: jnp.log(1 + jnp.exp(-y * (w @ X))),
        {"w": (5,), "X": (N, 5), "y": (N,)},
        "y: scalar",
        signs=("y",),
    ),
    Case(
        "logistic, y a number by itself",
        "log(1+exp(-y*(w'x)))",
        ("w",),
        "x, y",
        lambda w, X, y: jnp.log(1 + jnp.exp(-y * (w @ X))),
        {"w": (5,), "X": (N, 5), "y": (N,)},
        signs=("y",),
    ),
    Case(
        "softmax regression",
        "−tᵀ log softmax(Wx + b)",
        ("W", "b"),
        "x, t",
        lambda W, b, X, T: -T @ jnp.log(softmax(W @ X + b)),
        {"W": (3, 5), "b": (3,), "X": (N, 5), "T": (N, 3)},
    ),
    Case(
        "softmax regression by logsumexp",
        "logsumexp(Wx) − tᵀWx",
        ("W",),
        "x, t",
        lambda W, X, T: jnp.log(jnp.sum(jnp.exp(W @ X))) - T @ W @ X,
        {"W": (3, 5), "X": (N, 5), "T": (N, 3)},
    ),
    Case(
        "least squares with decay",
        "½(wᵀx − y)² + λ‖w‖²",
        ("w", "λ", "X", "y"),
        "x, y",
        lambda w, decay, X, y: 0.5 * (w @ X - y) ** 2 + decay * w @ w,
        {"w": (5,), "λ": (), "X": (N, 5), "y": (N,)},
    ),
    Case(
        "linear regression in matrix form",
        "\\lVert W x - y \\rVert_2^2",
        ("W", "X", "Y"),
        "x, y",
        lambda W, X, Y: jnp.sum((W @ X - Y) ** 2),
        {"W": (3, 5), "X": (N, 5), "Y": (N, 3)},
    ),
    Case(
        "two-layer network",
        "shapes W: k×m, V: p×k, x: m, t: p, b: k, c: p\nh = tanh(W x + b)\nz = V h + c\nL = ½‖z − t‖²",
        ("W", "b", "V", "c"),
        "x, t",
        lambda W, b, V, c, X, T: 0.5 * jnp.sum((V @ jnp.tanh(W @ X + b) + c - T) ** 2),
        {"W": (4, 5), "b": (4,), "V": (3, 4), "c": (3,), "X": (N, 5), "T": (N, 3)},
    ),
    Case(
        "definitions of numbers",
        "a = ‖y‖²\n(wᵀx − a)²",
        ("w", "y"),
        "x, y",
        lambda w, X, y: (w @ X - y * y) ** 2,
        {"w": (5,), "X": (N, 5), "y": (N,)},
        "y: scalar",
    ),
    Case(
        "reconstruction ICA",
        "‖WᵀWx − x‖²",
        ("W",),
        "x",
        lambda W, X: jnp.sum((W.T @ W @ X - X) ** 2),
        {"W": (3, 5), "X": (N, 5)},
    ),
    Case(
        "hinge",
        "max(0, 1 − y wᵀx)",
        ("w",),
        "x, y",
        lambda w, X, y: jnp.maximum(0, 1 - y * (w @ X)),
        {"w": (5,), "X": (N, 5), "y": (N,)},
        "y: scalar",
        signs=("y",),
    ),
    Case(
        "hinge of classes",
        "max(Wx) − tᵀWx",
        ("W",),
        "x, t",
        lambda W, X, T: jnp.max(W @ X) - T @ W @ X,
        {"W": (3, 5), "X": (N, 5), "T": (N, 3)},
    ),
    Case(
        "sparse coding",
        "½‖x − Ds‖² + λ‖s‖₁",
        ("D", "S"),
        "x, s",
        lambda D, decay, X, S: 0.5 * jnp.sum((X - D @ S) ** 2) + decay * jnp.sum(jnp.abs(S)),
        {"D": (5, 3), "λ": (), "X": (N, 5), "S": (N, 3)},
    ),
    Case(
        "layer normalisation",
        "h = W x\nz = (h − mean(h))/√(var(h) + 0.1)\n½‖g ⊙ z − t‖²",
        ("W", "g"),
        "x, t",
        layer_norm,
        {"W": (3, 5), "g": (3,), "X": (N, 5), "T": (N, 3)},
    ),
    Case(
        "two-layer classifier",
        "−log(softmax(V relu(Wx + b) + c)ᵀt)",
        ("W", "b", "V", "c"),
        "x, t",
        lambda W, b, V, c, X, T: -jnp.log(softmax(V @ jax.nn.relu(W @ X + b) + c) @ T),
        {"W": (4, 5), "b": (4,), "V": (3, 4), "c": (3,), "X": (N, 5), "T": (N, 3)},
        "V: p×k, W: k×m, x: m, b: k, c: p, t: p",
        positive=("T",),
    ),
    Case(
        "autoencoder with tied weights",
        "‖Wᵀσ(Wx + b) + c − x‖²",
        ("W", "b", "c"),
        "x",
        lambda W, b, c, X: jnp.sum((W.T @ jax.nn.sigmoid(W @ X + b) + c - X) ** 2),
        {"W": (3, 5), "b": (3,), "c": (5,), "X": (N, 5)},
    ),
    Case(
        "one output of a hidden layer",
        "h = tanh(Wx + b)\na = vᵀ(g ⊙ h) + β\n(a − y)²",
        ("W", "b", "v", "g", "β"),
        "x, y",
        lambda W, b, v, g, beta, X, y: (v @ (g * jnp.tanh(W @ X + b)) + beta - y) ** 2,
        {"W": (4, 5), "b": (4,), "v": (4,), "g": (4,), "β": (), "X": (N, 5), "y": (N,)},
        "y: scalar",
    ),
    Case(
        "a kernel around a centre",
        "exp(−‖x − c‖²)",
        ("c",),
        "x",
        lambda c, X: jnp.exp(-jnp.sum((X - c) ** 2)),
        {"c": (5,), "X": (N, 5)},
        positive=("X", "c"),
    ),
    Case(
        "a Gaussian",
        "½(x − μ)ᵀS⁻¹(x − μ) + ½log det S",
        ("μ", "S"),
        "x",
        lambda mu, S, X: 0.5 * (X - mu) @ jnp.linalg.inv(S) @ (X - mu) + 0.5 * jnp.linalg.slogdet(S)[1],
        {"μ": (3,), "S": (3, 3), "X": (N, 3)},
        "μ: d, x: d",
        regular=("S",),
    ),
    Case(
        "a quadratic form in indices",
        "h = W x\nΣ_{j,k} A_{jk} h_j h_k + Σ_j c_j x_j³",
        ("W", "A", "c"),
        "x",
        lambda W, A, c, X: W @ X @ A @ W @ X + c @ X**3,
        {"W": (3, 5), "A": (3, 3), "c": (5,), "X": (N, 5)},
        "A: p×p",
    ),
    Case(
        "the matrix of the samples declared",
        "(wᵀx − y)²",
        ("w",),
        "X, y",
        lambda w, X, y: (w @ X - y) ** 2,
        {"w": (5,), "X": (N, 5), "y": (N,)},
        "X: m×n, y: m, w: n",
    ),
    Case(
        "rows",
        "r = xᵀA\ns = tanh(r)\nexp(s B sᵀ) + r rᵀ",
        ("A", "B"),
        "x",
        lambda A, B, X: jnp.exp(jnp.tanh(X @ A) @ B @ jnp.tanh(X @ A)) + (X @ A) @ (X @ A),
        {"A": (3, 5), "B": (5, 5), "X": (N, 3)},
    ),
]


def whole(case: Case, reduction: str) -> Callable[..., Any]:
    """The loss of all samples, which JAX makes of that of one."""
    moving = tuple(0 if shape[:1] == (N,) else None for shape in case.arrays.values())
    reduce = jnp.mean if reduction == "mean" else jnp.sum
    return lambda *arrays: reduce(jax.vmap(case.loss, in_axes=moving)(*arrays))


def drawn(case: Case) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(5)
    arrays = {
        name: rng.choice([-1.0, 1.0], size=shape) if name in case.signs else rng.normal(size=shape)
        for name, shape in case.arrays.items()
    }
    arrays |= {name: rng.uniform(size=case.arrays[name]) for name in case.positive}
    return arrays | {name: arrays[name] / 9 + np.eye(len(arrays[name])) for name in case.regular}


@pytest.mark.parametrize("reduction", ["mean", "sum"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_against_vmap_and_grad(case, reduction):
    arrays = drawn(case)
    order = list(arrays)
    loss = whole(case, reduction)
    at = [jnp.asarray(value) for value in arrays.values()]
    value = loss(*at)
    gradients = jax.grad(loss, argnums=tuple(order.index(name) for name in case.wrt))(*at)
    derived = matcalc.derive(
        case.formula, list(case.wrt), case.shapes or None, batch=case.batch, reduction=reduction
    )
    assert all("defined" not in note and "declared" not in note for note in derived[case.wrt[0]].notes)
    for target in ("numpy", "jax"):
        got, *found = derived.function(target, value=True)(**arrays)
        np.testing.assert_allclose(got, value, rtol=1e-11)
        for name, ours, theirs in zip(case.wrt, found, gradients, strict=True):
            assert ours.shape == arrays[name].shape
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-11, err_msg=name)
        body = derived.code(target).split('"""')[-1]
        assert "return value, grad_" in body
        assert not {"for", "while", "vmap", "einsum"} & set(re.findall(r"\w+", body))


@pytest.mark.parametrize("case", CASES[:4], ids=lambda case: case.name)
def test_large_inputs(case):
    """Losses that would overflow without their stable forms: right to single precision at scores of ±1,000."""
    arrays = {name: value * (300.0 if name == "X" else 1.0) for name, value in drawn(case).items()}
    if case.name.startswith("softmax"):  # of one class each, so that the loss is −log of one number
        arrays["T"] = np.eye(3)[np.arange(N) % 3]
        z = arrays["X"] @ arrays["W"].T + arrays.get("b", 0)
        z = z - z.max(axis=1, keepdims=True)
        p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
        value = (np.log(np.exp(z).sum(axis=1)) - (arrays["T"] * z).sum(axis=1)).mean()
        gradient = (p - arrays["T"]).T @ arrays["X"] / N
    else:
        score = arrays["y"] * (arrays["X"] @ arrays["w"])
        value = np.where(
            score > 0, np.log1p(np.exp(-np.abs(score))), -score + np.log1p(np.exp(-np.abs(score)))
        ).mean()
        small = np.exp(-np.abs(score)) / (1 + np.exp(-np.abs(score)))
        gradient = -arrays["X"].T @ (arrays["y"] * np.where(score > 0, small, 1 - small)) / N
    assert value > 100
    derived = matcalc.derive(case.formula, case.wrt[0], case.shapes or None, batch=case.batch)
    for target in ("numpy", "jax"):
        got, found = derived.function(target, value=True)(**arrays)
        np.testing.assert_allclose(got, value, rtol=1e-9)
        np.testing.assert_allclose(found, gradient, rtol=1e-9, atol=1e-9)


def test_hessian_of_a_batch():
    case = CASES[0]
    arrays = drawn(case)
    expected = jax.hessian(whole(case, "mean"))(*(jnp.asarray(value) for value in arrays.values()))
    derived = matcalc.derive(case.formula, "w", case.shapes, "hessian", batch=case.batch)
    np.testing.assert_allclose(derived.function()(**arrays), expected, rtol=1e-9)


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_the_head_of_the_file(target):
    derived = matcalc.derive("\\lVert W x - y \\rVert_2^2", "W", batch="x, y", reduction="sum")
    text = derived.code(target)
    space = compile(text, "generated", "exec").co_consts
    assert (
        "The value and the gradient with respect to W of the sum over the n samples of ‖Wx − y‖²." in space[0]
    )
    assert "Σₚ" not in text


def test_the_head_of_a_program_is_written_anew():
    derived = matcalc.derive("h = tanh(Wx) # a comment\n‖h‖²", "W", batch="x")
    assert "mean over the n samples of ‖tanh(Wx)‖²." in derived.code("numpy")


def test_the_number_of_samples_is_that_of_the_arrays():
    function = matcalc.derive("(wᵀx − y)²", "w", batch="x, y").function()
    with pytest.raises(matcalc.MatcalcError):
        function(w=np.ones(3), X=np.ones((4, 3)), y=np.ones(5))
