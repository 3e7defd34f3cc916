"""The second pass of reading: drafts whose sizes are all known become nodes."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence

from matcalc.graph.axes import DraftShape
from matcalc.graph.draft import Draft
from matcalc.graph.node import SCALAR, Graph, Node, Shape


def make_nodes(drafts: Sequence[Draft], sized: Mapping[DraftShape, Shape], graph: Graph) -> dict[Draft, Node]:
    """The nodes of drafts, operands first; ``sized`` are their shapes with known sizes."""
    nodes: dict[Draft, Node] = {}
    for piece in drafts:
        args = tuple(map(nodes.__getitem__, piece.args))
        nodes[piece] = piece.node or _node(piece, args, sized[piece.shape], graph)
    return nodes


def names_of_values(
    defined: Mapping[str, Draft], nodes: Mapping[Draft, Node], graph: Graph, of_samples: bool
) -> dict[Node, str]:
    """The names of the values of definitions, in the order of use; of a batch, with the index of a sample."""
    values = set(nodes.values()) if of_samples else set()
    names: dict[Node, str] = {}
    for name, piece in defined.items():
        node = nodes.get(piece) or (_of_samples(piece, nodes, values, graph) if of_samples else None)
        if node is not None and not _is_leaf(node):
            names.setdefault(node, name)
    return names


def sizes_of(shape: DraftShape) -> Shape:
    """The shape whose sizes are all known."""
    return tuple(None if axis is None else axis.size for axis in shape)


def _node(piece: Draft, args: tuple[Node, ...], shape: Shape, graph: Graph) -> Node:
    """The node of a draft.  𝟏 and vector(1) are one value, and so are its sum and its size, the n of a mean."""
    if piece.op == "ones":
        return graph.node("fill", (graph.number(1),), shape)
    if piece.op == "sum" and _is_ones(args[0]):
        return graph.node("size", (), SCALAR, args[0].shape[0])
    return graph.node(piece.op, args, shape, piece.known_data())


def _is_ones(node: Node) -> bool:
    """Whether a value is a vector of ones."""
    return node.op == "fill" and node.shape[1] is None and node.args[0].data == 1


def _of_samples(
    piece: Draft, nodes: Mapping[Draft, Node], values: Container[Node], graph: Graph
) -> Node | None:
    """The node of a definition of a batch, which stands among the values with the index of a sample: hᵢ for H."""
    if len(piece.shape) > 2 or not piece.args or any(arg not in nodes for arg in piece.args):
        return None
    node = _node(piece, tuple([nodes[arg] for arg in piece.args]), sizes_of(piece.shape), graph)
    return node if node in values else None


def _is_leaf(node: Node) -> bool:
    """Whether a name for a value says no more than the value: a variable, its transpose, a number."""
    return not node.args or (node.op == "transpose" and not node.args[0].args)
