"""Statements that are too long for a line, broken at their outermost operators and brackets, in the manner of Black."""

from __future__ import annotations

import re

WIDTH = 106  # of a statement, which stands indented by four
_STEP = "    "
_ADDED, _MULTIPLIED = (" + ", " - ", " | ", " & "), (" * ", " .* ", " @ ", " / ", " ./ ")
_ASSIGNED = re.compile(r"^(?:[^=\"']|\"[^\"]*\")*? (?:[-+]?=) ")


def broken(statement: str, width: int = WIDTH) -> list[str]:
    """The lines of a statement ``name = value``; one that fits, or is no such statement, is one line."""
    found = _ASSIGNED.match(statement)
    if len(statement) <= width or found is None:
        return [statement]
    value = statement[found.end() :].removesuffix(";")
    end = ";" if statement.endswith(";") else ""
    opened = _group(value)
    if opened is not None and (opened[1] == len(value) - 1 or not _split(value, _ADDED)[1:]):
        lines = _opened(found.group(), value, opened, end, "", width)
        if max(map(len, lines)) <= width:
            return lines
    return [f"{found.group()}(", *_fitted("", value, "", _STEP, width), f"){end}"]


def _fitted(before: str, text: str, after: str, indent: str, width: int) -> list[str]:
    """A text within brackets, on as many lines as it needs, the first with ``before`` and the last with ``after``."""
    if len(indent + before + text + after) <= width:
        return [indent + before + text + after]
    pieces = _split(text, _ADDED)
    if len(pieces) == 1:
        group = _group(text)
        if group is not None and len(text) - (group[1] - group[0]) <= width // 2:
            return _opened(indent + before, text, group, after, indent, width)
        pieces = _split(text, _MULTIPLIED)
    if len(pieces) == 1:
        return [indent + before + text + after]
    lines: list[str] = []
    for place, (sign, piece) in enumerate(pieces):
        last = after if place == len(pieces) - 1 else ""
        lines += _fitted(f"{sign.strip()} " if sign else before, piece, last, indent, width)
    return lines


def _opened(start: str, text: str, group: tuple[int, int], after: str, indent: str, width: int) -> list[str]:
    """A text with what stands in one pair of its brackets on lines of its own."""
    first, last = group
    inner = text[first + 1 : last]
    parts = [part for _, part in _split(inner, (", ",))]
    lines = [start + text[: first + 1]]
    for place, part in enumerate(parts):
        comma = "," if place < len(parts) - 1 else ""
        lines += _fitted("", part, comma, indent + _STEP, width)
    return [*lines, indent + text[last:] + after]


def _split(text: str, signs: tuple[str, ...]) -> list[tuple[str, str]]:
    """The pieces of a text between signs that stand outside of all brackets, each with the sign before it."""
    pieces = []
    sign, start, depth, quoted = "", 0, 0, False
    for place, letter in enumerate(text):
        quoted ^= letter == '"'
        if quoted:
            continue
        depth += (letter in "([{") - (letter in ")]}")
        found = next((each for each in signs if not depth and text.startswith(each, place)), None)
        if found is not None:
            pieces.append((sign, text[start:place]))
            sign, start = found, place + len(found)
    return [*pieces, (sign, text[start:])]


def _group(text: str) -> tuple[int, int] | None:
    """The longest pair of round brackets that stands in no other brackets."""
    found: tuple[int, int] | None = None
    start, depth, quoted = 0, 0, False
    for place, letter in enumerate(text):
        quoted ^= letter == '"'
        if quoted:
            continue
        if letter in "([{":
            if not depth:
                start = place
            depth += 1
        elif letter in ")]}":
            depth -= 1
            is_longer = found is None or place - start > found[1] - found[0]
            if not depth and letter == ")" and is_longer and place - start > 1:
                found = start, place
    return found
