"""How long a derivation takes, from text to printed formula, beside SymPy's `diff` and tensorgrad.

    python -m tests.bench.derivation [--quick] [--only WORD] [--threads N]

Three tables.  First the public cases by kind: ours with reading and printing, SymPy from its own expression to `diff`,
tensorgrad from its own tensor to `grad` and `full_simplify`; each case in turn by all who can, the median over cases and
the worst.  What SymPy answers is judged with the expected numbers; tensorgrad's evaluator needs a PyTorch that is gone,
so its answers are counted only.  Then the wall time of a new process, with bytecode in place.  Then the growth with the
number of nodes: time, and memory at its peak, each over that of linear growth from the smallest size.
"""

from __future__ import annotations

import functools
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import matcalc
from matcalc.graph.node import topological
from matcalc.language.names import canonical
from matcalc.reading import read
from tests.bench.timing import Pace, arguments, duration, interleaved, present, setting, table

ROOT = Path(__file__).parents[2]
CASES = ROOT / "tests" / "data" / "public.jsonl"
PATIENCE = 10  # seconds that a peer gets for one derivative
ROUNDS = 3
NODES = (100, 1_000, 10_000)
QUICK_NODES = (20, 40)
RIGHT, WRONG, ANSWERED, UNANSWERED = "right", "silently wrong", "answered", "unanswered"
PACKAGES = ("numpy", "sympy", "tensorgrad")
GOALS = "goals: median below 2 ms; a cold `matcalc grad` below 0.15 s; 10,000 nodes below 2 s; growth linear (1.0)"

Case = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What somebody did with a case; ``action`` does it again, with what ``begin`` gives, and alone is measured."""

    verdict: str
    begin: Callable[[], Any]
    action: Callable[[Any], object]


@dataclass(frozen=True)
class Timed:
    """A verdict and the median of the seconds; there are none where there is no answer."""

    verdict: str
    seconds: float | None = None


def cases(only: str) -> list[Case]:
    """The public cases."""
    found = [json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines()]
    return [case for case in found if only in case["name"]]


def derive(case: Case) -> matcalc.Derivation:
    """What matcalc does, without the check; the formula is printed."""
    derivation = matcalc.derive(case["unicode"], case["wrt"], case["shapes"], kind=case["kind"])
    assert isinstance(derivation, matcalc.Derivation)
    derivation.unicode()
    return derivation


def agrees(found: object, case: Case) -> bool:
    """Whether numbers are those that are expected."""
    expected = np.asarray(case["expected"], dtype=float)
    values = np.asarray(found, dtype=float)
    scale = max(1e-12, np.abs(expected).max())
    return values.size == expected.size and bool(
        np.abs(values.reshape(expected.shape) - expected).max() <= 1e-8 * scale
    )


def of_matcalc(case: Case) -> Answer:
    """Our answer; the first, which is judged, fills caches of rule texts."""
    right = agrees(derive(case).function()(**case["inputs"]), case)
    return Answer(RIGHT if right else WRONG, lambda: None, lambda _: derive(case))


def of_sympy(case: Case) -> Answer:
    """SymPy's answer; its cache of results is emptied before each run."""
    from sympy.core.cache import clear_cache

    from tests.bench.in_sympy import in_sympy, numbers

    reading = read(case["unicode"], case["shapes"])

    def begin() -> tuple[Any, Any]:
        given = in_sympy(reading, _variable(case))
        clear_cache()
        return given

    value, variable = begin()
    found = numbers(value.diff(variable), reading, case["inputs"])
    return Answer(RIGHT if agrees(found, case) else WRONG, begin, lambda given: given[0].diff(given[1]))


def of_tensorgrad(case: Case) -> Answer:
    """tensorgrad's answer; its tensors keep what is found of them, so they are new before each run."""
    from tests.bench.in_tensorgrad import in_tensorgrad

    reading = read(case["unicode"], case["shapes"])
    answer = Answer(
        ANSWERED,
        lambda: in_tensorgrad(reading, _variable(case)),
        lambda given: given[0].grad(given[1]).full_simplify(),
    )
    answer.action(answer.begin())
    return answer


