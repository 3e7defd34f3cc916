"""Times of things that do the same, measured side by side, and tables of their ratios.

What else the machine does changes from second to second, so a ratio is taken within a round, in which every contestant
runs once for a while, and the median over the rounds is printed.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec

Call = Callable[[], object]

_POOLS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")


@dataclass(frozen=True)
class Pace:
    """How long is measured: ``rounds`` of at least ``least`` seconds for each contestant.

    Where that would take more than ``budget`` seconds there are fewer rounds, but not fewer than ``few``.
    """

    rounds: int
    least: float
    budget: float = 30.0
    few: int = 5


MEASURED = Pace(rounds=31, least=0.02)
QUICK = Pace(rounds=1, least=0.0, few=1)


@dataclass(frozen=True)
class Times:
    """The seconds of one call, for each contestant in each round."""

    rounds: Mapping[str, Sequence[float]]

    def seconds(self, name: str) -> float:
        """The median of what a contestant takes."""
        return statistics.median(self.rounds[name])

    def ratio(self, name: str, base: str) -> float:
        """How many times as long as ``base`` a contestant takes: the median over the rounds."""
        return statistics.median(
            theirs / ours for theirs, ours in zip(self.rounds[name], self.rounds[base], strict=True)
        )

    def fastest(self, names: Sequence[str]) -> str:
        """The one of some contestants that takes the least."""
        return min(names, key=self.seconds)


def interleaved(calls: Mapping[str, Call], pace: Pace = MEASURED) -> Times:
    """Call the contestants in turn, each round beginning with another one."""
    repeats = {name: _repeats(call, pace.least) for name, call in calls.items()}
    order = list(calls)
    rounds: dict[str, list[float]] = {name: [] for name in order}
    start = time.perf_counter()
    for number in range(pace.rounds):
        if number >= pace.few and time.perf_counter() - start > pace.budget:
            break
        for name in order:
            rounds[name].append(_seconds(calls[name], repeats[name]))
        order.append(order.pop(0))
    return Times(rounds)


def _repeats(call: Call, least: float) -> int:
    """How often a call is repeated to take ``least`` seconds; the first call may compile."""
    call()
    if not least:
        return 1
    once = min(_seconds(call, 1) for _ in range(2))
    return max(1, round(least / max(once, 1e-7)))


def _seconds(call: Call, repeats: int) -> float:
    """The mean of the seconds that a call takes."""
    start = time.perf_counter()
    for _ in range(repeats):
        call()
    return (time.perf_counter() - start) / repeats


def _limit_threads(threads: int) -> None:
    """Give every library so many threads, and the process so many cores."""
    os.environ.update(dict.fromkeys(_POOLS, str(threads)))
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])


def setting(packages: Sequence[str]) -> str:
    """The line that says what was measured on what."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    threads = os.environ.get(_POOLS[0], "as many as they like")
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in packages if present(name))
    python = ".".join(map(str, sys.version_info[:3]))
    return f"Python {python}, {platform.machine()}, {cores} cores, threads {threads}; {versions}"


def present(package: str) -> bool:
    """Whether a package can be imported; peers that can't are left out."""
    return find_spec(package) is not None


def duration(seconds: float) -> str:
    """Seconds in the unit that suits them."""
    for unit, factor in (("s", 1.0), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1 or unit == "µs":
            return f"{seconds * factor:.3g} {unit}"
    raise AssertionError


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Text in columns: the first to the left, the others to the right."""
    lines = [headings, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(headings))]
    aligned = [
        "  ".join(
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]
    return "\n".join([aligned[0], "─" * len(aligned[0]), *aligned[1:]])


def arguments(module: str, about: str, given: Sequence[str] | None) -> argparse.Namespace:
    """The options of a script: ``quick``, ``only`` and ``threads``, which hold from here on."""
    parser = argparse.ArgumentParser(
        prog=f"python -m {module}", description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--quick", action="store_true", help="the smallest sizes, once: results, no measurement"
    )
    parser.add_argument(
        "--only", default="", metavar="WORD", help="only the cases whose names have this in them"
    )
    parser.add_argument("--threads", type=int, default=1, help="threads of every library (default: 1)")
    options = parser.parse_args(given)
    if not options.quick and os.environ.get(_POOLS[0]) != str(options.threads):
        # The libraries read these when they are imported, which has happened: begin anew.
        _limit_threads(options.threads)
        os.execv(sys.executable, [sys.executable, "-m", module, *(sys.argv[1:] if given is None else given)])
    return options
