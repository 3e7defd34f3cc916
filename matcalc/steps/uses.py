"""The uses of a variable, before they are written: which operation uses it, and what that one's rule sends back."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.deltas.contraction import contraction_delta
from matcalc.deltas.sweep import Contribution, Sweep
from matcalc.graph.node import Graph, Node
from matcalc.graph.template import instantiate, operands
from matcalc.operations import Operations

WRAPPERS = frozenset(
    ["transpose", "fill"]
)  # a use of Wᵀ, or of a scalar in every entry, is one of the variable


@dataclass(frozen=True)
class RawUse:
    """A use before simplification: ``wrapper`` is the transpose or fill that it goes through."""

    contribution: Contribution
    through: Node
    wrapper: Contribution | None
    delta: Node


def send(user: Node, position: int, delta: Node, graph: Graph, operations: Operations) -> Node:
    """What the rule of an operation sends to one operand when ``delta`` arrives."""
    if user.op == "contract":
        return contraction_delta(user, delta, position, graph)
    operation = operations[user.op]
    bound = {**operands(user, operations, graph), "D": delta}
    operand = user.args[position]
    return instantiate(
        operation.deltas[operation.operands[position]], bound, graph, operations, operand.shape
    )


def raw_uses(variable: Node, swept: Sweep | None, graph: Graph, operations: Operations) -> list[RawUse]:
    """The uses of a variable, those nearest to the top first, as the sweep meets them."""
    if swept is None:
        return []
    found: list[RawUse] = []
    for contribution in swept.contributions.get(variable, []):
        wrapper = contribution.user
        if wrapper.op in WRAPPERS and wrapper in swept.contributions:
            for inner in swept.contributions[wrapper]:
                delta = send(wrapper, 0, inner.delta, graph, operations)
                found.append(RawUse(inner, wrapper, contribution, delta))
        else:
            found.append(RawUse(contribution, variable, None, contribution.delta))
    return sorted(found, key=lambda use: -use.contribution.user.id)
