"""Public and inner forms of arrays, and the sizes that arrays bind."""

import numpy as np
import pytest

from matcalc.errors import MatcalcError, ShapeProblem
from matcalc.verification.arrays import bind, dimensions, from_batch, to_batch


@pytest.mark.parametrize(
    ("shape", "public", "inner"),
    [
        ((None, None), (), (1, 1)),
        (("n", None), (3,), (3, 1)),
        ((None, "n"), (1, 3), (1, 3)),
        (("m", "n"), (2, 3), (2, 3)),
        (("m", 1), (2, 1), (2, 1)),
        ((1, "n"), (1, 3), (1, 3)),
    ],
)
@pytest.mark.parametrize("batch", [(), (4,), (4, 5)])
def test_public_and_inner_form(shape, public, inner, batch, rng):
    array = rng.standard_normal(batch + public)
    there = to_batch(array, shape)
    assert there.shape == batch + inner
    back = from_batch(there, shape)
    np.testing.assert_array_equal(back, array)
    assert not np.shares_memory(back, array)


def test_complex_passes_and_whole_numbers_become_floats():
    assert to_batch([1, 2], ("n", None)).dtype == float
    assert to_batch(np.array([1j]), ("n", None)).dtype == complex


def test_too_few_axes_are_refused():
    with pytest.raises(ShapeProblem):
        to_batch([1.0, 2.0], ("m", "n"))


def test_sizes_are_found(make):
    variables = [make.variable("A", "m", "n"), make.variable("s", "n"), make.variable("γ")]
    assert bind(variables, {"A": np.ones((2, 3)), "s": [1, 2, 3], "γ": 4}) == {"m": 2, "n": 3}


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"A": np.ones((2, 3)), "s": np.ones(4)}, r"s is n with n = 3 \(from A\).*shape \(4,\).*3 and 4"),
        ({"A": np.ones(3), "s": np.ones(3)}, r"A is m×n, which is a 2-d array.*shape \(3,\)"),
        ({"A": np.ones((2, 3)), "s": np.ones((3, 1))}, r"s is n, which is a 1-d array.*shape \(3, 1\)"),
    ],
)
def test_arrays_that_do_not_fit(make, arrays, message):
    with pytest.raises(ShapeProblem, match=message):
        bind([make.variable("A", "m", "n"), make.variable("s", "n")], arrays)


def test_declared_numbers_and_square_matrices(make):
    with pytest.raises(ShapeProblem, match=r"B is n×n with n = 2.*\(2, 3\).*2 and 3 differ on axis 1"):
        bind([make.variable("B", "n", "n")], {"B": np.ones((2, 3))})
    with pytest.raises(ShapeProblem, match=r"x is 4; .*\(3,\).*4 and 3"):
        bind([make.variable("x", 4)], {"x": np.ones(3)})


@pytest.mark.parametrize("bad", [["a"], [None], [object()], [[1], [1, 2]], np.array(["2020"], "M8"), "text"])
def test_what_is_not_numeric(make, bad):
    with pytest.raises(MatcalcError, match="x: an array of numbers"):
        bind([make.variable("x", "n")], {"x": bad})


def test_missing_value(make):
    with pytest.raises(MatcalcError, match=r"x has no value.*shape n"):
        bind([make.variable("x", "n")], {})


def test_unknown_size():
    with pytest.raises(MatcalcError, match="the size n is not known"):
        dimensions(("n", None), {})
