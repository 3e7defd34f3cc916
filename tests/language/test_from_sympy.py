"""SymPy expressions as formulas: they give what their text gives, and results of ours can be read again."""

import json
import sys
from pathlib import Path

import numpy as np
import pytest
import sympy as sp
from sympy import (
    Determinant,
    HadamardPower,
    HadamardProduct,
    Identity,
    Lambda,
    MatrixSymbol,
    OneMatrix,
    Symbol,
    Trace,
)

import matcalc
from matcalc.language.from_sympy import read_sympy

DATA = Path(__file__).parent.parent / "data" / "public.jsonl"
CASES = [case for case in map(json.loads, DATA.read_text("utf-8").splitlines()) if case["kind"] == "gradient"]

m, n = sp.symbols("m n", integer=True, positive=True)
A, S, Q = MatrixSymbol("A", m, n), MatrixSymbol("S", n, n), MatrixSymbol("Q", 3, 2)
b, x, y = MatrixSymbol("b", m, 1), MatrixSymbol("x", n, 1), MatrixSymbol("y", n, 1)
c, g, z = Symbol("c"), Symbol("gamma"), Symbol("z")
ones = OneMatrix(1, n)

SAME = [
    (Trace((A * x - b).T * (A * x - b)), "(A*x - b)'*(A*x - b)", "x"),
    (Trace((A * x - b).T * (A * x - b)) + g * Trace(A.T * A), "norm2(A*x - b)^2 + gamma*norm2(A)^2", "A"),
    (sp.log(Determinant(S)), "logdet(S)", "S"),
    (x.T * S.I * y, "x'*inv(S)*y", "S"),
    (Trace(S**3), "tr(S^3)", "S"),
    (Trace(S**-2), "tr(S^-2)", "S"),
    (ones * x.applyfunc(sp.exp), "sum(exp(x))", "x"),
    (ones * (A.T * b).applyfunc(Lambda(z, sp.log(1 + sp.exp(-z)))), "sum(log(1 + exp(-A'*b)))", "b"),
    (ones * x.applyfunc(Lambda(z, c * z / (1 + z**2))), "sum(c*x./(1 + x.^2))", "x"),
    (x.T * HadamardProduct(x, y), "x'*(x.*y)", "x"),
    (ones * HadamardPower(x, c), "sum(x.^c)", "x"),
    (ones * HadamardPower(x, sp.Rational(3, 2)) / c, "sum(x.^1.5)/c", "x"),
    (x.T * sp.DiagMatrix(y) * x, "x'*diag(y)*x", "y"),
    (Trace(S) / 3 - c * Trace(S * S.T), "tr(S)/3 - c*tr(S*S')", "S"),
    (x.T * (S + 3 * OneMatrix(n, n)) * x, "x'*(S + 3)*x", "x"),
    (x.T * (S + c * Identity(n)) * x, "x'*(S + c*I)*x", "x"),
    (c**2 * sp.sin(c) / sp.sqrt(c + 1), "c^2*sin(c)/sqrt(c + 1)", "c"),
    (
        sp.Max(c, g) * sp.Heaviside(g) + sp.Abs(c) * sp.sign(g) * sp.erf(c),
        "max(c, gamma)*step(gamma) + abs(c)*sign(gamma)*erf(c)",
        "c",
    ),
    (sp.pi * sp.exp(1) * sp.asin(c) + 0.1 * c, "pi*exp(1)*arcsin(c) + 0.1*c", "c"),
    (sp.sqrt(Trace(x.T * x)), "norm2(x)", "x"),
    (Trace(Q.T * Q), "norm2(Q)^2", "Q"),
    (Determinant(S) * Trace(S), "det(S)*tr(S)", "S"),
]


