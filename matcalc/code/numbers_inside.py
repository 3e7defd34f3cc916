"""Numbers before a product of matrices, in JAX: 2((M ⊙ R)V) is (2M ⊙ R)V, as the entrywise product is made anyway.

Its compiler makes one loop of the entrywise product with the number in it, and none for the number alone.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.code.expression import Expression
from matcalc.code.rewriting import Rewriting


class NumbersInside(Rewriting):
    """Rewrites multiples of products."""

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
