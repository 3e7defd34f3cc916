"""A derivative that is no gradient: a Jacobian, a Hessian, a pullback, a pushforward or a product with a Hessian."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from matcalc.claims import Claim
from matcalc.derivation import Derivation, reading_name
from matcalc.graph.node import SCALAR, Node, Size, axes, own_axes, topological
from matcalc.language.names import unicode_name
from matcalc.naming import Names
from matcalc.printers.abbreviations import LONG_WITH_AXES
from matcalc.reading import Reading

_CALLED = {"jacobian": "Jacobian", "hessian": "Hessian", "hvp": "Hessian-vector product"}  # in notes


@dataclass(frozen=True)
class Question:
    """What is asked: the formula, its own value under a name where that helps, and the variables.

    ``directions`` are the variables that stand for an arriving delta or a direction.  A variable that the formula
    defines has no definition in ``reading``, but in ``origin``.
    """

    kind: str
    reading: Reading
    variables: tuple[tuple[str, Node], ...]
    directions: tuple[Node, ...] = ()
    layout: str = "numerator"
    origin: Names | None = None  # where a variable is an intermediate value: all names of the formula


class Derivative(Derivation):
    """A derivative that is no gradient; its shape is that of the value followed by those of the variables."""

    def __init__(
        self,
        question: Question,
        named: Node,
        names: Names,
        shape: tuple[Size, ...],
        claims: Sequence[Claim],
    ) -> None:
        ((wrt, variable), *_) = question.variables
        super().__init__(question.reading, wrt, variable, named, None, names, question.origin)
        self.kind = question.kind
        self.long = LONG_WITH_AXES
        self.question = question
        self._shape = shape
        self._claims = tuple(claims)
        self._remarks: tuple[str, ...] = ()

    @property
    def shape(self) -> tuple[Size, ...]:
        """The shape of the derivative."""
        return self._shape

    @property
    def shapes(self) -> dict[str, tuple[Size, ...]]:
        """The shapes of the variables, the deltas and directions among them, by name."""
        known = dict(super().shapes)
        for node in self.question.directions:
            known[reading_name(self.reading, str(node.data))] = axes(node.shape)
        return known

    @property
    def notes(self) -> tuple[str, ...]:
        """How the formula was read, and what else the reader of the result should know."""
        inner = [
            f"{wrt} is an intermediate value; it is a variable here"
            for wrt, variable in dict.fromkeys(self.question.variables)
            if self.origin is not None and str(variable.data) in self.origin.by_name
        ]
        vain = [
            f"{wrt} does not occur in the formula"
            for wrt, variable in dict.fromkeys(self.question.variables)
            if not depends_on(self.reading.value, variable)
        ]
        return (*self.reading.notes, *inner, *vain, *self._remarks, *self._free_entries())

    def _free_entries(self) -> list[str]:
        """Notes that a variable of known structure moves as if it had none."""
        structures = self.reading.structures
        kinds = {node: structures.projecting(node.data) for _, node in self.question.variables}
        return [
            f"{unicode_name(str(node.data))} is {kind.name}; this {_CALLED.get(self.kind, self.kind)} treats its entries"
            " as independent"
            for node, kind in kinds.items()
            if kind is not None
        ]

    @property
    def inlined(self) -> Derivation:
        """The same derivative with all definitions put in."""
        if not self.names:
            return self
        question = replace(self.question, reading=self.reading._replace(names={}))
        from matcalc.kinds import answer

        return answer(question, own_name=False)

    @cached_property
    def sympy(self) -> Any:
        """The derivative in SymPy; beyond two axes an array expression, whose shape is that of the derivative."""
        from matcalc.printers.to_sympy import to_sympy

        result = self.inlined.result
        is_row = len(own_axes(result.shape)) < len(self._shape)
        return to_sympy(result, self.reading, row=is_row)

    def claims(self) -> Sequence[Claim]:
        """What the check proves: scalar values and their gradients."""
        return self._claims

    def heads(self) -> Sequence[Node]:
        """The variables that ``head`` names."""
        return [node for _, node in self.question.variables]

    def head(self, spelling: str) -> str:
        """What the formula is equal to: ``∂Y[i,j]/∂X[k,l]``."""
        from matcalc.printers import heads

        reading = self.reading
        variables = [node for _, node in self.question.variables]
        name = reading.names.get(reading.value) or own_value_name(reading, self.question.directions)
        value = reading.graph.variable(name, reading.value.shape)
        if self.kind == "pullback":
            return heads.delta_head(spelling, self.variable)
        if self.kind == "pushforward":
            return heads.differential_head(spelling, value)
        if self.kind == "hvp":
            return heads.hessian_product_head(spelling, self.variable, self.question.directions[0])
        vec = self.question.layout == "kron"
        return heads.derivative_head(spelling, value, variables, self.named, reading.operations, vec)


def own_value_name(reading: Reading, directions: Sequence[Node] = ()) -> str:
    """A free name for the value of a formula: f, y, or Y where it is a matrix; none that a direction has."""
    taken = {*reading.shapes, *reading.declared, *reading.names.values()}
    taken |= {str(node.data) for node in directions}
    shape = reading.value.shape
    letters = "fghLEJ" if shape == SCALAR else "yzuvhq" if None in shape else "YZUVHQ"
    return next((letter for letter in letters if letter not in taken), f"{letters[0]}_0")


def depends_on(value: Node, variable: Node) -> bool:
    return any(node is variable for node in topological([value]))
