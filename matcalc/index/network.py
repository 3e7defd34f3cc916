"""From one term back to matrix notation: reducing the graph of its indices.

Indices are the vertices of a network, factors with two indices its edges, factors with one index weights on a vertex.
A bound vertex with one edge folds a matrix into a vector, one with two edges is a matrix product (series), edges
between the same two vertices are a Hadamard product (parallel), a vertex alone is an inner product, a sum or a trace.
What does not reduce to at most two free vertices stays a contraction, which prints in index notation.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from operator import itemgetter

from matcalc.graph.algebra import Algebra, is_triangle
from matcalc.graph.node import Node
from matcalc.index.contraction import Part, contraction
from matcalc.index.pairings import fold_pairing
from matcalc.index.terms import Axes, Exponent, Index, Legs, Term, shape_of

Chain = tuple[Node, ...]
_place = itemgetter(0)  # of a chain


@dataclass(frozen=True)
class Product:
    """A term in matrix notation: a number, scalar factors above and below, and a chain of matrices and vectors.

    ``chain`` is ``None`` where the term is the same in every entry.
    """

    coefficient: Fraction | int
    above: Chain
    below: Chain
    chain: Chain | None


class _Weights:
    """Factors that meet in one place: chains that multiply entry by entry, and nodes that divide.

    Each chain has its place in the term, so that products are written in the order in which they arose.
    """

    __slots__ = ("above", "below")

    def __init__(self) -> None:
        self.above: list[tuple[int, Chain]] = []
        self.below: list[tuple[Node, Exponent]] = []

    def add(self, place: int, node: Node, power: Exponent, algebra: Algebra) -> None:
        """Put a power of a node in."""
        if power == 1:
            self.above.append((place, algebra.chain(node)))
        elif power > 0:
            self.above.append((place, (algebra.power(node, power),)))
        else:
            self.below.append((node, -power))

    @property
    def plain(self) -> bool:
        """Whether nothing divides and no factor is a triangle of ones, which is written as tril(…)."""
        return not self.below and not any(is_triangle(chain[0]) for _, chain in self.above if len(chain) == 1)

    @property
    def named(self) -> bool:
        """Whether this is one matrix with a name, transposed or not."""
        return not self.below and len(self.above) == 1 and all(map(_is_plain, self.above[0][1]))

    @property
    def place(self) -> int:
        """The place of the first chain."""
        return min(self.above, key=_place, default=(0,))[0]

    def chain(self, algebra: Algebra) -> Chain:
        """All factors as one chain."""
        if not self.below and len(self.above) == 1:
            return self.above[0][1]
        nodes = [
            chain[0] if len(chain) == 1 else algebra.product(chain)
            for _, chain in sorted(self.above, key=_place)
        ]
        triangles, others = algebra.masked(nodes)
        if triangles and (others or self.below):
            rest = _Weights()
            rest.above += [each for each in self.above if len(each[1]) > 1 or not is_triangle(each[1][0])]
            rest.below += self.below
            inner = algebra.product(rest.chain(algebra))
            for triangle in triangles:
                inner = algebra.graph.node(triangle.op, (inner,), inner.shape)
            return (inner,)
        if not nodes and len(self.below) == 1:
            return (algebra.power(self.below[0][0], -self.below[0][1]),)
        below = [algebra.power(node, power) for node, power in self.below]
        top = algebra.hadamard(nodes) if nodes else algebra.ones(below[0].shape)
        return (algebra.eldivide(top, algebra.hadamard(below)) if below else top,)


class Network:
    """The network of one settled term, whose factors are these ``nodes``."""

    def __init__(self, term: Term, nodes: Iterable[Node], algebra: Algebra) -> None:
        self.algebra = algebra
        self.coefficient = term.coefficient
        self.above: list[Node] = []
        self.below: list[Node] = []
        self.weights: defaultdict[Index, _Weights] = defaultdict(_Weights)
        self.edges: dict[Index, dict[Index, tuple[Index, _Weights]]] = {}
        self.bound = set(term.bound)
        self.tensors: list[Part] = []  # factors with three indices or more
        for place, (node, (_, legs, power)) in enumerate(zip(nodes, term.factors, strict=True)):
            self.put(place, node, legs, power)
        self.fixed: set[Index] = set()  # the indices of those
        if self.tensors:
            self.fixed.update(*[part.indices for part in self.tensors])

    def put(self, place: int, node: Node, legs: Legs, power: Exponent = 1) -> None:
        if not legs:
            self._scalar(node, power)
            return
        if power == 1 and node.op == "scale" and node.args[0].op != "number":
            self._scalar(node.args[0], 1)  # a scalar stands before the whole product
            node = node.args[1]
        if len(legs) == 1:
            column = node if node.shape[0] is not None else self.algebra.transpose(node)
            self.weights[legs[0]].add(place, column, power, self.algebra)
        elif len(legs) > 2:
            self.tensors.append(Part(place, self.algebra.power(node, power), legs))
        elif legs[0] is legs[1]:
            self.weights[legs[0]].add(place, self.algebra.diagonal(node), power, self.algebra)
        else:
            start, weights = self._edge(legs[0], legs[1])
            oriented = node if start is legs[0] else self.algebra.transpose(node)
            weights.add(place, oriented, power, self.algebra)

    def _scalar(self, node: Node, power: Exponent) -> None:
        (self.above if power > 0 else self.below).append(
            self.algebra.power(node, power if power > 0 else -power)
        )

    def _edge(self, left: Index, right: Index) -> tuple[Index, _Weights]:
        """The edge between two indices, and the index at which its matrices have their rows."""
        edge = self.edges.setdefault(left, {}).get(right)
        if edge is None:
            edge = (left, _Weights())
            self.edges[left][right] = edge
            self.edges.setdefault(right, {})[left] = edge
        return edge

    def cut(self, left: Index, right: Index) -> Chain:
        """Take an edge out: its matrix, with rows at ``left``."""
        start, weights = self.edges[left].pop(right)
        del self.edges[right][left]
        chain = weights.chain(self.algebra)
        return chain if start is left else self.algebra.reverse(chain)

    def reduce(self, axes: Axes) -> Product:
        """The term with these free indices: in matrix notation where it has one, else as a contraction."""
        if self.bound:
            self._eliminate_all()
        while self.tensors and fold_pairing(self):
            self.fixed = {index for part in self.tensors for index in part.indices}
            self._eliminate_all()
        if self.bound or self.tensors or len(axes) > 2:
            legs = tuple([leg for leg in axes if leg is not None])
            scalars, node = contraction(self._parts(), legs, shape_of(axes), self.algebra)
            contracted = None if node is None else (node,)
            return Product(self.coefficient, (*self.above, *scalars), tuple(self.below), contracted)
        chain = self.terminals(axes[0], axes[1])
        return Product(self.coefficient, tuple(self.above), tuple(self.below), chain)

    def _eliminate_all(self) -> None:
        """Take out every bound index that has a place in a matrix product."""
        queue: list[tuple[int, int, int, Index]] = []

        def push(index: Index) -> None:
            if index in self.bound and index not in self.fixed:
                heapq.heappush(queue, (*self._urgency(index), index))

        for index in self.bound:
            push(index)
        while queue:
            degree, last, _, index = heapq.heappop(queue)
            if index not in self.bound or degree != (now := self._urgency(index))[0]:
                continue
            if last != now[1]:  # what lies between its neighbours changed, of which it was not told
                push(index)
                continue
            around = list(self.edges.get(index, ()))
            if len(around) > 2:
                continue
            self.bound.discard(index)
            self._eliminate(index, around)
            for neighbour in around:
                push(neighbour)

    def _parts(self) -> list[Part]:
        """What is left, as factors over indices."""
        parts = list(self.tensors)
        for index, weights in self.weights.items():
            parts.append(Part(weights.place, self.algebra.product(weights.chain(self.algebra)), (index,)))
        for left, right in {frozenset((a, b)): (a, b) for a in self.edges for b in self.edges[a]}.values():
            place = self.edges[left][right][1].place
            start = self.edges[left][right][0]
            ends = (left, right) if start is left else (right, left)
            chain = self.edges[left][right][1].chain(self.algebra)
            upright = tuple(self.algebra.upright(chain))
            turned = upright != chain
            parts.append(Part(place, self.algebra.product(upright), ends[::-1] if turned else ends))
        return sorted(parts, key=lambda part: part.place)

    def _urgency(self, index: Index) -> tuple[int, int, int]:
        """Vertices with fewer edges first, so that vectors fold before matrices are multiplied.

        Of the two in a triangle whose third has more, that beside a named matrix, so that DW is multiplied and meets F entry
        by entry, rather than FᵀD and W; then that between matrices of which none is transposed.
        """
        around = self.edges.get(index, {})
        degree = len(around)
        if degree != 2:
            return (2 * degree, 0, index.id)
        left, right = around
        last = 0
        if right in self.edges[left] and self._is_tip(left) != self._is_tip(right):
            (start, before), (other, after) = around.values()
            last = 2 * (not before.named and not after.named) + ((start is index) == (other is index))
        return (2 * degree + (index in self.weights), last, index.id)

    def _is_tip(self, index: Index) -> bool:
        """Whether a vertex of a triangle stays when the other two are taken out."""
        return index not in self.bound or index in self.fixed or len(self.edges[index]) > 2

    def _eliminate(self, index: Index, around: list[Index]) -> None:
        if not around:
            self._close_vertex(index)
        elif len(around) == 1:
            self._fold(index, around[0])
        else:
            left, right = around
            place = min(self.edges[index][left][1].place, self.edges[index][right][1].place)
            middle: Chain = ()
            if index in self.weights:
                middle = (
                    self.algebra.diag(self.algebra.product(self.weights.pop(index).chain(self.algebra))),
                )
            chain = (*self.cut(left, index), *middle, *self.cut(index, right))
            start, weights = self._edge(left, right)
            weights.above.append((place, chain if start is left else self.algebra.reverse(chain)))

    def _fold(self, index: Index, neighbour: Index) -> None:
        """A vertex with one edge: a matrix times a vector, or the sum of all entries where nothing else is there."""
        edge = self.edges[index][neighbour][1]
        alone = neighbour in self.bound and neighbour not in self.fixed and len(self.edges[neighbour]) == 1
        if alone and not (index in self.weights or neighbour in self.weights):
            self.bound.discard(neighbour)
            if len(edge.above) == 2 and edge.plain:
                self.cut(index, neighbour)
                (_, left), (_, right) = edge.above
                self.above.append(self.algebra.trace((*self.algebra.reverse(left), *right)))
            else:
                self.above.append(self.algebra.total(self.algebra.product(self.cut(index, neighbour))))
            return
        weights = self.weights.pop(index, None)
        if weights is None and len(edge.above) == 2 and edge.plain and self._is_diagonal(index, neighbour):
            self._fold_parallel(index, neighbour)
            return
        place = min(edge.place, weights.place if weights else edge.place)
        vector = weights.chain(self.algebra) if weights else (self.algebra.ones((index.size, None)),)
        self.weights[neighbour].above.append((place, (*self.cut(neighbour, index), *vector)))

    def _is_diagonal(self, index: Index, neighbour: Index) -> bool:
        """Whether two matrices side by side, added up over one index, are rather the diagonal of a product.

        diag(AB), diag(ABC), diag(XBXᵀ): where nothing is transposed, and the quadratic and bilinear forms of rows of named
        matrices.  But (A ⊙ B)𝟏 and not diag(ABᵀ), and (DW ⊙ F)ᵀ𝟏 and not diag(FᵀDW), which computes a matrix for its
        diagonal: where F is the derivative of a layer, DW ⊙ F is its delta, which other gradients have too.
        """
        start, edge = self.edges[index][neighbour]
        (_, left), (_, right) = edge.above
        if len(left) + len(right) > 2:
            end = 0 if start is neighbour else -1
            turned = any(node.op == "transpose" for node in self._around(index, neighbour))
            return not turned or left[end] is right[end] or all(map(_is_plain, (*left, *right)))
        return (left[0].op == "transpose") != (right[0].op == "transpose")

    def _fold_parallel(self, index: Index, neighbour: Index) -> None:
        """Two matrices side by side, added up over one index, as the diagonal of a product."""
        product = self.algebra.product(self._around(index, neighbour))
        (place, _), _ = self.edges[index][neighbour][1].above
        self.cut(neighbour, index)
        self.weights[neighbour].above.append((place, (self.algebra.diagonal(product),)))

    def _around(self, index: Index, neighbour: Index) -> Sequence[Node]:
        """Two matrices side by side as the product from ``neighbour`` to ``index`` and back, in its better direction."""
        start, edge = self.edges[index][neighbour]
        (_, left), (_, right) = edge.above
        if start is not neighbour:
            left, right = self.algebra.reverse(left), self.algebra.reverse(right)
        return self.algebra.upright((*left, *self.algebra.reverse(right)))

    def _close_vertex(self, index: Index) -> None:
        """A vertex without edges: the inner product of two vectors, or a sum."""
        weights = self.weights.pop(index)
        if len(weights.above) == 2 and not weights.below:
            (_, left), (_, right) = sorted(weights.above, key=_place)
            self.above.append(self.algebra.inner(left, right))
        else:
            self.above.append(self.algebra.total(self.algebra.product(weights.chain(self.algebra))))

    def terminals(self, rows: Index | None, columns: Index | None) -> Chain | None:
        """What is left on the free indices, as one chain."""
        algebra = self.algebra
        if rows is None or columns is None:
            index = rows or columns
            if index is None or index not in self.weights:
                return None
            chain = self.weights[index].chain(algebra)
            return chain if rows is not None else algebra.reverse(chain)
        if columns in self.edges.get(rows, ()):
            return self._between(rows, columns)
        if rows not in self.weights and columns not in self.weights:
            return None
        left = (
            self.weights[rows].chain(algebra) if rows in self.weights else (algebra.ones((rows.size, None)),)
        )
        right = (
            self.weights[columns].chain(algebra)
            if columns in self.weights
            else (algebra.ones((columns.size, None)),)
        )
        return (*left, *algebra.reverse(right))

    def _between(self, rows: Index, columns: Index) -> Chain:
        """A matrix between the free indices, with what weighs on its rows and columns."""
        algebra = self.algebra
        start, edge = self.edges[rows][columns]
        identities = [chain for _, chain in edge.above if chain[0].op == "identity" and len(chain) == 1]
        if identities:
            edge.above = [placed for placed in edge.above if placed[1] not in identities]
            diagonal = _Weights()
            for weights in (self.weights.pop(rows, None), self.weights.pop(columns, None)):
                if weights is not None:
                    diagonal.above += weights.above
                    diagonal.below += weights.below
            diagonal.above += [
                (place, (algebra.diagonal(algebra.product(chain)),)) for place, chain in edge.above
            ]
            diagonal.below += [(algebra.diagonal(node), power) for node, power in edge.below]
            if not diagonal.above and not diagonal.below:
                return identities[0]
            return (algebra.diag(algebra.product(diagonal.chain(algebra))),)
        if rows in self.weights and columns in self.weights:
            outer = (
                *self.weights[rows].chain(algebra),
                *algebra.reverse(self.weights[columns].chain(algebra)),
            )
            edge.above.append((-1, outer if start is rows else algebra.reverse(outer)))
            return self.cut(rows, columns)
        chain = self.cut(rows, columns)
        if rows in self.weights:
            return (algebra.diag(algebra.product(self.weights[rows].chain(algebra))), *chain)
        if columns in self.weights:
            return (*chain, algebra.diag(algebra.product(self.weights[columns].chain(algebra))))
        return chain


def _is_plain(node: Node) -> bool:
    """Whether a matrix is a name or an inverse, transposed or not."""
    return (node.args[0] if node.op == "transpose" else node).op in ("variable", "inv")
