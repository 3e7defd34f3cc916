"""Where a graph is differentiable: the `domain` texts of the rules as conditions on nodes.

A text is ``EXPR > c``, ``EXPR < c``, ``EXPR != c`` or ``lo < EXPR < hi``; EXPR is a formula over the operand names
and Y, the operation's own value.  A condition holds where it holds for every entry.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from collections.abc import Set as AbstractSet
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np

from matcalc.errors import RuleProblem
from matcalc.graph.node import Node, topological
from matcalc.operations import Operation, Operations
from matcalc.patterns import regex
from matcalc.verification.arrays import Array, entries

Instantiate = Callable[[str, Node], Node]

_NUMBER = regex(r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?\Z")
_COMPARISON = regex(r"(!=|≠|<=|>=|≤|≥|<|>)")
_SIGNS = {"<": "<", "<=": "<", "≤": "<", ">": ">", ">=": ">", "≥": ">", "!=": "!=", "≠": "!="}


class Limits(NamedTuple):
    """The text of an expression and what bounds it: above ``lower``, below ``upper``, never ``forbidden``."""

    text: str
    lower: float | None = None
    upper: float | None = None
    forbidden: float | None = None


class Condition(NamedTuple):
    """Every entry of ``node`` is above ``lower``, below ``upper`` and other than ``forbidden`` (None: no bound).

    ``label`` says it in the words of the rule.
    """

    node: Node
    lower: float | None
    upper: float | None
    forbidden: float | None
    label: str

    def holds(self, value: Array, margin: float) -> Array:
        """Where in the batch the condition holds for every entry with this margin; nan never does."""
        inside = ~np.isnan(value)
        if self.lower is not None:
            inside &= value > self.lower + margin
        if self.upper is not None:
            inside &= value < self.upper - margin
        if self.forbidden is not None:
            inside &= np.abs(value - self.forbidden) > margin
        return np.asarray(inside.all(axis=entries(self.node.shape)))

    def stays(self, value: Array, base: Array) -> Array:
        """Where in the batch of ``value`` every entry is on the side of each bound where ``base`` is."""
        inside = ~np.isnan(value)
        for bound in (self.lower, self.upper, self.forbidden):
            if bound is not None:
                inside = inside & ((value > bound) == (base > bound)) & (value != bound)
        return np.asarray(inside.all(axis=entries(self.node.shape)))


def conditions(
    root: Node, operations: Operations, instantiate: Instantiate, wrt: AbstractSet[Node] | None = None
) -> list[Condition]:
    """The conditions of every inner node of ``root`` that depends on a variable, each once.

    With ``wrt`` kinks (forbidden values) count only at nodes that depend on one of these variables: elsewhere they do
    no harm.  ``instantiate(text, node)`` gives the graph of a formula over the operands of ``node`` and Y.
    """
    nodes = topological([root])
    varying = _dependent(nodes, {node.data for node in nodes if node.op == "variable"})
    moving = varying if wrt is None else _dependent(nodes, {node.data for node in wrt})
    found: dict[tuple[Node, float | None, float | None, float | None], Condition] = {}
    for node in nodes:
        if node.args and node in varying:
            for condition in _of_node(node, operations, instantiate):
                key = (condition.node, condition.lower, condition.upper, condition.forbidden)
                if condition.forbidden is None or node in moving:
                    found.setdefault(key, condition)
    return list(found.values())


@cache
def parse(text: str) -> Limits:
    """The limits that a `domain` text sets; ``RuleProblem`` where it has another form."""
    parts = [part.strip() for part in _COMPARISON.split(text)]
    signs = [_SIGNS[sign] for sign in parts[1::2]]
    sides = parts[::2]
    if signs and set(signs) == {">"}:
        signs, sides = ["<"] * len(signs), sides[::-1]
    numbers = [float(side) if _NUMBER.match(side) else None for side in sides]
    match signs, numbers:
        case ["<"], [None, float(upper)] if sides[0]:
            return Limits(sides[0], upper=upper)
        case ["<"], [float(lower), None] if sides[1]:
            return Limits(sides[1], lower=lower)
        case ["!="], [None, float(forbidden)] if sides[0]:
            return Limits(sides[0], forbidden=forbidden)
        case ["<", "<"], [float(lower), None, float(upper)] if sides[1]:
            return Limits(sides[1], lower=lower, upper=upper)
    raise RuleProblem(f"the domain `{text}` is not `EXPR > c`, `EXPR < c`, `EXPR != c` or `lo < EXPR < hi`")


def _dependent(nodes: Iterable[Node], names: Container[object]) -> set[Node]:
    """Those of ``nodes`` (operands first) that depend on a variable of these names."""
    dependent: set[Node] = set()
    for node in nodes:
        own = node.op == "variable" and node.data in names
        if own or any(arg in dependent for arg in node.args):
            dependent.add(node)
    return dependent


def _of_node(node: Node, operations: Operations, instantiate: Instantiate) -> Iterable[Condition]:
    if node.op == "contract":
        return
    operation = operations.by_name.get(node.op)
    if operation is None:
        raise RuleProblem(f"no rule file has the operation `{node.op}`")
    if node.op == "intpower":
        exponent = node.args[1].data
        if isinstance(exponent, Fraction) and exponent < 0:
            yield Condition(node.args[0], None, None, 0.0, "X != 0 (negative power)")
    if operation.domain is not None:
        try:
            limits = parse(operation.domain)
        except RuleProblem as problem:
            raise RuleProblem(f"`{operation.name}`: {problem.message}") from None
        target = _target(limits.text, node, operation, instantiate)
        label = f"{operation.domain} ({operation.name})"
        yield Condition(target, limits.lower, limits.upper, limits.forbidden, label)


def _target(text: str, node: Node, operation: Operation, instantiate: Instantiate) -> Node:
    """The node that ``text`` stands for; a bare operand needs no parsing."""
    if text == "Y":
        return node
    if text in operation.operands:
        return node.args[operation.operands.index(text)]
    return instantiate(text, node)
