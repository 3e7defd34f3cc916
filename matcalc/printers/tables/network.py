"""The rows of a layered network, in the sources' columns: weight, activation, its derivative, δ and input."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.graph.algebra import Algebra
from matcalc.graph.node import SCALAR, Node, Shape
from matcalc.printers.levels import POSTFIX, PRODUCT, UNIT, Text
from matcalc.printers.spelling import ASCII, UNICODE, Spelling
from matcalc.printers.tables.cells import Cell, Scribe, Symbol, placeholder, spelling_of, words
from matcalc.steps.layers import Layer, Network, free_letter


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


class NetworkTable:
    """Makes the rows of a network; the δs, derivatives and slopes that ``rows`` takes are simplified."""

    def __init__(self, network: Network, scribe: Scribe) -> None:
        self.network = network
        self.graph = network.graph
        self.scribe = scribe
        self.last = network.last
        for entry, (value, index) in network.entries.items():
            scribe.symbols[entry] = self._entry(value, index)
        self.symbols = dict(self._symbols())

    def _entry(self, value: Node, index: str) -> Symbol:
        """How one entry of a value is written, such as xᵢ or (Bu)ᵢ."""

        def write(spelling: Spelling) -> Text:
            text = self.scribe.at(value, _NAMES[spelling], UNIT)
            if value.op == "variable":
                text = spelling.brackets(text)
            small = "".join("ᵢⱼₖₗ"["ijkl".index(letter)] for letter in index)
            return text + small if spelling is UNICODE else f"{text}_{{{index}}}", UNIT

        return write

    # Symbols ------------------------------------------------------------------------------------------------

    def _symbols(self) -> Iterator[tuple[Node, Node]]:
        """For the value of each layer, a placeholder for the δ of the layer above."""
        for layer in self.network.layers:
            if layer.number > 1:
                value = layer.input
                symbol = self.graph.variable(f"delta({layer.number})", value.shape)
                self.scribe.symbols[symbol] = placeholder(self.network.delta_letter, layer.number)
                yield value, symbol

    # Rows ---------------------------------------------------------------------------------------------------

    def rows(
        self, deltas: Mapping[Node, Node], derivatives: Sequence[Node], slopes: Sequence[Node]
    ) -> tuple[LayerRow, ...]:
        """The rows, the last layer first; ``deltas`` by the value at which they arrive, the others by layer."""
        layers = zip(self.network.layers, derivatives, slopes, strict=True)
        return tuple(self._row(layer, deltas[layer.input], *others) for layer, *others in layers)

    def _row(self, layer: Layer, delta: Node, derivative: Node, slope: Node) -> LayerRow:
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

    def _weight(self, layer: Layer) -> Cell:
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

    def _delta(self, layer: Layer, slope: Node) -> Cell:
        """(Wᵀδ)⊙f′: the δ of the layer above, back through the weight, times f′ at the input."""
        stage = layer.stage
        assert stage is not None
        weight = stage.weight or self._identity(layer.input.shape)
        upper = placeholder(self.network.delta_letter, layer.number + 1)
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
        letter = free_letter("aho", self.network.taken)
        value = self.network.chain.stages[-1].node
        symbol = self.graph.variable(f"activation({self.last})", value.shape)
        self.scribe.symbols[symbol] = placeholder(letter, self.last)
        result = self.graph.node("sum", (symbol,), SCALAR)
        for stage in reversed(self.network.chain.above):
            args = tuple(result if i in stage.positions else arg for i, arg in enumerate(stage.node.args))
            result = self.graph.node(stage.node.op, args, SCALAR)
        return self.scribe.sketch(result)


_NAMES = {spelling_of(name): name for name in ("unicode", "ascii", "latex")}
_TIMES = {"unicode": "·", "ascii": "*", "latex": "\\cdot "}
_JOIN = {"unicode": "", "ascii": "*", "latex": " "}
