"""From a formula to its picture: which of the two kinds it gets, and what stands in it."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import islice

from matcalc.derivation import Derivation
from matcalc.errors import DerivationProblem, MatcalcError
from matcalc.gradients import gradients
from matcalc.graph.axes import words
from matcalc.graph.node import SCALAR, Node, topological, variables
from matcalc.naming import names_of
from matcalc.pictures.digits import Digits, digits_for
from matcalc.pictures.graph_picture import operation_graph, shown_nodes
from matcalc.pictures.network_picture import chain_of, covers, layer_network
from matcalc.pictures.numbers import Numbers, numbers_at
from matcalc.pictures.picture import Picture
from matcalc.pictures.point import Point, arrays_at
from matcalc.reading import Reading
from matcalc.steps.chain import Chain

MOST, MOST_IN_DOT = 300, 2000  # nodes of a picture that is drawn, and of one that Graphviz draws
_WORK = 2_000_000  # nodes that are looked at to find the network of a formula


def picture_of(
    derivation: Derivation, deltas: bool = False, at: Point | None = None, most: int = MOST
) -> Picture:
    """The picture of a derivation's formula: its network of layers where the layer table shows one, else its graph.

    With ``deltas`` they stand under the nodes; ``at`` gives numbers: values above, gradients below.
    Raises ``MatcalcError`` where arrays don't fit or there are more than ``most`` nodes, ``DerivationProblem`` for deltas of a value that is no scalar.
    """
    arrays = None if at is None else arrays_at(at)
    chain = chain_of(derivation.reading, derivation.variable)
    return _picture(derivation.reading, derivation, chain, deltas, arrays, most)


def picture_for(
    reading: Reading,
    wrt: str | None,
    deltas: bool = False,
    arrays: Mapping[str, object] | None = None,
    most: int = MOST,
) -> Picture:
    """The same for a formula; without a variable the network is drawn where it shows all of the formula."""
    if wrt is None:
        return picture_of_reading(reading, deltas, arrays, most)
    if reading.value.shape != SCALAR:
        raise DerivationProblem(f"{_no_scalar(reading)}, so it is no network of {wrt}")
    derivation = gradients(reading, [wrt])[wrt]
    if derivation.sweep is None:
        raise DerivationProblem(f"{wrt} does not occur in the formula")
    return picture_of(derivation, deltas, arrays, most)


def picture_of_reading(
    reading: Reading,
    deltas: bool = False,
    arrays: Mapping[str, object] | None = None,
    most: int = MOST,
) -> Picture:
    """The network of a formula where that shows all of the formula, else the graph of its operations."""
    best: tuple[Node, Chain] | None = None
    tried = 1 + _WORK // len(topological([reading.value]))
    for variable in islice(variables([reading.value]), tried):
        chain = chain_of(reading, variable)
        if chain is not None and covers(chain) and not reading.structures.has(variable.data, "constant"):
            if best is None or len(chain.stages) > len(best[1].stages):
                best = variable, chain
    if best is None:
        return _picture(reading, None, None, deltas, arrays, most)
    name = str(best[0].data)
    _refuse(len(best[1].stages), most)
    return _picture(reading, gradients(reading, [name])[name], best[1], deltas, arrays, most)


def _picture(
    reading: Reading,
    derivation: Derivation | None,
    chain: Chain | None,
    deltas: bool,
    arrays: Mapping[str, object] | None,
    most: int,
) -> Picture:
    if deltas and reading.value.shape != SCALAR:
        raise DerivationProblem(f"{_no_scalar(reading)}, so it has no deltas")
    wanted = shown_nodes(reading.value) if chain is None else topological([reading.value])
    _refuse(len(wanted) if chain is None else len(chain.stages), most)
    numbers, digits = (None, Digits()) if arrays is None else with_numbers(reading, wanted, arrays)
    if derivation is not None and chain is not None:
        return layer_network(derivation, chain, deltas, numbers, digits)
    return operation_graph(reading, names_of(reading), deltas, numbers, digits)


def _refuse(count: int, most: int) -> None:
    """Raise ``MatcalcError`` for more nodes than anyone could see."""
    if count > most:
        more = "" if most > MOST else f"; in a .dot file, which Graphviz draws, {MOST_IN_DOT}"
        raise MatcalcError(f"this picture would have {count} nodes, and at most {most} are drawn{more}")


def _no_scalar(reading: Reading) -> str:
    return f"the value of this formula is no scalar, its shape is {words(reading.value.shape)}"


def with_numbers(
    reading: Reading, nodes: list[Node], arrays: Mapping[str, object], decimals: int = 2
) -> tuple[Numbers, Digits]:
    """The numbers of nodes, and how they are printed."""
    numbers = numbers_at(reading, nodes, arrays)
    return numbers, digits_for([*numbers.values.values(), *numbers.gradients.values()], decimals)
