"""Texts that take less: squares of products, places of identities, long loops, symmetric products, short lines.

The numbers are compared with PyTorch's or JAX's own derivatives of the same functions.
"""

import ast

import numpy as np
import pytest

import matcalc
from matcalc.code.lines import broken
from matcalc.code.ordering import cheapest

LIBRARIES = ("numpy", "jax", "torch")


def body(derivation, target="numpy", **asked):
    """The statements of the function, without its head and documentation."""
    text = derivation.code(target, **asked)
    return [line.strip() for line in text[text.rindex('"""\n') + 4 :].splitlines() if line.strip()]


def normal(*shape, seed=0):
    return np.random.default_rng([seed, *shape]).normal(size=shape)


def compared(derivation, loss, wrt, inputs, hessian=False):
    """Our code for every library against PyTorch's derivatives of ``loss``, a function of keywords."""
    torch = pytest.importorskip("torch")
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    tensors = {name: torch.tensor(np.asarray(value)) for name, value in inputs.items()}
    of_one = lambda x: loss(torch, **(tensors | {wrt: x}))  # noqa: E731
    derive = torch.func.hessian(of_one) if hessian else torch.func.grad(of_one)
    expected = of_one(tensors[wrt]), derive(tensors[wrt])
    for target in LIBRARIES:
        for got, wanted in zip(derivation.function(target, value=True)(**inputs), expected, strict=True):
            assert np.shape(got) == tuple(wanted.shape)
            np.testing.assert_allclose(np.asarray(got), wanted.numpy(), rtol=1e-10, atol=1e-12)


def test_a_square_of_a_product_is_made_of_the_product():
    derivation = matcalc.derive("‖M⊙(T − UVᵀ)‖² + λ‖U‖²", "U")
    assert body(derivation) == [
        "R = M * (T - U @ V.T)",
        "value = np.vdot(R, R) + lambda_ * np.vdot(U, U)",
        "grad_U = 2 * lambda_ * U - 2 * ((M * R) @ V)",
        "return value, grad_U",
    ]
    inputs = {"M": normal(5, 4), "T": normal(5, 4, seed=1), "U": normal(5, 3), "V": normal(4, 3), "λ": 0.3}
    compared(
        derivation,
        lambda xp, M, T, U, V, λ: xp.sum((M * (T - U @ V.T)) ** 2) + λ * xp.sum(U**2),
        "U",
        inputs,
    )


@pytest.mark.parametrize(
    ("formula", "value", "loss"),
    [
        ("‖A./B‖²", "value = np.vdot(R, R)", lambda xp, A, B: xp.sum((A / B) ** 2)),
        ("Σ(A .* A .* A .* A .* B .* B)", "value = np.vdot(R, R)", lambda xp, A, B: xp.sum(A**4 * B**2)),
        ("‖3*A⊙B‖²", "value = 9 * np.vdot(R, R)", lambda xp, A, B: xp.sum((3 * A * B) ** 2)),
        ("Σ(A⊙A⊙B)", "value = np.vdot(A, R)", lambda xp, A, B: xp.sum(A * A * B)),  # no square
    ],
)
def test_squares_entry_by_entry(formula, value, loss):
    derivation = matcalc.derive(formula, "A")
    assert value in body(derivation), body(derivation)
    compared(derivation, loss, "A", {"A": normal(3, 4), "B": 2 + normal(3, 4, seed=1) ** 2})


def test_in_jax_sums_of_products_are_sums_and_numbers_go_into_products():
    lines = body(matcalc.derive("‖M⊙(T − UVᵀ)‖² + λ‖U‖²", "U"), "jax")
    assert lines[1:3] == [
        "value = jnp.sum(R**2) + lambda_ * jnp.sum(U**2)",
        "grad_U = 2 * lambda_ * U - (2 * M * R) @ V",
    ]


def test_a_number_stays_where_the_product_is_used_again():
    lines = body(matcalc.derive("‖(A⊙B)C‖² + Σ(A⊙B)", "C"), "jax")
    assert not any("(2 * A * B)" in line for line in lines), lines


