"""A derivation as a page: sections of equations with what stands beside them, in one spelling.

The printers of this folder show a page as plain text, in the terminal, as Markdown, LaTeX or HTML; what is on it is
decided here.  A short page shows of each line the first form, the last one in placeholders and the last of all, and
leaves out what is too long; a verbose one shows everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar

from matcalc.graph.node import SCALAR, Node, topological
from matcalc.printers.heads import delta_head
from matcalc.printers.tables.cells import LARGE, NOTHING, Scribe, count, placeholder, shape_cell, spelling_of
from matcalc.printers.tables.network import LayerRow
from matcalc.printers.tables.nodes import NodeRow
from matcalc.printers.tables.uses import nabla
from matcalc.printers.text import Written, written
from matcalc.printers.worked.model import (
    Equation,
    Page,
    Piece,
    Pieces,
    Section,
    Side,
    Table,
    code,
    math,
    words,
)
from matcalc.steps.lines import Delta, Part, Record, Rule, Use, Value
from matcalc.steps.reasons import PUT_IN, Form
from matcalc.steps.record import FEW
from matcalc.steps.stages import Stage, stages
from matcalc.steps.table import taken_names

if TYPE_CHECKING:
    from matcalc.derivation import Derivation
    from matcalc.printers.steps import Steps

_LONG = 72  # characters of a form that a short page leaves out where the line has a shorter one
_COLUMN = 32  # characters of a column of worked-out deltas that a short page shows
_WIDE = 100  # characters from which a result in LaTeX has names for what it repeats
_LONGEST = 4000  # characters of a form that no page shows where the line has a shorter one
_OBVIOUS = frozenset(
    ["put in", "ones", "numbers", "normal form", "whole", "transposed multiple"]
)  # reasons that a short page leaves out
_HEADINGS = {"f′": "f'", "δ": "\\delta"}
T = TypeVar("T")


def page_of(
    derivation: Derivation, steps: Steps | None, spelling: str = "unicode", verbose: bool = False
) -> Page:
    """The page of a derivation with its layer table ``steps``, where it has one."""
    return _Pages(derivation, spelling, verbose).page(steps)


_LEGEND = (
    Piece("In the rules "),
    code("D"),
    Piece(" is the delta that arrives, "),
    code("Y"),
    Piece(" the value of the operation itself; other capital letters are its operands."),
)


class _Pages:
    """Writes the page of one derivation in one spelling."""

    def __init__(self, derivation: Derivation, spelling: str, verbose: bool) -> None:
        self.derivation = derivation
        self.spelling = spelling
        self.verbose = verbose
        self.operations = derivation.reading.operations
        self.taken = taken_names(derivation)
        self.large = count(derivation.value) > LARGE
        self.scribe = Scribe(self.operations, self.taken, self.large)
        self.letter = ""  # of the values of a sweep

    def page(self, steps: Steps | None) -> Page:
        sections: list[Section] = []
        found = stages(self.derivation, self.verbose)
        for number, stage in enumerate(found, 1):
            sections += self._stage(stage, f"Sweep {number}, {stage.title}: " if len(found) > 1 else "")
        if found[-1].ending:
            sections.append(self._result(found[-1]))
        formula = self.scribe.formula(found[0].record.formula).text(self.spelling)
        head = self.derivation.head(self.spelling)
        swept = steps is not None and self.derivation.kind == "gradient"
        table = self._table(steps) if steps and swept and (self.verbose or steps.kind == "network") else None
        caption: Pieces = ()
        if table is not None and steps is not None and steps.objective is not None:
            objective = math(steps.objective.text(self.spelling))
            caption = (Piece("as a network: the last layer's activations give "), objective)
        title = (math(head), Piece(" of "), math(formula))
        legend = _LEGEND if self.verbose else ()
        return Page(
            title,
            caption,
            table,
            tuple(sections),
            legend,
            "" if found[-1].ending else self._closing(steps),
            self.spelling,
            self.verbose,
        )

    def _closing(self, steps: Steps | None) -> str:
        if steps is not None and self.derivation.projection is not None:
            return steps.sum_line(self.spelling)
        head = self.derivation.head(self.spelling)
        if self.derivation.kind == "gradient":  # shortened where it is long
            return f"{head} = {self.scribe.formula(self.derivation.named).text(self.spelling)}"
        return f"{head} = {self.derivation.written(self.spelling, headed=True)}"

    def _table(self, steps: Steps) -> Table:
        rows = list(steps)
        left_out = 0 if self.verbose or len(rows) <= FEW else len(rows) - FEW
        shown = rows[: FEW // 2] + rows[len(rows) - FEW // 2 :] if left_out else rows
        widest = max((len(row.cells()[-1].text()) for row in shown), default=0)
        columns = -1 if widest > _COLUMN and not self.verbose else None  # the lines below say it, too
        cells = tuple(tuple(self._cells(row))[:columns] for row in shown)
        headings = tuple(map(self._heading, steps.headings(self.spelling)[:columns]))
        return Table(headings, cells, left_out, FEW // 2 if left_out else -1)

    def _cells(self, row: LayerRow | NodeRow) -> Iterator[Piece]:
        for cell in row.cells():
            if isinstance(row, NodeRow) and cell is row.rule and cell is not NOTHING:
                yield code(cell.text(self.spelling if self.spelling == "ascii" else "unicode"))
            else:
                yield math(cell.text(self.spelling))

    def _heading(self, text: str) -> Pieces:
        """The name of a column, its letters as formulas: ``activation f``."""
        first, _, rest = text.partition(" ")
        if first in ("f′", "f'", "δ", "delta"):
            letter = _HEADINGS.get(first, first) if self.spelling == "latex" else first
            return (math(letter), *([Piece(f" {rest}")] if rest else []))
        return (Piece(f"{first} "), math(rest)) if len(rest) == 1 else (Piece(text),)

    # Sections --------------------------------------------------------------------------------------------------

    def _stage(self, stage: Stage, before: str) -> Iterator[Section]:
        record = stage.record
        self.scribe = Scribe(self.operations, self.taken, self.large)
        for node, (letter, number) in record.symbols.items():
            self.scribe.symbols[node] = placeholder(letter, number, letter == record.letters[1])
        self.letter = record.letters[0]
        at = self._at
        yield self._section(words(f"{before}Forward"), record.values, self._value)
        if record.deltas.lines:
            first = record.deltas.lines[0]
            title = (
                Piece("Backward: "),
                math(at(first.symbol)),
                Piece(" is the derivative of ")
                if record.seed.op == "number"
                else Piece(" is the delta that arrives at "),
                *(
                    (math(at(record.value.symbol)), Piece(" with respect to "))
                    if record.seed.op == "number"
                    else ()
                ),
                math(at(first.value.symbol)),
                Piece(", and so on"),
            )
            yield self._section(title, record.deltas, self._delta)
        yield from self._uses(record)

    def _uses(self, record: Record) -> Iterator[Section]:
        """What each use contributes, and the sum; of one use alone, the contribution is the result."""
        variable = math(self._at(record.variable))
        left = nabla(variable.text, self.spelling)
        if record.seed.op != "number":
            left = delta_head(self.spelling, record.variable)
        times = len(record.uses.lines) + record.uses.left_out
        if times == 1 and record.projection is None:
            (use,) = record.uses.lines
            title = (
                variable,
                Piece(" is used once, "),
                *_place(self._at(use.through), self._at(use.value.symbol)),
            )
            last = record.total[-1:] if record.total[-1].node is not use.forms[-1].node else ()
            left, sides = self._equal(left, (*use.forms, *last), whole=True)
            yield Section(title, (Equation(left, self._ruled(sides, [use.rule])),))
            return
        if times:
            title = (variable, Piece(f" is used {times} times" if times > 1 else " is used once"))
            yield self._section(title, record.uses, self._use)
        equations = [Equation(*self._equal(left, record.total, True, True))] if record.total else []
        if record.projection is not None and record.ambient:
            ambient = self._equal(self._at(record.projection.symbol), record.ambient, True, True)
            equations.insert(0, Equation(*ambient))
        if equations:
            yield Section(words("Their sum" if times > 1 else "Together"), tuple(equations))

    def _section(self, title: Pieces, part: Part[T], equation: Callable[[T], Equation]) -> Section:
        return Section(title, tuple(map(equation, part.lines)), part.left_out, part.place)

    def _value(self, value: Value) -> Equation:
        shape = math(shape_cell(value.node.shape).text(self.spelling))
        notes: list[Pieces] = [(shape,)]
        operation = self.operations.by_name.get(value.node.op)
        if self.verbose and operation is not None:
            notes.append((code(value.operation),))
        symbol, forms = self._equal(self._at(value.symbol), value.forms)
        last = Side(forms[-1].text, (*forms[-1].notes, *notes))
        number = ""
        if value.name is not None and value.number is not None:
            number = f"{placeholder(self.letter, value.number, False)(spelling_of(self.spelling))[0]} = "
        return Equation(number + symbol, (*forms[:-1], last))

    def _delta(self, delta: Delta) -> Equation:
        symbol, forms = self._equal(self._at(delta.symbol), delta.forms)
        return Equation(symbol, self._ruled(forms, delta.rules))

    def _use(self, use: Use) -> Equation:
        place = _place(self._at(use.through), self._at(use.value.symbol))
        left, forms = self._equal("", use.forms)
        return Equation(left, self._ruled(forms, [use.rule]), place)

    def _ruled(self, sides: tuple[Side, ...], rules: Sequence[Rule]) -> tuple[Side, ...]:
        """Sides with the rules that made them: beside the first on a verbose page, before all reasons on a short one."""
        said = tuple(map(self._rule, rules))
        if self.verbose:
            return (Side(sides[0].text, said + sides[0].notes), *sides[1:])
        notes = [note for side in sides for note in side.notes]
        bare = [Side(side.text) for side in sides]
        return (*bare[:-1], Side(bare[-1].text, (*said, *dict.fromkeys(notes))))

    def _rule(self, rule: Rule) -> Pieces:
        if not rule.file:
            return words(rule.operation)
        name = (code(f"{rule.file}: {rule.operation}"),)
        if not self.verbose:
            return name
        return (*name, Piece(" sends "), code(rule.text), Piece(" to "), code(rule.operand))

    # The result ------------------------------------------------------------------------------------------------

    def _result(self, stage: Stage) -> Section:
        """The derivative that was asked for, where it is more than what the sweep ends with."""
        head = self.derivation.head(self.spelling)
        result = self._defined(self.derivation.written(self.spelling, headed=True))
        seed = stage.record.seed
        pieces: list[Piece] = []
        for place, part in enumerate(stage.ending.split("{}")):
            pieces += [math(self._at(seed))] if place else []
            pieces += [Piece(part)] if part else []
        return Section(tuple(pieces), (Equation(head, (Side(result),)),))

    # Forms -----------------------------------------------------------------------------------------------------

    def _at(self, node: Node) -> str:
        return self.scribe.at(node, self.spelling, 0)

    def _equal(
        self, left: str, forms: Sequence[Form], whole: bool = False, total: bool = False
    ) -> tuple[str, tuple[Side, ...]]:
        """The sides that a page shows of equal forms; the reasons of those that it leaves out go to the next.

        The left side gets indices where none of the forms has matrix notation.  The last form of a ``whole`` result
        is shown however long it is, and of a ``total`` the sum that it is simplified from.
        """
        legible = [not _has_entries(form.node) for form in forms]
        if not any(legible):
            left, _, text = self.scribe.entries(forms[-1].node, self.spelling, left).partition(" = ")
            return left, (Side(text),)
        texts = [self._text(form.node, whole and place == len(forms) - 1) for place, form in enumerate(forms)]
        wanted = [place for place in range(len(forms)) if legible[place]]
        longest = _LONGEST if self.verbose or whole else _LONG * (2 if self.spelling == "latex" else 1)
        kept = [place for place in wanted if len(texts[place]) <= longest] or wanted[:1]
        if whole and wanted[-1] not in kept:
            kept.append(wanted[-1])
        if not self.verbose:
            kept = _essential(forms, kept, total)
        sides: list[Side] = []
        waiting: dict[Pieces, None] = {}
        for place, form in enumerate(forms):
            if place and texts[place] == texts[place - 1]:
                kept = [place if each == place - 1 else each for each in kept]
            else:
                waiting.update(dict.fromkeys(self._reasons(form)))
            if place not in kept or (sides and texts[place] == sides[-1].text):
                continue
            sides.append(Side(texts[place], tuple(waiting) if sides else ()))
            waiting = {}
        return left, tuple(sides)

    def _text(self, node: Node, whole: bool) -> str:
        if not whole or any(each in self.scribe.symbols for each in topological([node])):
            return self._at(node)
        if self.spelling != "latex":
            return self.scribe.formula(node).text(self.spelling)
        return self._defined(written(node, self.spelling, self.operations, self.taken, long=_WIDE))

    def _defined(self, found: Written) -> str:
        """A formula with the definitions of its names, in LaTeX each on a line."""
        return found.lines(0) if self.spelling == "latex" else str(found)

    def _reasons(self, form: Form) -> Iterator[Pieces]:
        for reason in form.reasons:
            if not self.verbose and reason.kind in _OBVIOUS:
                continue
            if reason.rule:
                rule = (Piece(", "), code(reason.rule)) if self.verbose else ()
                yield (code(reason.text), *rule)
                continue
            if reason.node is None:
                yield words(reason.text)
                continue
            before, _, after = reason.text.partition("{}")
            yield tuple(
                piece for piece in (Piece(before), math(self._at(reason.node)), Piece(after)) if piece.text
            )


def _place(through: str, value: str) -> Pieces:
    """Where a variable is used: ``as Wᵀ in z₃``."""
    return (Piece("as "), math(through), Piece(" in "), math(value))


def _essential(forms: Sequence[Form], places: Sequence[int], total: bool) -> list[int]:
    """Of equal forms the first, the last before placeholders are replaced, in a ``total`` the next, and the last."""
    put_in = next((place for place, form in enumerate(forms) if PUT_IN in form.reasons), len(forms))
    inside = [place for place in places if place < put_in]
    chosen = [*inside[:1], *inside[-1:], *places[-1:]]
    return sorted({*chosen, *(place for place in places if total and place == put_in)})


def _has_entries(node: Node) -> bool:
    """Whether a value can only be written by its entries."""
    return (
        any(each.op == "contract" and each.shape != SCALAR for each in topological([node]))
        or len(node.shape) > 2
    )
