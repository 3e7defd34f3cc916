"""The Python contract: what a derivation holds and says."""

import numpy as np
import pytest

import matcalc

SPARSE = "‖As − x‖² + γ‖A‖²"
SHAPES = {"A": ("m", "k"), "s": ("k",), "x": ("m",), "γ": ()}


@pytest.fixture
def derivation():
    return matcalc.derive(SPARSE, wrt="A", shapes=SHAPES)


@pytest.fixture
def arrays():
    rng = np.random.default_rng(0)
    return {"A": rng.normal(size=(3, 2)), "s": rng.normal(size=2), "x": rng.normal(size=3)}


def test_what_it_is(derivation):
    assert (derivation.kind, derivation.wrt, derivation.shape) == ("gradient", "A", ("m", "k"))
    assert derivation.shapes == SHAPES
    assert derivation.unicode() == "2(As − x)sᵀ + 2γA"
    assert derivation.ascii() == "2*(A*s - x)*s' + 2*gamma*A"
    assert derivation.latex() == "2 (A s - x) s^{\\top} + 2 \\gamma A"
    assert repr(derivation) == "∇A = 2(As − x)sᵀ + 2γA"
    assert derivation._repr_latex_() == "$\\displaystyle \\nabla_{A} = 2 (A s - x) s^{\\top} + 2 \\gamma A$"


@pytest.mark.parametrize("spelling", ["γ", "gamma"])
def test_functions_take_names_in_any_spelling(derivation, arrays, spelling):
    gradient = derivation.function("numpy")(**arrays, **{spelling: 0.7})
    expected = 2 * np.outer(arrays["A"] @ arrays["s"] - arrays["x"], arrays["s"]) + 1.4 * arrays["A"]
    np.testing.assert_allclose(gradient, expected, rtol=1e-14)
    assert gradient.shape == (3, 2)


def test_functions_refuse_what_does_not_fit(derivation, arrays):
    function = derivation.function()
    with pytest.raises(matcalc.MatcalcError, match="γ"):
        function(**arrays)
    with pytest.raises(matcalc.MatcalcError, match="two spellings"):
        function(**arrays, γ=1.0, gamma=1.0)
    with pytest.raises(matcalc.MatcalcError, match="x"):
        function(**{**arrays, "x": np.ones(4)}, γ=1.0)
    with pytest.raises(matcalc.MatcalcError, match="numpy"):
        derivation.function("fortran")


def test_the_check_reports_its_figures(derivation):
    report = derivation.check(points=4, seed=2)
    assert report.ok and report.points == 4 and report.error < 1e-9
    assert len(set(report.sizes.values())) == len(report.sizes)


def test_the_order_of_convergence_is_two_where_it_shows():
    assert matcalc.derive("Σ exp(Ax)", "x").check().order == pytest.approx(2, abs=0.1)


def test_several_variables_come_by_name(arrays):
    found = matcalc.derive(SPARSE, wrt=["s", "γ"], shapes=SHAPES)
    assert list(found) == ["s", "γ"]
    assert found["gamma"] is found["γ"]
    assert "gamma" in found and "A" not in found
    assert found["s"].unicode() == "2Aᵀ(As − x)"
    assert found["γ"].unicode() == "‖A‖²"


def test_all_variables_from_one_sweep():
    found = matcalc.derive("½‖W2σ(W1x + b1) + b2 − t‖²", wrt="all")
    assert set(found) == {"W2", "W1", "x", "b1", "b2", "t"}
    sweeps = {id(each.sweep) for each in found.values()}
    assert len(sweeps) == 1
    assert all(each.check() for each in found.values())
    assert found["b2"].unicode() == matcalc.derive("½‖W2σ(W1x + b1) + b2 − t‖²", wrt="b2").unicode()


def test_latex_input_names_its_variables_in_ascii():
    assert set(matcalc.derive("\\gamma \\lVert x \\rVert^2", "all")) == {"gamma", "x"}


def test_a_variable_that_does_not_occur_gives_zero_and_a_note():
    derivation = matcalc.derive("‖x‖²", "A", shapes={"A": ("m", "k")})
    assert derivation.unicode() == derivation.ascii() == derivation.latex() == "0"
    assert derivation.shape == ("m", "k")
    assert any("does not occur" in note for note in derivation.notes)
    np.testing.assert_array_equal(derivation.function()(A=np.ones((2, 3))), np.zeros((2, 3)))