@pytest.mark.parametrize("target", ["numpy", "torch", "matlab"])  # the compiler of JAX makes none
def test_an_identity_is_not_made_dense_though_it_is_used_twice(target):
    derivation = matcalc.derive("‖X − I‖² + ‖(X − I)A‖² + ‖Y − I‖²", ["X", "Y"])
    text = derivation.code(target)
    assert "eye(" not in text, text


def test_places_are_added_to_and_subtracted_from():
    derivation = matcalc.derive("‖X − I‖² + ‖(X − I)A‖²", "X")
    assert body(derivation) == [
        "n = X.shape[0]",
        "R = X.copy()",
        "R.flat[:: n + 1] -= 1",
        "Z = R @ A",
        "value = np.vdot(R, R) + np.vdot(Z, Z)",
        "G = A @ A.T",
        "G.flat[:: n + 1] += 1",
        "grad_X = 2 * (R @ G)",
        "return value, grad_X",
    ]
    compared(
        derivation,
        lambda xp, X, A: (
            xp.sum((X - xp.eye(4, dtype=X.dtype)) ** 2) + xp.sum(((X - xp.eye(4, dtype=X.dtype)) @ A) ** 2)
        ),
        "X",
        {"X": normal(4, 4), "A": normal(4, 3)},
    )


def test_diagonals_used_twice_stand_in_their_places():
    derivation = matcalc.derive("‖X − diag(a)‖² + Σ exp(X − 2diag(a))", "X")
    assert not any("np.diag(" in line for line in body(derivation))
    lines = body(derivation)
    assert "R.flat[:: n + 1] -= a" in lines and any("-= 2 * a" in line for line in lines), lines
    compared(
        derivation,
        lambda xp, X, a: xp.sum((X - xp.diag(a)) ** 2) + xp.sum(xp.exp(X - 2 * xp.diag(a))),
        "X",
        {"X": normal(4, 4), "a": normal(4)},
    )


def test_a_multiple_of_a_sum_at_hand_is_that():
    assert "grad_Y = 2 * G" in body(matcalc.derive("‖X − I‖² + ‖Y − I‖²", ["X", "Y"]))
    assert body(matcalc.derive("Σ exp(A + B) + Σ sin(3A + 3B)", "A"))[0] == "R = A + B"


def test_loops_over_many_axes_are_long():
    hessian = matcalc.derive("xᵀAᵀDAx", "A", kind="hessian")
    assert "hess_A = x[:, None, None] * (x * (D + D.T)[:, :, None])[:, None, :, :]" in body(hessian)
    assert any(line.startswith("hess_A = x[:, None, None] * (x * ") for line in body(hessian, "torch"))
    inputs = {"x": normal(3), "A": normal(4, 3), "D": normal(4, 4)}
    compared(hessian, lambda xp, x, A, D: x @ A.T @ D @ A @ x, "A", inputs, hessian=True)
    # M[i,k] x[j] x[l]: x[l] first, then i, k and l are one factor whose k and l lie together
    factors = [frozenset("ik"), frozenset("j"), frozenset("l")]
    sizes = dict.fromkeys("ijkl", 20)
    assert cheapest(factors, frozenset("ijkl"), sizes, "ijkl")[0] in (
        ((0, 2), 1),
        (1, (0, 2)),
        ((2, 0), 1),
        (1, (2, 0)),
    )
    assert cheapest(factors, frozenset("ijkl"), sizes)[0] in (((1, 2), 0), (0, (1, 2)))


LOGISTIC = "Σ log(1 + exp(−y ⊙ XWv))"


