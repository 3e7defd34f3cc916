"""The drawing of a layered network: a column of units for each layer, bundles of edges with their weights between them.

A long network goes on in a row below.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from matcalc.pictures.drawing import (
    GREEN,
    GREY,
    INK,
    LABEL,
    RED,
    SMALL,
    Arrow,
    Curve,
    Drawing,
    Outline,
    Point,
    Shape,
    Words,
    straight,
    tie_colour,
    width,
)
from matcalc.pictures.frame import LINE, framed
from matcalc.pictures.picture import Edge, Picture, PictureNode, Unit
from matcalc.printers.tables.cells import Cell, words

_HEIGHT = 24.0  # of a unit
_APART = 40.0  # from one unit to the next
_NUMBERS = 20.0  # more where units have numbers
_ROW = 960.0  # about how wide a row may be
_GAP = 50.0  # between columns
_BETWEEN = 42.0  # between rows


@dataclass(frozen=True)
class _Column:
    """A layer at its place: the units' outlines are ``wide`` and their middles at ``heights`` around ``y``."""

    node: PictureNode
    x: float
    y: float
    wide: float
    heights: tuple[tuple[Unit, float], ...]
    dots: float | None
    top: float  # of the row
    bottom: float

    @property
    def left(self) -> list[Point]:
        """Where edges enter the units."""
        return [(self.x - self.wide / 2, height) for _, height in self.heights]

    @property
    def right(self) -> list[Point]:
        """Where edges leave the units."""
        return [(self.x + self.wide / 2, height) for _, height in self.heights]


def network_drawing(picture: Picture) -> Drawing:
    """The layers from left to right, in as many rows as they need."""
    edges = {edge.source: edge for edge in picture.edges}
    rows = list(_rows(picture.nodes, edges))
    shapes: list[Shape] = []
    end: _Column | None = None
    y = 0.0
    for row in rows:
        y += max(_extent(node)[0] for node in row)
        columns = list(_placed(row, edges, y))
        if end is not None:
            shapes += _turn(edges[end.node.key], end, columns[0])
        for left, right in zip(columns, columns[1:], strict=False):
            shapes += _bundle(edges[left.node.key], left, right)
        for column in columns:
            shapes += _column(column)
        end = columns[-1]
        y += max(_extent(node)[1] for node in row) + _BETWEEN
    return framed(picture, shapes, ("input of the layer", "gradient with respect to it"))


# Places -----------------------------------------------------------------------------------------------------


def _rows(nodes: Sequence[PictureNode], edges: dict[int, Edge]) -> Iterator[list[PictureNode]]:
    """The layers in as few rows as there have to be, none of them wider than it must be."""
    widths = [_wide(node) + _gap(edges.get(node.key)) for node in nodes]
    count = ceil(sum(widths) / _ROW)
    low, high = max(widths), sum(widths)
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (low, middle) if len(_filled(widths, middle)) <= count else (middle, high)
    first = 0
    for size in _filled(widths, high):
        yield list(nodes[first : first + size])
        first += size


def _filled(widths: Sequence[float], limit: float) -> list[int]:
    """How many columns each row has that is filled up to a limit; the last two columns stay together."""
    sizes, used = [0], 0.0
    for place, wide in enumerate(widths):
        last = place == len(widths) - 2
        if sizes[-1] and used + wide + (widths[-1] if last else 0.0) > limit and place < len(widths) - 1:
            sizes.append(0)
            used = 0.0
        sizes[-1] += 1
        used += wide
    return sizes


def _placed(row: Sequence[PictureNode], edges: dict[int, Edge], y: float) -> Iterator[_Column]:
    left = 0.0
    top, bottom = y - max(_extent(node)[0] for node in row), y + max(_extent(node)[1] for node in row)
    for node in row:
        wide = _wide(node)
        heights, dots = _heights(node, y)
        yield _Column(node, left + wide / 2, y, _unit_width(node), heights, dots, top, bottom)
        left += wide + _gap(edges.get(node.key))


def _gap(edge: Edge | None) -> float:
    label = "" if edge is None or edge.label is None else edge.label.unicode()
    return max(_GAP, width(label, LABEL) + 24)


def _unit_width(node: PictureNode) -> float:
    return max(_HEIGHT + 8, width(node.label.unicode(), SMALL + 1) + 16)


def _above(node: PictureNode) -> list[tuple[Cell, str]]:
    title = words(f"layer {node.key}", latex=f"\\text{{layer {node.key}}}")
    lines = ((title if node.form == "layer" else None, GREY), (node.caption, INK), (node.value, GREEN))
    return [(cell, colour) for cell, colour in lines if cell is not None]


def _below(node: PictureNode) -> list[tuple[Cell, str]]:
    lines = ((node.gradient, RED), (node.shape, GREY), (node.delta, RED))
    return [(cell, colour) for cell, colour in lines if cell is not None]


