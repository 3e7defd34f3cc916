"""A source file with one function that returns a value and its derivatives."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matcalc.code.compressed import LETTERS, factors
from matcalc.code.expression import Expression, ordered
from matcalc.code.kernels import helpers, reserved
from matcalc.code.lowering import Lowering
from matcalc.code.names import identifiers
from matcalc.code.plan import plan
from matcalc.code.python import Python
from matcalc.code.solves import Solves
from matcalc.errors import DerivationProblem
from matcalc.graph.node import Graph, Node, Size, axes
from matcalc.graph.sizes import spelled, symbols
from matcalc.operations import Operations
from matcalc.structure import Structures

TARGETS = ("numpy", "jax", "torch", "matlab")


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


def source(
    request: Request, target: str, graph: Graph, operations: Operations, structures: Structures
) -> Source:
    """The file for a target."""
    lowering = Lowering(graph, operations, target, structures)
    plain = lowering.of([wanted.node for wanted in request.wanted])
    solves = Solves(lowering.arrays, lowering.definite, has_lu=target != "numpy")
    values = solves.of(plain)
    returned = [
        each
        for wanted, value in zip(request.wanted, values, strict=True)
        for each in _returned(lowering, wanted, value)
    ]
    values = [each.value for each in returned]
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
    outputs = [each.name for each in returned]
    names = identifiers([str(node.data) for node in every], target, [*outputs, request.function])
    inner = identifiers(named.values(), target, [*outputs, *names.values(), request.function])
    lengths = identifiers(symbolic, target, [*outputs, *names.values(), *inner.values(), request.function])
    taken = {*names.values(), *lengths.values(), *outputs, *inner.values(), request.function}
    made = plan(
        dict(zip(outputs, values, strict=True)),
        {solves.moved(value): inner[name] for value, name in named.items()},
        names,
        taken | reserved(target),
    )
    spare = {names[str(node.data)]: axes(node.shape) for node in request.spare}
    writer = Python(target, made.names, lengths, spare)
    body = [line for name, value in made.lines for line in writer.statements(name, value)]
    for output, value in zip(outputs, values, strict=True):
        if made.names.get(value) != output:
            body.append(f"{output} = {writer.text(value)[0]}")
    arguments += [node for node in request.spare if names[str(node.data)] in writer.borrowed]
    missing = [s for s in writer.needed if not any(s in axes(node.shape) for node in arguments)]
    for symbol in missing:
        if any(symbol in axes(node.shape) for node in arguments):
            continue
        having = [node for node in request.spare if symbol in axes(node.shape)]
        if not having:
            raise DerivationProblem(f"the size {symbol} is that of no variable; declare a shape that has it")
        arguments.append(having[0])
    sized = _size_lines(writer.needed, arguments, names, lengths)
    results = ", ".join(outputs)
    passed = [(node, names[str(node.data)]) for node in arguments]
    lines = [f"def {request.function}({', '.join(name for _, name in passed)}):"]
    lines += textwrap.indent(_docstring(request, returned, passed), "    ").splitlines()
    lines += ["    " + line for line in (*sized, *body, f"return {results}")]
    text = "\n".join(_file(request, target, lines))
    shapes = tuple(dict.fromkeys(value.sizes for value in ordered(values)))
    return Source(text + "\n", request.function, tuple(passed), shapes)


@dataclass(frozen=True)
class _Returned:
    """A value that the function returns."""

    name: str
    value: Expression
    words: str


def _returned(lowering: Lowering, wanted: Wanted, value: Expression) -> list[_Returned]:
    """What is returned for one value: it, or its factors."""
    if wanted.row:
        value = lowering.arrays.make("lift", (value,), (1, *value.sizes), 0)
    if not wanted.compressed:
        return [_Returned(wanted.name, value, wanted.words)]
    found = factors(lowering.arrays, value, wanted.name)
    names = found.names
    words = [_words(factor.sizes) for factor in found.values]
    letters = ",".join(LETTERS[: value.rank])
    if found.values != (value,):
        words[-1] += f", where {wanted.name}[{letters}] = {' + '.join(found.terms)}"
    return [_Returned(*each) for each in zip(names, found.values, words, strict=True)]


def _words(shape: Sequence[object]) -> str:
    if not shape:
        return "a number"
    return f"({', '.join(map(str, shape))}{',' if len(shape) == 1 else ''})"


def _size_lines(
    needed: Mapping[Size, None],
    arguments: Sequence[Node],
    names: Mapping[str, str],
    lengths: Mapping[str, str],
) -> list[str]:
    """The lines that take sizes from the arguments' shapes."""
    lines = []
    left = set(needed)
    for node in arguments:
        shape = axes(node.shape)
        found = [size for size in shape if size in left]
        if not found:
            continue
        left -= set(found)
        name = names[str(node.data)]
        if len(shape) == 1:
            lines.append(f"{lengths[str(shape[0])]} = {name}.shape[0]")
        elif len(set(found)) == len(shape):
            lines.append(f"{', '.join(lengths[str(size)] for size in shape)} = {name}.shape")
        else:
            lines += [
                f"{lengths[str(size)]} = {name}.shape[{shape.index(size)}]" for size in dict.fromkeys(found)
            ]
    return lines


_IMPORTS = {
    "numpy": ["import numpy as np"],
    "jax": ["import jax", "import jax.numpy as jnp"],
    "torch": ["import torch"],
}


def _file(request: Request, target: str, function: list[str]) -> list[str]:
    helped = helpers(function, target)
    everything = "\n".join([*helped, *function])
    imports = [
        line
        for line in _IMPORTS[target]
        if line != "import jax" or "jax." in everything.replace("jax.numpy", "")
    ]
    if "math." in everything:
        imports.insert(0, "import math")
        if len(imports) > 1:
            imports.insert(1, "")
    lines = ['"""' + _plain(request.summary)]
    for formula in request.formulas:
        lines += ["", *textwrap.wrap(_plain(formula), 116)]
    lines += ['"""' if request.formulas else "", "", *imports]
    for helper in helped:
        lines += ["", "", *helper.rstrip().splitlines()]
    return [*lines, "", "", *function]


def _docstring(request: Request, returned: Sequence[_Returned], passed: Sequence[tuple[Node, str]]) -> str:
    """The arguments and the results with their shapes."""
    lines = ['"""' + _plain(request.summary), ""]
    for node, name in passed:
        original = str(node.data)
        called = "" if original == name else f" ({original} in the formula)"
        lines.append(f"{name}: {_shape(axes(node.shape))}{called}")
    results = "Returns " + ", ".join(f"{each.name}: {each.words}" for each in returned) + "."
    lines += textwrap.wrap(results, 112)
    return "\n".join([*lines, '"""'])


def _shape(shape: Sequence[Size]) -> str:
    if not shape:
        return "a number"
    inner = ", ".join(map(spelled, shape))
    return f"array ({inner},)" if len(shape) == 1 else f"array ({inner})"


def _plain(text: str) -> str:
    """A text that may stand in a docstring."""
    return text.replace("\\", "\\\\").replace('"', "'")
