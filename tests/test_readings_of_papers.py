"""Notation of papers that means something else than its parts: log|K|, \frac\lambda2, a term of a sum."""

import numpy as np
import pytest

import matcalc
from matcalc import MatcalcError


@pytest.mark.parametrize(
    "formula",
    ["log|K|", "½yᵀK⁻¹y − ½yᵀK⁻¹y + log|K|", "log|K| + yᵀK⁻¹y − yᵀK⁻¹y", "\\log |K|", "\\log\\lvert K\\rvert",
     "\\log \\left|K\\right|", "ln|K|"],
)  # fmt: skip
def test_the_logarithm_of_a_matrix_between_bars_is_log_det(formula):
    derived = matcalc.derive(formula, "K", "K: n×n")
    k = np.array([[2.0, 0.3, 0.0], [0.1, 1.5, 0.4], [0.2, 0.0, 3.0]])
    arrays = {"K": k, "y": np.ones(3)} if "y" in formula else {"K": k}
    np.testing.assert_allclose(derived.function()(**arrays), np.linalg.inv(k).T, rtol=1e-12)
    (note,) = derived.notes
    assert note == "log|K| was read as log det(K); log(|K|) is the logarithm of each entry"


@pytest.mark.parametrize(
    ("formula", "shapes"), [("Σ log(|X|)", "X: n×n"), ("Σ log(abs(X))", "X: n×n"), ("Σ log|X|", "X: n×m")]
)
def test_the_logarithms_of_entries(formula, shapes):
    derived = matcalc.derive(formula, "X", shapes)
    assert derived.check().ok
    assert derived.unicode() == "sign(X) ⊘ abs(X)"
    assert matcalc.derive("Σ log|x|", "x").unicode() == "sign(x) ⊘ |x|"


@pytest.mark.parametrize(
    "text", ["\\frac\\lambda2 \\|w\\|^2", "\\frac{\\lambda}2 \\|w\\|^2", "\\frac\\lambda{2}\\|w\\|^2"]
)
def test_a_fraction_of_a_letter_and_a_digit(text):
    assert matcalc.derive(text, "w").unicode() == "λw"


@pytest.mark.parametrize(
    ("formula", "wrt", "all_of_them"),
    [
        ("Σᵢ log(1 + exp(−yᵢ wᵀxᵢ))", "xᵢ", "X, or in x if they are numbers"),
        ("Σᵢ ‖Axᵢ − yᵢ‖²", "yᵢ", "Y, or in y"),
        ("\\sum_i \\sum_k r_{ik} \\|x_i - \\mu_k\\|^2", "\\mu_k", "μ"),
        ("Σᵢⱼ Aᵢⱼ²", "Aᵢⱼ", "A"),
    ],
)
def test_one_term_of_a_sum_is_no_variable(formula, wrt, all_of_them):
    with pytest.raises(MatcalcError, match=f"in each term of the sum; .* that in {all_of_them}"):
        matcalc.derive(formula, wrt)


def test_a_name_with_a_number_beside_a_sum_is_a_variable():
    assert matcalc.derive("Σᵢ ‖Axᵢ − yᵢ‖² + ‖x₁‖²", "x₁").unicode() == "2x₁"
