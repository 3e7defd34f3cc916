"""Jacobians, Hessians, pullbacks, pushforwards and Hessian-vector products against autograd."""

from fractions import Fraction

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import sympy

import matcalc
from matcalc import kinds
from matcalc.naming import Names

SIZES = {"m": 2, "n": 3, "k": 4, "p": 5}
SHAPES = {
    "c": (),
    "x": ("n",),
    "y": ("m",),
    "A": ("m", "n"),
    "B": ("m", "n"),
    "X": ("n", "k"),
    "C": ("k", "p"),
    "S": ("n", "n"),
    "U": ("m", "k"),
    "V": ("n", "k"),
}


def softmax(z):
    return anp.exp(z) / anp.sum(anp.exp(z))


# The formula, its value by autograd's NumPy as a function of named arrays, and the arrays.
VALUES = [  # values of order 0, 1, 2 in variables of order 0, 1, 2
    ("sin(c)*norm2(x)^2", lambda c, x: anp.sin(c) * anp.sum(x**2), "c"),
    ("log(1 + c*x'*x)", lambda c, x: anp.log(1 + c * x @ x), "x"),
    ("sum(A.*tanh(A))", lambda A: anp.sum(A * anp.tanh(A)), "A"),
    ("exp(c*x)", lambda c, x: anp.exp(c * x), "c"),
    ("tanh(A*x).*y", lambda A, x, y: anp.tanh(A @ x) * y, "x"),
    ("softmax(A*x)", lambda A, x: softmax(A @ x), "A"),
    ("softmax(A*x)", lambda A, x: softmax(A @ x), "x"),
    ("exp(c*A)", lambda c, A: anp.exp(c * A), "c"),
    ("tanh(A*x)*x'", lambda A, x: anp.outer(anp.tanh(A @ x), x), "x"),
    ("diag(x.*x)", lambda x: anp.diag(x * x), "x"),
    ("tanh(A*X)*C", lambda A, X, C: anp.tanh(A @ X) @ C, "X"),
    ("inv(S)", lambda S: anp.linalg.inv(S), "S"),
    ("A'*A", lambda A: A.T @ A, "A"),
    ("A./norm2(A)", lambda A: A / anp.sqrt(anp.sum(A**2)), "A"),
]
SCALARS = [
    ("c^3*x'*x", lambda c, x: c**3 * x @ x, "c"),
    ("log(sum(exp(A*x)))", lambda A, x: anp.log(anp.sum(anp.exp(A @ x))), "x"),
    ("norm2(A*x - y)^2", lambda A, x, y: anp.sum((A @ x - y) ** 2), "A"),
    ("norm2(B - U*V')^2", lambda B, U, V: anp.sum((B - U @ V.T) ** 2), "U"),
    ("logdet(S)", lambda S: anp.log(anp.linalg.det(S)), "S"),
    ("norm2(A)", lambda A: anp.sqrt(anp.sum(A**2)), "A"),
    ("sum(tanh(A*X))", lambda A, X: anp.sum(anp.tanh(A @ X)), "A"),
]
ids = [f"{text}/{wrt}" for text, _, wrt in VALUES]
values = pytest.mark.parametrize(("text", "function", "wrt"), VALUES, ids=ids)
scalars = pytest.mark.parametrize(
    ("text", "function", "wrt"), SCALARS, ids=[f"{text}/{wrt}" for text, _, wrt in SCALARS]
)


def arrays_of(function, seed=3):
    """Positive arrays for the arguments of a function; S is positive definite, but not symmetric."""
    random = np.random.default_rng(seed)
    names = function.__code__.co_varnames[: function.__code__.co_argcount]
    made = {name: random.uniform(0.2, 0.9, [SIZES[size] for size in SHAPES[name]]) for name in names}
    return {name: array + 2 * np.eye(3) if name == "S" else array for name, array in made.items()}


def jacobian(function, wrt, arrays, order=1):
    """The derivative by autograd, of shape value × variable."""
    names = [*arrays]
    derivative = function
    for _ in range(order):
        derivative = autograd.jacobian(derivative, names.index(wrt))
    return np.asarray(derivative(*arrays.values()))


def in_sympy(derivation, arrays):
    """The numbers of the SymPy result; a vector is n×1."""
    expr = sympy.sympify(derivation.sympy)
    sizes = {sympy.Symbol(name, integer=True, positive=True): sympy.Integer(n) for name, n in SIZES.items()}
    expr = expr.xreplace(sizes)
    given = {sympy.Symbol(name): float(value) for name, value in arrays.items() if value.ndim == 0}
    for symbol in expr.atoms(sympy.MatrixSymbol):
        given[symbol] = sympy.ImmutableMatrix(arrays[symbol.name].reshape(symbol.shape).tolist())
    expr = expr.subs(given)
    if not derivation.shape:
        return np.array(expr.doit()).astype(float)
    return np.array(expr.as_explicit().applyfunc(lambda entry: entry.doit()).tolist()).astype(float)


