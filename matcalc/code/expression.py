"""Expressions over arrays, as a programmer writes them: products, sums over axes, broadcasts and calls of functions.

An expression has only the axes that its value has: a scalar none, a vector (or a transposed vector) one.  So a transposed
vector is the vector itself, and where a product needs rows or columns, the operation says which.  Equal expressions of
one ``Arrays`` are the same object, which is how shared work is found.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction

from matcalc.graph.node import Size

Sizes = tuple[Size, ...]
Data = object


class Expression:
    """One value: ``op`` with its operands, the sizes of its axes, and what else the operation needs.

    ``op`` is a leaf (``variable``, ``number``, ``pi``, ``size``, ``selection``, ``commutation``, ``pairing``), the call of a
    kernel (``call``, whose ``data`` is its name) or one of

    - ``sum``: of operands times the coefficients in ``data``; scalars and ``spread`` operands broadcast;
    - ``times``: operands to the powers in ``data``, entry by entry, broadcast in the same way;
    - ``spread``: the operand's axes are the places ``data`` of a value with more axes;
    - ``permute``: the operand's axes in the order ``data``;
    - ``matmul``, ``outer``, ``inner``: products of two operands of one or two axes; ``inner`` adds up all entries;
    - ``tensordot``: the sum over the axes ``data`` of both operands;
    - ``reduce``: the sum over the axes ``data``;
    - ``diagonal``: the axes ``data`` (two) run together and become the last;
    - ``lift``: the operand with one more axis of length 1, at the place ``data``;
    - ``einsum``: any other product, ``data`` its subscripts;
    - ``embed``: zeros but where axes run together: see ``Embedding``.
    """

    __slots__ = ("op", "args", "sizes", "data", "id")

    def __init__(self, op: str, args: tuple[Expression, ...], sizes: Sizes, data: Data, id: int) -> None:
        self.op = op
        self.args = args
        self.sizes = sizes
        self.data = data
        self.id = id

    @property
    def rank(self) -> int:
        """How many axes the value has."""
        return len(self.sizes)

    def __repr__(self) -> str:
        data = "" if self.data is None else f" {self.data}"
        return f"<{self.op}{data} {'×'.join(map(str, self.sizes))} #{self.id}>"


class Arrays:
    """Makes expressions; equal ones are made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[object, ...], Expression] = {}
        self._sums: dict[object, Expression] = {}  # by their terms and the ratios of these
        self.symmetric: set[Expression] = set()  # matrices that equal their transposes

    def make(self, op: str, args: Iterable[Expression], sizes: Sizes, data: Data = None) -> Expression:
        """The expression with this operation, operands, sizes and data."""
        args = tuple(args)
        key = (op, sizes, data, *(arg.id for arg in args))
        found = self._made.get(key)
        if found is None:
            found = self._made[key] = Expression(op, args, sizes, data, len(self._made))
        return found

    def matmul(self, left: Expression, right: Expression, sizes: Sizes) -> Expression:
        """The product of a matrix and a matrix or vector; where its transpose was made already, the transpose of that."""
        if right.rank == 2 and left.rank == 2:
            turned = ("matmul", sizes[::-1], None, self._turned(right).id, self._turned(left).id)
            found = self._made.get(turned)
            if found is not None and found.args[0] is not left:
                return self.permute(found, (1, 0))
        return self.make("matmul", (left, right), sizes)

    def _turned(self, matrix: Expression) -> Expression:
        return self.permute(matrix, (1, 0))

    def again(self, value: Expression, args: Sequence[Expression]) -> Expression:
        """An expression with other operands."""
        if all(new is old for new, old in zip(args, value.args, strict=True)):
            return value
        data: tuple[int, ...] = value.data  # type: ignore[assignment]
        if value.op == "permute":
            return self.permute(args[0], data)
        if value.op == "spread":
            return self.spread(args[0], data, value.sizes)
        return self.make(value.op, args, value.sizes, value.data)

    def number(self, value: Fraction | int) -> Expression:
        """A constant."""
        return self.make("number", (), (), Fraction(value))

    def call(self, kernel: str, args: Sequence[Expression], sizes: Sizes) -> Expression:
        """The value of a kernel; of an elementwise one of one operand, with the operand's broadcast outside."""
        return self.make("call", args, sizes, kernel)

    def spread(self, value: Expression, places: tuple[int, ...], sizes: Sizes) -> Expression:
        """``value``, whose axes are the ``places`` of a value of these sizes, repeated along the others."""
        if places == tuple(range(len(sizes))):
            return value
        if value.op == "spread":
            inner: tuple[int, ...] = value.data  # type: ignore[assignment]
            return self.spread(value.args[0], tuple(places[place] for place in inner), sizes)
        return self.make("spread", (value,), sizes, places)

    def permute(self, value: Expression, order: tuple[int, ...]) -> Expression:
        """The axes of ``value`` in another order."""
        if order == tuple(range(value.rank)) or (value in self.symmetric and value.rank == 2):
            return value
        if value.op == "permute":
            inner: tuple[int, ...] = value.data  # type: ignore[assignment]
            return self.permute(value.args[0], tuple(inner[place] for place in order))
        return self.make("permute", (value,), tuple(value.sizes[place] for place in order), order)

    def sum(self, terms: Sequence[tuple[Fraction, Expression]], sizes: Sizes) -> Expression:
        """Multiples of expressions, added; the same expression twice is one of twice the coefficient."""
        gathered: dict[Expression, Fraction] = {}
        for coefficient, term in terms:
            if term.op == "embed" and isinstance(term.args[0].data, Fraction):  # a multiple of an identity
                coefficient *= term.args[0].data
                term = self.make("embed", (self.number(1),), term.sizes, term.data)
            gathered[term] = gathered.get(term, Fraction(0)) + coefficient
        kept = [(term, coefficient) for term, coefficient in gathered.items() if coefficient]
        if not kept:
            return self.spread(self.number(0), (), sizes)
        if len(kept) == 1 and kept[0][0].sizes == sizes:
            return self.multiple(kept[0][1], kept[0][0])
        # What is subtracted comes after what is added.
        kept.sort(key=lambda pair: pair[1] < 0)
        turned = sorted(((t, -c) for t, c in kept), key=lambda pair: pair[1] < 0)
        negative = ("sum", sizes, tuple(c for _, c in turned), *(t.id for t, _ in turned))
        if negative in self._made:
            return self.multiple(Fraction(-1), self._made[negative])
        first = min(kept, key=lambda pair: pair[0].id)[1]
        alike = self._sums.get((sizes, frozenset((t, c / first) for t, c in kept)))
        if alike is not None and len(kept) > 1:
            factor = kept[0][1] / _coefficient(alike, kept[0][0])
            if abs(factor) > 1:
                return self.times([(self.number(factor), 1), (alike, 1)], sizes)
        made = self.make("sum", [t for t, _ in kept], sizes, tuple(c for _, c in kept))
        if sizes and alike is None:
            self._sums[sizes, frozenset((t, c / first) for t, c in kept)] = made
        return made

    def times(self, factors: Sequence[tuple[Expression, int]], sizes: Sizes) -> Expression:
        """Powers of expressions, multiplied entry by entry."""
        gathered: dict[Expression, int] = {}
        for factor, power in factors:
            gathered[factor] = gathered.get(factor, 0) + power
        kept = [(factor, power) for factor, power in gathered.items() if power]
        if not kept:
            return self.spread(self.number(1), (), sizes)
        if len(kept) == 1 and kept[0][1] == 1 and kept[0][0].sizes == sizes:
            return kept[0][0]
        # Scalars first: what they make together is one number.
        kept.sort(key=lambda pair: (pair[0].rank > 0, pair[1] < 0))
        return self.make("times", [f for f, _ in kept], sizes, tuple(p for _, p in kept))

    def multiple(self, coefficient: Fraction, value: Expression) -> Expression:
        """A number times an expression."""
        if coefficient == 1:
            return value
        if value.op == "number":
            assert isinstance(value.data, Fraction)
            return self.number(coefficient * value.data)
        if value.op in ("spread", "embed"):  # of the block, which is smaller
            (inner,) = value.args
            return self.make(value.op, (self.multiple(coefficient, inner),), value.sizes, value.data)
        return self.times([(self.number(coefficient), 1), (value, 1)], value.sizes)


def _coefficient(value: Expression, term: Expression) -> Fraction:
    """What a term of a sum is multiplied by."""
    coefficients: tuple[Fraction, ...] = value.data  # type: ignore[assignment]
    return coefficients[value.args.index(term)]


def ordered(outputs: Iterable[Expression]) -> list[Expression]:
    """Every expression that ``outputs`` depend on, operands first, without recursion."""
    seen: set[Expression] = set()
    order: list[Expression] = []
    stack = [(value, False) for value in reversed(list(outputs))]
    while stack:
        value, done = stack.pop()
        if done:
            order.append(value)
        elif value not in seen:
            seen.add(value)
            stack.append((value, True))
            stack.extend((arg, False) for arg in reversed(value.args) if arg not in seen)
    return order
