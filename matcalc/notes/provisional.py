"""Until ``matcalc.check`` is there: a claim is compared with finite differences, and nothing is repaired."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from matcalc.derivation import Derivation
from matcalc.deriving import derive
from matcalc.errors import ShapeProblem
from matcalc.graph.build import build
from matcalc.graph.node import SCALAR, axes
from matcalc.language.indices import resolve
from matcalc.language.parser import parse
from matcalc.reading import Shapes, read


@dataclass(frozen=True)
class Report:
    """The interface of the report of ``matcalc.check``."""

    ok: bool | None
    verdict: str
    reasons: tuple[str, ...] = ()
    repair: str | None = None


def check(text: str, wrt: str, claim: str, shapes: Shapes = None) -> Report:
    """Whether ``claim`` is the derivative of a formula; raises ``MatcalcError`` where one can't be read."""
    kind = "gradient" if read(text, shapes, names=[wrt]).value.shape == SCALAR else "jacobian"
    found = derive(text, wrt, shapes, kind)
    assert isinstance(found, Derivation)
    try:
        made = _read_like(found, claim)
    except ShapeProblem as problem:
        return Report(False, "wrong", (problem.message,), found.latex())
    if made is None:
        return Report(False, "wrong", ("the claim has names that the formula lacks",), found.latex())
    if made.shape != found.result.shape and not (made.shape == SCALAR and found.result.op == "fill"):
        return Report(False, "wrong", ("its shape is not that of the derivative",), found.latex())
    claimed = Derivation(found.reading, found.wrt, found.variable, made, None)
    if kind != "gradient":
        same = _same_numbers(found, claim)
        return Report(same, "agrees with numbers" if same else "wrong", (), None if same else found.latex())
    report = claimed.check()
    if report.ok:
        return Report(True, "agrees with finite differences")
    return Report(report.ok, "wrong" if report.ok is False else "not checked", (str(report),), found.latex())


def _read_like(found: Derivation, claim: str):  # type: ignore[no-untyped-def]
    reading = found.reading
    declared: Mapping[str, tuple[str | int, ...]] = {
        name: axes(shape) for name, shape in reading.shapes.items()
    }
    parsed = parse(claim, declared.keys(), reading.operations.functions)
    indices = resolve(parsed, claim, dict(declared))
    built = build(
        indices.tree,
        claim,
        reading.graph,
        reading.operations,
        dict(declared),
        indices.definitions,
        indices=indices,
    )
    if built.shapes.keys() - reading.shapes.keys():
        return None
    return built.value


def _same_numbers(found: Derivation, claim: str) -> bool:
    import numpy as np

    from matcalc.evaluation import evaluate

    sizes = {
        size: 2 + place for place, size in enumerate({s for shape in found.shapes.values() for s in shape})
    }
    rng = np.random.default_rng(0)
    point = {name: rng.uniform(0.5, 1.5, [sizes[s] for s in shape]) for name, shape in found.shapes.items()}
    claimed = np.asarray(evaluate(claim, shapes=found.shapes, **point))
    expected = np.asarray(found.function()(**point))
    return claimed.shape == expected.shape and bool(np.allclose(claimed, expected))
