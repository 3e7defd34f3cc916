"""The way back from inclusions to blocks: a sum whose terms each lie in one block is [A, B; C, D]."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from matcalc.graph.node import Node, Shape, Size
from matcalc.graph.sizes import difference, total
from matcalc.index.blocks import Range, included
from matcalc.index.network import Product
from matcalc.index.sums import Sums
from matcalc.index.terms import Atom, Legs

Place = Range | None  # None: the whole


class Assembly:
    """Puts blocks together; knows which constants are inclusions."""

    def __init__(self, sums: Sums) -> None:
        self.sums = sums
        self.algebra = sums.algebra
        self._ranges: dict[Node, Range] = {}

    def inclusion(self, atom: Atom, legs: Legs) -> Node:
        """[0; I; 0]: what picks a range of rows."""
        (offset, length), whole = included(atom), legs[0].size
        columns = legs[1].size if len(legs) == 2 else None
        one = self.algebra.ones((1, None)) if columns is None else self.algebra.identity((length, None))
        rest = difference(whole, [size for size in (offset, length) if size])
        parts = [self._zero((offset, columns))] if offset else []
        parts += [one, *([self._zero((rest, columns))] if rest else [])]
        node = self._together("vcat", parts)
        self._ranges[node] = (offset, length)
        self._ranges[self.algebra.transpose(node)] = (offset, length)
        return node

    def assembled(self, products: Sequence[Product], shape: Shape) -> Sequence[Product]:
        """Products in which those that lie in blocks are one product, which is the block matrix."""
        if not self._ranges:
            return products
        placed = [(product, *self._place(product, shape)) for product in products]
        kinds = [(row is not None, column is not None) for _, row, column in placed]
        kind = next((kind for kind in kinds if any(kind)), None)
        if kind is None or shape[0] is None and not kind[1]:
            return products
        members = [each for each, own in zip(placed, kinds, strict=True) if own == kind]
        sign = -1 if all(product.coefficient < 0 for product, _, _ in members) else 1
        members = [(replace(p, coefficient=sign * p.coefficient), row, column) for p, row, column in members]
        whole = self._blocks(members, shape)
        if whole is None:
            return products
        result = Product(Fraction(sign), (), (), (whole,))
        first = kinds.index(kind)
        rest = [each for each, own in zip(products, kinds, strict=True) if own != kind]
        before = sum(own != kind for own in kinds[:first])
        return [*rest[:before], result, *rest[before:]]

    def _place(self, product: Product, shape: Shape) -> tuple[Place, Place]:
        """The rows and the columns that a product lies in; None where these are all."""
        chain = product.chain
        if not chain:
            return None, None
        row = self._ranges.get(chain[0]) if chain[0].op == "vcat" and shape[0] is not None else None
        column = self._ranges.get(chain[-1]) if chain[-1].op == "hcat" and shape[1] is not None else None
        return row, column

    def _blocks(self, placed: Sequence[tuple[Product, Place, Place]], shape: Shape) -> Node | None:
        """Products that lie in these rows and columns as blocks; None where the order of the blocks is not known."""
        products, rows, columns = zip(*placed, strict=True)
        row_ranges = _partition([each for each in rows if each is not None], shape[0])
        column_ranges = _partition([each for each in columns if each is not None], shape[1])
        if row_ranges is None or column_ranges is None:
            return None
        cells: dict[tuple[Place, Place], list[Product]] = {}
        for product, row, column in zip(products, rows, columns, strict=True):
            cells.setdefault((row, column), []).append(_stripped(product, row, column))
        lines = []
        for row in row_ranges:
            line = []
            for column in column_ranges:
                size = (row[1] if row else shape[0], column[1] if column else shape[1])
                line.append(self._cell(cells.get((row, column)), size))
            lines.append(self._together("hcat", line))
        return self._together("vcat", lines)

    def _cell(self, products: list[Product] | None, shape: Shape) -> Node:
        """One block; a block of one column or one row is written as a vector times the one entry that it spreads to."""
        if products is None:
            return self._zero(shape)
        identity = self.algebra.identity
        filled = [
            replace(
                p, chain=p.chain or (identity(shape) if shape[1] is not None else self.algebra.ones(shape),)
            )
            for p in products
        ]
        ends = {(p.chain[0].shape[0], p.chain[-1].shape[1]) for p in filled if p.chain}
        if len(ends) != 1:
            return self.sums.sum(filled, shape)
        rows, columns = own = ends.pop()
        node = self.sums.sum(filled, own)
        if own == shape:
            return node
        ones = self.algebra.ones
        if rows is None and columns is None:
            return self.algebra.fill(node, shape)
        chain = (node, ones((None, shape[1]))) if columns is None else (ones((shape[0], None)), node)
        return self.algebra.product(chain)

    def _zero(self, shape: Shape) -> Node:
        return self.algebra.fill(self.algebra.number(0), shape)

    def _together(self, op: str, parts: Sequence[Node]) -> Node:
        """Parts above or beside each other."""
        result = parts[0]
        for part in parts[1:]:
            along = op == "hcat"
            ends = [node.shape[along] for node in (result, part)]
            size = total(end for end in ends if end is not None)
            across = result.shape[not along]
            result = self.algebra.graph.node(op, (result, part), (across, size) if along else (size, across))
        return result


def _stripped(product: Product, row: Place, column: Place) -> Product:
    chain = product.chain or ()
    chain = chain[1:] if row is not None else chain
    return replace(product, chain=chain[:-1] if column is not None else chain)


def _partition(ranges: Sequence[Range], size: Size | None) -> list[Place] | None:
    """All ranges in their order, with those that lie between them; None where the order is not known."""
    if not ranges or size is None:
        return [None]
    pending = list(dict.fromkeys(ranges))
    parts: list[Place] = []
    start: Size = 0
    while pending:
        following = [each for each in pending if each[0] == start]
        if len(following) > 1:
            return None
        if not following:
            gaps = [(difference(each[0], [start] if start else []), each) for each in pending]
            known = [gap for gap, _ in gaps if gap is not None]
            if len(known) != len(gaps):
                return None
            nearest = next(
                (gap for gap in known if all(gap == g or difference(g, (gap,)) is not None for g in known)),
                None,
            )
            if nearest is None:
                return None
            following = [(start, nearest)]
        else:
            pending.remove(following[0])
        parts.append(following[0])
        start = total(size for size in (start, following[0][1]) if size)
    if start != size:
        rest = difference(size, (start,))
        if rest is None:
            return None
        parts.append((start, rest))
    return parts
