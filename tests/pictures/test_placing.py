"""Nodes keep apart, layers go from left to right, and edges that can be straight are."""

from hypothesis import given, settings
from hypothesis import strategies as st

from matcalc.pictures.placing import Box, Link, crossings, placed


@st.composite
def graphs(draw):
    """A graph of 3 to 60 nodes: layers, boxes and links, each node but the first linked with earlier ones."""
    count = draw(st.integers(3, 60))
    random = draw(st.randoms(use_true_random=False))
    sources = {node: random.sample(range(node), min(node, random.randint(0, 3))) for node in range(count)}
    layers: dict[int, int] = {}
    for node, below in sources.items():
        layers[node] = 1 + max((layers[source] for source in below), default=-1)
    boxes = {
        node: Box(random.uniform(20, 120), random.uniform(12, 40), random.uniform(12, 60)) for node in sources
    }
    links = [
        Link(source, node, (place - (len(below) - 1) / 2) * 7)
        for node, below in sources.items()
        for place, source in enumerate(below)
    ]
    return layers, boxes, links


@given(graphs())
@settings(deadline=None, max_examples=25)
def test_boxes_are_disjoint(graph):
    layers, boxes, links = graph
    found = placed(layers, boxes, links)
    spans: dict[int, list[tuple[float, float]]] = {}
    for node, (x, y) in found.places.items():
        left, right = found.columns[layers[node]]
        assert left <= x - boxes[node].width / 2 + 1e-6 and x + boxes[node].width / 2 <= right + 1e-6
        spans.setdefault(layers[node], []).append((y - boxes[node].above, y + boxes[node].below))
    for link, heights in found.bends.items():
        assert len(heights) == layers[link.target] - layers[link.source] - 1
        for layer, height in enumerate(heights, layers[link.source] + 1):
            spans.setdefault(layer, []).append((height, height))
    for column in spans.values():
        column.sort()
        for (_, bottom), (top, _) in zip(column, column[1:], strict=False):
            assert bottom <= top + 1e-6
    for (_, right), (left, _) in zip(found.columns, found.columns[1:], strict=False):
        assert right < left


def test_a_chain_is_straight():
    layers = {node: node for node in range(12)}
    boxes = {node: Box(30, 20 + node, 20) for node in layers}
    found = placed(layers, boxes, [Link(node, node + 1) for node in range(11)])
    assert len({y for _, y in found.places.values()}) == 1


def test_a_long_edge_is_straight_beside_others():
    layers = {0: 0, 1: 1, 2: 2, 3: 3, 4: 4}
    boxes = {node: Box(30, 20, 20) for node in layers}
    edge = Link(0, 4, 3.0)
    found = placed(layers, boxes, [*(Link(node, node + 1) for node in range(3)), Link(3, 4, -3.0), edge])
    assert len({round(height, 6) for height in found.bends[edge]}) == 1


def test_a_planar_graph_is_drawn_without_crossings():
    # a complete binary tree of 31 nodes, its leaves given in an order that crosses
    layers = {node: 5 - node.bit_length() for node in range(1, 32)}
    links = [Link(node, node // 2, -3.0 if node % 2 == 0 else 3.0) for node in reversed(range(2, 32))]
    found = placed(layers, {node: Box(30, 15, 15) for node in layers}, links)
    columns = [
        [(node,) for node in sorted(layers, key=lambda node: found.places[node][1]) if layers[node] == layer]
        for layer in range(5)
    ]
    pieces = [((link.source,), (link.target,), link.port) for link in links]
    assert crossings(columns, pieces) == 0


def test_crossings_are_counted():
    columns = [[(0,), (1,), (2,)], [(3,), (4,)]]
    pieces = [((0,), (4,), 0.0), ((1,), (3,), 0.0), ((2,), (3,), 0.0)]
    assert crossings(columns, pieces) == 2
    assert crossings([columns[0], columns[1][::-1]], pieces) == 0
