"""Reconstruction ICA: from patches that mix sixteen bars, features that show the bars one by one.

Source: UFLDL, "Deriving gradients using the backpropagation idea", example 3: the reconstruction cost ‖WᵀWx −
x‖², in which W has two uses, with the smoothed sparsity Σ√((Wx)⊙(Wx) + ε) of reconstruction ICA (Le,
Karpenko, Ngiam and Ng, NIPS 2011).
"""

import numpy as np
from descent import Arrays, Descent, arguments, checked, introduce, plot, report
from patches import BARS, SIDE, bars, likeness, strokes, whitened

import matcalc
from matcalc.derivation import Derivations

COST = """
shapes W: m×d, X: d×n, λ: scalar, ε: scalar
S = W X
J = ‖WᵀS − X‖² + λ Σ√(S⊙S + ε)
"""
PATCHES, ALIKE = 1000, 0.9


def derived() -> Derivations:
    """The gradient of J in the filters W."""
    return matcalc.derive(COST, wrt=["W"])


def main() -> None:
    asked = arguments(__doc__)
    gradients = derived()
    introduce(COST, gradients["W"])
    random = np.random.default_rng(asked.seed or 0)
    X, pixels = whitened(
        bars() @ random.laplace(size=(BARS, PATCHES))
    )  # contrasts independent and mostly small
    weights = {"W": random.normal(size=(BARS, len(X))) / np.sqrt(len(X))}

    def similar(weights: Arrays) -> np.ndarray:
        """For each bar how much the feature that is most like it is."""
        return likeness(pixels @ weights["W"].T).max(axis=1)

    descent = Descent(checked(gradients), weights, {"X": X, "λ": 0.3, "ε": 0.01})
    descent.run(
        20 if asked.quick else 600,
        rate=0.05 / PATCHES,
        momentum=0.9,
        solves=lambda weights: bool((similar(weights) > ALIKE).all()),
    )
    found = similar(descent.weights)
    report(descent, f"{(found > ALIKE).sum()} of {BARS} bars have a feature with a cosine above {ALIKE}", "J")
    print(f"the least like its bar: {found.min():.3f}")
    features = pixels @ descent.weights["W"].T
    order = likeness(features).argmax(axis=0)
    print(f"the features in their order: {strokes(order)}")
    plot(asked.plot, descent, "reconstruction ICA", [each.reshape(SIDE, SIDE) for each in features.T], "J")


if __name__ == "__main__":
    main()
