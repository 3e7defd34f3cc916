"""Tables for the terminal, drawn by rich.  Rich is slow to import: only commands that print a table import this."""

from __future__ import annotations

import io
import shutil
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich import box
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from matcalc.operations import ANY, Operation, Operations, Pattern

if TYPE_CHECKING:
    from matcalc.verification.rules import RuleReport

_WIDE = 1000
_LONGEST_RULE = 48


def rendered(table: RenderableType, encoding: str = "utf-8") -> str:
    """A table as text: folded to the terminal's width, or, in a file or a pipe, as wide as it needs to be.

    With the encoding ``ascii`` its lines are drawn in ASCII.
    """
    width = shutil.get_terminal_size().columns if sys.stdout.isatty() else _WIDE
    page = io.BytesIO()
    paper = io.TextIOWrapper(page, encoding, errors="backslashreplace", newline="\n")
    Console(file=paper, width=width, highlight=False, emoji=False, markup=False).print(table)
    paper.flush()
    return "\n".join(line.rstrip() for line in page.getvalue().decode(encoding).splitlines())


def operations_table(operations: Operations) -> str:
    """One row an operation: how it is read, its signature, its delta rules, its domain and its file."""
    rows = [
        (
            operation.name,
            ", ".join(operation.reads),
            f"{', '.join(map(_operand, operation.takes))} → {_result(operation)}",
            "; ".join(f"{operand}: {rule}" for operand, rule in operation.deltas.items()),
            operation.domain or "",
            _file(operation.source),
        )
        for operation in operations.by_name.values()
    ]
    return _table(("operation", "reads as", "takes → gives", "delta rules", "domain", "file"), rows)


def reports_table(reports: Iterable[RuleReport]) -> str:
    """One row a rule: what it says, whether it agrees with finite differences, and the largest relative error."""
    rows = [(r.name, _shortened(r.rule), r.verdict, _figure(r.check.error), _file(r.source)) for r in reports]
    return _table(("rule", "says", "verdict", "error", "file"), rows)


def values_table(rows: Iterable[tuple[str, str, str]], ascii: bool = False) -> str:
    """One row a node: its formula, its forward value in green and its gradient in red."""
    table = Table(box=box.ASCII if ascii else box.SIMPLE_HEAD, pad_edge=False)
    for heading, colour in (("node", ""), ("value", "green"), ("gradient", "red")):
        table.add_column(Text(heading), overflow="fold", style=colour)
    for row in rows:
        table.add_row(*map(Text, row))
    return rendered(table, "ascii" if ascii else "utf-8").strip("\n")


def _shortened(rule: str) -> str:
    return rule if len(rule) <= _LONGEST_RULE else rule[: _LONGEST_RULE - 1] + "…"


def _table(columns: Iterable[str], rows: Iterable[tuple[str, ...]]) -> str:
    table = Table(*columns, box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False)
    for row in rows:
        table.add_row(*map(Text, row))
    return rendered(table)


def _operand(operand: tuple[str, Pattern]) -> str:
    name, pattern = operand
    return name if pattern == ANY else f"{name}: {_shape(pattern)}"


def _result(operation: Operation) -> str:
    like = next((name for name, pattern in operation.takes if pattern == operation.gives), None)
    return like if like is not None and operation.gives == ANY else _shape(operation.gives)


def _shape(pattern: Pattern) -> str:
    return "×".join(letter for letter in pattern if letter) or "scalar"


def _figure(error: float | None) -> str:
    return "" if error is None else f"{error:.0e}"


def _file(source: str) -> str:
    return source.replace("\\", "/").rpartition("/")[2]
