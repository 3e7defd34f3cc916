"""Sizes that are products and sums of others have one spelling each."""

import pytest

import matcalc
from matcalc.graph import sizes
from matcalc.reading import read


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ((), 1),
        (("n", "m"), "m*n"),
        ((2, 3), 6),
        ((2, "n", 3), "6*n"),
        (("m+p", "n"), "m*n+n*p"),
        (("n", 1), "n"),
    ],
)
def test_products(parts, expected):
    assert sizes.product(parts) == expected


def test_sums():
    assert sizes.total(["p", "m"]) == "m+p"
    assert sizes.total(["n", "n"]) == "2*n"
    assert sizes.total([2, 3]) == 5
    assert sizes.total(["m*n", 1, "p"]) == "m*n+p+1"


def test_quotients_and_differences():
    assert sizes.quotient("m*n", ["m"]) == "n"
    assert sizes.quotient(12, [4]) == 3
    assert sizes.quotient("6*n", [2, "n"]) == 3
    assert sizes.quotient("m*n", ["p"]) is None
    assert sizes.quotient(7, [2]) is None
    assert sizes.difference("m+p", ["m"]) == "p"
    assert sizes.difference("m", ["p"]) is None
    assert sizes.difference("m", ["m"]) is None


def test_numbers():
    assert sizes.number("2*m*n+p", {"m": 3, "n": 5, "p": 7}) == 37
    assert sizes.number("m*n", {"m": 3}) is None


@pytest.mark.parametrize(
    ("size", "shown"), [("m*n", "mn"), ("2*m", "2m"), ("m+p", "m+p"), ("m*n1", "m·n1"), (6, "6")]
)
def test_spelling(size, shown):
    assert sizes.spelled(size) == shown
    assert sizes.resolved(sizes.written(shown), {"m", "n", "p", "n1"}) == size


def test_declared_products():
    reading = read("yᵀvec(X)", "X: m×n, y: mn")
    assert reading.shapes["y"] == ("m*n", None)
    assert any("mn was read as m·n" in note for note in reading.notes)
    assert read("yᵀvec(X)", {"X": ("m", "n"), "y": ("m*n",)}).shapes["y"] == ("m*n", None)


def test_sizes_are_found_from_products():
    assert read("A vec(X) + unvec(y, 2, 3)b", "X: 3×4, b: 3").shapes["A"] == (2, 12)
    assert read("(A⊗B)x", "A: 2×3, x: 12").shapes["B"][1] == 4
    assert read("vec(A) + vec(B)").shapes["A"] == read("vec(A) + vec(B)").shapes["B"]


@pytest.mark.parametrize(
    ("text", "shapes", "words"),
    [
        ("vᵀvec(A)", "v: p, A: m×n", "1×p, vec\\(A\\) has mn rows"),
        ("vᵀvec(A)", "v: 7, A: 2×n", "7"),
        ("(A⊗B)x", "A: 2×3, x: 13", "13"),
        ("unvec(v, 2, 4)", "v: 7", "7 entries, a matrix of 2×4 has 8"),
        ("unvec(v, 2, q)", "v: 6", "`q` is no size"),
        ("[A; B]x", "A: 2×3, B: 2×4", "same number of columns"),
        ("[A, B]x", "A: 2×3, B: 4×3", "same number of rows"),
        ("kron(A)", None, "kron takes"),
        ("vec(A, B)", None, "vec takes"),
    ],
)
def test_contradictions_are_named(text, shapes, words):
    with pytest.raises(matcalc.MatcalcError, match=words):
        read(text, shapes)
