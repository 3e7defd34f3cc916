"""Paragraphs of a file's head: prose and formulas on lines of a width, none broken within a name."""

from __future__ import annotations


def paragraph(text: str, width: int) -> list[str]:
    """The lines of a text, broken at spaces; what is longer than a line is broken behind an opening bracket."""
    lines = [""]
    for word in text.split():
        fits = len(lines[-1]) + 1 + len(word) <= width
        if lines[-1] and fits:
            lines[-1] += f" {word}"
        else:
            lines += _parts(word, width)
    return lines[1:]


def _parts(word: str, width: int) -> list[str]:
    """A word as the parts that fit on lines; one without brackets stays as long as it is."""
    parts = []
    while len(word) > width and (end := word.rfind("(", 0, width) + 1):
        parts.append(word[:end])
        word = word[end:]
    return [*parts, word]
