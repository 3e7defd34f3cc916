"""Shape declarations in all their spellings, and what is refused."""

import pytest

from matcalc.errors import MatcalcError, ShapeProblem
from matcalc.language.parser import parse
from matcalc.language.shapes import parse_shapes

from .dump import FUNCTIONS, dump


@pytest.mark.parametrize(
    "text",
    [
        "A: m×k",
        "A: m x k",
        "A: mxk",
        "A: (m, k)",
        "A: (m×k)",
        "A: m*k",
        "A: m \\times k",
        "A ∈ ℝ^{m×k}",
        "A ∈ ℝᵐˣᵏ",
        "A ∈ ℝᵐ×ᵏ",
        "A in R^(m x k)",
        "A \\in \\mathbb{R}^{m \\times k}",
        "A \\in \\R^{m\\times k}",
        "$A \\in \\mathbb R^{m \\times k}$",
    ],
)
def test_a_matrix(text: str) -> None:
    assert parse_shapes(text) == {"A": ("m", "k")}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        ("A: m×k, s: k, γ: scalar", {"A": ("m", "k"), "s": ("k",), "gamma": ()}),
        ("A: m×k; s: k;", {"A": ("m", "k"), "s": ("k",)}),
        ("A, B: m×k", {"A": ("m", "k"), "B": ("m", "k")}),
        ("x, y ∈ ℝⁿ, γ ∈ ℝ", {"x": ("n",), "y": ("n",), "gamma": ()}),
        ("A: 3x4, B: 3×4, c: 12", {"A": (3, 4), "B": (3, 4), "c": (12,)}),
        ("weights: m×n, y_pred: n_1", {"weights": ("m", "n"), "y_pred": ("n1",)}),
        ("x: ν, Y: max×n", {"x": ("nu",), "Y": ("max", "n")}),
        ("x: n, x: n", {"x": ("n",)}),
        ("γ: ()", {"gamma": ()}),
    ],
)
def test_texts(text: str, expected: dict[str, tuple[str | int, ...]]) -> None:
    assert parse_shapes(text) == expected


def test_mappings() -> None:
    shapes = {"A": ("m", "k"), "s": ["k"], "γ": (), "x₁": "m×1", "n": 3, "t": "scalar"}
    assert parse_shapes(shapes) == {
        "A": ("m", "k"),
        "s": ("k",),
        "gamma": (),
        "x1": ("m", 1),
        "n": (3,),
        "t": (),
    }
    assert parse_shapes(None) == {}


@pytest.mark.parametrize(
    ("shapes", "words"),
    [
        ("x: 0", "no size"),
        ("x: -1", "no size"),
        ("x: __import__", "no size"),
        ("x: " + "×".join("abcdefghklmnp"), "order 13 is too large"),
        ("x: n, x: m", "declared twice"),
        ("γ: n, gamma: scalar", "declared twice"),
        ("__a: n", "no name"),
        ("x", "no shape"),
        ("x: m, k", "no shape"),
        ("x:", "missing"),
        (": n", "missing"),
        ("x ∈ ℂ", "write ℝ"),
        ("x = y", "where"),
        ({"A": tuple("abcdefghklmnp")}, "order 13"),
        ({"A": (0,)}, "no size"),
        ({"A": (2.5,)}, "no size"),
        ({"A": (True,)}, "no size"),
        ({"A": None}, "no size"),
        ({"A": ("m", "__import__('os')")}, "no size"),
        ({"1": ("m",)}, "no name"),
        ({3: ("m",)}, "no name"),
        ({"x": ("n",), "x_1": ("n",), "x₁": ("m",)}, "declared twice"),
    ],
)
def test_refused(shapes: object, words: str) -> None:
    with pytest.raises(MatcalcError, match=words):
        parse_shapes(shapes)  # type: ignore[arg-type]


def test_an_error_points_at_its_place() -> None:
    with pytest.raises(ShapeProblem) as caught:
        parse("Ax where A: m×n, x: 0")
    problem = caught.value
    assert problem.text is not None
    assert problem.text[problem.start : problem.end] == "0"


@pytest.mark.parametrize(
    "where", ["where", "\\text{where}", "\\text{ where }", ",\\quad\\text{where}\\quad", ", where"]
)
def test_where_clause(where: str) -> None:
    parsed = parse(f"‖r‖² {where} r = WᵀWx − x, W: k×n; x ∈ ℝⁿ, res = max(x, r)", (), FUNCTIONS)
    assert dump(parsed.tree) == "(^ (norm2 r) 2)"
    assert parsed.shapes == {"W": ("k", "n"), "x": ("n",)}
    assert [(name, dump(tree)) for name, tree in parsed.definitions] == [
        ("r", "(- (* (* (' W) W) x) x)"),
        ("res", "(max x r)"),
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x where", "name is missing"),
        ("where x: n", "formula is empty"),
        ("r where r =", "definition is empty"),
        ("r where r = x, r = y", "defined twice"),
        ("r where q, r = x", "one name at a time"),
        ("x where x: n where y: m", "no size|no shape|no name"),
    ],
)
def test_refused_where_clauses(text: str, words: str) -> None:
    with pytest.raises(MatcalcError, match=words):
        parse(text, (), FUNCTIONS)
