"""Formulas as layered networks, as in "Deriving gradients using the backpropagation idea" (UFLDL).

Such a formula adds up the activations of a last layer, and each layer applies a weight matrix, or a function
of each entry, to the activations of the layer before.  The source gives every operation a layer of its own: a
product with W is the layer (weight W, activation zᵢ), a function f the layer (weight I, activation f); the
last layer has no weight.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matcalc.graph.node import SCALAR, Graph, Node, topological
from matcalc.operations import Operation, Operations

_TOTALS = frozenset(["sum", "sumsq", "norm1"])
_LEAVES = frozenset(["variable", "identity", "ones", "number", "pi", "size"])


@dataclass(frozen=True)
class Stage:
    """One operation of a chain.

    ``node`` is its value, ``positions`` where its operands are the value that comes from below; ``weight`` is
    the matrix of a product, on the right of the value where ``right``.
    """

    node: Node
    positions: tuple[int, ...]
    weight: Node | None = None
    right: bool = False

    @property
    def input(self) -> Node:
        """The value that comes from below."""
        return self.node.args[self.positions[0]]


@dataclass(frozen=True)
class Chain:
    """A network: ``stages`` from the input up, and ``total``, which adds up the last activations.

    ``above`` holds the factors in front of ``total``, from the top down.
    """

    stages: tuple[Stage, ...]
    above: tuple[Stage, ...]
    total: Node


def find_chain(root: Node, variable: Node, graph: Graph, operations: Operations) -> Chain | None:
    """The network that a formula is, or None where it is none that the sources' scheme covers."""
    active = _depending(root, variable)
    above = _factors(root, active)
    if above is None:
        return None
    top = above[-1].input if above else root
    stages: list[Stage] = []
    current = top.args[0]
    if top.op != "sum":
        stages.append(_square_or_size(top, graph))
    while True:
        stage = _stage(current, active, operations)
        if stage is None:
            break
        stages.append(stage)
        current = stage.input
    if current in active and not _simple(current):
        return None
    if not stages or _tangled(stages, current):
        return None
    return Chain(tuple(reversed(stages)), tuple(above), top)


def _depending(root: Node, variable: Node) -> set[Node]:
    """The nodes whose value depends on the variable."""
    active = {variable}
    for node in topological([root]):
        if any(arg in active for arg in node.args):
            active.add(node)
    return active


def _factors(root: Node, active: set[Node]) -> list[Stage] | None:
    """The numbers and scalars in front of the sum, from the top down."""
    above: list[Stage] = []
    node = root
    while node.op not in _TOTALS:
        if node.op not in ("scale", "over", "neg"):
            return None
        place = 0
        if node.op == "scale" and node.args[1].op in (*_TOTALS, "scale", "over", "neg"):
            place = 1
        if not all(_fixed(arg, active) for i, arg in enumerate(node.args) if i != place):
            return None
        above.append(Stage(node, (place,)))
        node = node.args[place]
    return above


def _square_or_size(top: Node, graph: Graph) -> Stage:
    """The last activation of ‖z‖² or ‖z‖₁, which are Σz² and Σ|z|."""
    value = top.args[0]
    if top.op == "norm1":
        return Stage(graph.node("abs", (value,), value.shape), (0,))
    return Stage(graph.node("intpower", (value, graph.number(2)), value.shape), (0,))


def _stage(node: Node, active: set[Node], operations: Operations) -> Stage | None:
    """The last operation of a value, if it is a product with a weight or a function of each entry."""
    if node.op == "matmul":
        return _product(node, active)
    operation = operations.by_name.get(node.op)
    if operation is None or not entrywise(operation):
        return None
    stage = _function(node, active)
    if stage is None or any(operation.operands[place] not in operation.deltas for place in stage.positions):
        return None
    return stage


def entrywise(operation: Operation) -> bool:
    """Whether an operation is a function of each entry, perhaps with scalars."""
    patterns = [pattern for _, pattern in operation.takes]
    if operation.elementwise:
        return True
    arrays = [pattern for pattern in patterns if pattern != SCALAR]
    return len(arrays) == 1 and operation.gives == arrays[0] == ("rows", "columns")


def _simple(node: Node) -> bool:
    """A leaf, or its transpose, or a scalar leaf in every entry."""
    return node.op in _LEAVES or (node.op in ("transpose", "fill") and node.args[0].op in _LEAVES)


def _fixed(node: Node, active: set[Node]) -> bool:
    """Whether a value may stand beside the chain: it is constant, a leaf, or a product of two leaves."""
    return node not in active or _simple(node) or (node.op == "matmul" and all(map(_simple, node.args)))


def _product(node: Node, active: set[Node]) -> Stage | None:
    """A weight and the activations: the weight stands on the left if it can."""
    left, right = node.args
    vector = right.shape[1] is None
    if _simple(left) or (vector and left not in active):
        return Stage(node, (1,), left)
    if _simple(right):
        return Stage(node, (0,), right, right=True)
    if left not in active:
        return Stage(node, (1,), left)
    if right not in active:
        return Stage(node, (0,), right, right=True)
    return None


def _function(node: Node, active: set[Node]) -> Stage | None:
    """A function of each entry: what comes from below is what depends on the variable, else what is deepest.

    Between two leaves it is the variable.
    """
    arrays = [
        arg
        for arg in dict.fromkeys(node.args)
        if arg.op != "fill" and (arg.shape != SCALAR or node.shape == SCALAR)
    ]
    if not arrays:
        return None
    below = max(arrays, key=lambda arg: (not _fixed(arg, active), arg.layer, _simple(arg) and arg in active))
    if not all(_fixed(arg, active) for arg in node.args if arg is not below):
        return None
    return Stage(node, tuple(i for i, arg in enumerate(node.args) if arg is below))


def _tangled(stages: list[Stage], start: Node) -> bool:
    """Whether a layer's value is used beside the chain too, so that its delta would not be the chain's."""
    values = {stage.node for stage in stages} | ({start} if start.args and not _simple(start) else set())
    beside = [arg for stage in stages for i, arg in enumerate(stage.node.args) if i not in stage.positions]
    return any(node in values for node in topological(beside))


def scalar_form(stage: Stage, entries: Mapping[Node, Node], graph: Graph) -> Node:
    """The function of each entry that a stage is, in scalars: ``entries`` gives each operand's entry."""
    node = stage.node
    args = tuple(entries[arg] for arg in node.args)
    if node.op == "hadamard" and args[0] is args[1]:
        return graph.node("intpower", (args[0], graph.number(2)), SCALAR)
    if node.op == "hadamard":
        return graph.node("scale", args, SCALAR)
    op = {"eldivide": "over", "elpower": "power"}.get(node.op, node.op)
    return graph.node(op, args, SCALAR, node.data)
