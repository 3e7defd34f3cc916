"""What generated code says: as a good engineer would write it."""

import ast
import keyword

import pytest

import matcalc


def body(derivation, target="numpy", **asked):
    """The statements of the function, without its head and documentation."""
    text = derivation.code(target, **asked)
    return [line.strip() for line in text[text.rindex('"""\n') + 4 :].splitlines() if line.strip()]


CASES = [
    (
        "‖As − x‖²",
        "A",
        {},
        ["r = A @ s - x", "value = r @ r", "grad_A = 2 * np.outer(r, s)", "return value, grad_A"],
    ),
    (
        "‖Xw − y‖² + λ‖w‖²",
        "w",
        {},
        [
            "r = X @ w - y",
            "value = r @ r + lambda_ * (w @ w)",
            "grad_w = 2 * (X.T @ r) + 2 * lambda_ * w",
            "return value, grad_w",
        ],
    ),
    (
        "Σ log(1 + exp(−y ⊙ Xw))",
        "w",
        {},
        [
            "r = -y * (X @ w)",
            "value = np.sum(np.logaddexp(r, 0))",
            "grad_w = -(X.T @ (y * sigmoid(r)))",
            "return value, grad_w",
        ],
    ),
    ("tr(AB)", "A", {}, ["value = np.vdot(B, A.T)", "grad_A = B.T", "return value, grad_A"]),
    ("aᵀABb", "a", {}, ["grad_a = A @ (B @ b)", "value = a @ grad_a", "return value, grad_a"]),
    (
        "yᵀA⁻¹b",
        "b",
        {},
        [
            "grad_b = np.linalg.solve(A.T, y)",
            "value = b @ grad_b",
            "return value, grad_b",
        ],
    ),
    (
        "yᵀA⁻¹b",
        "A",
        {},
        [
            "inverse = np.linalg.inv(A)",
            "z = inverse @ b",
            "value = y @ z",
            "grad_A = -np.outer(inverse.T @ y, z)",
            "return value, grad_A",
        ],
    ),
    ("‖diag(d)A‖²", "d", {}, ["value = np.vdot(R, R)", "grad_d = 2 * np.sum(A * R, axis=1)"]),
]


@pytest.mark.parametrize(
    ("formula", "wrt", "asked", "lines"), CASES, ids=lambda value: value if isinstance(value, str) else ""
)
def test_statements(formula, wrt, asked, lines):
    assert set(lines) <= set(body(matcalc.derive(formula, wrt=wrt), **asked))


def test_one_solve_is_a_solve():
    derivation = matcalc.derive("yᵀA⁻¹b", wrt="y")
    assert body(derivation, value=False) == ["grad_y = np.linalg.solve(A, b)", "return grad_y"]


def test_definite_matrices_are_factored_once():
    derivation = matcalc.derive("log det(K + σ²I) + yᵀ(K + σ²I)⁻¹y", wrt="K", assume="K: spd")
    for target in ("numpy", "jax", "torch"):
        text = "\n".join(body(derivation, target))
        assert text.count("cholesky(") == 1 and "linalg.inv(" not in text and "solve(" not in text
    general = matcalc.derive("log det(A) + yᵀA⁻¹b", wrt="A")
    for target in ("jax", "torch"):
        text = "\n".join(body(general, target))
        assert text.count("lu_factor(") == 1 and "linalg.inv(" not in text


def test_diagonals_and_identities_are_never_made():
    for formula, wrt in (
        ("‖diag(d)A x‖²", "x"),
        ("tr(A diag(d) B)", "d"),
        ("‖X − X⊙(𝟏dᵀ)‖²", "d"),
        ("‖(A + λI)x‖²", "λ"),
    ):
        text = "\n".join(body(matcalc.derive(formula, wrt=wrt)))
        assert "np.diag(" not in text and "np.ones" not in text and "np.full" not in text, text


