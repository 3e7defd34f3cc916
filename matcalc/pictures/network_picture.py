"""A layered network as a picture: the layers of the layer table, the weights between them, the sum at the end.

Source: "Deriving gradients using the backpropagation idea", the three networks of its examples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matcalc.derivation import Derivation
from matcalc.graph.node import SCALAR, Node, Shape, axes, full_shape
from matcalc.language.names import ascii_name, latex_name, unicode_name
from matcalc.pictures.deltas import delta_letter, equation
from matcalc.pictures.digits import Digits
from matcalc.pictures.graph_picture import SHOWN
from matcalc.pictures.numbers import Numbers
from matcalc.pictures.picture import Edge, Picture, PictureNode, Unit
from matcalc.printers.tables.cells import Cell, placeholder, shape_cell, spelling_of, words
from matcalc.printers.tables.network import LayerRow
from matcalc.printers.text import write
from matcalc.reading import Reading
from matcalc.steps.chain import Chain, find_chain

_UNITS = 4  # entries of a layer that are drawn
_LONG = 19  # characters from which the value of a layer is not written
_LONG_DELTA = 24
_PLAIN = frozenset(["variable", "number", "pi", "size", "identity", "ones"])


def chain_of(reading: Reading, variable: Node) -> Chain | None:
    """The network that a formula is for a variable, as the layer table has it."""
    if reading.value.shape != SCALAR:
        return None
    return find_chain(reading.value, variable, reading.graph, reading.operations)


def covers(chain: Chain) -> bool:
    """Whether a network shows all of the formula: beside its layers stand only weights and variables."""
    inside = {stage.node for stage in chain.stages}
    beside = [arg for stage in chain.stages for arg in stage.node.args]
    start = chain.stages[0].input
    return all(_plain(arg) for arg in (*beside, start) if arg not in inside)


def _plain(node: Node) -> bool:
    while node.op in ("transpose", "fill"):
        node = node.args[0]
    return node.op in _PLAIN


def layer_network(
    derivation: Derivation,
    chain: Chain,
    deltas: bool,
    numbers: Numbers | None,
    digits: Digits,
) -> Picture:
    """The picture of a derivation whose layer table is that of a network, the ``chain``."""
    steps = derivation.steps
    rows = [row for row in reversed(steps.rows) if isinstance(row, LayerRow)]
    inputs = [stage.input for stage in chain.stages]
    if len(rows) > len(inputs):
        inputs.append(chain.stages[-1].node)
    ties = _ties(chain)
    reading = derivation.reading
    legend: list[Cell] = []
    nodes = []
    for place, (row, value) in enumerate(zip(rows, inputs, strict=True)):
        nodes.append(
            PictureNode(
                row.layer,
                place,
                "layer",
                row.activation,
                _caption(row),
                None
                if value.shape == SCALAR
                else _shape(value.shape, numbers.values[value] if numbers else None),
                _summary(value, numbers.values, digits) if numbers else None,
                _summary(value, numbers.gradients, digits) if numbers else None,
                _delta(row, chain, reading, place, place == len(rows) - 1, legend) if deltas else None,
                units=_units(value, numbers, digits),
            )
        )
    edges = [
        Edge(
            row.layer,
            row.layer + 1,
            label=row.weight,
            tie=_tie(chain, place, ties),
            dense=_dense(chain, place),
        )
        for place, row in enumerate(rows[:-1])
    ]
    last = rows[-1].layer
    assert steps.objective is not None
    total = reading.value
    nodes.append(
        PictureNode(
            last + 1,
            len(rows),
            "total",
            steps.objective,
            None,
            None,
            digits.cell(numbers.values[total], 1) if numbers else None,
            digits.cell(numbers.gradients[total], 1) if numbers else None,
        )
    )
    edges.append(Edge(last, last + 1, dense=True))
    if numbers is not None:
        legend += _used_again(chain)
    legend += _parameters(chain, inputs, numbers, digits)
    return Picture("network", steps.formula, tuple(nodes), tuple(edges), tuple(legend))


# Layers -----------------------------------------------------------------------------------------------------


def _caption(row: LayerRow) -> Cell | None:
    """The layer's input ``As``, where that is short enough to stand above it, or its name."""
    if row.input.node is not None and row.input.node.op == "variable":
        name = str(row.input.node.data)
        return words(unicode_name(name), ascii_name(name), latex_name(name))
    return row.input if len(row.input.unicode()) <= _LONG else None


def _shape(shape: Shape, array: Any) -> Cell:
    return shape_cell(shape) if array is None else shape_cell(full_shape(array.shape))


def _units(value: Node, numbers: Numbers | None, digits: Digits) -> tuple[Unit | None, ...]:
    """The entries that are drawn: all of a short vector, else the first two and the last; rows of a matrix."""
    array = numbers.values[value] if numbers else None
    size = _length(value, array)
    if size is None or size > _UNITS:
        places: list[int | None] = [0, 1, None, -1]
    else:
        places = list(range(size))
    if array is None or array.ndim > 1:
        return tuple(None if place is None else Unit() for place in places)
    gradient = numbers.gradients.get(value) if numbers else None
    return tuple(None if place is None else _unit(array, gradient, place, digits) for place in places)


