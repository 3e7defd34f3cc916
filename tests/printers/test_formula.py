"""Formulas as text: brackets where they are needed and nowhere else, and every text reads back."""

import numpy as np
import pytest

import matcalc
from matcalc.printers.text import write
from matcalc.reading import read

SHAPES = {
    "A": ("m", "n"),
    "B": ("n", "n"),
    "S": ("n", "n"),
    "x": ("n",),
    "y": ("n",),
    "z": ("m",),
    "alpha": (),
    "beta": (),
    "sigma": (),
}


def printed(text, spelling="unicode", shapes=SHAPES):
    reading = read(text, shapes)
    return write(reading.value, spelling, reading.operations, frozenset(shapes))


@pytest.mark.parametrize(
    ("text", "unicode"),
    [
        ("A*x", "Ax"),
        ("A'*z", "Aᵀz"),
        ("(A*B)'", "(AB)ᵀ"),
        ("x'*B*x", "xᵀBx"),
        ("2*(x + y)", "2(x + y)"),
        ("-(x + y)", "−(x + y)"),
        ("x - (y - x)", "x − (y − x)"),
        ("x - -y", "x − (−y)"),
        ("x.*(B*y)", "x ⊙ By"),
        ("B*(x.*y)", "B(x ⊙ y)"),
        ("2*(x.*y)", "2x ⊙ y"),
        ("x./(2*y)", "x ⊘ 2y"),
        ("x./(y/alpha)", "x ⊘ (y/α)"),
        ("x.^2", "x ⊙ x"),
        ("tanh(x).^2", "tanh²(x)"),
        ("B.^3", "B^{∘3}"),
        ("(x + y).^(-1/2)", "(x + y)^(−1/2)"),
        ("x.^y", "x^{∘y}"),
        ("inv(B)'", "B⁻ᵀ"),
        ("inv(B*S)", "(BS)⁻¹"),
        ("B*B*B", "B³"),
        ("norm2(x)^2", "‖x‖²"),
        ("norm2(x*norm2(y))", "norm2(‖y‖x)"),
        ("sum(x)*y", "(Σx)y"),
        ("2*sum(x.*y)", "2Σ(x ⊙ y)"),
        ("sum(x)/2 + 1", "(Σx)/2 + 1"),
        ("logdet(B)*x", "(log det B)x"),
        ("alpha*sigmoid(x)", "α sigmoid(x)"),
        ("exp(x)'*y", "exp(x)ᵀy"),
        ("B*exp(x)", "B exp(x)"),
        ("x + alpha", "x + α"),
        ("0.5*x", "½x"),
        ("0.1*x", "0.1x"),
        ("(2*x)/3", "2x/3"),
        ("abs(x)", "|x|"),
        ("abs(B)", "abs(B)"),
        ("max(x, 0)", "max(x, 0)"),
    ],
)
def test_unicode(text, unicode):
    assert printed(text) == unicode


@pytest.mark.parametrize(
    ("text", "ascii", "latex"),
    [
        ("2(Ax − z)xᵀ", "2*(A*x - z)*x'", "2 (A x - z) x^{\\top}"),
        ("B⁻ᵀx", "inv(B)'*x", "B^{-\\top} x"),
        ("x ⊘ y", "x ./ y", "x \\oslash y"),
        ("½‖x‖²", "1/2*norm2(x)^2", "\\frac{1}{2} \\lVert x \\rVert^{2}"),
        ("√(x + α)", "sqrt(x + alpha)", "\\sqrt{x + \\alpha}"),
        ("x/‖x‖", "x/norm2(x)", "\\frac{x}{\\lVert x \\rVert}"),
        ("tr(B)", "tr(B)", "\\operatorname{tr}(B)"),
        ("Σx", "sum(x)", "\\sum x"),
        ("B.^3", "B.^3", "B^{\\circ 3}"),
    ],
)
def test_ascii_and_latex(text, ascii, latex):
    assert printed(text, "ascii") == ascii
    assert printed(text, "latex") == latex


def test_ascii_is_ascii():
    derivation = matcalc.derive(
        "‖tanh(Wx₁ + γ) ⊙ σ(λx₂)‖₁ + log det(Σ + εI)", "all", shapes={"Sigma": ("n", "n")}
    )
    for each in derivation.values():
        assert each.ascii().isascii()


