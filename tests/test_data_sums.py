"""Gradients of sums over samples and of index notation, against JAX, at sizes that all differ."""

import numpy as np
import pytest

import matcalc

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy

n, d, m, k = 5, 3, 4, 2
RNG = np.random.default_rng(11)
SIZES = {
    "X": (n, d), "Y": (n, m), "Z": (m, d), "W": (k, d), "A": (n, m), "S": (n, n), "U": (n, k), "V": (m, k),
    "T": (n, d, m), "Q": (d, d), "C": (m, d), "R": (n, m),
    "w": (d,), "y": (n,), "a": (n,), "b": (), "x": (n,), "u": (m,), "t": (n,), "α": (n,), "c": (d,),
}  # fmt: skip
ARRAYS = {name: RNG.normal(size=size) for name, size in SIZES.items()}

CASES = [
    # in Unicode, ASCII and LaTeX; the variables; the printed gradient in the first of them where it is a matrix formula
    (
        ("Σᵢ (wᵀxᵢ − yᵢ)²", "sum_i (w'*x_i - y_i)^2", r"\sum_{i=1}^{n} (w^\top x_i - y_i)^2"),
        lambda w, X, y: jnp.sum((X @ w - y) ** 2),
        "2Xᵀ(Xw − y)",
    ),
    (
        ("Σᵢ log(1 + exp(−yᵢ wᵀxᵢ))", "sum_i log(1 + exp(-y_i*w'*x_i))", r"\sum_{i=1}^{n} \log(1+\exp(-y_i w^\top x_i))"),
        lambda w, X, y: jnp.sum(jnp.log(1 + jnp.exp(-y * (X @ w)))),
        "−Xᵀ(y ⊙ σ(−y ⊙ Xw))",
    ),
    (
        ("Σᵢⱼ Sᵢⱼ xᵢ xⱼ", "sum_ij S_ij*x_i*x_j", r"\sum_{i,j} S_{ij} x_i x_j"),
        lambda x, S: x @ S @ x,
        "(S + Sᵀ)x",
    ),
    (
        ("1/n Σᵢ (wᵀxᵢ − yᵢ)²", "1/n*sum_i (w'*x_i - y_i)^2", r"\frac{1}{n}\sum_i (w^\top x_i - y_i)^2"),
        lambda w, X, y: jnp.mean((X @ w - y) ** 2),
        "2Xᵀ(Xw − y)/n",
    ),
    (
        ("½ Σᵢ ‖xᵢ − WᵀW xᵢ‖²", "1/2*sum_i norm2(x_i - W'*W*x_i)^2", r"\frac12\sum_i \lVert x_i - W^\top W x_i\rVert^2"),
        lambda W, X: jnp.sum((X - X @ W.T @ W) ** 2) / 2,
        None,
    ),
    (
        ("Σᵢ max(0, 1 − yᵢ wᵀxᵢ)", "sum_i max(0, 1 - y_i*w'*x_i)", r"\sum_i \max(0, 1 - y_i w^\top x_i)"),
        lambda w, X, y: jnp.sum(jnp.maximum(0, 1 - y * (X @ w))),
        None,
    ),
    (
        ("Σᵢⱼ (A_ij − Σₖ U_ik V_jk)²", "sum_ij (A_ij - sum_k(U_ik*V_jk))^2", r"\sum_{i,j} \Big(A_{ij} - \sum_k U_{ik} V_{jk}\Big)^2"),
        lambda U, V, A: jnp.sum((A - U @ V.T) ** 2),
        "2(UVᵀ − A)V",
    ),
    (
        ("Σᵢⱼ (A_ij − uᵢᵀvⱼ)²", "sum_ij (A_ij - u_i'*v_j)^2", r"\sum_{i,j} (A_{ij} - u_i^\top v_j)^2"),
        lambda U, V, A: jnp.sum((A - U @ V.T) ** 2),
        "2(UVᵀ − A)V",
    ),
    (
        ("Σᵢ αᵢ − ½ Σᵢⱼ αᵢ αⱼ yᵢ yⱼ xᵢᵀxⱼ", "sum_i alpha_i - 1/2*sum_ij alpha_i*alpha_j*y_i*y_j*x_i'*x_j", r"\sum_i \alpha_i - \frac12\sum_{i,j} \alpha_i\alpha_j y_i y_j x_i^\top x_j"),
        lambda α, y, X: α.sum() - ((α * y) @ X) @ ((α * y) @ X) / 2,
        None,
    ),
    (
        ("Σᵢ (xᵢ − c)ᵀ Q (xᵢ − c)", "sum_i (x_i - c)'*Q*(x_i - c)", r"\sum_i (x_i - c)^\top Q (x_i - c)"),
        lambda c, Q, X: jnp.einsum("ij,jk,ik", X - c, Q, X - c),
        None,
    ),
    (
        ("Σᵢ (logsumexp(Z xᵢ) − yᵢᵀ Z xᵢ)", "sum_i (logsumexp(Z*x_i) - y_i'*Z*x_i)", r"\sum_i (\operatorname{logsumexp}(Z x_i) - y_i^\top Z x_i)"),
        lambda Z, X, Y: jnp.sum(jax.scipy.special.logsumexp(X @ Z.T, axis=1)) - jnp.sum(Y * (X @ Z.T)),
        None,
    ),
    (
        ("Σ_{i,j,l} T[i,j,l] x[i] w[j] u[l]", "sum_{i,j,l}(T[i,j,l]*x[i]*w[j]*u[l])", r"\sum_{i,j,l} T_{ijl} x_i w_j u_l"),
        lambda x, w, u, T: jnp.einsum("ijl,i,j,l", T, x, w, u),
        None,
    ),
    (
        ("Σᵢⱼ Rᵢⱼ ‖X[i,:] − C[j,:]‖²", "sum_ij R_ij*norm2(X[i,:] - C[j,:])^2", r"\sum_{i,j} R_{ij} \|X[i,:] - C[j,:]\|^2"),
        lambda C, X, R: jnp.sum(R * jnp.sum((X[:, None] - C[None]) ** 2, axis=2)),
        None,
    ),
    (
        ("Σ tanh(T) ⊙ T + ‖T‖", "sum(tanh(T).*T) + norm2(T)", r"\sum \tanh(T)\odot T + \|T\|"),
        lambda T: jnp.sum(jnp.tanh(T) * T) + jnp.sqrt(jnp.sum(T**2)),
        None,
    ),
    (
        ("x[3]²X[2,:]w", "x[3]^2*X[2,:]*w", "x[3]^2 X[2,:] w"),
        lambda w, x, X: x[2] ** 2 * (X[1] @ w),
        None,
    ),
    (
        ("‖X[2:4,:]w‖²", "norm2(X[2:4,:]*w)^2", r"\|X[2:4,:]w\|^2"),
        lambda w, X: jnp.sum((X[1:4] @ w) ** 2),
        None,
    ),
    (
        ("‖M‖² where M[j,i] = Σₗ Q[i,l]C[j,l]", "norm2(M)^2 where M[j,i] = sum_l(Q[i,l]*C[j,l])", r"\|M\|^2 \text{where} M_{ji} = \sum_l Q_{il} C_{jl}"),
        lambda Q, C: jnp.sum((C @ Q.T) ** 2),
        "2QCᵀC",
    ),
    (
        ("Σᵢ zᵢ² where zᵢ = wᵀxᵢ − yᵢ", "sum_i z_i^2 where z_i = w'*x_i - y_i", r"\sum_i z_i^2 \text{where} z_i = w^\top x_i - y_i"),
        lambda w, X, y: jnp.sum((X @ w - y) ** 2),
        "2Xᵀ(Xw − y)",
    ),
]  # fmt: skip


