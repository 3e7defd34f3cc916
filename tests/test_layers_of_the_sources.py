"""The layers of the sources and their combinations come out as the sources print them, and agree with JAX.

The layers are those of a note on the backpropagation of neural networks (after A. Mallya, A Quick Introduction to
Backpropagation): L2 loss, cross-entropy, sigmoid, softmax, fully connected.  What a layer hands down is a pullback, with
the delta of its output as the upstream; the chain rule multiplies Jacobians, rows for values and columns for variables.
"""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy
sigmoid, softmax = jax.nn.sigmoid, jax.nn.softmax

SIZES = {"n": 3, "m": 5, "k": 4, "p": 2}
SHAPES = {
    "W": ("n", "m"),
    "x": ("m",),
    "b": ("n",),
    "V": ("k", "n"),
    "c": ("k",),
    "X": ("p", "m"),
    "U": ("m", "n"),
}
SPELLINGS = ("unicode", "ascii", "latex")


def l2(y, t):
    return jnp.sum((y - t) ** 2) / 2


def cross_entropy(y, t):
    return -jnp.sum(t * jnp.log(y))


def values_of(shapes, seed=5):
    """Positive numbers, as a logarithm needs, by name."""
    rng = np.random.default_rng(seed)
    return {
        name: rng.uniform(0.2, 1.5, size=[SIZES[size] for size in shape]) for name, shape in shapes.items()
    }


def agrees(derivation, arrays, expected):
    """The numbers, what is printed in each spelling, and the check."""
    np.testing.assert_allclose(derivation.function()(**arrays), expected, rtol=1e-11, atol=1e-12)
    for spelling in SPELLINGS:
        for inline in (False, True):
            text = getattr(derivation, spelling)(inline=inline)
            got = matcalc.evaluate(text, derivation.shapes, **arrays)
            np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-12, err_msg=text)
    report = derivation.check()
    assert report.ok is True, str(report)


# One layer: formula, variable and its shape, upstream, function, the delta that goes down.
LAYERS = [
    ("½‖x − t‖²", "x", {"x": "m", "t": "m"}, l2, "δ(x − t)"),
    ("½Σ(x − t).^2", "x", {"x": "m", "t": "m"}, l2, "δ(x − t)"),
    ("−tᵀlog x", "x", {"x": "m", "t": "m"}, cross_entropy, "−δt ⊘ x"),
    ("−Σ(t ⊙ log x)", "x", {"x": "m", "t": "m"}, cross_entropy, "−δt ⊘ x"),
    ("σ(x)", "x", {"x": "m"}, sigmoid, "δ ⊙ y ⊙ (1 − y) where y = σ(x)"),
    ("1 ./ (1 + exp(−x))", "x", {"x": "m"}, sigmoid, "δ ⊙ y ⊙ σ(−x) where y = 1 ⊘ (1 + exp(−x))"),
    ("softmax(x)", "x", {"x": "m"}, softmax, "y ⊙ (δ − yᵀδ) where y = softmax(x)"),
    ("Wx", "x", {"W": "nm", "x": "m"}, lambda W, x: W @ x, "Wᵀδ"),
    ("Wx", "W", {"W": "nm", "x": "m"}, lambda W, x: W @ x, "δxᵀ"),
    ("Wx + b", "b", {"W": "nm", "x": "m", "b": "n"}, lambda W, x, b: W @ x + b, "δ"),
]

# Layers on layers.
NETWORK = {"W": "nm", "x": "m", "b": "n"}
DEEP = {"V": "kn", "W": "nm", "x": "m", "b": "n", "c": "k"}


def layer(W, x, b):
    return sigmoid(W @ x + b)


def two_layers(V, W, x, b, c):
    return V @ layer(W, x, b) + c


COMBINATIONS = [
    ("σ(Wx + b)", "x", NETWORK, layer, "Wᵀ(δ ⊙ y ⊙ (1 − y)) where y = σ(Wx + b)"),
    ("σ(Wx + b)", "W", NETWORK, layer, "(δ ⊙ y ⊙ (1 − y))xᵀ where y = σ(Wx + b)"),
    ("σ(Wx + b)", "b", NETWORK, layer, "δ ⊙ y ⊙ (1 − y) where y = σ(Wx + b)"),
    (
        "softmax(Wx + b)",
        "W",
        NETWORK,
        lambda W, x, b: softmax(W @ x + b),
        "(y ⊙ (δ − yᵀδ))xᵀ where y = softmax(Wx + b)",
    ),
    ("Vσ(Wx + b) + c", "V", DEEP, two_layers, "δσ(Wx + b)ᵀ"),
    ("Vσ(Wx + b) + c", "W", DEEP, two_layers, "(Vᵀδ ⊙ r ⊙ (1 − r))xᵀ where r = σ(Wx + b)"),
    ("Vσ(Wx + b) + c", "x", DEEP, two_layers, "Wᵀ(Vᵀδ ⊙ r ⊙ (1 − r)) where r = σ(Wx + b)"),
    ("Vσ(Wx + b) + c", "c", DEEP, two_layers, "δ"),
]


