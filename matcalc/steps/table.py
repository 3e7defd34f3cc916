"""What a layer table shows, worked out: the network that a formula is, or its nodes, with simplified deltas."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcalc.graph.node import Node, topological, variables
from matcalc.steps.chain import find_chain
from matcalc.steps.layers import Network
from matcalc.steps.uses import RawUse, raw_uses

if TYPE_CHECKING:
    from matcalc.derivation import Derivation


@dataclass(frozen=True)
class Table:
    """``network`` is None where the formula is no layered network; its ``nodes`` are then shown, highest layer first.

    ``deltas`` are the simplified deltas by the value at which they arrive, ``slopes`` and ``derivatives`` those of the
    network's layers.  ``values`` are the simplified contributions of ``uses``, ``ambient`` the gradient in free entries
    where the result is its projection.  ``taken`` are names that placeholders must differ from.
    """

    network: Network | None
    nodes: tuple[Node, ...]
    deltas: Mapping[Node, Node]
    derivatives: tuple[Node, ...]
    slopes: tuple[Node, ...]
    uses: tuple[RawUse, ...]
    values: tuple[Node, ...]
    ambient: Node | None
    taken: frozenset[str]


def table_of(derivation: Derivation) -> Table:
    """The table of a derivation; all that is simplified for it is simplified in one call."""
    reading, names, swept = derivation.reading, derivation.names, derivation.sweep
    graph, operations = reading.graph, reading.operations
    taken = taken_names(derivation)
    uses = raw_uses(derivation.variable, swept, graph, operations)
    chain = find_chain(derivation.value, derivation.variable, graph, operations)
    network = None if chain is None else Network(chain, graph, operations, taken)
    nodes: list[Node] = []
    if network is None:
        nodes = sorted(topological([derivation.value]), key=lambda node: (-node.layer, node.id))
        reached = [node for node in nodes if swept and node in swept.deltas]
        unsimplified = [swept.deltas[node] for node in reached] if swept else []
    else:
        reached = [layer.input for layer in network.layers]
        unsimplified = network.unsimplified
    ambient = [derivation.ambient] if derivation.projection and derivation.ambient else []
    wanted = [*unsimplified, *ambient, *(use.delta for use in uses)]
    found = names.simplify(wanted, operations, [derivation.value]) if wanted else []
    rows, rest = found[: len(unsimplified)], found[len(unsimplified) :]
    each = 1 if network is None else 3
    return Table(
        network,
        tuple(nodes),
        dict(zip(reached, rows[::each], strict=True)),
        () if network is None else tuple(rows[1::3]),
        () if network is None else tuple(rows[2::3]),
        tuple(uses),
        tuple(rest[len(ambient) :]),
        rest[0] if ambient else None,
        taken,
    )


def taken_names(derivation: Derivation) -> frozenset[str]:
    """The names that have a meaning in a derivation."""
    known = (*variables([derivation.value]), derivation.variable)
    return frozenset(str(node.data) for node in known) | derivation.names.by_name.keys()
