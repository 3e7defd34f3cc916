"""Programs as text: which lines there are, what ends them, and what is said about lines that are none."""

from __future__ import annotations

import pytest

from matcalc.errors import MatcalcError
from matcalc.language.parser import parse
from matcalc.language.syntax import Name
from matcalc.operations import standard
from matcalc.reading import read
from tests.language.dump import dump

FUNCTIONS = standard().functions


def parsed(text):
    return parse(text, (), FUNCTIONS)


def definitions(text):
    return {name: dump(tree) for name, tree in parsed(text).definitions}


def test_lines_are_definitions_and_the_last_is_the_value():
    found = parsed("shapes A: m×n, x: n\nr = A x\n\nL = ‖r‖²\n")
    assert list(dict(found.definitions)) == ["r", "L"]
    assert isinstance(found.tree, Name) and found.tree.name == "L"
    assert found.shapes == {"A": ("m", "n"), "x": ("n",)}


def test_the_last_line_may_be_a_formula_and_shapes_may_stand_anywhere():
    found = parsed("r = A x\n‖r‖²\nshapes A: m×n\nshapes x: n")
    assert dump(found.tree) == dump(parsed("‖r‖²").tree)
    assert found.shapes == {"A": ("m", "n"), "x": ("n",)}


@pytest.mark.parametrize(
    "text",
    [
        "r = A x\r\n\r\nL = ‖r‖²\r\n",
        "r = A x\rL = ‖r‖²",
        "# r = 2\nr = A x # the residual\n   # L = 3\nL = ‖r‖² % the loss",
        "  r = A x;\n\tL = ‖r‖²;",
        "r := A x\nL := ‖r‖²",
        "r &= A x \\\\\nL &= \\lVert r \\rVert^2 \\\\",
        "r =\n  A *\n  x\nL = norm2(\n  r\n)^2",
        "L = ‖r‖² where r = A x",
        "r = A x,\nL = ‖r‖²,\nshapes x: n,\n A: m×n",
        "L = ‖r‖²\n  where r = A x,\n  A: m×n\n",
    ],
)
def test_ways_to_write_the_same_program(text):
    found = definitions(text)
    assert found["r"] == dump(parsed("A x").tree)
    assert found["L"] == dump(parsed("norm2(r)^2").tree)


@pytest.mark.parametrize(
    "text", ["\\frac{1}{2}\n\\lVert x \\rVert^2", "x'\nx", "‖r‖² where\n r = Ax - b,\n A: m×n", "x'x # = 1"]
)
def test_formulas_on_several_lines_stay_formulas(text):
    one_line = " ".join(text.split("#")[0].split("\n"))
    assert dump(parsed(text).tree) == dump(parsed(one_line).tree)
    assert definitions(text).keys() == definitions(one_line).keys()


def test_each_line_has_a_spelling_of_its_own():
    found = read("h = \\tanh(W_{in} x)\nL = norm2(W_in*x + h)^2")
    assert set(found.shapes) == {"W_in", "x"}


def test_names_of_definitions_may_be_words():
    found = read("resid = A x - b\nloss = resid'resid\nloss")
    assert set(found.shapes) == {"A", "x", "b"}
    assert set(found.names.values()) == {"resid", "loss"}


@pytest.mark.parametrize(
    ("text", "message", "line", "place"),
    [
        ("shapes A: m×k, x: n\nr = A x\n‖r‖²", "x has n rows", 2, "A x"),
        ("r = A x\nr = 2x\n‖r‖²", "defined twice", 2, "r"),
        ("r = 2r\n‖r‖²", "defined by itself", 1, "r"),
        ("a = b\nb = 2a\n‖a‖²", "defined by itself", 2, "a"),
        ("x'x\nr = 3\nr", "without a name", 1, "x'x"),
        ("r = A(x\nL = 3", "never closed", 1, "("),
        ("exp = A x\n‖exp‖²", "meaning of its own", 1, "exp"),
        ("f(x) = 2\nx", "no name", 1, "f(x)"),
        ("= x\n2", "a name is missing", 1, "="),
        ("r = A x; q = 2\n‖r‖²", "one definition", 1, "="),
        ("\n# hello\nr = A x +* b\n‖r‖²", "expected here", 3, "*"),
        ("h = x\nshapes x: n, r = 2\n‖h‖²", "line of its own", 2, "r = 2"),
        ("shapes h: m, A: m×n, x: k, y: n\nh = A y + y\n‖h‖²", "same shape", 2, "A y + y"),
        ("r = A x, \n‖r‖², x", "comma", 2, ","),
        ("h1 = A x\nL = ‖h1 + A‖²", "h₁ is ., A is .×.: they", 2, "h1 + A"),
        ("r = ½ x\nL = ", "definition is empty", 2, "="),
    ],
)
def test_errors_point_into_their_line(text, message, line, place):
    with pytest.raises(MatcalcError, match=message) as caught:
        read(text)
    problem = caught.value
    assert problem.text == text
    assert text[problem.start : problem.end] == place
    assert f"\n  line {line}:\n" in str(problem)


def test_a_program_needs_a_value():
    with pytest.raises(MatcalcError, match="no value"):
        read("shapes A: m×n, x: n\n# nothing more\n")
    with pytest.raises(MatcalcError, match="empty"):
        read("# nothing")


def test_notes_on_names_that_may_be_misspelt():
    notes = read("shapes x: n, A: m×n, B: m×m\nh1 = Ax\nh2 = B h1\n‖h1 + z‖²").notes
    assert "h₂ is defined but not used" in notes
    assert "z is neither declared nor defined; it was read as a vector" in notes
    assert not any("B is declared" in note for note in read("shapes B: n×n\nL = tr B").notes)


def test_the_declared_shape_of_a_definition_holds():
    assert read("shapes h: m\nh = A x\n‖h‖²").shapes["A"][0] == "m"
    with pytest.raises(MatcalcError, match="same shape"):
        read("shapes h: m×m\nh = x + y\n‖h‖²")
