"""The order of terms: a matrix before its update of rank one, and what the formula orders stays as it is."""

import pytest

import matcalc

ORDERS = [
    # a matrix and its update come from one product
    ("x‖x‖", "x", "jacobian", "‖x‖I + xxᵀ/‖x‖"),
    ("‖x‖x", "x", "jacobian", "‖x‖I + xxᵀ/‖x‖"),
    ("‖x‖³", "x", "hessian", "3(‖x‖I + xxᵀ/‖x‖)"),
    ("x(aᵀx)", "x", "jacobian", "(aᵀx)I + xaᵀ"),
    ("Ax xᵀx", "x", "jacobian", "‖x‖²A + 2Axxᵀ"),
    ("(aᵀx)(x⊙x)", "x", "jacobian", "2(aᵀx)diag(x) + (x ⊙ x)aᵀ"),
    ("(xᵀAx)²", "x", "hessian", "2(A + Aᵀ)((xᵀAx)I + xxᵀ(A + Aᵀ))"),
    (
        "xᵀAx/(xᵀx)",
        "x",
        "hessian",
        "(A + Aᵀ)/‖x‖² − 2(κI + xxᵀ(A + Aᵀ) + (A + Aᵀ)xxᵀ)/‖x‖⁴ + 8κxxᵀ/‖x‖⁶ where κ = xᵀAx",
    ),
    ("x + aaᵀx", "x", "jacobian", "I + aaᵀ"),
    # a term of the formula's own
    ("(aᵀx)² + γ‖x‖²", "x", "hessian", "2(aaᵀ + γI)"),
    ("(aᵀx)² + xᵀAx", "x", "hessian", "2aaᵀ + A + Aᵀ"),
    ("‖x‖² + xᵀAx", "x", "hessian", "A + Aᵀ + 2I"),
    ("½‖Xw − y‖² + ½λ‖w‖²", "w", "hessian", "XᵀX + λI"),
    ("xᵀAx + γ tr(A)", "A", "gradient", "xxᵀ + γI"),
    ("‖As − x‖² + γ‖A‖²", "A", "gradient", "2(As − x)sᵀ + 2γA"),
    ("Ax + x", "x", "jacobian", "A + I"),
    ("softmax(x)", "x", "jacobian", "diag(y) − yyᵀ where y = softmax(x)"),
    # what the formula itself says
    ("xᵀ(aaᵀ + ‖a‖I)⁻¹b", "x", "gradient", "(aaᵀ + ‖a‖I)⁻¹b"),
]


@pytest.mark.parametrize(("formula", "wrt", "kind", "printed"), ORDERS)
def test_order(formula, wrt, kind, printed):
    derivation = matcalc.derive(formula, wrt, kind=kind)
    assert derivation.unicode() == printed
    assert derivation.check().ok
