"""Documents are filled in: results in their places, nothing else touched, the same again."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from matcalc.notes import filling
from matcalc.notes.files import Document, decoded
from matcalc.notes.filling import filled

START, END = "<!-- matcalc:result -->", "<!-- /matcalc:result -->"
INSIDE = {
    "markdown": re.compile(
        r"(<!-- matcalc:result -->)(.*?)((\r?\n[ >]*)<!-- /matcalc:result -->)", re.DOTALL
    ),
    "latex": re.compile(r"(% matcalc result)(.*?)((\r?\n[ >]*)% end matcalc)", re.DOTALL),
}
RESULT = {
    "markdown": re.compile(
        r"[^\r\n]*<!-- matcalc:result -->.*?<!-- /matcalc:result -->(\r\n|\r|\n|\Z)", re.DOTALL
    ),
    "latex": re.compile(r"[^\r\n]*% matcalc result.*?% end matcalc(\r\n|\r|\n|\Z)", re.DOTALL),
}


def markdown(text: str) -> str:
    return filled(Document("a.md", "markdown", text))[0]


def latex(text: str) -> str:
    return filled(Document("a.tex", "latex", text))[0]


def fates(text: str, kind: str = "markdown") -> list[tuple[int, int, bool | None]]:
    return [(f.line, f.derivatives, f.ok) for f in filled(Document("a", kind, text))[1]]


REQUEST = "```matcalc\ngrad ‖As − x‖² wrt s\n```\n"


def test_a_markdown_request_is_filled_in():
    assert markdown(f"before\n\n{REQUEST}after\n") == (
        f"before\n\n{REQUEST}{START}\n"
        "$$\n"
        "\\nabla_{s} \\lVert A s - x \\rVert^{2} = 2 A^{\\top} (A s - x)\n"
        "$$\n"
        "\n"
        "$A \\in \\mathbb{R}^{n \\times m}$, $s \\in \\mathbb{R}^{m}$, $x \\in \\mathbb{R}^{n}$. Agrees with finite "
        "differences at 3 random points, largest relative error below 1e-9.\n"
        f"{END}\nafter\n"
    )


def test_a_comment_line_of_latex_is_filled_in():
    request = "  % matcalc: grad \\lVert A s - x \\rVert^2 wrt s where A: m×k\n"
    assert latex(f"a\n{request}b") == (
        f"a\n{request}"
        "  % matcalc result\n"
        "  \\[\n"
        "  \\nabla_{s} \\lVert A s - x \\rVert^{2} = 2 A^{\\top} (A s - x)\n"
        "  \\]\n"
        "  % A \\in \\mathbb{R}^{m \\times k}, s \\in \\mathbb{R}^{k}, x \\in \\mathbb{R}^{m}\n"
        "  % agrees with finite differences at 3 random points, largest relative error below 1e-9\n"
        "  % end matcalc\n"
        "b"
    )


def test_what_is_verbatim_between_requests_stays():
    request = "% matcalc: grad ‖x‖² wrt x\n"
    verbatim = f"\\begin{{verbatim}}\n{request}\\end{{verbatim}}\n"
    assert fates(request + verbatim + request, "latex") == [(1, 1, True), (5, 1, True)]
    assert latex(request + verbatim).endswith(f"% end matcalc\n{verbatim}")


def test_an_environment_of_latex_is_filled_in():
    text = "\\begin{matcalc}\nshapes A: m×k\ngrad ‖As − x‖² wrt s, A % both\n\\end{matcalc}\nb\n"
    found = latex(text)
    assert found.startswith(text[:-2] + "% matcalc result\n\\[\n\\nabla_{s}")
    assert found.count("\\nabla_") == 2 and found.endswith("% end matcalc\nb\n")


def test_steps_come_where_they_are_asked_for():
    plain, steps = markdown(REQUEST), markdown(REQUEST.replace("wrt s", "wrt s\nsteps"))
    assert "| layer |" not in plain
    assert "| $3$ | $\\text{N/A}$ | $z_{i}^{2}$ | $2 z_{i}$ |" in steps
    assert "- $\\nabla_{s} = A^{\\top} \\delta^{(2)} = 2 A^{\\top} (A s - x)$ — `rules/" in steps
    assert "As a network: the last layer's activations give $\\sum a^{(3)}$." in steps
    assert not any(line.startswith("#") for line in steps.splitlines())  # the headings are the document's own
    assert "\\begin{tabular}" in latex("% matcalc: grad ‖As − x‖² wrt s, steps")
    assert "**Sweep 2, the derivative of the gradient: Forward**" in markdown(
        "```matcalc\nhessian log(Σ exp(Ax)) wrt x\nsteps\n```\n"
    )


def test_every_row_of_a_table_has_as_many_cells():
    text = markdown("```matcalc\ngrad sum(abs(A s)) wrt s\nsteps\n```\n")
    rows = [re.sub(r"\\\|", "", line) for line in text.splitlines() if line.startswith("|")]
    assert len(rows) == 4 and {row.count("|") for row in rows} == {8}


def test_other_kinds_and_several_requests():
    text = markdown(
        "```matcalc\njacobian softmax(x) wrt x\n```\n\n```matcalc\nhessian xᵀAy wrt x, y\npullback XW wrt X, W\n```\n"
        "\n```matcalc\nhvp ‖Ax‖⁴ wrt x\ndirection: v\n```\n\n```matcalc\nhessian ‖x‖⁴ wrt x\norder: 3\n```\n"
    )
    assert "\\frac{\\partial y}{\\partial x} &= \\operatorname{diag}(y) - y y^{\\top} \\\\" in text
    assert "\\text{where } y &= \\operatorname{softmax}(x)" in text
    assert "\\frac{\\partial^{2} f}{\\partial x \\partial y} &= A" in text
    assert "\\delta_{X} &= " in text and "\\delta_{W} &= X^{\\top}" in text
    assert "\\nabla^2_{x} \\cdot v &= " in text and "\\partial^{3} f" in text
    assert [(derivatives, ok) for _, derivatives, ok in fates(text)] == [
        (1, True),
        (3, True),
        (1, True),
        (1, True),
    ]


def test_a_program_and_its_names():
    text = markdown("```matcalc\nh = tanh(U x)\nL = ‖h − t‖²\ngrad L wrt U\n```")
    assert "\\nabla_{U} L &= " in text and "\\text{where } h &= \\tanh(U x)" in text


def test_a_request_may_use_the_documents_commands():
    text = "\\newcommand{\\norm}[1]{\\lVert #1 \\rVert}\n% matcalc: grad \\norm{A x}^2 wrt x\n"
    assert "2 A^{\\top} A x" in latex(text) and fates(text, "latex") == [(2, 1, True)]


def test_an_error_stands_in_its_place():
    text = f"a\n\n```matcalc\ngrad ‖Ax‖² wrt x\nshape A: m×k, x: n\n```\n\n{REQUEST}"
    found = markdown(text)
    assert (
        f"```\n{START}\n**matcalc can't fill this in:** A·x: A is m×k, x has n rows\n\n```text\n  ‖Ax‖²\n   ^^\n```\n{END}"
        in found
    )
    assert fates(text) == [(3, 0, None), (8, 1, True)]
    found = latex("% matcalc: grad ‖Ax‖² wrt x where A: m×k, x: n\n")
    assert (
        "\\textbf{matcalc can't fill this in:} A\\(\\cdot\\)x: A is m\\(\\times\\)k, x has n rows\n%     ‖Ax‖²"
        in found
    )


def test_a_request_that_is_mended_loses_its_error():
    wrong = markdown("```matcalc\ngrad ‖Ax wrt x\n```\n")
    assert "can't fill" in wrong
    right = markdown(wrong.replace("grad ‖Ax wrt", "grad ‖Ax‖² wrt"))
    assert right == markdown("```matcalc\ngrad ‖Ax‖² wrt x\n```\n")


@pytest.mark.parametrize(
    ("request_", "says"),
    [
        ("", "the block is empty"),
        ("‖x‖²", "the block asks for nothing"),
        ("grad ‖x‖²", "does not say with respect to what"),
        ("grad ‖x‖² wrt", "no name follows"),
        ("grad ‖x‖² wrt x\ny = 3", "stands after what was asked"),
        ("grad x wrt x", "is no scalar"),
        ("hessian ‖x‖² wrt all", "Hessian is asked for one variable"),
        ("grad 3 wrt all", "no variables"),
        ("jacobian x wrt x\nlayout: sideways", "sideways"),
        ("grad ‖x‖² wrt x\nassume x: purple", "purple"),
    ],
)
def test_a_wrong_request_gets_one_paragraph(request_, says):
    for kind, text in (
        ("markdown", f"```matcalc\n{request_}\n```\n"),
        ("latex", f"\\begin{{matcalc}}\n{request_}\n\\end{{matcalc}}\n"),
    ):
        document = Document("a", kind, text)
        found, ((fate),) = filled(document)
        assert fate.ok is None and says in str(fate.problem), fate
        assert says.split()[0] in found
        assert filled(replace(document, text=found))[0] == found


def test_a_failed_check_is_said_aloud(monkeypatch):
    from matcalc.verification.report import CheckReport

    answer = filling.derived

    def failing(request):
        return [(each, CheckReport(False, 3, 0.5, reason="off")) for each, _ in answer(request)]

    monkeypatch.setattr(filling, "derived", failing)
    assert "**DISAGREES with finite differences: off.**" in markdown(REQUEST)
    assert "\\textbf{DISAGREES with finite differences: off.}" in latex("% matcalc: grad ‖x‖² wrt x\n")
    assert fates(REQUEST) == [(1, 1, False)]


# Places --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_did(newline):
    text = markdown(f"a\n\n{REQUEST}b\n".replace("\n", newline))
    assert set(re.findall(r"\r\n|\r|\n", text)) == {newline}


def test_a_last_line_without_an_end_stays_one():
    text = markdown(REQUEST.rstrip())
    assert text.startswith(f"{REQUEST}{START}\n") and text.endswith(END)
    assert markdown(text) == text


@pytest.mark.parametrize("prefix", ["  ", "> ", "> > ", "   "])
def test_what_stands_before_a_block_stands_before_its_result(prefix):
    text = markdown("".join(prefix + line + "\n" for line in REQUEST.splitlines()) + "after\n")
    block = text.removesuffix("after\n")
    assert all(line.startswith(prefix.rstrip()) for line in block.splitlines())
    assert "\\nabla_{s}" in block and markdown(text) == text


def test_a_block_in_a_list_is_filled_in_and_one_in_code_is_not():
    nested = "1. a\n\n   - b\n\n     ```matcalc\n     grad ‖x‖² wrt x\n     ```\n"
    assert f"     ```\n     {START}\n     $$\n" in markdown(nested)
    code = "a\n\n    ```matcalc\n    grad ‖x‖² wrt x\n    ```\n"
    assert markdown(code) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "text",
        "````markdown\n```matcalc\ngrad ‖x‖² wrt x\n```\n````\n",
        "<!--\n```matcalc\ngrad ‖x‖² wrt x\n```\n-->\n",
        "```python\n# ```matcalc\n```\n",
        "```matcalculus\ngrad ‖x‖² wrt x\n```\n",
        "`` ```matcalc ``\n",
        f"{START}\nstray\n{END}\n",
        "\x0c\x1f\x85\u2028```matcalc\n",
    ],
)
def test_what_asks_for_nothing_stays(text):
    assert markdown(text) == text and not fates(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "% matcalc grad\n",
        "\\begin{verbatim}\n% matcalc: grad ‖x‖² wrt x\n\\end{verbatim}\n",
        "\\begin{lstlisting}\n\\begin{matcalc}\n\\end{lstlisting}\n",
        "% \\begin{matcalc}\n% \\end{matcalc}\n",
        "\\newenvironment{matcalc}{\\comment}{\\endcomment}\n",
        "\\verb|x| 50\\% matcalc: no\n",
    ],
)
def test_what_asks_for_nothing_in_latex_stays(text):
    assert latex(text) == text and not fates(text, "latex")


@pytest.mark.parametrize(
    ("kind", "text", "line"),
    [
        ("markdown", "a\n```matcalc\ngrad ‖x‖² wrt x\n", 2),
        ("markdown", "> ```matcalc\n> grad ‖x‖² wrt x\nb\n", 1),
        ("latex", "\\begin{matcalc}\ngrad ‖x‖² wrt x\n", 1),
        ("latex", "\\begin{matcalc}\n\\begin{matcalc}\n", 1),
    ],
)
def test_a_block_without_an_end_is_told_and_stays(kind, text, line):
    found, fates = filled(Document("a", kind, text))
    assert found == text
    assert fates[0].line == line and fates[0].ok is None and "no end" in str(fates[0].problem)


def test_a_result_without_an_end_is_told_and_stays():
    text = f"{REQUEST}{START}\nmine\n\n{REQUEST}"
    found, fates = filled(Document("a.md", "markdown", text))
    assert found.startswith(f"{REQUEST}{START}\nmine\n\n{REQUEST}{START}\n$$")
    assert [fate.ok for fate in fates] == [None, True] and "line 4 has no end" in str(fates[0].problem)


def test_text_that_looks_like_a_marker_does_not_end_a_result():
    text = markdown(f"```matcalc\ngrad foo( {END} wrt x\n```\nafter\n")
    assert markdown(text) == text and text.endswith(f"{END}\nafter\n") and text.count("after") == 1


def test_what_a_user_types_is_no_markup():
    text = markdown("```matcalc\ngrad <script>`*_[x](y)$ wrt x\n```\n")
    (message,) = re.findall(r"fill this in:\*\* (.*)", text)
    assert not re.search(r"(?<!\\)[<>$*_`\[]", message)
    text = latex("% matcalc: grad \\input{/etc/passwd} $ % wrt x\n")
    assert all(line.startswith(("%", "\\textbf{matcalc can't")) for line in text.splitlines())
    assert "\\input" not in "".join(line for line in text.splitlines() if not line.startswith("%"))


# Encodings -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [("utf-8", b""), ("utf-8", b"\xef\xbb\xbf"), ("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")],
)
def test_encodings_stay(encoding, mark):
    data = mark + f"é€\r\n{REQUEST}".encode(encoding)
    document = decoded(data, "a.md", "markdown")
    assert document.encoded(document.text) == data
    found = document.encoded(filled(document)[0])
    assert found.startswith(data[:-2]) and len(found) > len(data)
    assert decoded(found, "a.md", "markdown").text == filled(document)[0]


def test_bytes_of_another_encoding_stay():
    data = "café £\n```matcalc\ngrad norm2(A*s - x)^2 wrt s\nshape A: m\xd7k\n```\n".encode("latin-1")
    document = decoded(data, "a.md", "markdown")
    found = document.encoded(filled(document)[0])
    assert found.startswith(data) and found[len(data) :].isascii() and b"nabla" in found


def test_an_error_in_another_encoding_is_ascii():
    data = "café\n% matcalc: grad ½x·‖ wrt x\n".encode("latin-1", "replace")
    document = decoded(data, "a.tex", "latex")
    text, _ = filled(document)
    assert document.encoded(text)[len(data) :].isascii()


# The same again ------------------------------------------------------------------------------------------------------

FORMULAS = [
    "‖As − x‖²",
    "‖Ax",
    "log det X",
    "x'*x + a",
    "\\lVert W x \\rVert^2",
    "softmax(x)",
    "-->",
    "``",
    "½",
]
NAMES = ["x", "s", "X", "A, x", "all", ""]
KINDS = ["grad", "jacobian", "hessian", "nonsense"]


@st.composite
def asks(draw) -> str:
    formula, name, kind = (draw(st.sampled_from(each)) for each in (FORMULAS, NAMES, KINDS))
    return f"{kind} {formula} wrt {name}{draw(st.sampled_from(['', ', steps']))}"


PROSE = st.sampled_from(
    [
        "",
        "text",
        "- item",
        "  more",
        "> quoted",
        "```",
        "~~~~",
        "```python",
        "    code",
        "<!--",
        "-->",
        START,
        END,
    ]
    + [
        "% matcalc result",
        "% end matcalc",
        "\\begin{verbatim}",
        "\\end{verbatim}",
        "\\begin{matcalc}",
        "$x$",
        "%",
        "\t",
    ]
)


@st.composite
def pieces(draw) -> str:
    if draw(st.booleans()):
        return draw(PROSE)
    prefix = draw(st.sampled_from(["", "  ", "> ", "     "]))
    ask = draw(asks())
    shape = draw(st.sampled_from(["fence", "comment", "environment", "wave"]))
    lines = {
        "fence": ["```matcalc", ask, "```"],
        "wave": ["~~~matcalc", ask, "steps", "~~~"],
        "comment": [f"% matcalc: {ask}"],
        "environment": ["\\begin{matcalc}", ask, "\\end{matcalc}"],
    }[shape]
    return "\n".join(prefix + line for line in lines)


@pytest.mark.parametrize("kind", ["markdown", "latex"])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(pieces(), max_size=6), st.sampled_from(["\n", "\r\n"]), st.booleans())
def test_filling_in_again_changes_nothing(kind, parts, newline, ended):
    text = newline.join("\n".join(parts).split("\n")) + newline * ended
    document = Document("a", kind, text)
    once, first = filled(document)
    twice, second = filled(replace(document, text=once))
    assert twice == once
    assert [(f.derivatives, f.ok) for f in second] == [(f.derivatives, f.ok) for f in first]
    if not any(marker in text for marker in (START, "% matcalc result")):
        assert RESULT[kind].sub("", once).rstrip("\r\n") == text.rstrip("\r\n")  # nothing else is touched
        changed = INSIDE[kind].sub(lambda found: f"{found[1]}{found[4]}old{found[3]}", once)
        assert filled(replace(document, text=changed))[0] == once


def test_a_huge_document():
    text = "some text with `code` and $x$ and \\(y\\)\n" * 30000 + REQUEST
    found = markdown(text)
    assert found.startswith(text) and found.endswith(f"{END}\n")
    hostile = "```" * 1 + "matcalc\n" + "`" * 50000 + "\n" + "<!-- " * 20000 + "\n```\n"
    assert fates(hostile)[0][2] is None
    assert markdown("> " * 20000 + "\n" + "- " * 20000) == "> " * 20000 + "\n" + "- " * 20000
    assert "does not say" in markdown("```matcalc\ngrad x\n" + "+ x\n" * 20000 + "```\n")
    assert latex("\\begin{verbatim}\n" * 3000) == "\\begin{verbatim}\n" * 3000
