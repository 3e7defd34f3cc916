"""A page as HTML that needs nothing else: formulas as text in Unicode, every text escaped."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from matcalc.printers.worked.model import Equation, Page, Piece, Section, Table

_STYLE = """\
.matcalc { font-family: Georgia, serif; line-height: 1.5; max-width: 70em }
.matcalc h2 { font-size: 1.2em; margin: 1em 0 .4em } .matcalc h3 { font-size: 1em; margin: 1em 0 .2em }
.matcalc table { border-collapse: collapse; margin: .3em 0 }
.matcalc td, .matcalc th { text-align: left; vertical-align: top; padding: .1em .9em .1em 0; background: none }
.matcalc .layers th { border-bottom: 1px solid #999 }
.matcalc .math { font-family: "STIX Two Math", "Cambria Math", "DejaVu Serif", serif; white-space: nowrap }
.matcalc td .math { white-space: normal }
.matcalc .note { color: #666; font-size: .9em }"""


def document(pages: Sequence[Page], verdicts: Sequence[str] = ()) -> str:
    """A whole document; ``verdicts`` are those of the checks, one below each page."""
    title = escape("".join(piece.text for piece in pages[0].title)) if pages else "matcalc"
    said = [*verdicts, *[""] * (len(pages) - len(verdicts))]
    body = "\n".join(
        fragment(page, styled=False) + (f'\n<p class="matcalc note">{escape(verdict)}</p>' if verdict else "")
        for page, verdict in zip(pages, said, strict=True)
    )
    head = f'<meta charset="utf-8">\n<title>{title}</title>\n<style>\n{_STYLE}\n</style>'
    return f'<!DOCTYPE html>\n<html lang="en">\n<head>\n{head}\n</head>\n<body>\n{body}\n</body>\n</html>\n'


def fragment(page: Page, styled: bool = True) -> str:
    """The page as a part of a document, such as a notebook; ``styled`` brings its style along."""
    return "\n".join(_lines(page, styled))


def _lines(page: Page, styled: bool) -> Iterator[str]:
    yield '<div class="matcalc">'
    if styled:
        yield f"<style>\n{_STYLE}\n</style>"
    yield f"<h2>{_line((*page.title, Piece(' '), *page.caption)).rstrip()}</h2>"
    if page.table is not None:
        yield from _table(page.table)
    for section in page.sections:
        yield f"<h3>{_line(section.title)}</h3>"
        yield from _section(section)
    if page.legend:
        yield f'<p class="note">{_line(page.legend)}</p>'
    yield "</div>"


def _line(pieces: Sequence[Piece]) -> str:
    return "".join(map(_piece, pieces))


def _piece(piece: Piece) -> str:
    text = escape(piece.text)
    if piece.kind == "math":
        return f'<span class="math">{text}</span>'
    return f"<code>{text}</code>" if piece.kind == "code" else text


def _table(table: Table) -> Iterator[str]:
    yield '<table class="layers">'
    yield "<tr>" + "".join(f"<th>{_line(heading)}</th>" for heading in table.headings) + "</tr>"
    for place, row in enumerate(table.rows):
        if place == table.place:
            yield f'<tr><td class="note" colspan="{len(table.headings)}">… {table.left_out} more</td></tr>'
        yield "<tr>" + "".join(f"<td>{_piece(cell)}</td>" for cell in row) + "</tr>"
    yield "</table>"


def _section(section: Section) -> Iterator[str]:
    yield "<table>"
    for place, equation in enumerate(section.equations):
        if place == section.place:
            yield f'<tr><td class="note" colspan="4">… {section.left_out} more</td></tr>'
        yield from _equation(equation)
    yield "</table>"


def _equation(equation: Equation) -> Iterator[str]:
    """A row for each side."""
    for place, side in enumerate(equation.sides):
        sign = "=" if place or equation.left else ""
        left = _line((*equation.before, Piece(": " if equation.before else ""), Piece(equation.left, "math")))
        notes = "; ".join(dict.fromkeys(map(_line, side.notes)))
        cells = [left if place == 0 else "", sign, _piece(Piece(side.text, "math"))]
        row = "".join(f"<td>{cell}</td>" for cell in cells)
        yield f'<tr>{row}<td class="note">{notes}</td></tr>'
