"""The backward sweep: deltas arrive at a node, its rule turns their sum into a delta for each operand.

Rumelhart, Hinton & Williams (1986) in the form of UFLDL, "Deriving gradients using the backpropagation idea": what
meets at a node is added, so a weight that is used twice, as W and Wᵀ in ‖WᵀWx − x‖², gets two contributions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from matcalc.deltas.contraction import contraction_delta
from matcalc.errors import DerivationProblem
from matcalc.graph.node import Graph, Node, topological
from matcalc.graph.template import instantiate, operands
from matcalc.operations import Operations


class Contribution(NamedTuple):
    """What one use of a node sends back to it: ``user`` has the node as its operand ``operand``."""

    user: Node
    operand: str
    rule: str
    delta: Node


class Sweep(NamedTuple):
    """The deltas of one backward sweep, and the contributions that each is the sum of."""

    deltas: dict[Node, Node]
    contributions: dict[Node, list[Contribution]]


def sweep(root: Node, targets: Sequence[Node], seed: Node, graph: Graph, operations: Operations) -> Sweep:
    """Send ``seed``, the delta of ``root``, back to ``targets``; every node between them gets its delta.

    Raises ``DerivationProblem`` where an operation on the way has no rule.
    """
    order = topological([root])
    active = _active(order, targets)
    deltas: dict[Node, Node] = {}
    contributions: dict[Node, list[Contribution]] = {}
    for node in reversed(order):
        if node not in active:
            continue
        if node is root:
            deltas[node] = seed
        else:
            if len(contributions[node]) > 1:
                contributions[node].sort(key=lambda contribution: contribution.user.id)
            deltas[node] = _added(contributions[node], graph)
        if node.args:
            for operand, contribution in _contributions(node, deltas[node], active, graph, operations):
                contributions.setdefault(operand, []).append(contribution)
    return Sweep(deltas, contributions)


def _active(order: Sequence[Node], targets: Sequence[Node]) -> set[Node]:
    """The nodes whose value depends on a target."""
    active = set(targets)
    for node in order:
        if not active.isdisjoint(node.args):
            active.add(node)
    return active


def _contributions(
    node: Node, delta: Node, active: set[Node], graph: Graph, operations: Operations
) -> list[tuple[Node, Contribution]]:
    """The deltas that the rule of a node's operation sends to its operands."""
    if node.op == "contract":
        return [
            (
                operand,
                Contribution(node, str(place), "contract", contraction_delta(node, delta, place, graph)),
            )
            for place, operand in enumerate(node.args)
            if operand in active
        ]
    operation = operations[node.op]
    bound = {**operands(node, operations, graph), "D": delta}
    sent = []
    for (name, _), operand in zip(operation.takes, node.args, strict=True):
        if operand not in active:
            continue
        rule = operation.deltas.get(name)
        if rule is None:
            raise DerivationProblem(f"there is no delta rule for the operand {name} of `{operation.name}`")
        sent.append(
            (operand, Contribution(node, name, rule, _delta(rule, bound, operand, graph, operations)))
        )
    return sent


def _delta(rule: str, bound: dict[str, Node], operand: Node, graph: Graph, operations: Operations) -> Node:
    if rule == "D" and bound["D"].shape == operand.shape:  # sums pass their delta on
        return bound["D"]
    return instantiate(rule, bound, graph, operations, operand.shape)


def _added(contributions: Sequence[Contribution], graph: Graph) -> Node:
    """The sum of the deltas that meet at a node."""
    total = contributions[0].delta
    for contribution in contributions[1:]:
        total = graph.node("add", (total, contribution.delta), total.shape)
    return total
