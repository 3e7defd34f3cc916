"""Index notation, letter by letter: what stands in the brackets of ``A[i,:]`` and under the sum of ``Σ_{i=1}^n``."""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from functools import cache

from matcalc.errors import SyntaxProblem
from matcalc.language.names import SUBSCRIPT_CHARACTERS, canonical, compose
from matcalc.language.syntax import Call, Index, Number, Shift, Slice, Syntax
from matcalc.patterns import regex

Range = tuple[str, str | int | None]  # an index letter and the size that it runs over, if that is written

SUM_OVER = "sum over "  # how a waiting sum is called: "sum over i=n j"

_ITEM = regex(r"\s*(?:([A-Za-z])|([0-9]{1,9})|([0-9]{0,9})\s*:\s*([0-9]{0,9}))\s*\Z")
_SHIFTED = regex(r"\s*([A-Za-z])\s*([-+−])\s*([A-Za-z]|[0-9]{1,9})\s*\Z")
_BRACKETS = regex(r"\[([^\[\](){}]{1,120})\]")
_SUMS = regex(rf"(?:[Σ∑]|sum)\s*(_\s*\{{[^{{}}]{{1,40}}|_[A-Za-z]+|[{SUBSCRIPT_CHARACTERS}]+)")
_NOISE = regex(r"\\[,;:! ]|[\s,]")
_LOWER = regex(r"([A-Za-z]+)(?:=([0-9]+))?\Z")
_AXES = frozenset(["rows", "cols", "columns"])
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹ᵃᵇᶜᵈᵉᵏᵐⁿᵖˢᵗᴺᴹᴷᵀ", "0123456789abcdekmnpstNMKT")
_LOWERED = {chr(0x2080 + digit): str(digit) for digit in range(10)} | {"₌": "="}
ROW = "1"  # the first index of y[1,i] on a left side: y is a row
_LEFT = regex(
    r"\[\s*((?:1\s*,\s*)?[A-Za-z](?:\s*,\s*[A-Za-z])*)\s*\]|_\s*\{\s*([A-Za-z](?:[\s,]*[A-Za-z])*)\s*\}|_([A-Za-z])"
)
_NAMES = regex(r"\([^()]*\)(?=_)|[A-Za-z]_(?:\{[^{}]*\}|\w)(?=\[)")  # (W_{in})_{kl}, W_{in}[k,l]
_PLAIN_LEFT = regex(r"[^-=+*/⊙()−·]*\Z")
_INDEXED_NAME = regex(r"(.*?[^\s])\s*\[\s*((?:1\s*,\s*)?[A-Za-z](?:\s*,\s*[A-Za-z])*)\s*\]\Z", re.DOTALL)


def in_brackets(text: str, position: int, end: int) -> tuple[tuple[Syntax, ...], int] | None:
    """The indices in the brackets that open at ``position``, and where they end; None where it is no index list.

    Raises ``SyntaxProblem`` for what is an index list, but not one that can be read.
    """
    found = _BRACKETS.match(text, position, end)
    if found is None:
        return None
    items: list[Syntax] = []
    start = position + 1
    parts = found[1].split(",")
    for part in parts:
        stop = start + len(part)
        item = _ITEM.match(part)
        if item is not None:
            items.append(_item(item, text, start, stop))
        elif _SHIFTED.match(part) and (len(parts) > 1 or any(_runs(c, text) for c in part if c.isalpha())):
            items.append(_shift(part, text, start, stop))
        else:
            return None
        start = stop + 1
    if len(items) == 1 and isinstance(items[0], Index) and not _is_index(items[0].name, text):
        return None
    return tuple(items), found.end()


def _item(item: re.Match[str], text: str, start: int, end: int) -> Syntax:
    letter, number, first, last = item.groups()
    if letter:
        return Index(start, end, letter)
    if number:
        if int(number) == 0:
            raise SyntaxProblem("indices count from 1, as in mathematics", text, start, end)
        return Number(start, end, Fraction(int(number)))
    if not first and not last:
        return Slice(start, end)
    if not last:
        raise SyntaxProblem(
            "say where the range ends, as in X[:, 2:5]; it includes both ends", text, start, end
        )
    low = int(first or 1)
    if not 1 <= low <= int(last):
        raise SyntaxProblem(
            "a range goes up, counts from 1 and includes both ends: 1:3 is 1, 2, 3", text, start, end
        )
    return Slice(start, end, low, int(last))


