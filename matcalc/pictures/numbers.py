"""Forward values and gradients at a point: of each node what it is and how the formula's value moves with it.

The gradients are the deltas of the backward sweep, computed with numbers (source: "Computational graphs", green above
and red below each node).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from matcalc.deltas.projection import projected, projection
from matcalc.deltas.sweep import Sweep, sweep
from matcalc.errors import MatcalcError, ShapeProblem
from matcalc.evaluation import functions
from matcalc.graph.axes import words
from matcalc.graph.node import SCALAR, Node, Shape, variables
from matcalc.language.names import canonical
from matcalc.reading import Reading


@dataclass(frozen=True)
class Numbers:
    """The arrays of nodes and of their gradients, which constants do not have, nor what makes no scalar."""

    values: Mapping[Node, Any]
    gradients: Mapping[Node, Any]


def sweep_of(reading: Reading) -> Sweep | None:
    """The backward sweep to all variables that are not constant; None where the value is no scalar or has none."""
    free = [node for node in variables([reading.value]) if not reading.structures.has(node.data, "constant")]
    if reading.value.shape != SCALAR or not free:
        return None
    return sweep(reading.value, free, reading.graph.number(1), reading.graph, reading.operations)


def with_projections(reading: Reading, deltas: Mapping[Node, Node]) -> dict[Node, Node]:
    """Deltas of which those of variables with a structure are projected, as their gradients are."""
    found = dict(deltas)
    for node in variables([reading.value]):
        rule = projection(node, reading.structures, reading.graph, reading.operations, ())
        if rule is not None and node in found:
            found[node] = projected(rule, found[node], reading.graph, reading.operations)
    return found


def deltas_of(reading: Reading) -> dict[Node, Node]:
    """The delta of every node that depends on a variable; none where the value is no scalar."""
    swept = sweep_of(reading)
    return {} if swept is None else with_projections(reading, swept.deltas)


def numbers_at(reading: Reading, nodes: Sequence[Node], arrays: Mapping[str, object]) -> Numbers:
    """The numbers of ``nodes`` where the variables are ``arrays``, by name in any spelling.

    Where the formula's value is no number, its gradients are none either: log has a slope rule, and no value, at −1.
    Raises ``MatcalcError`` where an array is missing or does not fit.
    """
    deltas = deltas_of(reading)
    reached = [node for node in nodes if node in deltas]
    wanted = [reading.value, *nodes, *(deltas[node] for node in reached)]
    value, *results = functions(wanted, reading, _known(reading))(**_fitted(reading, arrays))
    gradients = results[len(nodes) :]
    if reading.value.shape == SCALAR and value != value:
        gradients = [gradient * value for gradient in gradients]
    return Numbers(
        dict(zip(nodes, results, strict=False)),
        dict(zip(reached, gradients, strict=True)),
    )


def no_gradients(reading: Reading) -> str | None:
    """Why the nodes of a formula have no gradients, where that is so."""
    if reading.value.shape == SCALAR:
        return None
    shape = words(reading.value.shape)
    return f"the value of this formula is no scalar, its shape is {shape}, so there are no gradients"


def _known(reading: Reading) -> list[Node]:
    """All variables of the formula, which tell sizes."""
    return [reading.graph.variable(name, shape) for name, shape in reading.shapes.items()]


def _fitted(reading: Reading, arrays: Mapping[str, object]) -> dict[str, object]:
    """Arrays with the axes of their variables: ``[1, 2]`` is also a row of a matrix, ``[1; 2]`` also a vector."""
    from matcalc.verification.arrays import numeric

    found: dict[str, object] = {}
    for name, given in arrays.items():
        shape = reading.shapes.get(canonical(name) or name)
        array = numeric(given, name)
        if array.dtype.kind == "c":
            raise MatcalcError(f"{name}: real numbers are needed, not complex ones")
        found[name] = array if shape is None else _with_axes(name, array, shape)
    return found


def _with_axes(name: str, array: Any, shape: Shape) -> Any:
    axes = sum(size is not None for size in shape)
    if axes == 2 and array.ndim == 1:
        return array[None, :]
    if axes == 1 and array.ndim == 2 and 1 in array.shape:
        return array.ravel()
    if axes > 0 and array.ndim == 0:
        raise ShapeProblem(f"{name} is {words(shape)}, but one number was given for it")
    return array
