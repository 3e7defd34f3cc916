"""Which subscripts are indices, what the notes say about it, and what is refused."""

import pytest

import matcalc
from matcalc.evaluation import function
from matcalc.language.indexing import after_sum
from matcalc.reading import read

SPELLINGS = [
    ("Σᵢⱼ xᵢAᵢⱼ", "Σ_{i,j} xᵢA[i,j]", "∑_{ij} x_i A_ij", r"\sum_{i,j} x_i A_{ij}", r"\sum\limits_{i,\,j} x_{i} A_{i,j}", "sum_ij x_i*A_ij"),
    ("Σᵢ₌₁ⁿ xᵢ", "Σ_{i=1}^n x_i", r"\sum_{i=1}^{n} x_i", r"\sum^{n}_{i=1} x_i", "sum_{i=1}^n x_i", r"\sum_{i}^{n} x_i"),
    ("Σᵢ (xᵢ + 1)", "sum_i (x_i + 1)", "sum_i(x_i + 1)", r"\sum_i \left(x_i + 1\right)", "Σᵢ (x[i] + 1)"),
    ("A[i,k]", "A[ i , k ]", "(A)_{ik}", "(A)[i,k]", "(A)_{i,k}"),
]  # fmt: skip


@pytest.mark.parametrize("texts", SPELLINGS, ids=[texts[0] for texts in SPELLINGS])
def test_spellings_of_one_formula_have_one_value(texts):
    first, *others = (read(text, {"x": ("n",), "A": ("n", "m")}) for text in texts)
    arrays = {"x": [1, 2, 4], "A": [[1, 2], [3, 4], [5, 6]]}
    for other in others:
        assert (
            function(other.value, other)(**arrays).tolist() == function(first.value, first)(**arrays).tolist()
        )


NAMES = [
    "x_i + y_j",
    "W_{in} x + b_h",
    "x_1 + x_2",
    "e_i'*x",
    "A*x_t",
]


@pytest.mark.parametrize("text", NAMES)
def test_without_indices_a_subscript_is_part_of_the_name(text):
    assert any("_" in name or name[-1].isdigit() for name in read(text).shapes)


def test_a_declared_name_is_a_name_also_under_a_sum():
    assert set(read("Σᵢ xᵢ x_{ij}", {"x_ij": (), "x": ("n",)}).shapes) == {"x", "x_ij"}


def test_a_declared_base_takes_indices():
    assert read("A_ij", {"A": ("m", "n")}).value.shape == ("m", "n")
    assert (
        "A_ij was read as an entry of A; declare it if it is a name" in read("A_ij", {"A": ("m", "n")}).notes
    )
    assert read("A_ij", {"A": ("m",)}).shapes.keys() == {"A_ij"}


def test_rows_are_of_the_matrix_with_the_capital_letter():
    assert read("Σᵢ wᵀxᵢ").shapes.keys() == {"w", "X"}
    assert "xᵢ was read as the i-th row of the data matrix X (n×d)" in read("Σᵢ wᵀxᵢ").notes
    assert read("Σᵢ ‖xᵢ‖²", names=["x"]).shapes == {"x": ("n", "d")}
    assert read("Σᵢ wᵀxᵢ", {"x": ("n", "d")}).shapes["x"] == ("n", "d")
    assert read("Σᵢ wᵀxᵢ + cᵀXw").shapes.keys() == {"w", "X", "c"}
    assert read("Σᵢ yᵢ²").shapes == {"y": ("n", None)}


def test_a_denominator_counts_the_samples():
    notes = read("1/n Σᵢ xᵢ").notes
    assert notes == ("n was read as the number of terms of the sum over i",)
    notes = read("(1/n) Σᵢ ‖xᵢ‖² + Σⱼ ‖zⱼ‖²/(2m)").notes
    assert "n was read as the number of terms of the sum over i" in notes
    assert "m was read as the number of terms of the sum over j" in notes
    got = matcalc.evaluate("1/n Σᵢ x[i] + 1/m Σⱼ z[j]", x=[1, 2, 6], z=[1, 2])
    assert got == 4.5
    with pytest.raises(matcalc.MatcalcError, match="index j runs over 3 and, in z, over 2"):
        matcalc.evaluate("1/n Σᵢ x[i] + 1/n Σⱼ z[j]", x=[1, 2, 6], z=[1, 2])
    assert read("1/n Σᵢ xᵢ", {"n": ()}).shapes.keys() == {"n", "x"}


def test_a_unit_vector_is_noted_and_gives_way_to_a_variable():
    assert read("e₃ᵀx").shapes.keys() == {"x"}
    assert any("unit vector number 3" in note for note in read("e_3'*x").notes)
    assert read("e₃ᵀx", names=["e3"]).shapes.keys() == {"x", "e3"}
    assert read("e3'*x").shapes.keys() == {"x", "e3"}
    assert read("e₃ᵀx e").shapes.keys() == {"x", "e3", "e"}