def test_a_value_that_is_no_scalar_has_no_gradient():
    with pytest.raises(matcalc.MatcalcError, match=r"no scalar.*Σ.*Jacobian") as caught:
        matcalc.derive("As − x", "A")
    assert "As − x\n  ^^^^^^" in str(caught.value)


@pytest.mark.parametrize("wrt", ["__import__", "", "x y", "1", "x;y"])
def test_what_is_no_name_is_refused(wrt):
    with pytest.raises(matcalc.MatcalcError, match="no name"):
        matcalc.derive("‖x‖²", wrt)


@pytest.mark.parametrize("name", ["exp", "pi", "vector"])
def test_words_of_the_language_name_no_variable(name):
    with pytest.raises(matcalc.MatcalcError, match="meaning of its own"):
        matcalc.derive("‖x‖²", "x", shapes={name: (), "x": ("n",)})


def test_errors_are_one_family_with_a_place():
    with pytest.raises(matcalc.MatcalcError) as caught:
        matcalc.derive("‖As − x", "A")
    assert (caught.value.text, caught.value.start) == ("‖As − x", 0)


def test_words_may_be_names_when_declared():
    shapes = {"weights": ("m", "n"), "inputs": ("n",), "t": ("m",)}
    derivation = matcalc.derive("‖weights*inputs − t‖²", "weights", shapes)
    assert derivation.unicode() == "2(weights inputs − t)inputsᵀ"
    assert derivation.check()


def network(layers):
    text = "x"
    for layer in range(1, layers + 1):
        text = f"W{layer}*tanh({text})"
    return f"sum({text})"


def test_a_thousand_layers_need_no_recursion():
    derivation = matcalc.derive(network(1000), "W1")
    assert derivation.shape == tuple(derivation.shapes["W1"])
    text = derivation.unicode()
    assert len(text) < 60_000
    again = matcalc.derive(network(3), "W1")
    assert again.check()


def test_the_derivative_of_every_layer_comes_from_one_sweep():
    found = matcalc.derive(network(60), "all")
    assert len(found) == 61
    assert found["W60"].ascii().endswith("'")


def test_integer_sizes_work_like_named_ones():
    derivation = matcalc.derive("‖Ax − b‖²", "x", shapes={"A": (300, 20), "x": (20,), "b": (300,)})
    assert derivation.shape == (20,)
    assert derivation.check()


@pytest.mark.parametrize(
    ("formula", "wrt", "shapes", "unicode"),
    [
        ("sum(α + x)", "α", {"x": (10,)}, "10"),
        ("tr(A + αI)", "α", {"A": (12, 12)}, "12"),
        ("sum(Ax + α)", "α", {"A": (9, 3), "x": (3,)}, "9"),
        ("sum(α + x)", "α", {"x": (1000,)}, "1000"),
    ],
)
def test_integer_sizes_may_become_numbers_of_the_result(formula, wrt, shapes, unicode):
    derivation = matcalc.derive(formula, wrt, shapes)
    assert derivation.unicode() == unicode
    assert derivation.check()


def test_sizes_too_large_to_check_at_are_said():
    report = matcalc.derive("sum(α + x)", "α", {"x": (10**6,)}).check()
    assert report.ok is None and "sizes" in report.reason


def test_all_derivations_are_checked_at_the_same_points():
    found = matcalc.derive("‖As − x‖²", "all")
    assert {name: report.ok for name, report in found.check().items()} == dict.fromkeys(found, True)


def test_axes_of_size_one_are_axes():
    shapes = {"A": ("m", 1), "B": (1, "k")}
    derivation = matcalc.derive("‖AB‖²", "A", shapes)
    assert derivation.shape == ("m", 1)
    assert derivation.unicode() == "2ABBᵀ"
    assert derivation.check()
    got = derivation.function()(A=np.ones((3, 1)), B=np.ones((1, 2)))
    np.testing.assert_allclose(got, np.full((3, 1), 4.0))