def _variable(case: Case) -> str:
    return canonical(case["wrt"]) or case["wrt"]


def answers(case: Case, rounds: int) -> dict[str, Timed]:
    """The answers of all to one case, measured in turn."""
    found = {"matcalc": of_matcalc(case)}
    refused = {}
    peers = {"SymPy": of_sympy, **({"tensorgrad": of_tensorgrad} if present("tensorgrad") else {})}
    for name, peer in peers.items():
        try:
            with patience():
                found[name] = peer(case)
        except Exception:  # they refuse in many ways
            refused[name] = Timed(UNANSWERED)
    seconds: dict[str, list[float]] = defaultdict(list)
    for _ in range(rounds):
        for name, answer in found.items():
            given = answer.begin()
            start = time.perf_counter()
            answer.action(given)
            seconds[name].append(time.perf_counter() - start)
    timed = {name: Timed(found[name].verdict, statistics.median(taken)) for name, taken in seconds.items()}
    return {name: (timed | refused)[name] for name in ("matcalc", *peers)}


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


def case_rows(chosen: Sequence[Case], quick: bool) -> Iterator[list[str]]:
    """For every kind and everybody: what was answered, and how long it took."""
    by_kind: dict[str, list[dict[str, Timed]]] = defaultdict(list)
    for case in chosen:
        by_kind[case["kind"]].append(answers(case, 1 if quick else ROUNDS))
    for kind, found in sorted(by_kind.items()):
        for name in found[0]:
            verdicts = Counter(answer[name].verdict for answer in found)
            counts = ", ".join(
                f"{verdicts[verdict]} {verdict}"
                for verdict in (RIGHT, WRONG, ANSWERED, UNANSWERED)
                if verdicts[verdict]
            )
            timed = [
                (answer[name].seconds, answer["matcalc"].seconds)
                for answer in found
                if answer[name].seconds is not None
            ]
            yield [kind, name, counts, *_summary(timed)]


def _summary(timed: Sequence[tuple[Any, Any]]) -> list[str]:
    """The median, the worst, and the median ratio to our time for the same case."""
    if not timed:
        return ["–", "–", "–"]
    seconds = [own for own, _ in timed]
    ratio = statistics.median(own / ours for own, ours in timed)
    return [duration(statistics.median(seconds)), duration(max(seconds)), f"{ratio:.3g}"]


def starts(quick: bool) -> Iterator[list[str]]:
    """The wall time of new processes."""
    grad = ["-m", "matcalc.cli", "grad", "‖As−x‖²", "--wrt", "s"]
    commands = {
        "python -c pass": ["-c", "pass"],
        "matcalc grad": grad,
        "matcalc grad --no-check": [*grad, "--no-check"],
        "import sympy": ["-c", "import sympy"],
    }
    if present("tensorgrad"):
        commands["import tensorgrad"] = ["-c", "import tensorgrad"]
    with tempfile.TemporaryDirectory() as bytecode:
        # The peers have their bytecode from their installation; ours is made by the first, unmeasured run.
        ours = {"PYTHONPATH": str(ROOT), "PYTHONPYCACHEPREFIX": bytecode, "PYTHONUTF8": "1"}
        environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}

        def start(options: list[str]) -> None:
            added = ours if "matcalc.cli" in options else {}
            subprocess.run(
                [sys.executable, *options], cwd=ROOT, env=environment | added, check=True, capture_output=True
            )

        calls = {name: functools.partial(start, options) for name, options in commands.items()}
        times = interleaved(calls, Pace(1 if quick else 11, 0.0))
    for name in commands:
        yield [name, duration(times.seconds(name)), f"{times.ratio(name, 'matcalc grad'):.2f}"]


