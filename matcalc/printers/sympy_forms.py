"""Matrix expressions of SymPy that collapse when numbers are put into them.

When explicit matrices are put in, SymPy collapses products, sums, transposes, inverses and functions of entries at
``doit``, but leaves ``OneMatrix``, ``Identity``, ``HadamardPower`` and ``DiagMatrix`` until ``as_explicit``.  So ones
that a scalar or a sum needs are made by ``Lambda(z, 1)``; a scalar made of the first kind is a ``Trace``, and one that
holds any of the second is the entry [0, 0] of a 1×1 matrix, which always collapses.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import sympy
from sympy import (
    DiagMatrix,
    FunctionMatrix,
    HadamardPower,
    HadamardProduct,
    Identity,
    MatAdd,
    MatMul,
    OneMatrix,
    S,
)
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement

_STANDING = (
    HadamardPower,
    DiagMatrix,
    OneMatrix,
    Identity,
    FunctionMatrix,
)  # what doit does not make explicit


class Image(NamedTuple):
    """An array: ``body``, a function of the entry z, applied to each entry of the matrix ``inner``."""

    inner: Any
    body: Any


class Fill(NamedTuple):
    """An array of this shape with ``scalar`` in every entry."""

    scalar: Any
    shape: tuple[Any, ...]


class Forms:
    """Makes matrix expressions; ``entry`` is the variable of every Lambda."""

    def __init__(self, entry: Any) -> None:
        self.entry = entry
        self.standing: set[Any] = set()  # matrices with parts that doit does not make explicit

    def note(self, matrix: Any) -> Any:
        """The same matrix, remembered if ``doit`` does not make it explicit."""
        if isinstance(matrix, _STANDING) or any(arg in self.standing for arg in matrix.args):
            self.standing.add(matrix)
        return matrix

    def whole(self, matrix: Any) -> Image:
        """A matrix expression as a value."""
        return Image(self.note(matrix), self.entry)

    def matrix(self, value: Any, like: Any = None) -> Any:
        """The matrix expression of a value; ones are made from the matrix ``like``, if given, so that they collapse."""
        if isinstance(value, Fill):
            if value.scalar == 0:
                return sympy.ZeroMatrix(*value.shape)
            one = OneMatrix(*value.shape)
            return self.times(
                [value.scalar], self.applied(like, S.One) if like is not None else self.note(one)
            )
        parts = [term.as_independent(self.entry, as_Add=False) for term in sympy.Add.make_args(value.body)]
        linear = len(parts) == 1 or all(rest == self.entry for _, rest in parts)
        factor, rest = (sympy.Add(*(f for f, _ in parts)), parts[0][1]) if linear else (S.One, value.body)
        return self.times([factor], value.inner if rest == self.entry else self.applied(value.inner, rest))

    def applied(self, inner: Any, body: Any) -> Any:
        """A function of each entry; of a 1×1 matrix SymPy can't hold it elementwise."""
        if inner.shape == (1, 1):
            return self.times([body.subs(self.entry, MatrixElement(inner, 0, 0))], self.note(Identity(1)))
        return self.note(ElementwiseApplyFunction(sympy.Lambda(self.entry, body), inner))

    def times(self, factors: Sequence[Any], *chain: Any) -> Any:
        """Scalars times matrices; products in a product are opened."""
        scalars = [*factors]
        opened: list[Any] = []
        for matrix in chain:
            scalar, parts = factors_of(matrix)
            scalars.append(scalar)
            opened += (part for part in parts if not isinstance(part, Identity))
        opened = opened or [factors_of(chain[0])[1][0]]
        scalar = sympy.Mul(*scalars)
        if scalar == 1 and len(opened) == 1:
            return opened[0]
        return self.note(MatMul(*([] if scalar == 1 else [scalar]), *opened))

    def plus(self, *terms: Any) -> Any:
        """A sum in SymPy's order; sums in a sum are opened."""
        opened = [part for term in terms for part in (term.args if isinstance(term, MatAdd) else (term,))]
        opened = sorted((part for part in opened if not part.is_ZeroMatrix), key=sympy.default_sort_key)
        if len(opened) < 2:
            return opened[0] if opened else terms[0]
        return self.note(MatAdd(*opened))

    def entrywise(self, *matrices: Any) -> Any:
        """The Hadamard product; scalar factors come in front."""
        scalars: list[Any] = []
        factors: list[Any] = []
        for matrix in matrices:
            scalar, parts = factors_of(matrix)
            core = self.times([], *parts)
            scalars.append(scalar)
            factors += core.args if isinstance(core, HadamardProduct) else (core,)
        return self.times(scalars, self.note(HadamardProduct(*factors)))

    def transposed(self, matrix: Any) -> Any:
        """The transpose."""
        if isinstance(matrix, (Identity, DiagMatrix)):
            return matrix
        return matrix.arg if isinstance(matrix, sympy.Transpose) else self.note(sympy.Transpose(matrix))

    def trace(self, matrix: Any) -> Any:
        """The trace of an n×n matrix; of a sum, the sum of the traces."""
        if isinstance(matrix, MatAdd):
            return sympy.Add(*(self.trace(term) for term in matrix.args))
        scalar, parts = factors_of(matrix)
        core = self.times([], *parts)
        if core.is_ZeroMatrix or isinstance(core, (Identity, OneMatrix)):
            return S.Zero if core.is_ZeroMatrix else scalar * core.rows
        if core not in self.standing:
            return scalar * sympy.Trace(core)
        if core.shape == (1, 1):
            return scalar * MatrixElement(core, 0, 0)
        return scalar * self.total(self.whole(HadamardProduct(core, self.note(Identity(core.rows)))))

    def total(self, value: Any) -> Any:
        """The sum of all entries: tr 𝟏ᵀX with ones that collapse, or 𝟏ᵀX𝟏 as an entry."""
        if isinstance(value, Fill):
            return sympy.Mul(value.scalar, *value.shape)
        matrix = self.matrix(value)
        rows, columns = matrix.shape
        if matrix not in self.standing:
            ones = self.applied(self.transposed(value.inner), S.One)
            return self.trace(self.times([], *((matrix, ones) if rows == 1 else (ones, matrix))))
        left, right = [OneMatrix(1, rows)] * (rows != 1), [OneMatrix(columns, 1)] * (columns != 1)
        scalar, parts = factors_of(self.times([], *left, matrix, *right))
        return scalar * MatrixElement(self.times([], *parts), 0, 0)

    def squares(self, matrix: Any) -> Any:
        """The sum of the squares of all entries."""
        pair = (matrix, self.transposed(matrix))
        return self.trace(self.times([], *(pair if matrix.shape[0] == 1 else pair[::-1])))

    def diag(self, vector: Any) -> Any:
        """The diagonal matrix of a vector; of the diagonal of Z, Z ⊙ I."""
        scalar, parts = factors_of(vector)
        if len(parts) == 2 and isinstance(parts[1], OneMatrix) and isinstance(parts[0].args[-1], Identity):
            return self.times([scalar], parts[0])
        return self.times([scalar], self.note(DiagMatrix(self.times([], *parts))))

    def diagonal(self, matrix: Any) -> Any:
        """The diagonal of a square matrix as a vector, (Z ⊙ I)𝟏."""
        entries = self.entrywise(matrix, self.note(Identity(matrix.rows)))
        return self.times([], entries, self.note(OneMatrix(matrix.rows, 1)))


def factors_of(matrix: Any) -> tuple[Any, list[Any]]:
    """The scalar and the matrices of a product."""
    parts = matrix.args if isinstance(matrix, MatMul) else (matrix,)
    return sympy.Mul(*(part for part in parts if not part.is_Matrix)), [p for p in parts if p.is_Matrix]
