"""Sums of entries: ones along an index that another term has are not written, and the text reads back."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

SIZES = {"a": 2, "b": 3, "c": 4, "d": 5}
SHAPES = {"T": ("a", "b", "c"), "u": ("a",), "v": ("b",), "M": ("b", "d"), "X": ("a", "d")}
CASES = [
    ("Σ_{i,j,k} (T[i,j,k] − u[i])²", "T", "2(T[i,j,k] − u[i])", lambda T, u: 2 * (T - u[:, None, None])),
    (
        "Σ_{i,j,k} (T[i,j,k] − u[i] + v[j])²",
        "T",
        "2(T[i,j,k] − u[i] + v[j])",
        lambda T, u, v: 2 * (T - u[:, None, None] + v[None, :, None]),
    ),
    (
        "Σ_{i,j,k} T[i,j,k] (u[i] + v[j])",
        "T",
        None,  # no term has k
        lambda T, u, v: np.broadcast_to(u[:, None, None] + v[None, :, None], T.shape),
    ),
    (
        "Σ_{i,j} Σ_k T[i,j,k] Σ_l (X[i,l] − M[j,l])²",
        "T",
        None,
        lambda T, X, M: np.broadcast_to(
            ((X[:, None, :] - M[None, :, :]) ** 2).sum(axis=2)[:, :, None], T.shape
        ),
    ),
]


@pytest.mark.parametrize(("text", "wrt", "printed", "expected"), CASES, ids=[case[0] for case in CASES])
def test_ones_are_left_out_where_another_term_has_the_index(text, wrt, printed, expected):
    names = expected.__code__.co_varnames
    shapes = {name: SHAPES[name] for name in names}
    rng = np.random.default_rng(4)
    arrays = {name: rng.normal(size=[SIZES[size] for size in shape]) for name, shape in shapes.items()}
    derivation = matcalc.derive(text, wrt, shapes)
    print(derivation)
    if printed is not None:
        assert derivation.unicode() == printed
    np.testing.assert_allclose(derivation.function()(**arrays), expected(**arrays), rtol=1e-12)
    for spelling in ("unicode", "ascii", "latex"):
        written = f"{derivation.head(spelling)} = {getattr(derivation, spelling)()}"
        got = matcalc.evaluate(written, derivation.shapes, **arrays)
        np.testing.assert_allclose(got, expected(**arrays), rtol=1e-12, err_msg=written)
    assert derivation.check().ok is True
