"""Gradients in structured variables, against autograd through an explicit parametrisation of the structure."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

import matcalc

N, M = 4, 3


def _logdet(x):
    return anp.linalg.slogdet(x)[1]


FORMULAS = [
    ("xᵀSy", lambda v: v["x"] @ v["S"] @ v["y"]),
    ("‖CSCᵀ − E‖²", lambda v: anp.sum((v["C"] @ v["S"] @ v["C"].T - v["E"]) ** 2)),
    ("tr(SAS)", lambda v: anp.trace(v["S"] @ v["A"] @ v["S"])),
    ("tr(S³A)", lambda v: anp.trace(v["S"] @ v["S"] @ v["S"] @ v["A"])),
    ("Σ(A ⊙ exp(S))", lambda v: anp.sum(v["A"] * anp.exp(v["S"]))),
    (
        "½‖Sx − y‖² + tr(AS)",
        lambda v: anp.sum((v["S"] @ v["x"] - v["y"]) ** 2) / 2 + anp.trace(v["A"] @ v["S"]),
    ),
    ("xᵀ(SᵀS + I)⁻¹y", lambda v: v["x"] @ anp.linalg.inv(v["S"].T @ v["S"] + anp.eye(N)) @ v["y"]),
    ("tr(SᵀASB)", lambda v: anp.trace(v["S"].T @ v["A"] @ v["S"] @ v["B"])),
]
DEFINITE = [
    ("log det S", lambda v: _logdet(v["S"])),
    ("yᵀS⁻¹y", lambda v: v["y"] @ anp.linalg.inv(v["S"]) @ v["y"]),
    ("xᵀS⁻¹Ay", lambda v: v["x"] @ anp.linalg.inv(v["S"]) @ v["A"] @ v["y"]),
    (
        "½(x−y)ᵀS⁻¹(x−y) + ½log det S",
        lambda v: (v["x"] - v["y"]) @ anp.linalg.inv(v["S"]) @ (v["x"] - v["y"]) / 2 + _logdet(v["S"]) / 2,
    ),
]
FREE = {
    "symmetric": lambda m: (m + m.T) / 2,
    "spd": lambda m: (m + m.T) / 2,
    "skew": lambda m: (m - m.T) / 2,
    "diagonal": lambda m: m * anp.eye(N),
    "lower": lambda m: anp.tril(m),
    "upper": lambda m: anp.triu(m),
}
SHAPES = "S: n×n, A: n×n, B: n×n, C: m×n, E: m×m, x: n, y: n"


def _values(rng, kind):
    values = {name: rng.normal(size=(N, N)) for name in "AB"}
    values |= {"C": rng.normal(size=(M, N)), "E": rng.normal(size=(M, M))}
    values |= {name: rng.normal(size=N) for name in "xy"}
    z = rng.normal(size=(N, N))
    values["S"] = z @ z.T + np.eye(N) if kind == "spd" else FREE[kind](z)
    return values


def _function(derivation, values):
    names = derivation.shapes
    return derivation.function()(**{name: value for name, value in values.items() if name in names})


@pytest.mark.parametrize(
    ("formula", "value", "kind"),
    [(*case, kind) for case in FORMULAS for kind in FREE] + [(*case, "spd") for case in DEFINITE],
)
def test_projections(formula, value, kind):
    values = _values(np.random.default_rng(len(formula)), kind)
    expected = autograd.grad(lambda free: value({**values, "S": FREE[kind](free)}))(values["S"])
    derivation = matcalc.derive(formula, "S", SHAPES, assume={"S": kind})
    np.testing.assert_allclose(_function(derivation, values), expected, rtol=1e-9, atol=1e-9)
    assert derivation.check().ok
    assert f"S is {kind}: this is the projection" in derivation.notes[-1]


@pytest.mark.parametrize(
    ("formula", "value", "kind"),
    [(*case, "symmetric") for case in FORMULAS] + [(*case, "spd") for case in DEFINITE],
)
def test_the_cookbook_rule_is_the_derivative_in_the_independent_entries(formula, value, kind):
    values = _values(np.random.default_rng(len(formula)), kind)
    rows, columns = np.triu_indices(N)
    basis = np.zeros((len(rows), N, N))
    basis[np.arange(len(rows)), rows, columns] = basis[np.arange(len(rows)), columns, rows] = 1

    def of_entries(entries):
        return value({**values, "S": anp.tensordot(entries, basis, 1)})

    slopes = autograd.grad(of_entries)(values["S"][rows, columns])
    derivation = matcalc.derive(formula, "S", SHAPES, assume={"S": kind}, symmetric_rule="cookbook")
    found = _function(derivation, values)
    np.testing.assert_allclose(found[rows, columns], slopes, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(found[columns, rows], slopes, rtol=1e-9, atol=1e-9)
    assert derivation.check().ok
    assert "Matrix Cookbook, equation 138" in derivation.notes[-1]


@pytest.mark.parametrize(("formula", "value"), FORMULAS)
def test_orthogonal_matrices_move_along_cayley_curves(formula, value):
    values = _values(np.random.default_rng(len(formula)), "symmetric")
    q, _ = np.linalg.qr(values["A"] + values["B"])

    def on_the_curve(free):
        skew = (free - free.T) / 4
        turned = q @ anp.linalg.inv(anp.eye(N) - skew) @ (anp.eye(N) + skew)
        return value({**values, "S": turned})

    expected = q @ autograd.grad(on_the_curve)(np.zeros((N, N)))
    derivation = matcalc.derive(formula, "S", SHAPES, assume="S: orthogonal")
    np.testing.assert_allclose(_function(derivation, {**values, "S": q}), expected, rtol=1e-9, atol=1e-9)
    assert derivation.check().ok


@pytest.mark.parametrize(
    ("formula", "value"),
    [
        ("xᵀAx", lambda v: v["x"] @ v["A"] @ v["x"]),
        ("‖Ax − y‖²", lambda v: anp.sum((v["A"] @ v["x"] - v["y"]) ** 2)),
        ("yᵀexp(x) + ‖x‖", lambda v: v["y"] @ anp.exp(v["x"]) + anp.sqrt(v["x"] @ v["x"])),
    ],
)
def test_unit_vectors_stay_on_the_sphere(formula, value):
    values = _values(np.random.default_rng(3), "symmetric")
    values["x"] /= np.linalg.norm(values["x"])
    expected = autograd.grad(lambda x: value({**values, "x": x / anp.sqrt(anp.sum(x * x))}))(values["x"])
    derivation = matcalc.derive(formula, "x", SHAPES, assume="x: unit")
    np.testing.assert_allclose(_function(derivation, values), expected, rtol=1e-9, atol=1e-9)
    assert derivation.check().ok


PRINTED = [
    ("xᵀSx", "S: symmetric", "xxᵀ"),
    ("xᵀSy", "S: symmetric", "½(xyᵀ + yxᵀ)"),
    ("tr(S²)", "S: symmetric", "2S"),
    ("‖S‖²", "S: symmetric", "2S"),
    ("tr(SAS)", "S: symmetric", "½((A + Aᵀ)S + S(A + Aᵀ))"),
    ("tr(SAS)", "S, A: symmetric", "SA + AS"),
    ("‖ASAᵀ − B‖²", "S, B: symmetric", "2Aᵀ(ASAᵀ − B)A"),
    ("log det S", "S: spd", "S⁻¹"),
    ("yᵀS⁻¹y", "S: spd", "−S⁻¹yyᵀS⁻¹"),
    ("½(x−μ)ᵀS⁻¹(x−μ) + ½log det S where μ: n", "S: spd", "½S⁻¹ − ½S⁻¹(x − μ)(x − μ)ᵀS⁻¹"),
    ("xᵀSy", "S: skew", "½(xyᵀ − yxᵀ)"),
    ("‖S‖²", "S: skew", "2S"),
    ("‖S⁻¹ − 2Sᵀ‖²", "S: skew", "8S − 2S⁻¹S⁻¹S⁻¹"),
    ("log det S", "S: diagonal", "S⁻¹"),
    ("‖Sx − y‖²", "S: diagonal", "2diag((Sx − y) ⊙ x)"),
    ("xᵀSy", "S: lower", "tril(xyᵀ)"),
    ("‖S‖²", "S: upper", "2S"),
    ("‖AS − B‖²", "S: orthogonal", "SBᵀAS − AᵀB"),
    ("tr(SᵀS)", "S: orthogonal", "0"),
    ("Σ|S| + Σ log S", "S: positive", "1 + 1 ⊘ S"),
]


@pytest.mark.parametrize(("formula", "assume", "printed"), PRINTED)
def test_results_print_as_an_expert_writes_them(formula, assume, printed):
    derivation = matcalc.derive(formula, "S", assume=assume)
    assert derivation.unicode() == printed
    assert derivation.check().ok is True


@pytest.mark.parametrize(
    ("formula", "printed"),
    [("log det S", "2S⁻¹ − S⁻¹ ⊙ I"), ("xᵀSx", "2xxᵀ − diag(x ⊙ x)")],
)
def test_the_cookbooks_formulas(formula, printed):
    derivation = matcalc.derive(formula, "S", assume="S: spd", symmetric_rule="cookbook")
    assert derivation.unicode() == printed
    assert matcalc.gradient(formula, "S", assume="S: spd", symmetric_rule="cookbook") is not None


def test_the_rule_is_named_right():
    with pytest.raises(matcalc.MatcalcError, match="'projection' or 'cookbook', not 'both'"):
        matcalc.derive("xᵀSx", "S", assume="S: spd", symmetric_rule="both")
    (note,) = matcalc.derive("xᵀx", "x", symmetric_rule="cookbook").notes
    assert note == "no variable is assumed symmetric, so the symmetric rule cookbook changes nothing"


@pytest.mark.parametrize("size", ["n", "1", "5"])
def test_square_variables_of_any_size_keep_their_ambient_gradient(size):
    shapes = f"A: {size}×{size}, S: {size}×{size}, x: {size}, y: {size}"
    both = matcalc.derive("xᵀAy + xᵀSy", ["A", "S"], shapes, assume="S: symmetric")
    assert both["A"].unicode() == "xyᵀ"
    assert both["S"].unicode() == "½(xyᵀ + yxᵀ)"
    assert both["A"].notes == both["A"].reading.notes
    assert matcalc.derive("xᵀAx", "x", shapes).unicode() == "(A + Aᵀ)x"
    assert all(report.ok for report in both.check().values())


def test_a_variable_that_does_not_occur_has_gradient_zero():
    derivation = matcalc.derive("xᵀx", "S", assume="S: symmetric")
    assert derivation.shape[0] == derivation.shape[1]
    assert derivation.unicode() == "0" or derivation.unicode().startswith("matrix(0)")


def test_functions_take_the_structure_as_given():
    gradient = matcalc.derive("xᵀSx", "x", assume="S: symmetric").function()
    lopsided = [[1.0, 2.0], [0.0, 1.0]]
    np.testing.assert_array_equal(gradient(S=lopsided, x=[0.0, 1.0]), [4.0, 2.0])


def test_the_layer_table_names_the_projection():
    lines = matcalc.derive("tr(SAS)", "S", assume="S: symmetric").steps.lines()
    assert lines[-1] == "G = SAᵀ + AᵀS\n∇S = (G + Gᵀ)/2 = ½((A + Aᵀ)S + S(A + Aᵀ))"
    steps = matcalc.derive("xᵀGy", "G", assume="G: symmetric").steps
    assert "H = xyᵀ\n∇G = (H + Hᵀ)/2 = ½(xyᵀ + yxᵀ)" in "\n".join(steps.lines())
