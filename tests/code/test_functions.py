"""Generated functions, called: right in every library, at both precisions, at extreme inputs, and refusing what does not fit."""

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

import matcalc

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "public.jsonl").read_text("utf-8").splitlines()
]


def imported(target):
    if target == "jax":
        jax = pytest.importorskip("jax")
        jax.config.update("jax_enable_x64", True)
    if target == "torch":
        pytest.importorskip("torch")


def agrees(got, expected, rtol=1e-8):
    got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    assert got.shape == expected.shape
    return np.abs(got - expected).max() <= rtol * max(np.abs(expected).max(), 1e-3)


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_public_cases(case, target):
    imported(target)
    derivation = matcalc.derive(case["unicode"], wrt=case["wrt"], shapes=case["shapes"], kind=case["kind"])
    value, derivative = derivation.function(target, value=True)(**case["inputs"])
    assert agrees(derivative, case["expected"])
    assert agrees(value, matcalc.evaluate(case["unicode"], shapes=case["shapes"], **case["inputs"]))


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize("case", CASES[::5], ids=lambda case: case["name"])
def test_single_precision_stays_single(case, target):
    imported(target)
    derivation = matcalc.derive(case["unicode"], wrt=case["wrt"], shapes=case["shapes"], kind=case["kind"])
    arrays = {
        name: np.asarray(value, np.float32) if np.ndim(value) else value
        for name, value in case["inputs"].items()
    }
    if all(np.ndim(value) == 0 for value in arrays.values()):
        return
    if target == "jax":
        import jax.numpy as jnp

        arrays = {name: jnp.asarray(value, jnp.float32) for name, value in arrays.items()}
    value, derivative = derivation.function(target, value=True)(**arrays)
    kinds = {str(each.dtype).removeprefix("torch.") for each in (value, derivative)}
    assert kinds == {"float32"}
    scale = max(np.abs(np.asarray(case["expected"])).max(), 1.0)
    assert np.abs(np.asarray(derivative, float) - np.asarray(case["expected"])).max() <= 2e-3 * scale


EXTREME = [  # formula, variable, its values, value, gradient
    (
        "log Σ exp(x)",
        "x",
        [1000.0, -1000.0, 999.0],
        1000 + np.log1p(np.exp(-1)),
        [1 / (1 + np.exp(-1)), 0, 1 / (1 + np.exp(1))],
    ),
    ("logsumexp(x)", "x", [-1000.0, -1000.0], -1000 + np.log(2), [0.5, 0.5]),
    ("Σ log(1 + exp(x))", "x", [1000.0, -1000.0, 0.0], 1000 + np.log(2), [1, 0, 0.5]),
    ("Σ softplus(x)", "x", [1000.0, -1000.0, 1e-300], 1000 + np.log(2), [1, 0, 0.5]),
    ("Σ log σ(x)", "x", [1000.0, -1000.0], -1000.0, [0, 1]),
    ("Σ log(1 − σ(x))", "x", [1000.0, -1000.0], -1000.0, [-1, 0]),
    ("Σ 1 ./ (1 + exp(−x))", "x", [1000.0, -1000.0, 0.0], 1.5, [0, 0, 0.25]),
    ("tᵀ log softmax(x)", "x", [1000.0, -1000.0], -2000.0, [-1, 1]),
    ("Σ log(1 + x)", "x", [1e-300, 1e-20], 1e-20, [1, 1]),
    ("Σ (exp(x) − 1)", "x", [1e-300, -1000.0], -1.0, [1, 0]),
    ("‖x‖", "x", [0.0, 0.0], 0.0, [0, 0]),
    ("‖x‖", "x", [1e-300, 0.0], 1e-300, [1, 0]),
    ("Σ x ⊙ log(x)", "x", [0.0, 1.0], 0.0, [-np.inf, 1]),
    ("Σ x ⊙ log(x)", "x", [1e-300, 1.0], 1e-300 * np.log(1e-300), [1 + np.log(1e-300), 1]),
    ("Σ log cosh(x)", "x", [1000.0, -1000.0, 0.0], 2000 - 2 * np.log(2), [1, -1, 0]),
    ("exp(x)ᵀt / Σ exp(x)", "x", [1000.0, -1000.0], 0.0, [0, 0]),
]


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
@pytest.mark.parametrize(("formula", "wrt", "point", "value", "gradient"), EXTREME)
def test_extreme_inputs(formula, wrt, point, value, gradient, target):
    imported(target)
    arrays = {wrt: np.array(point), "t": np.array([0.0, 1.0])}
    with warnings.catch_warnings():
        if np.all(np.isfinite(gradient)):
            warnings.simplefilter("error", RuntimeWarning)
        got, derivative = matcalc.derive(formula, wrt=wrt).function(target, value=True)(**arrays)
    np.testing.assert_allclose(np.asarray(got), value, rtol=1e-12, atol=1e-299)
    np.testing.assert_allclose(np.asarray(derivative), gradient, rtol=1e-12, atol=1e-299)


