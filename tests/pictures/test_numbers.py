"""Values and gradients at the nodes: the sources' digits, and JAX's numbers."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from matcalc import MatcalcError
from matcalc.evaluation import assumed_shapes
from matcalc.pictures.digits import Digits
from matcalc.pictures.graph_picture import shown_nodes
from matcalc.pictures.making import picture_of_reading
from matcalc.pictures.numbers import numbers_at
from matcalc.pictures.point import arrays_at
from matcalc.pictures.table import value_table
from matcalc.reading import read

jax.config.update("jax_enable_x64", True)

SIGMOID = "1/(1+e^{-(w0x0+w1x1+w2)})"
SIGMOID_AT = "w0=2, x0=-1, w1=-3, x1=-2, w2=-3"


def read_at(formula, at, assume=None):
    arrays = arrays_at(at)
    return read(formula, None, (), assumed_shapes(arrays), assume=assume), arrays


def nodes_of(formula, at):
    """Label, value and gradient of each node of the picture, as it prints them."""
    reading, arrays = read_at(formula, at)
    return [
        (str(node.label), str(node.value), str(node.gradient))
        for node in picture_of_reading(reading, False, arrays).nodes
    ]


def test_the_sources_first_graph():
    assert nodes_of("(x+y)z", "x=-2, y=5, z=-4") == [
        ("x", "−2", "−4"),
        ("y", "5", "−4"),
        ("+", "3", "−4"),
        ("z", "−4", "3"),
        ("×", "−12", "1"),
    ]


def test_the_sources_second_graph():
    assert nodes_of(SIGMOID, SIGMOID_AT) == [
        ("w₀", "2.00", "−0.20"),
        ("x₀", "−1.00", "0.39"),
        ("×", "−2.00", "0.20"),
        ("w₁", "−3.00", "−0.39"),
        ("x₁", "−2.00", "−0.59"),
        ("×", "6.00", "0.20"),
        ("+", "4.00", "0.20"),
        ("w₂", "−3.00", "0.20"),
        ("+", "1.00", "0.20"),
        ("×(−1)", "−1.00", "−0.20"),
        ("exp", "0.37", "−0.53"),
        ("+1", "1.37", "−0.53"),
        ("1/·", "0.73", "1.00"),
    ]


RANDOM = np.random.default_rng(3)
W, X, A = RANDOM.normal(size=(4, 3)), RANDOM.normal(size=3), RANDOM.normal(size=(5, 4))
T, EPS = RANDOM.normal(size=5), 0.7

AGAINST_JAX = [
    ("‖WᵀWx − x‖²", lambda W, x: jnp.sum((W.T @ W @ x - x) ** 2), {"W": W, "x": X}),
    ("½‖A tanh(Wx) − t‖²", lambda A, W, x, t: jnp.sum((A @ jnp.tanh(W @ x) - t) ** 2) / 2, {"A": A, "W": W, "x": X, "t": T}),
    ("Σ√(W(x⊙x)⊙W(x⊙x) + ε)", lambda W, x, ε: jnp.sum(jnp.sqrt((W @ (x * x)) ** 2 + ε)), {"W": W, "x": X, "ε": EPS}),
    ("tᵀσ(AWx) + log(Σ exp(x))", lambda t, A, W, x: t @ jax.nn.sigmoid(A @ W @ x) + jax.nn.logsumexp(x), {"t": T, "A": A, "W": W, "x": X}),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "function", "arrays"), AGAINST_JAX)
def test_values_and_gradients_of_variables(formula, function, arrays):
    reading = read(formula, None, (), assumed_shapes(arrays))
    nodes = shown_nodes(reading.value)
    numbers = numbers_at(reading, nodes, arrays)
    np.testing.assert_allclose(numbers.values[reading.value], function(*arrays.values()), rtol=1e-12)
    expected = jax.grad(function, argnums=tuple(range(len(arrays))))(*arrays.values())
    found = {str(node.data): node for node in nodes if node.op == "variable"}
    for name, gradient in zip(arrays, expected, strict=True):
        node = found["eps" if name == "ε" else name]
        np.testing.assert_allclose(numbers.gradients[node], gradient, rtol=1e-10)


def test_values_and_gradients_inside():
    reading, arrays = read_at("‖tanh(Wx)‖²", {"W": W, "x": X})
    nodes = {node.op: node for node in shown_nodes(reading.value)}
    numbers = numbers_at(reading, list(nodes.values()), arrays)
    inner = W @ X
    np.testing.assert_allclose(numbers.values[nodes["matmul"]], inner)
    np.testing.assert_allclose(numbers.gradients[nodes["tanh"]], 2 * np.tanh(inner))
    expected = jax.grad(lambda z: jnp.sum(jnp.tanh(z) ** 2))(inner)
    np.testing.assert_allclose(numbers.gradients[nodes["matmul"]], expected)


def test_a_gradient_in_a_symmetric_variable_is_the_one_that_grad_prints():
    s = np.array([[2.0, 0.5], [0.5, 3.0]])
    arrays = {"S": s, "x": np.array([1.0, 4.0])}
    reading = read("xᵀSSᵀSx + tr(SS)", None, (), assumed_shapes(arrays), assume={"S": "symmetric"})
    (node,) = (node for node in shown_nodes(reading.value) if node.data == "S")
    found = numbers_at(reading, [node], arrays).gradients[node]
    x = arrays["x"]
    ambient = jax.grad(lambda S: x @ S @ S.T @ S @ x + jnp.trace(S @ S))(s)
    np.testing.assert_allclose(found, (ambient + ambient.T) / 2)


def test_what_is_constant_has_no_gradient():
    arrays = {"x": np.ones(2), "c": np.ones(2)}
    reading = read("‖x − c‖²", None, (), assumed_shapes(arrays), assume={"c": "constant"})
    nodes = {node.data: node for node in shown_nodes(reading.value) if node.op == "variable"}
    gradients = numbers_at(reading, list(nodes.values()), arrays).gradients
    assert nodes["x"] in gradients and nodes["c"] not in gradients


def test_where_the_value_is_no_number_neither_are_the_gradients():
    table = value_table(*read_at("Σ log(x)", "x=[2, -1]"))
    assert [row[1:] for row in table.cells()] == [
        ("[2.00, −1.00]", "[nan, nan]"),
        ("[0.69, nan]", "[nan, nan]"),
        ("nan", "nan"),
    ]
    assert table.as_dict()[1]["value"] == [np.log(2), None]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"A": W}, "no value was given for x"),
        ({"A": W, "x": np.ones(4)}, r"x is n with n = 3 .from A.; an array of shape \(4,\) was given"),
        ({"A": 3.0, "x": X}, "A is m×n, but one number was given"),
        ({"A": W * 1j, "x": X}, "real numbers are needed"),
        ({"A": "no", "x": X}, "an array of numbers is needed"),
    ],
)
def test_arrays_that_do_not_fit(arrays, message):
    reading = read("‖Ax‖²", "A: m×n, x: n")
    with pytest.raises(MatcalcError, match=message):
        numbers_at(reading, [reading.value], arrays)


def test_rows_and_columns_fit_where_they_are_meant():
    reading = read("‖Ax‖²", "A: m×n, x: n")
    numbers = numbers_at(reading, [reading.value], {"A": [1.0, 2.0], "x": [[1.0], [3.0]]})
    assert numbers.values[reading.value] == 49


@pytest.mark.parametrize(
    ("value", "decimals", "whole", "text"),
    [
        (-12.0, 2, True, "-12"),
        (-0.0, 2, True, "0"),
        (0.731, 2, False, "0.73"),
        (-0.1966, 2, False, "-0.20"),
        (0.0034, 2, False, "0.0034"),
        (0.05, 2, False, "0.050"),
        (3.4e-9, 2, False, "3.40e-9"),
        (1234567.0, 2, True, "1.23e6"),
        (0.731, 5, False, "0.73100"),
        (2.6, 0, False, "3"),
        (float("inf"), 2, False, "∞"),
    ],
)
def test_digits(value, decimals, whole, text):
    assert Digits(decimals, whole).number(value) == text


def test_arrays_in_print():
    digits = Digits(2, True)
    assert digits.array(np.array([1.0, 2.0]), 4) == "[1, 2]"
    assert digits.array(np.array([[1.0, 2.0], [3.0, -4.0]]), 4) == "[1 2; 3 -4]"
    assert digits.array(np.ones((3, 2)), 4) == "3×2, norm 2.45"
    assert digits.array(np.ones(16), 4) == "16 entries, norm 4"
    assert digits.cell(np.array([[1.0, -2.0]]), 4).latex() == "[1\\ {-}2]"
