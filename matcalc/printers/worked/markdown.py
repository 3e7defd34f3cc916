"""A page as Markdown with LaTeX formulas between dollar signs, as GitHub and Jupyter read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matcalc.printers.escaping import markdown_code, markdown_text
from matcalc.printers.worked.model import Equation, Page, Piece, Section, Side, Table


def markdown(page: Page, titled: bool = True) -> str:
    """The page as Markdown; its formulas are LaTeX, so the page's spelling must be ``latex``."""
    return "\n\n".join("\n".join(block) for block in _blocks(page, titled)) + "\n"


def _blocks(page: Page, titled: bool) -> Iterator[list[str]]:
    """Paragraphs, lists and the table, each in lines."""
    if titled:
        yield [f"### {_line((*page.title, Piece(' '), *page.caption)).rstrip()}"]
    elif page.caption:
        yield [_line(page.sentence)]
    if page.table is not None:
        yield list(_table(page.table))
    for section in page.sections:
        yield [f"**{_line(section.title)}**"]
        yield list(_section(section))
    if page.legend:
        yield [_line(page.legend)]


def _line(pieces: Sequence[Piece]) -> str:
    return "".join(map(_piece, pieces))


def _piece(piece: Piece) -> str:
    if piece.kind == "math":
        return f"${_math(piece.text)}$"
    return markdown_code(piece.text) if piece.kind == "code" else markdown_text(piece.text)


def _math(text: str) -> str:
    """LaTeX that Markdown leaves alone: in a table a bar would end the cell."""
    return text.replace("\\|", "\\Vert ").replace("|", "\\vert ").replace("\n", " \\quad ")


def _table(table: Table) -> Iterator[str]:
    yield _row(list(map(_line, table.headings)))
    yield "|" + " --- |" * len(table.headings)
    for place, row in enumerate(table.rows):
        if place == table.place:
            yield f"| … {table.left_out} more |" + " |" * (len(table.headings) - 1)
        yield _row([_piece(cell).replace("|", "\\|") for cell in row])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _section(section: Section) -> Iterator[str]:
    """A list with an equation an item."""
    for place, equation in enumerate(section.equations):
        if place == section.place:
            yield f"- … {section.left_out} more"
        yield from _equation(equation)


def _equation(equation: Equation) -> Iterator[str]:
    start = f"{_line(equation.before)}: " if equation.before else ""
    left = f"{_math(equation.left)} = " if equation.left else ""
    rows = list(_rows(equation.sides))
    for place, row in enumerate(rows):
        formula = " = ".join(_math(side.text) for side in row)
        notes = "; ".join(dict.fromkeys(_line(note) for side in row for note in side.notes))
        head = f"- {start}${left}" if place == 0 else "  ${} = "
        ending = "  " if place + 1 < len(rows) else ""  # which breaks the line
        yield f"{head}{formula}${f' — {notes}' if notes else ''}{ending}"


def _rows(sides: Sequence[Side]) -> Iterator[list[Side]]:
    """Sides up to the next with something to say about it."""
    row: list[Side] = []
    for side in sides:
        row.append(side)
        if side.notes:
            yield row
            row = []
    if row:
        yield row
