"""Values with gradients: our NumPy code beside autograd and PyTorch, our JAX code beside `jax.jit(jax.value_and_grad)`.

    python -m tests.bench.gradient_functions [--quick] [--only WORD] [--threads N]

Eight losses at three sizes, CPU, double precision.  Every contestant gives the value and the gradient of the same loss;
the results are compared before anything is measured.  PyTorch runs in its two ways (`torch.func.grad_and_value`,
`torch.autograd.grad`), and where a loss has two good spellings every peer has both: the fastest counts.  A ratio above 1
says how many times as long the peer takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matcalc
from tests.bench import ours, peers
from tests.bench.comparison import agree
from tests.bench.problems import PROBLEMS, Problem
from tests.bench.timing import (
    MEASURED,
    QUICK,
    Call,
    Pace,
    arguments,
    duration,
    interleaved,
    present,
    setting,
    table,
)

NEVER_BELOW = 1 / 1.05
OFTEN = 1.5
HEADINGS = ("problem", "sizes", "NumPy code", "autograd", "PyTorch", "JAX code", "jit(value_and_grad)")
PACKAGES = ("numpy", "autograd", "torch", "jax")

_PEERS: Mapping[str, Mapping[str, Callable[..., Mapping[str, Call]]]] = {  # by the package that they need
    "numpy": {"autograd": peers.autograd_pairs, "torch": peers.torch_pairs},
    "jax": {"jax": peers.jax_pairs},
}


@dataclass(frozen=True)
class Outcome:
    """What our code for one target takes, in seconds, and how many times as long each peer does."""

    seconds: float | None
    ratios: Mapping[str, float | None]

    def cells(self) -> list[str]:
        """Its part of a row."""
        seconds = "–" if self.seconds is None else duration(self.seconds)
        return [seconds, *("–" if ratio is None else f"{ratio:.2f}" for ratio in self.ratios.values())]


def contestants(problem: Problem, target: str, inputs: Mapping[str, Any]) -> dict[tuple[str, str], Call]:
    """What gives the value and the gradient: our code as ``("", "")``, peers by name and manner."""
    derivation = matcalc.derive(problem.text, problem.wrt, problem.shapes, assume=problem.assume or None)
    own = ours.call(derivation, target, inputs, value=True)
    found = {} if own is None else {("", ""): own}
    for peer, pairs in _PEERS[target].items():
        for loss in problem.losses if present(peer) else ():
            for manner, call in pairs(loss, problem.wrt, inputs).items():
                found[peer, f"{loss.__name__} {manner}"] = call
    return found


def outcome(problem: Problem, target: str, inputs: Mapping[str, Any], pace: Pace) -> Outcome:
    """Compare the results, then the times."""
    calls = contestants(problem, target, inputs)
    agree({name: call() for name, call in calls.items()})
    times = interleaved({"/".join(name): call for name, call in calls.items()}, pace)
    ratios: dict[str, float | None] = dict.fromkeys(_PEERS[target])
    if ("", "") not in calls:
        return Outcome(None, ratios)
    for peer in {peer for peer, _ in calls if peer}:
        ratios[peer] = times.ratio(times.fastest(["/".join(name) for name in calls if name[0] == peer]), "/")
    return Outcome(times.seconds("/"), ratios)


def outcomes(pace: Pace, only: str) -> Iterator[tuple[Problem, Mapping[str, int], list[Outcome]]]:
    """Every problem at every size; at the smallest alone where nothing is measured."""
    for problem in PROBLEMS:
        if only in problem.name:
            for sizes in problem.sizes[: 1 if pace is QUICK else None]:
                inputs = problem.inputs(sizes)
                yield problem, sizes, [outcome(problem, target, inputs, pace) for target in ours.TARGETS]


def verdict(ratios: Sequence[tuple[float, str]]) -> str:
    """The worst ratio and how many are large, with the goals."""
    worst, where = min(ratios)
    share = sum(ratio >= OFTEN for ratio, _ in ratios) / len(ratios)
    return (
        f"worst ratio {worst:.2f} ({where}); goal: never below {NEVER_BELOW:.2f}\n"
        f"at least {OFTEN} in {share:.0%} of {len(ratios)}; goal: half of them"
    )


def main(given: Sequence[str] | None = None) -> None:
    """Measure and print."""
    options = arguments("tests.bench.gradient_functions", __doc__ or "", given)
    print(setting(PACKAGES))
    rows, ratios = [], []
    for problem, sizes, found in outcomes(QUICK if options.quick else MEASURED, options.only):
        size = " ".join(f"{name}={number}" for name, number in sizes.items())
        rows.append([problem.name, size, *(cell for one in found for cell in one.cells())])
        ratios += [
            (ratio, f"{problem.name}, {size}, {peer}")
            for one in found
            for peer, ratio in one.ratios.items()
            if ratio is not None
        ]
    print(table(HEADINGS, rows))
    if ratios and not options.quick:
        print(verdict(ratios))


if __name__ == "__main__":
    main()