READ_BACK = [
    "sigma*sum(sigmoid(x))",
    "sum(x)*y + 2*sum(x.*y)*x",
    "(2*sum(x)) ./ y",
    "x .* (B*(2.^y))",
    "x .* ((B*y) .* x)",
    "x ./ (y/alpha) .* x",
    "sigma*(x + y)",
    "sigmoid(x).^2 .* y",
    "alpha^beta * x",
    "sum(x)^2*y",
    "softmax(y - y) + x",
    "diag(x)*B*diag(y)*x",
    "(x - y)*norm2(x*norm2(y))",
    "x.^(y + 1) ./ x.^y",
    "-(-(x))",
    "x/(2/3) + x*(-2)",
    "B*B*B*x + (B*B*B)'*x",
    "logsumexp(x)*logdet(S + 9*eye)*x",
    "abs(x) + abs(B)*x",
    "max(x, 0) + min(x, y)",
    "x*2*3/4/5",
    "x + vector(2)/alpha",
    "matrix(alpha)/2 + B",
    "x'*(vector(alpha) .* vector(2))",
    "vector(2) ./ x",
]


@pytest.mark.parametrize("text", READ_BACK)
@pytest.mark.parametrize("spelling", ["unicode", "ascii", "latex"])
def test_texts_read_back(text, spelling):
    rng = np.random.default_rng(0)
    sizes = {"m": 4, "n": 3}
    values = {name: rng.uniform(0.5, 1.5, [sizes[s] for s in shape]) for name, shape in SHAPES.items()}
    value = matcalc.evaluate(text, SHAPES, **values)
    again = printed(text, spelling)
    np.testing.assert_allclose(matcalc.evaluate(again, SHAPES, **values), value, rtol=1e-12, err_msg=again)


def test_a_variable_named_sigma_does_not_meet_the_sum_sign():
    shapes = {"Sigma": ("n", "n"), "a": ("n",)}
    derivation = matcalc.derive("a'*a/sum(Sigma)", "a", shapes)
    values = {"Sigma": np.arange(1.0, 10).reshape(3, 3), "a": np.arange(3.0)}
    for text in (derivation.unicode(), derivation.ascii(), derivation.latex()):
        np.testing.assert_allclose(matcalc.evaluate(text, shapes, **values), 2 * values["a"] / 45)


@pytest.mark.parametrize(
    ("text", "wrt", "shapes", "unicode"),
    [
        ("tr(X)", "X", None, "Iₙ"),
        ("Σ(Ax)", "A", {"A": ("m", "n"), "x": ("n",)}, "𝟏ₘxᵀ"),
        ("log det(S + cI)", "S", {"S": ("n", "n"), "c": ()}, "(S + cI)⁻ᵀ"),
        ("Σ(X + c)", "c", {"X": ("m", "n"), "c": ()}, "mn"),
        ("Σ(x + c)", "c", {"x": ("n",), "c": (), "n": ()}, "tr(Iₙ)"),
        ("Σ(x + c)", "c", {"x": (3,), "c": ()}, "3"),
    ],
)
def test_constants_carry_their_size_where_nothing_else_tells_it(text, wrt, shapes, unicode):
    assert matcalc.derive(text, wrt, shapes).unicode() == unicode


def test_long_results_name_what_they_repeat():
    text = "‖tanh(U tanh(U tanh(Uh + Px1) + Px2) + Px3)‖²"
    formula = matcalc.derive(text, "U").unicode()
    assert " where " in formula
    assert len(formula) < 200
    assert formula.count("Uh + Px₁") == 1


def test_names_in_where_clauses_are_free():
    shapes = {"U": ("n", "n"), "r": ("n",), "P": ("n", "k"), "u": ("k",), "v": ("k",)}
    derivation = matcalc.derive("‖tanh(U tanh(U tanh(U r + P u) + P v) + P u)‖²", "U", shapes)
    clause = derivation.ascii().split(" where ")[1]
    defined = {item.split(" = ")[0] for item in clause.split(", ")}
    assert defined and not defined & set(shapes)
