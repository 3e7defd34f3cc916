"""``parse``: the text of a formula or a program, with its ``where`` clause, to trees, shapes and notes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from matcalc.errors import MatcalcError, SyntaxProblem
from matcalc.language.alphabet import is_latex
from matcalc.language.indexing import indexed_name
from matcalc.language.lexer import tokenize
from matcalc.language.precedence import Machine
from matcalc.language.program import Outline, outline
from matcalc.language.shapes import LONGEST, Item, Sizes, declare
from matcalc.language.syntax import Name, Syntax
from matcalc.language.words import BUILT_IN, Vocabulary

_OWN_MEANING = BUILT_IN | frozenset(["pi", "eye", "ones", "where", "shapes"])


class Parsed(NamedTuple):
    """A formula as it was written."""

    tree: Syntax
    shapes: Mapping[str, Sizes] = {}  # that the text declares, by canonical name
    definitions: tuple[tuple[str, Syntax], ...] = ()  # of lines and where clauses, in the order written
    notes: tuple[str, ...] = ()
    spellings: Mapping[str, str] = {}  # canonical name -> how it was first written
    has_shapes: bool = False  # a program with a line of shapes
    order: tuple[str, ...] = ()  # the indices of the left side, Y[i,j] = …
    orders: Mapping[str, tuple[str, ...]] = {}  # those of definitions, M[i,j] = …
    assumed: tuple[tuple[str, tuple[str, ...]], ...] = ()  # names and the structures that the text assumes


def parse(text: str, declared: Iterable[str] = (), functions: frozenset[str] = frozenset()) -> Parsed:
    """Read a formula or a program.

    ``declared`` are canonical names that the caller knows; those that the text itself declares count too.
    ``functions`` are the names of the functions that rules know.  Raises ``SyntaxProblem`` or
    ``ShapeProblem``.
    """
    if len(text) > LONGEST:
        raise SyntaxProblem(f"the formula has {len(text):,} characters; at most {LONGEST:,} are read")
    try:
        return _parse(outline(text), declared, functions)
    except MatcalcError as problem:
        if problem.text is not None and len(problem.text) == len(text):
            problem.text = text  # with its comments
        raise


def _parse(parts: Outline, declared: Iterable[str], functions: frozenset[str]) -> Parsed:
    text = parts.text
    known = set(declared)
    shapes: dict[str, Sizes] = {}
    shapes.update(parts.shapes)
    for item in parts.declarations:
        declare(parts.bare, item, shapes)
    known.update(name for item in (*parts.declarations, *parts.definitions) for name, _, _ in item.names)
    known.update(name for name, _ in parts.assumed)
    if not text[slice(*parts.value)].strip():
        raise SyntaxProblem("the formula is empty", text, 0, 1)
    names = frozenset(known)
    notes: list[str] = []
    spellings: dict[str, str] = {}
    vocabulary = Vocabulary(text, names, functions, notes)

    euler = False

    def read(start: int, stop: int) -> Syntax:
        nonlocal euler
        latex = is_latex(text[start:stop] if parts.is_program else text)
        tokens = tokenize(text, start, stop, vocabulary.turn_to(stop, latex))
        machine = Machine(text, tokens, names, notes, spellings, functions)
        tree = machine.run()
        euler |= machine.euler
        return tree

    tree = Name(*parts.value, parts.name) if parts.name is not None else read(*parts.value)
    definitions: dict[str, Syntax] = {}
    orders: dict[str, tuple[str, ...]] = {}
    for item in parts.definitions:
        name = _defined_name(text, item, definitions, functions)
        definitions[name] = read(item.start, item.end)
        indices = indexed_name(text[slice(*item.names[0][1:])])[1]
        if len(set(indices)) < len(indices):
            raise SyntaxProblem("an index stands twice on the left side", text, *item.names[0][1:])
        if indices:
            orders[name] = indices
    if euler and "e" in spellings:  # a variable somewhere is a variable everywhere
        return _parse(parts, {*declared, "e"}, functions)
    return Parsed(
        tree,
        shapes,
        tuple(definitions.items()),
        tuple(notes),
        spellings,
        parts.has_shapes,
        parts.order,
        orders,
        tuple(parts.assumed),
    )


def _defined_name(text: str, item: Item, definitions: Mapping[str, Syntax], functions: frozenset[str]) -> str:
    """The name that an item defines; raises where it can't be defined."""
    name, start, stop = item.names[-1]
    if len(item.names) != 1:
        problem = "shares a definition; define one name at a time"
    elif name in definitions:
        problem = "is defined twice"
    elif name in functions or name in _OWN_MEANING:
        problem = "has a meaning of its own in formulas; call the value something else"
    elif item.start >= item.end:
        raise SyntaxProblem("the definition is empty", text, item.start - 1, item.start)
    else:
        return name
    raise SyntaxProblem(f"`{name}` {problem}", text, start, stop)
