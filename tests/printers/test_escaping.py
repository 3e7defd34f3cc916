"""Plain text inside LaTeX, Markdown and XML."""

from __future__ import annotations

from matcalc.printers.escaping import latex_code, latex_text, markdown_code, markdown_text, xml_text
from tests.typesetting import compiled, needs_pdflatex


@needs_pdflatex
def test_any_text_in_a_note_compiles(tmp_path):
    signs = "".join(map(chr, [*range(32, 127), *range(0xA0, 0x180)]))
    mathematics = (
        "AᵀXB⁻¹ x₁² ‖x‖ ⊙ ⊘ ⊗ ∘ ∈ ℝⁿ 𝕊 ∇ ∂ Σ √ ½ − × · αβγδεθλΓΩ 𝟏 ≤ ≥ ≠ ∞ ⟨⟩ 中文 \U0001f600 \t\x00\x1b"
    )
    text = latex_text(signs + mathematics)
    start, end = "\\documentclass{article}\\usepackage{amsmath}\\begin{document}\n", "\n\\end{document}\n"
    compiled(tmp_path, start + text + end)


def test_escaping():
    assert (
        latex_text("a_b & 50% of {x}^2 \\input $")
        == "a\\_b \\& 50\\% of \\{x\\}\\textasciicircum{}2 \\textbackslash{}input \\$"
    )
    assert latex_text("Aᵀ, x₁, −1, γ") == "A\\({}^{\\top}\\), x\\({}_{1}\\), \\(-\\)1, \\(\\gamma\\)"
    assert latex_text("é中") == "é\\texttt{[U+4E2D]}"
    assert (
        markdown_text("a*b_c `x` <b> [l](u) $x$ | \\")
        == "a\\*b\\_c \\`x\\` \\<b\\> \\[l\\](u) \\$x\\$ \\| \\\\"
    )


def test_code():
    assert latex_code("D*B' to A_1") == "\\texttt{D*B\\textquotesingle{}\\ to\\ A\\_1}"
    assert markdown_code("D*B'") == "`D*B'`"
    assert markdown_code("a`b``c") == "```a`b``c```" and markdown_code("`a") == "`` `a ``"


def test_xml():
    assert xml_text("a < b & c\x00") == "a &lt; b &amp; c "
