"""The derivatives that documents claim: found with their lines, read as their authors mean them, judged."""

from __future__ import annotations

import pytest

from matcalc.notes.claims import Claimed, claims
from matcalc.notes.files import Document
from matcalc.notes.filling import filled
from matcalc.notes.verdicts import RIGHT, UNCHECKED, UNREADABLE, WRONG, Verdict, judged, verdicts
from matcalc.review.report import CONVENTION


def found(text: str, kind: str = "markdown") -> list[Claimed]:
    return claims(Document("a", kind, text))


def standings(text: str, kind: str = "markdown") -> list[str]:
    return [judged(each).standing for each in found(text, kind)]


RIGHT_CLAIM = "\\nabla_x \\lVert A x \\rVert^2 = 2 A^\\top A x"
WRONG_CLAIM = "\\nabla_x \\lVert A x \\rVert^2 = 2 A A^\\top x"


@pytest.mark.parametrize(
    "text",
    [
        "${}$",
        "a ${}$, b",
        "$$ {} $$",
        "$$\n{}\n$$",
        "\\({}\\)",
        "\\[\n  {}.\n\\]",
        "`{}`",
        "`` {} ``",
        "```math\n{}\n```",
        "\\begin{{align}}\n{} \\tag{{3}} \\label{{a}}\n\\end{{align}}",
        "> ${}$\n> b",
        "| a | ${}$ |",
        "costs $5 and $6, ${}$",
        "$ {} $",
    ],
)
def test_places_in_markdown(text):
    assert standings(text.format(RIGHT_CLAIM)) == [RIGHT]
    assert standings(text.format(WRONG_CLAIM)) == [WRONG]


@pytest.mark.parametrize(
    "text",
    [
        "${}$",
        "$${}$$",
        "\\({}\\)",
        "\\[ {}, \\]",
        *(
            f"\\begin{{{{{name}}}}}\n{{}} % so\n\\end{{{{{name}}}}}"
            for name in ("equation", "align*", "gather", "multline*")
        ),
        "\\begin{{equation}}\\begin{{split}}\n{}\n\\end{{split}}\\end{{equation}}",
        "``quoted'' ${}$",
    ],
)
def test_places_in_latex(text):
    assert standings(text.format(RIGHT_CLAIM), "latex") == [RIGHT]
    assert standings(text.format(WRONG_CLAIM), "latex") == [WRONG]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("markdown", "```\n${}$\n```"),
        ("markdown", "```python\n# ${}$\n```"),
        ("markdown", "<!-- ${}$ -->"),
        ("markdown", "{}"),
        ("latex", "% ${}$"),
        ("latex", "a\\\\% ${}$"),
        ("latex", "\\begin{{verbatim}}${}$\\end{{verbatim}}"),
        ("latex", "\\verb|${}$|"),
        ("latex", "\\newcommand{{\\a}}{{${}$}}\n\\begin{{document}}\nb\n\\end{{document}}"),
    ],
)
def test_what_is_no_text_claims_nothing(kind, text):
    assert not found(text.format(RIGHT_CLAIM), kind)


@pytest.mark.parametrize(
    "left",
    [
        "\\nabla_W \\lVert W x \\rVert^2",
        "\\nabla_{W} \\|W x\\|_2^2",
        "\\nabla_{\\mathbf{W}} \\left\\| W x \\right\\|^2",
        "∇_W ‖Wx‖²",
        "∇_{W} ‖Wx‖²",
        "\\frac{\\partial}{\\partial W} \\lVert W x \\rVert^2",
        "\\frac{\\partial \\lVert W x \\rVert^2}{\\partial W}",
        "\\dfrac{\\partial}{\\partial W} \\left( \\lVert W x \\rVert^2 \\right)",
        "\\frac{\\mathrm{d}}{\\mathrm{d} W} \\lVert W x \\rVert^2",
        "\\frac{d}{dW} \\lVert W x \\rVert^2",
        "∂/∂W ‖Wx‖²",
        "∂(‖Wx‖²)/∂W",
        "d/dW ‖Wx‖²",
        "g = \\nabla_W \\lVert W x \\rVert^2",
    ],
)
def test_left_sides(left):
    assert standings(f"${left} = 2 W x x^\\top$") == [RIGHT]
    assert standings(f"${left} = 2 W x^\\top x$") != [RIGHT]


