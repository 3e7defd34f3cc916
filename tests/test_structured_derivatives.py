"""Jacobians, Hessians and their kin with structured variables, against JAX with free entries at structured points."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import matcalc

jax.config.update("jax_enable_x64", True)
N = 4
MAKE = {
    "symmetric": lambda m: (m + m.T) / 2,
    "spd": lambda m: m @ m.T + np.eye(N),
    "skew": lambda m: (m - m.T) / 2,
    "diagonal": lambda m: np.diag(np.diag(m)),
    "lower": np.tril,
    "orthogonal": lambda m: np.linalg.qr(m)[0],
}
SHAPES = "S: n×n, A: n×n, x: n, y: n"
SCALARS = [
    ("tr(SᵀS A S)", lambda S, A, x, y: jnp.trace(S.T @ S @ A @ S)),
    ("xᵀSᵀS y", lambda S, A, x, y: x @ S.T @ S @ y),
    ("tr(SᵀA S⁻¹)", lambda S, A, x, y: jnp.trace(S.T @ A @ jnp.linalg.inv(S))),
    ("‖SᵀS − A‖²", lambda S, A, x, y: jnp.sum((S.T @ S - A) ** 2)),
    ("‖B − A‖² where B = SᵀS", lambda S, A, x, y: jnp.sum((S.T @ S - A) ** 2)),
    (
        "Σ exp(h) where h = Sᵀ tanh(S x)",
        lambda S, A, x, y: jnp.sum(jnp.exp(S.T @ jnp.tanh(S @ x))),
    ),
]
ARRAYS = [
    ("SᵀS x", lambda S, A, x, y: S.T @ S @ x),
    ("Sᵀ(A + S)", lambda S, A, x, y: S.T @ (A + S)),
    ("S⁻¹Sᵀx", lambda S, A, x, y: jnp.linalg.inv(S) @ S.T @ x),
    ("h ⊙ Sᵀh where h = S x", lambda S, A, x, y: (S @ x) * (S.T @ S @ x)),
]


def point(kind, seed=0):
    rng = np.random.default_rng(seed)
    values = {"A": rng.normal(size=(N, N)), "x": rng.normal(size=N), "y": rng.normal(size=N)}
    matrix = rng.normal(size=(N, N)) + (2 * np.eye(N) if kind in ("diagonal", "lower", "symmetric") else 0)
    return {"S": MAKE[kind](matrix), **values}


def value(derivation, values, **more):
    return derivation.function("numpy")(**values, **more)


def cases(formulas):
    kinds = [(text, f, kind) for text, f in formulas for kind in MAKE]
    return pytest.mark.parametrize(("text", "f", "kind"), kinds, ids=[f"{t}-{k}" for t, _, k in kinds])


@cases(SCALARS)
def test_hessians_move_free_entries(text, f, kind):
    derivation = matcalc.derive(text, "S", SHAPES, "hessian", assume={"S": kind})
    values = point(kind)
    np.testing.assert_allclose(
        value(derivation, values), jax.hessian(f)(*values.values()), rtol=1e-9, atol=1e-9
    )
    np.testing.assert_allclose(
        value(derivation.inlined, values), jax.hessian(f)(*values.values()), rtol=1e-9, atol=1e-9
    )
    assert derivation.check().ok
    assert any(
        note == f"S is {kind}; this Hessian treats its entries as independent" for note in derivation.notes
    )


@cases(SCALARS)
def test_hessian_vector_products(text, f, kind):
    derivation = matcalc.derive(text, "S", SHAPES, "hvp", direction="V", assume={"S": kind})
    values = point(kind)
    direction = np.random.default_rng(1).normal(size=(N, N))
    _, wanted = jax.jvp(lambda S: jax.grad(f)(S, *list(values.values())[1:]), (values["S"],), (direction,))
    np.testing.assert_allclose(value(derivation, values, V=direction), wanted, rtol=1e-9, atol=1e-9)
    assert derivation.check().ok


@pytest.mark.parametrize("kind", MAKE)
def test_third_derivatives(kind):
    derivation = matcalc.derive("xᵀSᵀS S y", "S", SHAPES, "hessian", order=3, assume={"S": kind})
    values = point(kind)

    def f(S, A, x, y):
        return x @ S.T @ S @ S @ y

    wanted = jax.jacobian(jax.hessian(f))(*values.values())
    np.testing.assert_allclose(value(derivation, values), wanted, rtol=1e-9, atol=1e-9)
    assert derivation.check().ok


@cases([SCALARS[0], SCALARS[1], SCALARS[3]])
def test_mixed_blocks(text, f, kind):
    derivation = matcalc.derive(text, ["S", "A"], SHAPES, "hessian", assume={"S": kind})
    values = point(kind)
    wanted = jax.jacobian(jax.grad(f, 0), 1)(*values.values())
    np.testing.assert_allclose(value(derivation, values), wanted, rtol=1e-9, atol=1e-9)
    assert derivation.check().ok


@cases(ARRAYS)
def test_jacobians(text, f, kind):
    values = point(kind)
    for wrt, place in (("S", 0), ("x", 2)):
        if wrt not in text:
            continue
        derivation = matcalc.derive(text, wrt, SHAPES, "jacobian", assume={"S": kind})
        wanted = jax.jacobian(f, place)(*values.values())
        np.testing.assert_allclose(value(derivation, values), wanted, rtol=1e-9, atol=1e-9)
        assert derivation.check().ok
        noted = any("Jacobian treats its entries as independent" in note for note in derivation.notes)
        assert noted == (wrt == "S")


@cases(ARRAYS)
def test_pullbacks_and_pushforwards(text, f, kind):
    values = point(kind)
    rest = list(values.values())[1:]
    rng = np.random.default_rng(2)
    moved = rng.normal(size=(N, N))
    there, back = jax.vjp(lambda S: f(S, *rest), values["S"])
    upstream = rng.normal(size=there.shape)
    pullback = matcalc.derive(text, "S", SHAPES, "pullback", upstream="G", assume={"S": kind})
    np.testing.assert_allclose(value(pullback, values, G=upstream), back(upstream)[0], rtol=1e-9, atol=1e-9)
    pushforward = matcalc.derive(text, "S", SHAPES, "pushforward", tangent="V", assume={"S": kind})
    _, wanted = jax.jvp(lambda S: f(S, *rest), (values["S"],), (moved,))
    np.testing.assert_allclose(value(pushforward, values, V=moved), wanted, rtol=1e-9, atol=1e-9)
    assert pullback.check().ok
    assert pushforward.check().ok


def test_a_hessian_that_uses_the_structure_too_early_would_be_wrong():
    """The gradient of ½tr(SᵀS) is S, that of ½tr(S²) is Sᵀ; both are S here, and their derivatives differ."""
    first = matcalc.derive("½tr(SᵀS)", "S", "S: n×n", "hessian", assume="S: symmetric")
    second = matcalc.derive("½tr(S S)", "S", "S: n×n", "hessian", assume="S: symmetric")
    s = MAKE["symmetric"](np.random.default_rng(0).normal(size=(N, N)))
    eye = np.eye(N)
    np.testing.assert_allclose(first.function()(S=s), np.einsum("ik,jl->ijkl", eye, eye))
    np.testing.assert_allclose(second.function()(S=s), np.einsum("il,jk->ijkl", eye, eye))


def test_the_check_of_a_jacobian_moves_off_the_structure():
    """A claim that holds along symmetric directions only is refused."""
    right = matcalc.derive("½tr(SᵀS) + ½tr(S S)", "S", "S: n×n", "hessian", assume="S: symmetric")
    wrong = matcalc.derive("tr(SᵀS)", "S", "S: n×n", "hessian", assume="S: symmetric")
    assert right.check().ok
    right._claims = (
        right._claims[0],
        wrong._claims[1].__class__(
            right._claims[1].value, right._claims[1].variable, wrong._claims[1].derivative
        ),
    )
    assert right.check().ok is False


def test_unit_positive_and_diagonal():
    unit = matcalc.derive("‖u‖³ + uᵀAu", "u", "u: n, A: n×n", "hessian", assume="u: unit")
    assert unit.unicode() == "3I + 3uuᵀ + A + Aᵀ"
    positive = matcalc.derive("Σ |p|³", "p", "p: n", "hessian", assume="p: positive")
    assert positive.unicode() == "6diag(p)"
    assert not any("independent" in note for note in positive.notes)


def test_constants_have_no_derivative_of_any_kind():
    for kind in ("gradient", "jacobian", "hessian", "pullback", "pushforward", "hvp"):
        with pytest.raises(matcalc.MatcalcError, match="S is assumed constant"):
            matcalc.derive("xᵀSx", "S", "S: n×n, x: n", kind, assume="S: constant")
    found = matcalc.derive("Sx", "all", "S: n×n, x: n", "jacobian", assume="S: constant")
    assert list(found) == ["x"]


def test_the_symmetric_rule_is_for_gradients():
    with pytest.raises(matcalc.MatcalcError, match="for gradients"):
        matcalc.derive("Sx", "S", "S: n×n", "jacobian", assume="S: symmetric", symmetric_rule="cookbook")


def test_directions_have_structures_too():
    derivation = matcalc.derive(
        "tr(SᵀS)", "S", "S: n×n", "hvp", direction="V", assume={"S": "symmetric", "V": "skew"}
    )
    assert derivation.unicode() == "2V"
    assert not any("does not occur" in note for note in derivation.notes)
    free = matcalc.derive("tr(SᵀS)", "S", "S: n×n", "hvp", assume={"S": "symmetric", "V": "skew"})
    assert free.unicode() == "2U"
    with pytest.raises(matcalc.MatcalcError, match="V can't be a unit vector"):
        matcalc.derive("tr(SᵀS)", "S", "S: n×n", "hvp", direction="V", assume={"V": "unit"})


def test_sympy_results_take_assumptions():
    assert str(matcalc.jacobian("Sᵀx", "x", "S: n×n", assume="S: symmetric")) == "S"
    assert str(matcalc.hessian("½xᵀSx", "x", "S: n×n, x: n", assume="S: symmetric")) == "S"


@pytest.mark.parametrize(("formula", "rank"), [("S x", 3), ("S", 4), ("x", 3)])
def test_a_jacobian_in_a_matrix_that_does_not_occur_is_a_zero_of_its_shape(formula, rank):
    derivation = matcalc.derive(formula, "A", SHAPES, "jacobian")
    values = point("symmetric")
    assert value(derivation, values).shape == (N,) * rank
    assert derivation.check().ok


@pytest.mark.parametrize(
    ("formula", "kind", "printed"),
    [
        ("tr(tril(A)B)", "lower", "triu(B)ᵀ"),
        ("tr(Aᵀtril(A))", "lower", "2A"),
        ("tr(Aᵀtriu(A))", "upper", "2A"),
        ("tr(B tril(A))", "diagonal", None),
        ("tr(B tril(A))", "upper", None),
        ("tr(B triu(A))", "lower", None),
    ],
)
def test_triangles_of_triangular_variables(formula, kind, printed):
    derivation = matcalc.derive(formula, "A", "A: n×n, B: n×n", assume={"A": kind})
    assert printed in (None, derivation.unicode())
    assert derivation.check().ok
    for other in ("jacobian", "hessian", "hvp"):
        assert matcalc.derive(formula, "A", "A: n×n, B: n×n", other, assume={"A": kind}).check().ok
