"""Kronecker products, vec, unvec and K as SymPy matrices; SymPy has a class for the first only."""

from __future__ import annotations

from typing import Any

import sympy

_ROW, _COLUMN = sympy.symbols("i j", integer=True, nonnegative=True)


def kron(left: Any, right: Any) -> Any:
    """A ⊗ B."""
    return sympy.KroneckerProduct(left, right)


def vec(matrix: Any) -> Any:
    """The columns of a matrix, one below the other."""
    rows, columns = matrix.shape
    entry = matrix[sympy.Mod(_ROW, rows), sympy.floor(_ROW / rows)]
    return sympy.FunctionMatrix(rows * columns, 1, sympy.Lambda((_ROW, _COLUMN), entry))


def unvec(vector: Any, rows: Any, columns: Any) -> Any:
    """The matrix of this shape whose vec is a vector."""
    entry = vector[_ROW + rows * _COLUMN, 0]
    return sympy.FunctionMatrix(rows, columns, sympy.Lambda((_ROW, _COLUMN), entry))


def commutation(rows: Any, columns: Any) -> Any:
    """K with K vec(X) = vec(Xᵀ) for X of this shape."""
    source = sympy.floor(_COLUMN / rows) + columns * sympy.Mod(_COLUMN, rows)
    entry = sympy.KroneckerDelta(_ROW, source)
    return sympy.FunctionMatrix(rows * columns, rows * columns, sympy.Lambda((_ROW, _COLUMN), entry))