def _names(value):
    return value.__code__.co_varnames[: value.__code__.co_argcount]


@pytest.mark.parametrize("spelling", [0, 1, 2], ids=["unicode", "ascii", "latex"])
@pytest.mark.parametrize("case", CASES, ids=[case[0][1] for case in CASES])
def test_gradients_are_those_of_jax(case, spelling):
    texts, value, printed = case
    names = _names(value)
    arrays = [jnp.array(ARRAYS[name]) for name in names]
    shapes = {"T": ("n", "d", "m")} if "T" in names else None
    for place, name in enumerate(names):
        expected = jax.grad(value, argnums=place)(*arrays)
        derivation = matcalc.derive(texts[spelling], name, shapes)
        got = derivation.function("numpy")(**{each: ARRAYS[each] for each in names})
        assert got.shape == expected.shape
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-10)
        if place == 0 and printed is not None:
            assert derivation.unicode(inline=True) == printed


@pytest.mark.parametrize("case", CASES, ids=[case[0][1] for case in CASES])
def test_results_agree_with_finite_differences(case):
    texts, value, _ = case
    shapes = {"T": ("n", "d", "m")} if "T" in _names(value) else None
    for name in _names(value):
        report = matcalc.derive(texts[0], name, shapes).check()
        assert report.ok, (name, report)


def test_an_entry_has_a_unit_vector_for_its_gradient():
    assert matcalc.derive("x[3]", "x").unicode() == "Iₙ[:,3]"
    assert matcalc.derive("x[3]", "x").ascii() == "eye(n)[:,3]"
    assert matcalc.derive("x[3]", "x").latex() == "I_n[:,3]"
    assert matcalc.derive("X[2,:]w", "X").unicode() == "Iₙ[:,2]wᵀ"
    assert matcalc.derive("X[2,:]w", "w").unicode() == "Xᵀe₂"
    assert matcalc.derive("x[3] + e", "x", "e: scalar").unicode() == "Iₙ[:,3]"
    assert matcalc.derive("x[12]", "x").check().ok


