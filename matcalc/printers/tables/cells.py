"""The cells of tables: formulas, written when they are asked for, shortened where they would be endless."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field

from matcalc.graph.node import SCALAR, Node, Shape, axes, topological
from matcalc.naming import Names
from matcalc.operations import Operations
from matcalc.printers.formula import Formula
from matcalc.printers.indexed import is_indexed
from matcalc.printers.levels import POSTFIX, SUM, UNIT, Text
from matcalc.printers.shapes import shape_text
from matcalc.printers.spelling import UNICODE, Spelling
from matcalc.printers.text import SPELLINGS, write

LARGE = 60  # graphs with more nodes have their long formulas shortened
_LONG = 200  # a formula that takes about so many characters is long
_SHOWN = 40  # pieces that are shown of a formula that is shortened
_MOST = 600  # no piece of a shortened formula is longer
_ENDLESS = 10**9

Symbol = Callable[[Spelling], Text]  # how a placeholder is written in each spelling


@dataclass(frozen=True, eq=False)
class Cell:
    """One cell: a text in each spelling and, where it is a formula of its own, the node."""

    node: Node | None
    _writer: Callable[[str], str] = field(repr=False)
    _texts: dict[str, str] = field(default_factory=dict, repr=False)

    def text(self, spelling: str = "unicode") -> str:
        """The cell in a spelling: ``unicode``, ``ascii`` or ``latex``."""
        if spelling not in self._texts:
            self._texts[spelling] = self._writer(spelling)
        return self._texts[spelling]

    def unicode(self) -> str:
        """The cell as papers print it."""
        return self.text("unicode")

    def ascii(self) -> str:
        """The cell as MATLAB writes it."""
        return self.text("ascii")

    def latex(self) -> str:
        """The cell in LaTeX, without dollar signs."""
        return self.text("latex")

    def as_dict(self) -> dict[str, str]:
        """The texts by spelling."""
        return {spelling: self.text(spelling) for spelling in SPELLINGS}

    def __str__(self) -> str:
        return self.unicode()


def words(text: str, ascii: str | None = None, latex: str | None = None) -> Cell:
    """A cell that is no formula; its text is the same in every spelling, except where another is given."""
    texts = {"unicode": text, "ascii": ascii or text, "latex": latex or text}
    return Cell(None, texts.__getitem__)


def shape_cell(shape: Shape) -> Cell:
    """The shape of a value."""
    return Cell(None, lambda spelling: shape_text(axes(shape), spelling))


NOTHING = words("–", ascii="-", latex="\\text{--}")


class Scribe:
    """Writes the formulas of one table.

    ``symbols`` says how placeholders are written; values of ``names`` are written by their names.
    """

    def __init__(
        self,
        operations: Operations,
        taken: Iterable[str] = (),
        large: bool = False,
        names: Names | None = None,
    ) -> None:
        self.operations = operations
        self.names = names
        self.taken = frozenset(taken)
        self.large = large
        self.symbols: dict[Node, Symbol] = {}
        self.indexed: set[Node] = set()  # what is written by its entries
        self._lengths: dict[Node, int] = {}
        self._formulas: dict[str, _CellFormula] = {}

    def formula(self, node: Node) -> Cell:
        """The cell of a formula without placeholders: it reads back unless it was shortened."""
        node = self._view(node)
        return Cell(node, lambda spelling: self._formula(node, spelling))

    def definition(self, node: Node) -> Cell:
        """The cell of a formula; of one that has a name, ``h1 = tanh(Uh0 + Px1)``."""
        if self.names is None or node not in self.names.variables:
            return self.formula(node)
        body, name = self.names.body(node), self._view(node)
        return Cell(name, lambda spelling: f"{self.at(name, spelling, 0)} = {self._formula(body, spelling)}")

    def _view(self, node: Node) -> Node:
        return node if self.names is None else self.names.view([node])[0]

    def sketch(self, node: Node, keep: bool = False) -> Cell:
        """The cell of a formula with placeholders; the node is kept where that is asked."""
        return Cell(node if keep else None, lambda spelling: self.at(node, spelling, 0))

    def _formula(self, node: Node, spelling: str) -> str:
        if self.large and self._length(node) > _LONG:
            return self.at(node, spelling, 0)
        return write(node, spelling, self.operations, self.taken)

    def at(self, node: Node, spelling: str, level: int) -> str:
        """The text of a node where something binds at ``level``; long ones are shortened."""
        node = self._view(node)
        if self._length(node) > _LONG:
            return self._new(spelling).shortened(node, level)
        formula = self._formulas.get(spelling)
        if formula is None:
            formula = self._formulas[spelling] = self._new(spelling)
        formula.write_all([node])
        return formula.at(node, level)

    def entries(self, node: Node, spelling: str, left: str) -> str:
        """What the entries of a value are, as an equation behind its ``left`` side: ``z₁[i,j] = …``."""
        if self._length(node) > _LONG:
            return f"{left} = {self.at(node, spelling, 0)}"
        formula = self._new(spelling)
        formula.write_all(node.args)
        return formula.entries.equation(node, left)

    def _new(self, spelling: str) -> _CellFormula:
        return _CellFormula(SPELLINGS[spelling], self.operations, self.symbols, self.taken, self.indexed)

    def _length(self, node: Node) -> int:
        """About how many characters a node takes when it is written out; notes what is written by its entries."""
        if node not in self._lengths:
            stack = [node]
            while stack:
                inner = stack[-1]
                missing = [arg for arg in inner.args if arg not in self._lengths]
                if missing:
                    stack.extend(missing)
                    continue
                stack.pop()
                length = sum(self._lengths[arg] for arg in inner.args)
                if is_indexed(inner, self.indexed, self.operations):
                    self.indexed.add(inner)
                self._lengths[inner] = min(length + (3 if inner.args else 1), _ENDLESS)
        return self._lengths[node]


class _CellFormula(Formula):
    """A formula with placeholders, whose depths may be left out."""

    def __init__(
        self,
        spelling: Spelling,
        operations: Operations,
        symbols: Mapping[Node, Symbol],
        taken: frozenset[str],
        indexed: Collection[Node],
    ) -> None:
        super().__init__(spelling, operations, taken=taken, indexed=indexed, unusable=taken)
        self.symbols = symbols

    def _write(self, node: Node) -> Text:
        symbol = self.symbols.get(node)
        if symbol is not None:
            return symbol(self.spelling)
        if node in self.named or (node.op == "contract" and node.shape != SCALAR):  # that has entries only
            return self._dots, UNIT
        if node in self.entries.indexed and node.op != "variable":
            text, level = self.entries.text(node), SUM
        else:
            text, level = super()._write(node)
        return (self._dots, UNIT) if len(text) > _MOST else (text, level)

    def _is_whole(self, node: Node) -> bool:
        return True

    @property
    def _dots(self) -> str:
        return "\\dots" if self.spelling.latex else "..." if self.spelling is not UNICODE else "…"

    def shortened(self, root: Node, level: int) -> str:
        """The outermost pieces of a formula; those inside are dots.  The work does not depend on its size."""
        shown: set[Node] = set()
        waiting = deque([root])
        budget = _SHOWN
        while waiting and budget:
            node = waiting.popleft()
            budget -= 1
            shown.add(node)
            waiting.extend(node.args)
        edge = {arg for node in shown for arg in node.args} - shown
        # What a writer looks through, a scalar in every entry, is never at the edge.
        edge |= {node.args[0] for node in edge if node.op == "fill"} - shown
        self.named = {node: "" for node in edge if node.args and node.op != "fill"}
        for node in sorted(shown | edge, key=lambda node: node.id):
            self._texts[node] = self._write(node)
        return self.at(root, level)


def placeholder(letter: str, number: int | None, above: bool = True) -> Symbol:
    """How z and δ of a layer are written: the number of δ stands ``above``, as in the sources; none where that is 0."""

    def symbol(spelling: Spelling) -> Text:
        name = spelling.name(letter)
        if not number:
            return name, UNIT
        if spelling.latex:
            return f"{name}^{{({number})}}", POSTFIX
        if spelling is not UNICODE:
            return f"{name}{number}", UNIT
        if above:
            return spelling.power(name, str(number), False), POSTFIX
        return spelling.name(f"{letter}_{number}"), UNIT

    return symbol


def spelling_of(name: str) -> Spelling:
    """The spelling of this name."""
    return SPELLINGS[name]


def count(root: Node) -> int:
    """How many nodes a graph has."""
    return len(topological([root]))
