"""Inverses and determinants: A⁻¹b is a solve, and all that is asked of one matrix shares one factorization.

The factorization is Cholesky's where the matrix is known to be symmetric positive definite, else LU with row exchanges
(NumPy has none that can be kept: there the determinant and the inverse are two calls).
Source: Golub & Van Loan, Matrix Computations (2013), 3.4 and 4.2; Higham (2002), 14.1 for solves in place of inverses.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from matcalc.code.expression import Arrays, Expression, ordered


@dataclass
class _Uses:
    """How often a matrix is inverted as a whole, in products with others, and how often its determinant is needed."""

    whole: int = 0
    products: int = 0
    determinants: int = 0

    @property
    def factored(self) -> bool:
        """Whether a factorization serves more than one purpose."""
        return (1 if self.whole else self.products) + self.determinants > 1


class Solves:
    """Rewrites expressions so that they factor a matrix once."""

    def __init__(self, arrays: Arrays, definite: Collection[Expression], has_lu: bool) -> None:
        self._arrays = arrays
        self._has_lu = has_lu
        self._definite = frozenset(definite)  # matrices that are symmetric positive definite
        self._uses: dict[Expression, _Uses] = {}
        self._done: dict[Expression, Expression] = {}

    def of(self, outputs: Sequence[Expression]) -> list[Expression]:
        """The same values, by solves."""
        order = ordered(outputs)
        for value in order:
            self._count(value)
        for value in outputs:
            self._count_whole(value)
        if not self._uses:
            return list(outputs)
        for matrix, uses in self._uses.items():
            if not self._has_lu and matrix not in self._definite and uses.products > 1:
                uses.whole += 1  # solving twice would factor twice
        for value in order:
            self._done[value] = self._rewritten(value)
        return [self._done[value] for value in outputs]

    def moved(self, value: Expression) -> Expression:
        """What an expression has become."""
        return self._done.get(value, value)

    def _count(self, value: Expression) -> None:
        if value.op == "call" and value.data in ("logdet", "det"):
            self._of(value.args[0]).determinants += 1
        if value.op == "matmul":
            if _inverse(value.args[0]) is not None:
                self._of(_inverted(value.args[0])).products += 1
                self._count_whole(value.args[1])
            elif _inverse(value.args[1]) is not None:
                self._of(_inverted(value.args[1])).products += 1
            return
        if value.op == "permute" and _inverse(value) is not None:
            return  # counted where it is used
        for arg in value.args:
            self._count_whole(arg)

    def _count_whole(self, value: Expression) -> None:
        if _inverse(value) is not None:
            self._of(_inverted(value)).whole += 1

    def _of(self, matrix: Expression) -> _Uses:
        return self._uses.setdefault(matrix, _Uses())

    def _rewritten(self, value: Expression) -> Expression:
        """An expression with rewritten operands; products with inverses as solves."""
        if value.op == "matmul":
            left, right = value.args
            if _inverse(left) is not None and not self._is_whole(left):
                return self._solve(left, self._done[right])
            if _inverse(right) is not None and not self._is_whole(right):
                turned = self._solve(self._turned(right), self._turned(self._done[left]))
                return self._turned(turned)
        if value.op == "call" and value.data in ("inv", "logdet", "det") and value.args[0] in self._uses:
            return self._of_factors(value)
        return self._arrays.again(value, [self._done[arg] for arg in value.args])

    def _is_whole(self, value: Expression) -> bool:
        return self._uses[_inverted(value)].whole > 0

    def _turned(self, value: Expression) -> Expression:
        return self._arrays.permute(value, (1, 0)) if value.rank == 2 else value

    def _factors(self, matrix: Expression) -> Expression:
        """The Cholesky or LU factors."""
        name = "cholesky_spd" if matrix in self._definite else "lu"
        return self._arrays.call(name, [self._done[matrix]], matrix.sizes)

    def _solve(self, inverse: Expression, other: Expression) -> Expression:
        """A⁻¹B, or A⁻ᵀB."""
        matrix = _inverted(inverse)
        turned = inverse.op == "permute"
        sizes = (inverse.sizes[0], *other.sizes[1:])
        if matrix in self._definite:
            return self._arrays.call("cholesky_solve", [self._factors(matrix), other], sizes)
        if self._has_lu and self._uses[matrix].factored:
            name = "lu_solve_transposed" if turned else "lu_solve"
            return self._arrays.call(name, [self._factors(matrix), other], sizes)
        left = self._turned(self._done[matrix]) if turned else self._done[matrix]
        return self._arrays.call("solve", [left, other], sizes)

    def _of_factors(self, value: Expression) -> Expression:
        """The inverse or the determinant, from the factors where they are there."""
        (matrix,) = value.args
        definite = matrix in self._definite
        if not definite and not (self._has_lu and self._uses[matrix].factored):
            return self._arrays.call(str(value.data), [self._done[matrix]], value.sizes)
        name = (_BY_CHOLESKY if definite else _BY_LU)[str(value.data)]
        return self._arrays.call(name, [self._factors(matrix)], value.sizes)


_BY_CHOLESKY = {"inv": "cholesky_inverse", "logdet": "logdet_cholesky", "det": "det_cholesky"}
_BY_LU = {"inv": "lu_inverse", "logdet": "lu_logdet", "det": "lu_det"}


def _inverse(value: Expression) -> Expression | None:
    """The call of ``inv`` that a value is, or of which it is the transpose."""
    inner = value.args[0] if value.op == "permute" else value
    return inner if inner.op == "call" and inner.data == "inv" else None


def _inverted(value: Expression) -> Expression:
    found = _inverse(value)
    assert found is not None
    return found.args[0]
