"""The operations of the rule files against JAX in float64: values, gradients, and what is printed read back."""

from __future__ import annotations

import numpy as np
import pytest

import matcalc
from matcalc.errors import MatcalcError

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy
special = jax.scipy.special

SIZES = {"m": 3, "n": 4, "k": 5, "p": 2}
SHAPES = {
    "X": ("m", "n"),
    "T": ("m", "n"),
    "B": ("n", "k"),
    "S": ("m", "m"),
    "R": ("m", "m"),
    "x": ("n",),
    "y": ("n",),
    "t": ("m",),
    "u": ("m",),
    "V": ("m", "p"),
    "γ": (),
}


def _spectral(X):
    return jnp.linalg.svd(X, compute_uv=False)[0]


def _nuclear(X):
    return jnp.linalg.svd(X, compute_uv=False).sum()


def _chol(S):
    return jnp.linalg.cholesky((S + S.T) / 2)


def _sqrtm(S):
    """By eigenvectors; S is symmetrised, so that JAX can differentiate it."""
    w, q = jnp.linalg.eigh((S + S.T) / 2)
    return (q * jnp.sqrt(w)) @ q.T


CASES = [
    # reductions
    ("⟨x, y⟩²", "x", lambda x, y: jnp.dot(x, y) ** 2),
    ("⟨X, T⟩ + dot(x, x)", "X", lambda X, T, x: (X * T).sum() + x @ x),
    ("uᵀ outer(t, x) y", "t", lambda u, t, x, y: u @ jnp.outer(t, x) @ y),
    ("mean(X ⊙ X)", "X", lambda X: jnp.mean(X**2)),
    ("mean(x)² + mean(3x)", "x", lambda x: jnp.mean(x) ** 2 + 3 * jnp.mean(x)),
    ("var(x)", "x", lambda x: jnp.var(x)),
    ("log var(X)", "X", lambda X: jnp.log(jnp.var(X))),
    ("exp(max(X)) + max(x)", "X", lambda X, x: jnp.exp(X.max()) + x.max()),
    ("min(x)³", "x", lambda x: x.min() ** 3),
    ("tᵀ sum(X ⊙ X, rows)", "X", lambda t, X: t @ (X**2).sum(1)),
    ("xᵀ Σ_columns exp(X)", "X", lambda x, X: x @ jnp.exp(X).sum(0)),
    ("‖mean(X, rows)‖²", "X", lambda X: (X.mean(1) ** 2).sum()),
    ("‖mean(X, columns)‖²", "X", lambda X: (X.mean(0) ** 2).sum()),
    ("tᵀ var(X, rows)", "X", lambda t, X: t @ X.var(1)),
    ("xᵀ log(var(X, columns))", "X", lambda x, X: x @ jnp.log(X.var(0))),
    ("tᵀ max(X, rows)", "X", lambda t, X: t @ X.max(1)),
    ("xᵀ max(X, columns)", "X", lambda x, X: x @ X.max(0)),
    ("tᵀ min(X, rows)", "X", lambda t, X: t @ X.min(1)),
    ("‖min(X, columns)‖²", "X", lambda X: (X.min(0) ** 2).sum()),
    ("tᵀ norm(X, rows)", "X", lambda t, X: t @ jnp.linalg.norm(X, axis=1)),
    ("xᵀ norm(X, columns)", "X", lambda x, X: x @ jnp.linalg.norm(X, axis=0)),
    ("tᵀ norm1(X, rows)", "X", lambda t, X: t @ jnp.abs(X).sum(1)),
    ("xᵀ norm1(X, columns)", "X", lambda x, X: x @ jnp.abs(X).sum(0)),
    ("tᵀ logsumexp(X, rows)", "X", lambda t, X: t @ special.logsumexp(X, axis=1)),
    ("xᵀ logsumexp(X, columns)", "X", lambda x, X: x @ special.logsumexp(X, axis=0)),
    ("⟨T, softmax(X, rows)⟩", "X", lambda T, X: (T * jax.nn.softmax(X, axis=1)).sum()),
    ("⟨T, softmax(X, columns)⟩", "X", lambda T, X: (T * jax.nn.softmax(X, axis=0)).sum()),
    ("-Σ(T ⊙ log softmax(X, rows))", "X", lambda T, X: -(T * jax.nn.log_softmax(X, axis=1)).sum()),
    ("‖softmax(VVᵀ, rows)V‖²", "V", lambda V: ((jax.nn.softmax(V @ V.T, axis=1) @ V) ** 2).sum()),
    # layout
    ("‖tril(X)x‖²", "X", lambda X, x: ((jnp.tril(X) @ x) ** 2).sum()),
    ("tr(tril(SR)S)", "S", lambda S, R: jnp.trace(jnp.tril(S @ R) @ S)),
    ("Σ exp(triu(X))", "X", lambda X: jnp.exp(jnp.triu(X)).sum()),
    ("‖cumsum(x)‖² + yᵀcumsum(x)", "x", lambda x, y: (jnp.cumsum(x) ** 2).sum() + y @ jnp.cumsum(x)),
    ("⟨T, cumsum(X, rows)⟩", "X", lambda T, X: (T * jnp.cumsum(X, axis=1)).sum()),
    ("‖cumsum(X, columns)‖²", "X", lambda X: (jnp.cumsum(X, axis=0) ** 2).sum()),
    ("‖x − shift(x, 1)‖²", "x", lambda x: ((x - jnp.roll(x, 1)) ** 2).sum()),
    ("⟨T, shift(exp(X), -2)⟩", "X", lambda T, X: (T * jnp.roll(jnp.exp(X), -2, axis=0)).sum()),
    # linear algebra
    ("tᵀ(S\\u)", "S", lambda t, S, u: t @ jnp.linalg.solve(S, u)),
    ("‖solve(S, X)‖²", "S", lambda S, X: (jnp.linalg.solve(S, X) ** 2).sum()),
    ("⟨T, (X⁺)ᵀ⟩", "X", lambda T, X: (T * jnp.linalg.pinv(X).T).sum()),
    ("uᵀS^+t", "S", lambda u, S, t: u @ jnp.linalg.pinv(S) @ t),
    ("‖X‖_*", "X", lambda X: _nuclear(X)),
    ("‖X‖_{op}²", "X", lambda X: _spectral(X) ** 2),
    ("uᵀchol(S)t", "S", lambda u, S, t: u @ _chol(S) @ t),
    ("⟨R, chol(SSᵀ)⟩", "S", lambda R, S: (R * _chol(S @ S.T)).sum()),
    ("⟨R, expm(S)⟩", "S", lambda R, S: (R * jax.scipy.linalg.expm(S)).sum()),
    ("tr(expm(S))", "S", lambda S: jnp.trace(jax.scipy.linalg.expm(S))),
    ("uᵀsqrtm(SSᵀ)t", "S", lambda u, S, t: u @ _sqrtm(S @ S.T) @ t),
    ("tr(S^5)", "S", lambda S: jnp.trace(jnp.linalg.matrix_power(S, 5))),
    # entry by entry
    ("xᵀ gelu(y)", "y", lambda x, y: x @ jax.nn.gelu(y, approximate=False)),
    ("xᵀ silu(y)", "y", lambda x, y: x @ jax.nn.silu(y)),
    ("Σ elu(X)", "X", lambda X: jax.nn.elu(X).sum()),
    ("Σ leaky_relu(X)", "X", lambda X: jax.nn.leaky_relu(X, 0.01).sum()),
    ("yᵀ log1p(exp(x))", "x", lambda y, x: y @ jnp.log1p(jnp.exp(x))),
    ("yᵀ expm1(x)", "x", lambda y, x: y @ jnp.expm1(x)),
    ("yᵀ arcsinh(x)", "x", lambda y, x: y @ jnp.arcsinh(x)),
    ("yᵀ arccosh(1 + exp(x))", "x", lambda y, x: y @ jnp.arccosh(1 + jnp.exp(x))),
    ("yᵀ arctanh(tanh(x)/2)", "x", lambda y, x: y @ jnp.arctanh(jnp.tanh(x) / 2)),
    ("xᵀ floor(3x)", "x", lambda x: x @ jnp.floor(3 * x)),
    ("xᵀ ceil(3x)", "x", lambda x: x @ jnp.ceil(3 * x)),
    ("Σ where(x > 0, x³, y)", "x", lambda x, y: jnp.where(x > 0, x**3, y).sum()),
    ("‖where(x < y, x, 2y)‖²", "y", lambda x, y: (jnp.where(x < y, x, 2 * y) ** 2).sum()),
    ("yᵀ Γ(exp(x))", "x", lambda y, x: y @ special.gamma(jnp.exp(x))),
    ("yᵀ lgamma(exp(x))", "x", lambda y, x: y @ special.gammaln(jnp.exp(x))),
    ("yᵀ digamma(exp(x))", "x", lambda y, x: y @ special.digamma(jnp.exp(x))),
    ("yᵀ trigamma(exp(x))", "x", lambda y, x: y @ special.polygamma(1, jnp.exp(x))),
    ("yᵀ polygamma(2, exp(x))", "x", lambda y, x: y @ special.polygamma(2, jnp.exp(x))),
    ("γ Σ normcdf(x) + Σ normpdf(γx)", "γ",
     lambda γ, x: γ * jax.scipy.stats.norm.cdf(x).sum() + jax.scipy.stats.norm.pdf(γ * x).sum()),
]  # fmt: skip


