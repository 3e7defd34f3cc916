"""Lines of a document, the requests in them, and the stretches where results stand."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

_LINE = re.compile(r"[^\r\n]*(\r\n|\r|\n|\Z)")


@dataclass(frozen=True)
class Line:
    """One line: its number from 1, its text without what ends it, where that starts and what ends it."""

    number: int
    text: str
    start: int
    newline: str

    @property
    def end(self) -> int:
        """Where its text ends."""
        return self.start + len(self.text)


@dataclass(frozen=True)
class Place:
    """A request in a document, and where its result goes.

    ``text[start:end]`` is the old result, empty where there is none; ``before`` and ``after`` are what has to stand
    around a new one, ``prefix`` what each of its lines starts with.  ``problem`` says why nothing can be put there.
    """

    line: int
    request: str
    start: int
    end: int
    before: str = ""
    after: str = ""
    prefix: str = ""
    newline: str = "\n"
    problem: str | None = None

    def written(self, lines: Sequence[str]) -> str:
        """The lines of a result as they stand in the document."""
        body = self.newline.join((self.prefix + line).rstrip() for line in lines)
        return f"{self.before}{body}{self.after}"


def lines_of(text: str) -> list[Line]:
    """The lines of a text; each may end in its own way."""
    found: list[Line] = []
    position = 0
    while position < len(text):
        match = _LINE.match(text, position)
        assert match is not None
        found.append(Line(len(found) + 1, text[position : match.start(1)], position, match[1]))
        position = match.end()
    return found


def result_place(
    lines: Sequence[Line],
    first: int,
    last: int,
    request: str,
    markers: tuple[str, str],
    prefix: str,
    noise: str,
    starts: re.Pattern[str],
) -> tuple[Place, int]:
    """The place for the result of a request in ``lines[first:last + 1]``, and the number of lines up to its end.

    ``markers`` are the lines around a result, which may have ``noise`` before them; a line that ``starts`` another
    request ends one that lacks its last marker.
    """
    opening, closing = markers
    number = lines[first].number
    newline = lines[last].newline or _usual(lines)
    after = last + 1
    while after < len(lines) and not _bare(lines[after], noise):
        after += 1
    if after == len(lines) or _bare(lines[after], noise) != opening:
        line = lines[last]
        position = line.end + len(line.newline)
        before, behind = ("", newline) if line.newline else (newline, "")
        return Place(number, request, position, position, before, behind, prefix, newline), last + 1
    for end in range(after + 1, len(lines)):
        text = _bare(lines[end], noise)
        if text == closing:
            place = Place(
                number, request, lines[after].start, lines[end].end, "", "", prefix, lines[after].newline
            )
            return place, end + 1
        if text == opening or starts.match(lines[end].text):
            break
    problem = f"the result in line {lines[after].number} has no end: a line `{closing}` is missing"
    return Place(number, request, 0, 0, problem=problem), after + 1


def _bare(line: Line, noise: str) -> str:
    """A line without what may stand around it."""
    return line.text.lstrip(noise).rstrip()


def _usual(lines: Sequence[Line]) -> str:
    """How the document's lines end."""
    return lines[0].newline or "\n"
