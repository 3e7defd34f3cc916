"""SymPy results: numbers put into them, the obvious ways, agree with the public cases and with matcalc itself."""

import json
from pathlib import Path

import numpy as np
import pytest
import sympy
from sympy import HadamardProduct, ImmutableMatrix, MatrixSymbol, Symbol, Trace

import matcalc
from matcalc.printers.to_sympy import to_sympy
from matcalc.reading import read

DATA = Path(__file__).parent.parent / "data" / "public.jsonl"
CASES = [case for case in map(json.loads, DATA.read_text("utf-8").splitlines()) if case["kind"] == "gradient"]
ORDERS = ("together", "sizes first", "sizes last", "sizes, doit, arrays")
SHAPES = {"A": "mn", "B": "mn", "S": "nn", "w": "n", "x": "n", "y": "n", "c": ""}
SIZES = {"m": 2, "n": 3}

FORMULAS = """
logsumexp(A*w); softmax(A*w); logsumexp(A); norm2(A); norm1(A); tr(inv(S + c*I)); det(S); logdet(S); logsumexp(A')
max(A, B); min(x, y); max(x, c); x.^y; x.^(y'*x); 2.^A; A.^2.5; A./B; c./x; x/(y'*x); softmax(softmax(x)); det(S*S)
diag(x); diag(x.*y); diag(S); diag(diag(S)); sum(diag(S).*y); norm2(x - diag(S)); x'*inv(S + c*I)*y; x'; (x + y)'
sum(A); sum(A*w); A*vector(1); vector(1)'*A'; sum(x'); eye + S; S^3; S^-2; softplus(A); relu(x' - y'); erf(x)
sigmoid(x).*(1 - sigmoid(x)); tr(S.*S); tr(diag(x)*S); sum(max(A, B)); exp(A - c); A - x'*y; exp(A - x'*x); A - A
step(A - B); abs(x - y); x'*diag(y)*x; sum(x)*vector(2)'*x; sqrt(x'*x)*A; tr(I*S); sum(2 + exp(softmax(x))); x*y'*S
sum(x + y'*x); pi*x + x/3; inv(S)'; (-A)'; exp(A'); sum(A') + sum(-2*x); x.*x.*y; max(x'*x, c); x.^c; (x'*x)^c
arcsin(x/9); tan(x); sign(x - y); sinh(x) + cosh(x); 0*x; c^2*arctan(c); A.*(x'*y); max(A, x'*y); exp(vector(c)'*x)*x
tril(A); triu(S)*x; cumsum(A*w); x - shift(x, 1); shift(A, -1); softmax(A, rows); logsumexp(A, columns); mean(A)*x
var(x - y); norm(A, rows); where(x > y, x, c); gammafn(exp(x)); lgamma(exp(c)); floor(A); log1p(exp(A)); gelu(x)
var(A, columns); sum(tril(A)*w); inv(S)*x + solve(S, x); tril(w*x'); polygamma(1, exp(x)); arcsinh(A) + elu(A)
"""


def numbers(expr, arrays, sizes, order):
    """Put numbers into a SymPy expression, as a user would."""

    def explicit(expr):
        made = {}
        for symbol in expr.atoms(MatrixSymbol):
            array = np.asarray(arrays[symbol.name])
            made[symbol] = ImmutableMatrix(array.reshape(len(array), -1).tolist())
        return made

    scalars = {Symbol(name): float(value) for name, value in arrays.items() if np.ndim(value) == 0}
    known = {Symbol(name, integer=True, positive=True): size for name, size in sizes.items()}
    if order == "together":
        expr = expr.subs({**scalars, **explicit(expr), **known})
    elif order == "sizes last":
        expr = expr.subs(explicit(expr)).subs(scalars).subs(known)
    else:
        expr = expr.subs(known)
        expr = expr.doit() if "doit" in order else expr
        expr = expr.subs(explicit(expr)).subs(scalars)
    expr = expr.doit()
    return np.array(expr.as_explicit().tolist() if expr.is_Matrix else expr).astype(float)


def column(value):
    value = np.asarray(value, dtype=float)
    return value[:, None] if value.ndim == 1 else value


def agrees(got, expected):
    expected = column(expected)
    return got.shape == expected.shape and np.abs(got - expected).max() <= 1e-8 * max(
        np.abs(expected).max(), 1e-3
    )


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_public_gradients(case, order):
    expr = matcalc.derive(case["ascii"], wrt=case["wrt"], shapes=case["shapes"]).sympy
    sizes = {
        size: length
        for name, shape in case["shapes"].items()
        for size, length in zip(shape, np.shape(case["inputs"][name]), strict=True)
    }
    assert agrees(numbers(expr, case["inputs"], sizes, order), case["expected"])


@pytest.fixture(scope="module")
def arrays():
    random = np.random.default_rng(5)
    made = {name: random.uniform(0.3, 1.5, [SIZES[size] for size in shape]) for name, shape in SHAPES.items()}
    made["S"] += np.eye(3)
    return made


@pytest.mark.parametrize(
    "formula", [f.strip() for line in FORMULAS.split("\n") for f in line.split(";") if f]
)
def test_values_of_all_operations(formula, arrays):
    shapes = {name: tuple(shape) for name, shape in SHAPES.items()}
    reading = read(formula, shapes)
    expr = to_sympy(reading.value, reading)
    expected = matcalc.evaluate(formula, shapes=shapes, **arrays)
    for order in ORDERS[:3]:  # the fourth inverts matrices of symbols
        assert agrees(numbers(expr, arrays, SIZES, order), expected), (order, expr)