def agree(got, expected):
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9 * max(1e-3, np.abs(expected).max()))


def holds(derivation, arrays, expected):
    """The function, SymPy's value, what is printed where it can be read back, and the check."""
    assert len(derivation.shape) == expected.ndim
    agree(derivation.function()(**arrays), expected)
    agree(in_sympy(derivation, arrays), expected[:, None] if expected.ndim == 1 else expected)
    if expected.ndim <= 2:
        for printed in (derivation.unicode(), derivation.ascii(), derivation.latex()):
            value = matcalc.evaluate(printed, derivation.shapes, **arrays)
            agree(np.broadcast_to(value, expected.shape), expected)
    assert derivation.check().ok is True


@values
def test_jacobians(text, function, wrt):
    arrays = arrays_of(function)
    derivation = matcalc.derive(text, wrt, SHAPES, kind="jacobian")
    holds(derivation, arrays, jacobian(function, wrt, arrays))
    assert derivation.kind == "jacobian" and derivation.wrt == wrt


@scalars
def test_hessians(text, function, wrt):
    arrays = arrays_of(function)
    expected = jacobian(function, wrt, arrays, 2)
    holds(matcalc.derive(text, wrt, SHAPES, kind="hessian"), arrays, expected)


def test_mixed_blocks():
    text, function, _ = SCALARS[3]
    arrays = arrays_of(function)
    expected = autograd.jacobian(autograd.jacobian(function, 1), 2)(*arrays.values())
    derivation = matcalc.derive(text, ["U", "V"], SHAPES, kind="hessian")
    assert derivation.shape == ("m", "k", "n", "k")
    holds(derivation, arrays, expected)


def test_higher_orders():
    arrays = {"x": np.array([0.3, -0.4, 0.9])}
    for order in (1, 3, 4):
        derivation = matcalc.derive("sum(exp(2*x))", "x", SHAPES, kind="hessian", order=order)
        expected = jacobian(lambda x: anp.sum(anp.exp(2 * x)), "x", arrays, order)
        agree(derivation.function()(**arrays), expected)
        assert derivation.shape == ("n",) * order and derivation.check().ok is True


@scalars
def test_hessian_vector_products(text, function, wrt):
    arrays = arrays_of(function)
    direction = np.random.default_rng(8).normal(size=arrays[wrt].shape)
    hessian = jacobian(function, wrt, arrays, 2)
    expected = np.tensordot(hessian, direction, direction.ndim)
    derivation = matcalc.derive(text, wrt, SHAPES, kind="hvp", direction="d")
    assert derivation.shapes["d"] == derivation.shape == SHAPES[wrt]
    holds(derivation, {**arrays, "d": direction}, expected)


@values
def test_pullbacks(text, function, wrt):
    arrays = arrays_of(function)
    expected = jacobian(function, wrt, arrays)
    upstream = np.random.default_rng(9).normal(size=function(**arrays).shape)
    expected = np.asarray(np.tensordot(upstream, expected, upstream.ndim))
    derivation = matcalc.derive(text, wrt, SHAPES, kind="pullback", upstream="G")
    assert [SIZES[size] for size in derivation.shapes["G"]] == list(upstream.shape)
    holds(derivation, {**arrays, "G": upstream}, expected)


@values
def test_pushforwards(text, function, wrt):
    arrays = arrays_of(function)
    tangent = np.random.default_rng(10).normal(size=arrays[wrt].shape)
    expected = np.asarray(np.tensordot(jacobian(function, wrt, arrays), tangent, tangent.ndim))
    derivation = matcalc.derive(text, wrt, SHAPES, kind="pushforward", tangent="H")
    assert derivation.shapes["H"] == SHAPES[wrt]
    holds(derivation, {**arrays, "H": tangent}, expected)


# Layouts, rows, programs -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["tanh(A*x)", "softmax(A*x)", "A*x"])
def test_the_denominator_layout_is_the_transpose(text):
    arrays = arrays_of(lambda A, x: 0)
    numerator = matcalc.derive(text, "x", SHAPES, kind="jacobian")
    denominator = matcalc.derive(text, "x", SHAPES, kind="jacobian", layout="denominator")
    assert numerator.shape == ("m", "n") and denominator.shape == ("n", "m")
    agree(denominator.function()(**arrays), numerator.function()(**arrays).T)
    agree(in_sympy(denominator, arrays), in_sympy(numerator, arrays).T)
    assert any("numerator layout" in note for note in numerator.notes)
    assert any("denominator layout" in note for note in denominator.notes)
    assert denominator.check().ok is True


