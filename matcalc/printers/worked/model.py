"""What is on a page, whatever it is shown in: pieces of lines, equations, sections, a table."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A piece of a line: ``words``, a formula (``math``) or a piece of a rule file (``code``)."""

    text: str
    kind: str = "words"


Pieces = tuple[Piece, ...]


@dataclass(frozen=True)
class Side:
    """One side of an equation, in LaTeX with a line for each definition of a name in it, and the reasons why it is equal."""

    text: str
    notes: tuple[Pieces, ...] = ()


@dataclass(frozen=True)
class Equation:
    """``left = side = side …``; ``before`` are words in front of it: ``as Wᵀ in z₃``."""

    left: str
    sides: tuple[Side, ...]
    before: Pieces = ()


@dataclass(frozen=True)
class Section:
    """Equations under a title; ``left_out`` lines are missing before the one at ``place``."""

    title: Pieces
    equations: tuple[Equation, ...]
    left_out: int = 0
    place: int = -1


@dataclass(frozen=True)
class Table:
    """The layer table: rows of cells, those of a formula ``math``; ``left_out`` rows are missing at ``place``."""

    headings: tuple[Pieces, ...]
    rows: tuple[tuple[Piece, ...], ...]
    left_out: int = 0
    place: int = -1


@dataclass(frozen=True)
class Page:
    """A derivation to be read, in one ``spelling``: ``title``, the layer table where there is one, sections.

    ``closing`` is the result once more, for forms that have no other way to make it stand out.
    """

    title: Pieces
    caption: Pieces
    table: Table | None
    sections: tuple[Section, ...]
    legend: Pieces
    closing: str
    spelling: str
    verbose: bool

    @property
    def sentence(self) -> Pieces:
        """The caption where there is no title before it."""
        first, *rest = self.caption
        return (Piece(first.text[:1].upper() + first.text[1:], first.kind), *rest, Piece("."))


def math(text: str) -> Piece:
    """A formula."""
    return Piece(text, "math")


def code(text: str) -> Piece:
    """A piece of a rule file."""
    return Piece(text, "code")


def words(text: str) -> Pieces:
    """A line of words alone."""
    return (Piece(text),)
