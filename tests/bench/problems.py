"""The eight losses whose gradients are measured: as matcalc reads them, and as a user of the peers writes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tests.bench.peers import Kit, Loss

Shapes = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Problem:
    """A loss; where peers have more than one good way to write it, ``losses`` has all of them."""

    name: str
    text: str
    wrt: str
    shapes: Shapes
    sizes: tuple[Mapping[str, int], ...]
    losses: tuple[Loss, ...]
    numbers: Mapping[str, float] = field(default_factory=dict)
    assume: Mapping[str, str] = field(default_factory=dict)

    def inputs(self, sizes: Mapping[str, int], seed: int = 0) -> dict[str, Any]:
        """Arrays of these sizes: normal entries over √(the last size), so that products stay of order 1."""
        rng = np.random.default_rng(seed)
        arrays: dict[str, Any] = dict(self.numbers)
        for name, axes in self.shapes.items():
            shape = tuple(sizes[axis] for axis in axes)
            if shape:
                arrays[name] = rng.standard_normal(shape) / np.sqrt(shape[-1] if len(shape) > 1 else 1)
            if self.assume.get(name) == "spd":
                arrays[name] = arrays[name] @ arrays[name].T
        return arrays


def ridge(kit: Kit, *, X: Any, w: Any, y: Any, λ: float) -> Any:
    return kit.xp.sum((X @ w - y) ** 2) + λ * kit.xp.sum(w**2)


def logistic(kit: Kit, *, X: Any, w: Any, y: Any) -> Any:
    return kit.xp.sum(kit.softplus(-y * (X @ w)))


def ica(kit: Kit, *, W: Any, X: Any, λ: float, n: float) -> Any:
    z = W @ X
    return λ / n * kit.xp.sum((W.T @ z - X) ** 2) + kit.xp.sum(kit.xp.log(kit.xp.cosh(z)))


def sparse_coding(kit: Kit, *, A: Any, S: Any, X: Any, λ: float, ε: float) -> Any:
    return kit.xp.sum((A @ S - X) ** 2) + λ * kit.xp.sum(kit.xp.sqrt(S * S + ε))


def masked_factorization(kit: Kit, *, M: Any, T: Any, U: Any, V: Any, λ: float) -> Any:
    return kit.xp.sum((M * (T - U @ V.T)) ** 2) + λ * kit.xp.sum(U**2)


def network(kit: Kit, *, X: Any, A: Any, b: Any, B: Any, c: Any, Y: Any) -> Any:
    z = kit.xp.tanh(X @ A + b) @ B + c
    return kit.xp.sum(kit.logsumexp(z)) - kit.xp.sum(Y * z)


def attention(kit: Kit, *, Q: Any, K: Any, V: Any, Y: Any) -> Any:
    return kit.xp.sum((kit.softmax(Q @ K.T) @ V - Y) ** 2)


def evidence_by_solve(kit: Kit, *, K: Any, y: Any, σ: float) -> Any:
    covariance = K + σ**2 * kit.eye(len(y))
    return (kit.xp.linalg.slogdet(covariance)[1] + y @ kit.xp.linalg.solve(covariance, y)) / 2


def evidence_by_cholesky(kit: Kit, *, K: Any, y: Any, σ: float) -> Any:
    factor = kit.xp.linalg.cholesky(K + σ**2 * kit.eye(len(y)))
    white = kit.solve_lower(factor, y)
    return kit.xp.sum(kit.xp.log(kit.xp.diag(factor))) + kit.xp.sum(white**2) / 2


PROBLEMS = (
    Problem(
        "ridge regression",
        "‖Xw − y‖² + λ‖w‖²",
        "w",
        {"X": ("n", "d"), "w": ("d",), "y": ("n",), "λ": ()},
        ({"n": 7, "d": 5}, {"n": 120, "d": 100}, {"n": 1200, "d": 1000}),
        (ridge,),
        {"λ": 0.3},
    ),
    Problem(
        "logistic regression",
        "Σ log(1 + exp(−y ⊙ Xw))",
        "w",
        {"X": ("n", "d"), "w": ("d",), "y": ("n",)},
        ({"n": 8, "d": 4}, {"n": 200, "d": 100}, {"n": 2000, "d": 1000}),
        (logistic,),
    ),
    Problem(
        "reconstruction ICA",
        "(λ/n)‖WᵀWX − X‖² + Σ log(cosh(WX))",
        "W",
        {"W": ("k", "d"), "X": ("d", "m"), "λ": (), "n": ()},
        ({"k": 3, "d": 5, "m": 7}, {"k": 80, "d": 100, "m": 120}, {"k": 800, "d": 1000, "m": 600}),
        (ica,),
        {"λ": 0.7, "n": 7.0},
    ),
    Problem(
        "sparse coding",
        "‖AS − X‖² + λΣ√(S⊙S + ε)",
        "S",
        {"A": ("m", "k"), "S": ("k", "n"), "X": ("m", "n"), "λ": (), "ε": ()},
        ({"m": 5, "k": 4, "n": 7}, {"m": 80, "k": 100, "n": 120}, {"m": 900, "k": 1000, "n": 600}),
        (sparse_coding,),
        {"λ": 0.5, "ε": 1e-2},
    ),
    Problem(
        "masked factorization",
        "‖M⊙(T − UVᵀ)‖² + λ‖U‖²",
        "U",
        {"M": ("m", "n"), "T": ("m", "n"), "U": ("m", "k"), "V": ("n", "k"), "λ": ()},
        ({"m": 7, "n": 6, "k": 3}, {"m": 100, "n": 90, "k": 10}, {"m": 1000, "n": 900, "k": 20}),
        (masked_factorization,),
        {"λ": 0.1},
    ),
    Problem(
        "two-layer network",
        "h = tanh(XA + 𝟏*bᵀ)\nz = h*B + 𝟏*cᵀ\nΣ logsumexp(z, rows) − Σ(Y ⊙ z)",
        "A",
        {"X": ("n", "d"), "A": ("d", "k"), "b": ("k",), "B": ("k", "p"), "c": ("p",), "Y": ("n", "p")},
        (
            {"n": 8, "d": 5, "k": 6, "p": 3},
            {"n": 120, "d": 100, "k": 90, "p": 10},
            {"n": 900, "d": 1000, "k": 800, "p": 20},
        ),
        (network,),
    ),
    Problem(
        "attention",
        "‖softmax(QKᵀ, rows)V − Y‖²",
        "Q",
        {"Q": ("m", "d"), "K": ("n", "d"), "V": ("n", "p"), "Y": ("m", "p")},
        (
            {"m": 6, "d": 4, "n": 7, "p": 3},
            {"m": 100, "d": 64, "n": 120, "p": 48},
            {"m": 1000, "d": 64, "n": 900, "p": 48},
        ),
        (attention,),
    ),
    Problem(
        "Gaussian evidence",
        "½ log det(K + σ²I) + ½ yᵀ(K + σ²I)⁻¹y",
        "K",
        {"K": ("n", "n"), "y": ("n",), "σ": ()},
        ({"n": 6}, {"n": 100}, {"n": 1000}),
        (evidence_by_solve, evidence_by_cholesky),
        {"σ": 0.9},
        {"K": "spd"},
    ),
)
