"""Numbers for formulas: the value of a text, and functions that compute results.  NumPy is imported on first use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from matcalc.errors import MatcalcError
from matcalc.graph.node import Node, Size, full_shape, topological, variables
from matcalc.graph.sizes import separated, symbols
from matcalc.graph.template import definition
from matcalc.language.assumptions import read_shapes
from matcalc.language.names import canonical, unicode_name
from matcalc.reading import Reading, Rules, Shapes, read


def evaluate(formula: object, shapes: Shapes = None, *, rules: Rules = (), **arrays: object) -> Any:
    """The value of a formula that matcalc can read, at the given arrays.

    ``arrays`` holds a number, vector or matrix for each variable, under any spelling of its name; a variable whose
    shape is not declared has the shape of its array.  The value comes as an ndarray (0-d for a scalar, 1-d for a
    vector).  Raises ``MatcalcError`` where a variable has no array or shapes don't conform.
    """
    given = _by_canonical_name(arrays)
    reading = read(formula, shapes, rules, assumed_shapes(given, shapes))
    return function(reading.value, reading)(**given)


def assumed_shapes(arrays: Mapping[str, object], shapes: Shapes = None) -> dict[str, tuple[int, ...]]:
    """The shapes of the arrays, by canonical name, of variables that are not declared."""
    declared, _ = read_shapes(shapes)
    given = _by_canonical_name(arrays)
    return {name: _shape_of(name, array) for name, array in given.items() if name not in declared}


def function(node: Node, reading: Reading, also: Iterable[Node] = ()) -> Callable[..., Any]:
    """A function of arrays by keyword that computes ``node``, one operation after the other.

    ``also`` are variables that it may be given although ``node`` does not depend on them, to find sizes.
    """
    compute = functions([node], reading, also)
    return lambda *unnamed, **arrays: compute(*unnamed, **arrays)[0]


def functions(nodes: Sequence[Node], reading: Reading, also: Iterable[Node] = ()) -> Callable[..., list[Any]]:
    """The same for several values: each operation that they share is done once."""
    from matcalc.verification.arrays import MOST, bind, from_batch, to_batch
    from matcalc.verification.evaluate import Program

    needed = {str(variable.data): variable for variable in variables(nodes)}
    known = {**_declared_variables(reading), **{str(variable.data): variable for variable in also}, **needed}
    program = Program(nodes, reading.operations, lambda n: definition(n, reading.graph, reading.operations))
    open_sizes = _sizes_of(nodes)

    def compute(*unnamed: object, **arrays: object) -> list[Any]:
        if unnamed:
            raise MatcalcError("arrays are given by name: " + ", ".join(f"{name}=…" for name in needed))
        given = _by_canonical_name(arrays)
        missing = [unicode_name(name) for name in needed if name not in given]
        if missing:
            raise MatcalcError(f"no value was given for {', '.join(missing)}")
        present = {name: known[name] for name in given if name in known}
        sizes = bind(present.values(), given)
        unknown = [str(size) for size in open_sizes if isinstance(size, str) and size not in sizes]
        if unknown:
            raise MatcalcError(
                f"the size {unknown[0]} is that of no array given; declare a shape that has it, or give the array"
            )
        values = {name: to_batch(given[name], variable.shape) for name, variable in needed.items()}
        if program.cells(sizes) > MOST:
            raise MatcalcError("the value has parts that are too large to be computed")
        try:
            results = program.run(values, sizes)
            return [from_batch(result, node.shape) for result, node in zip(results, nodes, strict=True)]
        except MemoryError:
            raise MatcalcError("the value needs more memory than there is") from None

    return compute


def _declared_variables(reading: Reading) -> dict[str, Node]:
    """All variables that the formula or its declarations know, to find sizes from."""
    shapes = {name: full_shape(shape) for name, shape in reading.declared.items()}
    shapes.update(reading.shapes)
    return {name: reading.graph.variable(name, shape) for name, shape in shapes.items()}


def _sizes_of(nodes: Sequence[Node]) -> list[Size]:
    """The sizes that values depend on beyond those of their variables' arrays."""
    order = topological(nodes)
    sizes: dict[Size, None] = {}
    for inner in order:
        own = separated(str(inner.data)) if inner.op in ("size", "commutation") else ()
        for size in (*inner.shape, *own):
            if isinstance(size, (str, int)):
                sizes.update(dict.fromkeys(symbols(size)))
    return list(sizes)


def _by_canonical_name(arrays: Mapping[str, object]) -> dict[str, object]:
    given: dict[str, object] = {}
    for spelling, array in arrays.items():
        name = canonical(spelling) or spelling
        if name in given:
            raise MatcalcError(f"{spelling} is given twice, in two spellings")
        given[name] = array
    return given


def _shape_of(name: str, array: object) -> tuple[int, ...]:
    from matcalc.verification.arrays import numeric

    shape: tuple[int, ...] = numeric(array, name).shape
    return shape
