"""Kronecker products, vec, unvec and blocks: values against NumPy, gradients against JAX, and what is printed."""

import numpy as np
import pytest

import matcalc
from matcalc.reading import read

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

rng = np.random.default_rng(3)
A, B, C, D = (rng.normal(size=size) for size in ((2, 3), (2, 4), (5, 3), (5, 4)))
x, y = rng.normal(size=3), rng.normal(size=4)


def vec(a):
    return a.T.reshape(-1)


def unvec(v, rows, columns):
    return v.reshape(columns, rows).T


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A⊗B", np.kron(A, B)),
        ("kron(A, B)", np.kron(A, B)),
        (r"A \otimes B", np.kron(A, B)),
        ("A⊗B⊗x", np.kron(np.kron(A, B), x[:, None])),
        ("kron(A, B, y)", np.kron(np.kron(A, B), y[:, None])),
        ("2A⊗B", 2 * np.kron(A, B)),
        ("AAᵀ⊗B", np.kron(A @ A.T, B)),
        ("x⊗y", np.kron(x, y)),
        ("xᵀ⊗A", np.kron(x[None], A)),
        ("vec(A)", A.reshape(-1, order="F")),
        (r"\operatorname{vec}(A)", A.reshape(-1, order="F")),
        ("vec(x)", x),
        ("vec(xᵀ)", x),
        ("unvec(vec(A), 2, 3)", A),
        ("unvec(vec(A), 3, 2)", A.reshape(-1, order="F").reshape(3, 2, order="F")),
        ("unvec(vec(A)) + A", 2 * A),
        ("K_{2,3}vec(A)", A.T.reshape(-1, order="F")),
        ("blockdot(A⊗D, D)", A * (D * D).sum()),
        ("blocksum(A, A⊗D)", D * (A * A).sum()),
        ("[A B; C D]", np.block([[A, B], [C, D]])),
        ("[A, B; C, D]", np.block([[A, B], [C, D]])),
        (r"\begin{bmatrix} A & B \\ C & D \end{bmatrix}", np.block([[A, B], [C, D]])),
        (r"\begin{pmatrix} A x \\ C x \end{pmatrix}", np.concatenate([A @ x, C @ x])),
        ("[A -B; C D]", np.block([[A, -B], [C, D]])),
        ("[A, 2B]", np.hstack([A, 2 * B])),
        ("[x; y]", np.concatenate([x, y])),
        ("[xᵀ, yᵀ]", np.concatenate([x, y])[None]),
        ("[A' C']", np.hstack([A.T, C.T])),
        ("[A B][x; y]", A @ x + B @ y),
        ("[A; xᵀ]", np.vstack([A, x])),
        ("[AᵀA x; xᵀ 1]", np.block([[A.T @ A, x[:, None]], [x[None], np.ones((1, 1))]])),
        ("[A 0; 0 D]", np.block([[A, np.zeros((2, 4))], [np.zeros((5, 3)), D]])),
        ("[1, 2; 3, 4]", np.array([[1.0, 2], [3, 4]])),
        ("[x + x]", 2 * x),
        ("[x - x; y]", np.concatenate([0 * x, y])),
        ("log det [AAᵀ 0; 0 2]", np.log(2 * np.linalg.det(A @ A.T))),
    ],
)
def test_values(text, expected):
    given = {
        name: value
        for name, value in zip("ABCDxy", (A, B, C, D, x, y), strict=True)
        if name in read(text).shapes
    }
    np.testing.assert_allclose(matcalc.evaluate(text, **given), expected, atol=1e-14)


