r"""A derivation as a complete LaTeX document that needs amsmath alone: formula, result, derivation, notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from matcalc.derivation import Derivation
from matcalc.language.names import latex_name
from matcalc.notes.answers import verdict
from matcalc.notes.equations import (
    Equation,
    aligned,
    node_text,
    own_name,
    shape_texts,
    solved,
    value_text,
)
from matcalc.printers.escaping import latex_text
from matcalc.printers.latex_lines import width

if TYPE_CHECKING:
    from matcalc.verification.report import CheckReport

Result = tuple[Derivation, "CheckReport | None"]

_KINDS = {
    "gradient": "gradient",
    "jacobian": "Jacobian",
    "hessian": "Hessian",
    "hvp": "product of the Hessian with a direction",
    "pullback": "pullback",
    "pushforward": "pushforward",
}
_TITLE = 40  # signs of a formula that has room in the title
_PREAMBLE = r"""\documentclass[11pt]{article}
\usepackage{amsmath}
\setlength{\textwidth}{6.5in}
\setlength{\textheight}{8.9in}
\setlength{\oddsidemargin}{0in}
\setlength{\topmargin}{-0.4in}
\setlength{\emergencystretch}{3em}
\allowdisplaybreaks""".split("\n")
# Greek letters that look like Latin ones have no commands of their own.
_LETTERS = {
    "Alpha": "A",
    "Beta": "B",
    "Epsilon": "E",
    "Zeta": "Z",
    "Eta": "H",
    "Iota": "I",
    "Kappa": "K",
    "Mu": "M",
    "Nu": "N",
    "Omicron": "O",
    "Rho": "P",
    "Tau": "T",
    "Chi": "X",
    "omicron": "o",
}
_POWER_OF_TEN = re.compile(r"(?<![\d.])1e-(\d+)")
_COMMAND = re.compile(r"\\([A-Za-z]+)")


def paper(results: Sequence[Result]) -> str:
    """The document for derivatives of one formula, each with its check where it was made."""
    first = results[0][0]
    body = [
        "\\begin{document}",
        "\\thispagestyle{empty}",
        "\\begin{center}",
        f"{{\\LARGE {_title(results)}\\par}}",
        "\\end{center}",
        "",
        *_formula(first),
        *(line for result in results for line in _result(*result, several=len(results) > 1)),
        *_notes(results),
        "\\end{document}",
    ]
    return "\n".join([*_PREAMBLE, *_own_letters("\n".join(body)), *body, ""])


def _own_letters(text: str) -> list[str]:
    """Definitions of the letters in a text that LaTeX lacks."""
    used = sorted({name for name in _COMMAND.findall(text) if name in _LETTERS})
    return [f"\\providecommand{{\\{name}}}{{\\mathrm{{{_LETTERS[name]}}}}}" for name in used]


def _title(results: Sequence[Result]) -> str:
    first = results[0][0]
    value = value_text(first)
    named = first.reading.names.get(first.value)
    if named is not None:
        what = f"\\({latex_name(named)}\\)"
    else:
        what = f"\\({value}\\)" if width(value) <= _TITLE and "\\text{where}" not in value else "a formula"
    heads = dict.fromkeys(latex_name(str(node.data)) for each, _ in results for node in each.heads())
    kind = _KINDS[first.kind] + ("s" if len(results) > 1 and first.kind != "hvp" else "")
    return f"The {kind} of {what}\\\\[2pt] with respect to \\({', '.join(heads)}\\)"


def _formula(derivation: Derivation) -> Iterator[str]:
    """What was derived, and what its variables are."""
    yield "\\section*{The formula}"
    names = derivation.names.by_name
    own = own_name(derivation)
    lines = [
        Equation(latex_name(name), node_text(derivation, node)) for name, node in names.items() if name != own
    ]
    lines.append(Equation(latex_name(own), value_text(derivation)))
    yield from _display(lines)
    shapes = [f"\\({shape}\\)" for shape in shape_texts(derivation, "\\mathbf{R}")]
    yield f"with {_listed(shapes)}."


def _listed(parts: Sequence[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"


def _result(derivation: Derivation, report: CheckReport | None, several: bool) -> Iterator[str]:
    """The derivative, its check, and how it came about."""
    name = latex_name(str(derivation.variable.data))
    with_respect = f" with respect to \\({name}\\)" if several else ""
    yield ""
    yield f"\\section*{{The {_KINDS[derivation.kind]}{with_respect}}}"
    own = latex_name(own_name(derivation))
    head = derivation.head("latex")
    left = f"{head} {own}" if derivation.kind == "gradient" else head
    yield from _display(solved(derivation, left, {own, *map(latex_name, derivation.names.by_name)}))
    if report is not None:
        strong = "" if report.ok else "\\bfseries "
        yield f"{{{strong}The formula {_predicate(report)}.}}"
    yield ""
    yield f"\\section*{{The derivation{with_respect}}}"
    yield from derivation.steps.latex(titled=False).splitlines()


def _predicate(report: CheckReport) -> str:
    """The verdict as the rest of a sentence, in LaTeX."""
    text = verdict(report)
    text = latex_text(f"was {text}" if text.startswith("not ") else text)
    return _POWER_OF_TEN.sub(r"\\(10^{-\1}\\)", text)


def _notes(results: Sequence[Result]) -> Iterator[str]:
    notes = dict.fromkeys(note for derivation, _ in results for note in derivation.notes)
    if notes:
        yield ""
        yield "\\section*{Notes}"
        yield "\\begin{itemize}"
        for note in notes:
            yield f"\\item {latex_text(note)}."
        yield "\\end{itemize}"


def _display(found: Sequence[Equation]) -> Iterator[str]:
    lines = aligned(found, "align*")
    yield from (lines if len(lines) > 1 else ["\\[", *lines, "\\]"])