@pytest.mark.parametrize(
    ("text", "function", "wrt"),
    [
        ("x'", lambda x: x[None, :], "x"),
        ("x'*S", lambda x, S: (x @ S)[None, :], "S"),
        ("c*x'", lambda c, x: (c * x)[None, :], "c"),
    ],
)
def test_rows_have_two_axes(text, function, wrt):
    arrays = arrays_of(function)
    arrays = {name: np.asarray(array) for name, array in arrays.items()}
    expected = jacobian(function, wrt, arrays)
    derivation = matcalc.derive(text, wrt, SHAPES, kind="jacobian")
    assert derivation.shape[0] == 1
    agree(derivation.function()(**arrays), expected)
    agree(in_sympy(derivation, arrays), expected)
    assert derivation.check().ok is True


PROGRAM = "h = tanh(A*x)\nL = h'*h + sum(h)"


def program(A, x):
    h = anp.tanh(A @ x)
    return h @ h + anp.sum(h)


@pytest.mark.parametrize("wrt", ["A", "x"])
def test_programs(wrt):
    arrays = arrays_of(program)
    derivation = matcalc.derive(PROGRAM, wrt, SHAPES, kind="hessian")
    assert "where h = tanh(Ax)" in derivation.unicode()
    assert "where" not in derivation.unicode(inline=True)
    expected = jacobian(program, wrt, arrays, 2)
    agree(derivation.function()(**arrays), expected)
    agree(in_sympy(derivation, arrays), expected)
    agree(derivation.inlined.function()(**arrays), expected)
    assert derivation.check().ok is True


@pytest.mark.parametrize("kind", ["jacobian", "hessian", "hvp", "pullback", "pushforward"])
def test_intermediate_values_are_variables(kind):
    arrays = arrays_of(program)
    h = np.tanh(arrays["A"] @ arrays["x"])
    other = {
        "jacobian": {},
        "hessian": {},
        "hvp": {"v": h},
        "pullback": {"delta": 2.0},
        "pushforward": {"v": h},
    }
    slope = 2 * h + 1
    expected = {"jacobian": slope, "hessian": 2 * np.eye(2), "hvp": 2 * h, "pullback": 2 * slope}
    expected["pushforward"] = slope @ h
    derivation = matcalc.derive(PROGRAM, "h", SHAPES, kind=kind)
    agree(derivation.function()(**arrays, **other[kind]), expected[kind])
    assert any("intermediate" in note for note in derivation.notes)
    assert derivation.check().ok is True


def test_two_intermediate_values():
    text = "a = A*x\nb = sigmoid(a)\nL = a'*diag(b)*b"
    derivation = matcalc.derive(text, ["a", "b"], SHAPES, kind="hessian")
    arrays = arrays_of(lambda A, x: 0)
    b = 1 / (1 + np.exp(-arrays["A"] @ arrays["x"]))
    agree(derivation.function()(**arrays), np.diag(2 * b))
    assert derivation.check().ok is True


@pytest.mark.parametrize("kind", ["jacobian", "hessian", "hvp", "pullback", "pushforward"])
@pytest.mark.parametrize("wrt", ["c", "x", "U"])
def test_variables_that_do_not_occur(kind, wrt):
    text = "sum(A)" if kind in ("hessian", "hvp") else "A"
    derivation = matcalc.derive(text, wrt, SHAPES, kind=kind)
    assert any("does not occur" in note for note in derivation.notes)
    value, variable = ("m", "n"), SHAPES[wrt]
    shape = {"jacobian": value + variable, "hessian": 2 * variable, "pushforward": value}.get(kind, variable)
    assert derivation.shape == shape
    given = {name: np.ones([SIZES[size] for size in sizes]) for name, sizes in derivation.shapes.items()}
    got = derivation.function()(**given)
    assert got.shape == tuple(SIZES[size] for size in shape) and not got.any()
    assert derivation.check().ok is True
    assert tuple(getattr(derivation.sympy, "shape", ()))[: len(shape)] == tuple(
        sympy.Symbol(size, integer=True, positive=True) for size in shape
    )


