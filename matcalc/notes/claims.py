r"""The derivatives that a document claims, each with what is needed to check it.

A value may be written out, ``\nabla_W \lVert Wx \rVert^2 = …``, or be a name that the document defines elsewhere,
``f(x) = …`` and ``\nabla_x f = …``.  Shapes are those that it declares, ``A \in \mathbb{R}^{m \times k}``.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeVar

from matcalc.errors import MatcalcError
from matcalc.language.names import canonical, unicode_name
from matcalc.language.parser import parse
from matcalc.language.shapes import Sizes, parse_shapes
from matcalc.notes import markdown, tex
from matcalc.notes.files import Document
from matcalc.notes.heads import ANY, Head, head
from matcalc.notes.macros import Macro, expanded, macros
from matcalc.notes.mathematics import Span, spans
from matcalc.notes.places import Place, lines_of
from matcalc.notes.statements import Side, Statement, statements
from matcalc.operations import standard
from matcalc.reading import read

_FUNCTION = re.compile(r"(?P<name>\\?[^\W\d_]+\S*?)\s*(?:\\left)?\(\s*(?P<args>[^()=]*)\)\Z")
_DECLARED = re.compile(
    r"(?P<names>(?:[^\s=,;(){}]|\{[^{}]*\}|,\s*){1,60}?)\s*(?:\\in(?![A-Za-z])|∈)\s*"
    r"(?P<space>(?:\\mathbb\s*(?:\{\s*R\s*\}|R)|ℝ|\\R(?![A-Za-z]))(?:\s*\^\s*(?:\{[^{}]*\}|\w)|[⁰¹²³⁴-⁹ᵃᵇᶜᵈᵉᵏˡᵐⁿᵖʳˢᵗᵘᵛʷˣ×]+)?)"
)
_VECTORS = re.compile(
    r"ᵀ|⊤|\\top|\^\s*\{?\s*T|'|‖|\|\||\\[lr]?[Vv]ert|\\\||⟨|\\langle|⊙|∘|\\odot|\\circ|⊘|⊗|\\o(?:slash|times)|𝟏|\\mathbf|\\boldsymbol|\\bm"
    r"|Σ|∑|\\sum|\b(?:diag|tr|sum|softmax|logsumexp|norm|dot|outer|mean|det|inv)\b|\[|\\vec"
)  # what speaks of vectors
_DEFINITION = re.compile(r"^[ \t]*([^\s=(]+)[ \t]*=(?!=)[ \t]*([^=#%\n]+?)[ \t]*(?:[#%].*)?$", re.MULTILINE)
_FORMULA = ("$$", "\\[", "{align*}")  # what stands before the formula of a result
T = TypeVar("T")

_MOST = 16  # definitions that one claim is given


@dataclass(frozen=True)
class Question:
    """One way to read a claim: the arguments of ``matcalc.check``; ``note`` says what was taken for granted.

    Its letters may be read as ``numbers``, where nothing tells that they are vectors.
    """

    value: str
    wrt: tuple[str, ...]
    claim: str
    shapes: Mapping[str, Sizes] = field(default_factory=dict)
    kind: str | None = None
    note: str | None = None
    numbers: bool = False


@dataclass(frozen=True)
class Claimed:
    """A claimed derivative: its line, its text, and the ways to read it, the plain one first.

    ``problem`` says why it can't be checked.
    """

    line: int
    text: str
    questions: tuple[Question, ...] = ()
    problem: str | None = None


@dataclass(frozen=True)
class _Known:
    """What the document says elsewhere: definitions and shapes by canonical name, each with its place."""

    definitions: Mapping[str, list[tuple[int, str]]]
    shapes: Mapping[str, list[tuple[int, Sizes]]]

    def definition(self, name: str, place: int) -> str | None:
        """The definition of a name that holds at a place: the last one before it, else the first one."""
        return _latest(self.definitions.get(name, ()), place)

    def shape(self, name: str, place: int) -> Sizes | None:
        """The shape of a name, in the same way."""
        return _latest(self.shapes.get(name, ()), place)


def _latest(found: Sequence[tuple[int, T]], place: int) -> T | None:
    earlier = [value for start, value in found if start <= place]
    return earlier[-1] if earlier else found[0][1] if found else None


def claims(document: Document) -> list[Claimed]:
    """The claimed derivatives of a document, in the order of the text."""
    starts = [line.start for line in lines_of(document.text)]
    mathematics = spans(document.text, document.kind)
    commands = macros(document.text)
    requests = (markdown if document.kind == "markdown" else tex).places(document.text)
    results = [each for each in requests if each.start < each.end]
    said = [span for span in mathematics if not _is_step(span, results, document.text)]
    equations = [(span, _written_out(each, commands)) for span in said for each in statements(span)]
    defined = {**_programs(requests), **_definitions(equations)}
    known = _Known(defined, _shapes(mathematics, commands))
    found: list[Claimed] = []
    for _, statement in equations:
        for left, right in _pairs(statement):
            line = bisect_right(starts, right.start)
            found.append(_claimed(line, left, right, known))
    return found


def _is_step(span: Span, results: Sequence[Place], text: str) -> bool:
    """Whether mathematics belongs to the steps of a result: those give letters a meaning for themselves alone."""
    place = bisect_right(results, span.start, key=lambda each: each.start) - 1
    inside = place >= 0 and span.start < results[place].end
    return inside and not text.endswith(_FORMULA, 0, span.start)


def _written_out(statement: Statement, commands: Mapping[str, Macro]) -> Statement:
    """A statement with the document's own commands written out; its places stay."""
    sides = (Side(side.start, expanded(side.text, commands)) for side in statement.sides)
    return Statement(tuple(sides), statement.condition)


