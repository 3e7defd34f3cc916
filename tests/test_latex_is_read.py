"""Every LaTeX string of the test suite is read by KaTeX: formulas, results, layer tables, filled notes, papers."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import matcalc
from matcalc.language.names import SYMBOLS, latex_name
from matcalc.notes.answers import latex_answer, markdown_answer
from matcalc.notes.equations import aligned, equations, shape_texts, value_text
from matcalc.notes.mathematics import spans
from matcalc.notes.paper import paper
from matcalc.operations import standard
from matcalc.verification.report import CheckReport
from tests.typesetting import displayed, katex_problems, needs_katex

DATA = Path(__file__).parent / "data"
PUBLIC = [json.loads(line) for line in (DATA / "public.jsonl").read_text("utf-8").splitlines()]
COOKBOOK = [
    entry
    for entry in tomllib.loads((DATA / "cookbook.toml").read_text("utf-8"))["entry"]
    if "out_of_reach" not in entry
]
PROGRAMS = sorted((Path(__file__).parents[1] / "examples").glob("*.mc"))
AGREES = CheckReport(True, 3, 1e-12)


def derivations() -> Iterator[matcalc.Derivation]:
    for case in PUBLIC:
        yield matcalc.derive(case["latex"], case["wrt"], case["shapes"], case["kind"])
    for entry in COOKBOOK:
        options = {name: entry[name] for name in ("kind", "assume", "symmetric_rule") if name in entry}
        yield matcalc.derive(entry["formula"], entry["wrt"], entry["shapes"], **options)
    for path in PROGRAMS:
        yield from matcalc.derive(path.read_text("utf-8"), "all").values()
    yield matcalc.derive("vec(X)ᵀ(A⊗B)vec(X) + [x; y]ᵀ[x; y] + Σᵢ max(xᵢ, 0) + sum(|X|) + ‖A‖_*", "X")
    yield matcalc.derive("AᵀXB", "X", kind="jacobian", layout="kron")
    yield matcalc.derive("Σ log(1 + exp(−y ⊙ Xw))", "w", kind="hvp", direction="v")
    yield matcalc.derive("softmax(x)", "x", kind="pushforward", tangent="v")
    yield matcalc.derive("‖Ax‖²", "x", kind="hessian", order=3)


def texts_of(derivation: matcalc.Derivation) -> Iterator[str]:
    """What a derivation says in LaTeX."""
    yield derivation.latex()
    yield f"{derivation.head('latex')} = {derivation.latex(inline=True)}"
    yield value_text(derivation)
    yield displayed("\n".join(aligned(equations(derivation), "aligned")))
    yield from shape_texts(derivation)
    if derivation.kind == "gradient":
        steps = derivation.steps
        yield steps.sum_line("latex").replace("\n", "\\quad ")
        yield from (cell.latex() for row in steps.rows for cell in row.cells())
        yield from (form.latex() for use in steps.contributions for form in use.forms)


def documents(derivation: matcalc.Derivation) -> Iterator[str]:
    """The mathematics in a paper and in notes."""
    yield from (displayed(span.text) for span in spans(paper([(derivation, AGREES)]), "latex"))
    for kind, answer in (("latex", latex_answer), ("markdown", markdown_answer)):
        text = "\n".join(answer(derivation, AGREES, steps=True, first=True))
        yield from (displayed(span.text) for span in spans(text, kind))


@needs_katex
def test_katex_reads_every_text():
    found = list(derivations())
    texts = dict.fromkeys(text for derivation in found for text in texts_of(derivation))
    texts |= dict.fromkeys(text for derivation in found for text in documents(derivation))
    texts |= dict.fromkeys(case["latex"] for case in PUBLIC)
    assert len(texts) > 3000
    assert not katex_problems(list(texts))


@needs_katex
def test_katex_reads_every_name_and_function():
    names = [latex_name(name) for base in SYMBOLS for name in (base, f"{base}1", f"{base}_in")]
    functions = [operation.latex for operation in standard().by_name.values() if operation.latex]
    assert not katex_problems([*names, *(f"{function}(x)" for function in functions if "{}" not in function)])


@needs_katex
def test_katex_refuses_what_is_wrong():
    assert katex_problems(["\\frac{1}", "x"]).keys() == {"\\frac{1}"}


def test_there_are_texts_to_read():
    derivation = matcalc.derive("‖WᵀWx − x‖²", "W")
    assert any("\\lVert" in text for text in texts_of(derivation))
    assert sum("\\delta^{(3)}" in text for text in documents(derivation)) >= 3
    assert not any(re.search(r"[^\x00-\x7f]", text) for text in texts_of(derivation))
