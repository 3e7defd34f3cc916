"""Input that no one means: a result or one paragraph of an error, in little time, never a traceback."""

import numpy as np
import pytest

import matcalc
from matcalc.errors import MatcalcError

A, x = np.eye(3), np.ones(3)
MANY = 5000


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("tr(" + "⊗".join(["A"] * MANY) + ")", "too many|more than 500"),
        ("Σ kron(" + ", ".join(["A"] * MANY) + ")", "too many|more than 500"),
        ("Σ [" + "; ".join(["A"] * MANY) + "]", "more than 500"),
        ("Σ " + "[A; " * MANY + "A" + "]" * MANY, "more than 500"),
        ("Σ " + "⊗".join(f"[{a} {b}]" for a, b in zip("ABCDEFGHJ", "OPQRSTUVW", strict=True)), "too many"),
        ("Σ unvec(v, " + "m*" * MANY + "m, n)AX where v: p, A: m×n", "too many"),
        ("Σ unvec(v, " + "m+" * MANY + "m, n)AX where v: p, A: m×n", "5001m×n"),
    ],
)
def test_sizes_made_of_too_many_sizes(formula, says):
    with pytest.raises(MatcalcError, match=says):
        matcalc.derive(formula, "A")


def test_many_factors_that_are_one_number_are_read():
    text = matcalc.derive("Σ kron(" + ", ".join(["α"] * MANY) + ")", "α").unicode()
    assert text == "5000α⁴⁹⁹⁹"


def test_values_that_fit_in_no_memory():
    for formula in ("⊗".join(["A"] * 12), "⊗".join(["A"] * 20), "Σ I_{999999999}"):
        with pytest.raises(MatcalcError, match="too large"):
            matcalc.evaluate(formula, A=A)
    with pytest.raises(MatcalcError, match="larger than any array"):
        matcalc.evaluate("⊗".join(["A"] * 60), A=A)


def test_a_check_that_would_take_too_much_memory_is_not_made():
    derivation = matcalc.derive("tr(" + "⊗".join(["A"] * 12) + ")", "A", {"A": ("n", "n")})
    assert derivation.check().ok is None
    assert "too large" in derivation.check().reason


@pytest.mark.parametrize("order", [300, 10**8])
def test_polygamma_of_an_order_whose_factorial_is_no_number(order):
    assert np.isnan(matcalc.evaluate(f"polygamma({order}, x)", x=x)).all()
    assert matcalc.derive(f"Σ polygamma({order}, x)", "x").check().ok is None


@pytest.mark.parametrize("formula", ["Σ(A ⊘ I)", "Σ(exp(A) ⊘ I)", "Σ(A ⊙ I).^(-1)", "Σ(A ⊙ B)./(I ⊙ B)"])
def test_a_quotient_by_the_zeros_of_the_identity_is_no_product_with_it(formula):
    with pytest.raises(MatcalcError, match="divides by the zeros"):
        matcalc.derive(formula, "A")


def test_the_definition_of_a_block_that_has_a_name():
    derivation = matcalc.derive("2W[h; x; 1][hᵀ, xᵀ, 1]", "W", kind="jacobian")
    assert derivation.unicode() == "2r[j]r[l]Iₙ[i,k] where r = [h; x; 1]"
    assert derivation.check().ok


def test_the_table_of_a_result_that_has_entries_only():
    assert "…" in str(matcalc.derive("A^64", "A", kind="jacobian").steps)
