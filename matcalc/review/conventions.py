"""Conventions under which a formula is right that differs from the derivative as matcalc defines it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.gradients import gradients
from matcalc.graph.node import Node, Shape, axes, own_axes
from matcalc.language.names import unicode_name
from matcalc.review.ground import Ground
from matcalc.structure import Structures
from matcalc.verification.arrays import Array


def convention(derivation: Derivation, claim: Node, ground: Ground) -> str | None:
    """The convention under which ``claim`` is the derivative, in words; None where none of those known is it."""
    right, claimed = ground.value(derivation.result), ground.value(claim)
    if right is None or claimed is None:
        return None
    for words, other in _layouts(derivation, claim.shape, claimed):
        if ground.same(other, right):
            return words
    if claim.shape == derivation.result.shape:
        if ground.same(2 * claimed, right):
            return "half of the derivative: a factor of 2, as if the formula had ½ in front of it"
        if ground.same(claimed, 2 * right):
            return "twice the derivative: a factor of 2, as if the formula had no ½ in front of it"
    return _symmetric(derivation, claim)


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


def _symmetric(derivation: Derivation, claim: Node) -> str | None:
    """Whether the claim is right where square variables are symmetric, or in another form for a symmetric variable."""
    shapes = derivation.reading.shapes
    square = [name for name, shape in shapes.items() if len(axes(shape)) == 2 and shape[0] == shape[1]]
    structures = derivation.reading.structures
    known = [name for name in square if structures.has(name, "symmetric") or structures.has(name, "spd")]
    name = str(derivation.variable.data)
    if name in known and derivation.ambient is not None:
        for words, other in _forms(derivation, name, structures):
            if _agree(derivation, claim, other, structures):
                return words
    free = [each for each in square if each not in known]
    for chosen in [[each] for each in free] + ([free] if len(free) > 1 else []):
        assumed = replace(
            structures, kinds={**structures.kinds, **dict.fromkeys(chosen, frozenset(["symmetric"]))}
        )
        names = " and ".join(map(unicode_name, chosen))
        are = "are symmetric" if len(chosen) > 1 else "is symmetric"
        if _agree(derivation, claim, derivation.result, assumed):
            return f"a symmetric variable: it holds where {names} {are}; nothing says that, so that the derivative differs"
        if name in chosen and derivation.kind == "gradient":
            within = replace(derivation.reading, structures=assumed)
            for words, other in _forms(gradients(within, [derivation.wrt])[derivation.wrt], name, assumed):
                if _agree(derivation, claim, other, assumed):
                    return f"a symmetric variable: if {names} {are}, it is {words}"
    return None


def _forms(derivation: Derivation, name: str, structures: Structures) -> Iterator[tuple[str, Node]]:
    """The gradients that books give for a symmetric variable."""
    if derivation.ambient is not None:
        yield "the gradient in free entries, without the structure of the variable", derivation.ambient
    for rule, words in (
        ("projection", "the symmetric part of the gradient"),
        ("cookbook", "the Matrix Cookbook's form"),
    ):
        reading = replace(derivation.reading, structures=structures.of(rule))
        yield words, gradients(reading, [derivation.wrt])[derivation.wrt].result


def _agree(derivation: Derivation, claim: Node, other: Node, structures: Structures) -> bool:
    """Whether two formulas have the same values where variables have these structures."""
    if claim.shape != other.shape:
        return False
    try:
        ground = Ground(derivation, [claim, other], structures)
    except MatcalcError:
        return False
    return ground.same(ground.value(claim), ground.value(other))


def _words(shape: Sequence[object]) -> str:
    return "×".join(str(1 if size is None else size) for size in shape) if own_axes(shape) else "a scalar"  # type: ignore[arg-type]