@pytest.mark.parametrize(("expr", "text", "wrt"), SAME, ids=[text for _, text, _ in SAME])
def test_sympy_gives_what_text_gives(expr, text, wrt):
    shapes = {
        "A": ("m", "n"),
        "S": ("n", "n"),
        "Q": (3, 2),
        "b": ("m",),
        "x": ("n",),
        "y": ("n",),
        "c": (),
        "γ": (),
    }
    known = [name for name in shapes if name == "γ" and "gamma" in text or name in text]
    random = np.random.default_rng(3)
    sizes = {"m": 4, "n": 3, 2: 2, 3: 3}
    arrays = {name: random.uniform(0.2, 0.9, [sizes[s] for s in shapes[name]]) for name in shapes}
    ours = matcalc.derive(expr, wrt=wrt)
    theirs = matcalc.derive(text, wrt=wrt, shapes={name: shapes[name] for name in known})
    assert ours.shape == theirs.shape
    got = ours.function("numpy")(**arrays)
    np.testing.assert_allclose(got, theirs.function("numpy")(**arrays), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize(
    ("expr", "wrt", "gradient"),
    [
        (x.T * x, "x", "2x"),
        (Trace((A * x - b).T * (A * x - b)), "x", "2Aᵀ(Ax − b)"),
        (x.T * S.I * y, "S", "−S⁻ᵀxyᵀS⁻ᵀ"),
    ],
)
def test_gradients_print_as_from_text(expr, wrt, gradient):
    assert matcalc.derive(expr, wrt=wrt).unicode() == gradient


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_our_results_read_back(case):
    derivation = matcalc.derive(case["ascii"], wrt=case["wrt"], shapes=case["shapes"])
    value = matcalc.evaluate(derivation.sympy, shapes=case["shapes"], **case["inputs"])
    expected = np.array(case["expected"])
    assert value.shape == expected.shape
    assert np.abs(value - expected).max() <= 1e-8 * max(np.abs(expected).max(), 1e-3)


def test_text_and_shapes():
    text, parsed = read_sympy(A * x + c * b)
    assert text == "c*b + A*x"
    assert parsed.shapes == {"A": ("m", "n"), "x": ("n",), "b": ("m",), "c": ()}
    assert read_sympy(Trace(Q.T * Q))[1].shapes == {"Q": (3, 2)}
    assert read_sympy(MatrixSymbol("x_1", 1, 1) + MatrixSymbol("W_{in}", 1, 1))[1].shapes == {
        "x1": (),
        "W_in": (),
    }


def test_sizes_are_numbers_too():
    derivation = matcalc.derive(x.T * x / n, wrt="x")
    np.testing.assert_allclose(derivation.function("numpy")(x=[1.0, 2.0]), [1.0, 2.0])


def test_parts_that_occur_often_are_read_once():
    value = x
    for _ in range(40):
        value = HadamardProduct(value, value.applyfunc(Lambda(z, sp.tanh(z))))
    _, parsed = read_sympy(value)
    assert len(parsed.definitions) == 39


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (None, "NoneType"),
        (3, "int 3"),
        (object(), "object"),
        ([x], "list"),
        (np.eye(2), "ndarray"),
        (sp.Matrix([1, 2]), "explicit matrix"),
        (sp.Eq(c, 1), "Equality"),
        (sp.true, "BooleanTrue"),
        (Trace(MatrixSymbol("R", 2, 2) * sp.ImmutableMatrix([[1, 2], [3, 4]])), "explicit matrix"),
        (Trace(MatrixSymbol("r", 1, n) * x), r"use the transpose of a column, MatrixSymbol\('r', n, 1\).T"),
        (Trace(MatrixSymbol("R", n + 1, n + 1)), r"a size is a symbol or an integer, not n \+ 1"),
        ((x.T * y)[0, 0], "Sum over an index"),
        (x[0, 0], "single entries"),
        (sp.I * c, "ImaginaryUnit"),
        (sp.oo * c, "no number"),
        (sp.nan, "no number"),
        (sp.zoo, "ComplexInfinity"),
        (Symbol("foo bar"), "`foo bar` is no name"),
        (Symbol("__import__") * c, "`__import__` is no name"),
        (Symbol("x1") * Symbol("x_1"), "two different symbols"),
        (Symbol("x") * Trace(x.T * x), "two different symbols"),
        (Symbol("q", commutative=False), "does not commute"),
        (sp.Function("f")(c), "SymPy's f is not read"),
        (sp.Function("exp")(c, c), "exp"),
        (sp.zeta(c), "SymPy's zeta"),
        (sp.Integral(c, (c, 0, 1)), "Integral"),
        (sp.Piecewise((c, c > 0), (0, True)), "Piecewise"),
        (sp.Heaviside(c, 0), "½"),
        (Trace(sp.BlockMatrix([[S, S], [S, S]])), "BlockMatrix"),
    ],
    ids=lambda value: str(type(value).__name__) if not isinstance(value, str) else value[:20],
)
def test_what_can_not_be_read_is_named(value, message):
    with pytest.raises(matcalc.MatcalcError, match=message):
        matcalc.derive(value, wrt="x")


def test_errors_point_at_the_place():
    with pytest.raises(matcalc.MatcalcError) as caught:
        matcalc.derive(c + sp.zeta(g), wrt="c")
    assert (caught.value.text, caught.value.start, caught.value.end) == ("c + zeta(gamma)", 4, 15)


def test_what_is_nested_too_deeply_is_refused():
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(20_000)
    try:
        deep = c
        for _ in range(400):
            deep = sp.sin(deep + 1, evaluate=False)
    finally:
        sys.setrecursionlimit(limit)
    with pytest.raises(matcalc.MatcalcError, match="too deeply"):
        read_sympy(deep)
