"""What must hold for the Hessians, mixed blocks and Jacobians of one random expression.

Sizes are 2, 3 and 4, so that no transpose passes for another one and a fourth-order result stays small.
"""

from __future__ import annotations

import random
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

import matcalc

from . import checks, numbers
from .checks import STYLES, TOLERANCE, Case, Discarded, Outcome, distance, plain, written
from .expressions import Generator
from .tree import SCALAR, SIZES, Expr, evaluate, rank, variables

_SIZES = ("k", "n", "m")
_INDICES = re.compile(r"\[[a-z](,[a-z])*\]")  # V[i,j]
_LONGEST = 3000  # characters of a formula
_VALUES = [("n", None), ("k", None), (None, "m"), ("n", "m"), ("m", "k"), ("n", "n")]
_LARGEST = 1e6


def draw(rng: random.Random, depth: int) -> Case:
    """A random case: a Hessian, a mixed block or a Jacobian."""
    mode = rng.choices(["symbols", "integers", "where", "undeclared"], [70, 10, 10, 10])[0]
    kind, mixed = rng.choices([("hessian", False), ("hessian", True), ("jacobian", False)], [50, 25, 25])[0]
    shape = SCALAR if kind == "hessian" else rng.choice(_VALUES)
    trivial = rng.random() < 0.1  # a second derivative that is zero everywhere will do
    while True:
        generator = Generator(rng, conventional=mode == "undeclared")
        generator.sizes = rng.sample(_SIZES, rng.choice([1, 2, 2, 3]))
        root = generator.gen(shape, depth)
        names = list(variables(root))
        if len(names) > mixed and root.op != "variable":
            wrt, other, *_ = [*rng.sample(names, 1 + mixed), ""]
            if trivial or kind == "jacobian" or _is_curved(root, wrt, other or wrt):
                return replace(written(root, wrt, mode, rng), kind=kind, other=other)


def _is_curved(root: Expr, wrt: str, other: str) -> bool:
    """Whether the gradient in one variable changes when the other one moves a little."""
    case = Case(root, "", "", wrt, "", "hessian", other)
    at = variables(root)[other].value
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gradient = _differentiated(case)
        change = np.abs(gradient(at * 1.01) - gradient(at)).max()
    return bool(change > 1e-9)


def examine(case: Case, check: bool = True) -> Outcome:
    """Hold one case against the oracle; ``Discarded`` where the oracle is not sure."""
    outcome = Outcome(case)
    expected = oracle(case)
    scale = 1e-6 * max(float(np.abs(piece.value).max()) for piece in case.root.walk())
    outcome.zero = not np.abs(expected).max() > 1e-12
    if not _reads(case, outcome, scale):
        return outcome
    asked = [case.wrt, case.other] if case.other else case.wrt
    d = outcome.attempt("derive", lambda: _derive(case, asked, case.kind))
    if d is None:
        return outcome
    _shape(case, outcome, d)
    got = outcome.attempt("function", lambda: d.function("numpy")(**case.inputs))
    right = got is not None and _agrees(outcome, case.kind, got, expected, scale, d)
    _printed(case, outcome, d, got if right else None, scale)
    if check:
        report = outcome.attempt("check", d.check)
        if report is not None:
            outcome.checked, outcome.reason = report.ok, str(report.reason or "")
            if report.ok is False and right:
                outcome.fail("check fails a right result", str(report))
            if report.ok is True and got is not None and not right:
                outcome.fail("check passes a wrong result", str(report))
    if right:
        _consequences(case, outcome, got, expected, scale)
    return outcome