@pytest.mark.parametrize(
    ("text", "wrt", "sizes", "function", "printed"),
    [*LAYERS, *COMBINATIONS],
    ids=[f"{each[0]} in {each[1]}" for each in [*LAYERS, *COMBINATIONS]],
)
def test_what_a_layer_hands_down(text, wrt, sizes, function, printed):
    shapes = {name: tuple(each) for name, each in sizes.items()}
    derivation = matcalc.derive(text, wrt, shapes, "pullback", upstream="δ")
    assert derivation.unicode() == printed
    assert derivation.head("unicode") == f"δ{wrt}"
    assert derivation.shape == shapes[wrt]
    arrays = values_of(shapes)
    names = list(shapes)
    value, back = jax.vjp(function, *(arrays[name] for name in names))
    delta = np.random.default_rng(6).normal(size=value.shape)
    agrees(derivation, {**arrays, "δ": delta}, back(delta)[names.index(wrt)])


def test_the_deltas_of_a_product_of_matrices():
    shapes = {name: SHAPES[name] for name in "XU"}
    arrays = values_of(shapes)
    delta = np.random.default_rng(6).normal(size=(2, 3))
    found = matcalc.derive("XU", "all", shapes, "pullback", upstream="G")
    assert {name: each.unicode() for name, each in found.items()} == {"X": "GUᵀ", "U": "XᵀG"}
    _, back = jax.vjp(jnp.matmul, arrays["X"], arrays["U"])
    for derivation, expected in zip(found.values(), back(delta), strict=True):
        agrees(derivation, {**arrays, "G": delta}, expected)


# Losses on top: their gradient is what reaches a variable when 1 arrives.
LOSSES = [
    ("½‖x − t‖²", "x", {"x": "m", "t": "m"}, l2, "x − t"),
    ("−tᵀlog x", "x", {"x": "m", "t": "m"}, cross_entropy, "−t ⊘ x"),
    (
        "½‖σ(x) − t‖²",
        "x",
        {"x": "m", "t": "m"},
        lambda x, t: l2(sigmoid(x), t),
        "(σ(x) − t) ⊙ σ(x) ⊙ (1 − σ(x))",
    ),
    (
        "−tᵀ log softmax(x)",
        "x",
        {"x": "m", "t": "m"},
        lambda x, t: cross_entropy(softmax(x), t),
        "(Σt)softmax(x) − t",
    ),
    (
        "−Σ(t ⊙ log σ(x) + (1 − t) ⊙ log(1 − σ(x)))",
        "x",
        {"x": "m", "t": "m"},
        lambda x, t: cross_entropy(sigmoid(x), t) + cross_entropy(1 - sigmoid(x), 1 - t),
        "σ(x) − t",
    ),
]

SOFTMAX_LOSS = "p = softmax(W x + b)\nE = −tᵀ log p"
TWO_LAYERS = "h = σ(W x + b)\ny = V h + c\nE = ½‖y − t‖²"
CLASSES = "h = σ(W x + b)\np = softmax(V h + c)\nE = −tᵀ log p"
ABOVE = " where p = softmax(Wx + b)"
HIDDEN = " where h = σ(Wx + b), y = Vh + c"
HIDDEN_CLASSES = " where h = σ(Wx + b), p = softmax(Vh + c)"


def softmax_loss(W, x, b, t):
    return cross_entropy(softmax(W @ x + b), t)


def two_layer_loss(V, W, x, b, c, t):
    return l2(two_layers(V, W, x, b, c), t)


def two_layer_classes(V, W, x, b, c, t):
    return cross_entropy(softmax(two_layers(V, W, x, b, c)), t)


LOSSES += [
    (SOFTMAX_LOSS, wrt, {**NETWORK, "t": "n"}, softmax_loss, printed + ABOVE)
    for wrt, printed in {"W": "((Σt)p − t)xᵀ", "x": "Wᵀ((Σt)p − t)", "b": "(Σt)p − t"}.items()
]
LOSSES += [
    (TWO_LAYERS, wrt, {**DEEP, "t": "k"}, two_layer_loss, printed + HIDDEN)
    for wrt, printed in {
        "V": "(y − t)hᵀ",
        "c": "y − t",
        "W": "(Vᵀ(y − t) ⊙ h ⊙ (1 − h))xᵀ",
        "b": "Vᵀ(y − t) ⊙ h ⊙ (1 − h)",
        "x": "Wᵀ(Vᵀ(y − t) ⊙ h ⊙ (1 − h))",
    }.items()
]
LOSSES += [
    (CLASSES, wrt, {**DEEP, "t": "k"}, two_layer_classes, printed + HIDDEN_CLASSES)
    for wrt, printed in {
        "V": "((Σt)p − t)hᵀ",
        "W": "(Vᵀ((Σt)p − t) ⊙ h ⊙ (1 − h))xᵀ",
        "x": "Wᵀ(Vᵀ((Σt)p − t) ⊙ h ⊙ (1 − h))",
    }.items()
]


