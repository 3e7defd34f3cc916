"""Each use of a variable, what it contributes to the gradient, and the transposes that tie the uses together.

A use may go through the transpose of the variable, or through a scalar in every entry: in ‖WᵀWx − x‖² the
weight W is used as Wᵀ and as W.  What such a use contributes is the gradient with respect to Wᵀ, transposed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from matcalc.graph.node import Graph, Node
from matcalc.operations import Operations
from matcalc.printers.tables.cells import Cell, Scribe, spelling_of
from matcalc.steps.uses import RawUse, send


@dataclass(frozen=True)
class Use:
    """What one use of the variable sends back to it.

    ``through`` is the form in which the variable is used, W or Wᵀ, and ``user`` the value of the operation
    that uses it.  ``forms`` are equal ways to write the contribution: in terms of the δ of the operation,
    with that δ put in, and simplified.  ``value`` is the last.
    """

    through: Cell
    user: Cell
    rule: str
    forms: tuple[Cell, ...]
    value: Cell
    alone: bool = True  # no other use goes through the same form

    def text(self, spelling: str = "unicode") -> str:
        """One line: ``through Wᵀ: (∇_{Wᵀ})ᵀ = … = 2Wx(WᵀWx − x)ᵀ``."""
        forms = list(dict.fromkeys(form.text(spelling) for form in self.forms))
        place = "" if self.alone else f" in {self.user.text(spelling)}"
        return f"through {self.through.text(spelling)}{place}: {' = '.join(forms)}"

    def as_dict(self) -> dict[str, object]:
        """The cells' texts by spelling."""
        return {
            "through": self.through.as_dict(),
            "user": self.user.as_dict(),
            "rule": self.rule,
            "forms": [form.as_dict() for form in self.forms],
            "value": self.value.as_dict(),
        }

    def __str__(self) -> str:
        return self.text()


class UseWriter:
    """Makes the lines; ``symbols`` and ``deltas`` hold δ of an operation, as a placeholder and simplified."""

    def __init__(
        self,
        scribe: Scribe,
        graph: Graph,
        operations: Operations,
        symbols: Mapping[Node, Node],
        deltas: Mapping[Node, Node],
    ) -> None:
        self.scribe = scribe
        self.graph = graph
        self.operations = operations
        self.symbols = symbols
        self.deltas = deltas

    def uses(self, raw: Sequence[RawUse], values: Sequence[Node]) -> tuple[Use, ...]:
        """The lines of uses whose simplified contributions are ``values``."""
        counts = Counter(use.through for use in raw)
        return tuple(
            self._use(use, value, counts[use.through] == 1) for use, value in zip(raw, values, strict=True)
        )

    def _use(self, raw: RawUse, value: Node, alone: bool) -> Use:
        user = raw.contribution.user
        wrapped = raw.wrapper is not None
        through = raw.through.args[0] if raw.through.op == "fill" else raw.through
        last = self.scribe.formula(value)
        forms = [self._gradient(raw.through)] if raw.through.op == "transpose" else []
        for delta in (self.symbols.get(user), self.deltas.get(user)):
            if delta is not None:
                forms.append(self.scribe.sketch(self._sent(raw, delta, wrapped)))
        return Use(
            self.scribe.formula(through),
            self.scribe.formula(user),
            raw.contribution.rule,
            (*forms, last),
            last,
            alone,
        )

    def _sent(self, raw: RawUse, delta: Node, wrapped: bool) -> Node:
        """What the use contributes when ``delta`` arrives at its operation."""
        user = raw.contribution.user
        operand = raw.contribution.operand
        position = int(operand) if user.op == "contract" else self.operations[user.op].operands.index(operand)
        sent = send(user, position, delta, self.graph, self.operations)
        if wrapped:
            sent = send(raw.through, 0, sent, self.graph, self.operations)
        return sent

    def _gradient(self, transposed: Node) -> Cell:
        """(∇_{Wᵀ})ᵀ: the gradient with respect to the transpose, transposed."""

        def write(spelling: str) -> str:
            sign = nabla(self.scribe.at(transposed, spelling, 0), spelling, True)
            return f"({sign}){spelling_of(spelling).transpose}"

        return Cell(None, write)


def nabla(name: str, spelling: str, below: bool = False) -> str:
    """The gradient with respect to something, as a symbol."""
    if spelling == "ascii":
        return f"grad_{{{name}}}" if below else f"grad {name}"
    if spelling == "latex":
        return f"\\nabla_{{{name}}}"
    return f"∇_{{{name}}}" if below else f"∇{name}"


def added(values: Sequence[Node], graph: Graph) -> Iterator[Node]:
    """The sum of the contributions of uses, the first use last, where there are several."""
    if len(values) > 1:
        total = values[-1]
        for value in values[-2::-1]:
            total = graph.node("add", (total, value), total.shape)
        yield total
