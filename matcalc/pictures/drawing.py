"""A drawing: outlines, curves, arrowheads and words with their places, in the order in which they are drawn.

Lengths are in points; x runs to the right and y down.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from matcalc.printers.tables.cells import Cell

Point = tuple[float, float]

INK, GREY, PALE, PAPER = "1f2328", "667085", "f2f4f7", "ffffff"
GREEN, RED = "1a7f37", "c62828"  # values and gradients
_TIES = ("0072b2", "d98200", "8e44ad", "00838f", "8d6e63", "5c6bc0")

LABEL, SMALL = 12.0, 10.0  # sizes of letters


@dataclass(frozen=True)
class Outline:
    """A box around (x, y) with round corners."""

    x: float
    y: float
    width: float
    height: float
    radius: float
    stroke: str = INK
    fill: str = PAPER
    thick: float = 1.0


@dataclass(frozen=True)
class Curve:
    """A start and then, for each cubic piece, two control points and an end."""

    points: tuple[Point, ...]
    stroke: str = GREY
    thick: float = 1.0


@dataclass(frozen=True)
class Arrow:
    """The head of an arrow to the right, with its tip at (x, y)."""

    x: float
    y: float
    fill: str = GREY

    @property
    def points(self) -> tuple[Point, ...]:
        """Its corners."""
        return ((self.x, self.y), (self.x - 6.0, self.y - 2.6), (self.x - 6.0, self.y + 2.6))


@dataclass(frozen=True)
class Words:
    """A formula around (x, y); with ``anchor`` ``start`` it begins at x."""

    x: float
    y: float
    cell: Cell
    size: float = SMALL
    colour: str = INK
    anchor: str = "middle"

    @property
    def width(self) -> float:
        """About how wide it is."""
        return width(self.cell.unicode(), self.size)


Shape = Outline | Curve | Arrow | Words


@dataclass(frozen=True)
class Drawing:
    """All shapes, in a frame of this size."""

    width: float
    height: float
    title: Cell
    shapes: tuple[Shape, ...]


def tie_colour(tie: int | None, otherwise: str = GREY) -> str:
    """The colour of the uses of one variable."""
    return otherwise if tie is None else _TIES[tie % len(_TIES)]


_NARROW = frozenset("ijlftrI.,;:|'()[]!ᵢⱼₗ·′ ")
_WIDE = frozenset("mwMWOQ@%‖…∞σω√⊙⊘⊗∇Σ𝟏+−×÷=<>")


def width(text: str, size: float) -> float:
    """About how wide a text is, in DejaVu Sans, which is wider than most."""
    return size * sum(map(_share, text))


def _share(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if character in "⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉ᵀ":
        return 0.45
    if character in _NARROW:
        return 0.4
    return 0.87 if character in _WIDE else 0.72 if character.isupper() else 0.64


def decimal(value: float) -> str:
    """A length as files have it: at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def straight(*points: Point) -> tuple[Point, ...]:
    """The points of a curve along straight lines."""
    found = [points[0]]
    for start, end in zip(points, points[1:], strict=False):
        found += [_between(start, end, 1 / 3), _between(start, end, 2 / 3), end]
    return tuple(found)


def _between(start: Point, end: Point, share: float) -> Point:
    return (start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share)