@pytest.mark.parametrize(
    "text",
    [
        "\\nabla f",
        "\\nabla f = 2x",
        "\\nabla f(x, y) = 2x",
        "\\nabla_x f",
        "x = 3",
        "\\Delta w = -\\varepsilon \\frac{\\partial E}{\\partial w}",
        "w \\leftarrow w - \\eta \\nabla_w L",
        "\\nabla_W = 2 W x x^\\top",
        "\\frac{1}{2} = 0.5",
        "\\nabla_x \\cdot",
        "d = 2",
        "\\frac{d}{n} = 2",
    ],
)
def test_what_claims_no_derivative(text):
    assert not found(f"${text}$")


def test_lines_and_texts():
    text = (
        f"a\n\n$${RIGHT_CLAIM}$$\n\n\\begin{{align}}\n  {RIGHT_CLAIM} \\\\\n  &= A^T 2 A x\n\\end{{align}}\n"
    )
    assert [each.line for each in found(text)] == [3, 6, 7]
    assert found(text)[2].text == "\\nabla_x \\lVert A x \\rVert^2 = A^T 2 A x"
    assert [each.line for each in found(text.replace("\n", "\r\n"))] == [3, 6, 7]
    assert [each.line for each in found(text.replace("\n", "\r"))] == [3, 6, 7]


def test_chains_and_rows():
    text = """\\begin{align}
      \\nabla_s F &= A^T I^T 2(As - x) \\\\
                  &= A^T 2(As - x), \\\\
      \\nabla_A F &= 2 (A s - x) s^T \\\\
                  &\\quad + 2 \\gamma A
    \\end{align}"""
    definition = "$F(A, s) = \\lVert As - x \\rVert_2^2 + \\gamma \\lVert A \\rVert_2^2$\n"
    assert standings(definition + text) == [RIGHT, RIGHT, RIGHT]
    assert standings(definition + text.replace("+ 2 \\gamma", "- 2 \\gamma")) == [RIGHT, RIGHT, WRONG]
    assert standings(
        f"${RIGHT_CLAIM}, \\quad {WRONG_CLAIM}; {RIGHT_CLAIM} \\text{{ and }} {WRONG_CLAIM}$"
    ) == [
        RIGHT,
        WRONG,
        RIGHT,
        WRONG,
    ]


def test_matrices_in_claims():
    text = "\\nabla_x \\begin{bmatrix} A \\\\ B \\end{bmatrix}"
    assert standings(
        "$$\\nabla_x \\lVert \\begin{bmatrix} A \\\\ B \\end{bmatrix} x \\rVert^2 = 2 (A^T A x + B^T B x)$$"
    ) == [RIGHT]
    assert not found(f"$${text}$$")


def test_definitions_of_the_document():
    assert standings("$f(x) = x^T A x$ so $\\nabla_x f = (A + A^T) x$") == [RIGHT]
    assert standings("$f(x) = x^T A x$ so $\\nabla_x f(x) = A x$") == [WRONG]
    # the latest definition before a claim
    text = "$f = x^T x$: $\\nabla_x f = 2x$. $f = x^T A x$: $\\nabla_x f = (A + A^T) x$, $\\nabla_x f = 2x$"
    assert standings(text) == [RIGHT, RIGHT, WRONG]
    # names in the claim, and in the definition
    text = "$y = \\operatorname{softmax}(x)$, $\\frac{\\partial y}{\\partial x} = \\operatorname{diag}(y) - yy^T$"
    assert standings(text) == [RIGHT]
    text = "$h = \\tanh(Wx)$ and $L = \\lVert h - t \\rVert^2$: $\\nabla_W L = 2 ((h - t) \\odot (1 - h \\odot h)) x^T$"
    assert standings(text) == [RIGHT]
    assert standings(text.replace("(1 - h", "(1 + h")) == [WRONG]
    where = "\\nabla_W \\lVert \\tanh(Wx) \\rVert^2 = 2 (h \\odot (1 - h \\odot h)) x^T \\quad\\text{where}\\quad h = \\tanh(Wx)"
    assert standings(f"${where}$") == [RIGHT]


