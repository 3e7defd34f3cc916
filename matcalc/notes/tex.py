r"""LaTeX: the environments and comment lines that ask for derivatives, and what is no text (verbatim, comments)."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from matcalc.notes.places import Line, Place, lines_of, result_place

MARKERS = ("% matcalc result", "% end matcalc")
_NOISE = " \t"
_COMMENT = re.compile(r"(?P<prefix>[ \t]*)%+[ \t]*matcalc:(?P<request>.*)\Z")
_BEGIN = re.compile(r"(?P<before>(?:[^%\\]|\\.)*?)\\begin[ \t]*\{matcalc\}(?P<rest>.*)\Z")
_STARTS = re.compile(r"[ \t]*(?:%+[ \t]*matcalc:|\\begin[ \t]*\{matcalc\})")
_VERBATIM = re.compile(
    r"(?:[^%\\]|\\.)*?\\begin[ \t]*\{(verbatim\*?|Verbatim\*?|lstlisting|minted|comment|filecontents\*?)\}"
)
HIDING = re.compile(
    r"\\(?:excludecomment|includecomment|specialcomment|newenvironment|renewenvironment|NewDocumentEnvironment"
    r"|DefineVerbatimEnvironment|lstnewenvironment|NewEnviron|newverbatim)\s*\*?\s*\{matcalc\}"
)


def places(text: str) -> list[Place]:
    """The requests of a document and where their results go, in the order of the text.

    Comment lines that follow each other are one request.
    """
    lines = lines_of(text)
    ends = cache(text.rfind)  # where an end stands for the last time
    found: list[Place] = []
    at = 0
    while at < len(lines):
        line = lines[at].text
        comment = _COMMENT.match(line)
        verbatim = _VERBATIM.match(line)
        begin = _BEGIN.match(line)
        if comment is not None:
            last = at
            while last + 1 < len(lines) and _COMMENT.match(lines[last + 1].text):
                last += 1
            requests = [_COMMENT.match(lines[each].text) for each in range(at, last + 1)]
            body = "\n".join(each["request"].strip() for each in requests if each is not None)
            place, at = result_place(lines, at, last, body, MARKERS, comment["prefix"], _NOISE, _STARTS)
            found.append(place)
        elif verbatim is not None:
            at = _behind(lines, at, f"\\end{{{verbatim[1]}}}", ends)
        elif begin is not None:
            place, at = _environment(lines, at, begin)
            found.append(place)
        else:
            at += 1
    return found


def _environment(lines: list[Line], first: int, begin: re.Match[str]) -> tuple[Place, int]:
    """The request in an environment that begins in this line."""
    body: list[str] = []
    for last in range(first, len(lines)):
        text = begin["rest"] if last == first else lines[last].text
        end = text.find("\\end{matcalc}")
        if end >= 0:
            body.append(text[:end])
            prefix = begin["before"] if not begin["before"].strip() else ""
            return result_place(lines, first, last, "\n".join(body), MARKERS, prefix, _NOISE, _STARTS)
        if last > first and _STARTS.match(text):
            break
        body.append(text)
    problem = "this environment has no end: `\\end{matcalc}` is missing before the next request or the end"
    return Place(lines[first].number, "", 0, 0, problem=problem), first + 1


def _behind(lines: list[Line], first: int, end: str, last: Callable[[str], int]) -> int:
    """The line after an environment whose text means nothing; one without an end hides nothing else."""
    if last(end) < lines[first].start:
        return first + 1
    return next(place for place in range(first, len(lines)) if end in lines[place].text) + 1


def uses_environment(text: str) -> bool:
    """Whether a request stands in an environment."""
    return any(_BEGIN.match(line.text) for line in lines_of(text) if not _VERBATIM.match(line.text))


def hides_requests(text: str) -> bool:
    """Whether LaTeX is told what a matcalc environment is."""
    return HIDING.search(text) is not None


def is_commented(text: str, position: int) -> bool:
    """Whether a place of a document is in a comment."""
    start = max(text.rfind("\n", 0, position), text.rfind("\r", 0, position)) + 1
    return re.search(r"(?<!\\)(?:\\\\)*%", text[start:position]) is not None
