"""Programs: results with the names on the left, what each use gives, intermediate values, pieces put together."""

from __future__ import annotations

import doctest
from pathlib import Path

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

import matcalc
from matcalc import composition
from tests.counting import calls

RNN = (Path(__file__).parents[1] / "examples" / "rnn.mc").read_text(encoding="utf-8")
SIZES = {"n": 4, "k": 3, "m": 5}
RNN_SHAPES = {"U": "nn", "P": "nk", "h0": "n", "x1": "k", "x2": "k", "t": "n"}
SPELLINGS = ("unicode", "ascii", "latex")


def arrays(shapes, seed=0):
    rng = np.random.default_rng(seed)
    return {name: rng.normal(size=[SIZES[size] for size in shape]) for name, shape in shapes.items()}


def rnn(U, P, h0, x1, x2, t):
    """The example in autograd's NumPy, from its formulas and not from its text."""
    h1 = anp.tanh(U @ h0 + P @ x1)
    h2 = anp.tanh(U @ h1 + P @ x2)
    return anp.sum((h2 - t) ** 2) / 2


def after_first(h1, U, P, x2, t):
    """The value of the example as a function of the first state."""
    return anp.sum((anp.tanh(U @ h1 + P @ x2) - t) ** 2) / 2


@pytest.mark.parametrize("wrt", RNN_SHAPES)
def test_the_example_agrees_with_autograd_and_reads_back(wrt):
    values = arrays(RNN_SHAPES)
    names = list(RNN_SHAPES)
    expected = autograd.grad(rnn, names.index(wrt))(*values.values())
    derivation = matcalc.derive(RNN, wrt)
    assert derivation.check().ok is True and derivation.inlined.check().ok is True
    np.testing.assert_allclose(derivation.function()(**values), expected, rtol=1e-12)
    np.testing.assert_allclose(derivation.inlined.function()(**values), expected, rtol=1e-12)
    for spelling in SPELLINGS:
        for inline in (False, True):
            text = getattr(derivation, spelling)(inline=inline)
            got = matcalc.evaluate(text, derivation.shapes, **values)
            np.testing.assert_allclose(got, expected, rtol=1e-12, err_msg=text)


def test_results_print_with_the_names_on_the_left():
    derivation = matcalc.derive(RNN, "U")
    assert derivation.unicode() == (
        "(Uᵀr ⊙ (1 − h₁ ⊙ h₁))h₀ᵀ + rh₁ᵀ where h₁ = tanh(Uh₀ + Px₁), h₂ = tanh(Uh₁ + Px₂), "
        "r = (h₂ − t) ⊙ (1 − h₂ ⊙ h₂)"
    )
    assert "where" not in derivation.unicode(inline=True) and "tanh" in derivation.unicode(inline=True)
    assert matcalc.derive(RNN, "t").unicode().startswith("t − h₂ where h₁ = ")


@pytest.mark.parametrize(
    ("text", "wrt", "printed"),
    [
        ("r = Ax − b\n‖r‖²", "x", "2Aᵀr where r = Ax − b"),
        ("‖r‖² where r = Ax − b", "A", "2rxᵀ where r = Ax − b"),
        ("r = Ax − b\nL = ‖r‖", "x", "Aᵀr/L where r = Ax − b, L = ‖r‖"),
        ("S = AᵀA + I\nxᵀS⁻¹x", "A", "−2AS⁻¹xxᵀS⁻¹ where S = AᵀA + I"),
        ("p = softmax(Wx)\n−tᵀlog p", "W", "((Σt)p − t)xᵀ where p = softmax(Wx)"),
        ("B = Aᵀ\n‖Bx‖²", "A", "2xxᵀA"),
        ("y = x\n‖y‖²", "x", "2x"),
        ("a = Ax\nb = 2a\nc = a + b\n‖a‖²", "x", "2Aᵀa where a = Ax"),
        ("W_{in} = AB\n\\lVert W_{in} x \\rVert^2", "x", "2WᵢₙᵀWᵢₙx where Wᵢₙ = AB"),
    ],
)
def test_printed_results(text, wrt, printed):
    derivation = matcalc.derive(text, wrt)
    assert derivation.unicode() == printed
    assert derivation.check().ok is True


def test_each_use_of_a_shared_weight_gives_its_part():
    values = arrays(RNN_SHAPES, 1)
    derivation = matcalc.derive(RNN, "U")
    shares = derivation.contributions
    assert [share.places for share in shares] == [("h2",), ("h1",)]

    def two(first, second):
        h1 = anp.tanh(first @ values["h0"] + values["P"] @ values["x1"])
        return after_first(h1, second, values["P"], values["x2"], values["t"])

    expected = [autograd.grad(two, place)(values["U"], values["U"]) for place in (1, 0)]
    for share, part in zip(shares, expected, strict=True):
        for text in (share.unicode(), share.ascii(), share.latex()):
            got = matcalc.evaluate(text, derivation.shapes, **values)
            np.testing.assert_allclose(got, part, rtol=1e-12, err_msg=text)


def test_an_intermediate_value_has_its_delta():
    values = arrays(RNN_SHAPES, 2)
    derivation = matcalc.derive(RNN, "h1")
    assert derivation.unicode() == (
        "Uᵀ((h₂ − t) ⊙ (1 − h₂ ⊙ h₂)) where h₁ = tanh(Uh₀ + Px₁), h₂ = tanh(Uh₁ + Px₂)"
    )
    assert any("intermediate" in note for note in derivation.notes)
    assert derivation.shape == ("n",) and derivation.check().ok is True
    h1 = np.tanh(values["U"] @ values["h0"] + values["P"] @ values["x1"])
    expected = autograd.grad(after_first)(h1, values["U"], values["P"], values["x2"], values["t"])
    np.testing.assert_allclose(derivation.function()(**values), expected, rtol=1e-12)
    for inline in (False, True):
        got = matcalc.evaluate(derivation.unicode(inline=inline), derivation.shapes, **values)
        np.testing.assert_allclose(got, expected, rtol=1e-12)
    both = matcalc.derive(RNN, ["h₂", "U"])
    assert list(both) == ["h₂", "U"] and all(report.ok for report in both.check().values())