def _pairs(statement: Statement) -> Iterator[tuple[Side, Side]]:
    """Each side that claims a derivative with each side after it that could be one."""
    for number, left in enumerate(statement.sides):
        if head(left.text) is not None:
            for right in statement.sides[number + 1 :]:
                if right.text:
                    yield left, right
            return


def _claimed(line: int, left: Side, right: Side, known: _Known) -> Claimed:
    asked = head(left.text)
    assert asked is not None
    text = " ".join(f"{left.text} = {right.text}".split())
    problem = asked.problem
    if problem is None and ANY.search(right.text):
        problem = "its right side holds a derivative"
    questions: tuple[Question, ...] = ()
    if problem is None:
        try:
            questions = tuple(_questions(asked, right.text, left.start, known))
        except LookupError as missing:
            problem = str(missing.args[0])
    return Claimed(line, text, questions, problem)


def _questions(asked: Head, claim: str, place: int, known: _Known) -> Iterator[Question]:
    """The ways to read a claim; raises ``LookupError`` where the document does not say what its value is."""
    wrt = asked.variables
    body = _body(asked, place, known)
    value = asked.value if body is None else body
    letters = names_in(value) | names_in(claim) | wrt
    defined = _needed(letters, wrt, place, known)
    every = letters.union(*(names_in(text) for _, text in defined)) - {name for name, _ in defined}
    if body is not None:
        inner = (names_in(text) for _, text in _needed(names_in(value), wrt, place, known))
        own = names_in(value).union(_read_names(value), *inner)
        _refuse_another(asked, own, names_in(claim) - {name for name, _ in defined})
    readings: list[tuple[Set[str], str]] = [(letters, "")]
    if defined:
        clause = " where " + ", ".join(f"{name} = {text}" for name, text in defined)
        hidden = {name for name, _ in defined} & (names_in(claim) - names_in(value)) or wrt - names_in(value)
        readings = [(every, clause)] if hidden else [*readings, (every, clause)]
    found = [
        _question(asked, value, claim, _known_shapes(names, place, known), names, more)
        for names, more in readings
    ]
    yield from found
    for question in found:
        if question.shapes and not question.numbers:  # those of another part of the document may not fit
            yield replace(question, shapes={})


def _question(
    asked: Head, value: str, claim: str, shapes: dict[str, Sizes], letters: Set[str], clause: str
) -> Question:
    """One way to read a claim, with the definitions of a ``clause``.

    Where numbers are differentiated, all small letters are numbers that nothing tells to be vectors.
    """
    texts = value + claim + clause
    numbers = asked.scalar and not shapes and all(map(_may_be_number, letters)) and not _VECTORS.search(texts)
    if numbers:
        shapes = dict.fromkeys(sorted(letters), ())
    note = "with the document's definitions" if clause else None
    kind = "hessian" if asked.second else None
    return Question(value + clause, asked.wrt, claim + clause, shapes, kind, note, numbers)


