"""The source file of a function for MATLAB and Octave."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matcalc.code import lines as long_lines
from matcalc.code.kernels import helpers
from matcalc.code.paragraphs import paragraph
from matcalc.graph.node import Node, Size, axes
from matcalc.graph.sizes import spelled

if TYPE_CHECKING:
    from matcalc.code.source import Request, Returned

# Functions of MATLAB or one of its toolboxes, and what the result is called.
_TAKEN = frozenset(["gradient", "jacobian", "hessian", "value"])
_WIDTH = 110


def function_name(wanted: str) -> str:
    """What the function, and so its file, is called."""
    return f"formula_{wanted}" if wanted in _TAKEN else wanted


def broken(statement: str) -> list[str]:
    """The lines of a statement; each but the last says that it goes on."""
    *parts, last = long_lines.broken(statement, _WIDTH - 6)
    return [*(f"{part} ..." for part in parts), last]


def size_lines(
    name: str, shape: Sequence[Size], found: Sequence[Size], lengths: Mapping[str, str]
) -> list[str]:
    """The lines that take the sizes ``found`` from the shape of an argument."""
    taken = [lengths[str(size)] for size in dict.fromkeys(found)]
    if len(taken) == len(shape) > 1:
        return [f"[{', '.join(taken)}] = size({name});"]
    return [
        f"{length} = size({name}, {shape.index(size) + 1});"
        for length, size in zip(taken, dict.fromkeys(found), strict=True)
    ]


def file(
    request: Request,
    target: str,
    returned: Sequence[Returned],
    passed: Sequence[tuple[Node, str]],
    body: Sequence[str],
) -> str:
    """The text of the file; ``passed`` are the arguments with their names."""
    results = [each.name for each in returned]
    given = f"[{', '.join(results)}]" if len(results) > 1 else results[0]
    names = ", ".join(name for _, name in passed)
    head = f"function {given} = {function_name(request.function)}({names})"
    *parts, last = textwrap.wrap(head, _WIDTH - 4, subsequent_indent="    ", break_long_words=False)
    lines = [*(f"{part} ..." for part in parts), last]
    lines += [f"% {line}".rstrip() for line in _comment(request, returned, passed)]
    lines += ["", *("  " + line for line in body), "end"]
    for helper in helpers(body, target):
        lines += ["", *helper.rstrip().splitlines()]
    return "\n".join(lines) + "\n"


def _comment(request: Request, returned: Sequence[Returned], passed: Sequence[tuple[Node, str]]) -> list[str]:
    """What the function computes, its arguments and its results with their shapes."""
    lines = paragraph(request.summary, _WIDTH - 2)
    for formula in request.formulas:
        lines += ["", *paragraph(formula, _WIDTH - 2)]
    lines.append("")
    for node, name in passed:
        original = str(node.data)
        called = "" if original == name else f" ({original} in the formula)"
        assumed = request.structures.words(original)
        lines.append(f"{name}: {', '.join(filter(None, [_shape(axes(node.shape)), assumed]))}{called}")
    results = ", ".join(f"{each.name}: {_shape(each.value.sizes)}{each.note}" for each in returned)
    return [*lines, *paragraph(f"Returns {results}.", _WIDTH - 2)]


def _shape(shape: Sequence[Size]) -> str:
    if not shape:
        return "a number"
    sizes = [spelled(size, "*") for size in (shape if len(shape) > 1 else (*shape, 1))]
    return " x ".join(size if size.isalnum() else f"({size})" for size in sizes)
