"""SymPy array expressions: random contractions and tensors, with numbers put in, against NumPy's einsum."""

import random

import numpy as np
import pytest
import sympy
from sympy import ImmutableMatrix, MatrixSymbol, Symbol
from sympy.tensor.array import ImmutableDenseNDimArray
from sympy.tensor.array.expressions import ArraySymbol

from matcalc.errors import RuleProblem
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


TENSOR = ("a", "b", "c")


def tensor(reading, name):
    return reading.graph.variable(name, TENSOR)


TENSORS = {
    "add": (lambda g, s, t, c: g("add", s, t), lambda s, t, c: s + t),
    "sub": (lambda g, s, t, c: g("sub", s, g("sub", t, s)), lambda s, t, c: 2 * s - t),
    "neg": (lambda g, s, t, c: g("neg", s), lambda s, t, c: -s),
    "scale": (lambda g, s, t, c: g("scale", c, g("add", s, t)), lambda s, t, c: c * (s + t)),
    "over": (lambda g, s, t, c: g("over", s, c), lambda s, t, c: s / c),
    "fill": (lambda g, s, t, c: g("add", g("fill", c), t), lambda s, t, c: c + t),
    "scaled fill": (
        lambda g, s, t, c: g("exp", g("scale", c, g("fill", c))),
        lambda s, t, c: 0 * s + np.exp(c * c),
    ),
    "zero": (lambda g, s, t, c: g("sub", g("fill", c), g("fill", c)), lambda s, t, c: 0 * s),
    "hadamard": (lambda g, s, t, c: g("hadamard", s, t), lambda s, t, c: s * t),
    "by a fill": (lambda g, s, t, c: g("hadamard", g("fill", c), t), lambda s, t, c: c * t),
    "eldivide": (lambda g, s, t, c: g("eldivide", s, t), lambda s, t, c: s / t),
    "tanh": (lambda g, s, t, c: g("tanh", g("add", s, t)), lambda s, t, c: np.tanh(s + t)),
    "power": (lambda g, s, t, c: g("power", s, c), lambda s, t, c: s**c),
    "max": (lambda g, s, t, c: g("max", s, t), lambda s, t, c: np.maximum(s, t)),
    "min": (lambda g, s, t, c: g("min", s, t), lambda s, t, c: np.minimum(s, t)),
}


@pytest.mark.parametrize("name", TENSORS)
def test_operations_on_tensors(name, reading):
    build, expected = TENSORS[name]
    graph = reading.graph

    def make(op, *args):
        return graph.node(op, args, TENSOR)

    c = graph.variable("c", (None, None))
    node = build(make, tensor(reading, "S"), tensor(reading, "T"), c)
    random = np.random.default_rng(4)
    arrays = {name: random.uniform(0.2, 1.5, (2, 3, 4)) for name in "ST"} | {"c": 0.7}
    expr = to_sympy(node, reading)
    assert shape_of(expr) == (2, 3, 4)
    np.testing.assert_allclose(numbers(expr, arrays), expected(arrays["S"], arrays["T"], 0.7), atol=1e-12)
    assert eval(source_of(expr), dict(SYMPY)) == expr


def test_entries_of_tensors_in_matrices(reading):
    """Σ_k (S + T)[i,j,k] v[k] in a product with a matrix, and the norm of a tensor in a scalar's function."""
    graph = reading.graph
    both = graph.node("add", (tensor(reading, "S"), tensor(reading, "T")), TENSOR)
    v = graph.variable("v", ("c", None))
    matrix = graph.node("contract", (both, v), ("a", "b"), Subscripts.of(["ijk", "k"], "ij"))
    product = graph.node("matmul", (matrix, graph.variable("B", ("b", "e"))), ("a", "e"))
    norm = graph.node("exp", (graph.node("norm2", (both,), (None, None)),), (None, None))
    node = graph.node("scale", (norm, product), ("a", "e"))
    random = np.random.default_rng(6)
    arrays = {name: random.uniform(0.1, 0.4, (2, 3, 4)) for name in "ST"}
    arrays |= {"v": random.normal(size=4), "B": random.normal(size=(3, 5))}
    total = arrays["S"] + arrays["T"]
    expected = np.exp(np.sqrt((total**2).sum())) * (total @ arrays["v"]) @ arrays["B"]
    expr = to_sympy(node, reading)
    np.testing.assert_allclose(numbers(expr, arrays), expected, rtol=1e-10)
    assert eval(source_of(expr), dict(SYMPY)) == expr


def test_a_scalar_that_is_an_entry_is_no_matrix():
    """SymPy counts an entry of a matrix as an array with two axes."""
    reading = read("sum(2 + exp(softmax(x)))", {"x": ("b",)})
    total, x = reading.value, reading.graph.variable("x", ("b", None))
    triple = reading.graph.node(
        "contract", (total, x, x, x), ("b",) * 3, Subscripts.of(["", "i", "j", "k"], "ijk")
    )
    node = reading.graph.node("scale", (total, triple), ("b",) * 3)
    value = np.array([0.2, -0.5, 0.9])
    factor = np.sum(2 + np.exp(np.exp(value) / np.exp(value).sum()))
    expected = factor**2 * np.einsum("i,j,k->ijk", value, value, value)
    np.testing.assert_allclose(numbers(to_sympy(node, reading), {"x": value}), expected, rtol=1e-10)


def test_what_has_no_sympy_form_is_refused(reading):
    node = reading.graph.node("elpower", (tensor(reading, "S"), tensor(reading, "T")), TENSOR)
    with pytest.raises(RuleProblem, match="no SymPy form"):
        to_sympy(node, reading)
    with pytest.raises(RuleProblem, match="no SymPy form"):
        to_sympy(reading.graph.node("tr", (tensor(reading, "S"),), (None, None)), reading)
