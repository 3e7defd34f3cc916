"""Products that serve again, the direction in which products are made, and the heads of files."""

import numpy as np

import matcalc
from matcalc.code.function import code
from matcalc.code.paragraphs import paragraph
from tests.counting import calls


def statements(derivation, target="numpy"):
    text = derivation.code(target)
    return [line.strip() for line in text[text.rindex('"""\n') + 4 :].splitlines() if line.strip()]


def test_the_gradient_in_a_bias_sums_the_delta_that_the_weights_have():
    shapes = "W1: h×d, W2: k×h, x: d, b1: h, b2: k"
    formula = "sum(softplus(W2*tanh(W1*x + b1) + b2))"
    for wrt in (("W1", "b1"), ("b1", "W1")):
        derived = matcalc.derive(formula, wrt, shapes=shapes, batch="x", reduction="sum")
        assert {
            "G = (sigmoid(R) @ W2) * (1 - H**2)",
            "grad_W1 = G.T @ X",
            "grad_b1 = np.sum(G, axis=0)",
        } <= set(statements(derived))


def test_a_value_uses_what_its_gradient_is_made_of():
    assert statements(matcalc.derive("tr(AXBXᵀD)", "X"))[:3] == [
        "Z = D @ A",
        "R = Z @ X @ B",
        "value = np.vdot(X, R)",
    ]


def test_equal_arguments_of_functions_are_computed_once():
    derivation = matcalc.derive("Σ max(0, 1 + Wx − (Wx)ᵀy)", "W")
    assert statements(derivation)[:4] == [
        "z = W @ x",
        "r = 1 + z - z @ y",
        "value = np.sum(np.maximum(0.0, r))",
        "active = np.heaviside(r, 0.5)",
    ]


def test_what_is_not_cheaper_stays_as_it_reads():
    assert statements(matcalc.derive("aᵀXb", "X"))[:2] == ["value = a @ (X @ b)", "grad_X = np.outer(a, b)"]


def test_a_matrix_that_is_multiplied_further_is_made_without_transposing():
    assert "grad_X = (B @ X @ A + Z).T" in statements(matcalc.derive("tr(AXBX)", "X"))


def test_a_hessian_is_not_made_transposed():
    derivation = matcalc.derive("log Σ exp(Ax + b)", "x", kind="hessian")
    assert "hess_x = A.T @ (R @ A)" in statements(derivation)


def test_an_even_power_of_a_norm_is_one_of_its_square():
    derivation = matcalc.derive("xᵀAx/(xᵀx)", "x", assume="A: symmetric")
    assert statements(derivation)[2:5] == [
        "c = x @ x",
        "value = s / c",
        "grad_x = 2 * z / c - 2 * x * s / c**2",
    ]


def test_a_function_broadcasts_a_number():
    derivation = matcalc.derive("Σ max(a, Wx)", "W", shapes="a: scalar")
    assert statements(derivation)[:2] == ["z = W @ x", "value = np.sum(np.maximum(a, z))"]
    W, x, a = np.arange(6.0).reshape(2, 3) - 2, np.array([1.0, -2.0, 0.5]), 0.25
    for target in ("numpy", "jax", "torch"):
        value, gradient = derivation.function(target, value=True)(W=W, x=x, a=a)
        np.testing.assert_allclose(value, np.maximum(W @ x, a).sum(), rtol=1e-6)
        np.testing.assert_allclose(gradient, np.outer(W @ x > a, x), rtol=1e-6)


def test_lines_break_behind_brackets_and_never_in_names():
    assert paragraph("relu(sigmoid(softmax(x))) − y", 14) == ["relu(sigmoid(", "softmax(x))) −", "y"]
    assert paragraph("unbreakable", 4) == ["unbreakable"]
    assert paragraph("", 4) == []


def test_the_head_of_a_deep_network_has_no_pages_of_formulas():
    sizes = []
    for layers in (20, 40):
        text = "x"
        for layer in range(layers):
            text = f"tanh(W{layer}*{text})"
        derived = matcalc.derive(f"‖{text} − y‖²", "all")
        sizes.append(len(code(list(derived.values()), "numpy").text))
    assert sizes[1] < 3 * sizes[0]


def effort(formula, wrt, shapes=None):
    derivation = matcalc.derive(formula, wrt, shapes=shapes)
    assert derivation.unicode()
    return calls(lambda: derivation.code("numpy"))


def test_equal_factors_are_not_looked_at_in_every_order():
    def powers(count):
        letters = "ijklpqrs"[:count]
        entries = " ".join(f"x[{letter}]" for letter in letters)
        return (
            f"Σ_{{{','.join(letters)}}} T[{','.join(letters)}] {entries}",
            "x",
            "T: " + "×".join("n" * count),
        )

    assert effort(*powers(7)) < 6 * effort(
        *powers(6)
    )  # the search for the best order alone takes 3 times as much


def test_terms_with_a_common_factor_are_not_compared_with_one_another():
    few, many = (effort("+".join(f"xᵀA{n}x" for n in range(count)), "x") for count in (20, 80))
    assert many < 5 * few


def test_a_function_of_a_power_of_numbers_is_one_of_a_number():
    derivation = matcalc.derive("φ tan(2^(1/3))", "φ", shapes="φ: scalar")
    for target in ("numpy", "jax", "torch"):
        assert abs(float(derivation.function(target)(φ=1.5)) - np.tan(2 ** (1 / 3))) < 1e-6
