"""A formula whose indices are told from its names, and the rows that it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from matcalc.language.syntax import Syntax


class Row(NamedTuple):
    """``xᵢ`` that was read as a row of a matrix: as it was written, the letter, and the name of the matrix.

    ``of_sample`` where it is one sample of a batch, x without the letter, which may be a number, an entry of a vector.
    """

    written: str
    letter: str
    matrix: str
    of_sample: bool = False

    def note(self, axes: int, shape: str) -> str:
        """How it was read; ``axes`` and ``shape`` are those of the matrix."""
        place = f" ({shape})" if shape else ""
        if not self.of_sample:
            return (
                f"{self.written} was read as the {self.letter}-th row of the data matrix {self.matrix}{place}"
            )
        if axes == 1:
            return f"{self.written} is a number of one sample, the {self.letter}-th entry of the vector {self.matrix}{place}"
        return (
            f"{self.written} is one sample, the {self.letter}-th row of the data matrix {self.matrix}{place}"
        )


class Resolved(NamedTuple):
    """A formula whose indices are told from its names.

    ``axes`` says how many axes the indexed variables have that no declaration knows; ``sizes`` are the names that
    sums run to, as the n of Σ_{i=1}^n; ``counts`` are names that stand for the length of sums, as the n of
    1/n Σᵢ.  Free indices keep their letters, those of sums have a number behind the letter.
    """

    tree: Syntax
    definitions: tuple[tuple[str, Syntax], ...]
    orders: Mapping[str, tuple[str, ...]] = {}
    axes: Mapping[str, int] = {}
    sizes: frozenset[str] = frozenset()
    counts: Mapping[str, tuple[str, ...]] = {}  # name -> indices
    rows: tuple[Row, ...] = ()
    left: tuple[
        tuple[str, tuple[str, ...]], ...
    ] = ()  # variables on the left side, with the indices of their axes
    notes: tuple[str, ...] = ()


def letter(index: str) -> str:
    """How an index is written: its name without the number of its sum."""
    return index.partition("#")[0]
