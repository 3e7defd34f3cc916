"""Layouts: which way a derivative lies, and the matrix for vec of both."""

from __future__ import annotations

from matcalc.claims import weighed
from matcalc.derivation import Derivation
from matcalc.derivatives import Derivative
from matcalc.graph.algebra import Algebra
from matcalc.graph.node import Node, axes, sizes_of


def laid_out(derived: Derivative, value: Node, variable: Node) -> Derivation:
    """The derivative of a value in a variable, in the layout that is asked for."""
    layout = derived.question.layout
    if layout == "kron":
        _vectorize(derived, value, variable)
        return derived
    if not len(sizes_of(value.shape)) == len(sizes_of(variable.shape)) == 1:
        return derived
    if layout == "denominator":
        reading = derived.reading
        algebra = Algebra(reading.graph)
        turned = algebra.transpose(derived.named)
        (derived.named,) = derived.names.simplify([turned], reading.operations, [reading.value])
        derived.result = derived.names.open([derived.named])[0]
        claim = weighed(value, variable, algebra.transpose(derived.result), reading)
        derived._claims = (*derived._claims, claim)
        derived._shape = derived._shape[::-1]
    down, across = ("value", "variable") if layout == "numerator" else ("variable", "value")
    derived._remarks += (
        f"{layout} layout: a row for each entry of the {down}, a column for each of the {across}",
    )
    return derived


def _vectorize(derived: Derivative, value: Node, variable: Node) -> None:
    """Put a derivative into the Kronecker layout; the check then proves this matrix, put back as an array."""
    from matcalc.index.kronecker import as_array, kronecker

    reading = derived.reading
    derived.named = kronecker(
        derived.named,
        value.shape,
        variable.shape,
        reading.graph,
        reading.operations,
        reading.structures,
    )
    derived.result = derived.names.open([derived.named])[0]
    derived._shape = axes(derived.result.shape)
    derived._remarks += ("Kronecker layout: vec stacks columns; a row for each entry of the value",)
    array = as_array(derived.result, value.shape, variable.shape, reading.graph)
    derived._claims = (*derived._claims[:-1], weighed(value, variable, array, reading))
