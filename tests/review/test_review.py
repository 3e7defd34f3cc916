"""Verdicts, conventions, slips and errors of ``matcalc.check``."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import matcalc
from matcalc import MatcalcError, check

FIT = "‖Ax − b‖²"


@pytest.mark.parametrize(
    ("formula", "wrt", "claim"),
    [
        (FIT, "x", "2Aᵀ(Ax − b)"),
        (FIT, "x", "2AᵀAx − 2Aᵀb"),
        (FIT, "x", "grad x = 2*A'*(A*x - b)"),
        (FIT, "x", "\\frac{\\partial L}{\\partial x} = 2 A^\\top (A x - b)"),
        (FIT, "x", "dL/dx = 2Aᵀr where r = Ax − b"),
        ("softmax(x)", "x", "diag(y) − yyᵀ where y = softmax(x)"),
        ("AXB", "X", "∂Y[i,j]/∂X[k,l] = A[i,k]B[l,j]"),
        ("h = tanh(Wx)\n‖h − t‖²", "W", "2((h − t) ⊙ (1 − h²))xᵀ"),
        ("tr(A)", "A", "I"),
        ("‖x − x‖²", "x", "0"),
    ],
)
def test_right_claims_have_the_normal_form(formula, wrt, claim):
    report = check(formula, wrt, claim)
    assert report and report.ok is True
    assert (report.verdict, report.reasons, report.repair) == (
        "equal",
        ("both have the same normal form",),
        None,
    )
    assert str(report) == "equal: both have the same normal form"


@pytest.mark.parametrize(
    ("formula", "claim"),
    [
        ("Σ log(1 + exp(x))", "½(𝟏 + tanh(½x))"),
        ("Σ tanh(x)", "1 ./ cosh(x).^2"),
        ("log Σ exp(x)", "exp(x − log(Σ exp(x)))"),
    ],
)
def test_right_claims_of_another_form_are_equal_by_numbers(formula, claim):
    report = check(formula, "x", claim)
    assert report.verdict == "equal"
    assert report.reasons == ("the forms differ, the numbers agree at 100 random points",)


@pytest.mark.parametrize(
    ("formula", "wrt", "claim", "named", "right"),
    [
        (FIT, "x", "2(Ax − b)ᵀA", "transposed layout", "2Aᵀ(Ax − b)"),
        ("log det X", "X", "X⁻¹", "transposed layout", "X⁻ᵀ"),
        ("aᵀXb", "X", "baᵀ", "m×n in place of n×m", "abᵀ"),
        ("Wx", "x", "Wᵀ", "transposed layout", "W"),
        (FIT, "x", "Aᵀ(Ax − b)", "half of the derivative: a factor of 2", "2Aᵀ(Ax − b)"),
        ("½‖Ax − b‖²", "x", "2Aᵀ(Ax − b)", "twice the derivative: a factor of 2", "Aᵀ(Ax − b)"),
        ("½‖Xw − y‖² + ½λ‖w‖²", "w", "2Xᵀ(Xw − y) + 2λw", "twice the derivative", "Xᵀ(Xw − y) + λw"),
        ("xᵀAx", "x", "2Ax", "it holds where A is symmetric", "(A + Aᵀ)x"),
        ("log det X", "X", "2X⁻¹ − X⁻¹ ⊙ I", "where X is symmetric it is the Matrix Cookbook's form", "X⁻ᵀ"),
        ("AXB", "X", "A[k,i]B[j,l]", "the axes of the variable stand before those of the value", "A[i,k]*B[l,j]"),
    ],
)  # fmt: skip
def test_conventions_are_named(formula, wrt, claim, named, right):
    report = check(formula, wrt, claim)
    assert (report.verdict, report.ok, report.repair) == ("right up to a convention", True, None)
    assert named in report.reasons[0]
    assert right in report.reasons[1]


def test_the_forms_of_the_gradient_in_a_symmetric_variable():
    report = check("aᵀSb", "S", "abᵀ", assume="S: symmetric")
    assert "free entries" in report.reasons[0] and report.verdict == "right up to a convention"
    report = check("aᵀSb", "S", "abᵀ + baᵀ − abᵀ ⊙ I", assume="S: symmetric")
    assert "the Matrix Cookbook's form" in report.reasons[0]
    assert check("aᵀSb", "S", "½(abᵀ + baᵀ)", assume="S: symmetric").verdict == "equal"


def test_symmetry_that_would_lose_something_is_no_convention():
    report = check("Σ tanh(Ax)", "x", "A(1 − tanh²(Ax))", "A: n×n")
    assert report.verdict == "wrong"
    assert "it would hold if A is symmetric" in report.reasons


@pytest.mark.parametrize(
    ("formula", "wrt", "claim", "slip", "repair"),
    [
        (FIT, "x", "2A(Ax − b)", "a missing transpose: A should be Aᵀ", "2Aᵀ(Ax − b)"),
        (FIT, "A", "2(Ax − b)ᵀxᵀ", "a transpose too many: (Ax − b)ᵀ should be Ax − b", "2(Ax − b)xᵀ"),
        (FIT, "x", "2Aᵀ(Ax + b)", "a sign: Ax + b should be Ax − b", "2Aᵀ(Ax − b)"),
        (FIT, "x", "3Aᵀ(Ax − b)", "a wrong number: 3 should be 2", "2Aᵀ(Ax − b)"),
        (FIT, "A", "2xᵀ(Ax − b)", "swapped factors: 2xᵀ(Ax − b) should be 2(Ax − b)xᵀ", "2(Ax − b)xᵀ"),
        ("‖Ax − b‖² + ‖A‖²", "A", "2x(Ax − b)ᵀ + 2A", "swapped factors: 2x(Ax − b)ᵀ should be 2(Ax − b)xᵀ", "2(Ax − b)xᵀ + 2A"),
        (FIT, "x", "2AᵀAx − b", "brackets: 2AᵀAx − b should be 2Aᵀ(Ax − b)", "2Aᵀ(Ax − b)"),
        (FIT, "x", "2AᵀAx", "a missing term: 2AᵀAx should be 2AᵀAx − 2Aᵀb", "2AᵀAx − 2Aᵀb"),
        ("Σσ(Wx)", "W", "σ(Wx) ⊙ (1 − σ(Wx))xᵀ", "brackets", "(σ(Wx) ⊙ (1 − σ(Wx)))xᵀ"),
        ("‖WᵀWx − x‖²", "W", "2W(WᵀWx − x)xᵀ", "a missing use of W: W is used twice, and one adds 2Wx(WᵀWx − x)ᵀ",
         "2W(WᵀWx − x)xᵀ + 2Wx(WᵀWx − x)ᵀ"),
        ("log det X", "X", "½X⁻ᵀ", "a missing factor 2", "X⁻ᵀ"),
        ("‖Ax‖⁴", "x", "2‖Ax‖²AᵀAx", "a missing factor 2", "4‖Ax‖²AᵀAx"),
        ("‖x‖", "x", "x/‖x‖²", "a wrong number: 2 should be 1", "x/‖x‖"),
        ("Σ tanh(Wx)", "W", "(1 − tanh(Wx))xᵀ", "a missing power: tanh(Wx) should be tanh²(Wx)", "(1 − tanh²(Wx))xᵀ"),
        ("Σx", "x", "1", "a missing factor: 1 should be 𝟏ₙ", "𝟏ₙ"),
        ("Σ sin(x)", "x", "sin(x)", "another function: sin(x) should be cos(x)", "cos(x)"),
    ],
)  # fmt: skip
def test_slips_are_named_and_repaired(formula, wrt, claim, slip, repair):
    report = check(formula, wrt, claim)
    assert (report.verdict, report.ok) == ("wrong", False)
    assert report.slip.startswith(slip)
    assert repair is None or report.repair == repair
    assert check(formula, wrt, report.repair).verdict == "equal"


def test_a_slip_in_a_definition_is_repaired():
    report = check(FIT, "x", "2Aᵀr where r = Ax + b")
    assert (report.slip, report.repair) == ("a sign: Ax + b should be Ax − b", "2Aᵀ(Ax − b)")


def test_terms_that_agree_and_that_do_not():
    report = check("‖Ax − b‖² + λ‖x‖²", "x", "2Aᵀ(Ax − b) + 3λx")
    assert {"agrees: 2Aᵀ(Ax − b)", "differs: 3λx", "missing: 2λx"} <= set(report.reasons)
    assert report.repair == "2Aᵀ(Ax − b) + 2λx"


def test_what_does_not_conform_stands_under_a_caret():
    claim = "∇x = 2Aᵀ(Ax − b) + Ab"
    report = check(FIT, "x", claim)
    assert report.reasons[0] == f"A·b: A is n×m, b has n rows\n  {claim}\n  {' ' * claim.index('Ab')}^^"
    assert "agrees: 2Aᵀ(Ax − b)" in report.reasons
    assert report.repair == "2Aᵀ(Ax − b)"


@pytest.mark.parametrize(
    ("claim", "slip"),
    [
        ("3A(Ax − b)", "a missing transpose: A should be Aᵀ, and a factor 2/3 is missing besides"),
        ("Aᵀ(Ax + b)", "a sign: Ax + b should be Ax − b, and a factor 2 is missing besides"),
        ("4A(Ax − b)", "a missing transpose: A should be Aᵀ, and a factor 2 is too much besides"),
    ],
)
def test_a_slip_and_a_wrong_factor(claim, slip):
    report = check(FIT, "x", claim)
    assert (report.slip, report.repair) == (slip, "2Aᵀ(Ax − b)")


def test_two_slips_get_the_derivative():
    report = check(FIT, "x", "3A(Ax + b)")
    assert (report.slip, report.repair) == (None, "2Aᵀ(Ax − b)")
    assert "no single small edit makes it right" in report.reasons


def test_a_gradient_in_another_variable_is_recognised():
    report = check(FIT, "x", "2(Ax − b)xᵀ")
    assert report.slip == "this is the gradient in A, not in x"


def test_a_variable_that_the_formula_lacks_is_named():
    report = check("‖x‖²", "x", "2x + z")
    assert report.reasons[0] == "z is no variable of the formula; it has x"
    assert report.repair == "2x"


def test_kinds():
    assert check("xᵀAx", "x", "A + Aᵀ", kind="hessian").verdict == "equal"
    assert check("xᵀAy", ["x", "y"], "A", kind="hessian").verdict == "equal"
    assert (
        check("XW", "X", "G*W", kind="pullback", upstream="G").slip == "a missing transpose: W should be W'"
    )
    assert (
        check("‖T − UVᵀ‖²", "U", "∂²f/∂U[i,j]∂U[k,l] = 2(VᵀV)[j,l]δ[i,k]", kind="hessian").verdict == "equal"
    )


def test_results_with_four_axes_have_their_left_side():
    report = check("AXB", "X", "∂Y[i,j]/∂X[k,l] = A[i,k]B[j,l]")
    assert report.repair == "∂Y[i,j]/∂X[k,l] = A[i,k]B[l,j]"
    assert check("AXB", "X", report.repair).verdict == "equal"


@pytest.mark.parametrize("jump", ["1", "2", "0.5"])
def test_steps_that_jump_elsewhere_are_not_equal(jump):
    report = check("Σ relu(Wx + 1)", "x", f"Wᵀ step(Wx + {jump})")
    assert report.ok is (jump == "1")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((FIT, "x", "2Aᵀ("), "the formula ends where"),
        ((FIT, "x", ""), "empty"),
        ((FIT, "x", 3), "a claim is the text of a formula, not int"),
        ((FIT, ["x", "A"], "2x"), "a claim is about one variable"),
        (("‖Ax −", "x", "2x"), "the formula ends where"),
        ((FIT, "x", "2x", None, "curl"), "kind is gradient"),
    ],
)
def test_what_can_not_be_read_is_an_error(arguments, message):
    with pytest.raises(MatcalcError, match=message):
        check(*arguments)


def test_a_claim_that_no_point_can_settle_is_an_error():
    with pytest.raises(MatcalcError, match="can't be"):
        check("Σ log(−x ⊙ x)", "x", "x")


_PIECES = st.sampled_from(
    [
        *"AbxW()+−·⊙ᵀ²=,[]λδ∂∇",
        "2",
        "Σ",
        "‖",
        "where",
        "\\frac",
        "{",
        "}",
        "exp",
        "tanh(",
        "inv(",
        " ",
        "\n",
        "[i,j]",
        "x[i]",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.lists(_PIECES, max_size=14).map("".join))
def test_any_claim_gets_a_report_or_an_error(claim):
    try:
        report = check(FIT, "x", claim)
    except MatcalcError as problem:
        assert problem.message
    else:
        assert report.ok is (report.repair is None)
        assert matcalc.check(FIT, "x", report.repair or claim).ok


def test_a_claim_may_write_out_the_value_that_it_is_the_derivative_in():
    program = "h = tanh(Wx)\n‖h − t‖²"
    for claim in ("2(h − t)", "2(tanh(Wx) − t)"):
        assert check(program, "h", claim).verdict == "equal"
    assert check(program, "h", "2(tanh(Wx) + t)").repair == "2(h − t)"