def test_a_definition_does_not_spoil_a_claim_about_the_letters():
    text = "$y = Xw + b$. $\\nabla_w \\lVert y - Xw \\rVert^2 = 2 X^T (X w - y)$"
    assert standings(text) == [RIGHT]


def test_shapes_of_the_document():
    text = f"$A \\in \\mathbb{{R}}^{{m \\times k}}$, $x \\in \\mathbb{{R}}^{{k}}$. ${RIGHT_CLAIM}$"
    (claim,) = found(text)
    assert claim.questions[0].shapes == {"A": ("m", "k"), "x": ("k",)}
    assert judged(claim).standing == RIGHT
    text = "$a \\in \\mathbb{R}$ and $x \\in \\mathbb{R}^n$: $\\nabla_x a x^T x = 2 a x$"
    assert standings(text) == [RIGHT]


@pytest.mark.parametrize(
    ("claim", "standing"),
    [
        ("\\frac{d}{dx} \\log x = \\frac{1}{x}", RIGHT),
        ("\\frac{d}{dx} \\sin(a x) = a \\cos(a x)", RIGHT),
        ("\\frac{d}{dx} \\sin(a x) = \\cos(a x)", WRONG),
        ("\\frac{\\partial}{\\partial x} x y = y", RIGHT),
        ("d/dx x² = 2x", RIGHT),
        ("\\frac{\\partial}{\\partial x} (a^T x) = a", RIGHT),
        ("\\frac{\\partial}{\\partial x} (a^T x) = x", WRONG),
    ],
)
def test_numbers_and_vectors(claim, standing):
    assert standings(f"${claim}$") == [standing]


@pytest.mark.parametrize(
    ("claim", "standing"),
    [
        ("\\nabla^2_x \\lVert A x \\rVert^2 = 2 A^\\top A", RIGHT),
        ("\\nabla_x^2 \\lVert A x \\rVert^2 = 3 A^\\top A", WRONG),
        ("∇²_x ‖Ax‖² = 2AᵀA", RIGHT),
        ("\\frac{\\partial^2}{\\partial x^2} \\lVert A x \\rVert^2 = 2 A^\\top A", RIGHT),
        ("\\frac{\\partial^2 \\lVert A x \\rVert^2}{\\partial x \\partial x^\\top} = 2 A^\\top A", RIGHT),
        ("\\frac{\\partial^2}{\\partial x \\partial y} x^\\top A y = A", RIGHT),
        ("\\frac{\\partial^2}{\\partial x \\partial y} x^\\top A y = 3 A", WRONG),
        ("\\frac{d^2}{dx^2} x^3 = 6x", RIGHT),
        ("\\frac{d^2}{dx^2} x^3 = 3x^2", WRONG),
    ],
)
def test_second_derivatives(claim, standing):
    assert standings(f"${claim}$") == [standing]


def test_a_convention_is_named():
    verdict = judged(found("$\\nabla_X \\operatorname{tr}(A X) = A$")[0])
    assert verdict.standing == verdict.text == CONVENTION
    assert any("transposed layout" in reason for reason in verdict.reasons)


MACROS = """\\newcommand{\\norm}[1]{\\left\\lVert #1 \\right\\rVert}
\\newcommand\\W{\\mathbf{W}}\\newcommand*{\\grad}[2][x]{\\nabla_{#1} #2}\\def\\T{^{\\top}}
\\DeclareMathOperator*{\\Tr}{tr}\\providecommand{\\loop}{\\loop x}\\newcommand{\\open}{
\\begin{document}
"""


@pytest.mark.parametrize(
    "claim",
    [
        "\\grad[\\W]{\\norm{\\W x}^2} = 2 \\W x x\\T",
        "\\grad{\\norm{A x}^2} = 2 A\\T A x",
        "\\nabla_A \\Tr(A B) = B\\T",
        "\\frac{\\partial}{\\partial\\W} \\norm {\\W x}^2 = 2\\W x x\\T",
    ],
)
def test_the_documents_own_commands(claim):
    assert standings(f"{MACROS}\n${claim}$\n", "latex") == [RIGHT]
    assert [each.line for each in found(f"{MACROS}\n${claim}$\n", "latex")] == [MACROS.count("\n") + 2]


