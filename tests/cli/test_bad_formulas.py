"""Formulas that can't be used: one paragraph, a caret under the place, status 2; never a traceback."""

from __future__ import annotations

import pytest


@pytest.mark.parametrize(
    ("formula", "says", "marked"),
    [
        ("‖As − x", "this `‖` is never closed", "‖"),
        ("tr(A(B)", "this `(` is never closed", "("),
        ("xᵀx)", "closes nothing", ")"),
        ("xᵀ(", "the formula ends", "("),
        ("‖Ax − Ay + A‖²", "", None),
        ("‖AB‖² + xᵀAx + 1ᵀ y", "", None),
        ("Ax", "no scalar", "Ax"),
        ("x y", "inner product", "x y"),
        ("", "the formula is empty", None),
        (" \t ", "the formula is empty", None),
        ("x\x00y", "U+0000", None),
        ("\x1b[31mx", "U+001B", None),
        ("__import__('os')", "a name starts with a letter", "_"),
        ("x.__class__", "", None),
        ("(" * 100_000, "", None),
    ],
)
def test_refused_with_the_place(call, formula, says, marked):
    result = call("grad", "-", "--wrt", "x", text=formula)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("Error: ")
    assert says in result.stderr
    assert not any(ord(c) < 32 and c != "\n" for c in result.stderr)
    if marked is not None:
        line, caret = result.stderr.splitlines()[-2:]
        start = caret.index("^")
        assert line[start : start + caret.count("^")] == marked


def test_shapes_that_do_not_conform_name_both_sizes(call):
    result = call("grad", "‖Ax‖²", "--wrt", "x", "--shape", "A: m×k, x: n")
    assert result.exit_code == 2
    assert "A is m×k" in result.stderr
    assert "x has n rows" in result.stderr


@pytest.mark.parametrize(
    ("formula", "result"),
    [
        ("(" * 5_000 + "xᵀx" + ")" * 5_000, "∇x = 2x "),
        ("+".join(["xᵀx"] * 2_000), "∇x = 4000x "),
        ("x'" + " " * 99_996 + "x", "∇x = 2x "),
    ],
    ids=["5,000 brackets", "2,000 terms", "100,000 characters"],
)
def test_large_formulas_are_read(call, formula, result):
    found = call("grad", "-", "--wrt", "x", text=formula)
    assert found.exit_code == 0
    assert found.stdout.startswith(result)


def test_one_hundred_thousand_letters(call):
    result = call("grad", "-", "--wrt", "x", text="x" * 100_000)
    assert result.exit_code == 2
    assert len(result.stderr) < 1000


def test_messages_name_what_the_formula_has():
    import matcalc

    with pytest.raises(matcalc.MatcalcError, match="x as vector: --shape 'x: scalar' says otherwise"):
        matcalc.derive("x", "x")
    with pytest.raises(matcalc.MatcalcError, match="a size is missing here"):
        matcalc.derive("‖Ax‖²", "x", "A: m×")
    with pytest.raises(matcalc.MatcalcError, match="A is a matrix: its power"):
        matcalc.derive("tr(A^k)", "A")