def test_free_names_for_deltas_and_directions():
    shapes = {"delta": ("m",), "G": ("m", "n"), "v": ("n",), "tau": ()}
    derivation = matcalc.derive("delta.*(G*v)", "v", shapes, kind="pullback")
    assert set(derivation.shapes) - set(shapes) == {"g"} and derivation.shapes["g"] == ("m",)
    derivation = matcalc.derive("tau*G*v", "v", shapes, kind="pushforward")
    assert set(derivation.shapes) - set(shapes) == {"u"}
    derivation = matcalc.derive("tau*norm2(v)^2", "tau", shapes, kind="hvp")
    assert set(derivation.shapes) - set(shapes) == {"mu"}


@pytest.mark.parametrize(
    ("formula", "kind", "asked", "name"),
    [
        ("γx", "pushforward", {"tangent": "τ"}, "τ"),
        ("γx", "pushforward", {"tangent": "tau"}, "tau"),
        ("γx", "pushforward", {"tangent": r"\tau"}, "tau"),
        ("γx", "pushforward", {}, "τ"),
        ("gamma*x", "pushforward", {}, "tau"),
        ("γ²", "hvp", {}, "τ"),
        ("exp(γ)", "pullback", {}, "δ"),
    ],
)
def test_the_shapes_name_deltas_and_directions_as_the_formula_does(formula, kind, asked, name):
    derivation = matcalc.derive(formula, "gamma", {"x": (3,)} if "x" in formula else {}, kind=kind, **asked)
    for each in (derivation, derivation.inlined):
        assert each.shapes[name] == ()
        assert all(known.isidentifier() for known in each.shapes)
    x, value = np.arange(3.0), {"exp(γ)": np.exp(2.0), "γ²": 2.0}.get(formula, np.arange(3.0))
    agree(
        derivation.function()(**{"γ": 2.0, name: 5.0, **({"x": x} if "x" in derivation.shapes else {})}),
        5 * value,
    )


def test_several_variables():
    found = matcalc.derive("tanh(A*x)", ["A", "x"], SHAPES, kind="pullback")
    assert list(found) == ["A", "x"] and found["A"].shape == ("m", "n")
    assert all(report.ok for report in found.check().values())


# Errors ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "wrt", "asked", "message"),
    [
        ("A*x", "x", {"kind": "jakobian"}, "kind is gradient, jacobian"),
        ("A*x", "x", {"kind": "jacobian", "layout": "sideways"}, "layout is numerator"),
        ("A*x", "x", {"kind": "pullback", "upstream": "A"}, "has a meaning in the formula"),
        ("A*x", "x", {"kind": "pullback", "upstream": "1+"}, "is no name"),
        ("A*x", "x", {"kind": "pushforward", "tangent": "x"}, "has a meaning in the formula"),
        ("x'*x", "x", {"kind": "hvp", "direction": "x"}, "has a meaning in the formula"),
        ("A*x", "x", {"kind": "hessian"}, "no scalar"),
        ("A*x", "x", {"kind": "hvp"}, "no scalar"),
        ("x'*x", "x", {"kind": "hessian", "order": 0}, "between 1 and 8"),
        ("x'*x", "x", {"kind": "hessian", "order": 9}, "between 1 and 8"),
        ("x'*x", "x", {"kind": "hessian", "order": "two"}, "between 1 and 8"),
        ("x'*x", [], {"kind": "hessian"}, "needs the name of a variable"),
        ("x'*x", "x", {"kind": "jacobian", "order": 3}, "takes no order"),
        ("x'*x", "x", {"kind": "hessian", "upstream": "g"}, "takes no upstream"),
        ("x'*x", "x", {"kind": "jacobian", "colour": "red"}, "takes no colour"),
        ("x'*x", "x", {"layout": "denominator"}, "takes no layout"),
    ],
)
def test_errors(text, wrt, asked, message):
    with pytest.raises(matcalc.MatcalcError, match=message):
        matcalc.derive(text, wrt, SHAPES, **asked)


# The check -------------------------------------------------------------------------------------------------------


def spoilt(monkeypatch, which):
    """Make simplified derivatives wrong by a thousandth, from number ``which`` on."""
    original = Names.simplify
    count = 0

    def simplify(self, *given, **asked):
        nonlocal count
        count += 1
        found = original(self, *given, **asked)
        factor = self.graph.number(Fraction(1001 if count >= which else 1000, 1000))
        return [self.graph.node("scale", (factor, node), node.shape) for node in found]

    monkeypatch.setattr(Names, "simplify", simplify)


