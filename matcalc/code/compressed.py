"""A derivative as its factors: the blocks from which the dense array is written, without the zeros and repetitions.

For ‖T − UVᵀ‖² the Hessian in U has the entries 2(VᵀV)[j,l] where i = k and zeros elsewhere: the factor is 2VᵀV.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.code.expression import Arrays, Expression
from matcalc.code.products import Embedding

LETTERS = "ijklpqrstuvwabcdefgh"


@dataclass(frozen=True)
class Factors:
    """The factors of an array, and how its entries come from them: ``2VᵀV`` and ``block[j,l]·δ[i,k]``."""

    names: tuple[str, ...]
    values: tuple[Expression, ...]
    terms: tuple[str, ...]


def factors(arrays: Arrays, value: Expression, name: str) -> Factors:
    """The factors of each term of a value; of one that has no structure it is the value itself."""
    terms = [(Fraction(1), value)]
    if value.op == "sum" and any(_has_structure(term) for term in value.args):
        coefficients: Sequence[Fraction] = value.data  # type: ignore[assignment]
        terms = list(zip(coefficients, value.args, strict=True))
    letters = LETTERS[: value.rank]
    values: list[Expression] = []
    texts: list[str] = []
    for coefficient, term in terms:
        found, deltas = _factors(term, letters)
        if coefficient != 1:
            found[0] = (arrays.multiple(coefficient, found[0][0]), found[0][1])
        parts = []
        for factor, indices in found:
            values.append(factor)
            parts.append(f"#{len(values)}" + (f"[{','.join(indices)}]" if indices else ""))
        texts.append(" ".join([*parts, *deltas]))
    names = [f"{name}_factor{number}" for number in range(1, len(values) + 1)]
    if len(values) == 1:
        names = [name if values == [value] else f"{name}_factor"]
    for number, each in reversed(list(enumerate(names, 1))):
        texts = [text.replace(f"#{number}", each) for text in texts]
    return Factors(tuple(names), tuple(values), tuple(texts))


def _has_structure(value: Expression) -> bool:
    return value.op in ("embed", "spread", "outer") or (
        value.op == "times" and value.rank > 2 and all(_is_thin(arg) for arg in value.args)
    )


def _is_thin(value: Expression) -> bool:
    """Whether a factor lacks axes of the product."""
    return value.rank == 0 or value.op == "spread"


def _factors(value: Expression, letters: str) -> tuple[list[tuple[Expression, str]], list[str]]:
    """Expressions with their indices, and the pairs of indices that must be equal."""
    if not _has_structure(value):
        return [(value, letters)], []
    if value.op == "embed":
        embedding = value.data
        assert isinstance(embedding, Embedding)
        first = {index: letters[embedding.pattern.index(index)] for index in embedding.pattern}
        deltas = [
            f"[{first[index]} = {letters[place]}]"
            for place, index in enumerate(embedding.pattern)
            if first[index] != letters[place]
        ]
        return [(value.args[0], "".join(first[index] for index in embedding.own))], deltas
    if value.op == "outer":
        return [(value.args[0], letters[0]), (value.args[1], letters[1])], []
    if value.op == "spread":
        places: tuple[int, ...] = value.data  # type: ignore[assignment]
        inner, deltas = _factors(value.args[0], "".join(letters[place] for place in places))
        return inner, deltas
    powers: tuple[int, ...] = value.data  # type: ignore[assignment]
    found: list[tuple[Expression, str]] = []
    for arg, power in zip(value.args, powers, strict=True):
        if power != 1:
            return [(value, letters)], []
        inner, _ = _factors(arg, letters if arg.rank else "")
        found += inner
    return found, []