@pytest.fixture(scope="module")
def values():
    """An array for every name; the square ones are positive definite but not symmetric."""
    rng = np.random.default_rng(5)
    arrays = {name: rng.standard_normal([SIZES[size] for size in shape]) for name, shape in SHAPES.items()}
    for name in "SR":
        arrays[name] = arrays[name] @ arrays[name].T / 3 + np.eye(3) + 0.1 * arrays[name]
    return arrays


@pytest.mark.parametrize(("formula", "wrt", "function"), CASES, ids=[case[0] for case in CASES])
def test_gradient(values, formula, wrt, function):
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    arrays = [values[name] for name in names]
    shapes = {name: SHAPES[name] for name in names}
    expected = jax.grad(function, names.index(wrt))(*arrays)
    derivation = matcalc.derive(formula, wrt, shapes)
    given = dict(zip(names, arrays, strict=True))
    value = matcalc.evaluate(formula, shapes, **given)
    np.testing.assert_allclose(value, function(*arrays), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(derivation.function("numpy")(**given), expected, rtol=1e-8, atol=1e-9)
    for text in (derivation.unicode(), derivation.ascii(), derivation.latex()):
        again = matcalc.evaluate(text, {name: SHAPES[name] for name in SHAPES}, **values)
        np.testing.assert_allclose(again, expected, rtol=1e-8, atol=1e-9, err_msg=text)
    assert derivation.check().ok, derivation.check().reason


def test_logarithm_against_the_exponential(values):
    """logm is the inverse of expm, so ⟨R, logm(expm(S))⟩ has the gradient R."""
    shapes = {"S": ("m", "m"), "R": ("m", "m")}
    derivation = matcalc.derive("⟨R, logm(expm(S))⟩", "S", shapes)
    found = derivation.function("numpy")(S=values["S"], R=values["R"])
    np.testing.assert_allclose(found, values["R"], rtol=1e-9)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("var(x)", "2(x − mean(x))/n"),
        ("tᵀ logsumexp(X, rows)", "diag(t)softmax(X, rows)"),
        ("-Σ(T ⊙ log softmax(X, rows))", "diag(T𝟏)softmax(X, rows) − T"),
        ("‖X‖_*", "polar(X)"),
        ("‖X‖_{op}²", "2‖X‖_{op}leading(X)"),
        ("Σ gelu(x)", "normcdf(x) + x ⊙ normpdf(x)"),
        ("tᵀ(S\\u)", "−S⁻ᵀtuᵀS⁻ᵀ"),
        ("tr(S^4)", "4(S³)ᵀ"),
        ("tr(expm(S))", "expm(Sᵀ)"),
        ("tr(expm(S)R)", "frechet_exp(Sᵀ, Rᵀ)"),
        ("‖tril(S)t‖²", "2tril(tril(S)ttᵀ)"),
        ("‖cumsum(x)‖²", "2triu(𝟏ₙ𝟏ₙᵀ)cumsum(x)"),
        ("yᵀshift(x, 2)", "shift(y, −2)"),
        ("tᵀ sum(X ⊙ X, rows)", "2diag(t)X"),
        ("‖where(x > 0, x, y)‖²", "2where(x > 0, x, y) ⊙ ispositive(x)"),
    ],
)
def test_printed_as_papers_do(formula, expected):
    wrt = next(name for name in "SXx" if name in formula)
    assert (
        matcalc.derive(formula, wrt, {n: s for n, s in SHAPES.items() if n in formula}).unicode() == expected
    )


