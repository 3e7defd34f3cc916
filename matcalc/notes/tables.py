"""The steps of a derivation in Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from matcalc.notes.equations import width
from matcalc.notes.escaping import latex_text, markdown_text
from matcalc.printers.tables.cells import NOTHING, Cell
from matcalc.printers.tables.network import LayerRow
from matcalc.printers.tables.nodes import NodeRow

if TYPE_CHECKING:
    from matcalc.printers.steps import Steps

_PAGE = 64  # signs that a table has room for


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
    below = [f"\\item {line}" for line in _sums(steps, "\\({}\\)")]
    end = ["\\begin{itemize}", *below, "\\end{itemize}"] if below else []
    if steps.kind == "network" and _fits(steps):
        return [*_tabular(steps), *end]
    return [*_listed(steps), *end]


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


def _fits(steps: Steps) -> bool:
    columns = zip(*([width(cell.latex()) for cell in row.cells()] for row in steps.rows), strict=True)
    return sum(map(max, columns)) <= _PAGE


def _tabular(steps: Steps) -> list[str]:
    """The table of a network."""
    headings = [_heading(column) for column in steps.headings()]
    rows = [" & ".join(f"\\({_mathematics(cell)}\\)" for cell in row.cells()) for row in steps.rows]
    return [
        "\\begin{center}",
        "\\renewcommand{\\arraystretch}{1.25}",
        f"\\begin{{tabular}}{{{'c' + 'l' * (len(headings) - 1)}}}",
        "\\hline",
        " & ".join(headings) + " \\\\ \\hline",
        *(f"{row} \\\\" for row in rows),
        "\\hline",
        "\\end{tabular}",
        "\\end{center}",
    ]


def _heading(column: str) -> str:
    """The name of a column, its last letter as mathematics: ``activation f``."""
    words, _, letter = column.rpartition(" ")
    if column in ("δ", "f′"):
        return latex_text(column).replace("f\\('\\)", "\\(f'\\)")
    if words and len(letter) == 1:
        return f"{latex_text(words)} \\({letter}\\)"
    return latex_text(column)


def _listed(steps: Steps) -> Iterator[str]:
    """The rows as items of a list."""
    yield "\\begin{description}"
    for row in steps.rows:
        if isinstance(row, LayerRow):
            cells = zip(steps.headings()[1:], row.cells()[1:], strict=True)
            parts = [f"{_heading(name)} \\({_mathematics(cell)}\\)" for name, cell in cells]
            yield f"\\item[{row.layer}] {'; '.join(parts)}."
        else:
            rule = "" if row.rule is NOTHING else f"; rule {latex_rule(row.rule)}"
            delta = "" if row.delta is NOTHING else f"; \\(\\delta = {row.delta.latex()}\\)"
            yield f"\\item[{row.layer}] \\({row.value.latex()}\\), \\({row.shape.latex()}\\){delta}{rule}."
    yield "\\end{description}"


def latex_rule(rule: Cell) -> str:
    """The local rule as the rule file has it."""
    return f"\\texttt{{{latex_text(rule.unicode())}}}"