def _refuse_another(asked: Head, known: Set[str], used: Set[str]) -> None:
    """Raise where a letter means something else here than where it was defined, as letters do in long documents."""
    missing = sorted((used | asked.variables) - known)
    if missing:
        names = ", ".join(map(unicode_name, missing))
        raise LookupError(f"{asked.value}, as the document defines it, has no {names}")


def _body(asked: Head, place: int, known: _Known) -> str | None:
    """The formula of a name that the document defines; None where the value is written out."""
    function = _FUNCTION.match(asked.value)
    name = canonical(function["name"] if function else asked.value)
    if name is None or name in asked.variables or (function is not None and name in standard().functions):
        return None
    body = known.definition(name, place)
    if body is None:
        raise LookupError(f"the document does not say what {asked.value} is")
    return body


def _may_be_number(name: str) -> bool:
    return name[0].islower()


@lru_cache(maxsize=4096)
def names_in(text: str) -> frozenset[str]:
    """The canonical names of the variables in a formula; none where it can't be read."""
    try:
        return frozenset(parse(text, (), standard().functions).spellings)
    except MatcalcError:
        return frozenset()


def _read_names(text: str) -> frozenset[str]:
    """The names that a formula has when it is read: those of the data matrix X, where it has the samples xᵢ."""
    try:
        return frozenset(read(text).shapes)
    except MatcalcError:
        return frozenset()


def _known_shapes(names: Set[str], place: int, known: _Known) -> dict[str, Sizes]:
    found = {name: known.shape(name, place) for name in sorted(names)}
    return {name: shape for name, shape in found.items() if shape is not None}


def _needed(names: Set[str], kept: Set[str], place: int, known: _Known) -> list[tuple[str, str]]:
    """The definitions of these names, and of those in them; what is ``kept`` stays a variable, and so do numbers."""
    found: dict[str, str] = {}
    pending = sorted(names - kept)
    while pending and len(found) <= _MOST:
        name = pending.pop()
        text = known.definition(name, place)
        if text is not None and name not in found and name not in kept and _defines(name, text):
            found[name] = text
            pending.extend(sorted(names_in(text)))
    return list(found.items()) if len(found) <= _MOST else []


def _defines(name: str, text: str) -> bool:
    """Whether a formula could stand in the place of a name; a number is one case of it only."""
    names = names_in(text)
    return bool(names) and name not in names


def _definitions(equations: Sequence[tuple[Span, Statement]]) -> dict[str, list[tuple[int, str]]]:
    r"""What the document defines: ``f(x) = \lVert x \rVert^2``, ``h_1 = \tanh(W x)``."""
    found: dict[str, list[tuple[int, str]]] = {}
    for _, statement in equations:
        if len(statement.sides) < 2 or not statement.sides[1].text:
            continue
        left, right = statement.sides[0].text, statement.sides[1].text
        function = _FUNCTION.match(left)
        name = canonical(function["name"] if function else left)
        if name is not None and not ANY.search(right) and name not in standard().functions:
            found.setdefault(name, []).append((statement.sides[0].start, right))
    return found


def _programs(requests: Sequence[Place]) -> dict[str, list[tuple[int, str]]]:
    """What the programs in requests define, which results speak of."""
    found: dict[str, list[tuple[int, str]]] = {}
    for place in requests:
        for line in _DEFINITION.finditer(place.request):
            name = canonical(line[1])
            if name is not None:
                found.setdefault(name, []).append((place.start, line[2]))
    return found


def _shapes(mathematics: Sequence[Span], commands: Mapping[str, Macro]) -> dict[str, list[tuple[int, Sizes]]]:
    r"""The shapes that the document declares: ``A, B \in \mathbb{R}^{m \times k}``."""
    found: dict[str, list[tuple[int, Sizes]]] = {}
    for span in mathematics:
        for declared in _DECLARED.finditer(expanded(span.text, commands)):
            try:
                shapes = parse_shapes(f"{declared['names']} ∈ {declared['space']}")
            except MatcalcError:
                continue
            for name, sizes in shapes.items():
                found.setdefault(name, []).append((span.start, sizes))
    return found
