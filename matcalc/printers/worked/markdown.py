"""A page as Markdown with LaTeX formulas between dollar signs, as GitHub and Jupyter read it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from matcalc.printers.worked.model import Equation, Page, Piece, Section, Side, Table

_SPECIAL = re.compile(r"([\\`*_{}\[\]()#+!|<>~$&])")
_GREEK_HEADINGS = {"f′": "$f'$", "δ": "$\\delta$"}


def markdown(page: Page) -> str:
    """The page as Markdown; its formulas are LaTeX, so the page's spelling must be ``latex``."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: Page) -> Iterator[str]:
    yield f"### {_line((*page.title, Piece(' '), *page.caption)).rstrip()}"
    if page.table is not None:
        yield ""
        yield from _table(page.table)
    for section in page.sections:
        yield ""
        yield f"**{_line(section.title)}**"
        yield ""
        yield from _section(section)
    if page.legend:
        yield ""
        yield _line(page.legend)


def _line(pieces: Sequence[Piece]) -> str:
    return "".join(map(_piece, pieces))


def _piece(piece: Piece) -> str:
    if piece.kind == "math":
        return f"${_math(piece.text)}$"
    return f"`{piece.text}`" if piece.kind == "code" else _SPECIAL.sub(r"\\\1", piece.text)


def _math(text: str) -> str:
    """LaTeX that Markdown leaves alone: in a table a bar would end the cell."""
    return text.replace("|", "\\vert ").replace("\n", " ")


def _table(table: Table) -> Iterator[str]:
    yield f"| {' | '.join(map(_heading, table.headings))} |"
    yield "|" + " --- |" * len(table.headings)
    for place, row in enumerate(table.rows):
        if place == table.place:
            yield f"| … {table.left_out} more |" + " |" * (len(table.headings) - 1)
        yield f"| {' | '.join(map(_piece, row))} |"


def _heading(text: str) -> str:
    for sign, formula in _GREEK_HEADINGS.items():
        text = text.replace(sign, formula)
    return text


def _section(section: Section) -> Iterator[str]:
    """A list with an equation an item."""
    for place, equation in enumerate(section.equations):
        if place == section.place:
            yield f"- … {section.left_out} more"
        yield from _equation(equation)


def _equation(equation: Equation) -> Iterator[str]:
    start = f"{_line(equation.before)}: " if equation.before else ""
    left = f"{_math(equation.left)} = " if equation.left else ""
    for place, row in enumerate(_rows(equation.sides)):
        formula = " = ".join(_math(side.text) for side in row)
        notes = "; ".join(dict.fromkeys(_line(note) for side in row for note in side.notes))
        head = f"- {start}${left}" if place == 0 else "  ${} = "
        yield (
            f"{head}{formula}$"
            + (f" — {notes}" if notes else "")
            + ("  " if place + 1 < len(equation.sides) else "")
        )


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