def test_lambdify():
    expr = matcalc.gradient("norm2(tanh(A*x))^2", "x", {"A": ("m", "n"), "x": ("n",)})
    m, n = (Symbol(name, integer=True, positive=True) for name in "mn")
    explicit = expr.subs({m: 2, n: 3}).doit().as_explicit()
    function = sympy.lambdify([MatrixSymbol("A", 2, 3), MatrixSymbol("x", 3, 1)], explicit, "numpy")
    a, x = np.arange(6.0).reshape(2, 3) / 9, np.array([[1.0], [2.0], [-1.5]])
    value = np.tanh(a @ x)
    np.testing.assert_allclose(function(a, x), 2 * a.T @ (value * (1 - value**2)), rtol=1e-12)


def test_forms_read_as_a_person_would_write_them():
    m, k = sympy.symbols("m k", integer=True, positive=True)
    big, s, x = MatrixSymbol("A", m, k), MatrixSymbol("s", k, 1), MatrixSymbol("x", m, 1)
    shapes = "A: m×k, s: k, x: m, γ: scalar"
    assert matcalc.gradient("‖As − x‖² + γ‖A‖²", "s", shapes) == 2 * big.T * (big * s - x)
    assert matcalc.gradient("‖As − x‖² + γ‖A‖²", "γ", shapes) == Trace(big.T * big)
    assert matcalc.gradient("sᵀ(s ⊙ t)", "t", "s: k, t: k") == s.applyfunc(
        sympy.Lambda(Symbol("z"), Symbol("z") ** 2)
    )
    assert matcalc.gradient("xᵀ(y ⊙ z)", "z", "x: n, y: n, z: n").is_HadamardProduct


def test_chains_of_functions_are_one_lambda():
    reading = read("1 - tanh(W*x).^2", {"W": ("m", "n"), "x": ("n",)})
    expr = to_sympy(reading.value, reading)
    assert str(expr) == "Lambda(z, 1 - tanh(z)**2).(W*x)"


def test_the_variable_of_a_lambda_is_no_variable_of_the_formula():
    expr = matcalc.gradient("sum(exp(z*t))", "t", {"z": (), "t": ("u",)})
    arrays = {"z": 0.5, "t": [1.0, 2.0]}
    assert agrees(numbers(expr, arrays, {"u": 2}, "together"), 0.5 * np.exp([0.5, 1.0]))


@pytest.mark.parametrize("formula", ["sum(exp(2*x))", "x'*x", "norm2(x)"])
def test_vectors_of_one_entry(formula):
    expr = matcalc.gradient(formula, "x", {"x": (1,)})
    expected = {"sum(exp(2*x))": 2 * np.exp(1.4), "x'*x": 1.4, "norm2(x)": 1.0}[formula]
    assert agrees(numbers(expr, {"x": [0.7]}, {}, "together"), [expected])


def test_sizes_may_be_integers():
    expr = matcalc.gradient("norm2(A)^2", "A", {"A": (3, 2)})
    assert expr == 2 * MatrixSymbol("A", 3, 2)


def test_names_are_canonical():
    expr = matcalc.gradient("γ·x₁ᵀW_{in}x₁", "γ", {"W_in": ("n", "n"), "x1": ("n",)})
    assert {symbol.name for symbol in expr.atoms(MatrixSymbol)} == {"W_in", "x1"}


def test_a_rule_of_a_user(tmp_path):
    rules = tmp_path / "mine.toml"
    rules.write_text(
        'swish = { takes = "X", gives = "X", X = "D .* (sigmoid(X) + Y .* (1 - sigmoid(X)))",'
        ' value = "X .* sigmoid(X)" }\n'
        'cube = { takes = "X", gives = "X", X = "3*D .* X.^2", value = "X.^3", sympy = "NoSuchFunction" }\n'
        'loop = { takes = "X", gives = "X", X = "D", value = "loop(X + 1)" }\n'
    )
    reading = read("swish(x)", "x: n", [rules])
    expr = to_sympy(reading.value, reading)
    assert agrees(
        numbers(expr, {"x": [1.0, -2.0]}, {"n": 2}, "together"), [0.7310585786300049, -0.2384058440442351]
    )
    for name, message in (("cube", "NoSuchFunction"), ("loop", "defined by itself")):
        reading = read(f"{name}(x)", "x: n", [rules])
        with pytest.raises(matcalc.MatcalcError, match=message):
            to_sympy(reading.value, reading)


def test_what_is_too_deep_is_refused():
    formula = "x"
    for _ in range(500):
        formula = f"tanh(W*{formula})"
    derivation = matcalc.derive(f"sum({formula})", "x", {"W": ("n", "n"), "x": ("n",)})
    with pytest.raises(matcalc.MatcalcError, match="too deeply"):
        derivation.sympy


def test_inner_products_are_traces_and_hadamard_products_stay():
    expr = matcalc.gradient("(xᵀy)²", "x", "x: n, y: n")
    assert expr.has(Trace)
    assert matcalc.gradient("Σ x⊙y⊙w", "x", "x: n, y: n, w: n").func is HadamardProduct
