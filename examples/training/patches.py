"""Small images to learn from, light and dark bars through the middle, and which bars a feature shows."""

from __future__ import annotations

import numpy as np

SIDE, BARS = 12, 16  # pixels of a patch each way; bars, the k-th at the angle k·180°/16


def bars() -> np.ndarray:
    """The bars, one a column of SIDE² pixels, with mean 0 and norm 1."""
    across = np.arange(SIDE) - (SIDE - 1) / 2
    x, y = np.meshgrid(across, -across)
    columns = []
    for angle in np.arange(BARS) * np.pi / BARS:
        distance = x * np.sin(angle) - y * np.cos(angle)
        bar = np.exp(-(distance**2) / 2 - (x**2 + y**2) / (2 * SIDE))
        columns.append((bar - bar.mean()).ravel())
    found = np.stack(columns, axis=1)
    return found / np.linalg.norm(found, axis=0)


def apart(one: np.ndarray, other: np.ndarray, count: int = BARS) -> np.ndarray:
    """How many steps two places on a ring of ``count`` lie apart."""
    distance = (one - other) % count
    return np.minimum(distance, count - distance)


def whitened(patches: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The patches, one a column, in uncorrelated coordinates of variance 1, and the way back to pixels."""
    patches = patches - patches.mean(axis=1, keepdims=True)
    variances, axes = np.linalg.eigh(patches @ patches.T / patches.shape[1])
    kept = variances > 1e-9 * variances.max()
    spread = np.sqrt(variances[kept])
    return (axes[:, kept] / spread).T @ patches, axes[:, kept] * spread


def likeness(features: np.ndarray) -> np.ndarray:
    """The absolute cosine of each bar (rows) and each feature in pixels (columns)."""
    norms = np.linalg.norm(features, axis=0)
    return np.abs(bars().T @ features) / np.where(norms > 0, norms, 1)


def strokes(places: np.ndarray) -> str:
    """The directions of bars as strokes."""
    return " ".join("─╱│╲"[round(4 * place / BARS) % 4] for place in places)
