"""What must hold for one random expression, and how a failing one is made small."""

from __future__ import annotations

import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import matcalc

from . import numbers
from .expressions import Generator
from .spelling import Speller
from .tree import SCALAR, SIZES, Expr, Unsuitable, evaluate, make, rank, settle_sizes, variables

TOLERANCE = 1e-6
SLOW = 2.0
_HANG = 20
STYLES = ("ascii", "unicode", "latex")


class Hangs(Exception):
    """matcalc did not come back."""


class Discarded(Exception):
    """The two oracles don't agree on the gradient, so nothing can be compared."""


@dataclass
class Case:
    """One expression as text with all that a check needs."""

    root: Expr
    text: str
    style: str
    wrt: str
    mode: str  # "symbols", "integers", "where" or "undeclared"
    kind: str = "gradient"  # "hessian" or "jacobian" in seconds.py
    other: str = ""  # the second variable of a mixed block

    @property
    def shapes(self) -> dict[str, tuple[str | int, ...]] | None:
        if self.mode in ("undeclared", "where"):
            return None
        return declared(self.root, self.mode == "integers")

    @property
    def inputs(self) -> dict[str, Any]:
        return {name: plain(variable.value, variable) for name, variable in variables(self.root).items()}

    def reproduction(self) -> str:
        wrt = [self.wrt, self.other] if self.other else self.wrt
        kind = "" if self.kind == "gradient" else f", kind={self.kind!r}"
        return f"derive({self.text!r}, wrt={wrt!r}, shapes={self.shapes!r}{kind})"


@dataclass
class Outcome:
    """What came of one case: ``failures`` holds (kind, detail)."""

    case: Case
    failures: list[tuple[str, str]] = field(default_factory=list)
    checked: bool | None = None
    reason: str = ""
    seconds: dict[str, float] = field(default_factory=dict)
    length: int = 0  # of the printed formula
    zero: bool = False  # the derivative is zero everywhere

    def fail(self, kind: str, detail: str) -> None:
        self.failures.append((kind, detail))

    def attempt(self, kind: str, action: Callable[[], Any]) -> Any:
        """What an action gives; ``None`` and a failure where it raises, hangs or is slow."""
        start = time.perf_counter()
        try:
            with _limited(_HANG), np.errstate(all="ignore"):
                return action()
        except Hangs as problem:
            self.fail(f"{kind} hangs", str(problem))
        except matcalc.MatcalcError as problem:
            self.fail(f"{kind} error", f"{type(problem).__name__}: {problem}")
        except Exception as problem:
            self.fail(f"{kind} CRASH", f"{type(problem).__name__}: {problem}")
        finally:
            took = self.seconds[kind] = time.perf_counter() - start
            if took > SLOW and not any("hangs" in name for name, _ in self.failures):
                self.fail(f"{kind} slow", f"{took:.1f} s")
        return None

    def read_back(
        self, style: str, printed: str, evaluate: Callable[[str], Any], got: Any, scale: float
    ) -> None:
        """Hold a printed formula, read again, against the numbers ``got`` of the derivative."""
        back = self.attempt(f"read back {style}", lambda: evaluate(printed))
        if self.failures and self.failures[-1][0].startswith(f"read back {style}"):
            kind, detail = self.failures[-1]
            self.failures[-1] = (kind, f"{detail}  ← {printed}")
        if back is None or got is None:
            return
        shape = np.shape(got)
        if not _fits(back, shape) or not distance(np.broadcast_to(back, shape), got, scale) <= TOLERANCE:
            self.fail(
                f"read back {style} wrong",
                f"{printed}  gives {np.shape(back)} {np.ravel(back)[:4]}, not {np.ravel(got)[:4]}",
            )


def declared(root: Expr, integers: bool) -> dict[str, tuple[str | int, ...]]:
    return {
        name: tuple(SIZES[size] if integers else size for size in variable.shape if size)
        for name, variable in variables(root).items()
    }


def plain(value: Any, like: Expr) -> Any:
    """A 2-d value as matcalc takes and gives it: a number, a vector or a matrix."""
    value = np.asarray(value)
    return (
        value if rank(like.shape) == 2 else value.reshape(-1) if rank(like.shape) == 1 else value.reshape(())
    )


def draw(rng: random.Random, depth: int) -> Case:
    """A random case."""
    mode = rng.choices(["symbols", "integers", "where", "undeclared"], [70, 10, 10, 10])[0]
    generator = Generator(rng, conventional=mode == "undeclared")
    root = generator.expression(depth)
    return written(root, rng.choice(list(variables(root))), mode, rng)