@pytest.mark.parametrize(
    ("text", "wrt", "printed"),
    [
        ("a = Ax\n‖a‖² + ‖Ax‖²", "a", "2a where a = Ax"),  # only the name is meant
        ("a = x\naᵀx", "a", "x"),
        ("a = Ax\nb = Ax\naᵀb", "a", "b where b = Ax"),
        ("a = xᵀ\n‖a‖²", "a", "2a where a = xᵀ"),
        ("c = 3\nc‖x‖²", "c", "‖x‖²"),
        ("h = Ax\nL = ‖h‖²", "L", "1"),
        ("h = Ax\nq = 2h\nL = ‖h‖²", "q", "0"),
    ],
)
def test_deltas_of_names(text, wrt, printed):
    derivation = matcalc.derive(text, wrt)
    assert derivation.unicode() == printed
    assert derivation.check().ok is True


def written_out(steps):
    """The table and the lines below it."""
    return "\n".join([*(cell.unicode() for row in steps for cell in row.cells()), *steps.lines()])


def test_steps_name_values():
    steps = matcalc.derive(RNN, "U").steps
    text = written_out(steps)
    assert "h₂ = tanh(Uh₁ + Px₂)" in text and "δ⁵h₁ᵀ = ((h₂ − t) ⊙ (1 − h₂ ⊙ h₂))h₁ᵀ" in text
    assert text.count("tanh(Uh") == 2  # where the names are defined
    graph = written_out(matcalc.derive("p = softmax(Wx)\nL = −tᵀlog p", "W").steps)
    assert "p = softmax(Wx)" in graph and "−t ⊘ p" in graph and graph.count("softmax(Wx)") == 1
    assert "tanh²" in written_out(matcalc.derive(RNN, "U").inlined.steps)


def test_evaluate_and_sympy_take_programs():
    values = arrays(RNN_SHAPES, 4)
    assert matcalc.evaluate(RNN, **values) == pytest.approx(float(rnn(**values)), rel=1e-12)
    assert str(matcalc.gradient("r = A*x\nr'*r", "x")) == "2*A.T*A*x"


def test_pieces_are_put_together():
    step = matcalc.let(h1="tanh(U h0 + P x1)", h2="tanh(U h1 + P x2)")
    text = step.derive("½‖h2 − t‖²", "U").unicode()
    assert text == matcalc.derive(RNN, "U").unicode()
    more = step.let(r="h2 − t", shapes="t: n")
    assert len(step.definitions) == 2 and len(more.definitions) == 3
    assert more.derive("½‖r‖²", "U").check().ok is True
    values = arrays(RNN_SHAPES, 5)
    np.testing.assert_allclose(
        more.evaluate("½‖r‖²", matcalc.derive(RNN, "U").shapes, **values), rnn(**values), rtol=1e-12
    )
    again = matcalc.let(step, more, {"W_{in}": "UU"})
    assert [name for name, _ in again.definitions] == ["h1", "h2", "r", "W_in"]
    assert more.derive("L = ½‖r‖²\nL", "h₁").check().ok is True
    assert str(matcalc.let(s="A*x").gradient("s'*s", "x")) == "2*A.T*A*x"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: matcalc.let(h="tanh(x"), "never closed"),
        (lambda: matcalc.let(h="x").let(h="2x"), "defined twice"),
        (lambda: matcalc.let(h="y = 3"), "one formula"),
        (lambda: matcalc.let(h=3), "a text"),
        (lambda: matcalc.let("h = x"), "a piece"),
        (lambda: matcalc.let({"2h": "x"}), "no name"),
        (lambda: matcalc.let(x="y", shapes={"A": ("m",)}).let(shapes={"A": ("n",)}), "declared twice"),
        (lambda: matcalc.let(h="x +").derive("‖h‖²", "x"), "ends where"),
    ],
)
def test_pieces_that_do_not_fit_are_refused(make, message):
    with pytest.raises(matcalc.MatcalcError, match=message):
        make()


def test_a_piece_can_not_smuggle_in_a_line():
    program = matcalc.let(h="A x # a comment\n + b")
    assert program.text("‖h‖²").splitlines()[0].split() == ["h", "=", "A", "x", "+", "b"]


def test_the_documentation_of_pieces_is_true():
    result = doctest.testmod(composition)
    assert result.attempted >= 4 and not result.failed


def deep(steps):
    lines = [f"h{i} = tanh(U h{i - 1} + P x)" for i in range(1, steps + 1)]
    return "\n".join(["shapes U: n×n, P: n×k, h0: n, x: k, t: n", *lines, f"L = ½‖h{steps} − t‖²"])


def test_a_thousand_lines_need_no_recursion():
    derivation = matcalc.derive(deep(1000), "U")
    assert derivation.check(points=1).ok is True
    assert len(derivation.contributions) == 1000
    assert len(derivation.unicode()) < 100_000
    with pytest.raises(matcalc.MatcalcError, match="written out"):
        derivation.unicode(inline=True)


def test_work_is_linear_in_the_lines():
    def work(steps):
        return calls(lambda: matcalc.derive(deep(steps), "U").unicode())

    work(10)  # what is done once
    assert work(400) < 4.4 * work(100)