def test_log_det_neither_overflows_nor_underflows():
    f = matcalc.derive("log det(A)", wrt="A").function(value=True)
    for scale in (1e-300, 1e-30, 1e30):
        value, gradient = f(A=scale * np.eye(7))
        np.testing.assert_allclose(value, 7 * np.log(scale))
        np.testing.assert_allclose(gradient, np.eye(7) / scale)


@pytest.mark.parametrize("target", ["numpy", "torch"])
def test_arguments_are_never_written_into(target):
    imported(target)
    rng = np.random.default_rng(0)
    for formula in ("Σ log(L' + 5I)", "tr(inv(K + σ²I))", "‖L + λI‖²", "tr(L')"):
        name = "K" if "K" in formula else "L"
        derivation = matcalc.derive(formula, wrt=name, shapes={name: ("n", "n")})
        matrix = rng.uniform(1, 2, (4, 4)) + 3 * np.eye(4)
        before = matrix.copy()
        result = derivation.function(target)(**{name: matrix}, **dict.fromkeys(["sigma", "lambda"], 0.5))
        np.asarray(result)[...] = 0
        assert np.array_equal(matrix, before), formula


def test_what_is_called_wrongly():
    f = matcalc.derive("‖As − x‖²", wrt="A").function()
    with pytest.raises(matcalc.MatcalcError, match="by name"):
        f(np.eye(2), np.ones(2))
    with pytest.raises(matcalc.MatcalcError, match="no value was given for x"):
        f(A=np.eye(2), s=np.ones(2))
    with pytest.raises(matcalc.MatcalcError, match="3 and 2 differ"):
        f(A=np.ones((3, 2)), s=np.ones(2), x=np.ones(2))
    with pytest.raises(matcalc.MatcalcError, match="numbers"):
        f(A=np.eye(2), s=np.ones(2), x=["a", "b"])
    with pytest.raises(matcalc.MatcalcError, match="can't be computed"):
        matcalc.derive("tr(inv(A))", wrt="A").function()(A=np.zeros((2, 2)))
    with pytest.raises(matcalc.MatcalcError, match="MATLAB"):
        matcalc.derive("‖x‖²", wrt="x").function("matlab")


def test_compressed_hessians_are_their_factors():
    rng = np.random.default_rng(1)
    arrays = {"T": rng.normal(size=(4, 5)), "U": rng.normal(size=(4, 3)), "V": rng.normal(size=(5, 3))}
    hessian = matcalc.derive("‖T − UVᵀ‖²", wrt="U", kind="hessian")
    block = hessian.function(compressed=True)(**arrays)
    dense = hessian.function()(**arrays)
    np.testing.assert_allclose(block, 2 * arrays["V"].T @ arrays["V"])
    np.testing.assert_allclose(dense, np.einsum("jl,ik->ijkl", block, np.eye(4)))
    two = matcalc.derive("‖T − UVᵀ‖² + tr(UBUᵀA)", wrt="U", kind="hessian")
    arrays |= {"A": rng.normal(size=(4, 4)), "B": rng.normal(size=(3, 3))}
    first, *rest = two.function(compressed=True)(**arrays)
    whole = np.einsum("jl,ik->ijkl", first, np.eye(4)) + sum(
        np.einsum("ik,jl->ijkl", left, right) for left, right in zip(rest[::2], rest[1::2], strict=True)
    )
    np.testing.assert_allclose(two.function()(**arrays), whole)


def test_several_derivatives_share_their_work():
    both = matcalc.derive("‖As − x‖²", wrt=["A", "s"])
    text = both.code()
    assert text.count("A @ s") == 1
    arrays = {"A": np.ones((3, 2)), "s": np.ones(2), "x": np.zeros(3)}
    value, grad_a, grad_s = both.function(value=True)(**arrays)
    assert value == 12 and np.array_equal(grad_a, np.full((3, 2), 4)) and np.array_equal(grad_s, [12, 12])


