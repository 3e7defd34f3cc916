"""The delta rule of contractions: the delta takes the operand's place, and the subscripts stay."""

from __future__ import annotations

from matcalc.graph.node import Graph, Node
from matcalc.graph.subscripts import Subscripts


def contraction_delta(node: Node, delta: Node, place: int, graph: Graph) -> Node:
    """The delta that a contraction sends to its operand at ``place``.

    The gradient of Σ D[o] A[a] B[b]… in A is D[o] B[b]… with the free indices a (Laue, Mitterreiter & Giesen, 2020,
    theorem 8).  Where a repeats an index, as in the diagonal A[i,i], an identity holds its entries together.
    """
    subscripts = node.data
    assert isinstance(subscripts, Subscripts)
    operand = node.args[place]
    own: list[object] = []
    identities = []
    for position, index in enumerate(subscripts.inputs[place]):
        if index in own:
            repeated = ("again", position)
            size = operand.shape[position]
            identities.append((graph.node("identity", (), (size, size)), (index, repeated)))
            own.append(repeated)
        else:
            own.append(index)
    others = [each for each in range(len(node.args)) if each != place]
    args = (delta, *(node.args[each] for each in others), *(identity for identity, _ in identities))
    inputs = [subscripts.output, *(subscripts.inputs[each] for each in others)]
    inputs += [pair for _, pair in identities]  # type: ignore[misc]
    return graph.node("contract", args, operand.shape, Subscripts.of(inputs, own))
