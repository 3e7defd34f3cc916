"""Gradients of scalar formulas: one backward sweep and the normal form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matcalc.deltas.projection import projected, projection, refuse_constant
from matcalc.deltas.sweep import sweep
from matcalc.derivation import Derivation
from matcalc.errors import DerivationProblem
from matcalc.graph.axes import fresh_names
from matcalc.graph.build import default_shape
from matcalc.graph.node import SCALAR, Node, Shape
from matcalc.language.names import canonical, unicode_name
from matcalc.naming import Names, names_of
from matcalc.reading import Reading, value_of, without


def gradients(reading: Reading, names: Sequence[str]) -> dict[str, Derivation]:
    """The gradients for these names: from one sweep, and one more for each that is an intermediate value."""
    defined = dict(reading.parsed.definitions) if reading.parsed else {}
    inner = [name for name in names if canonical(name) in defined]
    outer = [name for name in names if name not in inner]
    every = names_of(reading)
    variables = {name: variable_of(reading, name) for name in outer}
    found = _swept(reading, variables, every) if outer or not inner else {}
    for name in inner:
        inside, variable, origin = cut(reading, name)
        found |= _swept(inside, {name: variable}, names_of(inside), origin)
    return {name: found[name] for name in names}


def cut(reading: Reading, name: str) -> tuple[Reading, Node, Names]:
    """The formula with an intermediate value as a variable, that variable, and all names with what they stand for."""
    known = str(canonical(name))
    value = value_of(reading, known)
    variable = reading.graph.variable(known, value.shape)
    cut = without(reading, known, variable)
    return cut, variable, Names({**reading.names, value: known}, reading.graph, cut.names)


def _swept(
    reading: Reading, variables: Mapping[str, Node], names: Names, origin: Names | None = None
) -> dict[str, Derivation]:
    """The gradients with respect to variables, from one sweep."""
    targets = [node for node in variables.values() if str(node.data) in reading.shapes]
    swept = sweep(reading.value, targets, reading.graph.number(1), reading.graph, reading.operations)
    zero = reading.graph.number(0)
    deltas = [swept.deltas.get(node) or filled(reading, zero, node.shape) for node in variables.values()]
    graph, operations = reading.graph, reading.operations
    taken = frozenset((*reading.shapes, *reading.declared, *reading.names.values()))
    rules = [projection(node, reading.structures, graph, operations, taken) for node in variables.values()]
    structured = [
        delta if rule is None else projected(rule, delta, graph, operations)
        for rule, delta in zip(rules, deltas, strict=True)
    ]
    opened = [delta for rule, delta in zip(rules, deltas, strict=True) if rule is not None]
    results = names.simplify(structured, operations, [reading.value], opened=opened)
    return {
        name: Derivation(
            reading, name, node, result, swept if node in targets else None, names, origin, rule, delta
        )
        for (name, node), result, rule, delta in zip(variables.items(), results, rules, deltas, strict=True)
    }


def filled(reading: Reading, scalar: Node, shape: Shape) -> Node:
    return scalar if shape == SCALAR else reading.graph.node("fill", (scalar,), shape)


def variable_of(reading: Reading, name: str) -> Node:
    """The variable of a name; one that does not occur gets its declared shape or the one its letter stands for."""
    known = canonical(name)
    if known is None and name in reading.declared:
        known = name
    if known is None:
        raise DerivationProblem(f"`{name}` is no name of a variable; the formula has {_listed(reading)}")
    refuse_constant(known, reading.structures)
    if known in reading.shapes:
        return reading.graph.variable(known, reading.shapes[known])
    taken = {size for shape in (*reading.shapes.values(), *reading.declared.values()) for size in shape}
    shape = default_shape(known, reading.declared, fresh_names({*taken, *reading.shapes}))
    if known in reading.structures.square() and None not in shape and known not in reading.declared:
        shape = (shape[0], shape[0])
    reading.structures.fit({known: shape})
    return reading.graph.variable(known, shape)


def _listed(reading: Reading) -> str:
    names: Mapping[str, Shape] = reading.shapes
    return "the variables " + ", ".join(unicode_name(name) for name in names) if names else "no variables"
