"""Sums that are multiplied out: Hessians of f(Ax − b) keep A at both ends, those of quotients are sums of quotients."""

import numpy as np
import pytest

import matcalc

HESSIANS = [
    ("‖Ax−b‖", "Aᵀ(I − rrᵀ/‖r‖²)A/‖r‖ where r = Ax − b"),
    ("‖x‖", "I/‖x‖ − xxᵀ/‖x‖³"),
    ("‖Ax‖", "Aᵀ(I − AxxᵀAᵀ/‖Ax‖²)A/‖Ax‖"),
    ("√(1+‖Ax−b‖²)", "Aᵀ(I − rrᵀ/κ)A/√κ where r = Ax − b, κ = 1 + ‖r‖²"),
    ("log(1+‖Ax−b‖²)", "2Aᵀ(I − 2rrᵀ/κ)A/κ where r = Ax − b, κ = 1 + ‖r‖²"),
    ("log ‖Ax−b‖", "Aᵀ(I − 2rrᵀ/‖r‖²)A/‖r‖² where r = Ax − b"),
    ("exp(−‖Ax−b‖²)", "2exp(−‖r‖²)Aᵀ(2rrᵀ − I)A where r = b − Ax"),
    ("‖Ax‖⁴", "4Aᵀ(‖Ax‖²I + 2AxxᵀAᵀ)A"),
    ("‖Ax−b‖³", "3Aᵀ(‖r‖I + rrᵀ/‖r‖)A where r = Ax − b"),
    ("(aᵀx)/‖x‖", "3(aᵀx)xxᵀ/‖x‖⁵ − ((aᵀx)I + xaᵀ + axᵀ)/‖x‖³"),
    (
        "xᵀAx/(xᵀBx)",
        "(A + Aᵀ)/κ + 2μ(B + Bᵀ)xxᵀ(B + Bᵀ)/κ³ − ((B + Bᵀ)(μI + xxᵀ(A + Aᵀ)) + (A + Aᵀ)xxᵀ(B + Bᵀ))/κ²"
        " where κ = xᵀBx, μ = xᵀAx",
    ),
    ("logsumexp(Ax)", "Aᵀ(diag(p) − ppᵀ)A where p = softmax(Ax)"),
]


@pytest.mark.parametrize(("formula", "printed"), HESSIANS)
def test_hessian(formula, printed):
    derivation = matcalc.derive(formula, "x", kind="hessian")
    assert derivation.unicode() == printed
    assert derivation.check().ok


@pytest.mark.parametrize("power", [1, 2, 3, 4, 6, 0.5])
def test_powers_of_a_norm_read_back(power):
    derivation = matcalc.derive(f"norm2(A*x - b)^{power}", "x", kind="hessian")
    rng = np.random.default_rng(1)
    A, x, b = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=3)
    r = A @ x - b
    s = np.linalg.norm(r)
    expected = power * s ** (power - 2) * A.T @ (np.eye(3) + (power - 2) * np.outer(r, r) / s**2) @ A
    for printed in (
        derivation.unicode(),
        derivation.ascii(),
        derivation.latex(),
        derivation.unicode(inline=True),
    ):
        np.testing.assert_allclose(matcalc.evaluate(printed, A=A, x=x, b=b), expected)
    np.testing.assert_allclose(derivation.function()(A=A, x=x, b=b), expected)


@pytest.mark.parametrize(
    ("formula", "printed"),
    [
        ("aᵀ(XX)ᵀXXb", "XX(baᵀ + abᵀ)Xᵀ + XᵀXX(baᵀ + abᵀ)"),  # the longest ends are taken out
    ],
)
def test_gradients_with_equal_ends(formula, printed):
    derivation = matcalc.derive(formula, "X")
    assert derivation.unicode() == printed
    assert derivation.check().ok


def test_a_residual_beside_its_data_is_not_multiplied_out():
    derivation = matcalc.derive("λ/n ‖WᵀWX − X‖² + Σ log(cosh(WX))", wrt="W", shapes="n: scalar")
    assert derivation.unicode() == "2(λW(WᵀWX − X)Xᵀ + λ WX(WᵀWX − X)ᵀ)/n + tanh(WX)Xᵀ"