GRADIENTS = [
    ("yᵀvec(X)", "X", "X: 2×3", "unvec(y, 2, 3)", lambda X, y: y @ vec(X)),
    ("yᵀvec(X)", "X", "X: m×n", "unvec(y, m, n)", None),
    ("‖vec(X)‖²", "X", "X: 2×3", "2X", lambda X: (X**2).sum()),
    ("‖A⊗X‖²", "X", "A: 2×3, X: 4×5", "2‖A‖²X", lambda X, A: (jnp.kron(A, X) ** 2).sum()),
    ("tr(A⊗X)", "X", "A: 2×2, X: 3×3", None, lambda X, A: jnp.trace(jnp.kron(A, X))),
    ("tr((A⊗X)C)", "X", "A: 2×3, X: 4×5", "blocksum(A, Cᵀ)", lambda X, A, C: jnp.trace(jnp.kron(A, X) @ C)),
    ("tr((X⊗A)C)", "X", "A: 2×3, X: 4×5", "blockdot(Cᵀ, A)", lambda X, A, C: jnp.trace(jnp.kron(X, A) @ C)),
    (
        "vec(X)ᵀ(B⊗A)vec(X)",
        "X",
        "X: 2×3",
        "AXBᵀ + AᵀXB",
        lambda X, A, B: vec(X) @ jnp.kron(B, A) @ vec(X),
    ),
    ("aᵀ(B⊗C)d", "C", "B: 2×3, C: 4×5", "unvec(a)B unvec(d)ᵀ", lambda C, a, B, d: a @ jnp.kron(B, C) @ d),
    ("aᵀ(B⊗C)d", "B", "B: 2×3, C: 4×5", "unvec(a)ᵀC unvec(d)", lambda B, a, C, d: a @ jnp.kron(B, C) @ d),
    (
        "‖y − a⊗b‖²",
        "a",
        "a: 2, b: 3",
        "−2unvec(y − a⊗b)ᵀb",
        lambda a, b, y: ((y - jnp.kron(a, b)) ** 2).sum(),
    ),
    ("yᵀK_{2,3}vec(X)", "X", "X: 2×3", None, lambda X, y: y @ vec(X.T)),
    (
        "‖B unvec(y, 2, 3) − C‖²",
        "y",
        "B: 4×2",
        "2vec(Bᵀ(B unvec(y) − C))",
        lambda y, B, C: ((B @ unvec(y, 2, 3) - C) ** 2).sum(),
    ),
    (
        "yᵀvec(tanh(AXB))",
        "X",
        "A: 2×3, X: 3×4, B: 4×5",
        None,
        lambda X, A, B, y: y @ vec(jnp.tanh(A @ X @ B)),
    ),
    ("log det (X⊗A)", "X", "A: 2×2, X: 3×3", None, lambda X, A: jnp.linalg.slogdet(jnp.kron(X, A))[1]),
    (
        "‖[A B][x; y] − b‖²",
        "x",
        "A: 2×3, B: 2×4",
        "2Aᵀ([A B][x; y] − b)",
        lambda x, A, B, y, b: ((A @ x + B @ y - b) ** 2).sum(),
    ),
    (
        "‖[A B][x; y] − b‖²",
        "B",
        "A: 2×3, B: 2×4",
        "2([A B][x; y] − b)yᵀ",
        lambda B, A, x, y, b: ((A @ x + B @ y - b) ** 2).sum(),
    ),
    ("log det [A B; C D]", "B", "A: m×m, D: p×p", "[I 0][A B; C D]⁻ᵀ[0; I]", None),
    (
        "log det [A B; C D]",
        "C",
        "A: 2×2, D: 3×3",
        None,
        lambda C, A, B, D: jnp.linalg.slogdet(jnp.block([[A, B], [C, D]]))[1],
    ),
    ("‖[A B; C D]‖²", "C", "A: 2×3, D: 4×5", "2C", lambda C, A, B, D: (C**2).sum() + (A**2 + 0).sum()),
    ("uᵀ[x; y; z]", "y", "x: 2, y: 3, z: 4", None, lambda y, u, x, z: u @ jnp.concatenate([x, y, z])),
    (
        "‖W[h; x; 1]‖²",
        "W",
        "h: 2, x: 3, W: 4×6",
        "2W[h; x; 1][hᵀ, xᵀ, 1]",
        lambda W, h, x: ((W @ jnp.concatenate([h, x, jnp.ones(1)])) ** 2).sum(),
    ),
    (
        "‖[A; γI]x − [b; 0]‖²",
        "γ",
        "A: 2×3, b: 2",
        None,
        lambda gamma, A, x, b: ((A @ x - b) ** 2).sum() + gamma**2 * (x**2).sum(),
    ),
    ("‖[A, b] − C‖²", "b", "A: 2×3", None, lambda b, A, C: ((b - C[:, 3]) ** 2).sum()),
    (
        "log det [A b; bᵀ 1]",
        "b",
        "A: 3×3",
        None,
        lambda b, A: jnp.linalg.slogdet(jnp.block([[A, b[:, None]], [b[None], jnp.ones((1, 1))]]))[1],
    ),
]


