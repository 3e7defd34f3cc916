"""The layers of a network: what arrives at each, and the slope of its activation, before anything is simplified.

The scheme is that of "Deriving gradients using the backpropagation idea" (UFLDL), see ``chain``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matcalc.graph.node import SCALAR, Graph, Node, Shape, own_axes
from matcalc.graph.template import instantiate, operands
from matcalc.operations import Operations
from matcalc.steps.chain import Chain, Stage, scalar_form
from matcalc.steps.uses import send


@dataclass(frozen=True)
class Layer:
    """What a layer is made of: ``stage`` is None for an identity put in at the top."""

    number: int
    stage: Stage | None
    input: Node
    delta: Node  # not simplified
    slope: Node  # f′ at the input
    function: Node  # f of the scalar zᵢ
    derivative: Node  # f′ of the scalar zᵢ


class Network:
    """The layers of a chain, from the last to the first.

    ``letter`` and ``delta_letter`` are free for its inputs and deltas; ``entries`` says of which value, and with which
    indices, a placeholder is one entry, such as (Bu)ᵢ.
    """

    def __init__(self, chain: Chain, graph: Graph, operations: Operations, taken: frozenset[str]) -> None:
        self.chain = chain
        self.graph = graph
        self.operations = operations
        self.taken = taken
        self.letter = free_letter("zuvhaq", taken)
        self.delta_letter = free_letter(("delta", "Delta", "d"), taken)
        self.last = len(chain.stages) + (chain.stages[-1].weight is not None)
        self.entries: dict[Node, tuple[Node, str]] = {}
        self.layers = list(self._backward())

    @property
    def unsimplified(self) -> list[Node]:
        """The δs, f′s and slopes, layer by layer."""
        return [node for layer in self.layers for node in (layer.delta, layer.derivative, layer.slope)]

    # Backward -----------------------------------------------------------------------------------------------

    def _backward(self) -> Iterator[Layer]:
        """The layers from the last to the first, each with the δ that arrives at its input."""
        delta = self._top()
        if self.chain.stages[-1].weight is not None:
            top = self.chain.stages[-1].node
            z = self._entry_of_input(top.shape)
            yield Layer(self.last, None, top, delta, self._ones(top.shape), z, self.graph.number(1))
        for number in range(len(self.chain.stages), 0, -1):
            stage = self.chain.stages[number - 1]
            delta = self._sent(stage, delta)
            yield self._layer(number, stage, delta)

    def _top(self) -> Node:
        """The delta that the activations of the last layer get: what stands in front of their sum."""
        delta = self.graph.number(1)
        for stage in self.chain.above:
            delta = self._sent(stage, delta)
        shape = self.chain.stages[-1].node.shape
        return delta if shape == SCALAR else self.graph.node("fill", (delta,), shape)

    def _sent(self, stage: Stage, delta: Node) -> Node:
        sent = [send(stage.node, place, delta, self.graph, self.operations) for place in stage.positions]
        total = sent[0]
        for other in sent[1:]:
            total = self.graph.node("add", (total, other), total.shape)
        return total

    def _layer(self, number: int, stage: Stage, delta: Node) -> Layer:
        z = self._entry_of_input(stage.input.shape)
        one = self.graph.number(1)
        if stage.weight is not None:
            return Layer(number, stage, stage.input, delta, self._ones(stage.input.shape), z, one)
        slope = self._sent(stage, self._ones(stage.node.shape))
        function = scalar_form(stage, self._entries(stage, z), self.graph)
        derivative = self._scalar_derivative(function, z)
        return Layer(number, stage, stage.input, delta, slope, function, derivative)

    def _scalar_derivative(self, function: Node, z: Node) -> Node:
        """f′ of the scalar zᵢ, not simplified."""
        bound = {**operands(function, self.operations, self.graph), "D": self.graph.number(1)}
        operation = self.operations[function.op]
        total: Node | None = None
        for name, arg in zip(operation.operands, function.args, strict=True):
            if arg is z:
                part = instantiate(operation.deltas[name], bound, self.graph, self.operations, SCALAR)
                total = part if total is None else self.graph.node("add", (total, part), SCALAR)
        assert total is not None
        return total

    def _ones(self, shape: Shape) -> Node:
        one = self.graph.number(1)
        return one if shape == SCALAR else self.graph.node("fill", (one,), shape)

    # Entries ------------------------------------------------------------------------------------------------

    def _entry_of_input(self, shape: Shape) -> Node:
        index = _index(shape)
        return self.graph.variable(f"{self.letter}_{index}" if index else self.letter, SCALAR)

    def _entries(self, stage: Stage, z: Node) -> dict[Node, Node]:
        """The entry of each operand that meets zᵢ."""
        entries = {}
        for arg in stage.node.args:
            if arg is stage.input:
                entries[arg] = z
            elif arg.shape == SCALAR:
                entries[arg] = arg
            elif arg.op == "fill":
                entries[arg] = arg.args[0]
            elif arg.op == "ones":
                entries[arg] = self.graph.number(1)
            else:
                entries[arg] = self._entry(arg)
        return entries

    def _entry(self, value: Node) -> Node:
        """A placeholder for one entry of a value, such as xᵢ or (Bu)ᵢ."""
        index = _index(value.shape)
        name = f"{value.data}_{index}"
        if value.op == "variable" and name not in self.taken:
            return self.graph.variable(name, SCALAR)
        entry = self.graph.variable(f"entry_{index}{value.id}", SCALAR)
        self.entries[entry] = (value, index)
        return entry


def _index(shape: Shape) -> str:
    """The indices of an entry."""
    return "ijkl"[: len(own_axes(shape))]


def free_letter(letters: Sequence[str], taken: frozenset[str]) -> str:
    """The first letter that names nothing, else the first."""
    return next((letter for letter in letters if letter not in taken), letters[0])