def test_what_is_printed_reads_back():
    for text, name in (
        ("Σ x[2:4]", "x"),
        ("(eᵀx)x[3]", "e"),
        ("‖X[:,2:3]c‖²", "X"),
        ("x[3]", "x"),
    ):
        arrays = {
            "x": RNG.normal(size=6),
            "e": RNG.normal(size=6),
            "X": RNG.normal(size=(4, 5)),
            "c": RNG.normal(size=2),
        }
        derivation = matcalc.derive(text, name)
        expected = derivation.function("numpy")(**{key: arrays[key] for key in derivation.shapes})
        for printed in (derivation.unicode(), derivation.ascii(), derivation.latex()):
            given = {key: arrays[key] for key in derivation.shapes}
            np.testing.assert_allclose(matcalc.evaluate(printed, derivation.shapes, **given), expected)


@pytest.mark.parametrize(
    "text",
    [
        r"\sum_{i=1}^{n} Σ x[2:4]",
        "Σᵢ (x[i] + Σⱼ x[j]²)",
        "Σ tanh(T + aᵀa) where T: p×q×r",
        "Σᵢⱼ Tᵢⱼ[3]² where T: p×q×r",
        "Σᵢ (Σ_p x[i+p] k[p] − y[i])²",
        "Σᵢⱼ relu(Σ_{c,p,q} X[c,i+p,j+q] K[c,p,q]) where X: 3×6×7, K: 3×2×4",
        "Σᵢ x[i] ‖S x‖ + (Ax)[9]²",
    ],
)
def test_the_check_draws_batches_of_points(text):
    for name, derivation in matcalc.derive(text, "all").items():
        assert derivation.check().ok, name


def test_convolutions_are_those_of_jax():
    x, kernel = RNG.normal(size=(2, 3, 6, 7)), RNG.normal(size=(4, 3, 2, 3))
    got = matcalc.evaluate("Y[n,f,i,j] = Σ_{c,p,q} X[n,c,i+p,j+q] K[f,c,p,q]", X=x, K=kernel)
    expected = jax.lax.conv(jnp.array(x), jnp.array(kernel), (1, 1), "VALID")
    assert got.shape == expected.shape == (2, 4, 5, 5)
    np.testing.assert_allclose(got, expected, atol=1e-12)
    text = "‖H‖² where H[f,i,j] = Σ_{c,p,q} X[c,i+p,j+q] K[f,c,p,q], X: 3×6×7, K: 4×3×2×3"
    gradient = matcalc.derive(text, "K").function("numpy")(X=x[0], K=kernel)
    value = lambda k: jnp.sum(jax.lax.conv(jnp.array(x[:1]), k, (1, 1), "VALID") ** 2)  # noqa: E731
    np.testing.assert_allclose(gradient, jax.grad(value)(jnp.array(kernel)), rtol=1e-9)
    with pytest.raises(matcalc.MatcalcError, match="declare the sizes as numbers"):
        matcalc.derive("Σᵢ (Σ_p x[i+p] k[p])²", "x")


def test_sympy_has_unit_vectors():
    expression = matcalc.gradient("X[2,:]w", "X", "X: 3×2")
    assert str(expression.as_explicit()) == "Matrix([[0, 0], [w[0, 0], w[1, 0]], [0, 0]])"


@pytest.mark.parametrize(
    ("text", "wrt", "expected"),
    [
        ("Σᵢ (⟨w, xᵢ⟩ − yᵢ)²", "w", "2Xᵀ(Xw − y)"),
        ("sum_i (dot(w, x_i) - y_i)^2", "w", "2Xᵀ(Xw − y)"),
        ("Σ_{i,j} K_ij ⟨xᵢ, xⱼ⟩", "X", "(K + Kᵀ)X"),
        ("Σᵢ ⟨A, xᵢxᵢᵀ⟩", "A", "XᵀX"),
        ("‖Σᵢ outer(xᵢ, xᵢ)‖²", "X", "4XXᵀX"),
        (r"\sum_{i,j} (\langle u_i, v_j \rangle - R_{ij})^2", "U", "2(UVᵀ − R)V"),
    ],
)
def test_inner_and_outer_products_of_rows(text, wrt, expected):
    derivation = matcalc.derive(text, wrt)
    assert derivation.unicode() == expected
    assert derivation.check().ok


def test_the_inner_product_with_a_number_is_refused():
    with pytest.raises(matcalc.MatcalcError, match="must have the same shape"):
        matcalc.derive("Σᵢ ⟨xᵢ, 3⟩ where X: n×d", "X")


def test_inner_products_of_rows_are_those_of_jax():
    x, weights = RNG.normal(size=(4, 3)), RNG.normal(size=(4, 4))
    got = matcalc.derive("Σ_{i,j} K_ij exp(⟨xᵢ, xⱼ⟩)", "X").function("numpy")(X=x, K=weights)
    value = lambda x: jnp.sum(jnp.array(weights) * jnp.exp(x @ x.T))  # noqa: E731
    np.testing.assert_allclose(got, jax.grad(value)(jnp.array(x)), rtol=1e-9)
