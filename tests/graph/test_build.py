"""What operators mean for operands of given shapes, and what is said where shapes don't conform."""

import pytest

import matcalc
from matcalc.errors import MatcalcError, ShapeProblem, SyntaxProblem
from matcalc.graph.node import axes
from matcalc.reading import read


def ops(text, shapes=None):
    return read(text, shapes).value.op


def shape(text, shapes=None):
    return axes(read(text, shapes).value.shape)


@pytest.mark.parametrize(
    ("text", "op"),
    [
        ("γX", "scale"),
        ("Xγ", "scale"),
        ("AB", "matmul"),
        ("xyᵀ", "matmul"),
        ("x ⊙ y", "hadamard"),
        ("α ⊙ x", "scale"),
        ("x/α", "over"),
        ("x ⊘ y", "eldivide"),
        ("α²", "intpower"),
        ("α^½", "power"),
        ("α^β", "power"),
        ("x.^y", "elpower"),
        ("‖x‖²", "sumsq"),
        ("‖x‖", "norm2"),
        ("X⁻¹", "inv"),
        ("diag(x)", "diag"),
        ("diag(X)", "diagonal"),
        ("logsumexp(x)", "logsumexp"),
        ("logsumexp(X)", "logsumexp_all"),
        ("tr(xᵀAx)", "matmul"),
        ("X⁰", "identity"),
        ("x + α", "add"),
    ],
)
def test_shapes_choose_the_operation(text, op):
    assert ops(text) == op


@pytest.mark.parametrize(
    ("text", "declared", "expected"),
    [
        ("Ax", "A: m×k", ("m",)),
        ("xᵀAx", "A: n×n", ()),
        ("xyᵀ", "x: m, y: n", ("m", "n")),
        ("xᵀ", "x: m", (1, "m")),
        ("A + α", "A: m×k", ("m", "k")),
        ("max(X, 0)", "X: m×n", ("m", "n")),
        ("A", "A: 3×1", (3, 1)),
        ("softmax(Wx)", "W: k×n", ("k",)),
        ("n x", "x: n", ("n",)),
    ],
)
def test_shapes_of_values(text, declared, expected):
    assert shape(text, declared) == expected


@pytest.mark.parametrize(
    ("text", "declared", "parts"),
    [
        ("A·x", "A: m×k, x: n", ["A·x", "A is m×k", "x has n rows"]),
        ("A + B", "A: m×k, B: k×m", ["A is m×k", "B is k×m"]),
        ("xy", None, ["column vectors", "xᵀy", "⊙"]),
        ("x + yᵀ", "x: n, y: n", ["transpose"]),
        ("det(A)", "A: m×k", ["m×k", "square"]),
        ("tr(x)", None, ["square matrix"]),
        ("A^½", None, ["whole number", "A.^p"]),
        ("A²", "A: m×k", ["square"]),
        ("x/A", None, ["inv(A)", "⊘"]),
        ("softmax(A)", None, ["vector"]),
        ("max(α, β, x)", None, ["max takes"]),
        ("A^65", None, ["64"]),
        ("α/0", None, ["division by zero"]),
    ],
)
def test_shapes_that_do_not_conform_are_explained(text, declared, parts):
    with pytest.raises(ShapeProblem) as caught:
        read(text, declared)
    assert caught.value.start is not None
    for part in parts:
        assert part in str(caught.value)


def test_a_caret_points_at_the_product():
    with pytest.raises(ShapeProblem) as caught:
        read("‖x‖² + ‖A·x‖²", "A: m×k, x: n")
    line, carets = str(caught.value).splitlines()[-2:]
    assert line[carets.index("^") : carets.rindex("^") + 1] == "A·x"


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Σ ssᵀ", "outer product"),
        ("‖A‖²", "Frobenius"),
        ("Σ x²", "elementwise"),
        ("Σ|A|", "det(A)"),
        ("Σ 1/x", "elementwise"),
    ],
)
def test_guesses_are_noted(text, part):
    assert any(part in note for note in read(text).notes)


def test_what_is_no_guess_is_not_noted():
    assert read("‖A‖_F² + ‖As − x‖²").notes == ()


def test_definitions_may_follow_their_use_and_use_each_other():
    reading = read("‖r‖² where r = Az, z = 2x")
    assert set(reading.shapes) == {"A", "x"}


def test_a_definition_by_itself_is_an_error():
    with pytest.raises(SyntaxProblem, match="defined by itself"):
        read("a where a = b, b = 2a")


def test_products_that_end_in_a_vector_are_applied_to_it():
    value = read("WᵀWx").value
    assert value.args[1].op == "matmul"
    assert value.args[1].shape[1] is None


def test_equal_parts_are_one_node():
    value = read("exp(Ax)ᵀexp(Ax)").value
    assert value.args[0].args[0] is value.args[1]


def test_huge_numbers_are_refused():
    with pytest.raises(MatcalcError, match="thousands of digits"):
        read("((9^64)^64)^64 α")


@pytest.mark.parametrize("function", ["exp(ones(2))", "ones(2)^(1/2)", "ones(2)^2", "softplus(ones(2)^2)"])
def test_a_function_of_equal_entries_keeps_the_axis_of_their_array(function):
    derivation = matcalc.derive(f"exp(({function}*u')')", "u", shapes={"u": (4,)}, kind="pullback")
    assert "𝟏uᵀ" in derivation.unicode()
