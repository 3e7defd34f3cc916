"""Random numbers for points: a seed gives the same ones everywhere.

The bits are those of the standard library, as ``numpy.random`` takes longer to import than a small check to run.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence

import numpy as np

from matcalc.verification.arrays import Array


class Draws:
    """A source of random arrays; the seed may be a number or several."""

    def __init__(self, seed: int | Sequence[int]) -> None:
        self._bytes = random.Random(str(seed)).randbytes

    def uniform(self, size: Sequence[int]) -> Array:
        """Numbers between 0 and 1, which are never reached."""
        words = np.frombuffer(self._bytes(8 * math.prod(size)), dtype="<u8")
        return np.asarray((words >> np.uint64(12)) + 0.5).reshape(size) / 2**52

    def standard_normal(self, size: Sequence[int]) -> Array:
        """Normal numbers of mean 0 and variance 1, by the transformation of Box and Muller (1958)."""
        radius, angle = self.uniform((2, *size))
        return np.asarray(np.sqrt(-2 * np.log(radius)) * np.cos(2 * math.pi * angle))

    def integers(self, below: int, size: Sequence[int]) -> Array:
        """The numbers 0, …, ``below`` − 1, each as often."""
        return np.asarray(self.uniform(size) * below).astype(int)
