"""The gradient in a variable of known structure: the ambient gradient's part in the structure's own space."""

from __future__ import annotations

from collections.abc import Container
from typing import NamedTuple

from matcalc.errors import DerivationProblem
from matcalc.graph.node import Graph, Node
from matcalc.graph.template import instantiate
from matcalc.language.names import unicode_name
from matcalc.operations import Operations
from matcalc.printers.text import write
from matcalc.structure import Structure, Structures

_LETTERS = ("G", "H", "F", "E")


class Projection(NamedTuple):
    """How the gradient in ``variable`` comes from the ambient gradient, for which ``symbol`` stands in ``rule``."""

    structure: Structure
    variable: Node
    symbol: Node
    rule: Node
    text: str
    cookbook: bool

    def note(self, operations: Operations) -> str:
        """What the reader must know: ``S is symmetric: this is the projection (G + Gᵀ)/2 …``."""
        name = unicode_name(str(self.variable.data))
        letter, rule = self.symbol.data, write(self.rule, "unicode", operations)
        head = f"{name} is {self.structure.name}: this is"
        if self.cookbook:
            return (
                f"{head} the derivative in the independent entries, {rule} of the ambient gradient {letter}"
                " (Matrix Cookbook, equation 138), not its projection"
            )
        onto = self.structure.onto.replace(" at X", f" at {name}")
        return f"{head} the projection {rule} of the ambient gradient {letter} onto {onto}"


def refuse_constant(name: str, structures: Structures) -> None:
    """Raise ``DerivationProblem`` for a variable that is assumed constant."""
    if structures.has(name, "constant"):
        raise DerivationProblem(f"{unicode_name(name)} is assumed constant, so there is no derivative in it")


def projection(
    variable: Node, structures: Structures, graph: Graph, operations: Operations, taken: Container[str]
) -> Projection | None:
    """The projection for the gradient in a variable; None where that is the ambient gradient itself."""
    name = str(variable.data)
    structure = structures.projecting(name)
    if structure is None:
        return None
    cookbook = structures.rule == "cookbook" and structure.cookbook is not None
    text = structure.cookbook if cookbook else structure.projection
    assert text is not None
    letter = next((letter for letter in _LETTERS if letter not in taken), _LETTERS[0])
    symbol = graph.variable(letter, variable.shape)
    rule = instantiate(text, {"G": symbol, "X": variable}, graph, operations, variable.shape)
    return Projection(structure, variable, symbol, rule, text, cookbook)


def projected(given: Projection, ambient: Node, graph: Graph, operations: Operations) -> Node:
    """The gradient, not simplified, for the ambient gradient."""
    bound = {"G": ambient, "X": given.variable}
    return instantiate(given.text, bound, graph, operations, given.variable.shape)
