"""Products flattened: any nest of matrix products, transposes, diagonals, sums and entrywise products is one contraction.

``Xᵀ diag(d) X`` is the sum over a of X[a,i] d[a] X[a,j].  So the order of the multiplications is free to choose, and
diagonals, identities and vectors of ones are gone: they only say which indices are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from matcalc.code.expression import Expression
from matcalc.graph.node import Node, Size, own_axes
from matcalc.graph.subscripts import Subscripts

Index = int
SMALL = 3  # powers up to here are products

# What a contraction reads as a rule about indices; every other operation is one of its factors.
PRODUCTS = frozenset(
    ["neg", "scale", "over", "matmul", "hadamard", "eldivide", "transpose", "fill", "diag", "diagonal"]
    + ["tr", "sum", "sumsq", "identity", "ones", "contract", "number", "intpower"]
)
# Those that compute nothing: they are never worth a name of their own.
STRUCTURAL = frozenset(["neg", "transpose", "fill", "diag", "diagonal", "identity", "ones", "number"])
_ENTRYWISE = frozenset(["number", "neg", "scale", "over", "hadamard", "eldivide", "fill", "ones"])


@dataclass
class Factor:
    """An expression to a power, each axis with its index."""

    value: Expression
    indices: tuple[Index, ...]
    power: int = 1


@dataclass
class Contraction:
    """A number times factors, summed over the indices that ``output`` lacks; one that it has twice is a diagonal."""

    coefficient: Fraction
    factors: list[Factor]
    output: tuple[Index, ...]
    sizes: dict[Index, Size]
    summed: list[Index] = field(
        default_factory=list
    )  # in the order of first occurrence, those without factors too


class Flattening:
    """Flattens one product; ``opaque`` gives what is a factor by itself, as a number times an expression."""

    def __init__(
        self,
        opaque: Callable[[Node], tuple[Fraction, Expression]],
        keeps: Callable[[Node], bool],
        instead: Mapping[Node, tuple[Fraction, Node]] | None = None,
    ) -> None:
        self._opaque = opaque
        self._keeps = keeps  # whether a product within the product is to stay a factor
        self._instead = instead or {}  # multiples of nodes that stand in for others
        self.opaque: list[Node] = []  # what became a factor
        self._same: dict[Index, Index] = {}
        self._sizes: dict[Index, Size] = {}
        self._coefficient = Fraction(1)
        self._factors: list[Factor] = []

    def of(self, node: Node) -> Contraction:
        """The contraction that a node is."""
        output = tuple(self._new(node.shape[place] or 1) for place in own_axes(node.shape))
        stack: list[tuple[Node, tuple[Index, ...], int]] = [(node, output, 1)]
        while stack:
            inner, indices, power = stack.pop()
            if inner in self._instead:
                coefficient, inner = self._instead[inner]
                self._coefficient *= coefficient**power
            parts = None
            if inner is node or self._goes_through(inner, power):
                parts = self._parts(inner, indices, power)
            if parts is None:
                self._add(inner, indices, power)
            else:
                stack.extend(reversed(parts))
        find = self._find
        for factor in self._factors:
            factor.indices = tuple(map(find, factor.indices))
        output = tuple(map(find, output))
        sizes: dict[Index, Size] = {}
        for index, size in self._sizes.items():
            known = sizes.get(find(index))
            sizes[find(index)] = size if known is None or isinstance(size, int) else known
        summed = [index for index in sizes if index not in output]
        return Contraction(self._coefficient, self._factors, output, sizes, summed)

    def _goes_through(self, node: Node, power: int) -> bool:
        if node.op not in PRODUCTS:
            return False
        if power != 1 and node.op not in _ENTRYWISE:
            return False
        return node.op in STRUCTURAL or not self._keeps(node)

    def _add(self, node: Node, indices: tuple[Index, ...], power: int) -> None:
        self.opaque.append(node)
        coefficient, value = self._opaque(node)
        if coefficient != 1:
            self._coefficient *= coefficient**power
        if value.op == "spread":
            places: tuple[int, ...] = value.data  # type: ignore[assignment]
            value, indices = value.args[0], tuple(indices[place] for place in places)
        if value.op == "number" and isinstance(value.data, Fraction):
            if value.data or power > 0:
                self._coefficient *= value.data**power
                return
        self._factors.append(Factor(value, indices, power))

    def _new(self, size: Size) -> Index:
        index = len(self._sizes)
        self._sizes[index] = size
        return index

    def _find(self, index: Index) -> Index:
        while index in self._same:
            index = self._same[index]
        return index

    def _merge(self, first: Index, second: Index) -> None:
        first, second = self._find(first), self._find(second)
        if first != second:
            self._same[max(first, second)] = min(first, second)

    def _parts(
        self, node: Node, indices: tuple[Index, ...], power: int
    ) -> list[tuple[Node, tuple[Index, ...], int]] | None:
        """The operands with their indices and powers, in order; None where a node is a factor after all."""
        args = node.args
        if node.op == "number":
            assert isinstance(node.data, Fraction)
            if node.data == 0 and power < 0:
                return None
            self._coefficient *= node.data**power
            return []
        if node.op == "neg":
            self._coefficient *= Fraction(-1) ** power
            return [(args[0], indices, power)]
        if node.op == "scale":
            return [(args[0], (), power), (args[1], indices, power)]
        if node.op == "over":
            return [(args[0], indices, power), (args[1], (), -power)]
        if node.op in ("hadamard", "eldivide"):
            sign = 1 if node.op == "hadamard" else -1
            return [(args[0], indices, power), (args[1], indices, sign * power)]
        if node.op == "intpower":
            exponent = small_power(node)
            if exponent is None:
                return None
            return [(args[0], indices, power * exponent)] if exponent else []
        if node.op == "fill":
            return [(args[0], (), power)]
        if node.op == "sumsq":  # of a product as a whole, so that it is a sum of squares
            return [(args[0], self._all(args[0]), 2)]
        if node.op == "ones":
            return []
        return [(arg, own, 1) for arg, own in self._linear(node, indices)]

    def _linear(self, node: Node, indices: tuple[Index, ...]) -> Iterator[tuple[Node, tuple[Index, ...]]]:
        """The operands of an operation that only moves, joins or sums indices."""
        args = node.args
        match node.op:
            case "identity":
                self._merge(*indices)
            case "transpose":
                yield args[0], indices[::-1]
            case "diag":
                self._merge(*indices)
                yield args[0], indices[:1]
            case "diagonal":
                yield args[0], (*indices, *indices)
            case "tr":
                index = self._new(args[0].shape[0] or 1)
                yield args[0], (index, index)
            case "sum":
                yield args[0], self._all(args[0])
            case "matmul":
                yield from self._matmul(node, indices)
            case "contract":
                subscripts = node.data
                assert isinstance(subscripts, Subscripts)
                names = dict(zip(subscripts.output, indices, strict=True))
                for arg, inputs in zip(args, subscripts.inputs, strict=True):
                    for name, place in zip(inputs, own_axes(arg.shape), strict=True):
                        if name not in names:
                            names[name] = self._new(arg.shape[place] or 1)
                    yield arg, tuple(names[name] for name in inputs)

    def _matmul(self, node: Node, indices: Sequence[Index]) -> Iterator[tuple[Node, tuple[Index, ...]]]:
        left, right = node.args
        inner = () if left.shape[1] is None else (self._new(left.shape[1]),)
        rows = indices[: left.shape[0] is not None]
        columns = indices[len(rows) :]
        yield left, (*rows, *inner)
        yield right, (*inner, *columns)

    def _all(self, node: Node) -> tuple[Index, ...]:
        return tuple(self._new(node.shape[place] or 1) for place in own_axes(node.shape))


def small_power(node: Node) -> int | None:
    """The exponent of a power that is a product of few factors."""
    exponent = node.args[1].data
    is_number = node.args[1].op == "number" and isinstance(exponent, Fraction)
    return int(exponent) if is_number and abs(exponent) <= SMALL else None  # type: ignore[arg-type, operator]
