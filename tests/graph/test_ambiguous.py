"""Functions of the entries of square matrices are noted where the matrix function may be meant."""

import pytest

import matcalc

LOG = "log P was read elementwise; the matrix function is logm(P)"


@pytest.mark.parametrize(
    ("formula", "wrt", "notes"),
    [
        ("tr(P log P) − tr(PM)", "P", (LOG,)),
        ("tr(exp(A))", "A", ("exp(A) was read elementwise; the matrix function is expm(A)",)),
        ("tr(√(A)B) where A: n×n", "A", ("√(A) was read elementwise; the matrix function is sqrtm(A)",)),
        ("tr(P logm(P))", "P", ()),
        ("tr(log(X)B)", "X", ()),  # of no square matrix
        ("Σ(P ⊙ log P) where P: n×n", "P", ()),
        ("aᵀexp(D)b where D: n×n", "D", ()),
    ],
)
def test_notes(formula, wrt, notes):
    found = matcalc.derive(formula, wrt).notes
    assert tuple(note for note in found if "was read" in note) == notes
