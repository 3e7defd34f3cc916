"""Pages and what they look like as text, Markdown, LaTeX and HTML."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
from html.parser import HTMLParser

import pytest

import matcalc

FORMULAS = [
    ("‖As−x‖²", "s", {}),
    ("‖WᵀWx − x‖²", "W", {}),
    ("½‖σ(W2 tanh(W1 x)) − t‖²", "W1", {}),
    ("−tᵀ log softmax(Wx)", "W", {}),
    ("log det(X)", "X", {}),
    ("1/n Σᵢ log(1+exp(−yᵢ wᵀxᵢ))", "w", {}),
    ("h1 = tanh(U h0 + P x1)\nh2 = tanh(U h1 + P x2)\nL = ½‖h2 − t‖²", "U", {}),
    ("‖As−x‖₁ + γ‖A‖²", "A", {}),
    ("yᵀS⁻¹y + log det S", "S", {"assume": "S: spd"}),
    ("softmax(x)", "x", {"kind": "jacobian"}),
    ("AXB", "X", {"kind": "jacobian"}),
    ("Σ log(1 + exp(−y ⊙ Xw))", "w", {"kind": "hessian"}),
    ("‖Ax‖⁴", "x", {"kind": "hvp"}),
    ("tanh(Wx)", "x", {"kind": "pushforward"}),
    ("‖x‖⁴", "x", {"kind": "hessian", "order": 3}),
]


def steps(formula, wrt, **options):
    return matcalc.derive(formula, wrt, **options).steps


TIED = """\
∇W of ‖WᵀWx − x‖² as a network: the last layer's activations give Σa⁴

layer  weight  activation f  f′   δ            input z   δ worked out
─────  ──────  ────────────  ───  ───────────  ────────  ──────────────
4      N/A     zᵢ²           2zᵢ  2(WᵀWx − x)  WᵀWx − x  2(WᵀWx − x)
3      I       zᵢ − xᵢ       1    (Iᵀδ⁴)⊙1     WᵀWx      2(WᵀWx − x)
2      Wᵀ      zᵢ            1    ((Wᵀ)ᵀδ³)⊙1  Wx        2W(WᵀWx − x)
1      W       zᵢ            1    (Wᵀδ²)⊙1     x         2WᵀW(WᵀWx − x)

Forward
  z₂ = Wx                    n
  z₃ = Wᵀz₂ = WᵀWx           m
  z₄ = z₃ − x = WᵀWx − x     m
  f  = ‖z₄‖² = ‖WᵀWx − x‖²   scalar

Backward: δ⁴ is the derivative of f with respect to z₄, and so on
  δ⁴ = 2z₄ = 2(WᵀWx − x)              rules/products.toml: sumsq
  δ³ = δ⁴ = 2(WᵀWx − x)               rules/products.toml: sub
  δ² = (Wᵀ)ᵀδ³ = Wδ³ = 2W(WᵀWx − x)   rules/products.toml: matmul; transpose of a transpose

W is used 2 times
  as Wᵀ in z₃: (δ³z₂ᵀ)ᵀ = z₂(δ³)ᵀ = 2Wx(WᵀWx − x)ᵀ   rules/products.toml: matmul; transpose of a product; transpose of a transpose
  as W in z₂:  δ²xᵀ = 2W(WᵀWx − x)xᵀ                 rules/products.toml: matmul

Their sum
  ∇W = δ²xᵀ + z₂(δ³)ᵀ
     = 2W(WᵀWx − x)xᵀ + 2Wx(WᵀWx − x)ᵀ
     = 2W((WᵀWx − x)xᵀ + x(WᵀWx − x)ᵀ)   common factors taken out