def nested(nodes: int) -> tuple[str, str, dict[str, tuple[str, ...]]]:
    """``Σ tanh(W₁₀ tanh(… tanh(W₁x)))`` in one line: a formula, its variable, its shapes."""
    layers = nodes // 3
    text = "x"
    for layer in range(1, layers + 1):
        text = f"tanh(W{layer}*{text})"
    return f"sum({text})", "W1", {"x": ("n",), **{f"W{layer}": ("n", "n") for layer in range(1, layers + 1)}}


def recurrent(nodes: int) -> tuple[str, str, dict[str, tuple[str, ...]]]:
    """A recurrent network as a program, with a line and an input for each step: the weights have many uses."""
    steps = nodes // 5
    lines = [f"h{step} = tanh(U h{step - 1} + P x{step})" for step in range(1, steps + 1)]
    inputs = {f"x{step}": ("k",) for step in range(1, steps + 1)}
    shapes = {"U": ("n", "n"), "P": ("n", "k"), "h0": ("n",), "t": ("n",), **inputs}
    return "\n".join([*lines, f"‖h{steps} − t‖²"]), "U", shapes


def wide(nodes: int) -> tuple[str, str, dict[str, tuple[str, ...]]]:
    """``Σ exp(A₁x) + … + Σ exp(A₁₀x)``: many terms."""
    terms = nodes // 5
    text = " + ".join(f"sum(exp(A{term}*x))" for term in range(1, terms + 1))
    return text, "x", {"x": ("n",), **{f"A{term}": ("n", "n") for term in range(1, terms + 1)}}


FAMILIES: Mapping[str, Callable[[int], tuple[str, str, dict[str, tuple[str, ...]]]]] = {
    "layers, nested": nested,
    "recurrent program": recurrent,
    "sum of terms": wide,
}


@dataclass(frozen=True)
class Growth:
    """What a formula with so many nodes takes: seconds to derive and to print, and bytes at the peak."""

    nodes: int
    deriving: float
    printing: float
    memory: int


def growth(family: Callable[[int], tuple[str, str, dict[str, tuple[str, ...]]]], nodes: int) -> Growth:
    """One derivation timed, and another with its memory traced, which is slow."""
    text, wrt, shapes = family(nodes)
    start = time.perf_counter()
    derivation = matcalc.derive(text, wrt, shapes)
    derived = time.perf_counter()
    derivation.unicode()
    printed = time.perf_counter()
    del derivation
    tracemalloc.start()
    try:
        matcalc.derive(text, wrt, shapes).unicode()
        memory = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    count = len(list(topological([read(text, shapes).value])))
    return Growth(count, derived - start, printed - derived, memory)


def growth_rows(name: str, sizes: Sequence[int]) -> Iterator[list[str]]:
    """The growth of a family."""
    family = FAMILIES[name]
    growth(family, sizes[0])  # rule texts are read once in a process
    first, *larger = [growth(family, nodes) for nodes in sizes]
    for each in (first, *larger):
        linear = each.nodes / first.nodes
        time_ratio = (each.deriving + each.printing) / (first.deriving + first.printing) / linear
        yield [
            name,
            f"{each.nodes:,}",
            duration(each.deriving),
            duration(each.printing),
            f"{time_ratio:.2f}",
            f"{each.memory / 2**20:.1f} MiB",
            f"{each.memory / first.memory / linear:.2f}",
        ]


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = arguments("tests.bench.derivation", __doc__ or "", given)
    quick = options.quick
    print(setting(PACKAGES))
    chosen = cases(options.only)[:: 10 if quick else 1]
    print(
        table(("kind", "who", "cases", "median", "worst", "to ours"), list(case_rows(chosen, quick))) + "\n"
    )
    print(table(("new process", "time", "to matcalc grad"), list(starts(quick))) + "\n")
    headings = ("formula", "nodes", "deriving", "printing", "to linear", "memory", "to linear")
    for name in FAMILIES:
        if options.only in name:
            print(
                table(headings, list(growth_rows(name, QUICK_NODES if quick else NODES))) + "\n", flush=True
            )
    print(GOALS)


if __name__ == "__main__":
    main()
