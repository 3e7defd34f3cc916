"""Where the nodes of a graph stand: one column a layer, few crossings, neighbours at one height.

The method is that of Sugiyama, Tagawa & Toda (1981): long edges get a bend in each column that they pass, the order in
the columns comes from sweeps with barycentres, and the heights are the least squares that keep nodes apart.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

Key = tuple[int, ...]  # of a node (key,), of a bend (source, target, layer)

_SWEEPS = 24  # that order the columns
_HEIGHTS = 60  # that find the heights
_WORK = 150_000  # pieces of edges that are looked at, before there are fewer sweeps
_BEND = 4.0  # half the height of a bend
_STRAIGHT = 8.0  # how much a bend wants to be at the height of the next


@dataclass(frozen=True)
class Box:
    """What a node needs around its place: to both sides, above and below."""

    width: float
    above: float
    below: float


@dataclass(frozen=True)
class Link:
    """An edge to place: ``port`` says where below the middle of its target it ends."""

    source: int
    target: int
    port: float = 0.0


@dataclass(frozen=True)
class Placed:
    """The places of nodes, the left and right border of each column, and the bends of each link."""

    places: Mapping[int, tuple[float, float]]
    columns: tuple[tuple[float, float], ...]
    bends: Mapping[Link, tuple[float, ...]]  # heights in the columns between its ends


def placed(
    layers: Mapping[int, int],
    boxes: Mapping[int, Box],
    links: Sequence[Link],
    gap: float = 34.0,
    apart: float = 10.0,
) -> Placed:
    """Places for nodes in these layers, all links going to a higher one; the boxes don't overlap."""
    columns: list[list[Key]] = [[] for _ in range(1 + max(layers.values()))]
    sizes: dict[Key, Box] = {}
    for node, layer in layers.items():
        columns[layer].append((node,))
        sizes[(node,)] = boxes[node]
    pieces: list[tuple[Key, Key, float]] = []  # from, to, port
    for link in links:
        path = _path(link, layers)
        for layer, bend in enumerate(path[1:-1], layers[link.source] + 1):
            columns[layer].append(bend)
            sizes[bend] = Box(0.0, _BEND, _BEND)
        ports = [0.0] * (len(path) - 2) + [link.port]
        pieces += zip(path, path[1:], ports, strict=False)
    columns = _ordered(columns, pieces)
    heights = _heights(columns, pieces, sizes, apart)
    borders = _borders(columns, sizes, gap)
    places = {
        node: ((borders[layer][0] + borders[layer][1]) / 2, heights[(node,)])
        for node, layer in layers.items()
    }
    bends = {link: tuple(heights[key] for key in _path(link, layers)[1:-1]) for link in links}
    return Placed(places, borders, bends)


def _path(link: Link, layers: Mapping[int, int]) -> list[Key]:
    inner = range(layers[link.source] + 1, layers[link.target])
    return [(link.source,), *((link.source, link.target, layer) for layer in inner), (link.target,)]


def _borders(
    columns: Sequence[Sequence[Key]], sizes: Mapping[Key, Box], gap: float
) -> tuple[tuple[float, float], ...]:
    left = 0.0
    found = []
    for column in columns:
        right = left + max((sizes[key].width for key in column), default=0.0)
        found.append((left, right))
        left = right + gap
    return tuple(found)


# The order in the columns -----------------------------------------------------------------------------------

Pieces = Sequence[tuple[Key, Key, float]]


