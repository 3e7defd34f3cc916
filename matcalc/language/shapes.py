"""Shape declarations: ``A: m×k, s: k, γ: scalar``, ``A ∈ ℝ^{m×k}``, or a mapping from names to sizes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from matcalc.errors import ShapeProblem, SyntaxProblem
from matcalc.graph.sizes import written
from matcalc.language.indexing import indexed_name
from matcalc.language.names import canonical
from matcalc.patterns import regex

Sizes = tuple[str | int, ...]

LONGEST = 200_000  # characters that are read at most

_SEPARATORS = regex(r"\\[{}]|[,;()\[\]{}]")
_RELATION = regex(r":=|[:=∈]|\\in(?![A-Za-z])|\s+in\s+")
_NOISE = regex(r"[$&~\u200b\u2060-\u2064\ufeff]|\\[,;:! ]|\\q?quad(?![A-Za-z])|\\(?:left|right)(?![A-Za-z])")
_REALS = regex(
    r"\s*(?:ℝ|\\mathbb\s*(?:\{\s*R\s*\}|R)|\\Reals(?![A-Za-z])|\\R(?![A-Za-z])|R(?![A-Za-z0-9]))\s*(.*)\Z",
    re.DOTALL,
)
RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᵏˡᵐⁿᵖʳˢᵗᵘᵛʷʸᶻ", "0123456789abcdeklmnprstuvwyz")
_EXPONENTS: dict[int, int | str] = {**RAISED, ord("ˣ"): "×"}
_TIMES = regex(
    r"\s*(?:×|⨯|\*|,|\\times(?![A-Za-z])|\\cdot(?![A-Za-z])|(?<=[\s\d)}])x(?=\s)|(?<=\s)x(?=[\s\d]))\s*"
)
_SIZE = r"[A-Za-z][0-9]*|[0-9]+"
_COMPACT = regex(rf"(?:{_SIZE})(?:x(?:{_SIZE}))+\Z")
_MOST_AXES = 12
_WORD = regex(r"[A-Za-z]{2,}\Z")


class Item(NamedTuple):
    """One declaration: its names with their places, the relation, and the place of its right side."""

    names: list[tuple[str, int, int]]  # canonical
    relation: str
    start: int
    end: int


def parse_shapes(shapes: str | Mapping[str, object] | None) -> dict[str, Sizes]:
    """The shapes by canonical name: ``{"A": ("m", "k"), "s": ("k",), "gamma": ()}``."""
    found: dict[str, Sizes] = {}
    if shapes is None or isinstance(shapes, str) and not shapes.strip():
        return found
    if isinstance(shapes, str):
        if len(shapes) > LONGEST:
            raise SyntaxProblem(f"the shapes have {len(shapes)} characters; at most {LONGEST} are read")
        for item in items(shapes, 0, len(shapes)):
            if item.relation == "=":
                raise SyntaxProblem(
                    "a definition belongs after the formula's `where`", shapes, item.start, item.end
                )
            declare(shapes, item, found)
        return found
    if not isinstance(shapes, Mapping):
        raise ShapeProblem(
            "shapes are a text such as 'A: m×k, s: k' or a mapping such as {'A': ('m', 'k'), 's': ('k',)}"
        )
    for spelling, value in shapes.items():
        name = canonical(spelling) if isinstance(spelling, str) else None
        if name is None:
            raise SyntaxProblem(
                f"`{_plain(spelling)}` is no name; a name is a letter or a word, with a subscript if any"
            )
        if isinstance(value, str):
            sizes = _shape(value, value, 0)
        elif isinstance(value, Sequence):
            sizes = _limited(
                tuple(_size(part, _plain(part), 0, None) for part in value), _plain(value), 0, None
            )
        else:
            sizes = (_size(value, _plain(value), 0, None),)
        _add(found, name, sizes, None, 0, 0)
    return found


def items(text: str, start: int, end: int) -> Iterator[Item]:
    """The declarations and definitions in ``text[start:end]``."""
    names: list[tuple[str, int, int]] = []
    for first, last in parts(text, start, end):
        if last == end and first != start and not text[first:end].strip(" \t\r\n$."):
            break  # a comma at the end
        relation = _RELATION.search(text, first, last)
        names.append(_name(text, first, relation.start() if relation else last))
        if relation is not None:
            sign = "=" if "=" in relation[0] else ":" if relation[0] == ":" else "∈"
            yield Item(names, sign, *_trim(text, relation.end(), last))
            names = []
    if names:
        name, first, last = names[0]
        raise SyntaxProblem(
            f"`{text[first:last][:40]}` has no shape: write `{name}: m×n`, `{name}: n` or `{name}: scalar`",
            text,
            first,
            last,
        )


def declare(text: str, item: Item, shapes: dict[str, Sizes]) -> None:
    """Add what an item declares to ``shapes``."""
    sizes = _shape(text[item.start : item.end], text, item.start, reals=item.relation == "∈")
    for name, first, last in item.names:
        _add(shapes, name, sizes, text, first, last)


def parts(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The stretches between the commas and semicolons that stand outside all brackets."""
    depth, first = 0, start
    for found in _SEPARATORS.finditer(text, start, end):
        mark = found[0][-1]
        if mark in "([{":
            depth += 1
        elif mark in ")]}":
            depth = max(0, depth - 1)
        elif depth == 0:
            yield first, found.start()
            first = found.end()
    yield first, end


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end


