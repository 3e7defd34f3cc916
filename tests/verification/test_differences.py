"""Slopes by differences against autograd (another system) and closed forms."""

import autograd.numpy as anp
import numpy as np
import pytest
from autograd import grad

from matcalc.verification import differences
from matcalc.verification.differences import directions, gradient_by_complex_step, gradient_by_differences


def batched(function):
    """A function of one (rows, columns) array as the function of a batch that the check wants."""

    def f(moved):
        values = np.array([[function(x) for x in row] for row in moved])
        return values, np.isfinite(values)

    return f


FUNCTIONS = {
    "exp": lambda x: anp.sum(anp.exp(x)),
    "quartic": lambda x: anp.sum(anp.dot(x.T, x) ** 2),
    "network": lambda x: anp.sum(anp.tanh(anp.dot(x, anp.sin(x.T)))),
    "norm": lambda x: anp.sqrt(anp.sum(x**2)),
    "log": lambda x: anp.sum(anp.log(x**2 + 0.1)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_against_autograd(name, rng):
    x = rng.standard_normal((3, 2, 3))
    slopes = gradient_by_differences(batched(FUNCTIONS[name]), x, directions((2, 3)))
    expected = np.array([grad(FUNCTIONS[name])(point) for point in x]).reshape(3, 6)
    np.testing.assert_allclose(slopes.values, expected, rtol=0, atol=2e-10 * np.abs(expected).max())
    assert slopes.order == pytest.approx(2, abs=0.05)
    assert (slopes.doubt >= np.abs(slopes.values - expected).max(axis=1) / 100).all()
    exact = gradient_by_complex_step(batched(FUNCTIONS[name]), x, directions((2, 3)))
    np.testing.assert_allclose(exact.values, expected, rtol=1e-13, atol=1e-13)


def test_no_order_where_the_error_is_rounding(rng):
    x = rng.standard_normal((3, 2, 3))
    assert gradient_by_differences(batched(lambda x: np.sum(x * x)), x, directions((2, 3))).order is None
    assert gradient_by_differences(batched(np.sum), x, directions((2, 3))).order is None


def test_narrow_functions_get_smaller_steps():
    x = np.full((1, 1, 1), 1.0)
    slopes = gradient_by_differences(batched(lambda x: np.sin(300 * x[0, 0])), x, directions((1, 1)))
    assert slopes.values[0, 0] == pytest.approx(300 * np.cos(300), rel=1e-9)


def test_a_kink_nearby_is_not_crossed():
    """|x| at 0.001: the first steps cross the kink and are dropped."""
    x = np.array([0.001, -2.0]).reshape(2, 1, 1)

    def f(moved):
        value = moved[:, :, 0, 0]
        return np.abs(value), np.sign(value) == np.sign(x[:, :, 0])

    slopes = gradient_by_differences(f, x, directions((1, 1)))
    np.testing.assert_allclose(slopes.values, [[1.0], [-1.0]], rtol=1e-10)


def test_on_a_kink_or_outside_the_domain_nothing_is_trusted():
    slopes = gradient_by_differences(batched(lambda x: np.nan), np.ones((1, 1, 1)), np.ones((1, 1, 1)))
    assert slopes.doubt == [np.inf]


def test_few_entries_give_every_entry_and_many_random_directions():
    assert directions((2, 3)).shape == (6, 2, 3)
    many = directions((20, 30), seed=5)
    assert many.shape == (differences.DIRECTIONS, 20, 30)
    np.testing.assert_allclose((many**2).sum(axis=(1, 2)), 1)
    np.testing.assert_array_equal(many, directions((20, 30), seed=5))


def test_pieces_that_fit_the_memory_give_the_same(rng, monkeypatch):
    x = rng.standard_normal((2, 2, 3))
    whole = gradient_by_differences(batched(FUNCTIONS["network"]), x, directions((2, 3)))
    monkeypatch.setattr(differences, "MEMORY", 8 * 2 * 10 * 5)
    parts = gradient_by_differences(batched(FUNCTIONS["network"]), x, directions((2, 3)), cells=10)
    np.testing.assert_array_equal(whole.values, parts.values)
