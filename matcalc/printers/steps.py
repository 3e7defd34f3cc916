"""The steps of a derivation: its layer table, and the derivation as text, Markdown, LaTeX and HTML."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcalc.graph.node import Node
from matcalc.printers.tables.cells import LARGE, Cell, Scribe, count, placeholder
from matcalc.printers.tables.network import LayerRow, NetworkTable
from matcalc.printers.tables.nodes import NodeRow, NodeTable
from matcalc.printers.tables.uses import Use, UseWriter, added, nabla
from matcalc.steps.table import table_of
from matcalc.steps.uses import RawUse

if TYPE_CHECKING:
    from matcalc.derivation import Derivation
    from matcalc.printers.worked.model import Page

_KEYS = {
    "network": ("layer", "weight", "activation", "derivative", "delta", "input", "worked_out"),
    "graph": ("layer", "value", "shape", "rule", "delta"),
}


@dataclass(frozen=True)
class Steps:
    """The layer table of a derivation, and the derivation itself: ``str`` of it, ``markdown``, ``latex``, ``html``.

    ``kind`` is ``"network"`` where the formula is a layered network (rows are ``LayerRow``: layer, weight,
    activation, derivative, delta, input and δ worked out), else ``"graph"`` (rows are ``NodeRow``, one for
    each node: layer, value, shape, rule, delta).  ``contributions`` are those of each use of the variable,
    which add up to ``result``. Rows come by iteration, the highest layer first.  Formulas are written when
    they are asked for.
    """

    derivation: Derivation = field(repr=False)
    kind: str
    formula: Cell
    variable: Cell
    columns: tuple[str, ...]
    rows: tuple[LayerRow, ...] | tuple[NodeRow, ...]
    contributions: tuple[Use, ...]
    forms: tuple[Cell, ...]
    result: Cell
    objective: Cell | None = None
    projection: tuple[Cell, Cell, Cell] | None = (
        None  # the letter of the ambient gradient, itself, the projection
    )

    def __iter__(self) -> Iterator[LayerRow | NodeRow]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, place: int) -> LayerRow | NodeRow:
        return self.rows[place]

    def sum_line(self, spelling: str = "unicode") -> str:
        """The gradient as the sum of the contributions; where it is projected, that of the ambient gradient first."""
        forms = dict.fromkeys(form.text(spelling) for form in self.forms)
        gradient = nabla(self.variable.text(spelling), spelling)
        if self.projection is None:
            return " = ".join([gradient, *forms])
        letter, ambient, rule = (cell.text(spelling) for cell in self.projection)
        sums = dict.fromkeys([*list(forms)[:-1], ambient])
        lines = [" = ".join([letter, *sums]), " = ".join([gradient, rule, self.result.text(spelling)])]
        return "\n".join(lines)

    def lines(self, spelling: str = "unicode") -> list[str]:
        """What stands below the table: one line for each use of the variable, and their sum."""
        return [*(use.text(spelling) for use in self.contributions), self.sum_line(spelling)]

    def headings(self, spelling: str = "unicode") -> tuple[str, ...]:
        """The names of the columns."""
        if spelling != "ascii":
            return self.columns
        return tuple(column.replace("f′", "f'").replace("δ", "delta") for column in self.columns)

    def as_dict(self) -> dict[str, object]:
        """The same for JSON; a formula is a dict of its texts by spelling."""
        return {
            "kind": self.kind,
            "formula": self.formula.as_dict(),
            "variable": self.variable.as_dict(),
            "columns": list(self.columns),
            "objective": None if self.objective is None else self.objective.as_dict(),
            "rows": [_row_as_dict(self.kind, row) for row in self.rows],
            "contributions": [use.as_dict() for use in self.contributions],
            "result": self.result.as_dict(),
            **(
                {}
                if self.projection is None
                else {"projection": [cell.as_dict() for cell in self.projection]}
            ),
        }

    # The derivation --------------------------------------------------------------------------------------------

    def page(self, spelling: str = "unicode", verbose: bool = False) -> Page:
        """The derivation as a page of sections: values, deltas with their rules, uses, their sum, with reasons."""
        from matcalc.printers.worked.page import page_of

        return page_of(self.derivation, self, spelling, verbose)

    def plain(self, spelling: str = "unicode", verbose: bool = False) -> str:
        """The derivation as plain text, in Unicode or ASCII; ``verbose`` shows every layer and simplification."""
        from matcalc.printers.worked.text import text

        return text(self.page(spelling, verbose))

    def markdown(self, verbose: bool = False, titled: bool = True) -> str:
        """The derivation as Markdown, with LaTeX between dollar signs; not ``titled``, a part of a document."""
        from matcalc.printers.worked.markdown import markdown

        return markdown(self.page("latex", verbose), titled)

    def latex(self, verbose: bool = False, titled: bool = True) -> str:
        """The derivation as a piece of LaTeX, which needs amsmath; not ``titled``, a part of a document."""
        from matcalc.printers.worked.latex import latex

        return latex(self.page("latex", verbose), titled)

    def html(self, verbose: bool = False) -> str:
        """The derivation as a whole HTML document, which needs nothing else."""
        from matcalc.printers.worked.html import document

        return document([self.page("unicode", verbose)])

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """How Jupyter shows steps: as HTML."""
        from matcalc.jupyter import steps_bundle

        return steps_bundle(self)

    def __str__(self) -> str:
        return self.plain()

    def __repr__(self) -> str:
        return self.plain()


def layer_table(derivation: Derivation) -> Steps:
    """The layer table of a derivation: of the network that the formula is, or of its graph node by node."""
    reading, names = derivation.reading, derivation.names
    graph, operations = reading.graph, reading.operations
    shown = table_of(derivation)
    scribe = Scribe(operations, shown.taken, large=count(derivation.value) > LARGE, names=names)
    network = None if shown.network is None else NetworkTable(shown.network, scribe)
    rows: tuple[LayerRow, ...] | tuple[NodeRow, ...]
    if network is None:
        rows = NodeTable(shown.nodes, operations, scribe).rows(shown.deltas)
        symbols = _deltas_at(derivation.value, shown.uses, derivation, scribe)
    else:
        rows = network.rows(shown.deltas, shown.derivatives, shown.slopes)
        symbols = network.symbols
    below = {node: delta for node, delta in shown.deltas.items() if node is not derivation.value}
    writer = UseWriter(scribe, graph, operations, symbols, below)
    result = scribe.formula(derivation.named)
    letter = "" if shown.network is None else shown.network.letter
    return Steps(
        derivation,
        "graph" if network is None else "network",
        scribe.formula(names.body(derivation.value)),
        scribe.formula(derivation.variable),
        _columns(letter),
        rows,
        writer.uses(shown.uses, shown.values),
        (*(scribe.sketch(node) for node in added(shown.values, graph)), result),
        result,
        None if network is None else network.objective(),
        None if shown.ambient is None else _projection(derivation, shown.ambient, scribe),
    )


def _projection(derivation: Derivation, ambient: Node, scribe: Scribe) -> tuple[Cell, Cell, Cell]:
    assert derivation.projection is not None
    cells = (derivation.projection.symbol, ambient, derivation.projection.rule)
    letter, gradient, rule = (scribe.sketch(node) for node in cells)
    return (letter, gradient, rule)


def _deltas_at(
    root: Node, uses: Sequence[RawUse], derivation: Derivation, scribe: Scribe
) -> dict[Node, Node]:
    """A placeholder δ for each operation that uses the variable, except for the top, whose delta is 1."""
    symbols = {}
    for use in uses:
        user = use.contribution.user
        if user is not root:
            symbols[user] = derivation.reading.graph.variable(f"delta({user.id})", user.shape)
            scribe.symbols[symbols[user]] = placeholder("delta", None)
    return symbols


def _columns(letter: str) -> tuple[str, ...]:
    """The titles of a network, where ``letter`` stands for inputs, or of a graph."""
    if letter:
        return ("layer", "weight", "activation f", "f′", "δ", f"input {letter}", "δ worked out")
    return ("layer", "value", "shape", "local rule", "delta")


def _row_as_dict(kind: str, row: LayerRow | NodeRow) -> dict[str, object]:
    cells = zip(_KEYS[kind][1:], row.cells()[1:], strict=True)
    return {"layer": row.layer, **{key: cell.as_dict() for key, cell in cells}}