def _shift(part: str, text: str, start: int, end: int) -> Syntax:
    """The sum of two indices, as in the x[i+p] of a convolution."""
    found = _SHIFTED.match(part)
    assert found is not None
    first, sign, second = found.groups()
    if sign != "+" or second.isdigit() or first == second:
        raise SyntaxProblem(
            "an index is a letter, a number or the sum of two letters, as in x[i+p]; for neighbours take slices, as in"
            " x[2:5] - x[1:4]",
            text,
            start,
            end,
        )
    return Shift(start, end, (first, second))


def _is_index(letter: str, text: str) -> bool:
    """Whether the only letter in brackets is an index: A[x] is a product unless a sum runs over x."""
    if letter in "abcdfghijklmnopqrst":
        return True
    return _runs(letter, text)


def _runs(letter: str, text: str) -> bool:
    """Whether a sum of the text runs over a letter."""
    return any(letter in canonical_letters(found[1]) for found in _SUMS.finditer(text))


def canonical_letters(lower: str) -> str:
    """The letters under a sum sign, also where they are subscript characters."""
    return (compose("x", lower) or "") if lower[0] in SUBSCRIPT_CHARACTERS else lower


def after_sum(text: str, position: int, end: int, latex: bool) -> tuple[tuple[Range, ...], int] | None:
    """The indices that the sum sign before ``position`` runs over, and where they end.

    None where nothing that could be an index follows.  Raises ``SyntaxProblem`` where a range is not a whole axis.
    """
    found = _range(latex).match(text, position, end)
    if found is None:
        return None
    lower = found["braced"] or found["bare"] or found["small"] or found["late"]
    upper = found["upper"] or found["raised"] or found["early"]
    content = _NOISE.sub("", "".join(_LOWERED.get(c, c) for c in lower))
    if content in _AXES:
        return None
    if found["small"] or (found["late"] and found["late"][0] in SUBSCRIPT_CHARACTERS):
        letters, equals, first = content.partition("=")
        content = (compose("x", letters) or "x_").replace("_", "")[1:] + equals + first
    lower_found = _LOWER.match(content)
    if lower_found is None:
        raise SyntaxProblem(
            "a sum runs over whole axes, with one-letter indices: Σᵢ, Σ_{i,j} or \\sum_{i=1}^{n}",
            text,
            position,
            found.end(),
        )
    letters, first = lower_found.groups()
    if first not in (None, "1"):
        raise SyntaxProblem(
            "a sum runs over a whole axis from 1; for a part of it take a slice, as in Σᵢ x[2:5][i]",
            text,
            position,
            found.end(),
        )
    if len(set(letters)) < len(letters):
        raise SyntaxProblem("this sum runs over one index twice", text, position, found.end())
    size = None if upper is None else _size(upper, text, position, found.end())
    return tuple((letter, size) for letter in letters), found.end()


def _size(upper: str, text: str, start: int, end: int) -> str | int:
    plain = upper.strip().strip("{}").translate(_RAISED).strip()
    if plain.isascii() and plain.isdigit() and 0 < len(plain) <= 9 and int(plain):
        return int(plain)
    name = canonical(plain)
    if name is None:
        raise SyntaxProblem(
            f"a sum runs over a whole axis, from 1 to its size, a name or a number; `{plain[:20]}` is neither;"
            " for a part of an axis take a slice, as in x[1:5]",
            text,
            start,
            end,
        )
    return name


