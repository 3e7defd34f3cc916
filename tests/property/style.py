"""One of the three spellings, and the chance that decides between the ways it has to write a thing."""

from __future__ import annotations

import random


class Style:
    """The ``unicode``, ``ascii`` or ``latex`` spelling; a ``plain`` one has no surprises: one way to write each thing."""

    def __init__(self, style: str, rng: random.Random, plain: bool = False) -> None:
        self.style, self.rng, self.plain = style, rng, plain
        self.latex, self.ascii = style == "latex", style == "ascii"

    def one_of(self, *ways: str) -> str:
        return ways[0] if self.plain else self.rng.choice(ways)

    def perhaps(self, chance: float) -> bool:
        return not self.plain and self.rng.random() < chance

    def choose(self, ascii_: list[str], unicode: list[str], latex: list[str]) -> str:
        return self.one_of(*(ascii_ if self.ascii else latex if self.latex else unicode))

    def minus(self) -> str:
        return "−" if self.style == "unicode" and self.rng.random() < 0.7 else "-"
