"""Text that is no formula: a clear error at its place, and never another exception."""

import contextlib

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matcalc.errors import MatcalcError, SyntaxProblem
from matcalc.language.parser import parse
from matcalc.language.shapes import parse_shapes

from .dump import FUNCTIONS, dump


@pytest.mark.parametrize(
    ("text", "words", "place"),
    [
        ("‖x‖_3", "_F", "_3"),
        ("|x|_2", "norms are", "_2"),
        ("tanh⁻¹(x)", "inverse function or a power", "tanh⁻¹"),
        ("log^-1(x)", "inverse function or a power", "log^-"),
        ("\\sum_{i<j} x", "Σᵢ, Σ_{i,j}", "_{i<j}"),
        ("Σ^2 x", "Σ without an index", "Σ"),
        ("Σ²x", "Σ without an index", "Σ"),
        ("L(s) = x", "right side", "="),
        ("F(A; s) = x", "right side", ";"),
        ("x: n", "where", ":"),
        ("sigmoidd(x)", "did you mean `sigmoid`", "sigmoidd"),
        ("Xtanh(y)", "X\\*tanh", "Xtanh"),
        ("\\operatorname{sofmax}(x)", "softmax", "sofmax"),
        ("log2(x)", "function", "log2"),
        ("\\foo x", "not known", "\\foo"),
        ("\\lambdda x", "did you mean", "\\lambdda"),
        ("__import__('os')", "starts with a letter", "_"),
        ("x + _y", "starts with a letter|single letter", "_y"),
        ("[a, ]", "is expected here", "]"),
        ("[; b]", "a block is missing", ";"),
        ("(a, b)", "comma", ","),
        ("(x]", "`\\)` closes", "]"),
        ("(x", "never closed", "("),
        ("‖x", "never closed", "‖"),
        ("x)", "closes nothing", ")"),
        ("()", "empty", "()"),
        ("exp()", "empty", "()"),
        ("exp", "argument", "exp"),
        ("x +", "ends where", "+"),
        ("* x", "expected here", "*"),
        ("x ** 2", "\\^", "**"),
        ("x @ y", "`\\*`", "@"),
        ("2 3", "side by side", "2 3"),
        ("2½", "side by side", "2½"),
        ("∇f", "variable is named", "∇"),
        ("x_{t+1}", "letters and digits", "x_{t+1}"),
        ("I_0", "no size", "I_0"),
        ("ones(m,n)", "one size", "(m,n)"),
        ("eye(₂)", "one size", "(₂)"),
        ("9" * 400, "too long", "9" * 400),
        ("1e99999", "too long", "1e99999"),
        ("x\0y", "U\\+0000", "\0"),
        ("x\x1by", "U\\+001B", "\x1b"),
        ("x\ud800", "U\\+D800", "\ud800"),
        ("ｘ", "can't be read", "ｘ"),
        ("A\\", "ends where a name", "\\"),
        ("2^log x", "exponent in brackets", "log"),
    ],
)
def test_errors_point_at_their_place(text: str, words: str, place: str) -> None:
    with pytest.raises(SyntaxProblem, match=words) as caught:
        parse(text, (), FUNCTIONS)
    problem = caught.value
    assert problem.text == text
    assert text[problem.start : problem.end] == place
    str(problem).encode("utf-8")


@pytest.mark.parametrize("text", ["", " ", "\n\t", " where x: n"])
def test_empty(text: str) -> None:
    with pytest.raises(SyntaxProblem, match="the formula is empty"):
        parse(text, (), FUNCTIONS)


def test_too_long() -> None:
    with pytest.raises(SyntaxProblem, match="at most 200,000"):
        parse("x" * 200_001)


_SPACED_PIECES = r"""
x y A W1 x_1 x_{in} γ σ Σ ∑ \sum \sqrt √ \sqrt[3] e I 𝟏 \mathbf{1} π exp log( log tanh²
det tr max( , ( ) [ ] {
}
\left( \right) ‖ | || \| \lVert \rVert _2 ₂ _F ² ⁻¹ ᵀ ' .T .'
^ ^T ^{ ^{-1} ^{\top} ^{\circ .^ ½ 2 1. .5 1e-3
+ - − * · .* ⊙ ⊘ ./ / \frac \frac{ \frac12 \cdot \quad \, \text{where} where : ; = ∈ ℝ n m×n scalar \mathrm{
\hat{ \hat \operatorname{ _ \ & ~ $ eye( ones( foo foo( ̂ ŷ w_ab_cd i₁ \ell ! .
"""
_PIECES = [*_SPACED_PIECES.split(), " ", "  ", "\\ "]


def _survives(text: str) -> None:
    try:
        parsed = parse(text, ("foo", "w_ab", "x"), FUNCTIONS)
    except MatcalcError as problem:
        str(problem).encode("utf-8")
        if problem.start is not None and problem.end is not None:
            assert problem.text == text
            assert 0 <= problem.start < problem.end
            assert problem.start <= len(text)
        assert problem.text is not None
    else:
        dump(parsed.tree)


@settings(max_examples=600, deadline=None)
@given(st.lists(st.sampled_from(_PIECES), max_size=14).map("".join))
@example("x where x: n, = ")
def test_random_formulas(text: str) -> None:
    _survives(text)


@settings(max_examples=300, deadline=None)
@given(st.text(st.characters(codec=None), max_size=20))
def test_random_text(text: str) -> None:
    _survives(text)
    _survives("x where " + text)


@settings(max_examples=200, deadline=None)
@given(
    st.text(max_size=12)
    | st.dictionaries(st.text(max_size=4), st.lists(st.text(max_size=3) | st.integers() | st.none()))
)
def test_random_shapes(shapes: str | dict[str, object]) -> None:
    with contextlib.suppress(MatcalcError):
        parse_shapes(shapes)
