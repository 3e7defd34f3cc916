"""``parse``: the text of a formula, with its ``where`` clause, to trees, shapes and notes."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from matcalc.errors import SyntaxProblem
from matcalc.language.indexing import indexed_name, left_side
from matcalc.language.lexer import tokenize
from matcalc.language.precedence import Machine
from matcalc.language.shapes import LONGEST, Item, Sizes, declare, items
from matcalc.language.syntax import Syntax
from matcalc.language.words import Vocabulary

_WHERE = re.compile(
    r"\\(?:text|textrm|mathrm|mbox|textit)\s*\{\s*where\s*:?\s*\}|(?<![A-Za-z0-9_\\])where(?![A-Za-z0-9_])"
)
_BEFORE_WHERE = " \t\r\n,;$~&"


@dataclass(frozen=True, slots=True)
class Parsed:
    """A formula as it was written."""

    tree: Syntax
    shapes: dict[str, Sizes] = field(default_factory=dict)  # of the where clause, by canonical name
    definitions: tuple[tuple[str, Syntax], ...] = ()  # of the where clause, in the order written
    notes: tuple[str, ...] = ()
    spellings: dict[str, str] = field(default_factory=dict)  # canonical name -> how it was first written
    order: tuple[str, ...] = ()  # the indices of the left side, Y[i,j] = …
    orders: dict[str, tuple[str, ...]] = field(default_factory=dict)  # those of definitions, M[i,j] = …


def parse(text: str, declared: Iterable[str] = (), functions: frozenset[str] = frozenset()) -> Parsed:
    """Read a formula.

    ``declared`` are canonical names that the caller knows; those of the text's own ``where`` count too.
    ``functions`` are the names of the functions that rules know.  Raises ``SyntaxProblem`` or
    ``ShapeProblem``.
    """
    if len(text) > LONGEST:
        raise SyntaxProblem(f"the formula has {len(text):,} characters; at most {LONGEST:,} are read")
    end, clause = len(text), None
    if "where" in text:
        clause = _WHERE.search(text)
        if clause is not None:
            end = clause.start()
    known = set(declared)
    shapes: dict[str, Sizes] = {}
    bodies: list[Item] = []
    if clause is not None:
        for item in items(text, clause.end(), len(text)):
            known.update(name for name, _, _ in item.names)
            if item.relation == "=":
                bodies.append(item)
            else:
                declare(text, item, shapes)
        end = _before_where(text, end)
    if not text[:end].strip():
        raise SyntaxProblem("the formula is empty", text, 0, 1)
    names = frozenset(known)
    notes: list[str] = []
    spellings: dict[str, str] = {}

    euler = False

    def read(start: int, stop: int) -> Syntax:
        nonlocal euler
        vocabulary = Vocabulary(text, stop, names, functions, notes)
        machine = Machine(text, tokenize(text, start, stop, vocabulary), names, notes, spellings)
        tree = machine.run()
        euler |= machine.euler
        return tree

    left = left_side(text, 0, end) if "=" in text[:end] else None
    order, start = left or ((), 0)
    tree = read(start, end)
    orders: dict[str, tuple[str, ...]] = {}
    definitions: dict[str, Syntax] = {}
    for item in bodies:
        if len(item.names) != 1 or item.names[0][0] in definitions:
            name, start, stop = item.names[-1]
            problem = (
                "is defined twice"
                if len(item.names) == 1
                else "shares a definition; define one name at a time"
            )
            raise SyntaxProblem(f"`{name}` {problem}", text, start, stop)
        if item.start == item.end:
            raise SyntaxProblem("the definition is empty", text, item.start - 1, item.start)
        name, start, stop = item.names[0]
        definitions[name] = read(item.start, item.end)
        indices = indexed_name(text[start:stop])[1]
        if indices:
            orders[name] = indices
    if euler and "e" in spellings:  # a variable somewhere is a variable everywhere
        return parse(text, {*declared, "e"}, functions)
    return Parsed(tree, shapes, tuple(definitions.items()), tuple(notes), spellings, order, orders)


def _before_where(text: str, end: int) -> int:
    """Where the formula ends: spaces and a comma before ``where`` are no part of it."""
    while end > 0:
        if text[end - 1] in _BEFORE_WHERE:
            end -= 1
        elif text.endswith(("\\quad", "\\qquad"), 0, end):
            end -= 6 if text.endswith("\\qquad", 0, end) else 5
        elif text.endswith(("\\!", "\\:", "\\"), 0, end):
            end -= 1 if text[end - 1] == "\\" else 2
        else:
            break
    return end
