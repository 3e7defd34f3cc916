"""Inverses of products beside one of their factors: what cancels, and that the value stays in all cases."""

from itertools import product

import numpy as np
import pytest

import matcalc
from matcalc.index.simplify import simplify
from matcalc.printers.text import write
from matcalc.reading import read

SQUARE = "A: n×n, B: n×n, X: n×n"


def simplified(text, shapes):
    reading = read(text, shapes)
    (node,) = simplify([reading.value], reading.graph, reading.operations)
    return write(node, "unicode", reading.operations)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("X(AX)⁻¹", "A⁻¹"),
        ("(AX)⁻¹A", "X⁻¹"),
        ("AX(BAX)⁻¹", "B⁻¹"),
        ("(X³)⁻¹X", "(XX)⁻¹"),
        ("XᵀXᵀ(X³)⁻ᵀ", "X⁻ᵀ"),
        ("Aᵀ(AXB)⁻ᵀBᵀ", "X⁻ᵀ"),
        ("AX(XᵀAX)⁻¹", "X⁻ᵀ"),
        ("X⁻¹(AX⁻¹)⁻¹A", "Iₙ"),
        ("(A + Aᵀ)(B(A + Aᵀ))⁻¹", "B⁻¹"),
    ],
)
def test_a_factor_beside_the_inverse_of_a_product_cancels(text, expected):
    assert simplified(text, SQUARE) == expected


@pytest.mark.parametrize("text", ["(AX)⁻¹X", "A(AX)⁻¹", "Xᵀ(AX)⁻¹", "(AX)⁻¹Aᵀ"])
def test_another_factor_stays(text):
    assert simplified(text, SQUARE) == text


@pytest.mark.parametrize(
    ("text", "shapes"),
    [("X(AX)⁻¹", "A: m×n, X: n×m"), ("(AX)⁻¹A", "A: m×n, X: n×m"), ("AX(XᵀAX)⁻¹", "A: n×n, X: n×m")],
)
def test_nothing_cancels_where_the_factor_is_not_square(text, shapes):
    assert simplified(text, shapes) == text


def test_the_value_of_every_short_product_stays():
    rng = np.random.default_rng(3)
    values = {name: rng.standard_normal((3, 3)) + 2 * np.eye(3) for name in "AB"}
    matrices = {"A": values["A"], "B": values["B"], "Aᵀ": values["A"].T, "A⁻¹": np.linalg.inv(values["A"])}
    for inside in [*product(matrices, repeat=2), *product(("A", "B", "Aᵀ"), repeat=3)]:
        inverse = np.linalg.inv(np.linalg.multi_dot([matrices[name] for name in inside]))
        for left, right in product(("A", "Aᵀ", "A⁻¹"), repeat=2):
            text = f"{left}({''.join(inside)})⁻¹{right}"
            expected = matrices[left] @ inverse @ matrices[right]
            printed = simplified(text, "A: n×n, B: n×n")
            got = matcalc.evaluate(printed, "A: n×n, B: n×n", **values)
            assert np.allclose(got, expected, rtol=1e-9, atol=1e-9), (text, printed)
