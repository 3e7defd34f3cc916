"""The steps of a derivation in Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from matcalc.notes.equations import broken, width
from matcalc.notes.escaping import latex_text, markdown_text
from matcalc.printers.tables.cells import NOTHING, Cell
from matcalc.printers.tables.network import LayerRow
from matcalc.printers.tables.nodes import NodeRow

if TYPE_CHECKING:
    from matcalc.printers.steps import Steps

_PAGE, _SMALL_PAGE = 73, 80  # letters that a table has room for, and one in small print
_BETWEEN = 2  # letters between the columns
_LINE = 69  # letters that an equation has room for


def markdown_steps(steps: Steps) -> list[str]:
    """Lines of Markdown: the layer table, and what each use of the variable contributes."""
    headings = [markdown_text(heading) for heading in steps.headings()]
    return [
        _row(headings),
        _row(["---"] * len(headings)),
        *(_row(list(_markdown_cells(row))) for row in steps.rows),
        "",
        *(f"- {line}" for line in _sums(steps, "${}$")),
    ]


def latex_steps(steps: Steps) -> list[str]:
    """Lines of LaTeX: the layer table, as a list where it is too wide, and what each use contributes."""
    rows = [list(_latex_cells(row)) for row in steps.rows]
    total = sum(max(map(width, column)) + _BETWEEN for column in zip(*rows, strict=True))
    table = _tabular(steps, rows, small=total > _PAGE) if total <= _SMALL_PAGE else _listed(steps)
    return [*table, *_latex_sums(steps)]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _markdown_cells(row: LayerRow | NodeRow) -> Iterator[str]:
    for cell in row.cells():
        if isinstance(row, NodeRow) and cell is row.rule and cell is not NOTHING:
            yield "`" + cell.unicode().replace("|", "\\|") + "`"
        else:
            yield f"${_in_table(cell)}$"


def _in_table(cell: Cell) -> str:
    """The mathematics of a cell, without the bars that would end it."""
    return _mathematics(cell).replace("\\|", "\\Vert ").replace("|", "\\vert ")


def _mathematics(cell: Cell) -> str:
    text = cell.latex()
    return f"\\text{{{text}}}" if text == "N/A" else text


def _sums(steps: Steps, dollars: str) -> Iterator[str]:
    """What each use contributes, and their sum."""
    for use in steps.contributions:
        forms = list(dict.fromkeys(form.latex() for form in use.forms))
        place = "" if use.alone else f" in {dollars.format(use.user.latex())}"
        yield f"through {dollars.format(use.through.latex())}{place}: {dollars.format(' = '.join(forms))}"
    for line in steps.sum_line("latex").split("\n"):
        yield dollars.format(line)


def _latex_cells(row: LayerRow | NodeRow) -> Iterator[str]:
    for cell in row.cells():
        if isinstance(row, NodeRow) and cell is row.rule and cell is not NOTHING:
            yield f"\\texttt{{{latex_text(' '.join(cell.unicode().split()))}}}"
        else:
            yield f"\\({_mathematics(cell)}\\)"


def _tabular(steps: Steps, rows: Sequence[Sequence[str]], small: bool) -> list[str]:
    headings = [_heading(column) for column in steps.headings()]
    return [
        "\\begin{center}",
        *(["\\small"] if small else []),
        "\\renewcommand{\\arraystretch}{1.25}",
        f"\\begin{{tabular}}{{{'c' + 'l' * (len(headings) - 1)}}}",
        "\\hline",
        " & ".join(headings) + " \\\\ \\hline",
        *(f"{' & '.join(row)} \\\\" for row in rows),
        "\\hline",
        "\\end{tabular}",
        "\\end{center}",
    ]


def _heading(column: str) -> str:
    """The name of a column, its letter as mathematics: ``activation f``."""
    if column == "f′":
        return "\\(f'\\)"
    first, _, rest = column.partition(" ")
    if first in ("δ", "delta"):
        return f"\\(\\delta\\) {rest}".strip()
    return f"{first} \\({rest}\\)" if len(rest) == 1 else latex_text(column)


def _listed(steps: Steps) -> list[str]:
    """The rows as items of a list."""
    items = [
        f"\\item[{row.layer}] {_layer(row) if isinstance(row, LayerRow) else _node(row)}."
        for row in steps.rows
    ]
    return ["\\begin{description}", *items, "\\end{description}"]


def _layer(row: LayerRow) -> str:
    deltas = dict.fromkeys(cell.latex() for cell in (row.delta, row.worked_out))
    return "; ".join(
        [
            f"weight \\({_mathematics(row.weight)}\\)",
            f"activation \\(f = {row.activation.latex()}\\), \\(f' = {row.derivative.latex()}\\)",
            f"input \\({row.input.latex()}\\)",
            f"\\(\\delta = {' = '.join(deltas)}\\)",
        ]
    )


def _node(row: NodeRow) -> str:
    _, value, shape, rule, delta = _latex_cells(row)
    parts = [f"{value}, {shape}"]
    parts += [] if row.delta is NOTHING else [f"\\(\\delta = {row.delta.latex()}\\)"]
    parts += [] if row.rule is NOTHING else [f"rule {rule}"]
    return "; ".join(parts)


def _latex_sums(steps: Steps) -> Iterator[str]:
    """What each use contributes, and their sum, each aligned."""
    uses = []
    for use in steps.contributions:
        place = "" if use.alone else f"\\text{{ in }} {use.user.latex()}"
        forms = list(dict.fromkeys(form.latex() for form in use.forms))
        uses.append((f"\\text{{through }} {use.through.latex()}{place}\\colon\\quad", forms))
    sums = [(left, ["", *forms]) for left, *forms in _sides(steps.sum_line("latex"))]
    for block in filter(None, (uses, sums)):
        room = _LINE - max(width(left) for left, _ in block)
        texts = [text for left, forms in block for text in _chain(left, forms, room)]
        yield "\\begin{align*}"
        yield from (f"{text} \\\\" for text in texts[:-1])
        yield texts[-1]
        yield "\\end{align*}"


def _sides(lines: str) -> Iterator[list[str]]:
    return (line.split(" = ") for line in lines.split("\n"))


def _chain(left: str, forms: Sequence[str], room: float) -> Iterator[str]:
    """``left a = b = c`` in lines that fit."""
    line, used = f"{left} &", 0.0
    for number, form in enumerate(forms):
        first, *rest = broken(form, room - 2)
        text = f"= {first}" if number else f"{{-}}{first[1:]}" if first.startswith("-") else first
        if used and used + width(text) > room:
            yield line
            line, used = "&", 0
        line, used = f"{line} {text}".rstrip(), used + width(text)
        for piece in rest:
            yield line
            line, used = f"&\\quad {piece}", width(piece) + 2
    yield line
