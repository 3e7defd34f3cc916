"""Claims that are nearly right, or right in some places only, and claims as long as anyone can type."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc import MatcalcError, check

FIT = "‖Ax − b‖²"
N = "x: n, t: n"


@pytest.mark.parametrize(
    ("formula", "claim", "shapes"),
    [
        ("‖x‖²", "n x", "x: n"),
        ("‖x‖²", "2n x", "x: n"),  # at n = 2 it is twice the derivative
        ("‖x‖²", "(n/2) x", "x: n"),
        ("mean((x − t).^2)", "x − t", N),
        ("mean((x − t).^2)", "(x − t)/2", N),
    ],
)
def test_a_size_is_no_number(formula, claim, shapes):
    assert check(formula, "x", claim, shapes).verdict == "wrong"


@pytest.mark.parametrize(
    "claim",
    [
        "2x + 10^-9 x",
        "2x + 10^-12",
        "1.000000001·2x",
        "2x + 10^-9 exp(x)",
        "2x + exp(−20 − x ⊙ x)",
    ],
)
def test_tiny_terms_are_wrong_and_taken_away(claim):
    report = check("Σ x²", "x", claim)
    assert report.verdict == "wrong"
    x = np.linspace(-3, 5, 4)
    np.testing.assert_allclose(matcalc.evaluate(report.repair, x=x), 2 * x, rtol=1e-15)


@pytest.mark.parametrize(
    ("formula", "claim"),
    [
        ("Σ x²", "2max(x, −100)"),
        ("Σ x²", "where(x > 3, x, 2x)"),
        ("Σ x²", "where(Σx > 10, x, 2x)"),
        ("Σ x²", "2x + relu(x − 4)"),
        ("Σ sin(x)", "cos(x) + step(x − 10)"),
        ("Σ max(x, 0)", "where(x > 0.001, 1, 0)"),
        ("Σ max(x, 0)", "where(x > −0.001, 1, 0)"),
    ],
)
def test_claims_that_are_right_in_a_part_of_the_domain_are_wrong(formula, claim):
    report = check(formula, "x", claim)
    assert report.verdict == "wrong"
    x = np.array([-3000.0, -7.0, -5e-4, -1e-8, 1e-8, 5e-4, 3.5, 12.0, 3000.0])
    right = {"Σ x²": 2 * x, "Σ sin(x)": np.cos(x), "Σ max(x, 0)": (x > 0).astype(float)}[formula]
    np.testing.assert_allclose(matcalc.evaluate(report.repair, x=x), right, rtol=1e-12)


@pytest.mark.parametrize(
    ("formula", "wrt", "claim", "assume"),
    [
        ("Σ |x|", "x", "x/|x|", None),
        ("Σ relu(Wx)", "W", "½(1 + sign(Wx))xᵀ", None),
        ("Σ tanh(x)", "x", "4/(exp(x) + exp(−x))²", None),
        ("log det(XᵀX + I)", "X", "2(XXᵀ + I)⁻¹X", None),
        ("yᵀ(A + BBᵀ)⁻¹y", "y", "2(A⁻¹ − A⁻¹B(I + BᵀA⁻¹B)⁻¹BᵀA⁻¹)y", "A: spd"),
        ("π xᵀx", "x", "6.283185307179586 x", None),
    ],
)
def test_right_claims_that_rounding_could_spoil_are_equal(formula, wrt, claim, assume):
    assert check(formula, wrt, claim, assume=assume).verdict == "equal"


@pytest.mark.parametrize("claim", ["2√(x²)", "2|x|", "exp(log(2x))"])
def test_a_claim_for_positive_variables_is_wrong_and_says_so(claim):
    report = check("Σ x²", "x", claim)
    assert report.verdict == "wrong"
    assert "it would hold if x were positive" in report.reasons


def test_a_term_that_differs_only_by_its_size_does_not_agree():
    assert not [each for each in check("‖x‖²", "x", "n x", "x: n").reasons if each.startswith("agrees")]


@pytest.mark.parametrize(
    ("formula", "wrt", "claim", "words", "kind"),
    [
        ("AXB", "X", "Bᵀ⊗A", "the matrix for vec of both: vec stacks columns", "jacobian"),
        ("AXB", "X", "B⊗Aᵀ", "the matrix for vec of both, transposed: vec stacks columns", "jacobian"),
        ("AXB", "X", "A⊗Bᵀ", "the matrix for vec of both: vec strings rows together", "jacobian"),
        ("Wx", "W", "xᵀ⊗I", "the matrix for vec of both: vec stacks columns", "jacobian"),
        ("Wx", "W", "I⊗xᵀ", "the matrix for vec of both: vec strings rows together", "jacobian"),
        ("‖T − UVᵀ‖²", "U", "2(VᵀV⊗I)", "the matrix for vec of both: vec stacks columns", "hessian"),
    ],
)
def test_a_kronecker_product_is_the_derivative_up_to_a_convention(formula, wrt, claim, words, kind):
    report = check(formula, wrt, claim, kind=kind)
    assert (report.verdict, report.reasons[0]) == ("right up to a convention", words)


@pytest.mark.parametrize(("formula", "claim"), [("AXB", "B⊗A"), ("AXB", "2Bᵀ⊗A"), ("Wx", "x⊗xᵀ")])
def test_a_wrong_kronecker_product_is_wrong(formula, claim):
    assert check(formula, formula[-2] if formula == "AXB" else "W", claim).verdict == "wrong"


@pytest.mark.parametrize(
    "claim",
    [
        "+".join(["2Aᵀ(Ax − b)"] * 800),
        "-" * 9001 + "x",
        "(" * 3000 + "x" + ")" * 3000,
        "x" + "'" * 9000,
        "exp(" * 2000 + "x" + ")" * 2000,
        "A" * 9999,
        "2(" * 2000 + "x" + ")" * 2000,
        "+".join(f"v_{place}" for place in range(1200)),
        "x where " + ", ".join(f"u_{place} = x" for place in range(500)),
    ],
    ids=lambda claim: claim[:12],
)
def test_long_claims_get_a_report_or_an_error(claim):
    try:
        assert check(FIT, "x", claim).verdict == "wrong"
    except MatcalcError as problem:
        assert problem.message


def test_pieces_of_a_problem_stand_in_brackets():
    report = check(FIT, "x", "2(Ax − b)(Ax − b)")
    assert report.reasons[0].startswith(
        "2(Ax − b)·(Ax − b): both are column vectors; write 2(Ax − b)ᵀ(Ax − b) for"
    )
    assert "declare a scalar" not in report.reasons[0]
    assert check("Σ arctan(x)", "x", "1/(1 + x²)").notes[-1] == (
        "1/(1 + x²) was read elementwise, as 1 ⊘ (1 + x²)"
    )


SQUARE = "A: n×n, X: n×n, W: n×n"


@pytest.mark.parametrize(
    ("formula", "wrt", "claim", "verdict"),
    [
        ("tr(AX)", "X", "df/dX_ij = A_ji", "equal"),
        ("tr(AX)", "X", "df/dX_ji = A_ij", "equal"),
        ("tr(AX)", "X", "df/dX_ji = A_ji", "wrong"),
        ("tr(AX)", "X", "\\frac{\\partial f}{\\partial X_{ji}} = A_{ji}", "wrong"),
        ("tr(AX)", "X", "∂f/∂Xⱼᵢ = Aⱼᵢ", "wrong"),
        ("tr(AX)", "X", "∂f/∂X[i,j] = A[i,j]", "wrong"),
        ("Wx", "W", "∂y[i]/∂W[j,k] = δ[i,j]x[k]", "equal"),
        ("Wx", "W", "∂y[i]/∂W[j,k] = δ[i,k]x[j]", "wrong"),
        ("Wx", "W", "∂y_i/∂W_{jk} = δ_{ik} x_j", "wrong"),
        ("Wx", "x", "∂y_j/∂x_i = W_ji", "equal"),
        ("Wx", "x", "∂y_j/∂x_i = W_ij", "wrong"),
    ],
)
def test_a_left_side_with_indices_says_which_is_which(formula, wrt, claim, verdict):
    shapes = ", ".join(each for each in SQUARE.split(", ") if each[0] in formula)
    report = check(formula, wrt, claim, shapes)
    assert report.verdict == verdict
    if report.repair is not None and formula == "tr(AX)":
        assert report.repair in ("Aᵀ", "A'", "A^{\\top}")


def test_the_order_of_the_variables_under_the_line_of_a_mixed_hessian_is_free():
    for claim in ("∂²f/∂y_j∂x_i = A_ij", "∂²f/∂x_i∂y_j = A_ij", "∂²f/∂y[j]∂x[i] = A[i,j]"):
        assert check("xᵀAy", ["x", "y"], claim, kind="hessian").verdict == "equal"


def test_targets_that_add_up_to_one_are_named():
    report = check("−yᵀ log(p) where p = softmax(z)", "z", "p − y")
    assert report.verdict == "wrong"
    assert "it would hold if the entries of y added up to 1" in report.reasons
    other = check("−yᵀ log(p) where p = softmax(z)", "z", "p − 2y")
    assert not [reason for reason in other.reasons if "added up" in reason]


@pytest.mark.parametrize("claim", ["$$\\nabla_x f = 2x$$", "= 2x.", "\\[ 2x \\]", "$2x$,"])
def test_what_stands_around_a_formula_in_a_text_is_passed_over(claim):
    assert check("xᵀx", "x", claim).verdict == "equal"


def test_names_that_the_formula_lacks_stand_beside_a_product_that_does_not_conform():
    assert "the formula has no a and no d and no j" in check("det X", "X", "adj(X)").reasons


def test_a_derivative_that_is_zero_has_no_repair_but_zero():
    assert check("0‖x‖²", "x", "x").repair == "0"