@pytest.mark.parametrize(
    ("formula", "names", "part"),
    [
        ("tr(expm(A)B)", "A", "Fréchet"),
        ("xᵀsqrtm(A)y", "A", "Sylvester"),
        ("tr(chol(A)B)", "A", "Giles"),
        ("tr(A⁺B)", "A", "rank"),
        ("‖A‖_*", "A", "UVᵀ"),
    ],
)
def test_what_the_rules_say_is_a_note(formula, names, part):
    assert any(part in note for note in matcalc.derive(formula, names).notes)


@pytest.mark.parametrize(
    ("formula", "noted"),
    [("xᵀ(A\\exp(b))", True), ("xᵀ(A\\sum(b))c", True), ("2\\exp(b)^\\top c", False), ("xᵀ(A\\b)", False)],
)
def test_a_backslash_before_a_function_gets_a_note(formula, noted):
    shapes = {"A": ("n", "n"), "b": ("n",), "c": ("n",), "x": ("n",)}
    notes = matcalc.derive(formula, "b", shapes).notes
    assert any("division from the left" in note for note in notes) == noted


def test_a_triangle_that_is_not_square_is_no_running_sum():
    derivation = matcalc.derive("‖tril(outer(t, x))‖²", "t", {"t": ("m",), "x": ("n",)})
    t, x = np.array([1.0, -2.0, 3.0]), np.array([0.5, 2.0])
    expected = jax.grad(lambda t: (jnp.tril(jnp.outer(t, x)) ** 2).sum())(t)
    np.testing.assert_allclose(derivation.function("numpy")(t=t, x=x), expected, rtol=1e-12)
    assert "cumsum" not in derivation.unicode()


