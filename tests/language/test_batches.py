"""The loss of one sample read as that of a batch: shapes, names, notes and refusals."""

from __future__ import annotations

import pytest

import matcalc


def derived(formula, wrt, shapes=None, batch="x, y", **asked):
    return matcalc.derive(formula, wrt, shapes, batch=batch, **asked)


@pytest.mark.parametrize(
    ("formula", "wrt", "shapes", "batch", "expected"),
    [
        ("(wᵀx − y)²", "w", None, "x, y", "2Xᵀ(Xw − y)/n"),
        ("(wᵀx − y)²", "w", "y: scalar", "x, y", "2Xᵀ(Xw − y)/n"),
        ("(wᵀx − y)²", "w", "X: n×d, y: n", "X, y", "2Xᵀ(Xw − y)/n"),
        ("(wᵀx − y)²", "w", "X: 7×d, y: 7", "X, y", "(2/7)Xᵀ(Xw − y)"),
        ("(wᵀx − y)²", "w", "x: n, y: scalar", "x, y", "2Xᵀ(Xw − y)/N"),  # n is the length of a sample
        ("(wᵀx − c)²", "w", "c: scalar", ["x"], "2Xᵀ(Xw − c)/n"),
        ("‖Wx − y‖²", "W", None, "x, y", "2(XWᵀ − Y)ᵀX/n"),
        ("‖Wx − y‖²", "W", None, "X, Y", "2(XWᵀ − Y)ᵀX/n"),
        ("sum((Wx − y).^2)", "W", None, "x, y", "2(XWᵀ − Y)ᵀX/n"),  # y is a vector, as it is without a batch
        ("½(uᵀx₁ − y)²", "u", None, "x₁, y", "X₁ᵀ(X₁u − y)/n"),
        ("Σⱼ wⱼ xⱼ²", "w", None, "x", "(X ⊙ X)ᵀ𝟏/n"),
        ("log(uᵀx)", "u", None, "x", "Xᵀ(1 ⊘ Xu)/n"),
        ("y θ − log θ", "θ", "y: scalar", "y", "(Σy)/n − 1/θ"),
    ],
)
def test_the_mean(formula, wrt, shapes, batch, expected):
    d = derived(formula, wrt, shapes, batch)
    assert d.unicode() == expected
    assert d.check().ok is True


def test_the_sum():
    assert derived("(wᵀx − y)²", "w", reduction="sum").unicode() == "2Xᵀ(Xw − y)"
    with_decay = derived(
        "(wᵀx − y)² + λ‖w‖²", "w", reduction="sum"
    )  # what is said of a sample is said n times
    assert with_decay.unicode() == "2Xᵀ(Xw − y) + 2λnw"


def test_the_gradient_in_all_samples():
    d = derived("(wᵀx − y)²", ["X", "y"])
    assert d["X"].shape == ("n", "d")
    assert d["y"].shape == ("n",)
    assert d["X"].unicode() == "2(Xw − y)wᵀ/n"
    with pytest.raises(matcalc.MatcalcError, match="x is one sample of the batch; .* is that in X"):
        derived("(wᵀx − y)²", "x")


def test_a_capital_that_is_taken_stays():
    d = derived("‖Xw − x‖²", "w", batch="x")
    assert d.shapes["x"] == ("n", "d")
    assert d.shapes["X"][0] == "d"
    assert d.check().ok is True


def test_letters_that_are_all_taken():
    letters = "bBnNijlpqrstuv"
    d = derived(" + ".join(f"({letter}ᵀx)²" for letter in letters), "b", "B: d, N: d", "x")
    assert d.unicode() == "2XᵀXb/n₀"
    assert d.check().ok is True


def test_notes_say_what_a_sample_is():
    assert derived("(wᵀx − y)²", "w").notes == (
        "x is one sample, the i-th row of the data matrix X (n×d)",
        "y is a number of one sample, the i-th entry of the vector y (n)",
    )


def test_a_program_has_no_other_notes():
    program = "shapes W: k×m, V: p×k, x: m, t: p\nh = tanh(W x)\nL = ½‖V h − t‖²"
    d = derived(program, "W", batch="x, t")
    assert d.notes == (
        "x is one sample, the i-th row of the data matrix X (n×m)",
        "t is one sample, the i-th row of the data matrix T (n×p)",
    )
    misspelt = derived(program.replace("V h", "U h"), "W", batch="x, t")
    assert "U is neither declared nor defined; it was read as a matrix" in misspelt.notes
    assert "V is declared but does not occur in the formula" in misspelt.notes


