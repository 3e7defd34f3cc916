"""The deltas of a graph's nodes as they are written: short ones in full, long ones by what the next nodes send back.

A long delta gets a symbol and a line below the picture, in which it is made of the deltas of the nodes that use it:
``δ₄ = v₁δ₁``.  That is the backward sweep itself, one step a line.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from matcalc.deltas.sweep import Contribution
from matcalc.graph.node import Node, topological
from matcalc.naming import Names
from matcalc.pictures.numbers import sweep_of, with_projections
from matcalc.printers.levels import UNIT
from matcalc.printers.tables.cells import Cell, Scribe, Symbol
from matcalc.reading import Reading
from matcalc.steps.uses import send

_LONG = 26  # characters from which a delta has a line of its own


@dataclass(frozen=True)
class Line:
    """A delta with a symbol: the ``placeholder`` stands for it in the ``step`` of others, ``full`` is all of it."""

    number: int
    placeholder: Node
    full: Node
    step: Node


def delta_letter(reading: Reading) -> str:
    """The letter of deltas: δ, unless the formula has one."""
    taken = (*reading.shapes, *reading.declared, *reading.names.values())
    letters = ("delta", "Delta", "d")
    return next(
        (letter for letter in letters if not any(name.startswith(letter) for name in taken)), letters[0]
    )


def steps_back(
    reading: Reading, names: Names, nodes: Sequence[Node], scribe: Scribe
) -> tuple[dict[Node, Node], dict[Node, Line]]:
    """The simplified delta of each of the nodes, and the lines of those that are long, the value's side first."""
    swept = sweep_of(reading)
    if swept is None:
        return {}, {}
    deltas = with_projections(reading, swept.deltas)
    reached = [node for node in nodes if node in deltas]
    operations, graph = reading.operations, reading.graph
    full = dict(
        zip(
            reached,
            names.simplify([deltas[node] for node in reached], operations, [reading.value]),
            strict=True,
        )
    )
    sent: dict[Node, Node] = {}
    steps: dict[Node, Node] = {}  # not simplified, by placeholder
    symbols: dict[Node, Node] = {}  # equal deltas have one
    for node in reversed(topological([reading.value])):
        if node not in swept.deltas:
            continue
        step = _step(swept.contributions.get(node, ()), sent, reading) or swept.deltas[node]
        if node not in full:
            sent[node] = step
        elif deltas[node] is not swept.deltas[node] or len(scribe.formula(full[node]).unicode()) <= _LONG:
            sent[node] = full[node]
        else:
            if full[node] not in symbols:
                symbols[full[node]] = graph.variable(f"delta({len(symbols) + 1})", node.shape)
                steps[symbols[full[node]]] = step
            sent[node] = symbols[full[node]]
    simplified = names.simplify(list(steps.values()), operations, [reading.value]) if steps else []
    written = dict(zip(steps, simplified, strict=True))
    lines: dict[Node, Line] = {}
    for delta in full.values():
        if delta in symbols:
            placeholder = symbols[delta]
            lines[delta] = Line(list(steps).index(placeholder) + 1, placeholder, delta, written[placeholder])
    return full, lines


def _step(contributions: Sequence[Contribution], sent: Mapping[Node, Node], reading: Reading) -> Node | None:
    """What the users of a node send back to it, added."""
    total: Node | None = None
    for each in contributions:
        user = each.user
        names = () if user.op == "contract" else reading.operations[user.op].operands
        place = int(each.operand) if user.op == "contract" else names.index(each.operand)
        part = send(user, place, sent[user], reading.graph, reading.operations)
        total = part if total is None else reading.graph.node("add", (total, part), total.shape)
    return total


def written_deltas(
    reading: Reading, names: Names, nodes: Sequence[Node], scribe: Scribe
) -> tuple[dict[Node, Cell], tuple[Cell, ...]]:
    """What is written at each node, and the lines below the picture."""
    full, lines = steps_back(reading, names, nodes, scribe)
    letter = delta_letter(reading)
    trial = Scribe(reading.operations, frozenset(reading.shapes), names=names)  # texts are kept once written
    _number(lines.values(), letter, trial)
    inside = {delta for node, delta in full.items() if node.args}
    short = {
        delta
        for delta, line in lines.items()
        if delta not in inside and len(trial.sketch(line.step).unicode()) <= _LONG
    }  # of variables alone, whose symbols no line needs
    kept = sorted((line for delta, line in lines.items() if delta not in short), key=lambda line: line.number)
    _number(kept, letter, scribe)
    at_node: dict[Node, Cell] = {}
    for node, delta in full.items():
        line = lines.get(delta)
        if line is None:
            at_node[node] = scribe.formula(delta)
        else:
            at_node[node] = scribe.sketch(line.step if delta in short else line.placeholder)
    legend = []
    for line in kept:
        whole, step = scribe.formula(line.full), scribe.sketch(line.step)
        shorter = whole if len(whole.unicode()) <= len(step.unicode()) else step
        legend.append(equation(scribe.sketch(line.placeholder), shorter))
    return at_node, tuple(legend)


def _number(lines: Iterable[Line], letter: str, scribe: Scribe) -> None:
    """Let the placeholders be written δ₁, δ₂, …"""
    for number, line in enumerate(lines, 1):
        scribe.symbols[line.placeholder] = _writer(f"{letter}{number}")


def _writer(name: str) -> Symbol:
    return lambda spelling: (spelling.name(name), UNIT)


def equation(left: Cell, right: Cell) -> Cell:
    """``left = right``."""
    return Cell(None, lambda spelling: f"{left.text(spelling)} = {right.text(spelling)}")