@pytest.mark.parametrize(
    ("text", "wrt", "shapes", "printed", "function"),
    GRADIENTS,
    ids=[f"{g[0]} {g[1]} {g[2]}" for g in GRADIENTS],
)
def test_gradients(text, wrt, shapes, printed, function):
    derivation = matcalc.derive(text, wrt, shapes)
    if printed is not None:
        assert derivation.unicode() == printed
    assert derivation.check()
    for spelling in (derivation.unicode(), derivation.ascii(), derivation.latex()):
        assert read(spelling, derivation.shapes).value.shape == derivation.result.shape
    if function is None:
        return
    sizes = read(text, shapes).shapes
    values = {}
    for name, shape in sizes.items():
        own = [size for size in shape if size is not None]
        assert all(isinstance(size, int) for size in own)
        values[name] = rng.uniform(0.2, 1.2, own) + (
            3 * np.eye(own[0]) if len(own) == 2 and own[0] == own[1] else 0
        )
    first, *rest = function.__code__.co_varnames[: function.__code__.co_argcount]
    expected = jax.grad(function)(values[first], *(values[name] for name in rest))
    np.testing.assert_allclose(derivation.function("numpy")(**values), expected, rtol=1e-9, atol=1e-11)
    for spelling in (derivation.unicode(), derivation.ascii(), derivation.latex()):
        used = read(spelling, derivation.shapes).shapes
        again = matcalc.evaluate(
            spelling, derivation.shapes, **{n: v for n, v in values.items() if n in used}
        )
        np.testing.assert_allclose(again, expected, rtol=1e-9, atol=1e-11)


def test_brackets_with_spaces_are_blocks_and_say_so():
    reading = read("[A B][x; y]")
    assert any("block matrix" in note for note in reading.notes)
    assert not any("block matrix" in note for note in read("‖[Ax − b]‖²").notes)
    with pytest.raises(matcalc.MatcalcError, match="round brackets make it a product"):
        read("[A B]", "A: m×n, B: n×p")


def test_sympy_forms():
    derivation = matcalc.derive("yᵀvec(X) + ‖A⊗X‖²", "X", "X: 2×3, A: 2×2")
    values = {"y": rng.normal(size=6), "A": rng.normal(size=(2, 2)), "X": rng.normal(size=(2, 3))}
    import sympy

    matrices = {sympy.MatrixSymbol(n, *(*v.shape, 1)[:2]): sympy.Matrix(v) for n, v in values.items()}
    found = np.array(derivation.sympy.subs(matrices).doit().as_explicit(), dtype=float)
    np.testing.assert_allclose(found, derivation.function("numpy")(**values), rtol=1e-12)


def test_a_scalar_block_makes_no_note():
    derivation = matcalc.derive("log det [A b; bᵀ c] where A: n×n, c: scalar", "c")
    assert derivation.notes == ()
    assert derivation.check().ok


@pytest.mark.parametrize(
    ("text", "function"),
    [
        ("diag(diag(X))X", lambda X, M: jnp.diag(jnp.diag(X)) @ X),
        ("M diag(diag(X))M", lambda X, M: M @ jnp.diag(jnp.diag(X)) @ M),
        ("I ⊙ MX", lambda X, M: jnp.eye(3) * (M @ X)),
    ],
)
def test_jacobians_of_diagonals_in_the_kronecker_layout(text, function):
    """P[a,i,i], the choice of the diagonal from vec(X), is not a pairing of two different indices."""
    X, M = rng.normal(size=(2, 3, 3))
    found = matcalc.derive(text, "X", {"X": ("n", "n"), "M": ("n", "n")}, kind="jacobian", layout="kron")
    assert found.check().ok
    values = {name: value for name, value in {"X": X, "M": M}.items() if name in found.shapes}
    expected = jax.jacobian(lambda v: vec(function(unvec(v, 3, 3), M)))(vec(X))
    np.testing.assert_allclose(found.function("numpy")(**values), expected, atol=1e-12)
    read_back = matcalc.evaluate(found.unicode(), found.shapes, **values)
    np.testing.assert_allclose(read_back, expected, atol=1e-12)


def test_hessians_of_diagonals_in_the_kronecker_layout():
    X, M = rng.normal(size=(2, 3, 3))
    found = matcalc.derive("diag(X)ᵀM diag(X)", "X", kind="hessian", layout="kron")
    assert found.check().ok
    expected = jax.hessian(lambda v: jnp.diag(unvec(v, 3, 3)) @ M @ jnp.diag(unvec(v, 3, 3)))(vec(X))
    np.testing.assert_allclose(found.function("numpy")(X=X, M=M), expected, atol=1e-12)
