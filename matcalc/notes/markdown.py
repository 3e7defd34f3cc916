"""Markdown: the fenced blocks that ask for derivatives, and what is no text (CommonMark 0.31, 4.5 and 4.6)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matcalc.notes.places import Line, Place, lines_of, result_place

MARKERS = ("<!-- matcalc:result -->", "<!-- /matcalc:result -->")
_NOISE = " \t>"
_FENCE = re.compile(r"(?P<prefix>[ \t>]*)(?P<fence>`{3,}(?=[^`]*\Z)|~{3,})(?P<info>.*)\Z")
_ITEM = re.compile(r"(?P<item>[ \t]*(?:[-+*]|\d{1,9}[.)])[ \t]+)\S")
_INFO = re.compile(r"\s*(?:matcalc(?!\S)|\{\s*\.?matcalc(?![\w-]))")
_STARTS = re.compile(r"[ \t>]*(?:`{3,}|~{3,})\s*\{?\s*\.?matcalc(?![\w-])")
_CODE = 4  # columns of indentation from which a line is code


@dataclass(frozen=True)
class Fence:
    """A fenced block ``lines[first:last + 1]``, its fences among them; ``closed`` tells whether it has the last one."""

    first: int
    last: int
    prefix: str
    info: str
    closed: bool


def places(text: str) -> list[Place]:
    """The requests of a document and where their results go, in the order of the text."""
    lines = lines_of(text)
    found: list[Place] = []
    done = 0
    for fence in fences(lines):
        if fence.first < done or not _INFO.match(fence.info):
            continue
        if not fence.closed:
            problem = "this block has no end: its closing fence is missing"
            found.append(Place(lines[fence.first].number, "", 0, 0, problem=problem))
            continue
        body = "\n".join(_inner(line.text, fence.prefix) for line in lines[fence.first + 1 : fence.last])
        place, done = result_place(
            lines, fence.first, fence.last, body, MARKERS, fence.prefix, _NOISE, _STARTS
        )
        found.append(place)
    return found


def fences(lines: Sequence[Line]) -> Iterator[Fence]:
    """The fenced blocks outside of comments; one that is not closed goes on to the end."""
    columns: list[int] = []  # where the text of the list items around a line starts
    place = 0
    while place < len(lines):
        line = lines[place].text
        if line.lstrip(_NOISE).startswith("<!--") and _indented(line) < _CODE:
            place = _behind_comment(lines, place)
            continue
        if line.strip(_NOISE):
            while columns and _indented(line) < columns[-1]:
                columns.pop()
        inside = columns[-1] if columns else 0
        found = _FENCE.match(line)
        if found is not None and _indented(line) - inside < _CODE:
            last, closed = _closing(lines, place, found["fence"], found["prefix"])
            yield Fence(place, last, found["prefix"], found["info"], closed)
            place = last + 1
            continue
        item = _ITEM.match(line)
        if item is not None and _indented(line) - inside < _CODE:
            columns.append(len(item["item"].expandtabs(4)))
        place += 1


def _closing(lines: Sequence[Line], place: int, fence: str, prefix: str) -> tuple[int, bool]:
    """The line that closes a fence, or the last one that it reaches: a quoted block ends with its quotation."""
    closing = re.compile(rf"[ \t>]*{re.escape(fence[0])}{{{len(fence)},}}[ \t]*\Z")
    quoted = ">" in prefix
    for last in range(place + 1, len(lines)):
        text = lines[last].text
        if quoted and not text.lstrip(" ").startswith(">"):
            return last - 1, False
        if closing.match(text) and (">" in text) == quoted:
            return last, True
    return len(lines) - 1, False


def _behind_comment(lines: Sequence[Line], place: int) -> int:
    """The line after a comment; one without an end hides all that follows."""
    start = lines[place].text.index("<!--") + 4
    for last in range(place, len(lines)):
        if lines[last].text.find("-->", start if last == place else 0) >= 0:
            return last + 1
    return len(lines)


def _indented(line: str) -> int:
    """The column at which the text of a line starts, quotation marks left out."""
    text = line.lstrip(">") if line.startswith(">") else line
    text = text.expandtabs(4)
    return len(text) - len(text.lstrip(" "))


def _inner(line: str, prefix: str) -> str:
    """A line of a block without what stands before the whole block."""
    shared = 0
    while shared < min(len(line), len(prefix)) and line[shared] == prefix[shared]:
        shared += 1
    return line[shared:].lstrip(">") if ">" in prefix else line[shared:]
