"""The drawing of a graph of operations."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from matcalc.pictures.drawing import (
    GREEN,
    GREY,
    INK,
    LABEL,
    PALE,
    PAPER,
    RED,
    SMALL,
    Arrow,
    Curve,
    Drawing,
    Outline,
    Point,
    Shape,
    Words,
    tie_colour,
    width,
)
from matcalc.pictures.frame import LINE, framed
from matcalc.pictures.picture import Picture, PictureNode
from matcalc.pictures.placing import Box, Link, Placed, placed
from matcalc.printers.tables.cells import Cell

_HEIGHT = 26.0
_PORTS = 7.0  # between the ends of a node's edges


def graph_drawing(picture: Picture) -> Drawing:
    """Columns by layer, each node with what stands above and below it, arrows from left to right."""
    nodes = {node.key: node for node in picture.nodes}
    links = list(_links(picture))
    layers = {node.key: node.layer for node in picture.nodes}
    found = placed(layers, {key: _box(node) for key, node in nodes.items()}, [link for link, _ in links])
    shapes: list[Shape] = []
    for link, tie in links:
        shapes += _edge(link, tie, nodes, found)
    for key, node in nodes.items():
        shapes += _node(node, found.places[key])
    return framed(picture, shapes, ("value", "gradient"))


def _links(picture: Picture) -> Iterator[tuple[Link, int | None]]:
    """The edges, with the places where they enter: operands from top to bottom."""
    counts: dict[int, int] = {}
    for edge in picture.edges:
        counts[edge.target] = counts.get(edge.target, 0) + 1
    for edge in picture.edges:
        count = counts[edge.target]
        step = min(_PORTS, (_HEIGHT - 8) / count)
        yield Link(edge.source, edge.target, (edge.operand - (count - 1) / 2) * step), edge.tie


def _outline(node: PictureNode) -> tuple[float, float]:
    """Width and height of a node without what stands above and below it."""
    size = width(node.label.unicode(), LABEL)
    return max(_HEIGHT, size + 14), _HEIGHT


def _above(node: PictureNode) -> list[tuple[Cell, str]]:
    return [
        (cell, colour) for cell, colour in ((node.caption, GREY), (node.value, GREEN)) if cell is not None
    ]


def _below(node: PictureNode) -> list[tuple[Cell, str]]:
    lines = ((node.gradient, RED), (node.delta, RED), (node.shape, GREY))
    return [(cell, colour) for cell, colour in lines if cell is not None]


def _box(node: PictureNode) -> Box:
    above, below = _above(node), _below(node)
    widths = [width(cell.unicode(), SMALL) for cell, _ in (*above, *below)]
    wide, high = _outline(node)
    return Box(max([wide, *widths]), high / 2 + LINE * len(above), high / 2 + LINE * len(below))


def _node(node: PictureNode, place: Point) -> Iterator[Shape]:
    x, y = place
    wide, high = _outline(node)
    leaf = node.form == "variable"
    stroke = tie_colour(node.tie, INK)
    yield Outline(x, y, wide, high, 4.0 if leaf else high / 2, stroke, PALE if leaf else PAPER)
    yield Words(x, y, node.label, LABEL, stroke)
    for line, (cell, colour) in enumerate(reversed(_above(node))):
        yield Words(x, y - high / 2 - LINE * (line + 0.5), cell, SMALL, colour)
    for line, (cell, colour) in enumerate(_below(node)):
        yield Words(x, y + high / 2 + LINE * (line + 0.5), cell, SMALL, colour)


def _edge(link: Link, tie: int | None, nodes: Mapping[int, PictureNode], found: Placed) -> Iterator[Shape]:
    """From the right of a node to the left of another, level in every column and curved between them."""
    source, target = nodes[link.source], nodes[link.target]
    (x, y), (to_x, to_y) = found.places[link.source], found.places[link.target]
    wide, high = _outline(target)
    end_y = to_y + link.port
    end_x = to_x - wide / 2 + (high / 2 - ((high / 2) ** 2 - link.port**2) ** 0.5)
    points: list[Point] = [(x + _outline(source)[0] / 2, y)]
    level = y
    for layer, height in enumerate((*found.bends[link], end_y), source.layer + 1):
        leave, enter = found.columns[layer - 1][1], found.columns[layer][0]
        middle = (leave + enter) / 2
        points += _flat(points[-1], (leave, level))
        points += [(middle, level), (middle, height), (enter, height)]
        level = height
    points += _flat(points[-1], (end_x - 5.0, end_y))
    colour = tie_colour(tie)
    yield Curve(tuple(points), colour, 1.4 if tie is not None else 1.0)
    yield Arrow(end_x, end_y, colour)


def _flat(start: Point, end: Point) -> list[Point]:
    third = (end[0] - start[0]) / 3
    return [(start[0] + third, start[1]), (end[0] - third, end[1]), end]