@cache
def _range(latex: bool) -> re.Pattern[str]:
    bare = "[A-Za-z]" if latex else "[A-Za-z]+"
    small = rf"[{SUBSCRIPT_CHARACTERS}₌]+"
    return re.compile(
        rf"(?:\s*\\(?:no)?limits)?\s*(?:"
        rf"\^\s*(?P<early>\{{[^{{}}]{{1,40}}\}}|[A-Za-z0-9])\s*_\s*\{{?(?P<late>[^{{}}]{{1,40}}?)(?:\}}|(?=\s))"
        rf"|(?:_\s*\{{(?P<braced>[^{{}}]{{1,40}})\}}|_(?P<bare>{bare})|(?P<small>{small}))"
        rf"(?:\s*\^\s*(?P<upper>\{{[^{{}}]{{1,40}}\}}|[A-Za-z0-9])|(?P<raised>[⁰¹²³⁴-⁹ᵏᵐⁿᵖᵗᴺᴹᴷᵀ]+))?"
        rf")"
    )


def waiting(ranges: Sequence[Range]) -> str:
    """The name of a sum that waits for what it sums."""
    return SUM_OVER + " ".join(letter if size is None else f"{letter}={size}" for letter, size in ranges)


def sum_over(function: str, body: Syntax, start: int, end: int) -> Syntax:
    """The sum that waited under this name."""
    indices = []
    for part in function[len(SUM_OVER) :].split(" "):
        letter, _, size = part.partition("=")
        indices.append(Index(start, end, letter, int(size) if size.isdigit() else size or None))
    return Call(start, end, "sum over", (body, *indices))


def after_brackets(text: str, subscript: str, start: int, end: int) -> tuple[Syntax, ...]:
    """The indices that a subscript after brackets spells, as in ``(AB)_{ij}`` or ``(A)_{2,3}``."""
    name = compose(
        "x", subscript if subscript[0] != "_" or subscript[1:2] == "{" else f"_{{{subscript[1:].strip()}}}"
    )
    parts = [] if name is None else name[1:].split("_")
    items: list[Syntax] = []
    for part in parts:
        if part.isdigit():
            items.append(Number(start, end, Fraction(int(part))))
        elif part.isalpha():
            items.extend(Index(start, end, letter) for letter in part)
        elif part:
            name = None
    if name is None or not items:
        raise SyntaxProblem(
            "a subscript after brackets holds index letters or numbers: (AB)_{ij}", text, start, end
        )
    return tuple(items)


_UNDER = regex(
    r"(?:∂|\\partial|(?<![A-Za-z\\])d)\s*\(?([A-Za-zͰ-Ͽ](?:_\{?[A-Za-z0-9]+\}?(?=\)|\[)|[0-9₀-₉]*))\)?"
    r"(?:\[((?:1\s*,)?[a-z, ]+)\]|_\{?([a-z]+)\}?)"
)


def left_side(text: str, start: int, end: int) -> tuple[tuple[str, ...], int] | None:
    """The indices on the left of ``∂Y[i,j]/∂X[k,l] = …``, in order, and where the right side starts."""
    equals = text.find("=", start, end)
    if equals < 0 or text[equals - 1 : equals] in (":", "<", ">", "!"):
        return None
    left = _NAMES.sub("X", text[start:equals])
    plain = left.replace("/", " ").replace("\\partial", " ").replace("\\frac", " ")
    if not _PLAIN_LEFT.match(plain) or "sum" in left or "Σ" in left or "∑" in left:
        return None
    letters = [c for found in _LEFT.findall(left) for c in "".join(found) if c.isalpha() or c == ROW]
    if not letters:
        return None
    if len(set(letters)) < len(letters):
        raise SyntaxProblem("an index stands twice on the left side", text, start, equals)
    return tuple(letters), equals + 1


def left_axes(text: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The variables under the line of ``∂Y[i,j]/∂X[k,l] = …`` and the indices of their axes: X with k and l."""
    pairs = []
    left = text.partition("=")[0]
    below = left.partition("/")[2] or left.partition("}{")[2]
    for found in _UNDER.finditer(below):
        name = canonical(found[1])
        if name is not None:
            pairs.append((name, tuple(c for c in found[2] or found[3] if c.isalpha() or c == ROW)))
    return tuple(pairs)


def indexed_name(spelling: str) -> tuple[str, tuple[str, ...]]:
    """The name and the indices of the left side of a definition: ``M[i,j]``, of a row ``y[1,i]``."""
    found = _INDEXED_NAME.match(spelling)
    if found is None:
        return spelling, ()
    return found[1], tuple(c for c in found[2] if c.isalpha() or c == ROW)
