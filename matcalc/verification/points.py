"""Random points inside the domain of a graph, drawn and tested in batches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcalc.graph.node import Node
from matcalc.structure import NONE, Structures
from matcalc.verification.arrays import Array, dimensions, entries
from matcalc.verification.domain import Condition
from matcalc.verification.draws import Draws
from matcalc.verification.evaluate import Program
from matcalc.verification.structured import structured

BATCHES = 40
BATCH = 64
MARGIN = 0.02  # distance from a bound or a kink, relative to the usual size of the quantity, 1 at most
_MODERATE = 1e3  # the first batches keep intermediate values below this, so that little is lost to rounding
_LARGE = 1e6
_STRICT = 10  # so many first batches
_WORK = 20_000  # steps of a program in all batches together, but for the
_FEWEST = 6  # batches that any graph gets

# A style is x = a + b·z + c·|z| + d·tanh 2z with z standard normal.  The columns: plain normal; positive; small; in
# (0.1, 0.9); positive with rows that sum to 1, under which many layers neither explode nor vanish; and for square
# matrices normal + n·I and z zᵀ/n + I, which start from plain z.
_STYLES = np.array(
    [
        [0.0, 0.5, 0.0, 0.5, 0.1, 0.0, 0.0],
        [1.0, 0.0, 0.3, 0.0, 0.0, 1.0, 1.0],
        [0.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.0],
        [0.0, 0.0, 0.0, 0.4, 0.0, 0.0, 0.0],
    ]
)
_OF_REGULAR = frozenset(["inv", "det", "logdet"])
_SINGULAR = 1e7  # the condition number from which a matrix is taken for singular
_AVERAGING, _DOMINANT, _DEFINITE = 4, 5, 6
_POSITIVE = 1


@dataclass(frozen=True)
class Points:
    """Points that were kept.

    ``values`` holds (points, rows, columns) by variable name, ``peaks`` the largest intermediate value at each point;
    ``reason`` says why there are none.
    """

    values: dict[str, Array]
    peaks: Array
    reason: str | None = None

    def __len__(self) -> int:
        return len(self.peaks)


def find_points(
    program: Program,
    conditions: Sequence[Condition],
    variables: Iterable[Node],
    sizes: Mapping[Any, int],
    count: int,
    seed: int | Sequence[int] = 0,
    structures: Structures = NONE,
) -> Points:
    """Up to ``count`` points where every condition holds with a margin and all values are finite and moderate.

    ``program`` computes the root and then the conditions' nodes.  The same seed gives the same points;
    variables have the ``structures`` that they are assumed to have.
    """
    draws = Draws(seed)
    names = {str(variable.data): dimensions(variable.shape, sizes) for variable in variables}
    kept: list[tuple[dict[str, Array], Array]] = []
    missing = count
    passed = np.zeros(len(conditions) + 1, dtype=int)
    batches = max(_FEWEST, min(BATCHES, _WORK // len(program)))
    for batch in range(batches if count > 0 else 0):
        # Plain normal first, so that ordinary formulas see both signs; then alternately one style for all variables
        # of a candidate, and one for each.
        shared = None if batch % 2 == 0 else draws.integers(_STYLES.shape[1], (BATCH,))
        values = {
            name: _draw(draws, size, np.zeros(BATCH, dtype=int) if batch == 0 else shared)
            for name, size in names.items()
        }
        for name in structures.kinds.keys() & values.keys():
            values[name] = structured(structures, name, values[name], draws)
        holds, peaks = _test(program, conditions, values, sizes)
        holds[-1] &= peaks < (_MODERATE if batch < _STRICT else _LARGE)
        passed[:-1] += holds[:-1].sum(axis=1)
        passed[-1] += holds[:-1].all(axis=0).sum()
        good = np.flatnonzero(holds.all(axis=0))[:missing]
        if good.size:
            kept.append(({name: value[good] for name, value in values.items()}, peaks[good]))
            missing -= good.size
        if missing == 0:
            break
    if not kept:
        return Points({}, np.zeros(0), _reason(conditions, passed))
    values = {name: np.concatenate([part[name] for part, _ in kept]) for name in names}
    return Points(values, np.concatenate([peaks for _, peaks in kept]))


def _draw(draws: Draws, size: tuple[int, ...], style: Array | None) -> Array:
    """A batch of values of this size in the given style of each candidate, or in styles drawn here."""
    z = draws.standard_normal((BATCH, *size))
    if style is None:
        style = draws.integers(_STYLES.shape[1], (BATCH,))
    rows, columns = size[-2:]
    if len(size) > 2 or not rows == columns > 1:
        style = np.where(style >= _DOMINANT, _POSITIVE, style)
    if columns == 1:
        style = np.where(style == _AVERAGING, _POSITIVE, style)
    a, b, c, d = _STYLES[:, style].reshape(4, BATCH, *[1] * len(size))
    x: Array = a + b * z + c * np.abs(z) + d * np.tanh(2 * z)
    x[style == _AVERAGING] /= x[style == _AVERAGING].sum(axis=-1, keepdims=True)
    if len(size) == 2 and rows == columns > 1:
        x[style == _DOMINANT] += rows * np.eye(rows)
        part = z[style == _DEFINITE]
        x[style == _DEFINITE] = part @ part.swapaxes(-1, -2) / rows + np.eye(rows)
    return x


def _test(
    program: Program, conditions: Sequence[Condition], values: Mapping[str, Array], sizes: Mapping[Any, int]
) -> tuple[Array, Array]:
    """Whether each condition, and last the root, is good at each candidate; and the largest values there."""
    peaks = np.zeros(BATCH)
    squares: dict[Node, Array] = {}

    def watch(node: Node, value: Array) -> None:
        np.maximum(peaks, np.abs(value).max(axis=entries(node.shape)), out=peaks)
        if None not in node.shape and len(node.shape) == 2 and node.shape[0] == node.shape[1]:
            squares[node] = value
        if node.op in _OF_REGULAR:
            # Rounding makes det(X'X) of a wide X a tiny number rather than 0.
            peaks[~(_condition(squares[node.args[0]]) < _SINGULAR)] = np.inf

    _, *bounded = program.run(values, sizes, watch)
    count = sum(
        math.prod(value.shape[-len(condition.node.shape) :])
        for condition, value in zip(conditions, bounded, strict=False)
    )
    # Of very many entries some come close to a kink at every point: the margin shrinks as their number grows.
    margin = MARGIN / (1 + count / 20)
    holds = np.ones((len(conditions) + 1, BATCH), dtype=bool)
    for row, condition, value in zip(holds, conditions, bounded, strict=False):
        row &= condition.holds(value, margin * _usual(value, condition.node))
    holds[-1] &= np.isfinite(peaks)
    return holds, peaks


def _condition(value: Array) -> Array:
    """The condition numbers of a batch of square matrices; inf where they are not finite."""
    finite = np.isfinite(value).all(axis=(-2, -1))
    safe = np.where(np.asarray(finite)[..., None, None], value, np.eye(value.shape[-1]))
    condition: Array = np.linalg.cond(safe)
    return np.where(finite, condition, np.inf)


def _usual(value: Array, node: Node) -> float:
    """The usual size of a quantity over a batch, 1 at most; 0 where it is never finite."""
    largest = np.abs(value).max(axis=entries(node.shape))
    finite = largest[np.isfinite(largest)]
    return min(1.0, float(np.median(finite))) if finite.size else 0.0


def _reason(conditions: Sequence[Condition], passed: Array) -> str:
    """Why no candidate was kept, from how many passed each condition, and last all of them together."""
    for condition, count in zip(conditions, passed, strict=False):
        if count == 0:
            return f"no point found where {condition.label}"
    if passed[-1] == 0:
        return "no point found inside the domain of every function"
    return "no point found where all values are finite and of moderate size"
