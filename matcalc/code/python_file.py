"""The source file of a function for NumPy, JAX or PyTorch."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matcalc.code.kernels import helpers
from matcalc.code.lines import broken as broken
from matcalc.code.paragraphs import paragraph
from matcalc.graph.node import Node, Size, axes
from matcalc.graph.sizes import spelled

if TYPE_CHECKING:
    from matcalc.code.source import Request, Returned


_WIDTH = 110  # of a line, where it can be broken


def function_name(wanted: str) -> str:
    """What the function is called."""
    return wanted


def size_lines(
    name: str, shape: Sequence[Size], found: Sequence[Size], lengths: Mapping[str, str]
) -> list[str]:
    """The lines that take the sizes ``found`` from the shape of an argument."""
    if len(shape) == 1:
        return [f"{lengths[str(shape[0])]} = {name}.shape[0]"]
    if len(set(found)) == len(shape):
        return [f"{', '.join(lengths[str(size)] for size in shape)} = {name}.shape"]
    return [f"{lengths[str(size)]} = {name}.shape[{shape.index(size)}]" for size in dict.fromkeys(found)]


_IMPORTS = {
    "numpy": ["import numpy as np"],
    "jax": ["import jax", "import jax.numpy as jnp"],
    "torch": ["import torch"],
}


def file(
    request: Request,
    target: str,
    returned: Sequence[Returned],
    passed: Sequence[tuple[Node, str]],
    body: Sequence[str],
) -> str:
    """The text of the file; ``passed`` are the arguments with their names."""
    lines = _listed(f"def {request.function}(", [name for _, name in passed], "):")
    lines += textwrap.indent(_docstring(request, returned, passed), "    ").splitlines()
    lines += ["    " + line for line in (*body, *_returned([each.name for each in returned]))]
    helped = helpers(body, target)
    return "\n".join(_file(request, target, helped, body, lines)) + "\n"


def _returned(names: Sequence[str]) -> list[str]:
    line = f"return {', '.join(names)}"
    return [line] if len(line) <= _WIDTH - 4 else _listed("return (", names, ")")


def _listed(start: str, names: Sequence[str], end: str) -> list[str]:
    """Names between brackets, on lines of their own where one line is too short."""
    line = start + ", ".join(names) + end
    if len(line) <= _WIDTH - 4:
        return [line]
    inner = paragraph(", ".join(names), _WIDTH - 8)
    return [start, *textwrap.indent("\n".join(inner), "    ").splitlines(), end]


def _file(
    request: Request, target: str, helped: Sequence[str], body: Sequence[str], function: Sequence[str]
) -> list[str]:
    """The lines: what is imported, the ``helped`` functions that the statements ``body`` call, and the function."""
    everything = "\n".join([*helped, *body])
    imports = [
        line
        for line in _IMPORTS[target]
        if line != "import jax" or "jax." in everything.replace("jax.numpy", "")
    ]
    if "math." in everything:
        imports.insert(0, "import math")
        if len(imports) > 1:
            imports.insert(1, "")
    lines = paragraph('"""' + _plain(request.summary), _WIDTH)
    for formula in request.formulas:
        lines += ["", *paragraph(_plain(formula), _WIDTH)]
    if request.formulas:
        lines.append('"""')
    else:
        lines[-1] += '"""'
    lines += ["", *imports]
    for helper in helped:
        lines += ["", "", *helper.rstrip().splitlines()]
    return [*lines, "", "", *function]


def _docstring(request: Request, returned: Sequence[Returned], passed: Sequence[tuple[Node, str]]) -> str:
    """The arguments and the results with their shapes."""
    lines = [*paragraph('"""' + _plain(request.summary), _WIDTH - 4), ""]
    for node, name in passed:
        original = str(node.data)
        called = "" if original == name else f" ({original} in the formula)"
        assumed = request.structures.words(original)
        lines.append(f"{name}: {', '.join(filter(None, [_shape(axes(node.shape)), assumed]))}{called}")
    results = "Returns " + ", ".join(f"{each.name}: {each.words}{each.note}" for each in returned) + "."
    lines += paragraph(results, _WIDTH - 4)
    return "\n".join([*lines, '"""'])


def _shape(shape: Sequence[Size]) -> str:
    if not shape:
        return "a number"
    inner = ", ".join(map(spelled, shape))
    return f"array ({inner},)" if len(shape) == 1 else f"array ({inner})"


def _plain(text: str) -> str:
    """A text that may stand in a docstring."""
    return text.replace("\\", "\\\\").replace('"', "'")
