"""Identities of matrix notation vanish in index form: a difference of equal values simplifies to 0."""

import pytest

from matcalc.index.simplify import simplify
from matcalc.printers.text import write
from matcalc.reading import read

EQUAL = [
    ("tr(AB)", "tr(BA)"),
    ("tr(ABC)", "tr(CAB)"),
    ("tr(ABC)", "tr(CᵀBᵀAᵀ)"),
    ("(AB)ᵀ", "BᵀAᵀ"),
    ("tr(AᵀB)", "Σ(A ⊙ B)"),
    ("xᵀAy", "yᵀAᵀx"),
    ("diag(x)y", "x ⊙ y"),
    ("diag(diag(x))", "x"),
    ("diag(diag(A))", "A ⊙ I"),
    ("(A ⊙ I)ᵀ", "I ⊙ Aᵀ"),
    ("(A ⊙ I)(B ⊙ I)", "A ⊙ B ⊙ I"),
    ("diag(x)diag(y)", "diag(x ⊙ y)"),
    ("diag(x) ⊙ A", "diag(diag(A)) ⊙ diag(x)"),
    ("tr(A)", "Σ diag(A)"),
    ("‖A‖²", "tr(AᵀA)"),
    ("‖x‖²", "xᵀx"),
    ("𝟏ᵀA𝟏", "Σ A"),
    ("(A ⊙ B)𝟏", "diag(ABᵀ)"),
    ("(A⁻¹)ᵀ", "(Aᵀ)⁻¹"),
    ("(A⁻¹)⁻¹", "A"),
    ("A⁻¹AB", "B"),
    ("BAA⁻¹", "B"),
    ("(2A)⁻¹", "½A⁻¹"),
    ("det(Aᵀ)", "det(A)"),
    ("exp(A)ᵀ", "exp(Aᵀ)"),
    ("x − y", "−(y − x)"),
    ("(x − y) ⊙ (x − y)", "(y − x) ⊙ (y − x)"),
    ("A − (A − B)", "B"),
    ("x ⊙ y ⊘ y", "x"),
    ("√x ⊙ √x", "x"),
    ("(AᵀA)ᵀ", "AᵀA"),
    ("(AᵀA)⁻ᵀ", "(AᵀA)⁻¹"),
    ("1 ⊘ (1 + exp(−x))", "σ(x)"),
    ("exp(x) ⊘ (1 + exp(x))", "σ(x)"),
    ("exp(x)/Σexp(x)", "softmax(x)"),
    ("(1 − y) ⊙ x + y ⊙ x", "x"),
    ("‖x‖⁴", "(xᵀx)²"),
    ("‖−x‖", "‖x‖"),
    ("√(xᵀx)", "‖x‖"),
    ("‖−2xᵀx‖", "2‖x‖²"),
    ("abs(xᵀy)", "‖yᵀx‖"),
    ("abs(x ⊙ x ⊘ exp(y))", "x ⊙ x ⊘ exp(y)"),
    ("(A ⊙ Aᵀ)ᵀ", "A ⊙ Aᵀ"),
    ("sinh(x) ⊘ cosh(x)", "tanh(x)"),
    ("A(x + y) − Ay", "Ax"),
    ("exp(B + A)", "exp(A + B)"),
]
DIFFERENT = [
    ("A", "Aᵀ"),
    ("AB", "BA"),
    ("tr(ABC)", "tr(ACB)"),
    ("√(x ⊙ x)", "x"),
    ("(A + B)⁻¹", "A⁻¹ + B⁻¹"),
    ("xyᵀ", "yxᵀ"),
    ("‖x‖", "‖x‖²"),
    ("abs(x ⊙ x ⊙ x)", "x ⊙ x ⊙ x"),
    ("abs(xᵀy)", "xᵀy"),
    ("abs(‖x‖ + xᵀy)", "‖x‖ + xᵀy"),
    ("AᵀA", "AAᵀ"),
    ("A ⊙ I", "A"),
    ("A ⊙ I", "B ⊙ I"),
    ("exp(A)", "exp(Aᵀ)"),
    ("diag(A)", "diag(AᵀA)"),
    ("log(x ⊙ y)", "log(x)"),
    ("diag(A⁻¹)ᵀAx", "Σx"),
    ("Σ(diag(A⁻¹) ⊙ Ax)", "Σx"),
    ("tr(diag(A⁻¹)xᵀA)", "Σx"),
    ("diag(A⁻¹)ᵀAᵀx", "Σx"),
    ("diag((A + B)⁻¹)ᵀ(A + B)x", "Σx"),
]
SHAPES = "A: n×n, B: n×n, C: n×n, x: n, y: n"


def difference(left: str, right: str) -> str:
    reading = read(f"({left}) − ({right})", SHAPES)
    (node,) = simplify([reading.value], reading.graph, reading.operations)
    return write(node, "unicode", reading.operations)


@pytest.mark.parametrize(("left", "right"), EQUAL)
def test_equal_values_have_one_normal_form(left, right):
    assert difference(left, right) == "0"


@pytest.mark.parametrize(("left", "right"), DIFFERENT)
def test_different_values_stay_different(left, right):
    assert difference(left, right) != "0"
