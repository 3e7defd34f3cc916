"""The way back from pairings to vec, unvec, ⊗ and K, as steps that reduce a network.

With P[a,i,j]: what lies between i and j only is vec of a matrix on a; a vector on a is unvec of it between i and j;
two pairings with a matrix between their first and one between their second indices are a Kronecker product.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING

from matcalc.graph.node import Node
from matcalc.graph.sizes import joined, product
from matcalc.index.contraction import Part
from matcalc.index.terms import Index

if TYPE_CHECKING:
    from matcalc.index.network import Chain, Network

Pair = tuple[Index, Index]


def fold_pairing(network: Network) -> bool:
    """Take one pairing or two out of a network; False where none has a place in matrix notation."""
    pairings = [part for part in network.tensors if part.node.op == "pairing"]
    inner_first = sorted(pairings, key=lambda part: part.indices[0] not in network.bound)
    folding = _Folding(network)
    return (
        any(folding.vec(part) or folding.unvec(part) for part in pairings)
        or any(folding.parted(part) for part in pairings)
        or any(folding.between(part) for part in pairings)
        or any(folding.kron(p, q) for p, q in combinations(pairings, 2))
        or any(folding.blocks(p, q) for p, q in combinations(pairings, 2))
        or any(folding.beside(part) for part in pairings)
        or any(folding.apart(part) for part in inner_first)
    )


class _Folding:
    def __init__(self, network: Network) -> None:
        self.network = network
        self.algebra = network.algebra

    # Steps: each changes the network and says so, or does nothing -----------------------------------------------

    def vec(self, part: Part) -> bool:
        """Σ P[a,i,j] M[i,j] is vec(M); of an outer product uwᵀ it is w ⊗ u."""
        both, rows, columns = part.indices
        if not self._is_closed((rows, columns), part):
            return False
        chain = self._take((rows, columns))
        self._remove(part)
        inner = next((place for place, node in enumerate(chain[:-1]) if node.shape[1] is None), None)
        if inner is None:
            node = self._vec(self.algebra.product(chain))
        else:
            u = self.algebra.product(chain[: inner + 1])
            w = self.algebra.product(self.algebra.reverse(chain[inner + 1 :]))
            node = self._kron(w, u)
        self.network.put(part.place, node, (both,))
        return True

    def unvec(self, part: Part) -> bool:
        """Σ P[a,i,j] v[a] is unvec(v)."""
        both, rows, columns = part.indices
        network = self.network
        if both not in network.bound or self._elsewhere(both, part) or network.edges.get(both):
            return False
        weights = network.weights.pop(both, None)
        if weights is None:
            return False
        vector = self.algebra.product(weights.chain(self.algebra))
        self._remove(part)
        network.bound.discard(both)
        node = self.algebra.graph.node("unvec", (vector,), (rows.size, columns.size))
        network.put(part.place, node, (rows, columns))
        return True

    def parted(self, part: Part) -> bool:
        """P[a,i,i] is P[a,i,j] I[i,j]: the steps that follow take the two indices for different ones."""
        both, rows, columns = part.indices
        if rows is not columns:
            return False
        self._remove(part)
        own = Index(columns.size)
        self.network.bound.add(own)
        self.network.put(part.place, self.algebra.identity((columns.size, None)), (rows, own))
        self.network.put(part.place, part.node, (both, rows, own))
        return True

    def kron(self, p: Part, q: Part) -> bool:
        """Σ P[a,i,j] P[b,k,m] M[i,k] N[j,m] is N ⊗ M; with M[i,m] N[j,k] it is K(M ⊗ N)."""
        a, i, j = p.indices
        b, k, m = q.indices
        if a is b:
            return False
        for inner, outer, turned in (((i, k), (j, m), False), ((i, m), (j, k), True)):
            if not (self._is_connected(inner) or self._is_connected(outer)):
                continue
            if not (self._is_closed(inner, p, q) and self._is_closed(outer, p, q)):
                continue
            left, right = (self.algebra.product(self._take(pair)) for pair in (outer, inner))
            self._remove(p, q)
            place = min(p.place, q.place)
            if not turned:
                self.network.put(place, self._kron(left, right), (a, b))
            elif left.op == right.op == "identity":
                self.network.put(place, self._commutation(j, i), (a, b))
            else:
                before = Index(b.size)
                self.network.bound.add(before)
                self.network.put(place, self._commutation(j, i), (a, before))
                self.network.put(place, self._kron(right, left), (before, b))
            return True
        return False

    def blocks(self, p: Part, q: Part) -> bool:
        """Σ P[a,i,j] P[b,k,m] Z[a,b] N[j,m] is blocksum(N, Z) between i and k; with M[i,k], blockdot(Z, M)."""
        a, i, j = p.indices
        b, k, m = q.indices
        if not (self._is_closed((a, b), p, q) and self._is_connected((a, b))):
            return False
        for inner, outer, turned in (((i, k), (j, m), False), ((i, m), (j, k), True)):
            summed = self._is_connected(outer) and self._is_closed(outer, p, q)
            if not summed and not (self._is_connected(inner) and self._is_closed(inner, p, q)):
                continue
            whole = self._take((a, b))
            if turned:
                whole = (*whole, self._commutation(m, k))
            matrix = self.algebra.product(whole)
            part = self.algebra.product(self._take(outer if summed else inner))
            self._remove(p, q)
            args = (part, matrix) if summed else (matrix, part)
            rows, columns = ends = inner if summed else outer
            node = self.algebra.graph.node(
                "blocksum" if summed else "blockdot", args, (rows.size, columns.size)
            )
            self.network.put(min(p.place, q.place), node, ends)
            return True
        return False

    def beside(self, part: Part) -> bool:
        """Σ P[b,k,l] x[l] is the matrix xᵀ ⊗ I between k and b; with M[i,k] too it is xᵀ ⊗ M between i and b."""
        both, rows, columns = part.indices
        network = self.network
        for outward, folded in ((rows, columns), (columns, rows)):
            if folded not in network.bound or network.edges.get(folded) or self._elsewhere(folded, part):
                continue
            if outward is folded:
                continue
            vector = self.algebra.product(self._weight(folded))
            network.bound.discard(folded)
            self._remove(part)
            around = list(network.edges.get(outward, ()))
            start = outward
            matrix = self.algebra.identity((outward.size, None))
            if outward not in network.bound and not around and outward in network.weights:
                matrix = self.algebra.diag(self.algebra.product(self._weight(outward)))
            elif outward in network.bound and len(around) == 1 and not self._elsewhere(outward, part):
                start = around[0]
                chain = network.cut(start, outward)
                if outward in network.weights:
                    chain = (*chain, self.algebra.diag(self.algebra.product(self._weight(outward))))
                network.bound.discard(outward)
                matrix = self.algebra.product(chain)
            row = self.algebra.transpose(vector)
            node = self._kron(row, matrix) if folded is columns else self._kron(matrix, row)
            network.put(part.place, node, (start, both))
            return True
        return False

    def between(self, part: Part) -> bool:
        """P[a,i,j] M[i,j], where i and j are elsewhere too, is P[a,i,j] times vec(M) at a."""
        both, rows, columns = part.indices
        if rows is columns or not self._is_connected((rows, columns)):
            return False
        matrix = self.algebra.product(self.network.cut(rows, columns))
        self.network.put(part.place, self._vec(matrix), (both,))
        return True

    def apart(self, part: Part) -> bool:
        """P[a,i,j] A[i,k] B[j,l] is (𝟏 ⊗ A) between a and k times (B ⊗ 𝟏) between a and l, entry by entry."""
        both, *legs = part.indices
        network = self.network
        self._remove(part)
        rows, columns = (self._own(leg, legs) for leg in legs)
        for index, other, first in ((rows, columns, False), (columns, rows, True)):
            ones = self.algebra.ones((other.size, None))
            factors: list[tuple[Node, tuple[Index, ...]]] = []
            for end in list(network.edges.get(index, ())):
                factors.append((self.algebra.product(network.cut(index, end)), (both, end)))
            if index in network.weights:
                factors.append((self.algebra.product(self._weight(index)), (both,)))
            for node, ends in factors:
                network.put(part.place, self._kron(node, ones) if first else self._kron(ones, node), ends)
            network.bound.discard(index)
        return True

    def _own(self, index: Index, legs: Sequence[Index]) -> Index:
        """A leg as a summed index that nothing but matrices and vectors has, equal to it by an identity if need be."""
        if index in self.network.bound and not self._elsewhere(index) and legs.count(index) == 1:
            return index
        own = Index(index.size)
        self.network.bound.add(own)
        self.network.put(0, self.algebra.identity((index.size, None)), (own, index))
        return own

    # What lies between two indices ------------------------------------------------------------------------------

    def _is_connected(self, pair: Pair) -> bool:
        left, right = pair
        return left is right or right in self.network.edges.get(left, ())

    def _is_closed(self, pair: Pair, *parts: Part) -> bool:
        """Whether two summed indices have nothing but these parts and what lies between the two."""
        network = self.network
        for index, other in (pair, pair[::-1]):
            if index not in network.bound or self._elsewhere(index, *parts):
                return False
            if any(neighbour is not other for neighbour in network.edges.get(index, ())):
                return False
        return pair[0] is not pair[1] or not network.edges.get(pair[0])

    def _elsewhere(self, index: Index, *parts: Part) -> bool:
        """Whether a factor of three indices, other than these, has an index."""
        return any(index in other.indices for other in self.network.tensors if other not in parts)

    def _take(self, pair: Pair) -> Chain:
        """What lies between two indices, as a matrix; the indices are gone."""
        network, (left, right) = self.network, pair
        if left is right:
            chain: Chain = (self.algebra.diag(self.algebra.product(self._weight(left))),)
        else:
            found = network.terminals(left, right)
            ones = self.algebra.ones
            chain = found if found is not None else (ones((left.size, None)), ones((None, right.size)))
        for index in pair:
            network.weights.pop(index, None)
            network.bound.discard(index)
            for neighbour in list(network.edges.pop(index, ())):
                network.edges[neighbour].pop(index, None)
        return chain

    def _weight(self, index: Index) -> Chain:
        """The vector on an index; ones where there is none."""
        weights = self.network.weights.pop(index, None)
        return weights.chain(self.algebra) if weights else (self.algebra.ones((index.size, None)),)

    def _remove(self, *parts: Part) -> None:
        self.network.tensors = [part for part in self.network.tensors if part not in parts]

    # Nodes ------------------------------------------------------------------------------------------------------

    def _vec(self, matrix: Node) -> Node:
        size = product(size for size in matrix.shape if size is not None)
        return self.algebra.graph.node("vec", (matrix,), (size, None))

    def _kron(self, left: Node, right: Node) -> Node:
        rows, columns = (
            product(size for size in sizes if size is not None) if any(sizes) else None
            for sizes in zip(left.shape, right.shape, strict=True)
        )
        return self.algebra.graph.node("kron", (left, right), (rows, columns))

    def _commutation(self, rows: Index, columns: Index) -> Node:
        size = product((rows.size, columns.size))
        return self.algebra.graph.node("commutation", (), (size, size), joined((rows.size, columns.size)))
