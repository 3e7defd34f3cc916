"""The public cases of all kinds: numbers from an independent oracle, in all three spellings, to 1e-8."""

import json
from pathlib import Path

import numpy as np
import pytest
import sympy
from sympy.tensor.array.expressions import ArrayAdd, ArrayContraction, ArrayTensorProduct, PermuteDims

import matcalc

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "data" / "public.jsonl").read_text("utf-8").splitlines()
]
SPELLINGS = ("ascii", "unicode", "latex")

cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
typed = pytest.mark.parametrize("spelling", SPELLINGS)


def index_notation_is_read():
    """Whether the language has index notation, in which results with more than two axes are printed."""
    try:
        value = matcalc.evaluate("A[i,k]B[l,j]", A=[[1.0, 2.0]], B=[[1.0], [2.0], [3.0]])
    except matcalc.MatcalcError:
        return False
    return value.shape == (1, 1, 2, 3)


READS_INDICES = index_notation_is_read()


def derived(case, spelling):
    return matcalc.derive(case[spelling], wrt=case["wrt"], shapes=case["shapes"], kind=case["kind"])


def agrees(got, expected):
    got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    return np.abs(got - expected).max() <= 1e-8 * max(np.abs(expected).max(), 1e-3)


def test_there_are_cases():
    assert len(CASES) > 60
    assert {case["kind"] for case in CASES} == {"gradient", "jacobian"}


@cases
@typed
def test_numbers(case, spelling):
    expected = np.array(case["expected"])
    got = derived(case, spelling).function("numpy")(**case["inputs"])
    assert got.shape == expected.shape
    assert agrees(got, expected)


@cases
@typed
def test_every_printed_spelling_reads_back(case, spelling):
    derivation = derived(case, spelling)
    expected = np.array(case["expected"])
    if len(derivation.shape) > 2 and not READS_INDICES:
        pytest.skip("index notation can't be read yet")
    for printed in (derivation.ascii(), derivation.unicode(), derivation.latex()):
        value = matcalc.evaluate(printed, shapes=case["shapes"], **case["inputs"])
        # The gradient 0 of an array reads back as the number 0; any other has its shape.
        assert value.shape == expected.shape or (value.shape == () and value == 0), printed
        assert agrees(np.broadcast_to(value, expected.shape), expected), printed


@cases
def test_the_three_spellings_are_one_formula(case):
    assert len({derived(case, spelling).unicode() for spelling in SPELLINGS}) == 1


@cases
def test_the_check_confirms_every_right_result(case):
    assert derived(case, "unicode").check().ok is True


@cases
@typed
def test_sympy(case, spelling):
    expected = np.array(case["expected"], dtype=float)
    expression = derived(case, spelling).sympy
    if expected.ndim > 2:
        assert isinstance(expression, (ArrayAdd, ArrayContraction, ArrayTensorProduct, PermuteDims))
    got = sympy_value(expression, case)
    assert got.shape == (expected[:, None] if expected.ndim == 1 else expected).shape
    assert agrees(got.reshape(expected.shape), expected)


def sympy_value(expression, case):
    """The numbers of a SymPy result: first the sizes go in, then scalars, matrices and arrays; vectors are n×1."""
    inputs = {name: np.asarray(value, dtype=float) for name, value in case["inputs"].items()}
    sizes = {
        sympy.Symbol(size, integer=True, positive=True): sympy.Integer(length)
        for name, value in inputs.items()
        for size, length in zip(case["shapes"][name], value.shape, strict=True)
    }
    expression = sympy.sympify(expression).xreplace(sizes)
    given = {
        symbol: sympy.ImmutableMatrix(inputs[symbol.name].reshape([int(n) for n in symbol.shape]))
        for symbol in expression.atoms(sympy.MatrixSymbol)
    }
    given |= {
        symbol: sympy.Float(float(inputs[symbol.name]), 17)
        for symbol in expression.atoms(sympy.Symbol)
        if symbol.name in inputs
    }
    value = expression.subs(given)
    if np.ndim(case["expected"]) == 0:
        return np.array(value.doit().evalf(17)).astype(float)
    value = value.doit() if getattr(value, "is_Matrix", False) else value
    return np.array(value.as_explicit().applyfunc(lambda entry: entry.doit()).tolist()).astype(float)
