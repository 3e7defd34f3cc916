"""A source file with one function that returns a value and its derivatives."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from matcalc.code import matlab_file, python_file
from matcalc.code.common import CommonFactors
from matcalc.code.compressed import LETTERS, factors
from matcalc.code.cost import cost
from matcalc.code.expression import Expression, ordered
from matcalc.code.kernels import reserved, template
from matcalc.code.lowering import Lowering
from matcalc.code.made import MadeProducts
from matcalc.code.matlab import Matlab
from matcalc.code.names import identifiers
from matcalc.code.numbers_inside import NumbersInside
from matcalc.code.plan import plan
from matcalc.code.python import Python
from matcalc.code.solves import Solves
from matcalc.errors import DerivationProblem
from matcalc.graph.node import Graph, Node, Size, axes
from matcalc.graph.sizes import symbols
from matcalc.operations import Operations
from matcalc.structure import Structures

TARGETS = ("numpy", "jax", "torch", "matlab")
# Ways to compute the values: whether products serve again, whether large values come first, how much cheaper it must be.
_WAYS = ((False, False, 1.0), (True, False, 1.0), (True, True, 0.95))
# Names that MATLAB has too, which are a user's variables where the code has no need of MATLAB's.
_LENT = frozenset("beta gamma psi eps e i I j J".split())


@dataclass(frozen=True)
class Wanted:
    """What a function is to return: a node under a name, and what it is in words; ``row`` where it is a row.

    ``compressed`` asks for its factors in its place."""

    name: str
    node: Node
    words: str
    row: bool = False
    compressed: bool = False


@dataclass(frozen=True)
class Source:
    """A generated file: its text, the function's name, and its arguments, each a variable with its name in the code."""

    text: str
    function: str
    arguments: tuple[tuple[Node, str], ...]
    largest: tuple[tuple[Size, ...], ...]  # the shapes of what it computes


@dataclass(frozen=True)
class Request:
    """All that a function is made of."""

    function: str
    summary: str
    formulas: Sequence[str]
    wanted: Sequence[Wanted]
    arguments: Sequence[Node]  # variables in the order in which they are passed
    spare: Sequence[Node]  # variables that may be passed to tell sizes
    named: Mapping[str, Node]  # what the formula's definitions stand for
    structures: Structures  # what is assumed of variables


def source(request: Request, target: str, graph: Graph, operations: Operations) -> Source:
    """The file for a target: values to compute, names for them, statements, and the arguments that these need."""
    returned, named = _computed(request, target, graph, operations)
    values = [each.value for each in returned]
    outputs = [each.name for each in returned]
    every = list(dict.fromkeys([*request.arguments, *request.spare]))
    files = matlab_file if target == "matlab" else python_file
    function = files.function_name(request.function)
    free = _free(values, target)
    names = identifiers([str(node.data) for node in every], target, [*outputs, function], free)
    inner = identifiers(named.values(), target, [*outputs, *names.values(), function], free)
    lengths = identifiers(_symbols(every), target, [*outputs, *names.values(), *inner.values(), function])
    taken = {*names.values(), *lengths.values(), *outputs, *inner.values(), function}
    made = plan(
        dict(zip(outputs, values, strict=True)),
        {value: inner[name] for value, name in named.items()},
        names,
        taken | reserved(target),
        _doubled(values, target),
        places=target != "jax",
    )
    language = Matlab if target == "matlab" else Python
    writer = language(
        target, made.names, lengths, {names[str(node.data)]: axes(node.shape) for node in every}
    )
    body = [line for name, value in made.lines for line in writer.statements(name, value)]
    for output, value in zip(outputs, values, strict=True):
        if made.names.get(value) != output:
            body.append(writer.result(output, value))
    borrowed = [node for node in request.spare if names[str(node.data)] in writer.borrowed]
    arguments = _telling([*request.arguments, *borrowed], request.spare, writer.needed)
    passed = [(node, names[str(node.data)]) for node in arguments]
    sized = []
    left = set(writer.needed)
    for node, name in passed:
        shape = axes(node.shape)
        if told := [size for size in shape if size in left]:
            sized += files.size_lines(name, shape, told, lengths)
        left -= set(told)
    lines = [part for line in (*sized, *body) for part in files.broken(line)]
    text = files.file(request, target, returned, passed, lines)
    shapes = tuple(dict.fromkeys(value.sizes for value in ordered(values)))
    return Source(text, function, tuple(passed), shapes)


