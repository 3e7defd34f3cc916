"""Steps on the command line: as a part of what is printed, or as a document of their own."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from matcalc.derivation import Derivation
from matcalc.printers.worked.model import Page
from matcalc.printers.worked.text import text

if TYPE_CHECKING:
    from matcalc.cli.output import Result


def write_steps(derivation: Derivation, spelling: str, verbose: bool, err: bool = False) -> None:
    """The derivation, drawn by rich in a terminal, as plain text elsewhere and where rich is missing."""
    page = derivation.steps.page(spelling, verbose)
    stream = sys.stderr if err else sys.stdout
    if not (stream.isatty() and spelling != "ascii" and _drawn(page, err)):
        click.echo(text(page), err=err)


def _drawn(page: Page, err: bool) -> bool:
    """Print a page with rich; False where there is none."""
    try:
        from rich.console import Console

        from matcalc.printers.worked.terminal import renderable
    except ImportError:
        return False
    console = Console(stderr=err, highlight=False, emoji=False, markup=False)
    console.print(renderable(page, console.width))
    return True


def write_document(results: list[Result], form: str, spelling: str, verbose: bool) -> None:
    """The derivations alone on standard output, so that they can be piped; the verdicts also on standard error."""
    steps = [derivation.steps for derivation, _ in results]
    verdicts = ["" if report is None else str(report) for _, report in results]
    if form == "html":
        from matcalc.printers.worked.html import document

        click.echo(document([each.page("unicode", verbose) for each in steps], verdicts), nl=False)
    elif form == "text":
        click.echo("\n\n".join(each.plain(spelling, verbose) for each in steps))
    else:
        texts = [each.latex(verbose) if form == "latex" else each.markdown(verbose) for each in steps]
        click.echo("\n".join(texts), nl=False)
    for verdict in filter(None, verdicts):
        click.echo(verdict, err=True)
