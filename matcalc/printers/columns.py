"""Columns of plain text that stand below each other."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines whose columns stand below each other, with a rule under the first."""
    widths = [max(map(width, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell + " " * (wide - width(cell)) for cell, wide in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    lines.insert(1, "  ".join("-" * wide for wide in widths))
    return lines


def width(text: str) -> int:
    """How many places a text takes; accents take none."""
    return sum(not unicodedata.combining(character) for character in text)