def _computed(
    request: Request, target: str, graph: Graph, operations: Operations
) -> tuple[list[Returned], dict[Expression, str]]:
    """What the function returns, and the values in it that have names in the formula, in the cheapest of some ways.

    What is cheapest for one product may not be for all of them, so products are tried each by itself, and with what was
    made for others.
    """
    best: tuple[list[Returned], dict[Expression, str]] | None = None
    least = 0.0
    for serves, large_first, worth in _WAYS:
        made = MadeProducts() if serves else None
        lowering = Lowering(graph, operations, target, request.structures, made)
        found = _worked_off(request, target, lowering, large_first)
        costs = cost(returned.value for returned in found[0])
        if best is None or costs < worth * least:
            best, least = found, costs
    assert best is not None
    return best


def _worked_off(
    request: Request, target: str, lowering: Lowering, large_first: bool
) -> tuple[list[Returned], dict[Expression, str]]:
    """What the function returns, and the values in it that have names in the formula."""
    plain = lowering.of([wanted.node for wanted in request.wanted], large_first)
    solves = Solves(lowering.arrays, lowering.definite, has_lu=target != "numpy")
    solved = solves.of(plain)
    named = {solves.moved(value): name for value, name in lowering.known(request.named).items()}
    common = CommonFactors(lowering.arrays, named)
    values = common.of(solved)
    named = {common.moved(value): name for value, name in named.items()}
    if target == "jax":
        inside = NumbersInside(lowering.arrays, named)
        values = inside.of(values)
        named = {inside.moved(value): name for value, name in named.items()}
    found = [
        each
        for wanted, value in zip(request.wanted, values, strict=True)
        for each in _returned(lowering, wanted, value)
    ]
    spelled = identifiers([each.name for each in found], target) if target == "matlab" else {}
    returned = [replace(each, name=spelled.get(each.name, each.name)) for each in found]
    return returned, named


def _symbols(nodes: Sequence[Node]) -> list[str]:
    """The names of sizes in the shapes of variables."""
    found = (symbol for node in nodes for size in axes(node.shape) for symbol in symbols(size))
    return list(dict.fromkeys(symbol for symbol in found if isinstance(symbol, str)))


def _telling(arguments: list[Node], spare: Sequence[Node], needed: Iterable[Size]) -> list[Node]:
    """The arguments, and those of the ``spare`` variables that tell the sizes which are needed besides."""
    for symbol in needed:
        if any(symbol in axes(node.shape) for node in arguments):
            continue
        having = [node for node in spare if symbol in axes(node.shape)]
        if not having:
            raise DerivationProblem(f"the size {symbol} is that of no variable; declare a shape that has it")
        arguments.append(having[0])
    return arguments


def _doubled(values: Sequence[Expression], target: str) -> set[Expression]:
    """Operands that the text of a kernel has twice."""
    found = set()
    for value in ordered(values):
        text = (template(str(value.data), None, target) if value.op == "call" else None) or ""
        found |= {arg for place, arg in enumerate(value.args) if text.count(f"{{{place}}}") > 1}
    return found


def _free(values: Sequence[Expression], target: str) -> frozenset[str]:
    """The names that a target lends to variables of this code."""
    if target != "matlab":
        return frozenset()
    calls = {str(value.data) for value in ordered(values) if value.op == "call"}
    texts = " ".join(template(call, None, target) or "" for call in calls)
    return _LENT - set(re.findall(r"[A-Za-z]\w*", texts))


@dataclass(frozen=True)
class Returned:
    """A value that the function returns."""

    name: str
    value: Expression
    words: str
    note: str = ""


def _returned(lowering: Lowering, wanted: Wanted, value: Expression) -> list[Returned]:
    """What is returned for one value: it, or its factors."""
    if wanted.row:
        value = lowering.arrays.make("lift", (value,), (1, *value.sizes), 0)
    if not wanted.compressed:
        return [Returned(wanted.name, value, wanted.words)]
    found = factors(lowering.arrays, value, wanted.name)
    names = found.names
    letters = ",".join(LETTERS[: value.rank])
    notes = [""] * len(names)
    if found.values != (value,):
        notes[-1] = f", where {wanted.name}[{letters}] = {' + '.join(found.terms)}"
    return [
        Returned(name, factor, _words(factor.sizes), note)
        for name, factor, note in zip(names, found.values, notes, strict=True)
    ]


def _words(shape: Sequence[object]) -> str:
    if not shape:
        return "a number"
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"
