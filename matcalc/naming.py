"""Values that have a name: simplification leaves them alone, so that results print with ``h1`` instead of its text.

A value with a name is put into a formula as a variable of that name, which the index form takes as it takes any
variable.  Delta rules that are written with the operation's own value, ``D .* (1 - Y .* Y)`` for tanh, then print
with the name too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.folding import folded
from matcalc.graph.node import Graph, Node
from matcalc.graph.replace import replaced
from matcalc.index.simplify import simplify
from matcalc.operations import Operations
from matcalc.reading import Reading
from matcalc.structure import NONE, Structures


class Names:
    """The named values of one formula; ``view`` writes them by name, ``open`` writes names as values again.

    ``others`` are further names of values, which formulas may have although ``view`` does not write them;
    ``structures`` says what variables are assumed to be.
    """

    def __init__(
        self,
        names: Mapping[Node, str],
        graph: Graph,
        others: Mapping[Node, str] | None = None,
        structures: Structures = NONE,
    ) -> None:
        self.graph = graph
        self.structures = structures
        self.by_name = {name: node for node, name in names.items()}
        for node, name in (others or {}).items():
            self.by_name.setdefault(name, node)
        self.variables = {node: graph.variable(name, node.shape) for node, name in names.items()}
        self._symmetric_names: dict[bool, frozenset[str]] = {}  # with structures or without
        self._bodies: dict[Node, Node] = {}
        self._closed = dict(self.variables)
        self._opened = {variable: node for node, variable in self.variables.items()}

    def __bool__(self) -> bool:
        return bool(self.variables)

    def view(self, nodes: Sequence[Node]) -> list[Node]:
        """Nodes with variables in place of the named values in them."""
        return replaced(nodes, self._closed, self.graph) if self.variables else list(nodes)

    def body(self, node: Node) -> Node:
        """What a named value is made of, in terms of other names."""
        found = self._bodies.get(node)
        if found is None:
            found = self.graph.node(node.op, tuple(self.view(node.args)), node.shape, node.data)
            self._bodies[node] = found
        return found

    def open(self, nodes: Sequence[Node]) -> list[Node]:
        """Nodes with the named values in place of their names."""
        return replaced(nodes, self._opened, self.graph) if self.variables else list(nodes)

    def simplify(
        self,
        nodes: Sequence[Node],
        operations: Operations,
        first: Sequence[Node],
        seed: Node | None = None,
        opened: Sequence[Node] = (),
        structured: bool = True,
    ) -> list[Node]:
        """The nodes simplified, with names for the named values.

        ``first``, ``seed`` and ``opened`` are as for ``simplify``.  Without ``structured`` nothing is assumed of
        variables, as it has to be in what is differentiated again: SᵀS is S² only where S is symmetric.
        """
        bodies = {variable: self.body(node) for node, variable in self.variables.items()}
        symmetric = self._symmetric(operations, structured)
        structures = self.structures if structured else NONE
        known = [*self.view(first), *bodies.values()]
        kept = frozenset(self.view(opened))
        results = simplify(
            self.view(nodes), self.graph, operations, known, seed, symmetric, structures, kept, bodies
        )
        shorter = folded(results, bodies, self.graph, symmetric, structures)
        if shorter == results or any(len(node.shape) > 2 for node in shorter):
            return shorter
        return simplify(shorter, self.graph, operations, known, None, symmetric, structures)  # α + α is 2α

    def _symmetric(self, operations: Operations, structured: bool) -> frozenset[str]:
        """The names of the values that equal their transposes."""
        if structured not in self._symmetric_names:
            structures = self.structures if structured else NONE
            found: set[str] = set()
            for name, node in self.by_name.items():
                if len(node.shape) == 2 and None not in node.shape and node.shape[0] == node.shape[1]:
                    body = self.body(node)
                    turned = self.graph.node("transpose", (body,), body.shape)
                    difference = self.graph.node("sub", (body, turned), body.shape)
                    (zero,) = simplify(
                        [difference],
                        self.graph,
                        operations,
                        symmetric=frozenset(found),
                        structures=structures,
                    )
                    if zero.op == "fill" and zero.args[0].data == 0:
                        found.add(name)
            self._symmetric_names[structured] = frozenset(found)
        return self._symmetric_names[structured]

    def used(self, nodes: Sequence[Node]) -> dict[str, Node]:
        """The definitions that formulas with names need, each after those that it needs itself: body by name."""
        found: dict[str, Node] = {}
        seen: set[Node] = set()
        pending = list(nodes)
        while pending:
            node = pending.pop()
            if node in seen:
                continue
            seen.add(node)
            pending.extend(node.args)
            value = self.by_name.get(str(node.data)) if node.op == "variable" else None
            if value is not None:
                found[str(node.data)] = self.body(value)
                pending.append(found[str(node.data)])
        return {name: found[name] for name in self.by_name if name in found}


def names_of(reading: Reading) -> Names:
    """The named values of a formula that was read."""
    return Names(reading.names, reading.graph, structures=reading.structures)
