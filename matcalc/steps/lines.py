"""The lines of a record: values, deltas with their rules, uses, each as equal forms."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from matcalc.deltas.projection import Projection
from matcalc.graph.node import Node
from matcalc.steps.reasons import Form

T = TypeVar("T")


@dataclass(frozen=True)
class Value:
    """A value of the formula.

    ``number`` is that of its layer, None for the formula's own value; ``symbol`` is what stands for it in forms, the
    variable ``name`` where the formula names it.  ``forms`` are what it is made of, in placeholders and written out.
    """

    number: int | None
    symbol: Node
    node: Node
    name: Node | None
    forms: tuple[Form, ...]
    operation: str
    is_leaf: bool = False


@dataclass(frozen=True)
class Rule:
    """The rule that made a delta: ``sumsq`` in ``rules/products.toml`` sends ``2*D*X`` to its operand ``X``."""

    operation: str
    operand: str
    text: str
    file: str


@dataclass(frozen=True)
class Delta:
    """The delta of a value: the sum of what the rules of its users send, as equal forms."""

    value: Value
    symbol: Node
    rules: tuple[Rule, ...]
    forms: tuple[Form, ...]


@dataclass(frozen=True)
class Use:
    """One use of the variable, as itself or as ``through`` (its transpose, or it in every entry), in ``value``.

    ``forms`` are what it contributes.
    """

    through: Node
    value: Value
    rule: Rule
    forms: tuple[Form, ...]


@dataclass(frozen=True)
class Part(Generic[T]):
    """Lines of one kind; of many, the first and the last, and ``left_out`` in between at ``place``."""

    lines: tuple[T, ...]
    left_out: int = 0

    @property
    def place(self) -> int:
        """Before which line the others are left out."""
        return len(self.lines) // 2 if self.left_out else -1


@dataclass(frozen=True)
class Record:
    """One backward sweep through ``formula`` with respect to ``variable``.

    ``seed`` is the delta of the formula's own ``value``: 1 for a gradient, a variable where a delta arrives.
    ``total`` are the forms of the result, ``ambient`` those of the gradient in free entries where the result is its
    ``projection``.  ``letters`` are those of values and of deltas.
    """

    formula: Node
    variable: Node
    seed: Node
    value: Value
    values: Part[Value]
    deltas: Part[Delta]
    uses: Part[Use]
    total: tuple[Form, ...]
    ambient: tuple[Form, ...]
    projection: Projection | None
    letters: tuple[str, str]
    symbols: Mapping[Node, tuple[str, int]]