def _wide(node: PictureNode) -> float:
    units = [cell for unit in node.units if unit for cell in (unit.value, unit.gradient) if cell]
    texts = [cell for cell, _ in (*_above(node), *_below(node))] + units
    return max([_unit_width(node), *(width(cell.unicode(), SMALL) for cell in texts)])


def _extent(node: PictureNode) -> tuple[float, float]:
    """How far a column reaches above and below its middle."""
    heights, dots = _heights(node, 0.0)
    every = [height for _, height in heights] + ([] if dots is None else [dots])
    more = (_NUMBERS + _HEIGHT) / 2 if _numbered(node) else _HEIGHT / 2
    return more - min(every) + 4 + LINE * len(_above(node)), more + max(every) + 4 + LINE * len(_below(node))


def _numbered(node: PictureNode) -> bool:
    return any(unit is not None and unit.value is not None for unit in node.units)


def _heights(node: PictureNode, y: float) -> tuple[tuple[tuple[Unit, float], ...], float | None]:
    """The heights of a layer's units, around y, and that of the dots for those that are left out."""
    units = node.units or (Unit(),)
    apart = _APART + (_NUMBERS if _numbered(node) else 0.0)
    first = y - apart * (len(units) - 1) / 2
    heights = [(unit, first + apart * place) for place, unit in enumerate(units)]
    dots = next((height for unit, height in heights if unit is None), None)
    return tuple((unit, height) for unit, height in heights if unit is not None), dots


# Shapes -----------------------------------------------------------------------------------------------------


def _column(column: _Column) -> Iterator[Shape]:
    node = column.node
    for unit, height in column.heights:
        yield Outline(column.x, height, column.wide, _HEIGHT, _HEIGHT / 2, thick=1.2)
        yield Words(column.x, height, node.label, SMALL + 1)
        if unit.value is not None:
            yield Words(column.x, height - _HEIGHT / 2 - 7, unit.value, SMALL, GREEN)
        if unit.gradient is not None:
            yield Words(column.x, height + _HEIGHT / 2 + 7, unit.gradient, SMALL, RED)
    if column.dots is not None:
        yield Words(column.x, column.dots, words("⋮", ":", "\\vdots"), LABEL, GREY)
    above, below = _above(node), _below(node)
    first = column.y - _extent(node)[0] if node.form == "total" else column.top
    for line, (cell, colour) in enumerate(above):
        yield Words(column.x, first + LINE * (line + 0.5), cell, SMALL, colour)
    first = (column.y + _extent(node)[1] if node.form == "total" else column.bottom) - LINE * len(below)
    for line, (cell, colour) in enumerate(below):
        yield Words(column.x, first + LINE * (line + 0.5), cell, SMALL, colour)


def _bundle(edge: Edge, left: _Column, right: _Column) -> Iterator[Shape]:
    """The edges between two layers, and the weight above them."""
    colour = tie_colour(edge.tie)
    for start, end in _pairs(edge, left.right, right.left):
        yield from _line(start, end, colour)
    if edge.label is not None:
        middle = (left.x + _wide(left.node) / 2 + right.x - _wide(right.node) / 2) / 2
        top = min(left.right[0][1], right.left[0][1])
        yield Words(middle, top - 14, edge.label, LABEL, tie_colour(edge.tie, INK))


def _pairs(edge: Edge, starts: list[Point], ends: list[Point]) -> list[tuple[Point, Point]]:
    if edge.dense or len(starts) != len(ends):
        return [(start, end) for start in starts for end in ends]
    return list(zip(starts, ends, strict=True))


def _line(start: Point, end: Point, colour: str) -> Iterator[Shape]:
    yield Curve(straight(start, end), colour, 0.9)


def _turn(edge: Edge, left: _Column, right: _Column) -> Iterator[Shape]:
    """The bundle from the end of a row to the start of the next, as one line where it turns."""
    colour = tie_colour(edge.tie)
    out = (left.x + max(left.wide, _wide(left.node)) / 2 + 22, left.y)
    into = (right.x - max(right.wide, _wide(right.node)) / 2 - 22, right.y)
    level = right.top - _BETWEEN / 2
    for start in left.right:
        yield from _line(start, out, colour)
    for end in right.left:
        yield from _line(into, end, colour)
    corners = (
        out,
        (out[0] + 14, out[1]),
        (out[0] + 14, level),
        (into[0] - 14, level),
        (into[0] - 14, into[1]),
        into,
    )
    yield Curve(straight(*corners), colour, 1.8)
    if edge.label is not None:
        middle = (out[0] + into[0]) / 2
        wide = width(edge.label.unicode(), LABEL)
        yield Outline(middle, level, wide + 12, LABEL + 4, 0.0, "ffffff")
        yield Words(middle, level, edge.label, LABEL, tie_colour(edge.tie, INK))
    yield Arrow(into[0], into[1], colour)
