r"""The mathematics of a document: what stands in ``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]``, LaTeX's environments, and in
Markdown in code spans and blocks of ``math``.  What is no text is blanked, so that every place stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from matcalc.notes import tex
from matcalc.notes.markdown import fences
from matcalc.notes.places import lines_of

_LONGEST = 20_000  # signs of a stretch of mathematics
_ENVIRONMENTS = "equation|align|alignat|flalign|gather|multline|eqnarray|displaymath|math|dmath"
_OPENS = re.compile(
    rf"(?<!\\)(?:(?<!`)(?P<code>`++)|(?P<fixed>\$\$|\\\[|\\\()|\\begin[ \t]*\{{(?P<name>(?:{_ENVIRONMENTS})\*?)\}}|(?P<dollar>\$))"
)
_CLOSES = {"$$": "$$", "\\[": "\\]", "\\(": "\\)"}
_INLINE = re.compile(r"((?:[^$\\\n]|\\.|\n(?![ \t\r]*\n)){1,4000}+)\$", re.DOTALL)
_MATH_BLOCK = re.compile(r"\s*math\b")
_PLAIN_BLOCK = re.compile(r"\s*(?:text\b.*)?\Z")
_FORMULA_LINE = re.compile(
    r"^[ \t>]*(?:(?:[-+*]|\d{1,9}[.)])[ \t]+)?([∇∂][^\r\n$`]*=[^\r\n$`]*)$", re.MULTILINE
)
_DERIVATIVE = re.compile(r"∇|∂|\\nabla|\\partial|d/d|\\frac")
_HTML_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TEX_COMMENT = re.compile(r"(?<!\\)((?:\\\\)*)%[^\r\n]*")
_VERBATIM = re.compile(r"\\begin[ \t]*\{(verbatim\*?|Verbatim\*?|lstlisting|minted|comment|matcalc)\}")
_VERB = re.compile(r"\\verb\*?(?P<mark>[^\w\s*])[^\r\n]*?(?P=mark)")
_BODY = re.compile(r"\\begin[ \t]*\{document\}")


@dataclass(frozen=True)
class Span:
    """A stretch of mathematics and where it starts in the document."""

    start: int
    text: str


def spans(text: str, kind: str) -> list[Span]:
    """The mathematics of a document of this kind, in the order of the text."""
    found = [*_blocks(text), *_formula_lines(text)] if kind == "markdown" else []
    prose = _without_blocks(text) if kind == "markdown" else _tex_prose(text)
    last = cache(prose.rfind)  # where something closes for the last time
    position = 0
    while (opening := _OPENS.search(prose, position)) is not None:
        start = opening.end()
        stretch = _stretch(prose, opening, kind == "markdown", last)
        if stretch is None:
            position = start
            continue
        end, position = stretch
        if not opening["code"] or _DERIVATIVE.search(prose, start, end):
            found.append(Span(start, prose[start:end]))
    return sorted(found, key=lambda span: span.start)


def _stretch(
    text: str, opening: re.Match[str], has_code: bool, last: Callable[[str], int]
) -> tuple[int, int] | None:
    """Where the mathematics that is opened here ends, and where what closes it ends."""
    start = opening.end()
    if opening["dollar"]:
        inline = _INLINE.match(text, start)
        if inline is None:
            return None
        end = inline.end(1)
        amount = text[start].isspace() or text[end - 1].isspace() or text[end + 1 : end + 2].isdigit()
        return None if amount and not _DERIVATIVE.search(text, start, end) else (end, end + 1)
    if opening["code"] and not has_code:  # a quotation mark
        return None
    closes = opening["code"] or _CLOSES.get(opening["fixed"]) or f"\\end{{{opening['name']}}}"
    end = text.find(closes, start + 1, start + _LONGEST) if last(closes) > start else -1
    while (
        opening["code"]
        and end > 0
        and "`" in (text[end - 1], text[end + len(closes) : end + len(closes) + 1])
    ):
        end = text.find(closes, end + len(closes), start + _LONGEST)
    return None if end < 0 else (end, end + len(closes))


def _blocks(text: str) -> Iterator[Span]:
    """Fenced blocks of mathematics."""
    lines = lines_of(text)
    for fence in fences(lines):
        if _MATH_BLOCK.match(fence.info) and fence.last > fence.first + 1:
            last = fence.last if fence.closed else fence.last + 1
            start = lines[fence.first + 1].start
            yield Span(start, text[start : lines[last - 1].end])


def _formula_lines(text: str) -> Iterator[Span]:
    """Lines that are formulas in Unicode, without any marks, also in plain blocks."""
    for line in _FORMULA_LINE.finditer(_without_blocks(text, plain=False)):
        yield Span(line.start(1), line[1])


def _without_blocks(text: str, plain: bool = True) -> str:
    """Markdown with fenced blocks, or with those of some language only, and comments blanked."""
    lines = lines_of(text)
    pieces, position = [], 0
    for fence in fences(lines):
        if plain or not _PLAIN_BLOCK.match(fence.info):
            start, end = lines[fence.first].start, lines[fence.last].end
            pieces += [text[position:start], blank(text[start:end])]
            position = end
    text = "".join(pieces) + text[position:]
    return _HTML_COMMENT.sub(lambda found: blank(found[0]), text)


def _tex_prose(text: str) -> str:
    """LaTeX with its preamble, comments and verbatim text blanked."""
    body = _BODY.search(text)
    if body is not None and not tex.is_commented(text, body.start()):
        text = blank(text[: body.end()]) + text[body.end() :]
    text = _VERB.sub(lambda found: blank(found[0]), _without_verbatim(text))
    return _TEX_COMMENT.sub(lambda found: found[1] + blank(found[0][len(found[1]) :]), text)


def _without_verbatim(text: str) -> str:
    """LaTeX with environments blanked whose text means nothing; one without an end stays."""
    last = cache(text.rfind)
    pieces: list[str] = []
    position = 0
    for opening in _VERBATIM.finditer(text):
        closing = f"\\end{{{opening[1]}}}"
        if opening.start() >= position and last(closing) > opening.end():
            end = text.index(closing, opening.end())
            pieces += [text[position : opening.start()], blank(text[opening.start() : end])]
            position = end
    return "".join(pieces) + text[position:]


def blank(text: str) -> str:
    """Spaces in the place of a text, line by line."""
    return re.sub(r"[^\r\n]", " ", text)
