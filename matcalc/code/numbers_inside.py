"""Numbers before a product of matrices, in JAX: 2((M ⊙ R)V) is (2M ⊙ R)V, as the entrywise product is made anyway.

Its compiler makes one loop of the entrywise product with the number in it, and none for the number alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from fractions import Fraction

from matcalc.code.expression import Arrays, Expression, ordered


class NumbersInside:
    """Rewrites expressions; what is used more than once, or has a name (``kept``), stays as it is."""

    def __init__(self, arrays: Arrays, kept: Collection[Expression]) -> None:
        self._arrays = arrays
        self._kept = kept
        self._uses: Counter[Expression] = Counter()
        self._done: dict[Expression, Expression] = {}

    def of(self, outputs: Sequence[Expression]) -> list[Expression]:
        """The same values."""
        order = ordered(outputs)
        self._uses.update(arg for value in order for arg in value.args)
        self._uses.update(outputs)
        for value in order:
            self._done[value] = self._rewritten(value)
        return [self._done[value] for value in outputs]

    def moved(self, value: Expression) -> Expression:
        """What an expression has become."""
        return self._done.get(value, value)

    def _rewritten(self, value: Expression) -> Expression:
        args = [self._done[arg] for arg in value.args]
        if value.op == "sum":
            coefficients: tuple[Fraction, ...] = value.data  # type: ignore[assignment]
            terms = list(zip(coefficients, args, strict=True))
            for place, (coefficient, arg) in enumerate(zip(coefficients, value.args, strict=True)):
                inner = self._scaled(abs(coefficient), arg)
                if inner is not None:
                    terms[place] = (Fraction(1 if coefficient > 0 else -1), inner)
            if terms != list(zip(coefficients, args, strict=True)):
                return self._arrays.sum(terms, value.sizes)
        if value.op == "times" and len(args) == 2 and value.data == (1, 1) and value.args[0].op == "number":
            number = value.args[0].data
            assert isinstance(number, Fraction)
            inner = self._scaled(number, value.args[1])
            if inner is not None:
                return inner
        return self._arrays.again(value, args)

    def _scaled(self, number: Fraction, value: Expression) -> Expression | None:
        """A multiple of a product of matrices, by way of an entrywise product in it; None where it has none."""
        if abs(number) == 1 or value.op != "matmul" or not self._is_loose(value):
            return None
        for place, arg in enumerate(value.args):
            if arg.op == "times" and arg.rank == 2 and self._is_loose(arg):
                args = [self._done[each] for each in value.args]
                args[place] = self._arrays.multiple(number, args[place])
                return self._arrays.matmul(args[0], args[1], value.sizes)
        return None

    def _is_loose(self, value: Expression) -> bool:
        return self._uses[value] <= 1 and value not in self._kept
