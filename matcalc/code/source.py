"""A source file with one function that returns a value and its derivatives."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from matcalc.code import matlab_file, python_file
from matcalc.code.expression import Expression, ordered
from matcalc.code.kernels import reserved, template
from matcalc.code.lowering import Lowering
from matcalc.code.matlab import Matlab
from matcalc.code.names import identifiers
from matcalc.code.plan import plan
from matcalc.code.python import Python
from matcalc.errors import DerivationProblem
from matcalc.graph.node import Graph, Node, Size, axes
from matcalc.graph.sizes import symbols
from matcalc.operations import Operations

TARGETS = ("numpy", "jax", "torch", "matlab")
# Names that MATLAB has too, which are a user's variables where the code has no need of MATLAB's.
_LENT = frozenset("beta gamma psi eps e i I j J".split())


@dataclass(frozen=True)
class Wanted:
    """What a function is to return: a node under a name, and what it is in words; ``rows`` where it is a row."""

    name: str
    node: Node
    words: str
    row: bool = False


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


def source(request: Request, target: str, graph: Graph, operations: Operations) -> Source:
    """The file for a target."""
    lowering = Lowering(graph, operations, target)
    nodes = [wanted.node for wanted in request.wanted]
    values = lowering.of(nodes)
    values = [_row(lowering, wanted, value) for wanted, value in zip(request.wanted, values, strict=True)]
    named = lowering.known(request.named)
    arguments = list(request.arguments)
    every = list(dict.fromkeys([*arguments, *request.spare]))
    symbolic = dict.fromkeys(
        symbol
        for node in every
        for size in axes(node.shape)
        for symbol in symbols(size)
        if isinstance(symbol, str)
    )
    if target == "matlab":
        spelled = identifiers([wanted.name for wanted in request.wanted], target)
        renamed = [replace(wanted, name=spelled[wanted.name]) for wanted in request.wanted]
        request = replace(request, wanted=renamed)
    outputs = [wanted.name for wanted in request.wanted]
    files = matlab_file if target == "matlab" else python_file
    function = files.function_name(request.function)
    free = _free(values, target)
    names = identifiers([str(node.data) for node in every], target, [*outputs, function], free)
    inner = identifiers(named.values(), target, [*outputs, *names.values(), function], free)
    lengths = identifiers(symbolic, target, [*outputs, *names.values(), *inner.values(), function])
    taken = {*names.values(), *lengths.values(), *outputs, *inner.values(), function}
    made = plan(
        dict(zip(outputs, values, strict=True)),
        {value: inner[name] for value, name in named.items()},
        names,
        taken | reserved(target),
    )
    language = Matlab if target == "matlab" else Python
    writer = language(target, made.names, lengths)
    body = [line for name, value in made.lines for line in writer.statements(name, value)]
    for output, value in zip(outputs, values, strict=True):
        if made.names.get(value) != output:
            body.append(writer.result(output, value))
    missing = [s for s in writer.needed if not any(s in axes(node.shape) for node in arguments)]
    for symbol in missing:
        if any(symbol in axes(node.shape) for node in arguments):
            continue
        having = [node for node in request.spare if symbol in axes(node.shape)]
        if not having:
            raise DerivationProblem(f"the size {symbol} is that of no variable; declare a shape that has it")
        arguments.append(having[0])
    passed = [(node, names[str(node.data)]) for node in arguments]
    left = set(writer.needed)
    sized: list[str] = []
    for node, name in passed:
        shape = axes(node.shape)
        found = [size for size in shape if size in left]
        left -= set(found)
        if found:
            sized += files.size_lines(name, shape, found, lengths)
    text = files.file(request, target, passed, [*sized, *body])
    shapes = tuple(dict.fromkeys(value.sizes for value in ordered(values)))
    return Source(text, function, tuple(passed), shapes)


def _free(values: Sequence[Expression], target: str) -> frozenset[str]:
    """The names that a target lends to variables of this code."""
    if target != "matlab":
        return frozenset()
    calls = {str(value.data) for value in ordered(values) if value.op == "call"}
    texts = " ".join(template(call, None, target) or "" for call in calls)
    return _LENT - set(re.findall(r"[A-Za-z]\w*", texts))


def _row(lowering: Lowering, wanted: Wanted, value: Expression) -> Expression:
    if not wanted.row:
        return value
    return lowering.arrays.make("lead", (value,), (1, *value.sizes))
