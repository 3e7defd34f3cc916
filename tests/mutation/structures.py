"""Single edits of the lines of ``rules/structures.toml``, and what the check of gradients says of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import matcalc
from matcalc import structure
from matcalc.errors import MatcalcError
from matcalc.graph.node import Graph
from matcalc.graph.template import instantiate
from matcalc.index.simplify import simplify
from matcalc.operations import standard
from matcalc.structure import Structure, Structures, structures

from .mutations import Mutation, edited
from .trial import CAUGHT, CRASHED, EQUIVALENT, REFUSED, SAME, SURVIVED, UNWRITTEN, Trial

PREFIX = "structure "  # of the name of a line: `diagonal` is an operation too
_NAMES = {"G": True, "X": True}
# Their gradients have parts of every kind; each formula has a transpose or an inverse that the structure may rewrite.
_FORMULAS = {
    "n×n": ("tr(AᵀX) + tr(BXCX)", "tr(AXᵀ) + xᵀXᵀXy", "tr(AX⁻¹B)"),
    "n": ("aᵀX + XᵀBX", "exp(aᵀX) + ‖X‖"),
}
_SHAPES = "A: n×n, B: n×n, C: n×n, a: n, x: n, y: n"


def of_structures() -> Iterator[Mutation]:
    """The mutations of every projection, cookbook rule and `transpose` setting."""
    for name, line in structures().items():
        for part, text in (("projection", line.projection), ("cookbook", line.cookbook)):
            if text is not None:
                yield from edited(PREFIX + name, part, text, _NAMES, standard())
        if line.transpose is not None:
            swapped = {"X": "-X", "-X": "X"}[line.transpose]
            yield Mutation(PREFIX + name, "transpose", line.transpose, swapped, "setting swapped")


def tried(mutation: Mutation) -> Trial:
    """The verdict on one mutation of a structure."""
    try:
        return _tried(mutation)
    except Exception as error:
        return Trial(mutation, CRASHED, f"{type(error).__name__}: {error}")


def _tried(mutation: Mutation) -> Trial:
    if not mutation.after:
        return Trial(mutation, UNWRITTEN, "no text was found that is read as this edit")
    kind = mutation.line.removeprefix(PREFIX)
    with _in_place(structures()[kind]._replace(**{mutation.part: mutation.after})):
        for formula in _FORMULAS[structures()[kind].of]:
            try:
                derived = matcalc.derive(
                    formula,
                    "X",
                    f"{_SHAPES}, X: {structures()[kind].of}",
                    assume={"X": kind},
                    symmetric_rule="cookbook" if mutation.part == "cookbook" else "projection",
                )
            except MatcalcError as problem:
                return Trial(mutation, REFUSED, problem.message)
            check = derived.check()
            if check.ok is not True:
                return Trial(mutation, CAUGHT, f"{formula}: {check.reason}")
    return Trial(mutation, EQUIVALENT, SAME) if _same(mutation, kind) else Trial(mutation, SURVIVED, "")


@contextmanager
def _in_place(line: Structure) -> Iterator[None]:
    table = {**structures(), line.name: line}
    with patch.object(structure, "structures", lambda: table):
        yield


def _same(mutation: Mutation, kind: str) -> bool:
    """Whether both rules have one normal form for an X of this structure."""
    if mutation.part not in ("projection", "cookbook"):
        return False
    graph = Graph()
    shape = ("n", "n") if structures()[kind].of == "n×n" else ("n", None)
    bound = {name: graph.variable(name, shape) for name in _NAMES}
    before, after = (
        instantiate(text, bound, graph, standard(), shape) for text in (mutation.before, mutation.after)
    )
    difference = graph.node("sub", (before, after), shape)
    known = Structures({"X": frozenset([kind])})
    first, second, rest = simplify([before, after, difference], graph, standard(), structures=known)
    return first is second or (rest.op == "fill" and rest.args == (graph.number(0),))