def test_chains_associate_in_the_cheapest_order():
    (line, *_) = body(matcalc.derive("aᵀ A B C b", wrt="a"), value=False)
    assert line == "grad_a = A @ (B @ (C @ b))"
    sized = matcalc.derive("tr(A B C)", wrt="A", shapes={"A": (200, 3), "B": (3, 100), "C": (100, 200)})
    assert body(sized, value=False) == ["grad_A = C.T @ B.T", "return grad_A"]
    long = matcalc.derive(
        "tr(X A B C D)", wrt="X", shapes={"A": (90, 2), "B": (2, 80), "C": (80, 3), "D": (3, 70)}
    )
    assert body(long, value=False)[0].count("B @ C") + body(long, value=False)[0].count("C.T @ B.T") == 1


def test_common_factors_are_multiplied_once():
    derivation = matcalc.derive("λ‖WᵀWX − X‖²/γ + Σ log(cosh(WX))", wrt="W")
    assert "\n".join(body(derivation)).count("@") == 5  # as many products as reverse mode takes


def test_hessians_keep_their_structure():
    hessian = matcalc.derive("‖T − UVᵀ‖²", wrt="U", kind="hessian")
    assert body(hessian, value=False, compressed=True)[0] == "hess_U_factor = 2 * (V.T @ V)"
    for target in ("numpy", "jax", "torch"):
        text = "\n".join(body(hessian, target, value=False))
        assert "kron" not in text and 'einsum("' not in text.replace('np.einsum("ijik->ijk", hess_U)', "")


@pytest.mark.parametrize("name", ["lambda", "class", "np", "sum", "x", "value", "grad_x", "sigmoid"])
def test_names_are_safe(name):
    formula = f"{name}ᵀ{name}" if name == "x" else f"x * {name}^2"
    try:
        derivation = matcalc.derive(formula, wrt="x", shapes={"x": (), name: ()})
    except matcalc.MatcalcError:  # the name has a meaning of its own in formulas
        return
    for target in ("numpy", "jax", "torch"):
        text = derivation.code(target)
        compile(text, "generated", "exec")
        arguments = text[text.index("def value_and_gradient(") + 23 : text.index("):")].split(", ")
        assert len(set(arguments)) == len(arguments)
        assert not any(keyword.iskeyword(argument) for argument in arguments)


def test_names_of_the_formula_are_names_in_the_code():
    lines = body(matcalc.derive("h = tanh(W x)\nL = ‖h − t‖²", wrt="W"))
    assert lines[0] == "h = np.tanh(W @ x)"


def test_only_the_value_or_only_the_derivative():
    derivation = matcalc.derive("‖As − x‖²", wrt="A")
    assert body(derivation, derivative=False)[-1] == "return value"
    assert body(derivation, value=False)[-1] == "return grad_A"
    with pytest.raises(matcalc.MatcalcError, match="the value, the derivative or both"):
        derivation.code(value=False, derivative=False)
    with pytest.raises(matcalc.MatcalcError, match="not for 'fortran'"):
        derivation.code("fortran")


@pytest.mark.parametrize(
    "formula",
    ['(wᵀx − y)²  # """ + __import__("os")', '(w\'x - y)^2 % \\"""', "log(1 + exp(−y wᵀx)) # x = 1"],
)
@pytest.mark.parametrize("target", ["numpy", "jax", "torch", "matlab"])
def test_what_was_typed_is_not_in_the_code(formula, target):
    derivation = matcalc.derive(formula, wrt="w", batch="x,y", shapes="y: scalar, x: d")
    text = derivation.code(target)
    assert "import__" not in text and "x = 1" not in text and text.count('"""') in (0, 2, 4, 6)
    if target != "matlab":
        kinds = {type(part).__name__ for part in ast.parse(text).body}
        assert kinds <= {"Expr", "Import", "FunctionDef"}


@pytest.mark.parametrize(
    ("formula", "asked"),
    [
        ("‖Ax‖²", {"shapes": {"A": ('"""\nimport os\n"""', "n")}}),
        ("‖Ax‖²", {"shapes": {"A": ("m", "n"), 'x"""': ("n",)}}),
        ("‖Ax‖²", {"kind": "pullback", "upstream": 'g"""'}),
        ("‖Ax‖²", {"kind": "hvp", "direction": '__import__("os")'}),
        ('"""x"""', {}),
        ("__import__ * x", {}),
    ],
)
def test_names_that_are_no_names_are_refused(formula, asked):
    with pytest.raises(matcalc.MatcalcError):
        matcalc.derive(formula, "x", **asked).code()
