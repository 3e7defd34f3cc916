"""A formula that is the loss of one sample, read as the loss of a batch of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from matcalc.errors import MatcalcError
from matcalc.graph.build import Built, build
from matcalc.graph.node import SCALAR, Graph, Node, Size, axes, topological
from matcalc.graph.replace import replaced
from matcalc.index.simplify import simplify
from matcalc.language.batches import Batch, Samples, batched, guesses, of_one_sample, stacked
from matcalc.language.indices import resolve
from matcalc.language.names import unicode_name
from matcalc.language.parser import Parsed
from matcalc.language.resolved import Resolved
from matcalc.naming import Names
from matcalc.operations import Operations
from matcalc.structure import Structures


def read_batch(
    parsed: Parsed,
    text: str,
    declared: Mapping[str, tuple[Size, ...]],
    names: frozenset[str],
    batch: Batch,
    operations: Operations,
    structures: Structures,
) -> tuple[Resolved, dict[str, tuple[Size, ...]], Samples, Structures]:
    """The formula of a batch, what is declared and assumed of all samples, and what one of them is.

    The formula of one sample is read first, which says what a sample is.  Raises ``MatcalcError`` where it can't be read,
    or what differs from sample to sample is neither vector nor number.
    """
    square = structures.square()
    batch, declared, count = of_one_sample(parsed, declared, batch)
    first: tuple[Resolved, dict[str, tuple[Size, ...]], Built] | MatcalcError | None = None
    for shapes in guesses(batch, declared):
        found: tuple[Resolved, dict[str, tuple[Size, ...]], Built] | MatcalcError
        try:
            indices = resolve(parsed, text, shapes, names)
            definitions = indices.definitions
            one = Graph()
            built = build(
                indices.tree, text, one, operations, shapes, definitions, indices=indices, square=square
            )
            found = (indices, shapes, built)
            if built.value.shape == SCALAR:
                first = found
                break
        except MatcalcError as problem:
            found = problem
        first = first or found
    if not isinstance(first, tuple):
        assert first is not None
        raise first
    indices, shapes, built = first
    ranks = {name: len(axes(shape)) for name, shape in built.shapes.items()}
    ranks |= {name: len(axes(node.shape)) for node, name in built.names.items() if name not in names}
    ranks |= dict.fromkeys(built.rows - names, 1)
    kept = {name: sizes for name, sizes in shapes.items() if name in declared}
    made, declared, samples = batched(indices, kept, ranks, built.rows, batch, count)
    _refuse_samples(names, samples)
    return made, declared, replace(samples, loss=built.value), stacked(structures, samples)


def in_matrices(built: Built, graph: Graph, operations: Operations) -> Built:
    """A formula of a batch whose definitions are in matrix notation, H = tanh(XWᵀ), where they have it.

    Nothing is assumed of variables: what is defined is differentiated.
    """
    names = Names(built.names, graph)
    bodies = {variable: names.body(node) for node, variable in names.variables.items()}
    bodies = {variable: body for variable, body in bodies.items() if _has_indices(body)}
    if not bodies:
        return built
    try:
        simpler = dict(zip(bodies, simplify(list(bodies.values()), graph, operations), strict=True))
    except MatcalcError:  # which has no normal form stays as it is
        return built
    values: dict[Node, Node] = {}  # of the names, each after those that it is made of
    for node, variable in names.variables.items():
        body = simpler.get(variable)
        if body is None or _has_indices(body) or not body.args:
            body = names.body(node)
        inside = {part: values[part] for part in topological([body]) if part in values}
        values[variable] = replaced([body], inside, graph)[0]
    named = {values[variable]: str(variable.data) for variable in names.variables.values()}
    return replace(built, value=replaced(names.view([built.value]), values, graph)[0], names=named)


def _has_indices(body: Node) -> bool:
    return any(node.op == "contract" for node in topological([body]))


def _refuse_samples(names: frozenset[str], samples: Samples) -> None:
    """A derivative in one sample is no derivative of the batch."""
    for name, stack in samples.stacks.items():
        if name != stack and name in names:
            raise MatcalcError(
                f"{unicode_name(name)} is one sample of the batch; the derivative in all of them is that in {stack}"
            )
