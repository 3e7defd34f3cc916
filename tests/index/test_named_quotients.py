"""Quotients that a program names are found again in its derivatives."""

import numpy as np
import pytest

import matcalc

LAYER = "shapes x: n, g: n, ε: scalar\nc = x − mean(x)\ns = √(var(x) + ε)\nz = c/s\nL = gᵀz"
ROWS = "shapes X: n×d, g: d, A: n×d\ns = norm2(X, rows)\nZ = diag(𝟏 ⊘ s)X\nL = Σ(A ⊙ Z)"


def test_layer_normalisation():
    derivation = matcalc.derive(LAYER, "x")
    assert derivation.unicode().split(" where ")[0] == "g/s − (Σg + Lz)/(ns)"
    assert derivation.check().ok


def test_rows_of_norm_one():
    derivation = matcalc.derive(ROWS, "X")
    text = derivation.unicode().split(" where ")[0]
    assert "Z" in text and "X" not in text
    assert derivation.check().ok


@pytest.mark.parametrize("text", [LAYER, ROWS])
def test_reads_back(text):
    derivation = matcalc.derive(text, "X" if "X" in text else "x")
    rng = np.random.default_rng(3)
    sizes = {"n": 3, "d": 4}
    arrays = {
        name: rng.uniform(0.2, 1.2, [sizes[size] for size in shape])
        for name, shape in derivation.shapes.items()
    }
    expected = derivation.function()(**arrays)
    for printed in (
        derivation.unicode(),
        derivation.ascii(),
        derivation.latex(),
        derivation.unicode(inline=True),
    ):
        np.testing.assert_allclose(matcalc.evaluate(printed, derivation.shapes, **arrays), expected)
    name, step = ("X" if "X" in text else "x"), 1e-6
    move = rng.normal(size=arrays[name].shape)
    above, below = (
        matcalc.evaluate(text, **{**arrays, name: arrays[name] + sign * step * move}) for sign in (1, -1)
    )
    np.testing.assert_allclose((above - below) / (2 * step), np.sum(expected * move), rtol=1e-6)


def test_products_without_division_stay():
    text = "shapes a: n, b: n, t: n\no = σ(a)\nh = o ⊙ tanh(b)\nL = ½‖h − t‖²"
    assert matcalc.derive(text, "a").unicode().startswith("(h − t) ⊙ tanh(b) ⊙ o ⊙ (1 − o)")
