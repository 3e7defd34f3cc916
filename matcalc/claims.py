"""What the check proves: scalar values and their gradients."""

from __future__ import annotations

from typing import NamedTuple

from matcalc.graph.node import SCALAR, Node, own_axes
from matcalc.graph.subscripts import Subscripts
from matcalc.reading import Reading


class Claim(NamedTuple):
    """What the check proves: ``derivative`` is the gradient of the scalar ``value`` in ``variable``.

    ``at_zero`` tells that it is so where the variable is zero.
    """

    value: Node
    variable: Node
    derivative: Node
    at_zero: bool = False


WEIGHTS = "∂C"  # a name that no text can name


def inner_product(value: Node, weights: Node, reading: Reading) -> Node:
    """The sum of a value's entries times weights of the same shape."""
    if value.shape == SCALAR:
        return reading.graph.node("scale", (weights, value), SCALAR)
    indices = range(len(own_axes(value.shape)))
    return reading.graph.node("contract", (weights, value), SCALAR, Subscripts.of([indices, indices], ()))


def weighed(value: Node, variable: Node, derivative: Node, reading: Reading) -> Claim:
    """What has to hold of a Jacobian: the gradient of Σ C ⊙ Y is Σ C ⊙ ∂Y/∂X, whatever the weights C."""
    if value.shape == SCALAR:
        return Claim(value, variable, derivative)
    graph = reading.graph
    weights = graph.variable(WEIGHTS, value.shape)
    count = len(own_axes(value.shape))
    indices = range(count + len(own_axes(variable.shape)))
    subscripts = Subscripts.of([indices[:count], indices], indices[count:])
    gradient = graph.node("contract", (weights, derivative), variable.shape, subscripts)
    return Claim(inner_product(value, weights, reading), variable, gradient)
