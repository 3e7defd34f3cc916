"""Conventions under which a formula is right that differs from the derivative as matcalc defines it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from matcalc.derivation import Derivation
from matcalc.derivatives import depends_on
from matcalc.errors import MatcalcError
from matcalc.gradients import gradients
from matcalc.graph.algebra import Algebra
from matcalc.graph.node import Node, Shape, axes, own_axes
from matcalc.graph.replace import replaced
from matcalc.language.names import unicode_name
from matcalc.review.ground import Ground
from matcalc.structure import Structures
from matcalc.verification.arrays import Array

_MOST_POSITIVE = 6  # variables that are tried


def convention(derivation: Derivation, claim: Node, ground: Ground, says_which: bool = False) -> str | None:
    """The convention under which ``claim`` is the derivative, in words; None where none of those known is it.

    A left side that ``says_which`` index is which axis leaves no layout to choose.
    """
    words = _overall(derivation, claim, ground, says_which)
    if words is None:
        return _symmetric(derivation, claim)
    there = ground.elsewhere  # where n is 2, 2n·x is twice 2x
    return words if there is None or _overall(derivation, claim, there, says_which) == words else None


def _overall(derivation: Derivation, claim: Node, ground: Ground, says_which: bool) -> str | None:
    """The layout or the factor of 2 in which a claim differs from the derivative at some points."""
    right, claimed = ground.value(derivation.result), ground.value(claim)
    if right is None or claimed is None:
        return None
    layouts = (*_layouts(derivation, claim.shape, claimed), *_stacked(derivation, claimed, right))
    for words, other in () if says_which else layouts:
        if ground.same(other, right):
            return words
    if claim.shape == derivation.result.shape and _is_quadratic(derivation):
        if ground.same(2 * claimed, right):
            return "half of the derivative: a factor of 2, as if the formula had ½ in front of it"
        if ground.same(claimed, 2 * right):
            return "twice the derivative: a factor of 2, as if the formula had no ½ in front of it"
    return None


def _is_quadratic(derivation: Derivation) -> bool:
    """Whether a formula is a sum of squares, in front of which some write ½ and some do not."""
    pending = [derivation.value]
    while pending:
        node = pending.pop()
        if node.op in ("add", "sub"):
            pending += node.args
        elif node.op == "scale":
            pending.append(node.args[1])
        elif node.op == "over":
            pending.append(node.args[0])
        elif node.op != "sumsq" and depends_on(node, derivation.variable):
            return False
    return True


def _layouts(derivation: Derivation, shape: Shape, claimed: Array) -> Iterator[tuple[str, Array]]:
    """What the claim is in other layouts, with their names."""
    wanted = derivation.result.shape
    if len(shape) == 2 and len(wanted) == 2:
        if shape == wanted[::-1]:
            layout = "denominator" if derivation.kind == "jacobian" else "numerator"
            shapes = f": {_words(shape)} in place of {_words(wanted)}" if shape != wanted else ""
            yield (
                f"the transposed layout, the transpose of the derivative as matcalc defines it{shapes}; others call it the"
                f" {layout} layout",
                claimed.swapaxes(-1, -2),
            )
    elif len(shape) == len(wanted):
        inner = len(axes(derivation.value.shape)) or len(wanted) // 2
        turned = (*shape[len(shape) - inner :], *shape[: len(shape) - inner])
        if turned == wanted:
            places = range(claimed.ndim - inner, claimed.ndim)
            yield (
                "the transposed layout: the axes of the variable stand before those of the value",
                np.moveaxis(claimed, places, range(1, inner + 1)),
            )


def _stacked(derivation: Derivation, claimed: Array, right: Array) -> Iterator[tuple[str, Array]]:
    """A claimed matrix for vec of the value and of the variable, such as Bᵀ⊗A for AXB, as entries; with its names."""
    if right.ndim < 4 or claimed.ndim != 3:
        return
    inner = len(axes(derivation.value.shape)) or (right.ndim - 1) // 2
    value, variable = right.shape[1 : 1 + inner], right.shape[1 + inner :]
    size = math.prod(value), math.prod(variable)
    for turned, matrix in (("", claimed), (", transposed", claimed.swapaxes(-1, -2))):
        if matrix.shape[1:] != size:
            continue
        by_columns = matrix.reshape(-1, *value[::-1], *variable[::-1])
        places = (0, *range(inner, 0, -1), *range(right.ndim - 1, inner, -1))
        yield f"the matrix for vec of both{turned}: vec stacks columns", by_columns.transpose(places)
        yield f"the matrix for vec of both{turned}: vec strings rows together", matrix.reshape(right.shape)


def _symmetric(derivation: Derivation, claim: Node) -> str | None:
    """Whether the claim is right where square variables are symmetric, or in another form for a symmetric variable."""
    structures = derivation.reading.structures
    name = str(derivation.variable.data)
    if derivation.projection is not None and derivation.ambient is not None:
        ambient = ("the gradient in free entries, without the structure of the variable", derivation.ambient)
        for words, other in (ambient, *_forms(derivation, structures)):
            if _agree(derivation, claim, other, structures):
                return f"the variable's structure: it is {words}"
    for chosen, assumed in _assumptions(derivation):
        names = _listed(chosen)
        if _takes_symmetric_parts(derivation, chosen) and _agree(
            derivation, claim, derivation.result, assumed
        ):
            return (
                f"a symmetric variable: it holds where {names}, as one may assume, since only the symmetric part counts"
                " in the formula"
            )
        if chosen == [name] and derivation.kind == "gradient":
            within = derivation.reading._replace(structures=assumed)
            for words, other in _forms(gradients(within, [derivation.wrt])[derivation.wrt], assumed):
                if _agree(derivation, claim, other, assumed):
                    return f"a symmetric variable: where {names} it is {words}"
    return None


def condition(derivation: Derivation, claim: Node) -> str | None:
    """Of which variable a wrong claim takes for granted that it is symmetric or positive, in words; None where of none."""
    for chosen, assumed in _assumptions(derivation):
        if _agree(derivation, claim, derivation.result, assumed):
            return f"it would hold if {_listed(chosen)}"
    structures = derivation.reading.structures
    free = [name for name in derivation.reading.shapes if name not in structures.kinds]
    for name in free[:_MOST_POSITIVE]:
        kinds = {**structures.kinds, name: frozenset(["positive"])}
        if _agree(derivation, claim, derivation.result, structures._replace(kinds=kinds)):
            return f"it would hold if {unicode_name(name)} were positive"
    return None


def adding_up(derivation: Derivation, claim: Node, ground: Ground) -> str | None:
    """The vector that a wrong claim takes for probabilities, as the targets of a cross entropy, in words."""
    if claim.shape == derivation.result.shape:
        for name, shape in derivation.reading.shapes.items():
            if len(axes(shape)) == 1 and ground.agree_where_one(name, claim, derivation.result):
                return f"it would hold if the entries of {unicode_name(name)} added up to 1"
    return None


def _assumptions(derivation: Derivation) -> Iterator[tuple[list[str], Structures]]:
    """The square variables of which nothing is known, one by one and together, and that they are symmetric."""
    structures = derivation.reading.structures
    free = _free(derivation)
    for chosen in [[name] for name in free] + ([free] if len(free) > 1 else []):
        kinds = {**structures.kinds, **dict.fromkeys(chosen, frozenset(["symmetric"]))}
        yield chosen, structures._replace(kinds=kinds)


def _free(derivation: Derivation) -> list[str]:
    """The square variables of which nothing is assumed."""
    known = derivation.reading.structures.kinds
    shapes = derivation.reading.shapes.items()
    return [
        name for name, shape in shapes if len(axes(shape)) == 2 and shape[0] == shape[1] and name not in known
    ]


def _listed(names: Sequence[str]) -> str:
    return " and ".join(map(unicode_name, names)) + (" are symmetric" if len(names) > 1 else " is symmetric")


def _takes_symmetric_parts(derivation: Derivation, names: Sequence[str]) -> bool:
    """Whether a formula has the same value with the symmetric parts of variables, as xᵀAx has with ½(A + Aᵀ)."""
    reading = derivation.reading
    algebra = Algebra(reading.graph)
    parts = {}
    for name in names:
        whole = reading.graph.variable(name, reading.shapes[name])
        both = reading.graph.node("add", (whole, algebra.transpose(whole)), whole.shape)
        parts[whole] = reading.graph.node("scale", (algebra.number(Fraction(1, 2)), both), whole.shape)
    (other,) = replaced([derivation.value], dict(parts), reading.graph)
    try:
        ground = Ground(derivation, [other], reading.structures)
    except MatcalcError:
        return False
    return ground.agree(other, derivation.value)


def _forms(derivation: Derivation, structures: Structures) -> Iterator[tuple[str, Node]]:
    """The gradients that books give for a symmetric variable."""
    for rule, words in (
        ("projection", "the symmetric part of the gradient"),
        ("cookbook", "the Matrix Cookbook's form"),
    ):
        reading = derivation.reading._replace(structures=structures.of(rule))
        yield words, gradients(reading, [derivation.wrt])[derivation.wrt].result


def _agree(derivation: Derivation, claim: Node, other: Node, structures: Structures) -> bool:
    """Whether two formulas have the same values where variables have these structures."""
    if claim.shape != other.shape:
        return False
    try:
        ground = Ground(derivation, [claim, other], structures)
    except MatcalcError:
        return False
    return ground.agree(claim, other)


def _words(shape: Sequence[object]) -> str:
    return "×".join(str(1 if size is None else size) for size in shape) if own_axes(shape) else "a scalar"  # type: ignore[arg-type]
