"""A result as text in one spelling.

Constants get their size where the formula alone would not tell it, long formulas name what they repeat, and names that
stand for values are defined after the formula.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from matcalc.errors import DerivationProblem, MatcalcError
from matcalc.graph.build import build
from matcalc.graph.node import Graph, Node, Shape, Size, axes, is_row, topological
from matcalc.language.indices import resolve
from matcalc.language.parser import parse
from matcalc.operations import Operations
from matcalc.printers.abbreviations import LONG, LONG_WITH_NAMES, abbreviations, is_longer
from matcalc.printers.formula import Formula
from matcalc.printers.indexed import indexed_nodes, is_shift
from matcalc.printers.spelling import ASCII, LATEX, UNICODE

SPELLINGS = {"unicode": UNICODE, "ascii": ASCII, "latex": LATEX}
_ENDLESS = 10**9
_LONGEST = 200_000  # characters of a formula that is written out


class Written(NamedTuple):
    """A formula and the definitions of the names in it, ``h1 = tanh(Uh0 + Px1)``; ``writer`` wrote it."""

    formula: str
    definitions: tuple[str, ...]
    writer: Formula

    def part(self, node: Node) -> str:
        """Another formula in terms of the same names."""
        return self.writer.text(node)

    def __str__(self) -> str:
        if not self.definitions:
            return self.formula
        where = " \\quad\\text{where}\\quad " if self.writer.spelling.latex else " where "
        return f"{self.formula}{where}{', '.join(self.definitions)}"

    def lines(self, width: int) -> str:
        """The same, with a line for each definition where one line would be longer than ``width``."""
        if len(str(self)) <= width or not self.definitions:
            return str(self)
        where = "\\text{where }" if self.writer.spelling.latex else "where "
        return f"{self.formula}\n  {where}" + f",\n  {' ' * len(where)}".join(self.definitions)


def write(node: Node, spelling: str, operations: Operations, taken: frozenset[str] = frozenset()) -> str:
    """The formula of a node, with a ``where`` clause for what it repeats if it is long.

    ``taken`` are names, beside those of its variables, that new names must differ from.
    """
    return str(written(node, spelling, operations, taken))


def written(
    node: Node,
    spelling: str,
    operations: Operations,
    taken: frozenset[str] = frozenset(),
    bodies: Mapping[str, Node] | None = None,
    inline: bool = False,
    long: int = LONG,
    left: str = "",
    known: Iterable[Node] = (),
) -> Written:
    """The formula of a node with the definitions of its names.

    ``bodies`` are what those of its variables that stand for values are made of, each after those that it needs.
    The formula stands behind the ``left`` side, which tells the sizes of ``known`` variables by their indices.
    What is repeated gets a name where the formula is ``long``, with ``inline`` never.  Raises ``DerivationProblem`` where it is too long to be so written.
    """
    bodies = bodies or {}
    if node.op == "fill" and node.args[0].data == 0:
        return Written("0", (), Formula(SPELLINGS[spelling], operations))  # of whatever shape
    order = topological([node])
    everything = [*order, *topological(bodies.values(), set(order))]
    variables = {
        str(inner.data): inner
        for inner in everything
        if inner.op == "variable" and str(inner.data) not in bodies
    }
    sizes = {str(size) for inner in everything for size in inner.shape if size is not None}
    taken |= variables.keys() | bodies.keys()
    if inline and is_longer(order, _LONGEST):
        raise DerivationProblem(
            f"written out, this result has more than {_LONGEST:,} characters; leave names in it (no --inline)"
        )
    indexed, needed = indexed_nodes(everything, operations)
    if node in indexed and is_row(node.shape):
        needed.append(node)  # y where y[1,i] = …: the letter alone would be that of a column
    long = _ENDLESS if inline else min(long, LONG_WITH_NAMES) if bodies else long
    named = abbreviations(order, taken | sizes, long, needed)
    letters = variables.keys() | bodies.keys() | {*named.values()} | _written_sizes(everything)
    shifts = {inner.shape for inner in everything if inner.op == "selection" and is_shift(inner)}
    declared = {name: axes(variable.shape) for name, variable in variables.items()}
    declared |= {str(variable.data): axes(variable.shape) for variable in known}
    for sized, exact in ((False, False), (True, False), (True, True)):
        formula = Formula(SPELLINGS[spelling], operations, named, taken, sized, indexed, letters, exact)
        found = _written(node, formula, bodies)
        vague = shifts or formula.wrote_zero or (formula.wrote_constant and not sized)
        if exact or not vague:
            break
        texts = [str(found), f"{left} = {found}"] if left else [str(found)]
        if any(_tells_sizes(text, declared, operations, node, shifts) for text in texts):
            break
    return found


def _written_sizes(order: Sequence[Node]) -> set[str]:
    """The sizes that stand in a formula as numbers."""
    return {str(node.data) for node in order if node.op == "size"}


def _written(node: Node, formula: Formula, bodies: Mapping[str, Node]) -> Written:
    text = formula.text(node)
    definitions = [formula.equation(given, body) for given, body in bodies.items()]
    definitions += [formula.definition(inner) for inner in formula.named]
    return Written(text, tuple(definitions), formula)


def _tells_sizes(
    text: str,
    declared: dict[str, tuple[str | int, ...]],
    operations: Operations,
    node: Node,
    shifts: Collection[Shape],
) -> bool:
    """Whether a reader who knows the variables' shapes finds the size of every constant in the text of ``node``.

    How far the letters of an x[i+p] run, the reader guesses to be as far as what they shift over fits into x; the
    ``shifts`` say whether it does.
    """
    try:
        parsed = parse(text, declared.keys(), operations.functions)
        indices = resolve(parsed, text, declared)
        built = build(indices.tree, text, Graph(), operations, declared, indices.definitions, indices=indices)
    except MatcalcError:
        return False
    if not shifts:
        return not built.invented
    fit = not built.measured or all(_fits(*shape) for shape in shifts)
    return fit and not built.invented and built.value.shape == node.shape


def _fits(*shift: Size | None) -> bool:
    """Whether the entries that x[i+p] takes are those of x, none beyond the last; given how far x, i and p run."""
    numbers = [size for size in shift if isinstance(size, int)]
    return len(numbers) == 3 and numbers[0] == numbers[1] + numbers[2] - 1
