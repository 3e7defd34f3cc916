r"""Mathematics cut into statements, ``\nabla_x f = a = b``, and those into their sides."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matcalc.notes.mathematics import Span, blank

_NOISE = re.compile(
    r"\\(?:label|tag\*?|intertext|eqref|ref|cite)\s*\{[^{}]*\}|\\(?:nonumber|notag|displaystyle|textstyle|limits)(?![A-Za-z])"
    r"|\\(?:begin|end)\s*\{(?:aligned|alignedat|split|gathered|align\*?|alignat\*?|gather\*?|equation\*?|multline\*?|cases)\}"
    r"|\\(?:begin|end)\s*\{array\}(?:\{[^{}]*\})?"
    r"|(?<!\\)\\[,;:! ]|~|\\(?:color|textcolor)\s*\{[^{}]*\}"
)
_TOKEN = re.compile(
    r"""(?P<where>\\(?:text|mathrm|mbox|textrm)\s*\{\s*(?:,\s*)?(?:where|with)\s*:?\s*\}|(?<![A-Za-z\\])where(?![A-Za-z]))
      | (?P<words>\\(?:text|mbox|textrm|textit)\s*\{[^{}]*\})
      | (?P<begin>\\begin\s*\{[a-zA-Z]*\*?\})|(?P<end>\\end\s*\{[a-zA-Z]*\*?\})
      | (?P<row>\\\\(?:\s*\[[^\]\n]*\])?)
      | (?P<space>\\q?quad(?![A-Za-z]))
      | (?P<arrow>\\(?:to|Rightarrow|implies|Longrightarrow|iff|Leftrightarrow|Longleftrightarrow|rightarrow|land)(?![A-Za-z])
          |[→⇒⟹⇔])
      | (?P<open>(?:\\(?:left|[bB]igg?[lm]?)\s*)?(?:[(\[{⟨]|\\\{|\\l(?:angle|brace|brack)(?![a-z]))|\\left\s*\.)
      | (?P<close>(?:\\(?:right|[bB]igg?[rm]?)\s*)?(?:[)\]}⟩]|\\\}|\\r(?:angle|brace|brack)(?![a-z]))|\\right\s*\.)
      | (?P<equals>:?=|\\coloneqq(?![A-Za-z])|\\equiv(?![A-Za-z])|≡)
      | (?P<stop>[,;]|\.(?=\s*\Z))
      | (?P<amp>&)
      | (?P<other>\\[A-Za-z]+|\\.|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_EDGES = " \t\r\n,;.&~$"


@dataclass(frozen=True)
class Side:
    """One side of an equation and its place in the document."""

    start: int
    text: str


@dataclass(frozen=True)
class Statement:
    """The sides of an equation, in their order; ``condition`` tells whether it follows a ``where``."""

    sides: tuple[Side, ...]
    condition: bool = False


def statements(span: Span) -> list[Statement]:
    """The equations in a stretch of mathematics."""
    text = _NOISE.sub(lambda found: blank(found[0]), span.text)
    found: list[Statement] = []
    for start, end, continues, condition in _pieces(text):
        sides = [
            Side(span.start + place, text[place:stop].strip(_EDGES).replace("&", " "))
            for place, stop in _sides(text, start, end)
        ]
        if continues and found and (not sides[0].text or text[start:end].lstrip(_EDGES)[:1] in "+-−"):
            found[-1] = _joined(found[-1], sides)
        else:
            found.append(Statement(tuple(sides), condition))
    return [each for each in found if any(side.text for side in each.sides)]


def _joined(earlier: Statement, sides: list[Side]) -> Statement:
    """A statement that goes on in another row: with another side, or with more of its last one."""
    *before, last = earlier.sides
    first, *rest = sides
    whole = Side(last.start, f"{last.text} {first.text}".strip())
    return Statement((*before, whole, *rest), earlier.condition)


def _pieces(text: str) -> Iterator[tuple[int, int, bool, bool]]:
    """Where the pieces between rows, arrows, words and commas are, whether one starts a row, and follows ``where``."""
    depth = 0
    start, row, condition = 0, False, False
    for token in _TOKEN.finditer(text):
        kind = token.lastgroup
        if kind in ("open", "begin"):
            depth += 1
        elif kind in ("close", "end"):
            depth = max(0, depth - 1)
        elif depth == 0 and kind in ("row", "space", "arrow", "words", "where", "stop"):
            if text[start : token.start()].strip(_EDGES):
                yield start, token.start(), row, condition
                row = False
            if kind != "space" and kind != "stop":
                row = kind == "row"
            if kind == "where":
                condition = True
            elif kind in ("arrow", "words"):
                condition = False
            start = token.end()
    if text[start:].strip(_EDGES):
        yield start, len(text), row, condition


def _sides(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The places of the sides of an equation, without the spaces around them."""
    depth = 0
    left = start
    cuts: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(text, start, end):
        kind = token.lastgroup
        if kind in ("open", "begin"):
            depth += 1
        elif kind in ("close", "end"):
            depth = max(0, depth - 1)
        elif kind == "equals" and depth == 0:
            cuts.append((left, token.start()))
            left = token.end()
    for first, last in [*cuts, (left, end)]:
        while first < last and text[first] in _EDGES:
            first += 1
        yield first, last
