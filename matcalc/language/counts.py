"""Names that stand for the number of terms of a sum, as the n of ``1/n Σᵢ``."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from matcalc.language.subscripted import Scope
from matcalc.language.syntax import Call, Index, Name, Syntax, postorder

_COUNTS = frozenset(["n", "N", "m", "M"])


def counted(
    trees: Sequence[Syntax], scopes: Mapping[Syntax, Scope], taken: Collection[str]
) -> dict[str, tuple[str, ...]]:
    """Names that occur in denominators only, next to sums of no written range, with the indices of these sums.

    ``scopes`` are those of the sums of the ``trees``, ``taken`` the names that mean something else.
    """
    total: dict[str, int] = {}
    below: dict[str, int] = {}
    pairs: dict[str, dict[str, None]] = {}
    first = ""
    for tree in trees:
        for piece in postorder(tree):
            if isinstance(piece, Name):
                total[piece.name] = total.get(piece.name, 0) + 1
            if not isinstance(piece, Call):
                continue
            first = _runs_over(piece, scopes) or first
            if piece.function == "divide":
                for name in _factors(piece.args[1]):
                    below[name] = below.get(name, 0) + 1
                    pairs.setdefault(name, {}).update(
                        dict.fromkeys(filter(None, [_runs_over(piece.args[0], scopes)]))
                    )
            elif piece.function == "mul":
                index = _runs_over(piece.args[1], scopes)
                for name in _denominators(piece.args[0]) if index else ():
                    pairs.setdefault(name, {})[index] = None
    counts = {}
    for name in sorted(_COUNTS.difference(taken)):
        if below.get(name) and below[name] == total[name] and first:
            counts[name] = tuple(pairs[name]) or (first,)
    return counts


def _runs_over(piece: Syntax, scopes: Mapping[Syntax, Scope]) -> str:
    """The first index of a sum with no written range; nothing for anything else."""
    if isinstance(piece, Call) and piece.function == "sum over":
        for index in piece.args[1:]:
            if isinstance(index, Index) and index.size is None:
                return scopes[piece][index.name]
    return ""


def _factors(piece: Syntax) -> Iterator[str]:
    """The names that are factors of a denominator."""
    stack = [piece]
    while stack:
        part = stack.pop()
        if isinstance(part, Name):
            yield part.name
        elif isinstance(part, Call) and part.function in ("mul", "scale"):
            stack.extend(part.args)


def _denominators(piece: Syntax) -> Iterator[str]:
    """The names that a product is divided by."""
    stack = [piece]
    while stack:
        part = stack.pop()
        if isinstance(part, Call) and part.function == "divide":
            yield from _factors(part.args[1])
        elif isinstance(part, Call) and part.function == "mul":
            stack.extend(part.args)
