"""Products that a formula names are written by their names in results, whichever way they are turned."""

from __future__ import annotations

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

import matcalc
from matcalc.folding import folded
from matcalc.graph.node import Graph
from matcalc.structure import NONE

CASES = [
    ("shapes A: m×n, x: n\nz = Ax\nL = ‖z‖²", "A", "2zxᵀ where z = Ax"),
    ("shapes K: n×n spd, y: n\na = K⁻¹y\nL = yᵀa", "K", "−aaᵀ where a = K⁻¹y"),
    ("shapes K: n×n spd, y: n\na = K⁻¹y\nL = ½yᵀa", "y", "a where a = K⁻¹y"),
    ("shapes K: n×n, y: n\na = K⁻¹y\nL = yᵀa", "K", "−K⁻ᵀyaᵀ where a = K⁻¹y"),
    ("shapes K: n×n symmetric, y: n\na = Ky\nL = aᵀa", "y", "2Ka where a = Ky"),
    ("shapes A: m×n, B: n×k, D: k×p\nC = AB\nL = ½‖CD‖²", "D", "CᵀCD where C = AB"),
    ("shapes A: m×n, B: n×k, x: k\nC = BᵀAᵀ\nL = ½‖xᵀC‖²", "x", "CCᵀx where C = BᵀAᵀ"),
    ("shapes A: m×n, B: n×k, x: k, y: m\nC = AB\nL = yᵀABx + ½‖C‖²", "x", "Cᵀy where C = AB"),
]


@pytest.mark.parametrize(("text", "wrt", "printed"), CASES, ids=[str(n) for n in range(len(CASES))])
def test_results_have_the_names_of_products(text, wrt, printed):
    derivation = matcalc.derive(text, wrt)
    assert derivation.unicode() == printed
    assert derivation.check().ok is True
    assert derivation.inlined.check().ok is True


def test_the_factors_of_a_product_are_its_own_only_in_that_order():
    graph = Graph()
    a, b, c = (graph.variable(name, ("n", "n")) for name in "ABC")

    def times(*factors):
        result = factors[0]
        for factor in factors[1:]:
            result = graph.node("matmul", (result, factor), ("n", "n"))
        return result

    def turned(node):
        return graph.node("transpose", (node,), ("n", "n"))

    name = graph.variable("M", ("n", "n"))
    bodies = {name: times(a, b)}

    def fold(node, symmetric=frozenset()):
        return folded([node], bodies, graph, symmetric, NONE)[0]

    assert fold(times(c, a, b)) is times(c, name)
    assert fold(times(a, b, a, b, c)) is times(name, name, c)
    assert fold(times(turned(b), turned(a))) is turned(name)
    assert fold(times(b, a)) is times(b, a)
    assert fold(times(b, a), frozenset("AB")) is turned(name)
    assert fold(times(b, a), frozenset("ABM")) is name
    assert fold(times(turned(a), b)) is times(turned(a), b)


def test_a_longer_product_comes_first():
    graph = Graph()
    a, b, c = (graph.variable(name, ("n", "n")) for name in "ABC")
    ab = graph.node("matmul", (a, b), ("n", "n"))
    abc = graph.node("matmul", (ab, c), ("n", "n"))
    short, long = (graph.variable(name, ("n", "n")) for name in "MN")
    assert folded([abc], {short: ab, long: abc}, graph, frozenset(), NONE) == [long]


def test_products_that_share_factors_many_times_are_folded_in_linear_time():
    graph = Graph()
    node = graph.variable("A", ("n", "n"))
    name = graph.variable("M", ("n", "n"))
    bodies = {name: graph.node("matmul", (node, node), ("n", "n"))}
    for _ in range(400):
        node = graph.node("matmul", (node, node), ("n", "n"))
    (result,) = folded([node], bodies, graph, frozenset(), NONE)
    assert result.layer < 1000


def test_a_folded_gradient_agrees_with_autograd():
    text = "shapes A: m×n, B: n×k, T: m×k\nC = A B\nL = Σ tanh(C) ⊙ C ⊙ T + ‖C‖²"
    rng = np.random.default_rng(2)
    arrays = {"A": rng.normal(size=(3, 4)), "B": rng.normal(size=(4, 2)), "T": rng.normal(size=(3, 2))}

    def function(A, B, T):
        C = A @ B
        return anp.sum(anp.tanh(C) * C * T) + anp.sum(C**2)

    for place, name in enumerate(arrays):
        expected = autograd.grad(function, place)(*arrays.values())
        np.testing.assert_allclose(matcalc.derive(text, name).function()(**arrays), expected, rtol=1e-12)
