"""Matcalc in notebooks: what results look like there, and the magics that ``%load_ext matcalc`` gives.

``%%matcalc grad --wrt W --steps`` takes the options of the command line and the formula or program from its cell,
``%matcalc grad '‖As − x‖²' --wrt s`` both from its line.  IPython is imported where it asks, never before.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from html import escape
from typing import TYPE_CHECKING, Any

from matcalc.review.report import EQUAL

if TYPE_CHECKING:
    from matcalc.derivation import Derivation, Derivations
    from matcalc.printers.steps import Steps
    from matcalc.review.report import ClaimReport
    from matcalc.verification.report import CheckReport

Bundle = dict[str, str]
_COLOURS = {True: "#0a7d32", False: "#b00020", None: "#8a6d00"}
_SIGNS = {True: "✓", False: "✗", None: "?"}


# What results look like ---------------------------------------------------------------------------------------------


def derivation_bundle(derivation: Derivation) -> Bundle:
    """A derivation as plain text and LaTeX."""
    return {"text/plain": repr(derivation), "text/latex": derivation._repr_latex_()}


def derivations_bundle(derivations: Derivations) -> Bundle:
    """Several derivations below each other."""
    plain = "\n".join(map(repr, derivations.values()))
    if not derivations:
        return {"text/plain": "{}"}
    rows = [f"{each.head('latex')} &= {each.latex()}" for each in derivations.values()]
    body = " \\\\\n".join(rows)
    return {
        "text/plain": plain,
        "text/latex": f"$\\displaystyle \\begin{{aligned}}\n{body}\n\\end{{aligned}}$",
    }


def steps_bundle(steps: Steps) -> Bundle:
    """Steps as plain text, Markdown and HTML."""
    from matcalc.printers.worked.html import fragment

    return {
        "text/plain": steps.plain(),
        "text/markdown": steps.markdown(),
        "text/html": fragment(steps.page("unicode")),
    }


def report_bundle(report: CheckReport) -> Bundle:
    """The verdict of a check, in the colour of what it says."""
    colour, sign = _COLOURS[report.ok], _SIGNS[report.ok]
    html = f'<span style="color: {colour}">{sign} {escape(str(report))}</span>'
    return {"text/plain": str(report), "text/html": html}


def claim_bundle(report: ClaimReport) -> Bundle:
    """The verdict on a claimed formula, and under it the reasons with their carets."""
    ok = True if report.verdict == EQUAL else None if report.ok else False
    verdict, _, reasons = str(report).partition(": ")
    html = (
        f'<b style="color: {_COLOURS[ok]}">{_SIGNS[ok]} {escape(verdict)}</b>'
        f'<pre style="margin: 0.3em 0 0 1.2em">{escape(reasons)}</pre>'
    )
    return {"text/plain": str(report), "text/html": html}


# Magics -----------------------------------------------------------------------------------------------------------


def register(shell: Any) -> None:
    """Give a shell of IPython ``%matcalc`` and ``%%matcalc``."""
    shell.register_magic_function(magic, "line_cell", "matcalc")


def magic(line: str, cell: str | None = None) -> None:
    """Run a command of matcalc: the options of the command line, the formula in the cell or on the line.

    Without a command it is ``grad``.  Derivatives are shown as formulas, their checks and, with ``--steps``, their
    derivations as tables; what else is asked for is printed as the command line prints it.

    Example: ``%%matcalc grad --wrt W --steps`` above a cell with ``‖WᵀWx − x‖²``.
    """
    import sys

    import click

    from matcalc.cli import commands

    try:
        words = shlex.split(line)
    except ValueError as problem:
        print(f"Error: the line can't be read: {problem}", file=sys.stderr)
        return
    if not words or words[0] not in commands.commands and words[0] not in ("--help", "-h", "--version"):
        words.insert(0, "grad")
    if cell is not None:
        words.append(cell.strip("\n"))
    try:
        commands.main(words, prog_name="%matcalc", standalone_mode=False, obj=Shown())
    except click.ClickException as problem:
        print(f"Error: {problem.format_message()}", file=sys.stderr)
    except click.Abort:
        pass


class Shown:
    """Shows derivatives in the cell, in place of the command's printing."""

    def __call__(
        self,
        derivations: Sequence[Derivation],
        reports: Sequence[CheckReport | None],
        steps: bool,
        verbose: bool,
        inline: bool,
    ) -> None:
        """Display each derivative, the verdict of its check and, if they are asked for, its steps."""
        from IPython.display import display

        from matcalc.printers.worked.html import fragment

        for note in dict.fromkeys(note for each in derivations for note in each.notes):
            print(f"note: {note}")
        for derivation, report in zip(derivations, reports, strict=True):
            latex = f"$\\displaystyle {derivation.head('latex')} = {derivation.latex(inline)}$"
            _show(display, {"text/plain": repr(derivation), "text/latex": latex})
            if report is not None:
                _show(display, report_bundle(report))
            if steps:
                page = derivation.steps.page("unicode", verbose)
                _show(
                    display,
                    {"text/plain": derivation.steps.plain("unicode", verbose), "text/html": fragment(page)},
                )


def _show(display: Any, bundle: Mapping[str, str]) -> None:
    display(dict(bundle), raw=True)
