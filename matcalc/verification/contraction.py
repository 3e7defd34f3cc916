"""Contractions of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from matcalc.graph.node import Node, Shape, own_axes
from matcalc.graph.subscripts import Subscripts
from matcalc.verification.arrays import Array


def contract(node: Node, arguments: Sequence[Array], size: tuple[int, ...]) -> Array:
    """The value of a contraction, of this size with a 1 for each axis it lacks, from its operands' inner arrays."""
    subscripts = node.data
    assert isinstance(subscripts, Subscripts)
    operands: list[Any] = []
    for value, arg, indices in zip(arguments, node.args, subscripts.inputs, strict=True):
        operands += [_squeezed(value, arg.shape), [..., *indices]]
    present = {index for indices in subscripts.inputs for index in indices}
    own = [size[place] for place in own_axes(node.shape)]
    for index, length in zip(subscripts.output, own, strict=True):
        if index not in present:
            operands += [np.ones(length), [..., index]]
    result = np.einsum(*operands, [..., *subscripts.output], optimize=len(operands) > 4)
    return np.asarray(result).reshape(*result.shape[: result.ndim - len(own)], *size)


def _squeezed(value: Array, shape: Shape) -> Array:
    """An inner array without the axes that its shape lacks."""
    first = value.ndim - len(shape)
    absent = tuple(first + place for place, size in enumerate(shape) if size is None)
    return value.squeeze(absent)


def aligned(value: Array, shape: Shape, count: int) -> Array:
    """A scalar's inner array with as many axes as a tensor's."""
    if len(shape) >= count:
        return value
    return value.reshape(*value.shape, *[1] * (count - len(shape)))