def test_a_symmetric_product_goes_by_its_half_only_where_that_is_cheaper():
    hessian = matcalc.derive(LOGISTIC, "v", kind="hessian")
    assert body(hessian, value=False)[-2] == "hess_v = R.T @ R"
    shapes = {"X": (70, 2), "W": (2, 60), "v": (60,), "y": (70,)}
    narrow = matcalc.derive(LOGISTIC, "v", shapes, kind="hessian")
    (line,) = (line for line in body(narrow, value=False) if line.startswith("hess_v"))
    assert line.startswith("hess_v = W.T @ (") and line.endswith("@ W)"), line
    inputs = {name: normal(*shape) for name, shape in shapes.items()}
    for each in (hessian, narrow):
        compared(
            each,
            lambda xp, X, W, v, y: xp.sum(xp.log1p(xp.exp(-y * (X @ (W @ v))))),
            "v",
            inputs,
            hessian=True,
        )


@pytest.mark.parametrize("n", [5, 64, 150])
def test_jax_computes_half_of_a_symmetric_product(n):
    jax = pytest.importorskip("jax")
    jax.config.update("jax_enable_x64", True)
    hessian = matcalc.derive("Σ log(1 + exp(−y ⊙ Xw))", "w", kind="hessian")
    inputs = {"X": normal(7, n), "w": normal(n) / n, "y": np.sign(normal(7))}
    function = hessian.function("jax")
    got = function(**inputs)
    loss = lambda w: jax.numpy.sum(jax.nn.softplus(-inputs["y"] * (inputs["X"] @ w)))  # noqa: E731
    np.testing.assert_allclose(got, jax.hessian(loss)(inputs["w"]), rtol=1e-9, atol=1e-12)
    compiled = jax.jit(lambda **arrays: function.compute(*[arrays[name] for name in function.arguments]))
    cost = compiled.lower(**inputs).compile().cost_analysis()
    flops = (cost[0] if isinstance(cost, list) else cost)["flops"]
    whole = 2 * 7 * n * n
    assert flops < (0.9 if n > 64 else 1.1 if n == 64 else 3) * whole + 200 * n


def test_functions_that_are_only_mentioned_are_not_in_the_file():
    derivation = matcalc.derive("logsumexp(z) − tᵀz", "z", kind="hessian")
    assert "def logsumexp" not in derivation.code("numpy", value=False)
    assert "def logsumexp" in derivation.code("numpy")


@pytest.mark.parametrize("target", [*LIBRARIES, "matlab"])
def test_lines_are_short(target):
    network = "h = tanh(UVx)\nu = tanh(Uh)\nv = tanh(Uu)\n‖v − t‖² + Σ log(1 + exp(Uv))"
    for formula, wrt, kind in (
        (network, "U", "hessian"),
        (network, "V", "gradient"),
        ("‖WᵀWx − x‖²", "W", "hessian"),
    ):
        derivation = matcalc.derive(formula, wrt, kind=kind)
        for asked in ({}, {"compressed": True}):
            for line in derivation.code(target, **asked).splitlines():
                assert len(line) <= 110, line


LONG = [
    "x = " + " + ".join(f"alpha{i} * (beta{i} @ gamma{i})" for i in range(8)),
    "y = np.where(" + ", ".join(f"f{i}(a{i} + b, 'c')" for i in range(12)) + ")",
    'np.einsum("ijik->ijk", h)[...] -= 2 * (' + " - ".join(f"a{i} / b[:, None]" for i in range(12)) + ")",
    "z = " + " * ".join(f"factor_{i}[:, None]" for i in range(12)),
    "w = ("
    + " + ".join(f"a{i}" for i in range(30))
    + ").T @ ("
    + " + ".join(f"b{i}" for i in range(30))
    + ")",
    'p = f("a + b", ' + ", ".join(f"argument_{i}" for i in range(12)) + ") + 1",
]


@pytest.mark.parametrize("statement", LONG)
def test_a_broken_statement_is_the_same_statement(statement):
    lines = broken(statement)
    assert len(lines) > 2 and max(map(len, lines)) <= 106
    assert ast.dump(ast.parse("\n".join(lines))) == ast.dump(ast.parse(statement))
    assert all(line.startswith("    ") for line in lines[1:] if line[0] not in ")")


def test_a_short_statement_is_left():
    assert broken("x = a + b") == ["x = a + b"]
    assert broken("x = (\n") == ["x = (\n"]