def test_definitions_with_an_index_are_used():
    d = matcalc.derive("h_i = tanh(W x_i)\nΣᵢ ‖h_i‖²", "W", "X: n×m")
    assert not [note for note in d.notes if "not used" in note]
    unused = matcalc.derive("h_i = tanh(W x_i)\ng = Wᵀu\nΣᵢ ‖W x_i‖²", "W", "X: n×m")
    assert [note for note in unused.notes if "not used" in note] == [
        "h is defined but not used",
        "g is defined but not used",
    ]


def test_an_intermediate_value():
    d = derived("h = tanh(Wx)\n½‖h − t‖²", "h", batch="x, t")
    assert d.shape == ("n", "m")
    assert d.check().ok is True


@pytest.mark.parametrize(
    ("function", "matrices"),
    [
        ("max(Wx)", "max(XWᵀ, rows)"),
        ("min(Wx)", "min(XWᵀ, rows)"),
        ("mean(Wx)", "mean(XWᵀ, rows)"),
        ("var(Wx)", "var(XWᵀ, rows)"),
        ("logsumexp(Wx)", "logsumexp(XWᵀ, rows)"),
        ("tᵀsoftmax(Wx)", "softmax(XWᵀ, rows)t"),
        ("tᵀcumsum(Wx)", "cumsum(XWᵀ, rows)t"),
    ],
)
def test_functions_of_a_vector_are_those_of_rows(function, matrices):
    ours = derived(function, "W", "t: k", "x", reduction="sum")
    shapes = "t: k, X: n×d, W: k×d" if "t" in function else "X: n×d"
    by_hand = matcalc.derive(f"sum({matrices})", "W", shapes)
    assert ours.unicode() == by_hand.unicode()
    assert ours.check().ok is True


def test_what_holds_of_one_sample_holds_of_all():
    d = derived("uᵀ|x|", "u", batch="x", assume={"x": "positive"})
    assert d.unicode() == "Xᵀ𝟏/n"  # |X| is X
    assert d.check().ok is True
    assert d.reading.structures.kinds == {"X": frozenset({"positive"})}


@pytest.mark.parametrize(
    ("formula", "wrt", "asked", "message"),
    [
        ("(wᵀx − y)²", "w", {"batch": "x, z"}, "z does not occur in the formula, so it can't be a batch"),
        ("(wᵀx − y)²", "w", {"batch": "x_j"}, "xⱼ does not occur in the formula"),
        ("(wᵀx_j − y)²", "w", {"batch": "x"}, "x does not occur in the formula"),
        ("(wᵀx − y)²", "w", {"batch": "x y"}, "does not occur in the formula"),
        ("‖Wx − y‖²", "W", {"batch": "W"}, "W is a matrix: write the loss of one sample"),
        ("‖Ax‖²", "x", {"batch": "a", "shapes": "A: m×n"}, "a does not occur in the formula"),
        ("uᵀTu", "u", {"batch": "T", "shapes": "T: n×n"}, "T is a matrix: write the loss of one sample"),
        ("(wᵀx − y)²", "w", {"reduction": "max"}, "the loss of a batch is the mean or the sum, not 'max'"),
        ("h = Wx\n‖h‖²", "W", {"batch": "h"}, "h is defined by the formula"),
        ("log det(S + xxᵀ)", "S", {"batch": "x"}, "det of S + xxᵀ, which differs from sample to sample"),
        ("Wx", "W", {"batch": "x"}, "the value of this formula is no scalar"),
        ("‖Wx − y‖²", "W", {"shapes": "W: k×m, x: n"}, "W is k×m, x has n rows"),
        ("(wᵀx − y)²", "w", {"batch": ["x", 5]}, "a batch is given by the names of variables"),
        ("(wᵀx − y)²", "w", {"batch": 5}, "a batch is given by the names of variables"),
        ("uᵀx", "u", {"batch": "x", "assume": {"x": "unit"}}, "nothing but constant and positive can be assumed"),
        ("‖Wx − y‖²", "W", {"shapes": "X: n×d, Y: m×k", "batch": "X, Y"}, "n samples and, in Y, m"),
        ("‖Wx − y‖²", "W", {"shapes": "X: n×d, x: k", "batch": "x"}, "x and X don't have the same sizes"),
    ],
)  # fmt: skip
def test_refusals(formula, wrt, asked, message):
    with pytest.raises(matcalc.MatcalcError) as problem:
        derived(formula, wrt, **asked)
    assert message in problem.value.message
    assert "\n" not in problem.value.message