def test_commands_without_an_end():
    bombs = "\\newcommand{\\a}{\\b\\b\\b}\\newcommand{\\b}{\\c\\c\\c}\\newcommand{\\c}{\\a\\a\\a}"
    for claim in ("\\nabla_x \\a = 2x", "\\nabla_x \\loop = 2", "\\nabla_x \\norm = 1", "\\norm{"):
        assert RIGHT not in standings(f"{MACROS}{bombs} ${claim}$", "latex")


def test_the_gradient_of_a_function_of_one_variable():
    text = "$f(x) = \\lVert A x \\rVert^2$: $\\nabla f(x) = %s A^T A x$, $\\nabla^2 f(x) = 2 A^T A$"
    assert standings(text.replace("%s", "2")) == [RIGHT, RIGHT]
    assert standings(text.replace("%s", "3")) == [WRONG, RIGHT]


def test_sums_over_samples():
    text = (
        "$\\ell(w) = \\sum_{i=1}^{n} \\log(1 + \\exp(-y_i w^\\top x_i))$ has "
        "$\\frac{\\partial \\ell}{\\partial w} = - X^\\top \\left( y \\odot \\sigma(-y \\odot X w) \\right)$"
    )
    assert standings(text) == [RIGHT]
    assert standings(text.replace("= - X", "= X")) == [WRONG]


def test_programs_of_requests_are_definitions():
    text = "```matcalc\nh = tanh(U x)  # a layer\nL = ‖h − t‖²\ngrad L wrt U\n```\n"
    claim = "$\\nabla_U L = 2 ((h - t) \\odot (1 - h \\odot h)) x^\\top$"
    assert standings(text + claim) == [RIGHT]
    assert standings("$L = \\lVert U x \\rVert^2$\n" + text + claim) == [UNCHECKED]
    filled_in = filled(Document("a.md", "markdown", text))[0]
    assert standings(filled_in) == [RIGHT]


def test_a_derivative_at_a_point():
    text = "$f(x) = x^T A x$, $\\frac{\\partial f}{\\partial x}(x) = (A + A^T) x$"
    assert standings(text) == [RIGHT]


@pytest.mark.parametrize(
    "text", ["{}\n", "- {}\n", "> 1. {}", "so\n\n    {}\n\nb", "```\n{}\n```", "```text\n{}\n```"]
)
def test_lines_of_unicode_in_markdown(text):
    assert standings(text.format("∇_x ‖Ax‖² = 2AᵀAx")) == [RIGHT]
    assert standings(text.format("∂/∂x ‖Ax‖² = 2AAᵀx")) == [WRONG]
    assert not found("```python\n∇_x ‖Ax‖² = 2AᵀAx\n```")
    assert not found("the gradient ∇_x ‖Ax‖² = 2AᵀAx")


def test_declared_vectors_are_not_read_as_numbers():
    claim = "$\\frac{\\partial}{\\partial x} \\log x = \\frac{1}{x}$"
    assert standings(claim) == [RIGHT]
    assert standings("$x \\in \\mathbb{R}^n$ " + claim) != [RIGHT]


def test_shapes_of_another_part_do_not_hide_what_is_right():
    text = "$x \\in \\mathbb{R}^m$, $A \\in \\mathbb{R}^{m \\times k}$; elsewhere "
    assert standings(f"{text} ${RIGHT_CLAIM}$") == [RIGHT]
    assert standings(f"{text} ${WRONG_CLAIM}$") != [RIGHT]


def test_a_matrix_claim_is_not_read_as_one_of_numbers():
    # W x x is right for numbers only
    assert standings("$\\frac{\\partial}{\\partial W} \\lVert W x \\rVert^2 = 2 W x x$") != [RIGHT]
    assert standings("$\\nabla_x x^T B x = 2 x^T B$") != [RIGHT]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("$\\frac{\\partial L}{\\partial w} = x^T \\frac{\\partial L}{\\partial y}$", "holds a derivative"),
        ("$\\nabla_x F = 2x$", "does not say what F is"),
        ("$\\nabla^3_x \\lVert x \\rVert^2 = 0$", "only first and second"),
        ("$\\frac{\\partial^3}{\\partial x^3} x^3 = 6$", "only first and second"),
        ("$\\frac{\\partial^2 f}{\\partial x^2} = 2$", "does not say what f is"),
        ("$\\nabla_{W^{(l)}} \\lVert W x \\rVert^2 = 0$", "no name of a variable"),
        ("$y = e^x$, $\\frac{\\partial y_i}{\\partial x_i} = e^{x_i}$", "single entries"),
        ("$F = \\lVert A s \\rVert^2$, $\\nabla_X F = 2 X$", "as the document defines it, has no X"),
    ],
)
def test_what_is_not_checked_says_why(text, says):
    (claim,) = found(text)
    verdict = judged(claim)
    assert verdict.standing == UNCHECKED and says in verdict.text


