"""Readings that a user might not expect: the sensible one is taken, and a guess is noted."""

import pytest

import matcalc


@pytest.mark.parametrize("formula", ["e'e + Σ e²", "Σ e² + e'e", "e'e + Σ e² where e: n"])
def test_e_is_a_variable_everywhere_if_it_is_one_somewhere(formula):
    assert matcalc.derive(formula, "e").unicode() == "4e"


def test_e_is_a_variable_when_its_derivative_is_wanted():
    assert matcalc.derive("Σ e²", "e").unicode() == "2e"


def test_e_is_eulers_number_in_an_exponential():
    derivation = matcalc.derive("Σ e^{Xw}", "w")
    assert derivation.unicode() == "Xᵀexp(Xw)"
    assert derivation.notes == ()


@pytest.mark.parametrize(
    ("formula", "wrt", "part"),
    [
        ("e^2 α", "α", "Euler"),
        ("‖A − UΣVᵀ‖²", "U", "declare Σ"),
        ("exp(−‖x‖²/2σ²)", "x", "denominator"),
        ("1/2N ‖y − Xw‖² where N: scalar", "w", "denominator"),
        ("‖x − μ‖²", "x", "declare μ"),
        ("xᵀΛx", "x", "Λ was read as a scalar"),
        ("‖[A B]x‖²", "x", "block"),
        ("‖x‖² where Q: n×n", "x", "Q is declared"),
    ],
)
def test_guesses_are_noted(formula, wrt, part):
    assert any(part in note for note in matcalc.derive(formula, wrt).notes)


@pytest.mark.parametrize(
    ("formula", "wrt"),
    [("1/2‖x‖²", "x"), ("λΣ√(s⊙s + ε)", "s"), ("½(x−μ)ᵀS(x−μ) where μ: n", "x"), ("‖As−x‖²", "s")],
)
def test_plain_formulas_have_no_notes(formula, wrt):
    assert matcalc.derive(formula, wrt).notes == ()


@pytest.mark.parametrize(
    "formula", ["\\|X − UV^T\\|^2_F", "‖X − UVᵀ‖²_F", "\\lVert X − UV^T \\rVert^{2}_{F}"]
)
def test_a_norms_subscript_may_follow_its_power(formula):
    assert matcalc.derive(formula, "U").unicode() == "2(UVᵀ − X)V"


def test_the_one_norm_may_be_squared():
    assert matcalc.derive("‖x‖²_1", "x").unicode() == "2‖x‖₁ sign(x)" or matcalc.derive("‖x‖²_1", "x").check()


def test_a_rayleigh_quotient_needs_brackets():
    with pytest.raises(matcalc.MatcalcError, match="whole denominator in brackets"):
        matcalc.derive("x'Ax / x'x", "x")


def test_a_value_that_is_no_scalar_tells_how_names_were_read():
    with pytest.raises(matcalc.MatcalcError, match="n, y, w as vector; X as matrix"):
        matcalc.derive("1/n ‖y − Xw‖²", "w")


def test_sympy_symbols_name_variables():
    sympy = pytest.importorskip("sympy")
    m, n = sympy.symbols("m n")
    matrix = sympy.MatrixSymbol("A", m, n)
    expression = sympy.Trace(matrix.T * matrix)
    assert matcalc.gradient(expression, matrix) == 2 * matrix
    assert matcalc.derive(expression, [matrix])["A"].unicode() == "2A"
    with pytest.raises(matcalc.MatcalcError, match="name"):
        matcalc.derive("‖x‖²", 3)
    with pytest.raises(matcalc.MatcalcError, match="symbol"):
        matcalc.derive("‖x‖²", [3])


def test_a_scalar_beside_the_identity_is_written_out():
    formula = matcalc.derive("‖(I − 𝟏𝟏ᵀ/γ)X‖²", "X").unicode()
    assert formula == "2(I − (1/γ)𝟏𝟏ᵀ)(I − (1/γ)𝟏𝟏ᵀ)X"


def test_the_cost_of_independent_components():
    assert matcalc.derive("log|det W| − Σ log cosh(Wx)", "W").unicode() == "W⁻ᵀ − tanh(Wx)xᵀ"


@pytest.mark.parametrize(
    ("formula", "wrt", "letter"),
    [
        ("w^T x + b", "w", "b"),
        ("(y - w^T x)^2", "w", "y"),
        ("‖Ax − b‖² + c‖x‖²", "x", "c"),
        ("½ log det K + \\frac{n}{2} \\log(2\\pi)", "K", "n"),
        ("‖softmax(QKᵀ/√d, rows)V‖²", "Q", "d"),
        ("‖A(x + b)/d‖² + ‖A + d‖²", "A", "d"),
    ],
)
def test_the_letter_that_should_be_a_scalar_is_named(formula, wrt, letter):
    with pytest.raises(matcalc.MatcalcError) as problem:
        matcalc.derive(formula, wrt)
    assert f"--shape '{letter}: scalar'" in problem.value.message
    assert matcalc.derive(formula, wrt, {letter: ()}).check().ok


def test_nothing_is_advised_that_does_not_help():
    with pytest.raises(matcalc.MatcalcError) as problem:
        matcalc.derive("‖Ax‖² + ‖Ay‖² where x: n, y: m", "x")
    assert "conforms if" not in problem.value.message
