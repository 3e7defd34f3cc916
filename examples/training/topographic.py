"""Topographic sparse coding: features that show bars, and lie on a ring in the order of their directions.

Source: UFLDL, "Deriving gradients using the backpropagation idea", examples 1 and 2: ‖As − x‖² + γ‖A‖² with
the smoothed topographic penalty Σ√(V(s⊙s) + ε), for all patches at once. The patches show bars of like
directions together, each light or dark at random, and say nothing of a ring. Of the seeds 0 to 5 four find
the whole order.
"""

import numpy as np
from descent import Arrays, Descent, arguments, checked, introduce, plot, report
from patches import BARS, SIDE, apart, bars, likeness, strokes, whitened

import matcalc
from matcalc.derivation import Derivations

# A column of X is a patch, of S its code; V says how far the features (columns) belong to the groups (rows).
COST = """
shapes A: d×m, S: m×n, X: d×n, V: m×m, λ: scalar, γ: scalar, ε: scalar
J = ‖AS − X‖² + λ Σ√(V(S⊙S) + ε) + γ‖A‖²
"""
PATCHES, SEED = 600, 1
RING = np.arange(BARS)
GROUPS = np.exp(-(apart(RING[:, None], RING) ** 2) / 8)  # the group of a feature: its neighbours on the ring


def derived() -> Derivations:
    """The gradients of J in the features A and the codes S."""
    return matcalc.derive(COST, wrt=["A", "S"])


def patches(random: np.random.Generator) -> np.ndarray:
    """Patches, one a column: bars near a direction drawn at random, with contrasts of either sign."""
    directions = random.integers(BARS, size=PATCHES)
    near = np.exp(-(apart(RING[:, None], directions) ** 2) / (2 * 2.5**2))
    return bars() @ (near * random.normal(size=near.shape))


def main() -> None:
    asked = arguments(__doc__)
    gradients = derived()
    introduce(COST, gradients["S"])
    random = np.random.default_rng(SEED if asked.seed is None else asked.seed)
    X, pixels = whitened(patches(random))
    A = random.normal(size=(len(X), BARS)) / np.sqrt(len(X))

    def order(weights: Arrays) -> np.ndarray:
        """The bar that each feature is most like, around the ring."""
        return likeness(pixels @ weights["A"]).argmax(axis=0)

    def neighbours(weights: Arrays) -> int:
        """The neighbours on the ring that are at most two bars, 22.5°, apart in direction."""
        shown = order(weights)
        return int((apart(shown, np.roll(shown, 1)) <= 2).sum())

    data = {"X": X, "V": GROUPS, "λ": 0.95, "γ": 0.05 * PATCHES, "ε": 0.025}
    descent = Descent(checked(gradients), {"A": A, "S": A.T @ X}, data)
    descent.run(
        20 if asked.quick else 2400,
        rate={"A": 0.1 / PATCHES, "S": 0.02},
        momentum=0.9,
        solves=lambda weights: neighbours(weights) == BARS,
    )
    task = f"{neighbours(descent.weights)} of {BARS} neighbours on the ring are neighbours in direction"
    report(descent, task, "J")
    shown = order(descent.weights)
    print(f"around the ring: {strokes(shown)}")
    print(f"   in degrees:   {' '.join(f'{180 * each / BARS:.0f}' for each in shown)}")
    features = pixels @ descent.weights["A"]
    plot(
        asked.plot,
        descent,
        "topographic sparse coding",
        [each.reshape(SIDE, SIDE) for each in features.T],
        "J",
    )


if __name__ == "__main__":
    main()