def oracle(case: Case) -> np.ndarray:
    """The derivative from JAX, confirmed by central differences of autograd's gradient, or of the value."""
    from . import jax_numbers

    with np.errstate(all="ignore"):
        if case.kind == "hessian":
            exact = jax_numbers.hessian(case.root, case.wrt, case.other or case.wrt)
        else:
            exact = jax_numbers.jacobian(case.root, case.wrt)
        near = numbers.differences(_differentiated(case), variables(case.root)[case.other or case.wrt].value)
    near = near.reshape(exact.shape)
    if not (np.isfinite(exact).all() and np.isfinite(near).all()) or np.abs(exact).max() > _LARGEST:
        raise Discarded("the derivative is not finite")
    if np.abs(exact - near).max() > 1e-4 * max(np.abs(exact).max(), 1e-2):
        raise Discarded("JAX and central differences disagree")
    return exact.reshape(sizes(case))


def _differentiated(case: Case) -> Callable[[Any], Any]:
    """What the last variable of a case moves: the gradient of a scalar, or the value."""
    root, last = case.root, case.other or case.wrt
    values = {name: variable.value for name, variable in variables(root).items()}
    if case.kind == "jacobian":
        return lambda x: evaluate(root, {**values, last: x})

    def gradient(x: Any) -> Any:
        there = {**values, last: x}
        return numbers.gradient(lambda u: evaluate(root, {**there, case.wrt: u}), there[case.wrt])

    return gradient


def sizes(case: Case, symbols: bool = False) -> tuple[Any, ...]:
    """The shape of the derivative: that of the value, if it is an array, and those of the variables."""
    found: list[Any] = []
    names = variables(case.root)
    shapes = [names[case.wrt].shape, names[case.other or case.wrt].shape]
    if case.kind == "jacobian":
        shapes[0] = case.root.shape
        if rank(shapes[0]) == 1 and shapes[0][0] is None:
            found.append(1)  # a row
    for shape in shapes:
        found += [size if symbols else SIZES[size] for size in shape if size]
    return tuple(found)


def _reads(case: Case, outcome: Outcome, scale: float) -> bool:
    """Whether the text is read as what was meant; the derivative can't be judged where it isn't."""
    value = outcome.attempt(
        "evaluate", lambda: matcalc.evaluate(case.text, shapes=case.shapes, **case.inputs)
    )
    if value is None:
        return True
    wanted = plain(case.root.value, case.root)
    same = (
        np.size(value) == wanted.size
        and distance(np.reshape(value, wanted.shape), wanted, scale) <= TOLERANCE
    )
    if not same:
        outcome.fail("evaluate wrong", f"got {value}, expected {wanted}")
    return same


def _derive(case: Case, wrt: str | list[str], kind: str) -> Any:
    return matcalc.derive(case.text, wrt, case.shapes, kind)


def _shape(case: Case, outcome: Outcome, d: Any) -> None:
    if case.mode != "undeclared":
        wanted = sizes(case, symbols=case.mode != "integers")
        if d.shape != wanted:
            outcome.fail("shape wrong", f"{d.shape}, expected {wanted}")


def _agrees(outcome: Outcome, what: str, got: Any, expected: Any, scale: float, d: Any) -> bool:
    if np.shape(got) != expected.shape:
        outcome.fail(f"{what} shape", f"{np.shape(got)}, expected {expected.shape}")
        return False
    if not distance(got, expected, scale) <= TOLERANCE:
        outcome.fail(f"{what} wrong", f"off by {distance(got, expected, scale):.1e}: {d.unicode()}")
        return False
    return True


def _printed(case: Case, outcome: Outcome, d: Any, got: Any, scale: float) -> None:
    """The formula in all spellings; one without indices reads back to the same numbers."""
    for style in STYLES:
        printed = outcome.attempt(f"print {style}", getattr(d, style))
        if printed is None:
            return
        if style == "ascii":
            outcome.length = len(printed)
            if len(printed) > _LONGEST:
                outcome.fail("too long", f"{len(printed)} characters")
            if _INDICES.search(printed):
                got = None
    if got is None:
        return
    if case.kind == "jacobian" and case.root.shape[0] is None and rank(case.root.shape) == 1:
        got = got[0]  # the Jacobian of a row is printed as that of a column
    for style in STYLES:
        outcome.read_back(
            style,
            getattr(d, style)(),
            lambda text: matcalc.evaluate(text, shapes=d.shapes, **case.inputs),
            got,
            scale,
        )


