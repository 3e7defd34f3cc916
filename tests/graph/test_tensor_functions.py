"""Elementwise operations on values of three axes, against NumPy and SciPy-free formulas of their own."""

import math

import numpy as np
import pytest

from matcalc.deltas.sweep import sweep
from matcalc.errors import MatcalcError
from matcalc.graph.node import Graph
from matcalc.graph.template import definition, instantiate
from matcalc.operations import load, standard
from matcalc.verification.evaluate import evaluate

SHAPE = ("a", "b", "c")
SIZES = {"a": 2, "b": 3, "c": 4}
erf = np.vectorize(math.erf)
VALUES = {
    "sigmoid(T)": lambda t: 1 / (1 + np.exp(-t)),
    "relu(T)": lambda t: np.where(t > 0, t, 0),
    "softplus(T)": lambda t: np.log1p(np.exp(t)),
    "silu(2T)": lambda t: 2 * t / (1 + np.exp(-2 * t)),
    "gelu(T)": lambda t: t * (1 + erf(t / np.sqrt(2))) / 2,
    "elu(T)": lambda t: np.where(t > 0, t, np.exp(t) - 1),
    "normpdf(T) .* tanh(T)": lambda t: np.exp(-(t**2) / 2) / np.sqrt(2 * np.pi) * np.tanh(t),
    "where(T, T.^2, 3)": lambda t: t * t**2 + (1 - t) * 3,
    "max(T, 0) + min(T, T.^3)": lambda t: np.maximum(t, 0) + np.minimum(t, t**3),
}


def made(text, operations):
    graph = Graph()
    tensor = graph.variable("T", SHAPE)
    return graph, tensor, instantiate(text, {"T": tensor}, graph, operations, SHAPE)


def value(node, graph, operations, tensor, **more):
    (found,) = evaluate(
        [node], {"T": tensor, **more}, SIZES, operations, lambda n: definition(n, graph, operations)
    )
    return found


@pytest.mark.parametrize("text", VALUES)
def test_values_and_deltas(text):
    operations = standard()
    graph, tensor, node = made(text, operations)
    assert node.shape == SHAPE
    t, d = np.random.default_rng(1).normal(size=(2, 1, 2, 3, 4))
    np.testing.assert_allclose(value(node, graph, operations, t), VALUES[text](t), rtol=1e-12)
    delta = graph.variable("D", SHAPE)
    swept = sweep(node, [tensor], delta, graph, operations).deltas[tensor]
    h = 1e-6
    slope = (VALUES[text](t + h) - VALUES[text](t - h)) / (2 * h)
    np.testing.assert_allclose(value(swept, graph, operations, t, D=d), d * slope, rtol=1e-6, atol=1e-8)


def test_a_line_that_opens(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'twice = { takes = "A, B", gives = "A", value = "2*A .* B", A = "2*D .* B", opens = true }'
    )
    operations = load([path])
    graph, _, node = made("twice(T, 3) + twice(T, T)", operations)
    t = np.random.default_rng(1).normal(size=(1, 2, 3, 4))
    np.testing.assert_allclose(value(node, graph, operations, t), 6 * t + 2 * t * t)


@pytest.mark.parametrize("text", ["det(T)", "softmax(T)", "tril(T)", "max(T)"])
def test_functions_of_matrices_refuse_tensors(text):
    with pytest.raises(MatcalcError, match="a×b×c"):
        made(text, standard())