def written(root: Expr, wrt: str, mode: str, rng: random.Random) -> Case:
    """A case of this expression, in a spelling drawn at random."""
    if settle_sizes(root):
        # A size that no array has is told by its number.
        mode = "integers" if _sizes_of_constants(root) - _sizes_of_variables(root) else "symbols"
    style = rng.choice(STYLES)
    brackets = rng.choice([0.0, 0.0, 0.0, 0.25, 1.0])
    return spelled(root, wrt, style, mode, brackets, rng)


def _sizes_of_constants(root: Expr) -> set[str | None]:
    return {size for piece in root.walk() if piece.sized for size in piece.shape}


def _sizes_of_variables(root: Expr) -> set[str | None]:
    return {size for piece in root.walk() if piece.op == "variable" for size in (*piece.shape, None)}


def spelled(
    root: Expr, wrt: str, style: str, mode: str, brackets: float, rng: random.Random, plain: bool = False
) -> Case:
    speller = Speller(style, rng, set(variables(root)), brackets, mode == "integers", plain)
    text = speller.text(root)
    if mode == "where":
        shapes = declared(root, False)
        items = (f"{name}: {'×'.join(map(str, shape)) or 'scalar'}" for name, shape in shapes.items())
        text = f"{text} where {', '.join(items)}"
    return Case(root, text, style, wrt, mode)


def oracle(root: Expr, wrt: str) -> np.ndarray:
    """The gradient from autograd, confirmed by central differences."""
    values = {name: variable.value for name, variable in variables(root).items()}

    def function(x: Any) -> Any:
        return evaluate(root, {**values, wrt: x})

    with np.errstate(all="ignore"):
        exact = numbers.gradient(function, values[wrt])
        near = numbers.central_differences(function, values[wrt])
    if not (np.isfinite(exact).all() and np.isfinite(near).all()) or np.abs(exact).max() > 1e7:
        raise Discarded("the gradient is not finite")
    if np.abs(exact - near).max() > 1e-4 * max(np.abs(exact).max(), 1e-2):
        raise Discarded("autograd and central differences disagree")
    return exact