def _consequences(case: Case, outcome: Outcome, got: Any, expected: Any, scale: float) -> None:
    """Schwarz's symmetry, and the maps that the derivative stands for."""
    rng = np.random.default_rng(len(case.text))
    name, variable = case.wrt, variables(case.root)[case.wrt]
    own = tuple(SIZES[size] for size in variable.shape if size)
    if case.kind == "jacobian":
        _maps(case, outcome, expected, scale, rng)
    elif case.other:
        across = len(own)
        turned = outcome.attempt(
            "derive turned", lambda: _derive(case, [case.other, name], "hessian").function()(**case.inputs)
        )
        if turned is not None:
            axes = range(expected.ndim)
            mirrored = np.transpose(
                turned, [*axes[expected.ndim - across :], *axes[: expected.ndim - across]]
            )
            if not distance(mirrored, got, scale) <= TOLERANCE:
                outcome.fail("Schwarz", f"∂²/∂{name}∂{case.other} differs from ∂²/∂{case.other}∂{name}")
    else:
        size = int(np.prod(own))
        square = np.reshape(got, (size, size))
        if not distance(square.T, square, scale) <= TOLERANCE:
            outcome.fail("Schwarz", "the Hessian is not symmetric")
        along = rng.standard_normal(own)
        product = (expected.reshape(size, size) @ along.reshape(size)).reshape(own)
        _applied(case, outcome, "hvp", along, product, scale)


def _maps(case: Case, outcome: Outcome, expected: Any, scale: float, rng: np.random.Generator) -> None:
    """J v forward, Jᵀ G back, and ⟨G, J v⟩ = ⟨Jᵀ G, v⟩."""
    variable = variables(case.root)[case.wrt]
    own = tuple(SIZES[size] for size in variable.shape if size)
    above = expected.shape[: expected.ndim - len(own)]
    matrix = expected.reshape(int(np.prod(above)), int(np.prod(own)))
    along, arriving = rng.standard_normal(own), rng.standard_normal(above)
    forward = (matrix @ along.reshape(-1)).reshape(above)
    back = (matrix.T @ arriving.reshape(-1)).reshape(own)
    moved = _applied(case, outcome, "pushforward", along, forward, scale)
    delta = _applied(case, outcome, "pullback", arriving, back, scale)
    if moved is not None and delta is not None:
        one, other = np.vdot(arriving, moved), np.vdot(delta, along)
        if abs(one - other) > TOLERANCE * max(abs(one), np.abs(matrix).max(), scale, 1e-6):
            outcome.fail("duality", f"⟨G, Jv⟩ = {one}, ⟨JᵀG, v⟩ = {other}")


def _applied(case: Case, outcome: Outcome, kind: str, to: Any, expected: Any, scale: float) -> Any:
    """The value of a map at an array, held against the expected one; ``None`` where it is wrong."""
    d = outcome.attempt(f"derive {kind}", lambda: _derive(case, case.wrt, kind))
    if d is None:
        return None
    (direction,) = d.question.directions
    inputs = {
        **case.inputs,
        str(direction.data): np.squeeze(to) if kind == "pullback" else to,
    }  # of a row: a column
    got = outcome.attempt(f"function of {kind}", lambda: d.function("numpy")(**inputs))
    if got is None or not _agrees(outcome, kind, got, expected, scale, d):
        return None
    for style in STYLES:
        printed = outcome.attempt(f"print {style} {kind}", getattr(d, style))
        if printed is not None and not _INDICES.search(d.ascii()):
            outcome.read_back(
                f"{style} {kind}",
                printed,
                lambda text: matcalc.evaluate(text, shapes=d.shapes, **inputs),
                got,
                scale,
            )
    return got


def shrink(case: Case, kind: str, budget: float = 20.0) -> Case:
    """A smaller case that fails in the same way."""
    return checks.shrink(case, kind, budget, examine)
