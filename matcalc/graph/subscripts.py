"""Subscripts: how the operands of a contraction share indices, as in ``Σ_k A[i,k] B[k,j]``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Subscripts(NamedTuple):
    """The indices of each operand of a contraction and of its value; those that the value lacks are summed.

    Indices are numbers in the order of first occurrence, so that equal contractions have equal subscripts.  An index
    of the value that no operand has repeats the value along that axis.
    """

    inputs: tuple[tuple[int, ...], ...]
    output: tuple[int, ...]

    @staticmethod
    def of(inputs: Sequence[Sequence[object]], output: Sequence[object]) -> Subscripts:
        """The subscripts for indices given as anything that can be told apart."""
        numbers: dict[object, int] = {}
        for index in (index for part in (*inputs, output) for index in part):
            numbers.setdefault(index, len(numbers))
        return Subscripts(
            tuple(tuple(numbers[index] for index in part) for part in inputs),
            tuple(numbers[index] for index in output),
        )

    @property
    def summed(self) -> tuple[int, ...]:
        """The indices that are summed over, in the order of first occurrence."""
        present = dict.fromkeys(index for part in self.inputs for index in part)
        return tuple(index for index in present if index not in self.output)