def _length(value: Node, array: Any) -> int | None:
    """How many units a layer has, if that is a number."""
    if array is not None:
        return int(array.shape[0]) if array.ndim else 1
    sizes = axes(value.shape)
    first = sizes[-1] if value.shape[0] is None and sizes else sizes[0] if sizes else 1
    return first if isinstance(first, int) else None


def _unit(array: Any, gradient: Any, place: int, digits: Digits) -> Unit:
    def entry(of: Any) -> Cell:
        return digits.cell(of[place] if of.ndim else of, 1)

    return Unit(entry(array), None if gradient is None else entry(gradient))


def _summary(value: Node, arrays: Mapping[Node, Any], digits: Digits) -> Cell | None:
    """The whole array at a layer whose units have no numbers of their own."""
    if value not in arrays or arrays[value].ndim < 2:
        return None
    return digits.cell(arrays[value], SHOWN)


# Weights ----------------------------------------------------------------------------------------------------


def _base(weight: Node) -> Node:
    while weight.op in ("transpose", "fill"):
        weight = weight.args[0]
    return weight


def _ties(chain: Chain) -> dict[Node, int]:
    """A number for each variable that is the weight of several layers."""
    bases = [_base(stage.weight) for stage in chain.stages if stage.weight is not None]
    repeated = [base for base in dict.fromkeys(bases) if bases.count(base) > 1]
    return {base: number for number, base in enumerate(repeated)}


def _tie(chain: Chain, place: int, ties: Mapping[Node, int]) -> int | None:
    weight = chain.stages[place].weight
    return None if weight is None else ties.get(_base(weight))


def _dense(chain: Chain, place: int) -> bool:
    return chain.stages[place].weight is not None


# Deltas -----------------------------------------------------------------------------------------------------


def _delta(row: LayerRow, chain: Chain, reading: Reading, place: int, last: bool, legend: list[Cell]) -> Cell:
    """``δ² = (Aᵀδ³)⊙1``; with f′ for a slope that is long, and below the picture for the last layer's."""
    left = _delta_name(reading, row.layer)
    if len(row.delta.unicode()) <= _LONG_DELTA:
        return equation(left, row.delta)
    if last:
        legend.append(equation(left, row.delta))
        return left
    stage = chain.stages[place]
    back = _back(stage.weight, reading)
    upper = _delta_name(reading, row.layer + 1)

    def text(spelling: str) -> str:
        sides = [back.text(spelling), upper.text(spelling)]
        join = "*" if spelling == "ascii" else " " if spelling == "latex" else ""
        slope = {"unicode": "⊙f′", "ascii": ".*f'", "latex": " \\odot f'"}[spelling]
        return f"({join.join(reversed(sides) if stage.right else sides)}){slope}"

    return equation(left, Cell(None, text))


def _back(weight: Node | None, reading: Reading) -> Cell:
    """The transpose of a weight."""
    if weight is None:
        return words("Iᵀ", "I'", "I^{\\top}")
    if weight.op == "transpose":
        turned = weight.args[0]
    else:
        turned = reading.graph.node("transpose", (weight,), (weight.shape[1], weight.shape[0]))
    return Cell(None, lambda spelling: write(turned, spelling, reading.operations))


def _delta_name(reading: Reading, layer: int) -> Cell:
    symbol = placeholder(delta_letter(reading), layer)
    return Cell(None, lambda spelling: symbol(spelling_of(spelling))[0])


# Below the picture ------------------------------------------------------------------------------------------


def _parameters(chain: Chain, inputs: Sequence[Node], numbers: Numbers | None, digits: Digits) -> list[Cell]:
    """Values and gradients of the variables that are no layer's value."""
    if numbers is None:
        return []
    lines = []
    for variable in numbers.values:
        if variable.op != "variable" or variable in inputs:
            continue
        lines.append(_line(str(variable.data), "", digits.cell(numbers.values[variable], 9)))
        if variable in numbers.gradients:
            lines[-1] = _beside(
                lines[-1], _line(str(variable.data), "∇", digits.cell(numbers.gradients[variable], 9))
            )
    return lines


def _used_again(chain: Chain) -> list[Cell]:
    """A line where the first layer's variable stands beside a later layer too, so that its gradient is more than δ¹."""
    start = _base(chain.stages[0].input)
    beside = [
        arg for stage in chain.stages for i, arg in enumerate(stage.node.args) if i not in stage.positions
    ]
    if start.op != "variable" or not any(_base(arg) is start for arg in beside):
        return []
    name = str(start.data)
    return [
        words(
            f"the gradient of {unicode_name(name)} adds up all its uses",
            f"the gradient of {ascii_name(name)} adds up all its uses",
            f"\\text{{the gradient of ${latex_name(name)}$ adds up all its uses}}",
        )
    ]


def _line(name: str, sign: str, array: Cell) -> Cell:
    latex = f"\\nabla_{{{latex_name(name)}}}" if sign else latex_name(name)
    return words(
        f"{sign}{unicode_name(name)} = {array.unicode()}",
        f"{'grad ' if sign else ''}{ascii_name(name)} = {array.ascii()}",
        f"{latex} = {array.latex()}",
    )


def _beside(left: Cell, right: Cell) -> Cell:
    return words(
        f"{left.unicode()},   {right.unicode()}",
        f"{left.ascii()}, {right.ascii()}",
        f"{left.latex()},\\quad {right.latex()}",
    )
