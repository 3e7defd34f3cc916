"""Dollar signs stand around a formula, in pairs; elsewhere they are errors that point at them."""

from __future__ import annotations

import pytest

from matcalc.errors import MatcalcError, SyntaxProblem
from matcalc.printers.text import write
from matcalc.reading import read

AROUND = [
    ("$x'x$", "x'x"),
    ("$$x'x$$", "x'x"),
    ("  $$\nx'x\n$$.\n", "x'x"),
    ("$x'x$,", "x'x"),
    ("$x'x$ where $x$: $n$", "x'x where x: n"),
    ("$x'Ax$ where $A \\in \\mathbb{R}^{n \\times n}$", "x'Ax where A: n×n"),
    ("$z = A x$\n$z'z$", "z = A x\nz'z"),
    ("$z$ = $A x$\n$$z'z$$", "z = A x\nz'z"),
    ("$z'z$ where $z = Ax$, $A$: $m×n$", "z'z where z = Ax, A: m×n"),
    ("$x'x  # where x: n$\n$", "x'x"),
]


@pytest.mark.parametrize(("text", "same"), AROUND)
def test_pairs_around_formulas_say_nothing(text, same):
    around, bare = read(text), read(same)
    assert around.shapes == bare.shapes
    assert write(around.value, "ascii", around.operations) == write(bare.value, "ascii", bare.operations)


STRAY = [
    ("x'x$", 3),
    ("$x'x", 0),
    ("x$'x", 1),
    ("$x'x$ + $", 8),
    ("$$x'x$", 0),
    ("$x'x$$", 0),
    ("x'x where $x: n", 10),
    ("z = A$x\nz'z", 5),
    ("x' $+$ x'", 3),
    ("$x'x$ + $y'y$", 4),
    ("$[x$; y]", 3),
    ("z'z where z = A$x$y", 15),
    ("$", 0),
]


@pytest.mark.parametrize(("text", "place"), STRAY)
def test_a_stray_dollar_is_an_error_at_its_place(text, place):
    with pytest.raises(SyntaxProblem) as caught:
        read(text)
    assert "`$" in caught.value.message
    assert caught.value.start == place


def test_many_dollars_are_read_in_no_time():
    for text in ("$" * 20_000 + "x", "x" + "$" * 20_000, "x'x where " + "$" * 20_001, "$x$" * 6_000):
        with pytest.raises(MatcalcError):
            read(text + "y")