@pytest.mark.parametrize(
    ("formula", "wrt"),
    [
        ("‖x ⊘ x‖² + aᵀx", "x"),  # a factor that cancels leaves a sum over its entries
        ("‖diag(x) − diag(a)‖²", "x"),  # the square of a sum is no sum of squares
        ("arcsin(½ erf(Σ𝟏₂/3)) + aᵀx", "x"),  # functions of whole numbers
        ("sinh(aᵀx/(−π))", "x"),  # a sign below a fraction
        ("Σ 3^{∘x}", "x"),
        ("Σ log(L' + 5I)", "L"),
    ],
)
@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_what_random_expressions_found(formula, wrt, target):
    imported(target)
    rng = np.random.default_rng(0)
    arrays = {"x": rng.uniform(0.5, 2, 4), "a": rng.uniform(0.5, 2, 4), "L": rng.uniform(1, 2, (3, 3))}
    derivation = matcalc.derive(formula, wrt, shapes="L: m×m, a: n, x: n")
    given = {name: arrays[name] for name in derivation.shapes if name in arrays}
    value, derivative = derivation.function(target, value=True)(**arrays)
    assert agrees(value, matcalc.evaluate(formula, **given))
    assert agrees(derivative, matcalc.evaluate(derivation.unicode(), shapes=derivation.shapes, **given))


@pytest.mark.parametrize(
    "formula", ["log(2)‖x‖²", "√2 Σ exp(x)", "Σ max(x, √2)", "π‖x‖²", "‖x‖²/γ", "Σ (x ⊘ x)"]
)
@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_constants_and_numbers_take_the_type_of_the_arrays(formula, target):
    imported(target)
    arrays = {"x": np.array([0.5, 2.0, 3.0], np.float32), "gamma": 0.5}
    value, gradient = matcalc.derive(formula, "x").function(target, value=True)(**arrays)
    if formula != "Σ (x ⊘ x)":  # a number of the formula's own
        assert str(value.dtype).endswith("float32")
    assert str(gradient.dtype).endswith("float32")


@pytest.mark.parametrize("target", ["numpy", "torch"])
def test_results_are_arrays_of_their_own(target):
    imported(target)
    x, y = np.ones((2, 3)), np.ones((2, 3))
    first, second = matcalc.derive("‖X + Y‖²", wrt="all").function(target)(X=x, Y=y)
    first[...] = 0
    assert np.asarray(second).all()
    a = np.ones(3)
    np.asarray(matcalc.derive("aᵀx", wrt="x").function(target)(a=a))[...] = 0
    assert a.all()


def test_squared_norms_are_not_negative():
    f = matcalc.derive("‖Ax‖²", wrt="x").function(value=True)
    a = np.array([[1, 1], [1, 1 + 1e-9], [3, 3]])
    x = np.array([1.0, -1.0])
    value, _ = f(A=a, x=x)
    np.testing.assert_allclose(value, np.sum((a @ x) ** 2), rtol=1e-12)


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_what_is_no_array_of_real_numbers(target):
    imported(target)
    f = matcalc.derive("‖γAx − b‖²", wrt="x").function(target)
    arrays = {"A": np.eye(2), "x": np.ones(2), "b": np.ones(2)[::-1], "gamma": 2}
    assert np.allclose(np.asarray(f(**arrays)), 4)
    for wrong in ({"A": "x"}, {"gamma": None}):
        with pytest.raises(matcalc.MatcalcError, match="numbers"):
            f(**{**arrays, **wrong})
    mixed = f(**{**arrays, "A": np.eye(2, dtype=np.float32)})
    assert np.allclose(np.asarray(mixed), 4)


def test_the_bare_function_takes_arrays_in_the_order_of_its_arguments():
    derivation = matcalc.derive("λ‖Ax‖²", wrt="x")
    f = derivation.function()
    assert f.arguments == ("λ", "A", "x") and set(f.arguments) <= set(derivation.shapes)
    arrays = {"λ": 2.0, "A": np.eye(2), "x": np.ones(2)}
    assert np.array_equal(f.compute(*(arrays[name] for name in f.arguments)), f(**arrays))
    assert f.source == derivation.code(value=False)


def test_an_argument_goes_by_its_name_in_the_text_too():
    function = matcalc.derive("λ‖x‖²", "x").function()
    assert "lambda_" in function.source
    for name in ("λ", "lambda_", "lambda"):
        np.testing.assert_array_equal(function(**{name: 3, "x": np.ones(2)}), [6, 6])
