"""Programs: several lines with definitions, shapes and comments; the last line is the value.

    # a recurrent network
    shapes U: n×n, P: n×k, h0: n, x1: k, t: n
    h1 = tanh(U h0 + P x1)
    L  = ½‖h1 − t‖²

A text without such lines is one formula, on however many lines it stands.  Both may end in a ``where`` clause.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from matcalc.errors import SyntaxProblem
from matcalc.language.assumptions import extract
from matcalc.language.dollars import check_pairs
from matcalc.language.indexing import indexed_name, left_side
from matcalc.language.names import canonical
from matcalc.language.shapes import Item, Sizes, items
from matcalc.patterns import regex

_COMMENT = regex(r"#[^\n]*|(?<!\\)%[^\n]*")
_WHERE = regex(
    r"\\(?:text|textrm|mathrm|mbox|textit)\s*\{\s*where\s*:?\s*\}|(?<![A-Za-z0-9_\\{])where(?![A-Za-z0-9_]|\(|\})"
)
_SHAPES = regex(r"\s*shapes(?:\s*:)?\s+(?=[^\n]*?(?::|∈|\\in))")
_EQUALS = regex(r":?=|[{}]")
_NOISE = regex(r"[$&~\s]|\\[,;:! ]|\\q?quad(?![A-Za-z])")
_NAMED = regex(
    r"\s*[^\s=:(){}\[\]+*/]+(?:\{[^{}=]*\}|\[[^\[\]=]*\])?\s*&?\s*:?="
)  # a line that starts a definition
_BRACKETS = regex(r"[()\[\]{}]")
_GOES_ON = regex(
    r"(?:[-+−*·•∘⊙⊘×⨯/=]|\\(?:cdot|odot|oslash|circ|times|left|where)|(?<![A-Za-z0-9_\\])where)[ \t]*\Z"
)
_AT_AN_END = " \t\r\n,;$~&"


@dataclass
class Outline:
    """The parts of a text, by their places in it.

    ``text`` is the text with its comments blanked, as long as it was.  ``value`` is the place of the formula, ``name``
    its name where it has one, ``is_program`` tells whether there are lines at all.
    """

    text: str
    value: tuple[int, int] = (0, 0)
    name: str | None = None
    definitions: list[Item] = field(default_factory=list)
    declarations: list[Item] = field(default_factory=list)
    order: tuple[str, ...] = ()  # the indices on the left of the value, ∂y[i]/∂x[j] = …
    is_program: bool = False
    has_shapes: bool = False  # there is a line of shapes
    bare: str = ""  # the text without its assumptions, as long as it was
    assumed: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)  # names and their structures
    shapes: dict[str, Sizes] = field(default_factory=dict)  # of S ∈ 𝕊ⁿ

    def items(self, start: int, stop: int) -> Iterator[Item]:
        """The declarations and definitions in a stretch of the text; what it assumes is taken out."""
        clause = extract(self.bare or self.text, start, stop)
        self.bare = clause.text
        self.assumed += clause.given
        self.shapes.update(clause.shapes)
        if clause.given and not clause.text[start:stop].strip():
            return iter(())
        return items(clause.text, start, stop)


def outline(text: str) -> Outline:
    """The parts of a formula or of a program.

    Raises ``SyntaxProblem`` where a line is no part of a program, or none is the value.
    """
    text = _without_comments(text)
    check_pairs(text)
    lines = list(_lines(text)) if "=" in text or "shapes" in text else []
    found = Outline(text)
    if not _is_program(text, lines):
        end = _clause(found, 0, len(text))
        found.order, start = _left_side(text, 0, end) or ((), 0)
        found.value = (start, end)
        return found
    found.is_program = True
    bare: tuple[int, int] | None = None
    for start, stop in lines:
        shapes = _SHAPES.match(text, start, stop)
        if shapes is not None:
            _declarations(found, shapes.end(), _trimmed(text, shapes.end(), stop))
            continue
        if bare is not None:
            _refuse_bare(text, *bare)
        start, stop = _line(text, start, _clause(found, start, stop))
        equals = _equals(text, start, stop)
        left = (
            None if equals is None or _name(text[start : equals.start()]) else _left_side(text, start, stop)
        )
        if equals is None or left is not None:
            found.order, first = left or ((), start)
            bare = found.value = _line(text, first, stop)
            found.name = None
        else:
            item = _definition(text, start, equals, stop)
            found.definitions.append(item)
            found.name, *place = item.names[0]
            found.value = (place[0], place[1])
    if found.value == (0, 0):
        raise SyntaxProblem(
            "the program has no value: its last line is the value, a formula or `L = …`",
            text,
            *_line(text, 0, len(text)),
        )
    return found


def _without_comments(text: str) -> str:
    """The text with line ends of one kind and spaces in place of comments; every place in it stays."""
    if "\r" in text:
        text = text.replace("\r\n", " \n").replace("\r", "\n")
    if "#" in text or "%" in text:
        text = _COMMENT.sub(lambda comment: " " * len(comment[0]), text)
    return text


def _lines(text: str) -> Iterator[tuple[int, int]]:
    """The lines that are not blank; a line goes on in open brackets, after an operator and before ``where``."""
    first: int | None = None
    depth, start, last = 0, 0, 0
    clause = False
    while start <= len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end
        line = text[start:end]
        if line.strip():
            goes_on = first is not None and (
                (depth > 0 and _NAMED.match(line) is None)
                or _GOES_ON.search(text, max(first, last - 12), last) is not None
                or (clause and text[last - 1] in ",;")
                or _WHERE.match(line.lstrip()) is not None
            )
            if first is not None and not goes_on:
                yield first, last
                first, depth, clause = None, 0, False
            if first is None:
                first = start
            depth += _opened(line)
            clause = clause or _WHERE.search(line) is not None or _SHAPES.match(line) is not None
            last = start + len(line.rstrip())
        start = end + 1
    if first is not None:
        yield first, last


def _opened(line: str) -> int:
    """How many more brackets a line opens than it closes."""
    return sum(1 if bracket[0] in "([{" else -1 for bracket in _BRACKETS.finditer(line))


def _is_program(text: str, lines: list[tuple[int, int]]) -> bool:
    """Whether one of the lines is of shapes or a definition; one line alone must be a definition of a name."""
    for start, stop in lines:
        if _SHAPES.match(text, start, stop):
            return True
        clause = _WHERE.search(text, start, stop) if "where" in text[start:stop] else None
        equals = _equals(text, start, clause.start() if clause else stop)
        if equals is not None:
            return len(lines) > 1 or _name(text[start : equals.start()]) is not None
    return False


def _clause(found: Outline, start: int, stop: int) -> int:
    """Take in the ``where`` clause of a line; give the place where what is before it ends."""
    clause = _WHERE.search(found.text, start, stop) if "where" in found.text[start:stop] else None
    if clause is None:
        return stop
    for item in found.items(clause.end(), stop):
        (found.definitions if item.relation == "=" else found.declarations).append(item)
    return _trimmed(found.text, start, clause.start())


def _declarations(found: Outline, start: int, stop: int) -> None:
    for item in found.items(start, stop):
        if item.relation == "=":
            raise SyntaxProblem(
                "a definition has a line of its own", found.text, item.names[0][1], max(item.end, item.start)
            )
        found.declarations.append(item)
    found.has_shapes = True


def _definition(text: str, start: int, equals: re.Match[str], stop: int) -> Item:
    """The definition whose ``=`` stands here."""
    first, last = _line(text, start, equals.start())
    name = _name(text[first:last])
    if name is None:
        raise SyntaxProblem(
            f"`{text[first:last][:40]}` is no name; a line of a program is `name = formula`"
            if first < last
            else "a name is missing before the `=`",
            text,
            first,
            max(last, first + 1),
        )
    another = _equals(text, equals.end(), stop)
    if another is not None:
        raise SyntaxProblem("a line holds one definition, `name = formula`", text, *another.span())
    return Item([(name, first, last)], "=", *_line(text, equals.end(), stop))


def _name(written: str) -> str | None:
    """The canonical name that the left side of a definition is, ``M`` or ``M[i,j]``."""
    return canonical(_NOISE.sub("", indexed_name(written.strip())[0])) if len(written) <= 200 else None


def _equals(text: str, start: int, stop: int) -> re.Match[str] | None:
    """The first ``=`` that is not in braces, as those under a sum are."""
    depth = 0
    for found in _EQUALS.finditer(text, start, stop):
        if found[0][-1] == "=" and depth <= 0:
            return found
        depth += {"{": 1, "}": -1}.get(found[0], 0)
    return None


def _left_side(text: str, start: int, stop: int) -> tuple[tuple[str, ...], int] | None:
    """The indices on the left of a formula and where its right side starts."""
    return left_side(text, start, stop) if "=" in text[start:stop] else None


def _refuse_bare(text: str, start: int, stop: int) -> None:
    raise SyntaxProblem(
        "only the last line of a program may be a formula without a name; write `name = …`", text, start, stop
    )


def _line(text: str, start: int, stop: int) -> tuple[int, int]:
    """A stretch of text without the spaces around it and without what ends a line in LaTeX or MATLAB."""
    stop = _trimmed(text, start, stop)
    while start < stop and text[start] in " \t\r\n$&~":
        start += 1
    return start, stop


def _trimmed(text: str, start: int, end: int) -> int:
    """Where a formula ends: spaces, a comma and the end of a LaTeX line are no part of it."""
    while end > start:
        if text[end - 1] in _AT_AN_END:
            end -= 1
        elif text.endswith(("\\quad", "\\qquad"), start, end):
            end -= 6 if text.endswith("\\qquad", start, end) else 5
        elif text.endswith(("\\!", "\\:", "\\"), start, end):
            end -= 1 if text[end - 1] == "\\" else 2
        else:
            break
    return end
