"""A page as plain text: equations below each other, what stands beside them in a column of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matcalc.printers.columns import aligned, width
from matcalc.printers.worked.model import Equation, Page, Piece, Section, Side

Line = tuple[tuple[str, str], ...]  # texts, each with its style: title, math, note or nothing

_WIDEST = 64  # characters of an equation beside which notes stand; those of longer ones stand on a line below
_GAP = "   "
_ENDLESS = 10**9


def text(page: Page) -> str:
    """The page as plain text."""
    return "\n".join("".join(part for part, _ in line).rstrip() for line in lines(page))


def lines(page: Page) -> Iterator[Line]:
    """The page line by line, in pieces with styles."""
    yield ((headline(page), "title"),)
    if page.table is not None:
        yield ()
        rows = [[piece.text for piece in row] for row in page.table.rows]
        heading, rule, *table = aligned([[plain(heading) for heading in page.table.headings], *rows])
        yield ((heading, "title"),)
        yield ((rule if page.spelling == "ascii" else rule.replace("-", "─"), "note"),)
        for place, row in enumerate(table):
            if place == page.table.place:
                yield ((more(page, page.table.left_out, "row"), "note"),)
            yield ((row, "math"),)
    yield from below(page)


def headline(page: Page) -> str:
    """The title, and what the table shows."""
    return " ".join([plain(page.title), plain(page.caption)]).rstrip()


def below(page: Page, room: int = _ENDLESS) -> Iterator[Line]:
    """What stands below the table, where a line has ``room`` for so many characters."""
    for section in page.sections:
        yield ()
        yield from _section(section, page, room)
    if page.legend:
        yield ()
        yield ((plain(page.legend), "note"),)
    if page.closing:
        yield ()
        yield from (((line, "title"),) for line in page.closing.split("\n"))


def plain(pieces: Sequence[Piece]) -> str:
    """Pieces without what tells them apart."""
    return "".join(piece.text for piece in pieces)


def more(page: Page, count: int, what: str = "line") -> str:
    """What stands for lines that are left out."""
    dots = "..." if page.spelling == "ascii" else "…"
    return f"{dots} {count} more {what}{'s' if count > 1 else ''}: --verbose shows them"


def _section(section: Section, page: Page, room: int) -> Iterator[Line]:
    yield ((plain(section.title), "title"),)
    before = max((width(_before(each)) for each in section.equations), default=0)
    left = max((width(each.left) for each in section.equations), default=0)
    blocks = [list(_rows(each, before, left, page.verbose)) for each in section.equations]
    fitting = [width(row) for block in blocks for row, notes in block if notes and width(row) <= _WIDEST]
    column = max(fitting, default=0)
    for place, block in enumerate(blocks):
        if place == section.place:
            yield (("  " + more(page, section.left_out), "note"),)
        for row, notes in block:
            if not notes:
                yield ((row, "math"),)
            elif width(row) <= column and column + len(_GAP) + width(notes) <= room:
                yield ((row + " " * (column - width(row)) + _GAP, "math"), (notes, "note"))
            else:
                yield ((row, "math"),)
                yield ((" " * (before + left + 6) + notes, "note"),)


def _before(equation: Equation) -> str:
    text = plain(equation.before)
    return f"{text}: " if text else ""


def _rows(equation: Equation, before: int, left: int, verbose: bool) -> Iterator[tuple[str, str]]:
    """The rows of an equation and the notes beside each; a long one has a row for each side."""
    head = _before(equation)
    head += " " * (before - width(head)) + equation.left + " " * (left - width(equation.left))
    empty = " " * width(head)
    sides = equation.sides
    sign = " = " if equation.left else ""
    whole = f"  {head}{sign}{' = '.join(side.text for side in sides)}"
    if not verbose and width(whole) <= _WIDEST:
        yield whole, _notes(sides)
        return
    for place, side in enumerate(sides):
        start = f"{head}{sign}" if place == 0 else f"{empty}{sign}" if sign else f"{empty[:-2]}= "
        yield f"  {start}{side.text}", _notes([side])


def _notes(sides: Sequence[Side]) -> str:
    return "; ".join(dict.fromkeys(plain(note) for side in sides for note in side.notes))
