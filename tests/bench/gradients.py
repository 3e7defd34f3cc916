"""How long a gradient takes, from text to printed formula, with SymPy's `diff` beside it.

    python tests/bench/gradients.py [--quick]

Prints four things: the median time over the public gradients in one process, the cold start of `matcalc grad`, what
SymPy's `diff` does with the same formulas, and what a network of 1000 layers takes beside one of 100.  SymPy gets each
formula as matcalc's own conversion of it, so that only its `diff` is measured and judged.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

import matcalc
from matcalc.graph.node import axes
from matcalc.language.names import canonical
from matcalc.reading import Reading, read

CASES = Path(__file__).parents[1] / "data" / "public.jsonl"
PATIENCE = 10  # seconds that SymPy gets for one derivative
RIGHT, WRONG, UNANSWERED = "right", "silently wrong", "unanswered"

Case = dict[str, Any]


def gradients() -> list[Case]:
    """The public cases that ask for a gradient."""
    cases = (json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines())
    return [case for case in cases if case["kind"] == "gradient"]


def timed(action: Callable[[], object], repeats: int) -> float:
    """The median of the seconds that ``action`` takes."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        action()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def gradient(text: str, wrt: str, shapes: dict[str, Any]) -> matcalc.Derivation:
    """What matcalc does, without the check; the formula is printed."""
    derivation = matcalc.derive(text, wrt, shapes)
    assert isinstance(derivation, matcalc.Derivation)
    derivation.unicode()
    return derivation


def of(case: Case) -> matcalc.Derivation:
    """The gradient of one case."""
    return gradient(case["unicode"], case["wrt"], case["shapes"])


def agrees(found: object, case: Case) -> bool:
    """Whether numbers are those that are expected."""
    expected = np.asarray(case["expected"], dtype=float)
    values = np.asarray(found, dtype=float)
    scale = max(1e-12, np.abs(expected).max())
    return values.size == expected.size and bool(
        np.abs(values.reshape(expected.shape) - expected).max() <= 1e-8 * scale
    )


def cold_start(repeats: int) -> float:
    """The median wall time of a new process, with bytecode in place as after an installation."""
    command = [sys.executable, "-m", "matcalc.cli", "grad", "‖As−x‖²", "--wrt", "s"]
    root = Path(__file__).parents[2]
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as bytecode:
        environment |= {"PYTHONPATH": str(root), "PYTHONPYCACHEPREFIX": bytecode}

        def start() -> None:
            subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)

        start()
        return timed(start, repeats)


def sympy_diff(case: Case) -> tuple[str, float | None]:
    """What SymPy's `diff` does with a case, and its time where it answers: of one call, since it caches results."""
    from matcalc.printers.to_sympy import to_sympy

    reading = read(case["unicode"], case["shapes"])
    symbols = {
        name: to_sympy(reading.graph.variable(name, shape), reading) for name, shape in reading.shapes.items()
    }
    value = _traces(to_sympy(reading.value, reading))
    variable = symbols[canonical(case["wrt"]) or case["wrt"]]
    try:
        with patience():
            start = time.perf_counter()
            derivative = value.diff(variable)
            seconds = time.perf_counter() - start
            found = numbers(derivative, reading, symbols, case)
    except Exception:  # SymPy refuses in many ways
        return UNANSWERED, None
    return (RIGHT if agrees(found, case) else WRONG), seconds


def _traces(value: Any) -> Any:
    """The entry of a 1×1 product as its trace, which SymPy differentiates better."""
    from sympy import Trace
    from sympy.matrices.expressions.matexpr import MatrixElement

    def single(part: Any) -> bool:
        return isinstance(part, MatrixElement) and part.parent.shape == (1, 1)

    return value.replace(single, lambda part: Trace(part.parent))


def numbers(derivative: Any, reading: Reading, symbols: dict[str, Any], case: Case) -> list[float]:
    """The entries of a SymPy derivative at the case's inputs; an error where it keeps an unevaluated derivative."""
    import sympy

    inputs = {
        canonical(name) or name: np.asarray(value, dtype=float) for name, value in case["inputs"].items()
    }
    sizes: dict[str, int] = {}
    for name, shape in reading.shapes.items():
        sizes |= dict(zip(map(str, axes(shape)), inputs[name].shape, strict=True))
    named = {symbol: sizes[symbol.name] for symbol in derivative.free_symbols if symbol.name in sizes}
    arrays = {
        symbol.subs(named): sympy.Matrix(inputs[name])
        if inputs[name].ndim
        else sympy.Float(float(inputs[name]))
        for name, symbol in symbols.items()
    }
    result = derivative.subs(named).subs(arrays).doit()
    if hasattr(result, "as_explicit"):
        result = result.as_explicit()
    entries = list(result) if hasattr(result, "shape") else [result]
    return [float(entry.subs(arrays).doit().evalf()) for entry in entries]


@contextmanager
def patience() -> Iterator[None]:
    """Give up, with an exception, on what takes too long (where the system has alarms)."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    if not hasattr(signal, "SIGALRM"):
        yield
        return
    before = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(PATIENCE)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def network(layers: int) -> tuple[str, dict[str, tuple[str, ...]]]:
    """``Σ tanh(W₁₀ tanh(… tanh(W₁x)))`` and its shapes."""
    text = "x"
    for layer in range(1, layers + 1):
        text = f"tanh(W{layer}*{text})"
    return f"sum({text})", {"x": ("n",), **{f"W{layer}": ("n", "n") for layer in range(1, layers + 1)}}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true", help="every tenth case, once; a look, no measurement")
    quick = parser.parse_args().quick
    cases = gradients()[:: 10 if quick else 1]
    repeats = 1 if quick else 7

    # The first time fills caches of rule texts.
    right = sum(agrees(of(case).function()(**case["inputs"]), case) for case in cases)
    ours = [timed(partial(of, case), repeats) for case in cases]
    print(f"text to printed formula: {_ms(ours)} over {len(cases)} gradients, {right} right")
    print(f"cold start of `matcalc grad`, check included: {cold_start(1 if quick else 11):.3f} s")

    answers = [sympy_diff(case) for case in cases]
    counts = Counter(answer for answer, _ in answers)
    seconds = [taken for _, taken in answers if taken is not None]
    outcome = ", ".join(f"{counts[kind]} {kind}" for kind in (RIGHT, WRONG, UNANSWERED))
    print(f"SymPy's diff: {_ms(seconds) if seconds else 'no answer'} where it answers; {outcome}")

    few, many = (10, 100) if quick else (100, 1000)
    networks = [network(layers) for layers in (few, few, many)]
    _, *times = [timed(partial(gradient, text, "W1", shapes), 1 if quick else 3) for text, shapes in networks]
    ratio = times[1] / times[0]
    print(
        f"{few} layers: {1e3 * times[0]:.0f} ms, {many} layers: {1e3 * times[1]:.0f} ms, {ratio:.1f} times as long"
    )


def _ms(seconds: list[float]) -> str:
    return f"median {1e3 * statistics.median(seconds):.2f} ms, slowest {1e3 * max(seconds):.1f} ms"


if __name__ == "__main__":
    main()