def test_brackets_with_a_factor_in_them_stay_a_product():
    assert read("A[x]").value.op == "matmul"
    assert read("A[x + y]").value.op == "matmul"
    assert read("γ[x]").value.op == "scale"


ERRORS = [
    (r"\sum_{i<j} x_i", "whole axes", "_{i<j}"),
    (r"\sum_{i=2}^{n} x_i", "from 1", "_{i=2}^{n}"),
    (r"\sum_{i=1}^{n-1} x_i", "`n-1`", "_{i=1}^{n-1}"),
    ("Σᵢ x", "does not depend on the index i", "Σᵢ x"),
    ("Σᵢᵢ xᵢ", "one index twice", "ᵢᵢ"),
    ("Σᵢ i xᵢ", "can't be used as a number", "i"),
    ("Σᵢ inv(xᵢxᵢᵀ)", "inv of xᵢxᵢᵀ, which depends on the index i", "inv(xᵢxᵢᵀ)"),
    ("x[0]", "count from 1", "0"),
    ("x[2:]", "where the range ends", "2:"),
    ("x[3:2]", "goes up", "3:2"),
    ("x[5] where x: 4", "4 entries", "x[5]"),
    ("x[i,j] where x: n", "fewer axes", "x[i,j]"),
    ("Σᵢ xᵢⱼ where x: n", "2 indices don't fit", "xᵢⱼ"),
    ("Σᵢ aᵢbᵢ where a: m, b: n", "runs over n and, in aᵢ, over m|runs over m and, in bᵢ, over n", "bᵢ"),
    ("Σᵢ (xᵢᵀ)^2 inv(T) where T: a×b×c", "inv of the tensor T", "inv(T)"),
    ("TT where T: a×a×a", "product of tensors", "TT"),
    ("Tᵀ where T: a×b×c", "no transpose", "Tᵀ"),
    ("(AB)_{<}", "index letters or numbers", "_{<}"),
    ("Y[i,i] = A[i,j]", "twice on the left", "Y[i,i]"),
    ("Y[i] = A[i,j]", "index j is not on the left", "A[i,j]"),
    ("Σᵢ πᵢ xᵢ", "π is a number", "πᵢ"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words", "place"), ERRORS, ids=[case[0] for case in ERRORS])
def test_what_can_not_be_read_is_explained_at_its_place(text, words, place):
    with pytest.raises(matcalc.MatcalcError, match=words) as caught:
        read(text)
    problem = caught.value
    assert problem.text is not None
    assert problem.text[problem.start : problem.end] == place


def test_the_pattern_of_ranges():
    assert after_sum("_{ij}", 0, 5, False) == ((("i", None), ("j", None)), 5)
    assert after_sum("_{i=1}^{n}x", 0, 11, True) == ((("i", "n"),), 10)
    assert after_sum("_ij", 0, 3, True) == ((("i", None),), 2)
    assert after_sum("_{i=1}^{10}", 0, 11, True) == ((("i", 10),), 11)
    assert after_sum("_rows", 0, 5, False) is None
    assert after_sum(" x", 0, 2, False) is None


def test_deep_sums_need_no_recursion():
    text = "Σᵢ (" * 3000 + "x[i]" + ")" * 3000
    with pytest.raises(matcalc.MatcalcError, match="does not depend on the index i"):
        read(text)
    text = "Σᵢ (x[i] + " * 2000 + "1" + ")" * 2000
    assert read(text).shapes == {"x": ("n", None)}


def test_words_and_accents_are_no_indices():
    assert read("Σᵢ x̂ᵢ").shapes == {"x_hat": ("n", None)}
    assert read(r"\sum_a \hat{x} y_a").shapes.keys() == {"x_hat", "y"}
    assert read("Σᵢ (W_in x)ᵢ").shapes.keys() == {"W_in", "x"}
    assert read("Σ_{i,n} W_{in}").shapes == {"W": ("n", "m")}
    assert read("Σᵢ W_{in,i}").shapes == {"W_in": ("n", None)}
    assert read("Σᵢ x_{1,i}").shapes == {"x1": ("n", None)}


def test_readings_that_could_be_others_are_noted():
    assert "eᵢ was read as the i-th unit vector; declare e if it is a variable" in read("Σᵢ xᵢ eᵢ").notes
    assert "A was read as a vector; declare A if it is a matrix: A: m×n" in read("A[1]").notes
    assert any("that of the sum" in note for note in read("sum_i(x_i)^2").notes)
    assert not any("that of the sum" in note for note in read("sum_i (x_i)^2").notes)


def test_a_slice_in_a_subscript_gets_a_hint():
    with pytest.raises(matcalc.MatcalcError, match=r"X\[i,:\]"):
        read("X_{i,:} w")
