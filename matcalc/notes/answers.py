"""What is put into a document for one derivative: its formula, its steps where they are wanted, and its check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc.derivation import Derivation
from matcalc.notes.equations import aligned, equations, shape_texts
from matcalc.printers.escaping import comment_text, latex_text, longest_run, markdown_text

if TYPE_CHECKING:
    from matcalc.verification.report import CheckReport

_CLOSE = "1e-9"  # a smaller error is not told apart: rounding makes it, and it is another on each machine


def verdict(report: CheckReport) -> str:
    """The verdict of the check, which is the same on every machine."""
    if report.ok is not True:
        return str(report)
    points = f"{report.points} random point{'s' if report.points != 1 else ''}"
    bound = _CLOSE if (report.error or 0) < float(_CLOSE) else f"{report.tolerance:g}".replace("e-0", "e-")
    return f"agrees with finite differences at {points}, largest relative error below {bound}"


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def markdown_answer(derivation: Derivation, report: CheckReport, steps: bool, first: bool) -> list[str]:
    """Lines of Markdown; the ``first`` answer to a request says what the shapes are."""
    shapes = ", ".join(f"${shape}$" for shape in shape_texts(derivation)) + ". " if first else ""
    sign = "" if report.ok else "**"
    lines = ["$$", *aligned(equations(derivation), "aligned"), "$$", ""]
    if steps:
        lines += [*derivation.steps.markdown(titled=False).splitlines(), ""]
    lines.append(f"{shapes}{sign}{markdown_text(_sentence(verdict(report)))}{sign}")
    for note in derivation.notes if first else ():
        lines += ["", markdown_text(f"Note: {note}.")]
    return lines


def markdown_problem(problem: str) -> list[str]:
    """Lines of Markdown: the error, with the place in the request that it is about."""
    text = problem.replace("-->", "-- >")
    fence = "`" * max(3, longest_run(text, "`") + 1)
    message, *place = text.split("\n")
    where = ["", fence + "text", *place, fence] if place else []
    return [f"**matcalc can't fill this in:** {markdown_text(message)}", *where]


def latex_answer(derivation: Derivation, report: CheckReport, steps: bool, first: bool) -> list[str]:
    """Lines of LaTeX that need amsmath; a verdict that is good is a comment.  See ``markdown_answer``."""
    found = aligned(equations(derivation), "align*")
    lines = found if len(found) > 1 else ["\\[", *found, "\\]"]
    if steps:
        lines += derivation.steps.latex(titled=False).splitlines()
    if first:
        lines.append(f"% {', '.join(shape_texts(derivation))}")
    lines.append(f"% {comment_text(verdict(report))}")
    if report.ok is not True:
        lines.append(f"\\textbf{{{latex_text(_sentence(verdict(report)))}}}")
    return [*lines, *(f"% note: {comment_text(note)}" for note in (derivation.notes if first else ()))]


def latex_problem(problem: str) -> list[str]:
    """Lines of LaTeX: a sign in the text, and the error, with the place that it is about, in comments."""
    message = comment_text(problem.split("\n", 1)[0])
    comments = [f"%   {line}".rstrip() for line in problem.split("\n")[1:]]
    return [
        f"\\textbf{{matcalc can't fill this in:}} {latex_text(message)}",
        *comments,
    ]