def test_a_name_of_two_words_after_a_letter():
    assert matcalc.derive("tr(Gᵀ(A leaky_relu(B)))", "A").check()
    assert matcalc.derive("tr((BA) leaky_relu(C))", "B").check()
    text = matcalc.derive("tr(AB leaky_relu(C)ᵀ)", "B").unicode()
    assert "A leaky" in text or "ᵀleaky" in text, text


def test_notes_are_of_the_variable_only():
    derivations = matcalc.derive("tr(expm(A)B) + ‖C‖²", ["A", "B", "C"])
    assert any("frechet_exp" in note for note in derivations["A"].notes)
    assert not any("frechet_exp" in note for name in "BC" for note in derivations[name].notes)


@pytest.mark.parametrize(
    ("formula", "shapes", "parts"),
    [
        ("softmax(x, rows)", None, ["softmax(…, rows) takes a matrix"]),
        ("sum(X, Y, rows)", None, ["sum(…, rows) takes a matrix"]),
        ("max(X, rows, 2)", None, ["`rows` has no meaning"]),
        ("exp(X, rows)", None, ["`rows` has no meaning as an argument of `exp`"]),
        ("dot(x, y)", "x: 3, y: 4", ["3", "4", "same shape"]),
        ("⟨x⟩", None, ["dot takes"]),
        ("solve(A, b)", "A: 3×4", ["A is 3×4", "square matrix"]),
        ("chol(A)", "A: m×n", ["m×n", "square matrix"]),
        ("x⁺", None, ["pinv takes a matrix"]),
        ("shift(x, 1/2)", None, ["whole number"]),
        ("polygamma(γ, x)", None, ["whole number"]),
        ("x > 0", None, ["where(a > b, x, y)"]),
        ("where(x > 0, x)", None, ["where takes"]),
        ("‖A‖_q", None, ["nuclear"]),
        ("mean(X, rows) + x", "X: 2×3, x: 3", ["mean(X, rows) is 2", "x is 3"]),
        ("\\frac{1}{2} A\\b", None, ["backslash b"]),
    ],
)
def test_errors_are_readable(formula, shapes, parts):
    with pytest.raises(MatcalcError) as caught:
        matcalc.derive(formula, "x" if "x" in formula else "A", shapes)
    assert all(part in str(caught.value) for part in parts), caught.value


def test_what_sympy_has_no_expression_for_is_an_error():
    with pytest.raises(MatcalcError, match="SymPy has no matrix expression for `expm`"):
        matcalc.gradient("tr(expm(A))", "A")