∇W = 2W((WᵀWx − x)xᵀ + x(WᵀWx − x)ᵀ)"""


def test_tied_weights_as_text():
    assert steps("‖WᵀWx − x‖²", "W").plain() == TIED


def test_verbose_has_each_simplification_with_its_reason():
    text = steps("‖WᵀWx − x‖²", "W").plain(verbose=True)
    for line in (
        "= (z₂ᵀ)ᵀ(δ³)ᵀ        transpose of a product",
        "= z₂(δ³)ᵀ            transpose of a transpose",
        "= Wx(2(WᵀWx − x))ᵀ   values put in",
        "= 2Wx(WᵀWx − x)ᵀ     numbers brought to the front",
        "rules/products.toml: matmul sends D*B' to A",
    ):
        assert line in text
    assert "In the rules D is the delta that arrives" in text
    assert len(text) > len(TIED)


def test_rewrites_are_named():
    short = steps("Σ log(1 + exp(Wx))", "x").plain()
    assert "rules/rewrites.toml: logistic" in short
    verbose = steps("Σ log(1 + exp(Wx))", "x").plain(verbose=True)
    assert "1 ./ (1 + exp(X)) -> sigmoid(-X)" in verbose


def test_the_names_of_a_program_stand_beside_the_numbers_of_its_layers():
    text = steps(FORMULAS[6][0], "U").plain()
    assert "z₄ = h₁ = tanh(z₃) = tanh(Uh₀ + Px₁)" in text
    assert "as U in z₅: δ⁵h₁ᵀ" in text


def test_sums_over_indices_are_written_without_them_where_they_can_be():
    text = steps("1/n Σᵢ (wᵀxᵢ − yᵢ)²", "w").plain()
    assert "…" not in text.partition("Backward")[0].partition("Forward")[2]
    entries = steps("AXB", "X", kind="jacobian").plain()
    assert entries.endswith("∂Y[i,j]/∂X[k,l] = A[i,k]B[l,j]")


@pytest.mark.parametrize("verbose", [False, True])
@pytest.mark.parametrize(("formula", "wrt", "options"), FORMULAS)
def test_every_page_can_be_written(formula, wrt, options, verbose):
    found = steps(formula, wrt, **options)
    for text in (
        found.plain("unicode", verbose),
        found.markdown(verbose),
        found.latex(verbose),
        found.html(verbose),
    ):
        assert text.strip()
        assert not re.search(r"delta\(\d", text)
    assert "{}" not in found.plain("unicode", verbose)
    assert found.plain("ascii", verbose).isascii()


class Tags(HTMLParser):
    """Which tags are open, and the text between them."""

    def __init__(self):
        super().__init__()
        self.open, self.text = [], ""

    def handle_starttag(self, tag, attrs):
        if tag != "meta":
            self.open.append(tag)
        assert not {"src", "href"} & {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.mark.parametrize(("formula", "wrt", "options"), FORMULAS)
def test_html_is_balanced_and_needs_nothing_else(formula, wrt, options):
    html = steps(formula, wrt, **options).html(verbose=True)
    tags = Tags()
    tags.feed(html)
    assert tags.open == []
    assert "Forward" in tags.text


def test_what_users_named_is_escaped(tmp_path):
    file = tmp_path / "<b>&_$.toml"
    file.write_text('odd_one = { takes = "X", gives = "X", value = "X .* X", X = "2*D .* X" }\n')
    found = matcalc.derive("Σ odd_one(Ax)", "x", rules=[file]).steps
    html, latex = found.html(verbose=True), found.latex(verbose=True)
    assert "<b>" not in html and "&lt;b&gt;&amp;_$.toml" in html
    assert "\\(<\\)b\\(>\\)\\&\\_\\$.toml" in latex
    assert "`" in found.markdown() and str(file) in found.markdown()


def test_markdown_has_formulas_between_dollars_and_no_bars_in_tables():
    text = steps("‖x−a‖₁", "x").markdown()
    table = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.count("|") for line in table}) == 1
    assert all(line.count("$") % 2 == 0 for line in text.splitlines())


def deep(layers):
    formula = "x"
    for layer in range(1, layers + 1):
        formula = f"tanh(W{layer}*{formula})"
    return steps(f"sum({formula})", "W7")


def test_of_a_deep_network_a_short_page_shows_few_lines():
    short = deep(100).plain()
    assert len(short.splitlines()) < 75
    assert max(map(len, short.splitlines())) < 600
    assert "more lines: --verbose shows them" in short
    assert "more lines" not in deep(100).plain(verbose=True)


@pytest.mark.parametrize("width", [60, 200])
def test_the_terminal_gets_the_same(width):
    from rich.console import Console

    from matcalc.printers.worked.terminal import renderable

    out = io.StringIO()
    page = steps("‖As−x‖²", "s").page()
    Console(file=out, width=width).print(renderable(page, width))
    for text in ("∇s of ‖As − x‖²", "δ³ = 2z₃ = 2(As − x)", "rules/products.toml: sumsq"):
        assert text in out.getvalue()
    assert max(map(len, out.getvalue().splitlines())) <= width


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="pdflatex is not installed")
def test_latex_compiles_with_amsmath_alone(tmp_path):
    parts = [
        steps(formula, wrt, **options).latex(verbose)
        for formula, wrt, options in FORMULAS
        for verbose in (0, 1)
    ]
    head = "\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n"
    (tmp_path / "steps.tex").write_text(head + "\n".join(parts) + "\n\\end{document}\n", encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "steps.tex"],
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout[-1500:].decode(errors="replace")
