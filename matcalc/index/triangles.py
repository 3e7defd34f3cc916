"""Triangles and running sums in index form: ``tril(X)`` is X times a constant with ones on and below the diagonal.

The constant is one factor, the lower triangle of ones; the upper one is its transpose.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc.graph.node import Node
from matcalc.index.terms import Index, Term, Value

if TYPE_CHECKING:
    from matcalc.index.expand import Expansion


def tril(expansion: Expansion, node: Node, matrix: Value) -> Value:
    """X[i,j] L[i,j]."""
    return _masked(expansion, matrix, matrix.rows, matrix.columns)


def triu(expansion: Expansion, node: Node, matrix: Value) -> Value:
    """X[i,j] L[j,i]."""
    return _masked(expansion, matrix, matrix.columns, matrix.rows)


def cumsum(expansion: Expansion, node: Node, vector: Value) -> Value:
    """L[i,j] x[j], added up over j."""
    assert vector.rows is not None
    rows = Index(vector.rows.root().size)
    value = _masked(expansion, vector, rows, vector.rows)
    for term in value.terms:
        term.bound.append(vector.rows)
    return Value(rows, None, value.terms)


def _masked(expansion: Expansion, value: Value, rows: Index | None, columns: Index | None) -> Value:
    """A value times L[rows, columns]."""
    assert rows is not None and columns is not None
    term = expansion.single(value)
    if not term.coefficient:
        return Value(value.rows, value.columns, [])
    forms = expansion.settling.forms
    ones, _ = forms.form((Index(rows.root().size), Index(columns.root().size)), [Term(1, [], [])], turn=False)
    term.factors.append((forms.atom("function", "tril", (ones,), columns=(True,)), (rows, columns), 1))
    return Value(value.rows, value.columns, [term])
