"""Assumptions on variables: ``S: symmetric``, ``A, B: n×n spd``, ``S ∈ 𝕊ⁿ``, ``Q is orthogonal``, or a mapping."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache

from matcalc.errors import SyntaxProblem
from matcalc.language.names import canonical
from matcalc.language.shapes import LONGEST, RAISED, Sizes, parse_shapes, parts
from matcalc.patterns import regex
from matcalc.structure import Structures, assumed, spellings, structures

Assume = Mapping[str, object] | str | None

_RELATION = regex(r":=|[:=∈]|\\in(?![A-Za-z])|\s+in\s+")
_SYMMETRIC = regex(
    r"\s*(?:∈|\\in(?![A-Za-z])|\bin\b)\s*(?:𝕊|\\mathbb\s*(?:\{\s*S\s*\}|S))\s*(\S.*?)?\s*\$?\.?\s*\Z",
    re.DOTALL,
)
_LONGEST_PART = 400  # characters; longer ones are definitions or mistakes
_DEFINITE = regex(r"(?:_\s*\{?\s*\+\+\s*\}?|₊₊)")


@dataclass
class Clause:
    """The text of declarations with its assumptions blanked out, so that places stay, and what they say."""

    text: str
    given: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    shapes: dict[str, Sizes] = field(default_factory=dict)  # of S ∈ 𝕊ⁿ

    def blank(self, start: int, end: int, left: str = "") -> None:
        """Put ``left`` in the place of ``text[start:end]``, filled up with spaces."""
        self.text = self.text[:start] + left.ljust(min(end, len(self.text)) - start) + self.text[end:]


def extract(text: str, start: int, end: int) -> Clause:
    """Take the assumptions out of the declarations in ``text[start:end]``."""
    clause = Clause(text)
    if not _any().search(text, start, end):
        return clause
    pending: list[tuple[int, int]] = []  # names that wait for the relation of a later one: A, B: n×n
    latest: list[str] = []  # the names that the last part was about
    for first, last in parts(text, start, end):
        if last - first > _LONGEST_PART:
            pending = []
            continue
        relation = _RELATION.search(text, first, last)
        if relation is not None and "=" in relation[0]:
            pending = []
            continue
        body = relation.end() if relation else first
        kinds, left = _taken(text[body:last], relation is not None)
        if kinds and relation is None and not left.strip() and latest:  # S: symmetric, positive
            clause.given.extend((name, kinds) for name in latest)
            clause.blank(first, last + 1)
            continue
        space = _SYMMETRIC.match(text, relation.start(), last) if relation and not kinds else None
        if space is not None:
            kinds = ("spd",) if _DEFINITE.search(space[1] or "") else ("symmetric",)
        if not kinds:
            if relation is None:
                pending.append((first, last))
            else:
                pending = []
            continue
        own = (first, relation.start() if relation else first + len(left.rstrip()))
        latest = [_name(text, *place) for place in (*pending, own)]
        clause.given.extend((name, kinds) for name in latest)
        if space is not None:
            clause.shapes.update(dict.fromkeys(latest, _square(space[1], text, first, last)))
        if relation is None or space is not None or not left.strip(" \t\r\n{}$.~&"):
            clause.blank((*pending, own)[0][0], last + 1)
        else:
            clause.blank(body, last, left)
        pending = []
    return clause


def parse_assumptions(assume: Assume) -> list[tuple[str, tuple[str, ...]]]:
    """The kinds by canonical name, from ``"S: symmetric; Q: orthogonal"`` or ``{"S": "symmetric"}``.

    Raises ``SyntaxProblem`` where a name or a kind can't be read.
    """
    if assume is None:
        return []
    if isinstance(assume, str):
        if len(assume) > LONGEST:
            raise SyntaxProblem(f"the assumptions have {len(assume)} characters; at most {LONGEST} are read")
        clause = extract(assume, 0, len(assume))
        left = re.search(r"[^\s,;$.]", clause.text)
        if left is not None:
            end = min(
                (place for mark in ",;" if (place := clause.text.find(mark, left.start())) > 0), default=None
            )
            start, end = left.start(), len(clause.text.rstrip()) if end is None else end
            raise SyntaxProblem(_unreadable(clause.text[start:end]), assume, start, end)
        return clause.given
    if not isinstance(assume, Mapping):
        raise SyntaxProblem(
            "assumptions are a text such as 'S: symmetric' or a mapping such as {'S': 'symmetric'}"
        )
    return [_entry(name, kinds) for name, kinds in assume.items()]


def read_shapes(
    shapes: Mapping[str, object] | str | None,
) -> tuple[dict[str, Sizes], list[tuple[str, tuple[str, ...]]]]:
    """The shapes that a caller declares, and what a text of them, ``"S: n×n symmetric"``, assumes."""
    if not isinstance(shapes, str):
        return parse_shapes(shapes), []
    clause = extract(shapes, 0, len(shapes))
    return {**parse_shapes(clause.text), **clause.shapes}, clause.given


def read_assumptions(assume: Assume, *texts: Iterable[tuple[str, tuple[str, ...]]]) -> Structures:
    """The structures that the caller and the texts assume, which must not contradict each other."""
    return assumed([*parse_assumptions(assume), *(pair for text in texts for pair in text)])


def _entry(spelling: object, kinds: object) -> tuple[str, tuple[str, ...]]:
    name = canonical(spelling) if isinstance(spelling, str) else getattr(spelling, "name", None)
    if name is None:
        raise SyntaxProblem(f"`{str(spelling)[:40]}` is no name of a variable")
    several = [kinds] if isinstance(kinds, str) else kinds
    if not isinstance(several, Iterable):
        raise SyntaxProblem(_unreadable(str(kinds)))
    found: list[str] = []
    for kind in several:
        if not isinstance(kind, str):
            raise SyntaxProblem(_unreadable(str(kind)))
        for part in re.split(r"[,;]", kind):
            read, left = _taken(part, False)
            if not read or left.strip():
                raise SyntaxProblem(_unreadable(part.strip()))
            found.extend(read)
    return canonical(name) or name, tuple(found)


def _unreadable(part: str) -> str:
    kinds = ", ".join(structures())
    shown = "".join(c if c.isprintable() else "?" for c in part[:40]).strip()
    name, relation, kind = shown.partition(":")
    if relation and canonical(name.strip()) is not None and kind.strip():
        return f"`{kind.strip()}` is no structure; a variable can be assumed {kinds}"
    return f"`{shown}` is no assumption; write for example S: symmetric. A variable can be assumed {kinds}"


def _choice() -> str:
    names = sorted(spellings(), key=len, reverse=True)
    return "|".join(re.escape(name).replace(r"\ ", r"\s+") for name in names)


@cache
def _any() -> re.Pattern[str]:
    """Something that may be an assumption."""
    return re.compile(rf"{_choice()}|𝕊|\\mathbb", re.IGNORECASE)


@cache
def _at_the_end() -> re.Pattern[str]:
    filling = r"(?:is\s+an?\s+|(?:is|are|and)\s+|\\(?:text|textrm|mathrm)\s*\{\s*)*"
    kind = rf"({_choice()})(?![A-Za-z0-9_])"
    return re.compile(rf"(?:^|(?<=[\s:}}~])){filling}{kind}[\s}}$.~&]*\Z", re.IGNORECASE)


@cache
def _at_the_start() -> re.Pattern[str]:
    return re.compile(rf"\s*({_choice()})(?![A-Za-z0-9_])", re.IGNORECASE)


def _taken(part: str, leading: bool) -> tuple[tuple[str, ...], str]:
    """The kinds at the end of ``part``, or else with ``leading`` at its beginning; and what is left in its place."""
    kinds: list[str] = []
    while (found := _at_the_end().search(part)) is not None:
        before = part[: found.start()]
        if before.rstrip().endswith(("×", "*", "·", "\\times", "\\cdot")):
            break  # a size that is called so
        kinds.insert(0, _kind(found[1]))
        part = before
    while leading and not kinds and (found := _at_the_start().match(part)) is not None:
        kinds.append(_kind(found[1]))
        part = " " * found.end() + part[found.end() :]
    return tuple(kinds), part


def _kind(word: str) -> str:
    return spellings()[re.sub(r"\s+", " ", word.lower())]


def _square(exponent: str | None, text: str, start: int, end: int) -> Sizes:
    """The shape that 𝕊ⁿ stands for."""
    plain = _DEFINITE.sub("", exponent or "").translate(RAISED).strip(" ^{}$")
    if canonical(plain) is None and not plain.isdigit():
        raise SyntaxProblem("the symmetric matrices are written 𝕊^n or 𝕊^{n}", text, start, end)
    return parse_shapes({"S": (plain, plain)})["S"]


def _name(text: str, start: int, end: int) -> str:
    plain = re.sub(r"[$&~]|\\[,;:! ]|\\q?quad(?![A-Za-z])", " ", text[start:end]).strip()
    plain = re.sub(r"\s+(?:is|are)\Z", "", plain)
    name = canonical(plain) if len(plain) <= 200 else None
    if name is None:
        lead = len(text[start:end]) - len(text[start:end].lstrip())
        shown = "".join(c if c.isprintable() else "?" for c in plain[:40])
        message = f"`{shown}` is no name" if shown else "a name is missing here"
        raise SyntaxProblem(
            f"{message}; assumptions are written S: symmetric", text, start + lead, max(end, start + lead + 1)
        )
    return name
