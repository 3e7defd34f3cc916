"""Values that are rows, as X[2,:]: what is printed of them reads back with all its axes, rows as rows."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

SPELLINGS = ("unicode", "ascii", "latex")
SHAPES = "X: 4×5, A: 5×3, B: 5×5"


def arrays_of(derivation, seed=1):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=shape) for name, shape in derivation.shapes.items()}


JACOBIANS = [
    ("X[2,:]", "X", lambda X, A, B: X[1:2]),
    ("X[2,:]A", "X", lambda X, A, B: X[1:2] @ A),
    ("X[2,:]A", "A", lambda X, A, B: X[1:2] @ A),
    ("tanh(X[2,:]A)", "X", lambda X, A, B: jnp.tanh(X[1:2] @ A)),
    ("y = tanh(X[2,:])\nyA", "X", lambda X, A, B: jnp.tanh(X[1:2]) @ A),
    ("y = tanh(X[2,:])\nyA", "A", lambda X, A, B: jnp.tanh(X[1:2]) @ A),
    ("X[2,:] ⊙ X[3,:]", "X", lambda X, A, B: X[1:2] * X[2:3]),
]


@pytest.mark.parametrize(("formula", "wrt", "oracle"), JACOBIANS)
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_the_jacobian_of_a_row_reads_back_with_its_axes(formula, wrt, oracle, spelling):
    derivation = matcalc.derive(formula, wrt, SHAPES, "jacobian")
    arrays = arrays_of(derivation)
    given = [arrays.get(name, np.zeros((5, 5))) for name in "XAB"]
    expected = jax.jacobian(oracle, "XAB".index(wrt))(*given)
    assert derivation.shape == expected.shape
    for inline in (False, True):
        line = f"{derivation.head(spelling)} = {derivation.written(spelling, inline, headed=True)}"
        got = matcalc.evaluate(line, derivation.shapes, **arrays)
        assert np.shape(got) == expected.shape, line
        np.testing.assert_allclose(got, expected, rtol=1e-12, atol=1e-12, err_msg=line)


def test_the_entries_of_a_row_have_two_indices():
    derivation = matcalc.derive("X[2,:]", "X", SHAPES, "jacobian")
    assert repr(derivation) == "∂y[1,i]/∂X[j,k] = e₂[j]δ[i,k]"
    assert derivation.head("latex") == r"\frac{\partial y[1,i]}{\partial X_{jk}}"


PROGRAMS = [
    ("y = tanh(X[2,:])\nsum(y B yᵀ)", lambda X, B: jnp.sum(jnp.tanh(X[1]) @ B @ jnp.tanh(X[1]))),
    (
        "y = tanh(X[2,:])\nz = y B\nzzᵀ yyᵀ",
        lambda X, B: jnp.sum((jnp.tanh(X[1]) @ B) ** 2) * jnp.sum(jnp.tanh(X[1]) ** 2),
    ),
]


@pytest.mark.parametrize(("formula", "oracle"), PROGRAMS)
@pytest.mark.parametrize("wrt", ["X", "B"])
@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_name_for_a_row_is_a_row(formula, oracle, wrt, spelling):
    derivation = matcalc.derive(formula, wrt, "X: 4×5, B: 5×5")
    arrays = arrays_of(derivation)
    expected = jax.grad(oracle, "XB".index(wrt))(arrays["X"], arrays["B"])
    text = getattr(derivation, spelling)()
    got = matcalc.evaluate(text, derivation.shapes, **arrays)
    assert np.shape(got) == expected.shape, text
    np.testing.assert_allclose(got, expected, rtol=1e-12, err_msg=text)


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("wrt", ["y", "z"])
def test_the_delta_of_a_row_inside_a_program_reads_back(wrt, spelling):
    derivation = matcalc.derive(PROGRAMS[1][0], wrt, "X: 4×5, B: 5×5")
    arrays = {name: array for name, array in arrays_of(derivation).items() if name in "XB"}
    y = np.tanh(arrays["X"][1:2])
    z = y @ arrays["B"]
    at_y = jax.grad(lambda y: jnp.sum((y @ arrays["B"]) ** 2) * jnp.sum(y**2))(y)
    expected = at_y if wrt == "y" else 2 * z * np.sum(y**2)
    text = getattr(derivation, spelling)()
    got = matcalc.evaluate(text, derivation.shapes, **arrays)
    np.testing.assert_allclose(got, expected, rtol=1e-12, err_msg=text)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_pullbacks_and_pushforwards_of_a_row(spelling):
    back = matcalc.derive("tanh(X[2,:])", "X", SHAPES, "pullback", upstream="δ")
    arrays = arrays_of(back)
    slope = 1 - np.tanh(arrays["X"][1]) ** 2
    expected = np.zeros((4, 5))
    expected[1] = arrays[r"delta" if "delta" in arrays else "δ"] * slope
    got = matcalc.evaluate(getattr(back, spelling)(), back.shapes, **arrays)
    np.testing.assert_allclose(got, expected, rtol=1e-12)
    along = matcalc.derive("tanh(X[2,:])", "X", SHAPES, "pushforward", tangent="V")
    arrays = arrays_of(along)
    got = matcalc.evaluate(getattr(along, spelling)(), along.shapes, **arrays)
    np.testing.assert_allclose(got, (1 - np.tanh(arrays["X"][1:2]) ** 2) * arrays["V"][1:2], rtol=1e-12)


def test_a_left_side_says_that_a_value_is_a_row():
    x = np.arange(3.0)
    A = np.arange(12.0).reshape(3, 4)
    row = matcalc.evaluate("y[1,j] = Σᵢ x[i]A[i,j]", "x: 3, A: 3×4", x=x, A=A)
    np.testing.assert_array_equal(row, (x @ A)[None])
    with pytest.raises(matcalc.MatcalcError, match="stands twice"):
        matcalc.evaluate("∂y[1,j]/∂X[1,i] = x[j]A[i,j]", "x: 3, A: 3×4", x=x, A=A)
