"""Arrays as users give them, and the batched form in which the check computes.

Publicly a scalar is 0-d, a vector 1-d, a matrix 2-d and a transposed vector (1, n).  Inside, every value is
(…batch, rows, columns), with length 1 for an axis that the value does not have; a tensor is (…batch, …axes).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from matcalc.errors import MatcalcError, ShapeProblem
from matcalc.graph.node import Node, Shape, Size, axes
from matcalc.graph.sizes import is_made, number, spelled

Array = npt.NDArray[Any]

MOST = 2 * 10**9  # numbers that are held at a time: 16 GB


def dimensions(shape: Shape, sizes: Mapping[Any, int]) -> tuple[int, ...]:
    """Rows and columns of a value as numbers, 1 for an absent axis; a number stands for itself unless mapped."""
    found = []
    for size in shape:
        known = 1 if size is None else number(size, sizes)
        if known is None:
            raise MatcalcError(f"the size {spelled(size or 1)} is not known: no array that was given has it")
        found.append(int(known))
    return tuple(found)


def entries(shape: Shape) -> tuple[int, ...]:
    """The axes of an inner array that are its value's own, counted from the last."""
    return tuple(range(-len(shape), 0))


def numeric(given: object, name: str) -> Array:
    """``given`` as a float64 (or complex) array; ``MatcalcError`` naming the variable where it is not numeric."""
    try:
        array = np.asarray(given)
    except (ValueError, TypeError):
        raise MatcalcError(f"{name}: an array of numbers is needed, not rows of different lengths") from None
    if array.dtype.kind not in "biufc":
        raise MatcalcError(
            f"{name}: an array of numbers is needed, not {type(given).__name__} of {array.dtype}"
        )
    return array.astype(complex if array.dtype.kind == "c" else float, copy=False)


def to_batch(array: object, shape: Shape) -> Array:
    """The inner form of a public array of symbolic ``shape``; leading axes, if any, are the batch."""
    values = numeric(array, "the array")
    count = len(axes(shape))
    split = max(0, values.ndim - count)
    batch, own = values.shape[:split], values.shape[split:]
    if len(own) != count:
        raise ShapeProblem(f"an array with axes {_declared(shape)} is needed; {_given(values)}")
    return values.reshape(*batch, *(own + (1, 1))[: max(2, count)])


def from_batch(array: Array, shape: Shape) -> Array:
    """The public form of an inner array of symbolic ``shape``, as an array of its own."""
    if shape[1] is None:
        array = array[..., 0]
    if shape[0] is None and shape[1] is None:
        array = array[..., 0]
    return np.array(array)


def bind(variables: Iterable[Node], arrays: Mapping[str, object]) -> dict[Size, int]:
    """The sizes that ``arrays`` (by canonical name) give to the symbols in the variables' shapes.

    Raises ``ShapeProblem`` where an array does not fit the declared shape or the sizes that came before, and
    ``MatcalcError`` where one is missing or is not numeric.
    """
    sizes: dict[Size, int] = {}
    origin: dict[Size, str] = {}
    # Those with sizes that are made of others come last: by then the others are known.
    for variable in sorted(variables, key=lambda variable: any(map(is_made, variable.shape))):
        name = str(variable.data)
        if name not in arrays:
            raise MatcalcError(
                f"{name} has no value: an array of shape {_declared(variable.shape)} is needed"
            )
        array = numeric(arrays[name], name)
        declared = axes(variable.shape)
        if array.ndim != len(declared):
            raise ShapeProblem(f"{_is(variable)}, which is {_kind(declared)}; {_given(array)}")
        for axis, (size, found) in enumerate(zip(declared, array.shape, strict=True)):
            if is_made(size):
                known = number(size, sizes)
                if known is None:
                    continue
            else:
                known = size if isinstance(size, int) else sizes.setdefault(size, found)
            source = origin.setdefault(size, name)
            if known != found:
                because = "" if isinstance(size, int) else f" with {spelled(size)} = {known} (from {source})"
                place = f": {known} and {found} differ" + (f" on axis {axis}" if len(declared) > 1 else "")
                raise ShapeProblem(f"{_is(variable)}{because}; {_given(array)}{place}")
    return sizes


def _declared(shape: Shape) -> str:
    return "×".join(map(spelled, axes(shape))) or "()"


def _is(variable: Node) -> str:
    shape = axes(variable.shape)
    return f"{variable.data} is {_declared(variable.shape) if shape else 'a scalar'}"


def _kind(declared: tuple[Size, ...]) -> str:
    return f"a {len(declared)}-d array" if declared else "a number or a 0-d array"


def _given(array: Array) -> str:
    return f"an array of shape {array.shape} was given"
