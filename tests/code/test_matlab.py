"""Generated MATLAB code runs in GNU Octave and gives the numbers of the independent oracle and of the NumPy code."""

import json
import re
from pathlib import Path

import numpy as np
import pytest
from in_octave import OCTAVE, Call, run, shaped

import matcalc
from matcalc.code.function import code
from matcalc.graph.node import axes, full_shape
from matcalc.graph.sizes import symbols
from matcalc.verification.arrays import dimensions

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "public.jsonl").read_text("utf-8").splitlines()
]
needs_octave = pytest.mark.skipif(OCTAVE is None, reason="GNU Octave is missing (apt-get install octave)")

# Blocks, factorizations, selections, tensors, names: what the public cases lack.  All sizes are different.
MORE = [
    ("‖T − UVᵀ‖²", "U", "hessian", "T: n×m, U: n×k, V: m×k", {}),
    ("Σ log(1 + exp(y ⊙ (Xw)))", "w", "hessian", "X: n×m, y: n, w: m", {}),
    ("log det(S) + xᵀS⁻¹x", "S", "gradient", "S: n×n, x: n", {"assume": "S: spd"}),
    ("log det(S) + xᵀS⁻¹x", "S", "hessian", "S: n×n, x: n", {}),
    ("tr(chol(A + 2B)B)", "A", "gradient", "A: n×n, B: n×n", {}),
    ("log det [A b; bᵀ c]", "b", "gradient", "A: n×n, b: n, c: scalar", {}),
    ("‖W[h; x; 1]‖²", "W", "gradient", "W: n×6, h: 2, x: 3", {}),
    ("softmax(XW, rows)", "W", "jacobian", "X: n×m, W: m×k", {}),
    ("⟨T, logsumexp(X, columns)xᵀ⟩", "X", "hessian", "X: n×m, T: m×k, x: k", {}),
    ("x[2]³ + Σ X[:,2] ⊙ X[:,1]", "X", "gradient", "X: n×3, x: 4", {}),
    ("kron(A, B)x", "A", "jacobian", "A: n×m, B: k×p, x: mp", {}),
    ("vec(Xᵀ)", "X", "jacobian", "X: n×m", {}),
    ("diag(x) + x𝟏ᵀ", "x", "jacobian", "x: n", {}),
    ("Σᵢⱼₖ T[i,j,k] x[i] y[j]² z[k]", "y", "hessian", "T: n×m×k, x: n, y: m, z: k", {}),
    ("Σᵢ T[i,i,k] x[i]", "x", "jacobian", "T: n×n×m, x: n", {}),
    ("2^x ⊙ y^γ", "x", "jacobian", "x: n, y: n, γ: scalar", {}),
    ("gammafn(γ) ‖x‖ + e", "γ", "gradient", "x: n, e: scalar, γ: scalar", {}),
    ("size + numel Σ end + ‖zeros − j‖ i", "zeros", "hessian",
     "size: scalar, numel: scalar, end: n, zeros: m, j: m, i: scalar", {}),
    ("‖A x − k‖²", "A", "hessian", "A: i×j, x: j, k: i", {}),
    ("3 tr(X)", "X", "gradient", "X: n×n", {}),
    ("Σ x", "x", "hessian", "x: n", {}),
]  # fmt: skip


def derived(case):
    return matcalc.derive(case["unicode"], wrt=case["wrt"], shapes=case["shapes"], kind=case["kind"])


def called(derivation, inputs, dtype=np.float64):
    """The call of the MATLAB function of a derivation."""
    source = code([derivation], "matlab")
    arguments = (np.asarray(inputs[str(node.data)], dtype=dtype) for node, _ in source.arguments)
    return Call(source.text, tuple(arguments))


