"""What the structure of variables does in simplification, and what it must not do to variables without one."""

import pytest

from matcalc.index.simplify import simplify
from matcalc.printers.text import write
from matcalc.reading import read

EQUAL = [
    ("S: symmetric", "Sᵀ", "S"),
    ("S: symmetric", "xᵀSy", "yᵀSx"),
    ("S: symmetric", "(AS)ᵀ", "SAᵀ"),
    ("S: symmetric", "tr(AS)", "tr(SAᵀ)"),
    ("S: symmetric", "S⁻ᵀ", "S⁻¹"),
    ("S: symmetric", "exp(S)ᵀ", "exp(S)"),
    ("S: symmetric", "SᵀS⁻¹A", "A"),
    ("S: spd", "S⁻¹Sᵀ", "I"),
    ("S: diagonal", "xᵀSᵀy", "xᵀSy"),
    ("S: diagonal", "diag(diag(S))", "S"),
    ("S: diagonal", "diag(diag(S⁻¹))", "S⁻¹"),
    ("A, B: diagonal", "AB", "BA"),
    ("A, B: diagonal", "xᵀABAy", "yᵀAABx"),
    ("A, B: diagonal", "SABAS", "SBAAS"),
    ("A, B: diagonal", "(AB)⁻¹", "(BA)⁻¹"),
    ("A, B, S: diagonal", "tr(ABSxyᵀ)", "tr(SABxyᵀ)"),
    ("S: skew", "Sᵀ", "−S"),
    ("S: skew", "xᵀSx", "0"),
    ("S: skew", "xᵀSy", "−yᵀSx"),
    ("S: skew", "tr(S)", "0"),
    ("S: skew", "tr(SSS)", "0"),
    ("S: skew", "SᵀS⁻¹A", "−A"),
    ("S: skew", "S⁻ᵀ", "−S⁻¹"),
    ("S: skew", "Sᵀ.^2", "S.^2"),
    ("S: skew", "tr(SA)", "−tr(AᵀS)"),
    ("S: orthogonal", "SᵀS", "I"),
    ("S: orthogonal", "ASSᵀB", "AB"),
    ("S: orthogonal", "S⁻¹", "Sᵀ"),
    ("S: orthogonal", "(2S)⁻¹", "½Sᵀ"),
    ("S: orthogonal", "(Sx)ᵀSy", "xᵀy"),
    ("S: orthogonal", "tr(SᵀAS)", "tr(A)"),
    ("S: orthogonal", "‖S‖² where S: 3×3", "3"),
    ("S: orthogonal", "diag(SᵀS)", "𝟏"),
    ("x: unit", "xᵀx", "1"),
    ("x: unit", "‖3x‖", "3"),
    ("x: unit", "xxᵀxxᵀ", "xxᵀ"),
    ("x: positive", "|x|", "x"),
    ("x: positive", "√(x ⊙ x)", "x"),
    ("x: positive", "relu(2x) ⊙ sign(x)", "2x"),
    ("A: lower", "tril(A)", "A"),
    ("A: upper", "triu(A)", "A"),
]
DIFFERENT = [  # square matrices are not symmetric unless that is assumed, whatever their size
    ("", "Aᵀ", "A"),
    ("S: symmetric", "Aᵀ", "A"),
    ("S: symmetric", "(AS)ᵀ", "AS"),
    ("S: symmetric", "SAS", "SAᵀS"),
    ("", "AᵀA", "I"),
    ("", "A⁻¹", "Aᵀ"),
    ("", "xᵀAx", "0"),
    ("", "|x|", "x"),
    ("", "xᵀx", "1"),
    ("S: spd", "‖S‖", "1"),
    ("A, B: symmetric", "AB", "BA"),
    ("A: diagonal", "AB", "BA"),
    ("A, B: diagonal", "ASBx", "BSAx"),
    ("S: skew", "tr(SS)", "0"),
    ("S: skew", "xᵀSy", "0"),
    ("S: skew", "SᵀS", "SS"),
    ("S: skew", "diag(SA)", "0"),
    ("S: orthogonal", "SS", "I"),
    ("S: orthogonal", "SᵀASᵀ", "A"),
    ("S: orthogonal", "(S ⊙ S)ᵀS", "I"),
    ("S: orthogonal", "S ⊙ S", "I"),
    ("S: orthogonal", "(S + I)⁻¹", "(S + I)ᵀ"),
    ("x: unit", "x ⊙ x", "x"),
    ("x: unit", "Σx", "1"),
    ("x: positive", "|x − y|", "x − y"),
    ("x: positive", "|−x|", "−x"),
    ("x: positive", "√(y ⊙ y)", "y"),
    ("A: lower", "triu(A)", "A"),
    ("A: lower", "tril(Aᵀ)", "Aᵀ"),
]
SHAPES = "A: n×n, B: n×n, S: n×n, x: n, y: n"


def difference(assume: str, left: str, right: str) -> str:
    left, _, where = left.partition(" where ")
    shapes = SHAPES.replace("S: n×n", where) if where else SHAPES
    reading = read(f"({left}) − ({right})", shapes, assume=assume or None)
    (node,) = simplify([reading.value], reading.graph, reading.operations, structures=reading.structures)
    return write(node, "unicode", reading.operations)


@pytest.mark.parametrize(("assume", "left", "right"), EQUAL)
def test_structure_makes_values_equal(assume, left, right):
    assert difference(assume, left, right) == "0"


@pytest.mark.parametrize(("assume", "left", "right"), EQUAL)
def test_without_the_assumption_they_differ(assume, left, right):
    assert difference("", left, right) != "0"


@pytest.mark.parametrize(("assume", "left", "right"), DIFFERENT)
def test_structure_makes_nothing_else_equal(assume, left, right):
    assert difference(assume, left, right) != "0"


@pytest.mark.parametrize("size", ["n", "1", "2"])
def test_square_is_not_symmetric(size):
    shapes = f"A: {size}×{size}, S: {size}×{size}, x: {size}"
    reading = read("Aᵀ − A + Sᵀ − S", shapes, assume="S: symmetric")
    (node,) = simplify([reading.value], reading.graph, reading.operations, structures=reading.structures)
    assert write(node, "unicode", reading.operations) == "Aᵀ − A"
