"""SymPy source: under `from sympy import *` it gives back exactly the expression."""

import json
from pathlib import Path

import pytest
import sympy

import matcalc
from matcalc.printers.sympy_source import source_of, sympy_source
from matcalc.reading import read

DATA = Path(__file__).parent.parent / "data" / "public.jsonl"
CASES = [json.loads(line) for line in DATA.read_text("utf-8").splitlines()]
SYMPY = {name: getattr(sympy, name) for name in sympy.__all__}  # what `from sympy import *` gives

FORMULAS = """
logsumexp(A); softmax(x); norm2(A - B); tr(inv(S + c*I)); 2.^A; x.^y; A.^2.5; diag(x.*y); diag(S); A*vector(1); 0*x
eye + S; S^-2; softplus(A); max(A, B); A - x'*y; sum(x)*vector(2)'*x; -c; -c/3; 2; -1/2; c^-2; sqrt(c) - 1/c; pi*c
x.*x.*y - x; sum(2 + exp(softmax(x))); -x; -(x - y); exp(1)*c; abs(c); max(c, 2, 3); x'*inv(S)*x/c; (c - 1)*(x - y)
"""


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_public_cases(case):
    derivation = matcalc.derive(case["ascii"], wrt=case["wrt"], shapes=case["shapes"], kind=case["kind"])
    source = source_of(derivation.sympy)
    assert "\n" not in source
    assert eval(source, dict(SYMPY)) == derivation.sympy


@pytest.mark.parametrize(
    "formula", [f.strip() for line in FORMULAS.split("\n") for f in line.split(";") if f]
)
def test_other_forms(formula):
    if formula == "max(c, 2, 3)":
        formula = "max(max(c, 2), 3)"
    reading = read(formula, "A: m×n, B: m×n, S: n×n, x: n, y: n, c: scalar")
    source = sympy_source(reading.value, reading)
    value = eval(source, dict(SYMPY))
    assert isinstance(value, sympy.Basic)
    assert value == eval(source_of(value), dict(SYMPY))


def test_arrays_read_well():
    derivation = matcalc.derive("AXB", "X", "A: k×m, X: m×n, B: n×p", kind="jacobian")
    assert source_of(derivation.sympy) == (
        "(lambda arrays: (lambda k, m, n, p: (lambda A, B: "
        "arrays.PermuteDims(arrays.ArrayTensorProduct(A, B), [0, 3, 1, 2]))"
        "(MatrixSymbol('A', k, m), MatrixSymbol('B', n, p)))"
        "(*symbols('k m n p', integer=True, positive=True)))"
        "(__import__('sympy.tensor.array.expressions', fromlist=['*']))"
    )


def test_it_reads_well():
    derivation = matcalc.derive("‖As − x‖²", "s", "A: m×k, s: k, x: m")
    assert sympy_source(derivation.result, derivation.reading) == (
        "(lambda m, k: (lambda A, x, s: 2*A.T*(-x + A*s))"
        "(MatrixSymbol('A', m, k), MatrixSymbol('x', m, 1), MatrixSymbol('s', k, 1)))"
        "(*symbols('m k', integer=True, positive=True))"
    )


@pytest.mark.parametrize("names", [("lambda", "S", "E"), ("MatMul", "Trace", "exp_in"), ("h1", "N", "I_x")])
def test_names_that_python_or_sympy_use(names):
    scalar, matrix, vector = names
    shapes = {scalar: (), matrix: ("n", "n"), vector: ("n",)}
    derivation = matcalc.derive(f"{scalar}*sum(exp({matrix}*{vector}))", wrt=matrix, shapes=shapes)
    assert eval(sympy_source(derivation.result, derivation.reading), dict(SYMPY)) == derivation.sympy


def test_shared_parts_are_written_once():
    lengths = []
    for layers in (10, 20, 40):
        formula = "x"
        for _ in range(layers):
            formula = f"tanh(W*{formula})"
        derivation = matcalc.derive(f"sum({formula})", "x", {"W": ("n", "n"), "x": ("n",)})
        source = sympy_source(derivation.result, derivation.reading)
        assert eval(source, dict(SYMPY)) == derivation.sympy
        lengths.append(len(source))
    assert lengths[2] < 5 * lengths[0]


def test_what_has_no_source_is_refused():
    with pytest.raises(matcalc.MatcalcError, match="has no source"):
        source_of(sympy.Function("f")(sympy.Symbol("x")))
