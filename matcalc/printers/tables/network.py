"""The rows of a layered network, in the sources' columns: weight, activation, its derivative, δ and input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.graph.algebra import Algebra
from matcalc.graph.node import SCALAR, Graph, Node, Shape, own_axes
from matcalc.graph.template import instantiate, operands
from matcalc.operations import Operations
from matcalc.printers.levels import POSTFIX, PRODUCT, UNIT, Text
from matcalc.printers.spelling import ASCII, UNICODE, Spelling
from matcalc.printers.tables.cells import Cell, Scribe, delta_symbol, spelling_of, words
from matcalc.printers.tables.chain import Chain, Stage, scalar_form
from matcalc.printers.tables.uses import send


@dataclass(frozen=True)
class LayerRow:
    """One layer: weight W, activation f and its derivative, δ as the source writes it, and input z.

    ``worked_out`` is δ simplified; ``delta`` refers to the δ of the layer above, except in the last layer.
    """

    layer: int
    weight: Cell
    activation: Cell
    derivative: Cell
    delta: Cell
    input: Cell
    worked_out: Cell

    def cells(self) -> tuple[Cell, ...]:
        """The cells in the order of the columns."""
        return (
            words(str(self.layer)),
            self.weight,
            self.activation,
            self.derivative,
            self.delta,
            self.input,
            self.worked_out,
        )


@dataclass(frozen=True)
class _Layer:
    """What a layer is made of before its texts: ``stage`` is None for an identity put in at the top."""

    number: int
    stage: Stage | None
    input: Node
    delta: Node  # not simplified
    slope: Node  # f′ at the input
    function: Node  # f of the scalar zᵢ
    derivative: Node  # f′ of the scalar zᵢ


class NetworkTable:
    """Makes the rows of a chain.  ``unsimplified`` is simplified in one call, whose result ``rows`` takes."""

    def __init__(
        self, chain: Chain, graph: Graph, operations: Operations, scribe: Scribe, taken: frozenset[str]
    ) -> None:
        self.chain = chain
        self.graph = graph
        self.operations = operations
        self.scribe = scribe
        self.taken = taken
        self.letter = _free("zuvhaq", taken)
        self.delta_letter = _free(("delta", "Delta", "d"), taken)
        self.last = len(chain.stages) + (chain.stages[-1].weight is not None)
        self.layers = list(self._backward())
        self.symbols = dict(self._symbols())

    # Backward -----------------------------------------------------------------------------------------------

    def _backward(self) -> Iterator[_Layer]:
        """The layers from the last to the first, each with the δ that arrives at its input."""
        delta = self._top()
        if self.chain.stages[-1].weight is not None:
            top = self.chain.stages[-1].node
            z = self._entry_of_input(top.shape)
            yield _Layer(self.last, None, top, delta, self._ones(top.shape), z, self.graph.number(1))
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

    def _layer(self, number: int, stage: Stage, delta: Node) -> _Layer:
        z = self._entry_of_input(stage.input.shape)
        one = self.graph.number(1)
        if stage.weight is not None:
            return _Layer(number, stage, stage.input, delta, self._ones(stage.input.shape), z, one)
        slope = self._sent(stage, self._ones(stage.node.shape))
        function = scalar_form(stage, self._entries(stage, z), self.graph)
        derivative = self._scalar_derivative(function, z)
        return _Layer(number, stage, stage.input, delta, slope, function, derivative)

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

        def write(spelling: Spelling) -> Text:
            text = self.scribe.at(value, _NAMES[spelling], UNIT)
            if value.op == "variable":
                text = spelling.brackets(text)
            small = "".join("ᵢⱼₖₗ"["ijkl".index(letter)] for letter in index)
            return text + small if spelling is UNICODE else f"{text}_{{{index}}}", UNIT

        self.scribe.symbols[entry] = write
        return entry

    # Symbols ------------------------------------------------------------------------------------------------

    def _symbols(self) -> Iterator[tuple[Node, Node]]:
        """For the value of each layer, a placeholder for the δ of the layer above."""
        for layer in self.layers:
            if layer.number > 1:
                value = layer.input
                symbol = self.graph.variable(f"delta({layer.number})", value.shape)
                self.scribe.symbols[symbol] = delta_symbol(self.delta_letter, layer.number)
                yield value, symbol

    @property
    def unsimplified(self) -> list[Node]:
        """The δs, f′s and slopes, in the order in which ``rows`` takes them."""
        return [node for layer in self.layers for node in (layer.delta, layer.derivative, layer.slope)]

    def deltas(self, simplified: Sequence[Node]) -> Mapping[Node, Node]:
        """The simplified δ by the value at which it arrives."""
        return {layer.input: simplified[3 * i] for i, layer in enumerate(self.layers)}

    # Rows ---------------------------------------------------------------------------------------------------

    def rows(self, simplified: Sequence[Node]) -> tuple[LayerRow, ...]:
        """The rows, the last layer first."""
        return tuple(self._row(layer, *simplified[3 * i : 3 * i + 3]) for i, layer in enumerate(self.layers))

    def _row(self, layer: _Layer, delta: Node, derivative: Node, slope: Node) -> LayerRow:
        worked_out = self.scribe.formula(delta)
        return LayerRow(
            layer.number,
            self._weight(layer),
            self.scribe.sketch(layer.function, keep=True),
            self.scribe.sketch(self._power_rule(layer.function) or derivative, keep=True),
            worked_out if layer.number == self.last else self._delta(layer, slope),
            self.scribe.definition(layer.input),
            worked_out,
        )

    def _power_rule(self, function: Node) -> Node | None:
        """p·zᵖ⁻¹ for a power with a fraction: the source writes it so where results have a root."""
        exponent = Fraction(1, 2) if function.op == "sqrt" else None
        if function.op == "power":
            exponent = function.args[1].data if isinstance(function.args[1].data, Fraction) else None
        if exponent is None or function.args[0].op != "variable":
            return None
        algebra = Algebra(self.graph)
        power = self.graph.node("power", (function.args[0], self.graph.number(exponent - 1)), SCALAR)
        return algebra.scale(self.graph.number(exponent), power)

    def _weight(self, layer: _Layer) -> Cell:
        stage = layer.stage
        if layer.number == self.last or stage is None:
            return words("N/A", latex="\\text{N/A}")
        if stage.weight is None:
            return Cell(self._identity(layer.input.shape), lambda spelling: "I")
        cell = self.scribe.formula(stage.weight)
        if not stage.right:
            return cell
        return Cell(stage.weight, lambda spelling: f"{_TIMES[spelling]}{cell.text(spelling)}")

    def _identity(self, shape: Shape) -> Node:
        size = shape[0] if shape[0] is not None else shape[1]
        return self.graph.node("identity", (), (size, size))

    def _delta(self, layer: _Layer, slope: Node) -> Cell:
        """(Wᵀδ)⊙f′: the δ of the layer above, back through the weight, times f′ at the input."""
        stage = layer.stage
        assert stage is not None
        weight = stage.weight or self._identity(layer.input.shape)
        upper = delta_symbol(self.delta_letter, layer.number + 1)
        factor = slope.args[0] if slope.op == "fill" else slope

        def write(name: str) -> str:
            spelling = spelling_of(name)
            back = self.scribe.at(weight, name, UNIT) + spelling.transpose
            sides = (upper(spelling)[0], back) if stage.right else (back, upper(spelling)[0])
            times = self.scribe.at(factor, name, POSTFIX if spelling is ASCII else PRODUCT)
            odot = f" {spelling.hadamard} " if spelling.latex else spelling.hadamard
            return f"({_JOIN[name].join(sides)}){odot}{times}"

        return Cell(None, write)

    def objective(self) -> Cell:
        """What is made of the activations of the last layer: ``½Σa⁷``."""
        letter = _free("aho", self.taken)
        value = self.chain.stages[-1].node
        symbol = self.graph.variable(f"activation({self.last})", value.shape)
        self.scribe.symbols[symbol] = delta_symbol(letter, self.last)
        result = self.graph.node("sum", (symbol,), SCALAR)
        for stage in reversed(self.chain.above):
            args = tuple(result if i in stage.positions else arg for i, arg in enumerate(stage.node.args))
            result = self.graph.node(stage.node.op, args, SCALAR)
        return self.scribe.sketch(result)


_NAMES = {spelling_of(name): name for name in ("unicode", "ascii", "latex")}
_TIMES = {"unicode": "·", "ascii": "*", "latex": "\\cdot "}
_JOIN = {"unicode": "", "ascii": "*", "latex": " "}


def _index(shape: Shape) -> str:
    """The indices of an entry."""
    return "ijkl"[: len(own_axes(shape))]


def _free(letters: Sequence[str], taken: frozenset[str]) -> str:
    return next((letter for letter in letters if letter not in taken), letters[0])
