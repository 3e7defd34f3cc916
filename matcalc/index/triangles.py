"""Triangles and running sums in index form: ``tril(X)`` is X times a constant with ones on and below the diagonal.

The constant is one factor, the lower triangle of ones; the upper one is its transpose.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from matcalc.graph.node import Node
from matcalc.index.terms import Index, Term, Value

if TYPE_CHECKING:
    from matcalc.index.expand import Expansion


def _tril(expansion: Expansion, node: Node, matrix: Value) -> Value:
    """X[i,j] L[i,j]."""
    rows, columns = matrix.legs
    return _masked(expansion, matrix, rows, columns)


def _triu(expansion: Expansion, node: Node, matrix: Value) -> Value:
    """X[i,j] L[j,i]."""
    rows, columns = matrix.legs
    return _masked(expansion, matrix, columns, rows)


def _cumsum(expansion: Expansion, node: Node, vector: Value) -> Value:
    """L[i,j] x[j], added up over j."""
    (inner,) = vector.legs
    rows = Index(inner.root().size)
    value = _masked(expansion, vector, rows, inner)
    for term in value.terms:
        term.bound.append(inner)
    return Value((rows, None), value.terms, vector.riding)


def _masked(expansion: Expansion, value: Value, rows: Index, columns: Index) -> Value:
    """A value times L[rows, columns]."""
    term = expansion.single(value)
    if not term.coefficient:
        return Value(value.axes, [], value.riding)
    forms = expansion.settling.forms
    ones, _ = forms.form((Index(rows.root().size), Index(columns.root().size)), [Term(1, [], [])], turn=False)
    term.factors.append((forms.atom("function", "tril", (ones,), columns=(True,)), (rows, columns), 1))
    return Value(value.axes, [term], value.riding)


STRUCTURAL: dict[str, Callable[..., Value]] = {"tril": _tril, "triu": _triu, "cumsum": _cumsum}
