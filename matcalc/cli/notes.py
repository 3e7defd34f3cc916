"""`matcalc notes`: a document's requests filled in, or its claims checked."""

from __future__ import annotations

import gc
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from matcalc.notes.claims import Claimed
    from matcalc.notes.files import Document
    from matcalc.notes.filling import Filled
    from matcalc.notes.verdicts import Verdict

_SHOWN = 100  # characters of a claim that are printed
_ENVIRONMENT = (
    "LaTeX leaves the requests out of the paper with, before \\begin{document},\n"
    "  \\usepackage{verbatim}\n"
    "  \\newenvironment{matcalc}{\\comment}{\\endcomment}"
)
_STATUS = {True: 0, False: 1, None: 2}


@click.command()
@click.argument("file", metavar="FILE")
@click.option("-o", "--output", metavar="OUT", help="The file for the result, which may be FILE.")
@click.option(
    "--check", "claims", is_flag=True, help="Check the derivatives that FILE claims; change nothing."
)
def notes(file: str, output: str | None, claims: bool) -> int:
    """Fill in the derivatives that a Markdown or LaTeX document asks for.

    \b
    In Markdown                        In LaTeX
    ```matcalc                         % matcalc: grad ‖As − x‖² wrt s
    grad ‖As − x‖² wrt s               or, of several lines,
    steps                              \\begin{matcalc}
    ```                                …
                                       \\end{matcalc}

    The formula, the steps where a line `steps` asks for them, and the verdict of the check go behind the request.
    Filling in again updates them and touches nothing else.  Without -o the document is printed.

    Status 0: all is well; 1: a check failed or a claim is wrong; 2: something could not be read.


    \b
    Example:
      matcalc notes paper.tex -o paper.tex
    """
    from matcalc.notes.files import read_document

    if claims and output is not None:
        raise click.UsageError("--check changes nothing, so it takes no -o")
    gc.enable()  # a long document makes many graphs
    document = read_document(file)
    return _check(document) if claims else _fill(document, output)


def _fill(document: Document, output: str | None) -> int:
    from matcalc.notes.files import write_document
    from matcalc.notes.filling import filled

    text, found = filled(document)
    data = document.encoded(text)
    if output is None:
        sys.stdout.flush()
        sys.stdout.buffer.write(data)
        done = "printed; -o FILE writes it into a file"
    else:
        done = f"written to {output}" if write_document(output, data) else f"{output} is up to date"
    for place in found:
        if place.problem is not None:
            click.echo(f"{document.path}:{place.line}: {place.problem}", err=True)
        if place.ok is False:
            click.echo(f"{document.path}:{place.line}: the check failed", err=True)
    click.echo(f"{_summary(document, found)}; {done}", err=True)
    if _lacks_environment(document):
        click.echo(_ENVIRONMENT, err=True)
    return _STATUS[_worst([place.ok for place in found])]


def _summary(document: Document, found: Sequence[Filled]) -> str:
    if not found:
        example = "```matcalc" if document.kind == "markdown" else "% matcalc: grad … wrt …"
        return f"{document.path} asks for nothing: a request starts with {example}"
    derivatives = sum(place.derivatives for place in found)
    problems = sum(place.problem is not None for place in found)
    text = f"{_counted(len(found), 'request')}, {_counted(derivatives, 'derivative')}"
    return text + f", {_counted(problems, 'error')}" if problems else text


def _lacks_environment(document: Document) -> bool:
    """Whether LaTeX will not know what a matcalc environment is."""
    from matcalc.notes.tex import hides_requests, uses_environment

    text = document.text
    return (
        document.kind == "latex"
        and "\\begin{document}" in text
        and uses_environment(text)
        and not hides_requests(text)
    )


def _counted(number: int, what: str) -> str:
    return f"{number} {what}{'' if number == 1 else 's'}"


def _worst(verdicts: Sequence[bool | None]) -> bool | None:
    """False before None before True."""
    return False if False in verdicts else None if None in verdicts else True


def _check(document: Document) -> int:
    from matcalc.notes.claims import claims
    from matcalc.notes.verdicts import STANDINGS, UNREADABLE, WRONG, verdicts

    found = claims(document)
    with _progress(len(found)) as done:
        results = verdicts(found, done=done)
    for claimed, verdict in zip(found, results, strict=True):
        _print(document.path, claimed, verdict)
    if not found:
        click.echo(f"{document.path} claims no derivatives")
        return 0
    counts = Counter(verdict.standing for verdict in results)
    parts = [f"{counts[standing]} {standing}" for standing in STANDINGS if counts[standing]]
    click.echo(f"{_counted(len(found), 'claim')}: {', '.join(parts)}")
    ok = {WRONG: False, UNREADABLE: None}
    return _STATUS[_worst([ok.get(verdict.standing, True) for verdict in results])]


def _print(path: str, claimed: Claimed, verdict: Verdict) -> None:
    """The claim with its line and verdict, the reasons, and the repair."""
    text = claimed.text if len(claimed.text) <= _SHOWN else claimed.text[: _SHOWN - 1] + "…"
    click.echo(f"{path}:{claimed.line}: {verdict.text}: {text}")
    for reason in verdict.reasons:
        click.echo("\n".join(f"    {line}" for line in reason.splitlines()))
    if verdict.repair is not None:
        click.echo(f"    right would be: {verdict.repair}")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """What to call after each claim: on a terminal it moves a bar."""
    if not sys.stderr.isatty() or total < 2:
        yield lambda: None
        return
    from rich.console import Console  # slow to import
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("checking", total=total)
        yield lambda: bar.advance(task)