def agrees(got, expected, tolerance=1e-8):
    got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    return np.abs(got - expected).max() <= tolerance * max(np.abs(expected).max(), 1e-3)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Of the public cases, first in double, then in single precision."""
    kinds = (np.float64, np.float32)
    calls = [called(derived(case), case["inputs"], kind) for kind in kinds for case in CASES]
    return run(tmp_path_factory.mktemp("octave"), calls)


places = pytest.mark.parametrize("place", range(len(CASES)), ids=[case["name"] for case in CASES])


@needs_octave
@places
def test_octave_gives_the_numbers_of_the_oracle_and_of_numpy(results, place):
    case = CASES[place]
    assert not isinstance(results[place], str), results[place]
    (_, value), (_, derivative) = results[place]
    expected = np.array(case["expected"])
    got = shaped(derivative, expected.shape)
    assert got is not None, (derivative.shape, expected.shape)
    assert agrees(got, expected)
    by_numpy = derived(case).function("numpy", value=True)(**case["inputs"])
    assert agrees(shaped(value, np.shape(by_numpy[0])), by_numpy[0])
    assert agrees(got, by_numpy[1])


@needs_octave
@places
def test_single_precision_stays(results, place):
    assert not isinstance(results[len(CASES) + place], str), results[len(CASES) + place]
    for (kind, got), (_, exact) in zip(results[len(CASES) + place], results[place], strict=True):
        assert kind == "single"
        assert agrees(got, exact, 1e-3)


@needs_octave
@pytest.mark.parametrize("pool", [(5, 4, 3, 2), (1, 3, 1, 2), (3, 1, 2, 1)])
def test_more_formulas_at_different_sizes_and_at_sizes_of_one(tmp_path, pool):
    rng = np.random.default_rng(7)
    calls, expected = [], []
    for formula, wrt, kind, shapes, options in MORE:
        derivation = matcalc.derive(formula, wrt=wrt, shapes=shapes, kind=kind, **options)
        inputs = arrays(code([derivation], "numpy").arguments, pool, rng)
        calls.append(called(derivation, inputs))
        expected.append((formula, derivation.function("numpy", value=True)(**inputs)))
    for (formula, numbers), call, got in zip(expected, calls, run(tmp_path, calls), strict=True):
        assert not isinstance(got, str), (formula, got, call.text)
        for (_, array), number in zip(got, numbers, strict=True):
            array = shaped(array, np.shape(number))
            assert array is not None and agrees(array, number), (formula, call.text)


def arrays(arguments, pool, rng):
    """Positive arrays, square ones positive definite."""
    sizes = {}
    for node, _ in arguments:
        for symbol in (s for size in axes(node.shape) for s in symbols(size) if isinstance(s, str)):
            sizes.setdefault(symbol, pool[len(sizes) % len(pool)])
    found = {}
    for node, _ in arguments:
        shape = tuple(dimensions(full_shape(axes(node.shape)), sizes))[: len(axes(node.shape))]
        array = rng.uniform(0.2, 1.2, shape)
        if len(shape) == 2 and shape[0] == shape[1]:
            array = array @ array.T / 3 + np.eye(shape[0])
        found[str(node.data)] = array
    return found


def body(formula, wrt, **options):
    """The lines of the function but for the comment."""
    text = matcalc.derive(formula, wrt, **options).code("matlab")
    lines = text.split("\nend\n")[0].splitlines()[1:]
    return [line.strip() for line in lines if line and not line.startswith("%")]


@pytest.mark.parametrize(
    ("formula", "wrt", "options", "lines"),
    [
        ("‖As − x‖²", "A", {}, ["r = A * s - x;", "value = r' * r;", "grad_A = 2 * r * s';"]),
        ("‖As − x‖²", "s", {}, ["r = A * s - x;", "value = r' * r;", "grad_s = 2 * (A' * r);"]),
        ("Σ σ(x) ⊙ y", "y", {}, ["grad_y = sigmoid(x);", "value = grad_y' * y;"]),
        ("tr(X)γ", "γ", {}, ["grad_gamma = trace(X);", "value = gamma * grad_gamma;"]),
        ("⟨X, X⟩", "X", {}, ["value = sum(sum(X .^ 2));", "grad_X = 2 * X;"]),
        (
            "γ ‖X⁻¹b‖",
            "γ",
            {"shapes": "X: n×n"},
            ["grad_gamma = norm(X \\ b);", "value = gamma * grad_gamma;"],
        ),
    ],
)
def test_the_text_is_that_of_a_matlab_user(formula, wrt, options, lines):
    assert body(formula, wrt, **options) == lines


def test_a_diagonal_is_written_into_its_places():
    lines = body("Σ exp(Ax) + γ xᵀx", "x", kind="hessian", shapes="A: m×n, x: n")
    assert any("(1:n+1:end) + 2 * gamma;" in line for line in lines)
    assert not any("eye" in line for line in lines)


@pytest.mark.parametrize(
    ("formula", "wrt", "shapes"),
    [
        ("γ‖x‖² + Σ exp(β ψ)", "x", "ψ: m"),
        ("‖W₁ x − θ̂‖²", "W₁", None),
        ("xᵀ(end + function)", "x", "end: n, function: n"),
    ],
)
def test_the_file_is_plain_ascii_with_names_that_matlab_reads(formula, wrt, shapes):
    text = matcalc.derive(formula, wrt, shapes).code("matlab")
    assert text.isascii()
    head = re.match(r"function \[value, (\w+)\] = value_and_gradient\((.*)\)\n% ", text)
    assert head is not None
    names = [head.group(1), *head.group(2).split(", ")]
    assert all(re.fullmatch(r"[A-Za-z]\w{0,62}", name) for name in names)
    assert not {"end", "function"} & set(names)


def test_a_function_of_the_derivative_alone_hides_none_of_matlab():
    derivation = matcalc.derive("‖As − x‖²", "A")
    assert derivation.code("matlab", value=False).startswith("function grad_A = formula_gradient(A, s, x)\n")
    assert derivation.code("matlab", derivative=False).startswith("function value = formula_value(A, s, x)\n")


@needs_octave
def test_the_stable_forms_hold_where_the_plain_text_overflows(tmp_path):
    far = np.array([1000.0, -1000.0, 0.0])
    cases = [
        ("log Σ exp(x)", "x", far, 1000.0, [1.0, 0.0, 0.0]),
        ("Σ log(1 + exp(x))", "x", far, 1000 + np.log(2), [1.0, 0.0, 0.5]),
        ("‖x‖", "x", np.zeros(3), 0.0, np.zeros(3)),
        ("‖x‖", "x", np.array([3e-300, 4e-300]), 5e-300, [0.6, 0.8]),
        ("Σ (exp(x) − 1)", "x", np.array([1e-300, 1e-18]), 1e-18, [1.0, 1.0]),
        ("log det(S)", "S", 1e-120 * np.eye(4), -480 * np.log(10), 1e120 * np.eye(4)),
    ]
    calls = [called(matcalc.derive(formula, wrt), {wrt: array}) for formula, wrt, array, _, _ in cases]
    for case, got in zip(cases, run(tmp_path, calls), strict=True):
        assert not isinstance(got, str), (case, got)
        (_, value), (_, gradient) = got
        np.testing.assert_allclose(value.item(), case[3], rtol=1e-12, err_msg=case[0])
        np.testing.assert_allclose(shaped(gradient, np.shape(case[4])), case[4], rtol=1e-12, err_msg=case[0])
