"""Variables, numbers and constants in index form."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from matcalc.graph.node import Node
from matcalc.graph.numbers import plain
from matcalc.index.factors import IDENTITY
from matcalc.index.structured import symmetric_variable
from matcalc.index.terms import Term, Value, fresh_axes, scalar_of

if TYPE_CHECKING:
    from matcalc.index.expand import Expansion


def _variable(expansion: Expansion, node: Node) -> Value:
    axes = fresh_axes(node.shape)
    legs = tuple([leg for leg in axes if leg is not None])
    forms = expansion.settling.forms
    name = str(node.data)
    symmetric = name in forms.symmetric or (len(legs) == 2 and symmetric_variable(forms.structures, name))
    atom = forms.atom("variable", node.data, symmetric=symmetric)
    return Value(axes, [Term(1, [(atom, legs, 1)], [])])


def _number(expansion: Expansion, node: Node) -> Value:
    assert isinstance(node.data, Fraction)
    value = plain(node.data)
    return scalar_of([Term(value, [], [])] if value else [])


def _pi(expansion: Expansion, node: Node) -> Value:
    return scalar_of([Term(1, [(expansion.settling.forms.atom("pi"), (), 1)], [])])


def _size(expansion: Expansion, node: Node) -> Value:
    if isinstance(node.data, int):
        return scalar_of([Term(node.data, [], [])])
    return scalar_of([Term(1, [(expansion.settling.forms.atom("size", node.data), (), 1)], [])])


def _identity(expansion: Expansion, node: Node) -> Value:
    rows, columns = axes = fresh_axes(node.shape)
    factors = [] if rows is None or columns is None else [(IDENTITY, (rows, columns), 1)]
    return Value(axes, [Term(1, factors, [])])  # type: ignore[arg-type]


def _ones(expansion: Expansion, node: Node) -> Value:
    return Value(fresh_axes(node.shape), [Term(1, [], [])])


def _selection(expansion: Expansion, node: Node) -> Value:
    axes = fresh_axes(node.shape)
    legs = tuple(leg for leg in axes if leg is not None)
    atom = expansion.settling.forms.atom("selection", node.data)
    return Value(axes, [Term(1, [(atom, legs, 1)], [])])


LEAVES: dict[str, Callable[[Expansion, Node], Value]] = {
    "variable": _variable,
    "number": _number,
    "pi": _pi,
    "size": _size,
    "identity": _identity,
    "ones": _ones,
    "selection": _selection,
}