def test_what_cannot_be_read():
    assert standings("$\\nabla_x \\lVert A x \\rVert^2 = 2 A^T (A x$") == [UNREADABLE]
    assert standings("$\\nabla_x \\int x = 2$") == [UNREADABLE]
    verdict = judged(found("$\\nabla_x \\lVert x \\rVert^2 = \\foo x$")[0])
    assert verdict.standing == UNREADABLE and "foo" in verdict.reasons[0]


def test_a_wrong_claim_has_reasons_and_a_repair():
    verdict = judged(found(f"${WRONG_CLAIM}$")[0])
    assert verdict.standing == WRONG and verdict.reasons and verdict.repair
    assert standings(f"$\\nabla_x \\lVert A x \\rVert^2 = {verdict.repair}$") == [RIGHT]


def test_the_sources_slip():
    text = "$\\nabla_W \\lVert W^TWx - x \\rVert_2^2 = (W^T)(2(W^TWx -x)) x^T + 2(Wx)(W^TWx - x)^T$"
    assert standings(text) == [WRONG]
    assert standings(text.replace("= (W^T)", "= W")) == [RIGHT]


def test_processes_give_the_same_in_the_same_order():
    text = "\n\n".join(
        f"${each}$" for each in (RIGHT_CLAIM, WRONG_CLAIM, "\\nabla_x F = 2", RIGHT_CLAIM, WRONG_CLAIM)
    )
    every = found(text)
    calls: list[int] = []
    alone = verdicts(every, workers=1, done=lambda: calls.append(1))
    assert [each.standing for each in alone] == [RIGHT, WRONG, UNCHECKED, RIGHT, WRONG] and len(calls) == 5
    together = verdicts(every, workers=2, done=lambda: calls.append(2))
    assert together == alone and calls.count(2) == 5
    assert verdicts([]) == []
    assert all(isinstance(each, Verdict) for each in together)


@pytest.mark.parametrize(
    "text",
    ["$" * 4001, "$$" + "x" * 100000, "\\begin{align}" * 5000, "`" * 50000, "\\(" * 20000, "{" * 20000]
    + ["$\\nabla_x " + "(" * 5000 + "=$", "$\\frac" + "{" * 3000 + "$", "$" + "\\nabla_x f = " * 300 + "$"]
    + [
        "\\begin{verbatim}\n" * 20000,
        "\\newcommand{\\a}{" + "\\a" * 9000 + "}$\\nabla_x " + "\\a" * 900 + "= 1$",
    ]
    + ["$∂" + "/∂x" * 1000 + "=1$", "$" + "\\quad " * 600 + "$", "$x" + "\\in\\mathbb{R}^n " * 200 + "$"],
)
def test_weird_documents_end(text):
    for kind in ("markdown", "latex"):
        for claim in found(text, kind):
            judged(claim)


def test_steps_in_a_result_define_no_letters():
    request = "```matcalc\ngrad ‖As‖² wrt s\nsteps\n```\n"
    text = f"$f(x) = \\lVert x \\rVert^2$\n\n{request}\nSo $\\nabla_x f = 2x$.\n"
    filled_in, _ = filled(Document("a.md", "markdown", text))
    assert "$f = \\lVert z^{(2)} \\rVert^{2}" in filled_in  # another f
    found = claims(Document("a.md", "markdown", filled_in))
    assert [each.text for each in found][-1] == "\\nabla_x f = 2x" and len(found) == 2
    assert found[-1].problem is None and "\\lVert x \\rVert^2" in found[-1].questions[0].value
