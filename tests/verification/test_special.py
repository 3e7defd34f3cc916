"""Kernels of special functions against the standard library, closed forms and recurrences."""

from __future__ import annotations

import math

import numpy as np
import pytest

import matcalc
from matcalc.verification.special import OTHERS, UNARY

X = np.array([[1e-3, 0.3, 1.0, 1.4616, 2.0, 7.5, 40.0, 3000.0]])
BELOW = np.array([[-0.5, -1.25, -2.75, -7.1]])
EULER = 0.5772156649015328606


def polygamma(order, x):
    return OTHERS["polygamma"][0](np.full((1, 1), float(order)), x)


def test_lgamma_and_gamma():
    for x in (X, BELOW):
        expected = [[math.lgamma(v) for v in x[0]]]
        np.testing.assert_allclose(UNARY["lgamma"](x), expected, rtol=1e-13, atol=1e-13)
    small = X[X < 100][None]
    for x in (small, BELOW):
        np.testing.assert_allclose(UNARY["gamma"](x), [[math.gamma(v) for v in x[0]]], rtol=1e-12)


def test_digamma_and_its_derivatives_at_known_places():
    np.testing.assert_allclose(UNARY["digamma"](np.ones((1, 1))), -EULER, rtol=1e-14)
    half = np.full((1, 1), 0.5)
    np.testing.assert_allclose(UNARY["digamma"](half), -EULER - 2 * math.log(2), rtol=1e-14)
    np.testing.assert_allclose(UNARY["trigamma"](np.ones((1, 1))), math.pi**2 / 6, rtol=1e-13)
    np.testing.assert_allclose(UNARY["trigamma"](half), math.pi**2 / 2, rtol=1e-13)
    np.testing.assert_allclose(polygamma(2, np.ones((1, 1))), -2 * 1.2020569031595943, rtol=1e-13)
    np.testing.assert_allclose(polygamma(3, np.ones((1, 1))), math.pi**4 / 15, rtol=1e-12)
    np.testing.assert_array_equal(polygamma(0, X), UNARY["digamma"](X))


@pytest.mark.parametrize("order", [0, 1, 2, 4])
def test_recurrence(order):
    """ψ⁽ⁿ⁾(x + 1) = ψ⁽ⁿ⁾(x) + (−1)ⁿ n! / xⁿ⁺¹, DLMF 5.15.5, below zero too."""
    x = np.concatenate([X[:, :6], BELOW], axis=1)
    step = (-1) ** order * math.factorial(order) / x ** (order + 1)
    np.testing.assert_allclose(polygamma(order, x + 1) - step, polygamma(order, x), rtol=1e-10, atol=1e-12)


def test_where_takes_one_side_whatever_the_other_is():
    c = np.array([[1.0, 0.0, 0.5]])
    a, b = np.array([[1.0, np.inf, 2.0]]), np.array([[np.nan, 5.0, 4.0]])
    np.testing.assert_array_equal(OTHERS["where"][0](c, a, b), [[1.0, 5.0, 3.0]])


@pytest.mark.parametrize("name", ["lgamma", "gamma", "digamma", "trigamma"])
def test_imaginary_part_below_zero(name):
    apply, h = UNARY[name], 1e-3
    d = [(apply(BELOW + t) - apply(BELOW - t)) / (2 * t) for t in (h, h / 2)]
    found = np.imag(apply(BELOW + 1e-100j)) / 1e-100
    np.testing.assert_allclose(found, (4 * d[1] - d[0]) / 3, rtol=1e-6)


def test_comparisons_decide_ties():
    arrays = {"m": [1.0, 0.0, -1.0], "x": [1.0, 2.0, 3.0], "y": [5.0, 6.0, 7.0]}
    assert matcalc.evaluate("where(m > 0, x, y)", **arrays).tolist() == [1, 6, 7]
    assert matcalc.evaluate("where(m >= 0, x, y)", **arrays).tolist() == [1, 2, 7]
    assert matcalc.evaluate("where(m < 0, x, y)", **arrays).tolist() == [5, 6, 3]
    assert matcalc.evaluate(r"\operatorname{where}(m \leq 0, x, y)", **arrays).tolist() == [5, 2, 3]
    gradient = matcalc.derive("sum(where(m > 0, x.^2, y))", "x")
    assert gradient.function()(m=arrays["m"], x=arrays["x"]).tolist() == [2, 0, 0]
    assert matcalc.evaluate(gradient.unicode(), **arrays).tolist() == [2, 0, 0]
