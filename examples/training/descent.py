"""What the training examples share: the check of a gradient, descent with momentum, and the curve of the loss.

The update rule is that of Rumelhart, Hinton and Williams (1986), equation 9: Δw(t) = −ε ∂E/∂w(t) + α Δw(t−1).
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from matcalc.derivation import Derivation, Derivations

Arrays = dict[str, np.ndarray]
BLOCKS = " ▁▂▃▄▅▆▇█"
WIDTH, HEIGHT = 64, 6  # of the curve, in characters


@dataclass
class Descent:
    """Weights that go down the gradient: ``weights`` by name, the ``losses`` before each sweep.

    ``function`` takes weights and data by name and returns the loss and its gradients in their order.
    ``solved`` is the sweep since which the task is solved, None while it is not.
    """

    function: Callable[..., Sequence[Any]]
    weights: Arrays
    data: Mapping[str, object]
    losses: list[float] = field(default_factory=list)
    solved: int | None = None
    steps: Arrays = field(default_factory=dict)

    def run(
        self,
        sweeps: int,
        rate: float | Mapping[str, float],
        momentum: float,
        *,
        decay: float = 0.0,
        solves: Callable[[Arrays], bool] = lambda weights: False,
    ) -> Descent:
        """Sweep over all data; after each sweep ``solves(weights)`` says whether the task is solved.

        ``rate`` is ε, of all weights or by name; ``decay`` is the part of each weight that a sweep takes away.
        """
        for _ in range(sweeps):
            loss, *gradients = self.function(**self.weights, **self.data)
            self.losses.append(float(loss))
            for (name, weight), gradient in zip(self.weights.items(), gradients, strict=True):
                pace = rate[name] if isinstance(rate, Mapping) else rate
                step = -pace * gradient + momentum * self.steps.get(name, 0.0)  # Δw(t) = −ε ∂E/∂w + α Δw(t−1)
                self.steps[name] = step
                self.weights[name] = (1 - decay) * (weight + step)
            self.solved = (self.solved or len(self.losses)) if solves(self.weights) else None
        return self


def arguments(description: str | None) -> argparse.Namespace:
    """What the command line asks for: ``quick``, ``plot`` (a file or None) and ``seed`` (or None)."""
    parser = argparse.ArgumentParser(description=(description or "").partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="a few sweeps only, to see that all works")
    parser.add_argument("--plot", metavar="FILE", help="save the curve as FILE (.png, .svg, .pdf)")
    parser.add_argument("--seed", type=int, help="draw the first weights and the data from another seed")
    return parser.parse_args()


def introduce(program: str, derivation: Derivation) -> None:
    """Print the net as a program, and the gradient in one of its weights."""
    print(f"{program.strip()}\n")
    print(f"{derivation.head('unicode')} = {derivation.written('unicode', headed=True).lines(100)}\n")


def checked(derived: Derivations) -> Callable[..., Sequence[Any]]:
    """Check every gradient against finite differences, print the verdict, and return the generated function.

    Raises SystemExit where a gradient is wrong or could not be checked.
    """
    reports = derived.check()
    unsure = {name: verdict for name, verdict in reports.items() if not verdict.ok}
    for name, verdict in unsure.items():
        print(f"{derived[name].head('unicode')}: {verdict}")
    if unsure:
        raise SystemExit("no training with a gradient that is not known to be right")
    largest = max(reports.values(), key=lambda verdict: verdict.error or 0.0)
    print(f"check of {', '.join(each.head('unicode') for each in derived.values())}: {largest}")
    return derived.function("numpy", value=True)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1/(1 + e^−z)."""
    return 1 / (1 + np.exp(-z))


def curve(losses: Sequence[float], name: str = "E") -> str:
    """The losses as text: each column the mean of some sweeps, from the least to the largest."""
    parts = np.array_split(np.asarray(losses), min(WIDTH, len(losses)))
    columns = np.nan_to_num([float(np.mean(part)) for part in parts])
    least, most = columns.min(), columns.max()
    eighths = 1 + np.round((8 * HEIGHT - 1) * (columns - least) / (most - least or 1.0)).astype(int)
    labels = {HEIGHT - 1: f"{most:#.4g}".rstrip("."), 0: f"{least:#.4g}".rstrip(".")}
    rows = []
    for level in reversed(range(HEIGHT)):
        cells = "".join(BLOCKS[each] for each in np.clip(eighths - 8 * level, 0, 8))
        rows.append(f"{labels.get(level, ''):>9} │{cells}".rstrip())
    foot = f"{name} {losses[0]:.4g} → {losses[-1]:.4g} in {len(losses)} sweeps"
    return "\n".join([*rows, f"{'':>9} └{'─' * len(columns)}", f"{'':>11}{foot}"])


def report(descent: Descent, task: str, name: str = "E") -> None:
    """Print the curve, and in how many sweeps the task was solved."""
    print(f"\n{curve(descent.losses, name)}\n")
    if descent.solved is None:
        print(f"not solved in {len(descent.losses)} sweeps: {task}")
    else:
        print(f"solved in {descent.solved} sweeps: {task}")


def plot(
    file: str | None, descent: Descent, title: str, pictures: Sequence[np.ndarray] = (), name: str = "E"
) -> None:
    """Save the curve, and the features as ``pictures`` beside it, where a file is asked for."""
    if file is None:
        return
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise SystemExit("--plot needs matplotlib: pip install matplotlib") from None
    figure = Figure(figsize=(10 if pictures else 6, 4), layout="constrained")
    left, right = figure.subfigures(1, 2) if pictures else (figure, None)
    axes = left.subplots()
    axes.plot(range(1, len(descent.losses) + 1), descent.losses)
    if descent.solved is not None:
        axes.axvline(descent.solved, linestyle=":", color="grey", label=f"solved in {descent.solved} sweeps")
        axes.legend()
    axes.set(title=title, xlabel="sweeps", ylabel=name, ylim=(0, None))
    if right is not None:
        side = math.ceil(math.sqrt(len(pictures)))
        for place, axis in enumerate(
            right.subplots(math.ceil(len(pictures) / side), side, squeeze=False).flat
        ):
            axis.axis("off")
            if place < len(pictures):
                reach = float(np.abs(pictures[place]).max()) or 1.0
                axis.imshow(pictures[place], cmap="gray", vmin=-reach, vmax=reach)
    try:
        figure.savefig(file)
    except (OSError, ValueError) as problem:
        raise SystemExit(f"{file} can't be written: {problem}") from None
    print(f"saved {file}")