def _sweeps(most: int, pieces: Pieces) -> int:
    """How many sweeps there are over so many pieces."""
    return min(most, 6 + _WORK // (1 + len(pieces)))


def _ordered(columns: list[list[Key]], pieces: Pieces) -> list[list[Key]]:
    """The columns in an order with few crossings: the best of some sweeps to both sides."""
    best, fewest = columns, crossings(columns, pieces)
    current = columns
    for sweep in range(_sweeps(_SWEEPS, pieces)):
        if not fewest:
            break
        current = _swept(current, pieces, rightwards=bool(sweep % 2))
        count = crossings(current, pieces)
        if count < fewest:
            best, fewest = current, count
    return best


def _swept(columns: list[list[Key]], pieces: Pieces, rightwards: bool) -> list[list[Key]]:
    """The columns, each sorted by the mean place of its neighbours in the column before."""
    neighbours: dict[Key, list[tuple[Key, float]]] = {}
    for source, target, port in pieces:
        if rightwards:
            neighbours.setdefault(target, []).append((source, 0.0))
        else:
            neighbours.setdefault(source, []).append((target, port))
    result = [list(column) for column in columns]
    order = range(1, len(columns)) if rightwards else range(len(columns) - 2, -1, -1)
    places: dict[Key, float] = {}
    first = result[0] if rightwards else result[-1]
    places.update({key: float(place) for place, key in enumerate(first)})
    for layer in order:
        mean: dict[Key, float] = {}
        for place, key in enumerate(result[layer]):
            near = [places[other] + port / 1000 for other, port in neighbours.get(key, ()) if other in places]
            mean[key] = sum(near) / len(near) if near else float(place)
        result[layer].sort(key=mean.__getitem__)
        places.update({key: float(place) for place, key in enumerate(result[layer])})
    return result


def crossings(columns: Sequence[Sequence[Key]], pieces: Pieces) -> int:
    """How many pairs of pieces cross."""
    place = {key: (layer, row) for layer, column in enumerate(columns) for row, key in enumerate(column)}
    between: dict[int, list[tuple[int, float]]] = {}
    for source, target, port in pieces:
        layer, row = place[source]
        between.setdefault(layer, []).append((row, place[target][1] + port / 1000))
    return sum(_inversions([end for _, end in sorted(ends)]) for ends in between.values())


def _inversions(values: list[float]) -> int:
    """How many pairs are in the wrong order."""
    from bisect import bisect_right, insort

    seen: list[float] = []
    count = 0
    for value in values:
        count += len(seen) - bisect_right(seen, value)
        insort(seen, value)
    return count


# Heights ----------------------------------------------------------------------------------------------------


def _heights(
    columns: Sequence[Sequence[Key]], pieces: Pieces, sizes: Mapping[Key, Box], apart: float
) -> dict[Key, float]:
    """Heights at which neighbours in different columns are close, those in one column apart."""
    heights: dict[Key, float] = {}
    for column in columns:
        heights.update(_stacked(column, [0.0] * len(column), [1.0] * len(column), sizes, apart))
    pulls: dict[Key, list[tuple[Key, float, float]]] = {}
    uses = Counter(source for source, _, _ in pieces)
    arrives = Counter(target for _, target, _ in pieces)
    for source, target, port in pieces:
        chain = uses[source] == arrives[target] == 1
        weight = _STRAIGHT if chain else 2.0 if len(source + target) > 2 else 1.0
        pulls.setdefault(source, []).append((target, port, weight))
        pulls.setdefault(target, []).append((source, -port, weight))
    for sweep in range(_sweeps(_HEIGHTS, pieces)):
        for column in columns if sweep % 2 else reversed(columns):
            wanted, weights = [], []
            for key in column:
                near = pulls.get(key, [(key, 0.0, 1.0)])
                weight = sum(pull[2] for pull in near)
                wanted.append(sum((heights[other] + port) * pull for other, port, pull in near) / weight)
                weights.append(weight)
            heights.update(_stacked(column, wanted, weights, sizes, apart))
    _straighten(heights, columns, _runs(pieces, uses, arrives), sizes, apart)
    return heights


def _runs(pieces: Pieces, uses: Mapping[Key, int], arrives: Mapping[Key, int]) -> list[list[Key]]:
    """The longest paths of nodes and bends with one neighbour on either side: lines that may be straight."""
    follows = {
        source: target
        for source, target, port in pieces
        if not port and (uses[source] == 1 or len(source) > 1) and arrives[target] == 1
    }
    starts = follows.keys() - set(follows.values())
    runs = []
    for start in sorted(starts):
        run = [start]
        while run[-1] in follows:
            run.append(follows[run[-1]])
        runs.append(run)
    return sorted(runs, key=len, reverse=True)


def _straighten(
    heights: dict[Key, float],
    columns: Sequence[Sequence[Key]],
    runs: Sequence[Sequence[Key]],
    sizes: Mapping[Key, Box],
    apart: float,
) -> None:
    """Give the members of a run one height, as far as their neighbours in the columns leave room for it."""
    near: dict[Key, tuple[Key | None, Key | None]] = {}
    for column in columns:
        for place, key in enumerate(column):
            below = column[place + 1] if place + 1 < len(column) else None
            near[key] = (column[place - 1] if place else None, below)
    for run in runs:
        done = 0
        while done < len(run):
            low, high, end = float("-inf"), float("inf"), done
            while end < len(run):
                above, below = near[run[end]]
                least = low if above is None else heights[above] + _room(above, run[end], sizes, apart)
                most = high if below is None else heights[below] - _room(run[end], below, sizes, apart)
                if max(low, least) > min(high, most):
                    break
                low, high, end = max(low, least), min(high, most), end + 1
            end = max(end, done + 1)
            part = run[done:end]
            if low <= high:
                mean = sum(heights[key] for key in part) / len(part)
                heights.update(dict.fromkeys(part, min(max(mean, low), high)))
            done = end


def _room(above: Key, below: Key, sizes: Mapping[Key, Box], apart: float) -> float:
    """How far apart the middles of two neighbours in a column are at least."""
    bends = len(above) > 1 and len(below) > 1
    return sizes[above].below + sizes[below].above + (0.0 if bends else apart)


def _stacked(
    column: Sequence[Key],
    wanted: Sequence[float],
    weights: Sequence[float],
    sizes: Mapping[Key, Box],
    apart: float,
) -> dict[Key, float]:
    """Heights in the order of the column, as near to what is wanted as the boxes allow (least squares).

    Less the room that the boxes above need, they have to ascend: an isotonic regression, by pooling neighbours.
    """
    room = 0.0
    offsets = []
    for place, key in enumerate(column):
        if place:
            room += _room(column[place - 1], key, sizes, apart)
        offsets.append(room)
    pools: list[tuple[float, float, int]] = []  # mean, weight, how many
    for want, offset, weight in zip(wanted, offsets, weights, strict=True):
        mean, total, count = want - offset, weight, 1
        while pools and pools[-1][0] > mean:
            other, more, members = pools.pop()
            mean = (mean * total + other * more) / (total + more)
            total, count = total + more, count + members
        pools.append((mean, total, count))
    means = [mean for mean, _, count in pools for _ in range(count)]
    return {key: mean + offset for key, mean, offset in zip(column, means, offsets, strict=True)}
