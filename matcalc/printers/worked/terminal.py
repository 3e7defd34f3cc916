"""A page for the terminal, drawn by rich, which is slow to import: only what prints to a terminal imports this."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from matcalc.printers.worked.model import Page
from matcalc.printers.worked.text import below, headline, more, plain

_STYLES = {"title": "bold", "note": "dim", "math": "", "": ""}


def renderable(page: Page, room: int) -> Group:
    """The page as something that rich prints in lines of ``room`` characters; a table is folded to them."""
    parts: list[RenderableType] = [Text(headline(page), "bold")]
    if page.table is not None:
        table = Table(box=box.ASCII2 if page.spelling == "ascii" else box.SIMPLE_HEAD, pad_edge=False)
        for heading in page.table.headings:
            table.add_column(Text(plain(heading)), overflow="fold")
        for place, row in enumerate(page.table.rows):
            if place == page.table.place:
                table.add_row(Text(more(page, page.table.left_out, "row"), "dim"))
            table.add_row(*(Text(piece.text) for piece in row))
        parts.append(table)
    for line in below(page, room):
        parts.append(Text.assemble(*((text, _STYLES[style]) for text, style in line)))
    return Group(*parts)
