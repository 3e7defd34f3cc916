"""Entries, their free indices and sums: what has a position, an axis or an index of its own."""

import numpy as np

import matcalc


def test_free_indices_are_axes_in_the_order_of_the_alphabet():
    np.testing.assert_allclose(
        matcalc.evaluate("b[j]a[i]", a=[1, 2], b=[3, 4, 5]), np.outer([1, 2], [3, 4, 5])
    )
    np.testing.assert_allclose(
        matcalc.evaluate("b[i]a[j]", a=[1, 2], b=[3, 4, 5]), np.outer([3, 4, 5], [1, 2])
    )


def test_each_sum_has_an_index_of_its_own():
    got = matcalc.evaluate("(Σᵢ a[i])(Σᵢ b[i]) + Σᵢ Σⱼ a[i]b[j]", a=[1, 2], b=[3, 4, 5])
    assert got == 72


def test_the_name_under_a_sum_is_a_size():
    assert matcalc.evaluate(r"\frac{1}{n}\sum_{i=1}^{n} x_i", x=[1, 2, 6]) == 3
    assert matcalc.evaluate("1/n Σᵢ xᵢ", x=[1, 2, 6]) == 3
    assert matcalc.evaluate(r"\sum_{i=1}^{n} 2", {"x": ("n",)}, x=[1, 2, 6]) == 6


def test_positions_count_from_1():
    assert matcalc.evaluate("x[1]", x=[7, 8, 9]) == 7
    np.testing.assert_array_equal(matcalc.evaluate("x[2:3]", x=[7, 8, 9]), [8, 9])
