"""Kernels against numpy and closed forms, and their imaginary parts against real differences."""

import math

import numpy as np
import pytest

from matcalc.errors import RuleProblem
from matcalc.operations import Operation, standard
from matcalc.verification import kernels
from matcalc.verification.kernels import kernel_of, known_kernels

ANY = ("rows", "columns")


def kernel(name, *arguments):
    return kernels._KERNELS[name].apply(*(np.asarray(a, dtype=float) for a in arguments))


def line(name="f", takes=(("X", ANY),), **settings):
    return Operation(name=name, takes=takes, gives=ANY, deltas={}, **settings)


def test_every_shipped_operation_has_a_kernel_or_a_value():
    for operation in standard().by_name.values():
        assert kernel_of(operation) is not None or operation.value is not None, operation.name


def test_unknown_kernel_names_the_rule_and_what_there_is():
    with pytest.raises(RuleProblem, match=r"`f`: there is no kernel `os\.system`.*softmax"):
        kernel_of(line(numpy="os.system"))


def test_kernel_of_other_arity_is_refused():
    with pytest.raises(RuleProblem, match="`maximum` takes 2 operands, the line has 1"):
        kernel_of(line(numpy="maximum"))


def test_operation_without_kernel_and_value_is_refused():
    with pytest.raises(RuleProblem, match="say how to compute it"):
        kernel_of(line("mystery"))


def test_known_kernels_hold_the_names_of_the_rules():
    assert {op.numpy for op in standard().by_name.values() if op.numpy} <= set(known_kernels())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("step", [[0.0, 0.5, 1.0]]),
        ("sign", [[-1.0, 0.0, 1.0]]),
        ("abs", [[2.0, 0.0, 3.0]]),
        ("erf", [[math.erf(-2), 0.0, math.erf(3)]]),
        ("sum", [[1.0]]),
        ("sumsq", [[13.0]]),
        ("norm2", [[math.sqrt(13)]]),
        ("transpose", [[-2.0], [0.0], [3.0]]),
    ],
)
def test_values(name, expected):
    np.testing.assert_allclose(kernel(name, [[-2.0, 0.0, 3.0]]), expected, rtol=1e-15)


def test_logsumexp_and_softmax_do_not_overflow():
    x = [[1000.0], [1000.0]]
    np.testing.assert_allclose(kernel("logsumexp", x), [[1000 + math.log(2)]])
    np.testing.assert_allclose(kernel("softmax", x), [[0.5], [0.5]])
    with np.errstate(divide="ignore"):
        assert kernel("logsumexp", [[-np.inf]]) == -np.inf


def test_diag_puts_and_takes_batches_of_diagonals(rng):
    x = rng.standard_normal((2, 5, 3, 1))
    full = kernel("diag", x)
    np.testing.assert_array_equal(full[1, 4], np.diag(x[1, 4, :, 0]))
    np.testing.assert_array_equal(kernel("diagonal", full), x)
    np.testing.assert_allclose(kernel("tr", full), x.sum(axis=-2, keepdims=True))


def test_diag_of_an_infinite_entry_stays_zero_elsewhere():
    np.testing.assert_array_equal(kernel("diag", [[np.inf], [1.0]]), [[np.inf, 0], [0, 1]])


def test_singular_matrix_has_the_inverse_nan_and_leaves_its_batch_alone(rng):
    batch = rng.standard_normal((2, 3, 2, 2))
    batch[1, 2] = [[1, 2], [2, 4]]
    inverse = kernel("inv", batch)
    assert np.isnan(inverse[1, 2]).all()
    assert np.isnan(inverse).sum() == 4
    np.testing.assert_allclose(inverse[0, 1] @ batch[0, 1], np.eye(2), atol=1e-12)
    assert np.isnan(kernel("inv", [[0.0]])).all()


def test_logdet_is_log_of_det(rng):
    matrix = rng.standard_normal((8, 3, 3))
    with np.errstate(invalid="ignore"):
        np.testing.assert_allclose(kernel("logdet", matrix), np.log(kernel("det", matrix)), rtol=1e-12)
    np.testing.assert_allclose(kernel("logdet", 10 * np.eye(400)), [[400 * math.log(10)]])


SHIFT = {"arccosh": 2.0, "arcsin": -0.2, "arccos": -0.2, "arctanh": -0.2}
UNARY = sorted(name for name, k in kernels._KERNELS.items() if k.arity == 1 and k.analytic and not k.sized)


@pytest.mark.parametrize("name", UNARY)
def test_imaginary_part_is_the_derivative(name, rng):
    """Every kernel that says it is analytic, at positive and (where it may) negative arguments."""
    apply = kernels._KERNELS[name].apply
    x = rng.uniform(0.3, 0.9, (3, 3)) + SHIFT.get(name, 0.0)
    if name in ("abs", "sign", "step", "sigmoid", "softplus", "tanh", "sin"):
        x[0] = -x[0]
    if name in ("inv", "det", "logdet", "sqrtm", "logm", "cholesky"):
        x = x + 3 * np.eye(3)
    if name == "diag":
        x = x[:, :1]
    along = rng.standard_normal(x.shape)
    h = 1e-3
    d = [(apply(x + t * along) - apply(x - t * along)) / (2 * t) for t in (h, h / 2)]
    expected = (4 * d[1] - d[0]) / 3
    found = np.imag(apply(x + 1e-100j * along)) / 1e-100
    np.testing.assert_allclose(found, expected, rtol=2e-9, atol=1e-10)


@pytest.mark.parametrize("name", ["maximum", "minimum", "power", "hadamard", "eldivide", "sub", "matmul"])
def test_imaginary_part_of_two_operands(name, rng):
    apply = kernels._KERNELS[name].apply
    x, y, u, v = rng.uniform(0.3, 2, (4, 3, 3))
    h = 1e-3
    d = [(apply(x + t * u, y + t * v) - apply(x - t * u, y - t * v)) / (2 * t) for t in (h, h / 2)]
    found = np.imag(apply(x + 1e-100j * u, y + 1e-100j * v)) / 1e-100
    np.testing.assert_allclose(found, (4 * d[1] - d[0]) / 3, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("exponent", [-3, -1, 0, 1, 2, 7])
def test_integer_powers_of_negative_numbers(exponent):
    x = np.array([[-1.5, 2.0]])
    apply = kernels._KERNELS["intpower"].apply
    np.testing.assert_allclose(apply(x, np.full((1, 1), float(exponent))), x**exponent)
    slope = np.imag(apply(x + 1e-100j, np.full((1, 1), float(exponent)))) / 1e-100
    np.testing.assert_allclose(slope, exponent * x ** (exponent - 1.0), rtol=1e-13)


def test_enormous_exponent():
    with np.errstate(over="ignore"):
        np.testing.assert_array_equal(kernel("intpower", [[0.5, 1.0, 2.0]], [[1e300]]), [[0, 1, np.inf]])
