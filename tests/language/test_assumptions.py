"""Assumptions as they are written: options, mappings and where clauses."""

import pytest

import matcalc
from matcalc.language.assumptions import extract, read_assumptions
from matcalc.reading import read

TEXTS = [
    ("S: symmetric", {"S": {"symmetric"}}),
    ("S:SPD", {"S": {"spd"}}),
    ("S: symmetric; A, B: spd", {"S": {"symmetric"}, "A": {"spd"}, "B": {"spd"}}),
    ("Q is orthogonal, u: unit vector", {"Q": {"orthogonal"}, "u": {"unit"}}),
    ("S: symmetric, positive", {"S": {"symmetric", "positive"}}),
    ("S: symmetric and constant", {"S": {"symmetric", "constant"}}),
    ("S: spd, S: symmetric", {"S": {"spd"}}),
    ("S \\text{ symmetric}, \\Sigma: positive definite", {"S": {"symmetric"}, "Sigma": {"spd"}}),
    ("L: lower triangular, K: skew-symmetric", {"L": {"lower"}, "K": {"skew"}}),
    ({"S": "symmetric", "x₁": ["unit", "positive"]}, {"S": {"symmetric"}, "x1": {"unit", "positive"}}),
    ({"S": "spd, constant"}, {"S": {"spd", "constant"}}),
    (None, {}),
    ("", {}),
]
CLAUSES = [
    ("S symmetric", " ", {"S": {"symmetric"}}, {}),
    ("S: n×n symmetric, x: n", "S: n×n          , x: n", {"S": {"symmetric"}}, {}),
    ("A, B: n×n spd", "A, B: n×n    ", {"A": {"spd"}, "B": {"spd"}}, {}),
    ("S: symmetric n×n", "S:           n×n", {"S": {"symmetric"}}, {}),
    ("S ∈ 𝕊ⁿ", " ", {"S": {"symmetric"}}, {"S": ("n", "n")}),
    ("S \\in \\mathbb{S}^{n}_{++}, x: n", "x: n", {"S": {"spd"}}, {"S": ("n", "n")}),
    ("A: n × lower", "A: n × lower", {}, {}),
    ("A: m×k, s: k", "A: m×k, s: k", {}, {}),
    ("r = Ax − b, A symmetric", "r = Ax − b,", {"A": {"symmetric"}}, {}),
]


@pytest.mark.parametrize(("text", "kinds"), TEXTS)
def test_texts_and_mappings(text, kinds):
    assert read_assumptions(text).kinds == kinds


@pytest.mark.parametrize(("text", "left", "kinds", "shapes"), CLAUSES)
def test_clauses_keep_places(text, left, kinds, shapes):
    clause = extract(text, 0, len(text))
    assert len(clause.text) == len(text)
    assert clause.text.strip() == left.strip()
    assert {name: set(each) for name, each in clause.given} == kinds
    assert clause.shapes == shapes


@pytest.mark.parametrize(
    ("formula", "shapes", "assume"),
    [
        ("xᵀSx", None, "S: symmetric"),
        ("xᵀSx", None, {"S": "symmetric"}),
        ("xᵀSx", "S: n×n symmetric", None),
        ("xᵀSx where S symmetric", None, None),
        ("xᵀSx where S: n×n symmetric, x: n", None, None),
        ("xᵀSx where S ∈ 𝕊ⁿ", None, None),
        ("x^\\top S x \\text{ where } S \\in \\mathbb{S}^n", None, None),
    ],
)
def test_every_place_says_the_same(formula, shapes, assume):
    assert matcalc.derive(formula, "x", shapes, assume=assume).unicode() == "2Sx"


def test_a_capital_greek_letter_that_is_assumed_spd_is_a_matrix():
    assert matcalc.derive("xᵀΣ⁻¹x", "x", assume="Σ: spd").ascii() == "2*inv(Sigma)*x"
    assert read("xᵀΛy", assume="Λ: diagonal").shapes["Lambda"] == ("n", "n")


@pytest.mark.parametrize(
    ("assume", "said"),
    [
        (
            "S: symetric",
            "`symetric` is no structure.*symmetric, spd, skew, diagonal, lower, upper, orthogonal",
        ),
        ("S", "no assumption; write for example S: symmetric"),
        ({"S": "round"}, "round.*symmetric, spd"),
        ({"S": 3}, "3.*symmetric"),
        (7, "a text such as"),
        ({"+": "spd"}, "no name"),
        (": symmetric", "a name is missing"),
        ("a b: symmetric", "`a b` is no name"),
        ("x: symmetric", "x can't be symmetric: only a square matrix can, and x is a vector"),
        ("α: spd", "α can't be spd: .* is a scalar"),
        ("A: symmetric", "A can't be symmetric: only a square matrix can, and A is m×n"),
        ("S: unit", "S can't be a unit vector: S is n×n"),
        ("S: symmetric, skew", "such a matrix is zero"),
        ("S: spd; S: skew", "such a matrix is zero"),
        ("S: diagonal; S: skew", "such a matrix is zero"),
        ("S: lower, upper", "is diagonal: write S: diagonal"),
        ("S: symmetric, orthogonal", "symmetric and orthogonal at once"),
        ("S: skew, positive", "every entry is above 0"),
        ("S: constant", "S is assumed constant, so there is no derivative in it"),
    ],
)
def test_errors_say_what_to_do(assume, said):
    with pytest.raises(matcalc.MatcalcError, match=f"(?s){said}"):
        matcalc.derive("αxᵀSx + ‖A‖²", "S", "A: m×n, x: n", assume=assume)


def test_names_that_do_not_occur_get_a_note():
    (note,) = matcalc.derive("xᵀx", "x", assume="S: symmetric").notes
    assert note == "S is assumed symmetric but does not occur in the formula"


def test_constants_are_left_out_of_all():
    assert set(matcalc.derive("‖Ax − b‖²", "all", assume="A, b: constant")) == {"x"}


@pytest.mark.parametrize(
    "text", ["symmetric", ",;:", "S: symmetric " * 50, "S ∈ 𝕊", "S∈𝕊^{", "symmetric: n", "(S: spd"]
)
def test_odd_texts_end_in_a_result_or_one_error(text):
    for given in (text, "S: spd, " + text):
        try:
            matcalc.derive("xᵀSx where " + given, "x")
            matcalc.derive("xᵀSx", "x", assume=given)
        except matcalc.MatcalcError as error:
            assert error.message


@pytest.mark.parametrize("piece", ["symmetric ", "is ", "A, ", "\\text{", "S: spd, ", "   ", "∈ 𝕊 ", "{"])
def test_long_texts_are_read_in_linear_time(piece):
    text = "S: " + piece * (100_000 // len(piece)) + "symmetric"
    for given in (text, text + " n"):
        try:
            extract(given, 0, len(given))
        except matcalc.MatcalcError as error:
            assert error.message