@pytest.mark.parametrize(
    ("text", "wrt", "asked", "which"),
    [
        ("tanh(A*x)", "A", {"kind": "jacobian"}, 1),
        ("tanh(A*x)", "x", {"kind": "jacobian"}, 1),
        ("tanh(A*x)", "x", {"kind": "jacobian", "layout": "denominator"}, 1),
        ("A*x", "x", {"kind": "jacobian", "layout": "denominator"}, 2),  # right until it is transposed
        ("tanh(A*X)", "X", {"kind": "pullback"}, 1),
        ("tanh(A*X)", "X", {"kind": "pushforward"}, 1),
        ("sum(tanh(A*x))", "A", {"kind": "hvp"}, 1),
        ("sum(tanh(A*x))", "A", {"kind": "hvp"}, 2),  # a right gradient, a wrong product
        ("sum(tanh(A*x))", "A", {"kind": "hessian"}, 1),
        ("sum(tanh(A*x))", "A", {"kind": "hessian"}, 2),  # a right gradient, a wrong Hessian
        ("norm2(A*x)^2", "x", {"kind": "hessian"}, 2),
        ("x'*A'*A*x*c^2", ["x", "c"], {"kind": "hessian"}, 2),
        ("sum(exp(x))", "x", {"kind": "hessian", "order": 3}, 3),
    ],
)
def test_what_is_slightly_wrong_fails_the_check(text, wrt, asked, which, monkeypatch):
    assert matcalc.derive(text, wrt, SHAPES, **asked).check().ok is True
    spoilt(monkeypatch, 100)
    assert matcalc.derive(text, wrt, SHAPES, **asked).check().ok is True
    spoilt(monkeypatch, which)
    assert matcalc.derive(text, wrt, SHAPES, **asked).check().ok is False


def test_a_transposed_hessian_fails_the_check(monkeypatch):
    """∂²f/∂x∂y as a block has no symmetry of its own, but here both sizes agree."""
    original = kinds.jacobian_of

    def turned(value, variable, *given):
        found = original(value, variable, *given)
        if found.shape[1] is None:
            return found
        return given[0].graph.node("transpose", (found,), found.shape[::-1])

    text, shapes = "x'*S*z + sum(exp(x.*z))", {"x": ("n",), "z": ("n",), "S": ("n", "n")}
    assert matcalc.derive(text, ["x", "z"], shapes, kind="hessian").check().ok is True
    monkeypatch.setattr(kinds, "jacobian_of", turned)
    assert matcalc.derive(text, ["x", "z"], shapes, kind="hessian").check().ok is False


def test_a_derivation_has_its_product_with_the_hessian():
    shapes = {"A": ("m", "n"), "x": ("n",)}
    derivation = matcalc.derive("norm2(A*x)^4", "x", shapes)
    product = derivation.hvp("u")
    arrays = {
        "A": np.arange(6.0).reshape(2, 3) / 5,
        "x": np.array([0.3, -1.0, 0.7]),
        "u": np.array([1.0, 0.4, -2.0]),
    }
    hessian = matcalc.derive("norm2(A*x)^4", "x", shapes, kind="hessian").function()(
        A=arrays["A"], x=arrays["x"]
    )
    assert product.kind == "hvp" and product.check().ok
    np.testing.assert_allclose(product.function()(**arrays), hessian @ arrays["u"], rtol=1e-12)
    with pytest.raises(matcalc.MatcalcError, match="has a meaning in the formula"):
        derivation.hvp("A")


def test_a_hessian_in_all_variables_is_refused():
    with pytest.raises(matcalc.MatcalcError, match="one variable, or for two"):
        matcalc.derive("x'*A*x", "all", kind="hessian")


@pytest.mark.parametrize("seed", [0, 20])
def test_a_saturated_point_does_not_fail_a_right_hessian(seed):
    shapes = {"G": ("k", "m"), "C": ("m", "m"), "W1": ("m", "m"), "x": ("m",), "r": ("m",)}
    derivation = matcalc.derive("logsumexp(G C W1 tan(x ⊘ r))", "C", shapes, kind="hessian")
    assert derivation.check(seed=seed).ok is True


def test_the_value_and_a_direction_have_different_names():
    shapes = {"y": ("k",), "z": ("k",), "u": ("k",)}
    arrays = {"y": np.array([1.0, 2.0]), "z": np.array([3.0, 4.0]), "u": np.array([5.0, 6.0])}
    for kind, name in (("pushforward", "tangent"), ("pullback", "upstream")):
        derivation = matcalc.derive("exp(z ⊙ u) ⊙ y", "z", shapes, kind, **{name: "v"})
        direction = np.array([0.5, -0.25])
        expected = direction * arrays["u"] * np.exp(arrays["z"] * arrays["u"]) * arrays["y"]
        np.testing.assert_allclose(derivation.function()(**arrays, v=direction), expected)
        assert derivation.check().ok is True
        assert "where v =" not in derivation.unicode()
