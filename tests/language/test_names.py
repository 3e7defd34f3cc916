"""Names have one canonical spelling, and what is printed reads back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcalc.language.names import SYMBOLS, ascii_name, canonical, latex_name, unicode_name
from matcalc.language.parser import parse
from matcalc.language.syntax import Name


@pytest.mark.parametrize(
    ("name", "spellings"),
    [
        ("x1", "x1 x₁ x_1 x_{1} \\mathbf{x}_1 \\bm{x}_{1}"),
        ("eps", "eps ε ϵ epsilon \\epsilon \\varepsilon"),
        ("gamma", "γ gamma \\gamma"),
        ("Sigma", "Σ 𝛴 Sigma \\Sigma"),
        ("W_in", "W_in W_{in} Wᵢₙ W_{\\mathrm{in}} W_{\\text{in}}"),
        ("x_hat", "\\hat{x} \\hat{x} x_hat x_{hat} x̂ \\hat{\\mathbf{x}} \\mathbf{\\hat{x}}"),
        ("y_hat", "ŷ \\hat{y}"),
        ("x_bar", "\\bar{x} x̄"),
        ("x_tilde1", "\\tilde{x}_1"),
        ("lambda1", "λ1 λ₁ λ_1 \\lambda_{1} lambda_1"),
        ("x_gamma", "x_γ x_\\gamma x_{\\gamma}"),
        ("x1_in", "x_{1,in} x1_in"),
        ("weights", "weights \\mathrm{weights}"),
        ("y_pred", "y_pred y_{pred}"),
        ("x", "x \\vec{x} \\mathbf{x} \\boldsymbol{x} \\mathrm{x} \\mathit{x}"),
        ("Alpha", "Alpha \\Alpha Α"),
    ],
)
def test_spellings_of_one_name(name: str, spellings: str) -> None:
    for spelling in spellings.split():
        assert canonical(spelling) == name, spelling


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "1",
        "1x",
        "_x",
        "__import__",
        "x y",
        "x+1",
        "x_",
        "x_{t+1}",
        "\\foo",
        "\\mathbf{1}",
        "x'",
        "\ud800",
        "\0",
    ],
)
def test_no_names(text: str) -> None:
    assert canonical(text) is None


@pytest.mark.parametrize(
    ("name", "unicode", "ascii_", "latex"),
    [
        ("x1", "x₁", "x1", "x_{1}"),
        ("W_in", "Wᵢₙ", "W_{in}", "W_{in}"),
        ("W_out", "Wₒᵤₜ", "W_{out}", "W_{out}"),
        ("x_b", "x_{b}", "x_{b}", "x_{b}"),
        ("gamma", "γ", "gamma", "\\gamma"),
        ("eps", "ε", "eps", "\\epsilon"),
        ("weights", "weights", "weights", "\\mathrm{weights}"),
        ("Alpha", "Α", "Alpha", "\\Alpha"),
        ("x_hat", "x̂", "x_{hat}", "\\hat{x}"),
    ],
)
def test_printing(name: str, unicode: str, ascii_: str, latex: str) -> None:
    assert (unicode_name(name), ascii_name(name), latex_name(name)) == (unicode, ascii_, latex)


_part = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,3}|[0-9]{1,3}", fullmatch=True)
_names = st.builds(
    lambda base, digits, parts: "_".join([base + digits, *parts]),
    st.one_of(st.sampled_from(sorted(SYMBOLS)), st.from_regex("[A-Za-z]{1,4}", fullmatch=True)),
    st.sampled_from(["", "1", "20"]),
    st.lists(st.one_of(_part, st.sampled_from(["hat", "bar1", "tilde"])), max_size=2),
)


@given(_names)
def test_printed_names_read_back(raw: str) -> None:
    name = canonical(raw)
    assert name is not None
    assert canonical(name) == name
    for printed in (unicode_name(name), ascii_name(name), latex_name(name)):
        assert canonical(printed) == name
        if "where" in name:
            continue
        tree = parse(printed, (name,), frozenset({"log", "sum"})).tree
        assert isinstance(tree, Name) and tree.name == name, printed


@pytest.mark.parametrize(
    "name", ["x1", "W_in", "gamma", "x_hat", "x_hat1", "Sigma", "lambda_max", "x1_in", "W_out"]
)
def test_printed_names_read_back_undeclared(name: str) -> None:
    for printed in (unicode_name(name), ascii_name(name), latex_name(name)):
        tree = parse(printed).tree
        assert isinstance(tree, Name) and tree.name == name, printed
