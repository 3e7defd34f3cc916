"""A page as LaTeX that needs nothing but amsmath: a tabular, and equations in flalign*."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matcalc.printers.escaping import latex_code, latex_text
from matcalc.printers.latex_lines import PAGE, broken, width
from matcalc.printers.worked.model import Equation, Page, Piece, Section, Table

_ROOM = PAGE - 6  # letters of an equation, which often has wide ones
_SMALL = 0.8  # the size of the notes and the table
_BETWEEN = 3  # letters between what stands beside each other
_FEWEST = 3  # columns of a table that says something


def latex(page: Page, titled: bool = True) -> str:
    """The page as LaTeX, to be put into a document that loads amsmath; the page's spelling must be ``latex``."""
    return "\n".join(_lines(page, titled)) + "\n"


def _lines(page: Page, titled: bool) -> Iterator[str]:
    if titled:
        yield "% needs \\usepackage{amsmath}"
    yield "\\begingroup\\allowdisplaybreaks"
    if titled:
        yield f"\\par\\bigskip\\noindent\\textbf{{{_line(page.title)}}} {_line(page.caption)}"
    elif page.caption:
        yield f"\\par\\noindent {_line(page.sentence)}"
    if page.table is not None:
        yield from _table(page.table)
    for section in page.sections:
        yield from _section(section)
    if page.legend:
        yield f"\\par\\noindent {_line(page.legend)}"
    yield "\\par\\endgroup"


def _line(pieces: Sequence[Piece]) -> str:
    return "".join(map(_piece, pieces))


def _piece(piece: Piece) -> str:
    if piece.kind == "math":
        return f"${piece.text}$"
    return latex_code(piece.text) if piece.kind == "code" else latex_text(piece.text)


def _table(table: Table) -> Iterator[str]:
    """As many columns as fit: the last ones say what the lines below say, too."""
    rows = [[_piece(cell) for cell in row] for row in table.rows]
    shown, room = 0, PAGE / _SMALL
    for column in zip(*rows, strict=True):
        room -= max(map(width, column)) + _BETWEEN
        if room < 0:
            break
        shown += 1
    if shown < _FEWEST:
        return
    yield "\\begin{center}\\footnotesize"
    yield f"\\begin{{tabular}}{{{'l' * shown}}}"
    yield " & ".join(map(_line, table.headings[:shown])) + " \\\\ \\hline\\noalign{\\smallskip}"
    for place, row in enumerate(rows):
        if place == table.place:
            yield f"\\dots{{}} {table.left_out} more \\\\"
        yield " & ".join(row[:shown]) + " \\\\"
    yield "\\end{tabular}"
    yield "\\end{center}"


@dataclass(frozen=True)
class _Row:
    """A row of a section: what stands left of the sign, the rest, and what is to be said of it."""

    left: str
    text: str
    notes: tuple[str, ...] = ()


def _section(section: Section) -> Iterator[str]:
    yield f"\\par\\medskip\\noindent {_line(section.title)}:"
    left = max((width(_left(each)) for each in section.equations), default=0.0)
    blocks = [list(_rows(each, _ROOM - left)) for each in section.equations]
    widest = left + max((width(row.text) for block in blocks for row in block), default=0.0)
    rows: list[str] = []  # each with what ends it, \\\\* where no page ends
    for place, block in enumerate(blocks):
        if place == section.place:
            rows.append(f"& \\text{{\\dots{{}} {section.left_out} more}} \\\\")
        for row in block:
            *texts, last = _noted(row, widest, _ROOM - left)
            rows += [*(f"{text} \\\\*" for text in texts), f"{last} \\\\"]
    yield "\\begin{flalign*}"
    yield from rows[:-1]
    yield rows[-1].removesuffix(" \\\\")
    yield "\\end{flalign*}"


def _noted(row: _Row, widest: float, room: float) -> Iterator[str]:
    """A row with its notes: behind the ``widest`` row where there is room, else below in lines of their own."""
    text = f"{row.left} & {row.text}"
    notes = "; ".join(row.notes)
    if notes and widest + _BETWEEN + _SMALL * width(notes) <= PAGE:
        yield f"{text} && \\text{{\\footnotesize {notes}}} &"
        return
    yield f"{text} &"
    line = ""
    for note in row.notes:
        if line and _SMALL * width(line + note) > room:
            yield f"& \\quad \\rlap{{\\footnotesize {line};}} &"
            line = ""
        line = f"{line}; {note}" if line else note
    if line:
        yield f"& \\quad \\rlap{{\\footnotesize {line}}} &"


def _left(equation: Equation) -> str:
    return (f"\\text{{{_line(equation.before)}: }}" if equation.before else "") + equation.left


def _rows(equation: Equation, room: float) -> Iterator[_Row]:
    """Sides in rows: as many as fit, and no more once there is something to say; a long one goes on in the next rows."""
    left, text = _left(equation), ""
    for place, side in enumerate(equation.sides):
        formula, *definitions = side.text.split("\n")
        first, *rest = broken(f"= {formula}" if place or equation.left else formula, room)
        if text and width(text) + width(first) > room:
            yield _Row(left, text)
            left, text = "", ""
        text = f"{text} {first}" if text else f"{{-}}{first[1:]}" if first.startswith("-") else first
        for more in (*(f"\\quad {piece}" for piece in rest), *map(str.strip, definitions)):
            yield _Row(left, text)
            left, text = "", more
        if side.notes:
            yield _Row(left, text, tuple(dict.fromkeys(map(_line, side.notes))))
            left, text = "", ""
    if text:
        yield _Row(left, text)
