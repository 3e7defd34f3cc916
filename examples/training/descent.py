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
    """Weights that go down the gradient: ``weights`` by name, the ``losses`` before each sweep, and when it ``solved``.

    ``function`` takes weights and data by name and returns the loss and its gradients in the order of ``weights``.
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
        rate: float,
        momentum: float,
        *,
        decay: float = 0.0,
        solves: Callable[[Arrays], bool] = lambda weights: False,
        stop: bool = True,
    ) -> Descent:
        """Sweep until ``solves(weights)``, or on to the end unless ``stop``; ``decay`` is the part lost in each sweep."""
        for _ in range(sweeps):
            loss, *gradients = self.function(**self.weights, **self.data)
            self.losses.append(float(loss))
            for (name, weight), gradient in zip(self.weights.items(), gradients, strict=True):
                step = -rate * gradient + momentum * self.steps.get(name, 0.0)  # Δw(t) = −ε ∂E/∂w + α Δw(t−1)
                self.steps[name] = step
                self.weights[name] = (1 - decay) * (weight + step)
            if self.solved is None and solves(self.weights):
                self.solved = len(self.losses)
                if stop:
                    break
        return self


def arguments(description: str | None) -> argparse.Namespace:
    """What the command line asks for: ``quick``, ``plot`` (a file or None) and ``seed`` (None: the example's own)."""
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
    """Check every gradient against finite differences, print the verdict, and hand out the generated NumPy function.

    Raises SystemExit where a gradient is wrong or could not be checked.
    """
    reports = derived.check()
    unsure = {name: verdict for name, verdict in reports.items() if not verdict.ok}
    for name, verdict in unsure.items():
        print(f"∇{name}: {verdict}")
    if unsure:
        raise SystemExit("no training with a gradient that is not known to be right")
    largest = max(reports.values(), key=lambda verdict: verdict.error or 0.0)
    print(f"check of {', '.join(f'∇{name}' for name in reports)}: {largest}")
    return derived.function("numpy", value=True)


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1/(1 + e^−z)."""
    return 1 / (1 + np.exp(-z))


def curve(losses: Sequence[float], name: str = "E") -> str:
    """The losses as text: one column for some sweeps (their mean), from 0 to the largest."""
    columns = [float(np.mean(part)) for part in np.array_split(np.asarray(losses), min(WIDTH, len(losses)))]
    top = max(columns) or 1.0
    eighths = [max(1, round(8 * HEIGHT * value / top)) if math.isfinite(value) else 0 for value in columns]
    rows = []
    for level in range(HEIGHT - 1, -1, -1):
        cells = "".join(BLOCKS[min(8, max(0, each - 8 * level))] for each in eighths)
        label = f"{top:.3g}" if level == HEIGHT - 1 else "0" if level == 0 else ""
        rows.append(f"{label:>7} │{cells}".rstrip())
    sweeps = f"{len(losses)} sweeps"
    ends = f"{name} {losses[0]:.4g} → {losses[-1]:.4g}"
    return "\n".join([*rows, f"{'':>7} └{'─' * len(columns)}", f"{'':>9}{ends}, {sweeps}"])


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
