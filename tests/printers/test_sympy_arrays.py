"""SymPy array expressions: random contractions and tensors, with numbers put in, against NumPy's einsum."""

import random

import numpy as np
import pytest
import sympy
from sympy import ImmutableMatrix, MatrixSymbol, Symbol
from sympy.tensor.array import ImmutableDenseNDimArray
from sympy.tensor.array.expressions import ArraySymbol

from matcalc.graph.node import full_shape
from matcalc.graph.subscripts import Subscripts
from matcalc.printers.sympy_source import source_of
from matcalc.printers.to_sympy import to_sympy
from matcalc.reading import read

SIZES = {"a": 2, "b": 3, "c": 4, "d": 1, "e": 5}
SYMPY = {name: getattr(sympy, name) for name in sympy.__all__}


def numbers(expr, arrays, sizes=SIZES, doit=False):
    """The numbers of a SymPy expression by the recipe of ``to_sympy``; with ``doit`` that is taken on the way too."""
    named = {Symbol(name, integer=True, positive=True): sympy.Integer(size) for name, size in sizes.items()}
    expr = expr.xreplace(named)
    given = {
        Symbol(name): sympy.Float(float(value), 17) for name, value in arrays.items() if np.ndim(value) == 0
    }
    for symbol in expr.atoms(MatrixSymbol):
        array = np.asarray(arrays[symbol.name], dtype=float)
        given[symbol] = ImmutableMatrix(array.reshape([int(size) for size in symbol.shape]).tolist())
    for symbol in expr.atoms(ArraySymbol):
        given[symbol] = ImmutableDenseNDimArray(np.asarray(arrays[str(symbol.name)]).tolist())
    expr = expr.subs(given)
    expr = expr.doit() if doit else expr
    if isinstance(expr, sympy.Expr) and not getattr(expr, "shape", ()):
        return np.array(expr.doit()).astype(float)
    return np.array(expr.as_explicit().applyfunc(lambda entry: entry.doit()).tolist()).astype(float)


def shape_of(expr, sizes=SIZES):
    named = {Symbol(name, integer=True, positive=True): size for name, size in sizes.items()}
    return tuple(int(sympy.sympify(size).subs(named)) for size in getattr(expr, "shape", ()))


def as_sympy_has_it(array):
    array = np.asarray(array, dtype=float)
    return array[:, None] if array.ndim == 1 else array


@pytest.fixture
def reading():
    return read("x'*x", {"x": ("n",)})


def random_contraction(rng, graph):
    """A contraction of random variables as a node, and its einsum."""
    inputs = [
        [rng.choice("abcde") for _ in range(rng.choice([0, 1, 1, 2, 2, 3]))] for _ in range(rng.randint(1, 4))
    ]
    present = sorted({index for part in inputs for index in part})
    output = [index for index in present if rng.random() < 0.6]
    output += [index for index in "abe" if index not in output + present and rng.random() < 0.1]
    rng.shuffle(output)
    arrays, args = {}, []
    for count, part in enumerate(inputs):
        shape = full_shape(part)
        if len(part) == 1 and rng.random() < 0.3:
            shape = (None, part[0])
        args.append(graph.variable(f"X{count}", shape))
        numbers = np.random.default_rng(rng.randrange(10**6))
        arrays[f"X{count}"] = numbers.integers(-3, 4, [SIZES[index] for index in part])
    node = graph.node("contract", tuple(args), full_shape(output), Subscripts.of(inputs, output))
    missing = [index for index in output if index not in present]
    subscripts = ",".join("".join(part) for part in [*inputs, *missing]) + "->" + "".join(output)
    expected = np.einsum(subscripts, *arrays.values(), *(np.ones(SIZES[index]) for index in missing))
    cells = np.prod([SIZES[index] for part in inputs for index in part])
    return node, arrays, expected, cells


@pytest.mark.parametrize("seed", range(120))
def test_random_contractions(seed, reading):
    cells = 10**9
    rng = random.Random(seed)
    while cells > 1500:
        node, arrays, expected, cells = random_contraction(rng, reading.graph)
    expr = to_sympy(node, reading)
    expected = as_sympy_has_it(expected)
    assert shape_of(expr) == expected.shape
    for doit in (False, True):
        got = numbers(expr, arrays, doit=doit)
        assert got.shape == expected.shape
        np.testing.assert_allclose(got, expected, atol=1e-12)
    assert eval(source_of(expr), dict(SYMPY)) == expr
