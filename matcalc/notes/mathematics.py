r"""The mathematics of a document: what stands in ``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]``, LaTeX's environments, and in
Markdown in code spans and blocks of ``math``.  What is no text is blanked, so that every place stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matcalc.notes import tex
from matcalc.notes.markdown import fences
from matcalc.notes.places import lines_of

_LONGEST = 20_000  # signs between two dollars or in an environment
_ENVIRONMENTS = "equation|align|alignat|flalign|gather|multline|eqnarray|displaymath|math|dmath"
_INLINE = r"(?:[^$\\\n]|\\.|\n(?![ \t\r]*\n)){1,4000}?"
_SPAN = re.compile(
    rf"""(?<!\\)(?:
        (?P<code>`+)(?!`)(?P<coded>.{{1,2000}}?)(?<!`)(?P=code)(?!`)
      | \$\$(?P<display>.{{1,{_LONGEST}}}?)(?<!\\)\$\$
      | \\\[(?P<bracket>.{{1,{_LONGEST}}}?)\\\]
      | \\\((?P<round>.{{1,4000}}?)\\\)
      | \\begin[ \t]*\{{(?P<name>(?:{_ENVIRONMENTS})\*?)\}}(?P<environment>.{{1,{_LONGEST}}}?)\\end[ \t]*\{{(?P=name)\}}
      | \$(?P<inline>(?=\S){_INLINE}(?<=\S))\$(?!\d)
      | \$(?P<loose>{_INLINE})\$
    )""",
    re.VERBOSE | re.DOTALL,
)
_KINDS = ("display", "bracket", "round", "environment", "inline", "loose")
_MATH_BLOCK = re.compile(r"\s*math\b")
_DERIVATIVE = re.compile(r"∇|∂|\\nabla|\\partial|d/d|\\frac")
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TEX_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\r\n]*")
_VERBATIM = re.compile(
    r"\\begin[ \t]*\{(verbatim\*?|Verbatim\*?|lstlisting|minted|comment|matcalc)\}.*?\\end[ \t]*\{\1\}"
    r"|\\verb\*?(?P<mark>[^\w\s*])[^\r\n]*?(?P=mark)",
    re.DOTALL,
)
_BODY = re.compile(r"\\begin[ \t]*\{document\}")


@dataclass(frozen=True)
class Span:
    """A stretch of mathematics and where it starts in the document."""

    start: int
    text: str


def spans(text: str, kind: str) -> list[Span]:
    """The mathematics of a document of this kind, in the order of the text."""
    found = list(_blocks(text)) if kind == "markdown" else []
    prose = _without_blocks(text) if kind == "markdown" else _tex_prose(text)
    position = 0
    while (match := _SPAN.search(prose, position)) is not None:
        position = match.end()
        if match["code"]:
            if kind == "markdown" and _DERIVATIVE.search(match["coded"]):
                found.append(Span(match.start("coded"), match["coded"]))
            elif kind != "markdown":  # a quotation mark
                position = match.start() + 1
            continue
        group = next(name for name in _KINDS if match[name] is not None)
        if group == "loose" and not _DERIVATIVE.search(match[group]):
            position = match.start() + 1  # an amount of money
            continue
        found.append(Span(match.start(group), match[group]))
    return sorted(found, key=lambda span: span.start)


def _blocks(text: str) -> Iterator[Span]:
    """Fenced blocks of mathematics."""
    lines = lines_of(text)
    for fence in fences(lines):
        if _MATH_BLOCK.match(fence.info) and fence.last > fence.first + 1:
            last = fence.last if fence.closed else fence.last + 1
            start = lines[fence.first + 1].start
            yield Span(start, text[start : lines[last - 1].end])


def _without_blocks(text: str) -> str:
    """Markdown with fenced blocks and comments blanked."""
    lines = lines_of(text)
    for fence in fences(lines):
        start, end = lines[fence.first].start, lines[fence.last].end
        text = text[:start] + blank(text[start:end]) + text[end:]
    return _HTML_COMMENT.sub(lambda found: blank(found[0]), text)


def _tex_prose(text: str) -> str:
    """LaTeX with its preamble, comments and verbatim text blanked."""
    body = _BODY.search(text)
    if body is not None and not tex.is_commented(text, body.start()):
        text = blank(text[: body.end()]) + text[body.end() :]
    text = _VERBATIM.sub(lambda found: blank(found[0]), text)
    return _TEX_COMMENT.sub(lambda found: found[1] + blank(found[0][len(found[1]) :]), text)


def blank(text: str) -> str:
    """Spaces in the place of a text, line by line."""
    return re.sub(r"[^\r\n]", " ", text)
