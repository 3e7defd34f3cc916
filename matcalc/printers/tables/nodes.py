"""The rows of a graph that is no layered network: one for each node, by layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcalc.graph.node import Node
from matcalc.operations import Operations
from matcalc.printers.escaping import latex_text
from matcalc.printers.tables.cells import NOTHING, Cell, Scribe, shape_cell, words


@dataclass(frozen=True)
class NodeRow:
    """One node: its value, its shape, the delta rules of its operation and the δ that arrives at it."""

    layer: int
    value: Cell
    shape: Cell
    rule: Cell
    delta: Cell

    def cells(self) -> tuple[Cell, ...]:
        """The cells in the order of the columns."""
        return (words(str(self.layer)), self.value, self.shape, self.rule, self.delta)


class NodeTable:
    """Makes the rows of a graph, one for each of its nodes."""

    def __init__(self, nodes: Sequence[Node], operations: Operations, scribe: Scribe) -> None:
        self.nodes = nodes
        self.operations = operations
        self.scribe = scribe

    def rows(self, deltas: Mapping[Node, Node]) -> tuple[NodeRow, ...]:
        """The rows, in the order of the nodes; ``deltas`` are simplified."""
        return tuple(
            NodeRow(
                node.layer,
                self.scribe.definition(node),
                shape_cell(node.shape),
                self._rule(node),
                self.scribe.formula(deltas[node]) if node in deltas else NOTHING,
            )
            for node in self.nodes
        )

    def _rule(self, node: Node) -> Cell:
        """The delta rules of a node's operation, by operand, as the rule file has them."""
        operation = self.operations.by_name.get(node.op)
        if operation is None:
            return NOTHING
        rules = "; ".join(f"{name}: {rule}" for name, rule in operation.deltas.items())
        text = f"{operation.name}  {rules}"
        return words(text, latex=f"\\texttt{{{latex_text(text)}}}")
