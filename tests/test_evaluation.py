"""The value of formulas at arrays."""

import numpy as np
import pytest

import matcalc

A = np.arange(6.0).reshape(3, 2)


def test_shapes_come_from_the_arrays_where_none_are_declared():
    np.testing.assert_allclose(matcalc.evaluate("Ax", A=A, x=[1, 2]), A @ [1, 2])
    assert matcalc.evaluate("x", x=5.0) == 5
    assert matcalc.evaluate("a^b", a=2, b=3) == 8


def test_shapes_have_the_rank_of_their_kind():
    assert matcalc.evaluate("x'x", x=[3, 4]).shape == ()
    assert matcalc.evaluate("2x", x=[3, 4]).shape == (2,)
    assert matcalc.evaluate("xx'", x=[3, 4]).shape == (2, 2)
    assert matcalc.evaluate("x'", x=[3, 4]).shape == (1, 2)


def test_a_where_clause_may_declare_what_is_given():
    assert matcalc.evaluate("x'*x where x: k", x=[1.0, 2.0]) == 5


def test_sizes_are_numbers_in_formulas():
    assert matcalc.evaluate("Σx/n", shapes={"x": ("n",)}, x=[1, 2, 6]) == 3
    np.testing.assert_array_equal(matcalc.evaluate("I_n", shapes={"x": ("n",)}, x=[1, 2]), np.eye(2))


@pytest.mark.parametrize(
    ("formula", "arrays", "part"),
    [
        ("Ax", {"A": A}, "no value was given for x"),
        ("Ax", {"A": A, "x": [1, 2, 3]}, "A is 3×2"),
        ("x", {"x": "text"}, "x"),
        ("γ", {"γ": 1, "gamma": 2}, "two spellings"),
        ("I_n", {}, "size n"),
    ],
)
def test_what_can_not_be_evaluated_is_explained(formula, arrays, part):
    with pytest.raises(matcalc.MatcalcError, match=part.replace("×", ".")):
        matcalc.evaluate(formula, **arrays)


def test_declared_shapes_are_kept():
    with pytest.raises(matcalc.MatcalcError, match="n"):
        matcalc.evaluate("‖x − y‖²", shapes={"x": ("n",), "y": ("n",)}, x=[1, 2], y=[1, 2, 3])


def test_infinities_are_values():
    assert matcalc.evaluate("1/α", α=0.0) == np.inf
    assert np.isnan(matcalc.evaluate("log α", α=-1.0))
