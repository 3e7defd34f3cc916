"""Row and column sums of products, and diagonals of products: which is printed."""

import numpy as np
import pytest

import matcalc

SUMS = [
    ("aᵀsum(A⊙B, rows)", "a", "(A ⊙ B)𝟏"),
    ("aᵀsum(A⊙B, columns)", "a", "(A ⊙ B)ᵀ𝟏"),
    ("aᵀ(A⊙B⊙C)𝟏", "a", "(A ⊙ B ⊙ C)𝟏"),
    ("Σ sum(A⊙B, rows).^2", "A", "2diag((A ⊙ B)𝟏)B"),
    ("Σ exp(sum(A⊙B, columns))", "A", "B diag(exp((A ⊙ B)ᵀ𝟏))"),
    ("‖diag(v)X − Y‖²", "v", "2((diag(v)X − Y) ⊙ X)𝟏"),
    ("‖X diag(v) − Y‖²", "v", "2(X ⊙ (X diag(v) − Y))ᵀ𝟏"),
    ("Σᵢ aᵢ‖xᵢ‖²", "a", "(X ⊙ X)𝟏"),
    # no product entry by entry that is shorter
    ("aᵀdiag(AB)", "a", "diag(AB)"),
    ("Σᵢ aᵢ xᵢᵀBxᵢ", "a", "diag(XBXᵀ)"),
]


@pytest.mark.parametrize(("formula", "wrt", "printed"), SUMS)
def test_printed(formula, wrt, printed):
    derivation = matcalc.derive(formula, wrt)
    assert derivation.unicode() == printed
    assert derivation.check().ok


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("a'*sum(A.*B, rows)", lambda A, B: np.einsum("ij,ij->i", A, B)),
        ("a'*sum(A.*B, columns)", lambda A, B: np.einsum("ij,ij->j", A, B)),
        ("a'*diag(A*B')", lambda A, B: np.einsum("ij,ij->i", A, B)),
        ("a'*diag(A'*B)", lambda A, B: np.einsum("ij,ij->j", A, B)),
    ],
)
def test_reads_back(formula, expected):
    rng = np.random.default_rng(2)
    A, B = rng.normal(size=(3, 4)), rng.normal(size=(3, 4))
    derivation = matcalc.derive(formula, "a")
    np.testing.assert_allclose(derivation.function()(A=A, B=B), expected(A, B))
    for printed in (derivation.unicode(), derivation.ascii(), derivation.latex()):
        np.testing.assert_allclose(matcalc.evaluate(printed, A=A, B=B), expected(A, B))


def test_a_sum_that_stands_twice_is_not_turned():
    """−Y ⊙ (Y − T) is not written with T − Y beside (Y − T)Vᵀ."""
    text = matcalc.derive("‖softmax(X, rows)V − T‖²", "X").unicode(inline=True)
    assert "(T − " not in text and "V − T" in text
