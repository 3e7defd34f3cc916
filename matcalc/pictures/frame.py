"""The frame around a drawing: its margins, and the lines below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from matcalc.pictures.drawing import (
    GREEN,
    INK,
    RED,
    SMALL,
    Arrow,
    Curve,
    Drawing,
    Outline,
    Point,
    Shape,
    Words,
)
from matcalc.pictures.picture import Picture, PictureNode, Unit
from matcalc.printers.tables.cells import words

LINE = 13.0  # from one line to the next
_MARGIN = 10.0


def framed(picture: Picture, shapes: Sequence[Shape], called: tuple[str, str]) -> Drawing:
    """The drawing with its lines below, moved so that it begins at (0, 0).

    ``called`` says what the green numbers and the red ones are.
    """
    left, top, right, bottom = _bounds(shapes)
    lines = list(_lines(picture, called, left, bottom + LINE))
    everything = [*shapes, *lines]
    if lines:
        _, _, wide, bottom = _bounds(lines)
        right = max(right, wide)
    x, y = _MARGIN - left, _MARGIN - top
    moved = tuple(_moved(shape, x, y) for shape in everything)
    return Drawing(right + x + _MARGIN, bottom + y + _MARGIN, picture.title, moved)


def _lines(picture: Picture, called: tuple[str, str], x: float, y: float) -> Iterator[Words]:
    """What the colours mean, and the legend."""
    things: list[PictureNode | Unit] = list(picture.nodes)
    things += [unit for node in picture.nodes for unit in node.units if unit is not None]
    if any(thing.value for thing in things):
        value, gradient = called
        plain = words(f"above: {value}", latex=f"\\text{{above: {value}}}")
        first = Words(x, y, plain, SMALL, GREEN, "start")
        yield first
        if any(thing.gradient for thing in things):
            red = words(f"below: {gradient}", latex=f"\\text{{below: {gradient}}}")
            yield Words(x + first.width + 12, y, red, SMALL, RED, "start")
        y += LINE
    for line in picture.legend:
        yield Words(x, y, line, SMALL, INK, "start")
        y += LINE


def _bounds(shapes: Sequence[Shape]) -> tuple[float, float, float, float]:
    corners = [corner for shape in shapes for corner in _corners(shape)]
    across, down = zip(*corners, strict=True)
    return min(across), min(down), max(across), max(down)


def _corners(shape: Shape) -> Sequence[Point]:
    if isinstance(shape, Outline):
        half, high = shape.width / 2, shape.height / 2
        return ((shape.x - half, shape.y - high), (shape.x + half, shape.y + high))
    if isinstance(shape, Words):
        left = shape.x if shape.anchor == "start" else shape.x - shape.width / 2
        return ((left, shape.y - shape.size * 0.6), (left + shape.width, shape.y + shape.size * 0.6))
    return shape.points


def _moved(shape: Shape, x: float, y: float) -> Shape:
    if isinstance(shape, Curve):
        return replace(shape, points=tuple((left + x, top + y) for left, top in shape.points))
    if isinstance(shape, Outline):
        return replace(shape, x=shape.x + x, y=shape.y + y)
    if isinstance(shape, Arrow):
        return replace(shape, x=shape.x + x, y=shape.y + y)
    return replace(shape, x=shape.x + x, y=shape.y + y)
