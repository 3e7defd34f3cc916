"""The forward values and gradients of a formula's nodes as a table: what the picture of its graph shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from matcalc.graph.node import Node
from matcalc.naming import names_of
from matcalc.pictures.digits import Digits
from matcalc.pictures.graph_picture import shown_nodes
from matcalc.pictures.making import with_numbers
from matcalc.printers.tables.cells import LARGE, Cell, Scribe, words
from matcalc.reading import Reading

_SHOWN = 9  # entries of an array that are printed


@dataclass(frozen=True)
class ValueRow:
    """One node: its formula, its value and its gradient, an array each; None where it has no gradient."""

    node: Node
    formula: Cell
    value: Any
    gradient: Any


@dataclass(frozen=True)
class ValueTable:
    """The rows, operands before the values that are made of them."""

    rows: tuple[ValueRow, ...]
    digits: Digits

    def cells(self, spelling: str = "unicode") -> list[tuple[str, str, str]]:
        """Formula, value and gradient of each row as texts."""
        return [
            (row.formula.text(spelling), self._text(row.value, spelling), self._text(row.gradient, spelling))
            for row in self.rows
        ]

    def as_dict(self) -> list[dict[str, object]]:
        """The same for JSON, with all digits."""
        return [
            {
                "formula": row.formula.as_dict(),
                "value": _listed(row.value),
                "gradient": None if row.gradient is None else _listed(row.gradient),
            }
            for row in self.rows
        ]

    def _text(self, array: Any, spelling: str) -> str:
        cell = words("–", "-", "\\text{--}") if array is None else self.digits.cell(array, _SHOWN)
        return cell.text(spelling)


def _listed(array: Any) -> Any:
    """Nested lists; JSON has no nan and no infinity, which become None."""
    import numpy as np

    return np.asarray(np.where(np.isfinite(array), array, None)).tolist()


def value_table(reading: Reading, arrays: Mapping[str, object], decimals: int = 2) -> ValueTable:
    """The values of a formula's nodes where its variables are ``arrays``, and their gradients.

    Raises ``MatcalcError`` where an array is missing or does not fit.
    """
    nodes = shown_nodes(reading.value)
    numbers, digits = with_numbers(reading, nodes, arrays, decimals)
    scribe = Scribe(
        reading.operations, frozenset(reading.shapes), large=len(nodes) > LARGE, names=names_of(reading)
    )
    rows = (
        ValueRow(node, scribe.definition(node), numbers.values[node], numbers.gradients.get(node))
        for node in nodes
    )
    return ValueTable(tuple(rows), digits)
