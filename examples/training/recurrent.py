"""A recurrent net is a layered net with the same weights in each layer: in numbers, and trained both ways.

Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating errors", Nature 323
(1986), figure 5. Run for three steps, a net is three layers, and the gradient in its weights is the sum of
those of the layers (the source takes their average, a third of the sum, which is another ε). The layered net
that changes all its layers by that sum keeps them equal, and learns what the recurrent one learns. The task:
three bits come one at a time; is the number of ones odd?
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

import numpy as np
from descent import Arrays, Descent, arguments, checked, introduce, plot, report

import matcalc
from matcalc.derivation import Derivations

# A column of X₁ is the first bit of a pattern and a unit that is always on; one of T says odd, even.
RECURRENT = """
shapes U: k×k, P: k×m, V: 2×k, H0: k×n, X1: m×n, X2: m×n, X3: m×n, T: 2×n
H1 = tanh(U H0 + P X1)
H2 = tanh(U H1 + P X2)
H3 = tanh(U H2 + P X3)
E  = ½‖V H3 − T‖²
"""
LAYERED = """
shapes U1: k×k, U2: k×k, U3: k×k, P1: k×m, P2: k×m, P3: k×m, V: 2×k, H0: k×n, X1: m×n, X2: m×n, X3: m×n, T: 2×n
H1 = tanh(U1 H0 + P1 X1)
H2 = tanh(U2 H1 + P2 X2)
H3 = tanh(U3 H2 + P3 X3)
E  = ½‖V H3 − T‖²
"""
TIED = {
    "U": ("U1", "U2", "U3"),
    "P": ("P1", "P2", "P3"),
    "V": ("V",),
}  # weights -> their places in the layers
UNITS, SEED = 4, 7


def recurrent() -> Derivations:
    """The gradients of the recurrent net."""
    return matcalc.derive(RECURRENT, wrt=list(TIED))


def layered() -> Derivations:
    """The gradients of the layered net."""
    return matcalc.derive(LAYERED, wrt=[name for names in TIED.values() for name in names])


def patterns() -> Arrays:
    """All eight patterns of three bits, one a column, the odd ones, and the state in which the units start."""
    bits = np.array(list(product([-1.0, 1.0], repeat=3))).T
    odd = (bits > 0).sum(axis=0) % 2 == 1
    steps = {f"X{step}": np.array([row, np.ones(8)]) for step, row in enumerate(bits, 1)}
    return {"H0": np.full((UNITS, 8), 0.5), **steps, "T": np.array([odd, ~odd], dtype=float)}


def first_weights(seed: int) -> Arrays:
    """Random weights."""
    random = np.random.default_rng(seed)
    shapes = {"U": (UNITS, UNITS), "P": (UNITS, 2), "V": (2, UNITS)}
    return {name: random.normal(size=shape) / 2 for name, shape in shapes.items()}


def outputs(w: Arrays, data: Arrays) -> np.ndarray:
    """What the net says of each pattern: two rows, odd and even."""
    state = data["H0"]
    for step in ("X1", "X2", "X3"):
        state = np.tanh(w["U"] @ state + w["P"] @ data[step])
    return w["V"] @ state


def differences(weights: Arrays, data: Arrays, name: str, h: float = 1e-6) -> np.ndarray:
    """The gradient of E in one weight by central differences, with nothing but NumPy."""
    found = np.zeros_like(weights[name])
    for place in np.ndindex(found.shape):
        sides = []
        for shift in (h, -h):
            moved = weights[name].copy()
            moved[place] += shift
            sides.append(0.5 * ((outputs({**weights, name: moved}, data) - data["T"]) ** 2).sum())
        found[place] = (sides[0] - sides[1]) / (2 * h)
    return found


def gap(one: np.ndarray, other: np.ndarray) -> str:
    """The largest difference of two arrays, relative to the largest entry."""
    return f"{np.abs(one - other).max() / np.abs(other).max():.0e}"


def copies(weights: Arrays) -> Arrays:
    """The weights of the layered net that are those of the recurrent one in each layer."""
    return {name: weights[tied].copy() for tied, names in TIED.items() for name in names}


def compare(tied: Derivations, untied: Derivations, weights: Arrays, data: Arrays) -> None:
    """Print what each use of U adds to its gradient, beside the layered net and finite differences."""
    in_layers = dict(zip(untied, untied.function("numpy")(**copies(weights), **data), strict=True))
    total = np.zeros_like(weights["U"])
    print("what each use of U adds to ∇U, and how far it is, relatively, from what the layered net says:")
    write = tied["U"].written("unicode").part
    for share in tied["U"].contributions:
        (step,) = share.places
        layer = f"U{step[1:]}"
        part = matcalc.evaluate(share.unicode(), tied["U"].shapes, **weights, **data)
        total += part
        print(
            f"  {step}: {write(share.named):<30} norm {np.linalg.norm(part):.4f}; "
            f"from {untied[layer].head('unicode')} of the layered net by {gap(in_layers[layer], part)}"
        )
    gradient = tied["U"].function("numpy")(**weights, **data)
    print(
        f"  their sum: norm {np.linalg.norm(total):.4f}; from ∇U of the recurrent net by "
        f"{gap(gradient, total)}, from finite differences by {gap(differences(weights, data, 'U'), total)}"
    )


def together(function: Callable[..., Sequence[Any]]) -> Callable[..., Sequence[Any]]:
    """The layered net's loss and gradients, with the sum over the layers for those that share a weight."""

    def shared(**arrays: np.ndarray) -> Sequence[Any]:
        loss, *gradients = function(**arrays)
        by_name = dict(zip((name for names in TIED.values() for name in names), gradients, strict=True))
        sums = {name: sum(by_name[each] for each in names) for names in TIED.values() for name in names}
        return (loss, *sums.values())

    return shared


def main() -> None:
    asked = arguments(__doc__)
    tied, untied = recurrent(), layered()
    introduce(RECURRENT, tied["U"])
    data, weights = patterns(), first_weights(SEED if asked.seed is None else asked.seed)
    nets = checked(tied), together(checked(untied))
    print()
    compare(tied, untied, weights, data)

    def right(weights: Arrays) -> int:
        return int((outputs(weights, data).argmax(axis=0) == data["T"].argmax(axis=0)).sum())

    sweeps = 20 if asked.quick else 600
    one = Descent(nets[0], dict(weights), data)
    one.run(sweeps, rate=0.02, momentum=0.9, solves=lambda weights: right(weights) == 8)
    other = Descent(nets[1], copies(weights), data).run(sweeps, rate=0.02, momentum=0.9)
    report(one, f"{right(one.weights)} of 8 patterns right")
    apart = max(float(np.abs(other.weights[name] - one.weights["U"]).max()) for name in TIED["U"])
    print(
        f"the layered net after as many sweeps: its U₁, U₂, U₃ differ by {apart:.0e} from the recurrent net's U"
    )
    plot(asked.plot, one, "a recurrent net counts odd and even")


if __name__ == "__main__":
    main()