@contextmanager
def _limited(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise Hangs(f"not done after {seconds} s")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def distance(got: Any, expected: Any, scale: float = 0.0) -> float:
    """The largest difference, relative to the largest entry."""
    got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    if not np.isfinite(got).all():
        return np.inf
    return float(np.abs(got - expected).max() / max(np.abs(expected).max(), scale, 1e-6))


def examine(case: Case, check: bool = True) -> Outcome:
    """Hold one case against the oracle; ``Discarded`` where the oracle is not sure."""
    outcome = Outcome(case)
    root, wrt = case.root, case.wrt
    expected = oracle(root, wrt)
    variable = variables(root)[wrt]
    largest = max(float(np.abs(piece.value).max()) for piece in root.walk())
    scale = 1e-6 * largest
    expected = plain(expected, variable)
    fail, attempt = outcome.fail, outcome.attempt

    value = attempt("evaluate", lambda: matcalc.evaluate(case.text, shapes=case.shapes, **case.inputs))
    if value is not None and not (
        np.shape(value) == () and distance(value, root.value[0, 0], scale) <= TOLERANCE
    ):
        fail("evaluate wrong", f"got {value}, expected {root.value[0, 0]}")
        return outcome  # the text was read as something else: the derivative can't be judged
    d = attempt("derive", lambda: matcalc.derive(case.text, wrt=wrt, shapes=case.shapes))
    if d is None:
        return outcome
    if case.mode != "undeclared":
        wanted = declared(root, case.mode == "integers")[wrt]
        if d.shape != wanted:
            fail("shape wrong", f"{d.shape}, expected {wanted}")
    got = attempt("function", lambda: d.function("numpy")(**case.inputs))
    wrong = False
    if got is not None:
        if np.shape(got) != expected.shape:
            fail("gradient shape", f"{np.shape(got)}, expected {expected.shape}")
            wrong = True
        elif not distance(got, expected, scale) <= TOLERANCE:
            fail("gradient wrong", f"off by {distance(got, expected, scale):.1e}: {d.unicode()}")
            wrong = True
    for style in STYLES:
        printed = attempt(f"print {style}", getattr(d, style))
        if printed is None:
            continue
        outcome.read_back(
            style,
            printed,
            lambda text: matcalc.evaluate(text, shapes=d.shapes, **case.inputs),
            None if wrong else got,
            scale,
        )
    if check:
        report = attempt("check", d.check)
        if report is not None:
            outcome.checked, outcome.reason = report.ok, str(report.reason or "")
            if report.ok is False and not wrong:
                fail("check fails a right result", str(report))
            if report.ok is True and wrong:
                fail("check passes a wrong result", str(report))
    if case.root.depth() % 4 == 0:
        _at_once(case, scale, attempt, fail)
    return outcome


def _at_once(case: Case, scale: float, attempt: Callable[..., Any], fail: Callable[..., None]) -> None:
    """The gradients in all variables from one sweep."""
    found = attempt("derive all", lambda: matcalc.derive(case.text, wrt="all", shapes=case.shapes))
    for name, variable in variables(case.root).items() if found is not None else ():
        try:
            expected = plain(oracle(case.root, name), variable)
        except Discarded:
            continue
        got = attempt("function of all", lambda name=name: found[name].function("numpy")(**case.inputs))
        if got is not None and not (
            np.shape(got) == expected.shape and distance(got, expected, scale) <= TOLERANCE
        ):
            fail("gradient of all wrong", f"{name}: {found[name].unicode()}")


def _fits(value: Any, shape: tuple[int, ...]) -> bool:
    """The shape of the gradient; 0 may stand for an array of zeros."""
    return np.shape(value) == shape or (np.shape(value) == () and value == 0)


# Shrinking


def shrink(
    case: Case, kind: str, budget: float = 20.0, examine: Callable[[Case, bool], Outcome] = examine
) -> Case:
    """A smaller case that fails in the same way."""
    best, end = case, time.monotonic() + budget

    def fails(candidate: Case) -> bool:
        try:
            return any(name == kind for name, _ in examine(candidate, "check" in kind).failures)
        except (Discarded, Unsuitable, AssertionError):
            return False

    def respelled(root: Expr, wrt: str) -> Iterator[Case]:
        for piece in root.walk():
            if piece.op in ("ones", "fill", "identity"):
                piece.sized = False
        settle_sizes(root)
        mode = "integers" if _sizes_of_constants(root) - _sizes_of_variables(root) else "symbols"
        yield spelled(root, wrt, "ascii", mode, 0.0, random.Random(0), plain=True)
        if case.style != "ascii" or "evaluate" in kind or "derive" in kind:
            yield spelled(root, wrt, case.style, mode, 0.0, random.Random(0), plain=True)
            for seed in range(3):
                yield spelled(root, wrt, case.style, mode, 0.0, random.Random(seed))
        if case.mode != mode and mode == "symbols":
            yield spelled(root, wrt, "ascii", case.mode, 0.0, random.Random(0), plain=True)

    improved = True
    while improved and time.monotonic() < end:
        improved = False
        for root in [*_smaller(best.root), best.root]:
            if time.monotonic() > end:
                break
            names = {best.wrt, best.other or best.wrt}
            if not names <= set(variables(root)) or root.shape != case.root.shape or not root.args:
                continue
            same = root is best.root
            for candidate in respelled(root, best.wrt):
                candidate = replace(candidate, kind=case.kind, other=case.other)
                if same and len(candidate.text) >= len(best.text):
                    continue
                if fails(candidate):
                    best, improved = candidate, True
                    break
            if improved:
                break
    return best


def _smaller(root: Expr) -> Iterator[Expr]:
    """Expressions with one piece replaced by something smaller of its shape."""
    names = variables(root)
    for piece in sorted({id(p): p for p in root.walk()}.values(), key=_count, reverse=True):
        if not piece.args:
            continue
        inner = {id(p): p for p in piece.walk() if p is not piece and p.shape == piece.shape}
        options = sorted(inner.values(), key=_count)
        options = [variable for variable in names.values() if variable.shape == piece.shape] + options
        if piece.shape == SCALAR and piece is not root:
            options.append(make("number", (), SCALAR, 1))
        if rank(piece.shape) > 0:
            fresh = f"{'XYZ'[len(names) % 3] if rank(piece.shape) == 2 else 'xyz'[len(names) % 3]}"
            if fresh not in names and piece.shape[0] is not None:
                options.append(Expr("variable", (), piece.shape, fresh, piece.value))
        elif piece is not root and "theta" not in names:
            options.append(Expr("variable", (), SCALAR, "theta", piece.value))
        for option in options:
            try:
                yield _replaced(root, piece, option)
            except (Unsuitable, AssertionError, ValueError):
                continue


def _count(piece: Expr) -> int:
    return sum(1 for _ in piece.walk())


def _replaced(root: Expr, old: Expr, new: Expr) -> Expr:
    if root is old:
        return new
    args = tuple(_replaced(arg, old, new) for arg in root.args)
    if all(a is b for a, b in zip(args, root.args, strict=True)):
        return root
    return make(root.op, args, root.shape, root.data)
