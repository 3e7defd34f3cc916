"""The LaTeX document of a derivation: complete, with amsmath alone, and on its page."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path

import matcalc
from matcalc.language.names import SYMBOLS
from matcalc.notes.files import Document
from matcalc.notes.filling import filled
from matcalc.notes.paper import paper
from matcalc.verification.report import CheckReport
from tests.typesetting import compiled, needs_pdflatex

DATA = Path(__file__).parents[1] / "data"
AGREES = CheckReport(True, 3, 1e-12)
_OVERFULL = re.compile(r"Overfull \\hbox \(([\d.]+)pt")
_MARGIN = 20  # points that stick out without harm


def paper_of(formula: str, wrt: object, **options: object) -> str:
    found = matcalc.derive(formula, wrt, **options)
    each = [found] if isinstance(found, matcalc.Derivation) else found.values()
    return paper([(derivation, AGREES) for derivation in each])


def body(text: str) -> str:
    return text.split("\\begin{document}")[1].split("\\end{document}")[0]


def test_a_paper_has_its_parts():
    text = paper_of("‖WᵀWx − x‖²", "W", shapes="W: k×n")
    assert text.startswith("\\documentclass[11pt]{article}\n\\usepackage{amsmath}\n")
    assert text.count("\\usepackage") == 1 and text.endswith("\\end{document}\n")
    for part in (
        "The gradient of \\(\\lVert W^{\\top} W x - x \\rVert^{2}\\)",
        "with \\(W \\in \\mathbf{R}^{k \\times n}\\) and \\(x \\in \\mathbf{R}^{n}\\).",
        "\\nabla_{W} f = 2 W ((W^{\\top} W x - x) x^{\\top} + x (W^{\\top} W x - x)^{\\top})",
        "agrees with finite differences at 3 random points, largest relative error below \\(10^{-9}\\).",
        "$2$ & $W^{\\top}$ & $z_{i}$ & $1$ & $((W^{\\top})^{\\top} \\delta^{(3)}) \\odot 1$",
        "\\text{as $W^{\\top}$ in $z^{(3)}$: } & (\\delta^{(3)} (z^{(2)})^{\\top})^{\\top} = z^{(2)} (\\delta^{(3)})^{\\top}",
    ):
        assert part in text


def test_a_paper_of_a_program_states_its_lines_once():
    text = paper_of("h = tanh(Ux)\nL = ‖h − t‖²", "U")
    assert text.count("h &= \\tanh(U x)") == 1 and "\\nabla_{U} L = " in text


def test_a_paper_of_several_and_of_other_kinds():
    text = paper_of("‖As − x‖²", ["A", "s"])
    assert text.count("\\section*{The gradient with respect to") == 2
    text = paper_of("softmax(x)", "x", kind="jacobian")
    assert "y = \\operatorname{softmax}(x)" in text and "\\section*{The Jacobian}" in text
    assert (
        "\\text{where }" not in text.partition("\\section*{The derivation}")[0]
        and "\\section*{Notes}" in text
        and "numerator layout" in text
    )


def test_a_check_that_failed_or_was_not_made():
    derivation = matcalc.derive("‖x‖²", "x")
    failed = paper([(derivation, CheckReport(False, 3, 0.5, reason="off by 5_0%"))])
    assert "{\\bfseries The formula DISAGREES with finite differences: off by 5\\_0\\%.}" in failed
    assert "was not checked: no point" in paper([(derivation, CheckReport(None, reason="no point"))])
    assert "finite differences" not in paper([(derivation, None)])


def all_papers() -> list[tuple[str, str]]:
    found = []
    for line in (DATA / "public.jsonl").read_text("utf-8").splitlines():
        case = json.loads(line)
        found.append(
            (case["name"], paper_of(case["unicode"], case["wrt"], shapes=case["shapes"], kind=case["kind"]))
        )
    for entry in tomllib.loads((DATA / "cookbook.toml").read_text("utf-8"))["entry"]:
        if "out_of_reach" not in entry:
            options = {name: entry[name] for name in ("kind", "assume", "symmetric_rule") if name in entry}
            found.append(
                (
                    entry["equation"],
                    paper_of(entry["formula"], entry["wrt"], shapes=entry["shapes"], **options),
                )
            )
    return found


@needs_pdflatex
def test_papers_compile_and_stay_on_the_page(tmp_path):
    papers = all_papers()
    preamble = papers[0][1].split("\\begin{document}")[0]
    bodies = [f"\\typeout{{CASE {name}}}{body(text)}\\newpage" for name, text in papers]
    log = compiled(tmp_path, preamble + "\\begin{document}" + "\n".join(bodies) + "\\end{document}\n")
    wide = [
        (case.split("\n")[0], points)
        for case in log.split("CASE ")[1:]
        for points in map(float, _OVERFULL.findall(case))
        if points > _MARGIN
    ]
    assert not wide


@needs_pdflatex
def test_every_letter_compiles(tmp_path):
    names = [name for name in SYMBOLS if name not in ("pi", "Sigma", "delta")]
    declared = ", ".join(f"{name}: scalar" for name in names)
    compiled(tmp_path, paper_of(" + ".join(f"{name}^2" for name in names), "alpha", shapes=declared))


@needs_pdflatex
def test_filled_latex_compiles(tmp_path):
    text = (
        "\\documentclass{article}\n\\usepackage{amsmath,verbatim}\n\\newenvironment{matcalc}{\\comment}{\\endcomment}\n"
        "\\begin{document}\n"
        "% matcalc: grad ‖WᵀWx − x‖² wrt W, steps\n"
        "\\begin{matcalc}\nh = tanh(U x)\nL = ½‖h − t‖²\ngrad L wrt U, t\nsteps\n\\end{matcalc}\n"
        "% matcalc: jacobian softmax(x) wrt x\n% matcalc: grad ‖Ax wrt x\n"
        "Some text.\n% matcalc: grad é∫_#~^\\}{ wrt x\n\\end{document}\n"
    )
    text, fates = filled(Document("a.tex", "latex", text))
    assert [fate.ok for fate in fates] == [True, True, None, None]
    compiled(tmp_path, text)
