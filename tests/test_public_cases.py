"""The public gradient cases: numbers from an independent oracle, in all three spellings, to 1e-8."""

import json
from pathlib import Path

import numpy as np
import pytest

import matcalc

CASES = [
    case
    for case in map(
        json.loads, (Path(__file__).parent / "data" / "public.jsonl").read_text("utf-8").splitlines()
    )
    if case["kind"] == "gradient"
]
SPELLINGS = ("ascii", "unicode", "latex")

gradients = pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
typed = pytest.mark.parametrize("spelling", SPELLINGS)


def derived(case, spelling):
    return matcalc.derive(case[spelling], wrt=case["wrt"], shapes=case["shapes"])


def agrees(got, expected):
    got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    return np.abs(got - expected).max() <= 1e-8 * max(np.abs(expected).max(), 1e-3)


def test_there_are_cases():
    assert len(CASES) > 60


@gradients
@typed
def test_numbers(case, spelling):
    expected = np.array(case["expected"])
    got = derived(case, spelling).function("numpy")(**case["inputs"])
    assert got.shape == expected.shape
    assert agrees(got, expected)


@gradients
@typed
def test_every_printed_spelling_reads_back(case, spelling):
    derivation = derived(case, spelling)
    expected = np.array(case["expected"])
    for printed in (derivation.ascii(), derivation.unicode(), derivation.latex()):
        value = matcalc.evaluate(printed, shapes=case["shapes"], **case["inputs"])
        # The gradient 0 of an array reads back as the number 0; any other has its shape.
        assert value.shape == expected.shape or (value.shape == () and value == 0), printed
        assert agrees(np.broadcast_to(value, expected.shape), expected), printed


@gradients
def test_the_three_spellings_are_one_formula(case):
    assert len({derived(case, spelling).unicode() for spelling in SPELLINGS}) == 1


@gradients
def test_the_check_confirms_every_right_result(case):
    assert derived(case, "unicode").check().ok is True


@gradients
@typed
def test_sympy(case, spelling):
    expected = np.array(case["expected"], dtype=float)
    assert agrees(sympy_value(derived(case, spelling).sympy, case), expected)


def sympy_value(expression, case):
    """The numbers of a SymPy result: first the sizes go in, then scalars and matrices by name; vectors are n×1."""
    import sympy

    inputs = {name: np.asarray(value, dtype=float) for name, value in case["inputs"].items()}
    sizes = {
        size: length
        for name, value in inputs.items()
        for size, length in zip(case["shapes"][name], value.shape, strict=True)
    }
    expression = sympy.sympify(expression)
    expression = expression.subs(
        {s: sizes[s.name] for s in expression.atoms(sympy.Symbol) if s.name in sizes}
    )
    given = {
        symbol: sympy.ImmutableMatrix(inputs[symbol.name].reshape([int(n) for n in symbol.shape]))
        for symbol in expression.atoms(sympy.MatrixSymbol)
    }
    given |= {
        symbol: sympy.Float(float(inputs[symbol.name]), 17)
        for symbol in expression.atoms(sympy.Symbol)
        if symbol.name in inputs
    }
    value = expression.subs(given).doit()
    if getattr(value, "is_Matrix", False):
        value = value.as_explicit().doit()
    numbers = np.array(value.evalf(17).tolist() if getattr(value, "is_Matrix", False) else value.evalf(17))
    return np.reshape(numbers.astype(float), np.shape(case["expected"]))