@pytest.mark.parametrize(
    ("text", "wrt", "sizes", "function", "printed"),
    LOSSES,
    ids=[f"{each[0].splitlines()[-1]} in {each[1]} ({number})" for number, each in enumerate(LOSSES)],
)
def test_losses_at_the_top(text, wrt, sizes, function, printed):
    shapes = {name: tuple(each) for name, each in sizes.items()}
    derivation = matcalc.derive(text, wrt, shapes)
    assert derivation.unicode() == printed
    arrays = values_of(shapes)
    names = list(shapes)
    expected = jax.grad(function, names.index(wrt))(*(arrays[name] for name in names))
    agrees(derivation, arrays, expected)
    pulled = matcalc.derive(text, wrt, shapes, "pullback", upstream="δ")
    agrees(pulled, {**arrays, "δ": 0.7}, 0.7 * expected)


def test_the_delta_of_each_layer_is_handed_to_the_next():
    """δ³ = y − t, δ² = Vᵀδ³ and δ¹ = δ² ⊙ h ⊙ (1 − h), each layer alone."""
    shapes = {name: tuple(each) for name, each in {**DEEP, "t": "k"}.items()}
    deltas = {name: matcalc.derive(TWO_LAYERS, name, shapes).unicode() for name in ("y", "h")}
    assert deltas == {"y": "y − t" + HIDDEN, "h": "Vᵀ(y − t)" + HIDDEN}
    layers = {"Vh + c": ("h", "Vᵀδ"), "σ(z)": ("z", "δ ⊙ y ⊙ (1 − y) where y = σ(z)"), "Wx + b": ("W", "δxᵀ")}
    for text, (wrt, printed) in layers.items():
        assert matcalc.derive(text, wrt, kind="pullback", upstream="δ").unicode() == printed


# The Jacobians, rows for values and columns for variables, and their products.
JACOBIANS = [
    ("½‖x − t‖²", {"x": "m", "t": "m"}, l2, "x − t"),
    ("−tᵀlog x", {"x": "m", "t": "m"}, cross_entropy, "−t ⊘ x"),
    ("σ(x)", {"x": "m"}, sigmoid, "diag(y ⊙ (1 − y)) where y = σ(x)"),
    ("softmax(x)", {"x": "m"}, softmax, "diag(y) − yyᵀ where y = softmax(x)"),
    ("Wx", {"W": "nm", "x": "m"}, lambda W, x: W @ x, "W"),
    ("σ(Wx + b)", NETWORK, layer, "diag(y ⊙ (1 − y))W where y = σ(Wx + b)"),
    (
        "softmax(Wx + b)",
        NETWORK,
        lambda W, x, b: softmax(W @ x + b),
        "(diag(y) − yyᵀ)W where y = softmax(Wx + b)",
    ),
    ("Vσ(Wx + b) + c", DEEP, two_layers, "V diag(r ⊙ (1 − r))W where r = σ(Wx + b)"),
]


@pytest.mark.parametrize(
    ("text", "sizes", "function", "printed"), JACOBIANS, ids=[each[0] for each in JACOBIANS]
)
def test_jacobians_multiply(text, sizes, function, printed):
    shapes = {name: tuple(each) for name, each in sizes.items()}
    derivation = matcalc.derive(text, "x", shapes, "jacobian")
    assert derivation.unicode() == printed
    arrays = values_of(shapes)
    names = list(shapes)
    expected = jax.jacrev(function, names.index("x"))(*(arrays[name] for name in names))
    agrees(derivation, arrays, expected)


@pytest.mark.parametrize(
    ("text", "wrt", "printed", "function"),
    [
        ("Wx", "W", "x[k]Iₙ[i,j]", lambda W, x: W @ x),
        ("σ(Wx)", "W", "y[i](1 − y)[i]x[k]δ[i,j] where y = σ(Wx)", lambda W, x: sigmoid(W @ x)),
    ],
)
def test_the_jacobian_of_a_layer_in_its_weights_has_three_axes(text, wrt, printed, function):
    shapes = {name: SHAPES[name] for name in "Wx"}
    derivation = matcalc.derive(text, wrt, shapes, "jacobian")
    assert derivation.shape == ("n", "n", "m")
    assert derivation.unicode() == printed
    arrays = values_of(shapes)
    agrees(derivation, arrays, jax.jacrev(function)(arrays["W"], arrays["x"]))
