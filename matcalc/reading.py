"""From what a user gives, text or a SymPy expression, to the graph of its value."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

from matcalc.errors import MatcalcError, ShapeProblem
from matcalc.graph.build import Built, build
from matcalc.graph.node import SCALAR, Graph, Node, Shape, Size, axes, full_shape
from matcalc.language.assumptions import Assume, read_assumptions, read_shapes
from matcalc.language.conventions import rank
from matcalc.language.indices import resolve
from matcalc.language.names import unicode_name
from matcalc.language.parser import Parsed, parse
from matcalc.language.resolved import Resolved
from matcalc.language.syntax import Name, postorder
from matcalc.operations import RESERVED, Operations, load
from matcalc.structure import NONE, Structures

if TYPE_CHECKING:
    from pathlib import Path

    from matcalc.language.batches import Batch, Samples

AMBIGUOUS = frozenset(
    ["e", "Sigma", "sigma", "Gamma"]
)  # names that mean something else where they name no variable
_MOST_LETTERS = 8  # that are tried as scalars where a formula does not conform
Shapes = Mapping[str, object] | str | None
Rules = Iterable["str | Path"]


class Reading(NamedTuple):
    """A formula that was read: its text, its value in a graph, the shapes of its variables and notes on the reading.

    ``spellings`` says how the text wrote each variable; ``declared`` holds the shapes that were declared, also of
    variables that don't occur.
    """

    text: str
    value: Node
    graph: Graph
    operations: Operations
    shapes: dict[str, Shape]
    declared: dict[str, tuple[Size, ...]]
    notes: tuple[str, ...]
    spellings: Mapping[str, str]
    symbols: Mapping[str, Any] = {}  # of a SymPy expression, by canonical name
    names: Mapping[Node, str] = {}
    parsed: Resolved | None = None
    structures: Structures = NONE
    samples: Samples | None = None  # where the formula is the loss of one of them


def read(
    formula: object,
    shapes: Shapes = None,
    rules: Rules = (),
    assumed: Mapping[str, tuple[Size, ...]] | None = None,
    names: Iterable[str] = (),
    assume: Assume = None,
    batch: Batch | None = None,
) -> Reading:
    """Read a formula or a program: text in any of the three spellings, or a SymPy expression.

    ``shapes`` declares variables, as ``{"A": ("m", "k"), "γ": ()}`` or ``"A: m×k, γ: scalar"``; ``rules`` names files
    with more operations; ``assumed`` shapes hold for names that nothing else declares;
    ``names`` are variables whatever else they could mean (e, Σ); ``assume`` says which structure variables have, as
    ``{"S": "symmetric"}`` or ``"S: symmetric, Q: orthogonal"``; ``batch`` makes the loss of one sample
    that of many.  Raises ``MatcalcError`` where the formula can't be read or its shapes don't conform.
    """
    operations = load(rules)
    names = frozenset(names)
    symbols: dict[str, Any] = {}
    declared, beside = read_shapes(shapes)
    structures = read_assumptions(assume, beside)
    if isinstance(formula, str):
        known = {
            *(assumed or {}),
            *declared,
            *structures.kinds,
            *(name for name in names if name in AMBIGUOUS),
        }
        text, parsed = formula, parse(formula, known, operations.functions)
    else:
        from matcalc.language.from_sympy import read_sympy, symbols_of

        text, parsed = read_sympy(formula)
        symbols = symbols_of(formula)
    structures = read_assumptions(assume, beside, parsed.assumed)
    declared = {**(assumed or {}), **_merged(declared, parsed)}
    for name in (*declared, *structures.kinds):
        if name in operations.functions or name in RESERVED:
            raise MatcalcError(
                f"`{name}` has a meaning of its own in formulas; call the variable something else"
            )
    for name, _ in parsed.definitions:
        if name in structures.kinds:
            raise MatcalcError(
                f"{unicode_name(name)} is defined by the formula, so that nothing can be assumed of it; assume it of the"
                " variables in its definition"
            )
    graph = Graph()
    samples = None
    try:
        if batch is None:
            indices = resolve(parsed, text, declared, names)
        else:
            from matcalc.batching import in_matrices, read_batch

            indices, declared, samples, structures = read_batch(
                parsed, text, declared, names, batch, operations, structures
            )
            parsed = parsed._replace(shapes={**parsed.shapes, **dict.fromkeys(samples.stacks.values(), ())})
        built = build(
            indices.tree,
            text,
            graph,
            operations,
            declared,
            indices.definitions,
            indices=indices,
            square=structures.square(),
        )
        if samples is not None:
            built = in_matrices(built, graph, operations)
    except ShapeProblem as problem:
        hints = [
            note for note in parsed.notes if "was read as the product" in note or "as a block matrix" in note
        ]
        letter = (
            None
            if samples
            else scalar_instead(
                _vectors_by_letter(parsed, declared),
                lambda name: _value_with(name, parsed, text, declared, names, operations, structures),
            )
        )
        if letter is not None:
            hints.append(
                f"it conforms if {unicode_name(letter)} is a scalar: --shape '{unicode_name(letter)}: scalar'"
            )
        raise ShapeProblem("; ".join([problem.message, *hints]), text, problem.start, problem.end) from None
    structures.fit({**{name: full_shape(sizes) for name, sizes in declared.items()}, **built.shapes})
    return Reading(
        text,
        built.value,
        graph,
        operations,
        built.shapes,
        declared,
        (
            *parsed.notes,
            *indices.notes,
            *built.notes,
            *_unused(declared, indices, built, names),
            *_undeclared(parsed, built),
            *_assumed_in_vain(structures, {*built.shapes, *declared, *names}),
        ),
        parsed.spellings,
        symbols,
        built.names,
        indices,
        structures,
        samples,
    )


def scalar_instead(
    letters: Iterable[str],
    value_with: Callable[[str], Node],
    fits: Callable[[Node], bool] = lambda node: True,
) -> str | None:
    """The first letter with which, as a scalar, a formula can be read and has a value that ``fits``."""
    for letter in islice(letters, _MOST_LETTERS):
        with suppress(MatcalcError):
            if fits(value_with(letter)):
                return letter
    return None


def _vectors_by_letter(parsed: Parsed, declared: Mapping[str, tuple[Size, ...]]) -> Iterator[str]:
    """The names that are vectors for want of a declaration."""
    trees = [parsed.tree, *(tree for _, tree in parsed.definitions)]
    found = dict.fromkeys(
        piece.name for tree in trees for piece in postorder(tree) if isinstance(piece, Name)
    )
    known = {*declared, *(name for name, _ in parsed.definitions)}
    yield from (name for name in found if name not in known and rank(name) == 1)


def _value_with(
    letter: str,
    parsed: Parsed,
    text: str,
    declared: Mapping[str, tuple[Size, ...]],
    names: frozenset[str],
    operations: Operations,
    structures: Structures,
) -> Node:
    """The value of a formula in which this letter is a scalar."""
    shapes = {**declared, letter: ()}
    indices = resolve(parsed, text, shapes, names)
    square = structures.square()
    return build(
        indices.tree, text, Graph(), operations, shapes, indices.definitions, indices=indices, square=square
    ).value


def value_of(reading: Reading, name: str) -> Node:
    """The value of a definition."""
    assert reading.parsed is not None
    if reading.samples is not None and name in reading.names.values():
        return next(node for node, known in reading.names.items() if known == name)
    definitions = dict(reading.parsed.definitions)
    declared = {other: axes(shape) for other, shape in reading.shapes.items()}
    built = build(
        definitions[name],
        reading.text,
        reading.graph,
        reading.operations,
        {**reading.declared, **declared},
        tuple(definitions.items()),
        indices=_without_order(reading.parsed, reading.parsed.orders.get(name, ())),
    )
    return built.value


def _without_order(indices: Resolved, order: tuple[str, ...]) -> Resolved:
    """The same reading, where the value is another one whose free indices have this order."""
    return indices._replace(orders={**indices.orders, "": order}, rows=())


def without(reading: Reading, name: str, variable: Node) -> Reading:
    """The same formula with the definition of ``name`` dropped, so that it is the ``variable``."""
    assert reading.parsed is not None
    declared = {other: axes(shape) for other, shape in reading.shapes.items()}
    definitions = tuple((other, tree) for other, tree in reading.parsed.definitions if other != name)
    built = build(
        reading.parsed.tree,
        reading.text,
        reading.graph,
        reading.operations,
        {**reading.declared, **declared},
        definitions,
        {name: variable},
        indices=reading.parsed,
    )
    if reading.samples is not None:
        from matcalc.batching import in_matrices

        built = in_matrices(built, reading.graph, reading.operations)
    shapes = {**reading.shapes, name: variable.shape}
    parsed = reading.parsed._replace(definitions=definitions)
    return reading._replace(value=built.value, shapes=shapes, names=built.names, parsed=parsed)


def _unused(declared: Iterable[str], parsed: Resolved, built: Built, names: Iterable[str]) -> list[str]:
    """Notes on names that are declared or defined in vain, which may be misspelt."""
    defined = {name for name, _ in parsed.definitions}
    vain = sorted({*declared} - {*built.shapes} - {*names} - defined)
    return [
        *(f"{unicode_name(name)} is declared but does not occur in the formula" for name in vain),
        *(f"{unicode_name(name)} is defined but not used" for name in built.unused),
    ]


def _undeclared(parsed: Parsed, built: Built) -> list[str]:
    """Notes on names that a program with a line of shapes neither declares nor defines, which may be misspelt."""
    if not parsed.has_shapes:
        return []
    return [
        f"{unicode_name(name)} is neither declared nor defined; it was read as a {_kind(shape)}"
        for name, shape in built.shapes.items()
        if name not in parsed.shapes and name not in {assumed for assumed, _ in parsed.assumed}
    ]


def _kind(shape: Shape) -> str:
    return "scalar" if shape == SCALAR else "vector" if None in shape else "matrix"


def _assumed_in_vain(structures: Structures, known: set[str]) -> list[str]:
    """Notes on assumptions about names that are no variables of the formula."""
    return [
        f"{unicode_name(name)} is assumed {' and '.join(sorted(kinds))} but does not occur in the formula"
        for name, kinds in sorted(structures.kinds.items())
        if name not in known
    ]


def _merged(declared: dict[str, tuple[Size, ...]], parsed: Parsed) -> dict[str, tuple[Size, ...]]:
    """The shapes that the caller and the text declare, which must not contradict each other."""
    for name, shape in parsed.shapes.items():
        if declared.get(name, shape) != shape:
            raise MatcalcError(
                f"{name} is declared twice: as {declared[name]} and, in the formula, as {shape}"
            )
    return {**declared, **parsed.shapes}