def _name(text: str, start: int, end: int) -> tuple[str, int, int]:
    start, end = _trim(text, start, end)
    spelling = indexed_name(text[start:end])[0]
    name = canonical(_NOISE.sub("", spelling)) if end - start <= 200 else None
    if name is None:
        shown = _plain(text[start:end])
        raise SyntaxProblem(
            f"`{shown}` is no name; shapes are written `A: m×k, s: k, γ: scalar`"
            if shown
            else "a name is missing here",
            text,
            start,
            max(end, start + 1),
        )
    return name, start, end


def _shape(written: str, text: str, start: int, reals: bool = False) -> Sizes:
    """The sizes that ``written``, a piece of ``text`` from ``start`` on, stands for."""
    end = start + max(1, len(written))
    if len(written) > 200:
        raise ShapeProblem("this is no shape; a shape is `m×n`, `n` or `scalar`", text, start, end)
    plain = _NOISE.sub(" ", written).strip()
    space = _REALS.match(plain)
    if reals:
        if space is None:
            raise ShapeProblem(f"`{_plain(plain)}` is not read; write ℝ^{{m×k}}, ℝ^n or ℝ", text, start, end)
        plain = space[1].strip()
        if plain and not plain.startswith("^"):
            raised = plain.translate(_EXPONENTS)
            if raised == plain:
                raise ShapeProblem(
                    f"`{_plain(written)}` is not read; write ℝ^{{m×k}}, ℝ^n or ℝ", text, start, end
                )
            plain = raised
        plain = plain.removeprefix("^").strip()
    elif not plain:
        raise ShapeProblem("a shape is missing here; a shape is `m×n`, `n` or `scalar`", text, start, end)
    if plain[:1] in ("(", "{", "[") and plain[-1:] == {"(": ")", "{": "}", "[": "]"}[plain[0]]:
        plain = plain[1:-1].strip().removesuffix(",").strip()
    if plain in ("", "scalar"):
        return ()
    compact = _COMPACT.match(plain)
    parts = plain.split("x") if compact else _TIMES.split(plain)
    return _limited(tuple(_size(part, text, start, end) for part in parts), text, start, end)


def _limited(sizes: Sizes, text: str, start: int, end: int | None) -> Sizes:
    if len(sizes) > _MOST_AXES:
        raise ShapeProblem(
            f"a tensor of order {len(sizes)} is too large; at most {_MOST_AXES} axes are read",
            text,
            start,
            len(text) if end is None else end,
        )
    return sizes


def _size(part: object, text: str, start: int, end: int | None) -> str | int:
    """A size: a name or a positive whole number."""
    if isinstance(part, str):
        stripped = part.strip()
        if stripped.isascii() and stripped.isdigit() and len(stripped) <= 9:
            part = int(stripped)
        else:
            name = canonical(stripped) if len(stripped) <= 60 else None
            if name is not None:
                return name
            made = written(stripped) if len(stripped) <= 60 else None
            if made:
                return made
    if isinstance(part, bool) or not hasattr(part, "__index__") or part.__index__() < 1:
        found = f"`{_plain(part)}` is no size" if _plain(part) else "a size is missing here"
        raise ShapeProblem(
            f"{found}; a size is a name or a positive whole number",
            text,
            start,
            len(text) if end is None else end,
        )
    return int(part.__index__())


def _add(shapes: dict[str, Sizes], name: str, sizes: Sizes, text: str | None, start: int, end: int) -> None:
    known = shapes.setdefault(name, sizes)
    if known != sizes:
        raise ShapeProblem(
            f"`{name}` is declared twice, as {_written(known)} and as {_written(sizes)}", text, start, end
        )


def _written(sizes: Sizes) -> str:
    return "×".join(map(str, sizes)) or "scalar"


def _plain(value: object) -> str:
    """A short printable form for a message."""
    shown = (value if isinstance(value, str) else repr(value))[:40]
    return shown if shown.isprintable() else "".join(c if c.isprintable() else "?" for c in shown)
