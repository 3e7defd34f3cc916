"""The statements of a function: which values get a name of their own, in what order, and which sizes they need."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from matcalc.code.expression import Expression, ordered

LEAVES = frozenset(["variable", "number", "pi", "size"])
_WRITTEN_AGAIN = LEAVES | {"spread", "permute"}  # what is no work to write again
_ALWAYS_NAMED = frozenset(["logdet_cholesky"])  # calls whose text is a product, better read under a name
_LONGEST = 10  # operations that one statement may hold


@dataclass(frozen=True)
class Plan:
    """Statements ``name = value`` in order; ``names`` has the values that have a name, the variables' too."""

    lines: tuple[tuple[str, Expression], ...]
    names: Mapping[Expression, str]


def plan(
    outputs: Mapping[str, Expression],
    known: Mapping[Expression, str],
    variables: Mapping[str, str],
    taken: Collection[str],
    doubled: Collection[Expression] = (),
    places: bool = False,
) -> Plan:
    """The statements that compute ``outputs``, by the names that they shall have.

    ``known`` are names that the formula gives to values, ``variables`` those of its variables in the code, and ``taken``
    are names that must not be given again.  What is ``doubled`` would be written twice although it is used once.  With
    ``places`` a block that is added to an array is written into its places there, and never made an array of zeros.
    """
    order = ordered(outputs.values())
    names: dict[Expression, str] = {}
    for name, value in outputs.items():
        names.setdefault(value, name)
    names = {value: known.get(value, name) for value, name in {**names, **known}.items()}
    uses = Counter(arg for value in order for arg in value.args)
    in_sums = {arg for value in order if value.op == "sum" for arg in value.args}
    elsewhere = {arg for value in order if value.op != "sum" for arg in value.args}
    added = {value for value in in_sums - elsewhere if value.op == "embed" and places and value not in names}
    for value in reversed(order):  # what is written again each time makes its operand be written again
        if (value.op in _WRITTEN_AGAIN and value not in names and value.args) or value in added:
            uses[value.args[0]] += uses[value] - 1
    fresh = _Fresh({*taken, *names.values(), *variables.values()})
    found: dict[Expression, str] = {}
    lines: list[tuple[str, Expression]] = []
    weight: dict[Expression, int] = {}
    for value in order:
        if value.op == "variable":
            found[value] = variables[str(value.data)]
        if value.op in LEAVES:
            weight[value] = 0
            continue
        weight[value] = 1 + sum(weight[arg] for arg in value.args)
        if value in added:
            weight[value] = 1 + weight[value.args[0]]
            continue
        repeated = (uses[value] > 1 or value in doubled) and value.op not in _WRITTEN_AGAIN
        called = value.op == "call" and value.data in _ALWAYS_NAMED
        if value.op in _WRITTEN_AGAIN and value not in names:  # its operand has the name, if any
            weight[value] = weight[value.args[0]]
            continue
        placed = has_places(value) and not (value.op == "embed" and value in in_sums)
        if value in names or repeated or called or weight[value] > _LONGEST or placed:
            found[value] = names.get(value) or fresh.name(value)
            lines.append((found[value], value))
            weight[value] = 0
    return Plan(tuple(lines), found)


def has_places(value: Expression) -> bool:
    """Whether a value is made by writing into places of an array."""
    if value.op == "embed":
        return value.rank > 2
    return value.op == "sum" and any(term.op == "embed" for term in value.args)


class _Fresh:
    """Gives names to values: the usual letters of what they are."""

    def __init__(self, taken: Collection[str]) -> None:
        self._taken = set(taken)

    def name(self, value: Expression) -> str:
        found = next(name for name in _candidates(value) if name not in self._taken)
        self._taken.add(found)
        return found


_LETTERS = ("s c q w", "r u v z d g h p a b", "R G H P Q M B C D E")  # of scalars, vectors and arrays
_OF_CALLS = {
    "softmax": ("p", "P"), "softmax_rows": ("P", "P"), "sigmoid": ("p", "P"), "exp": ("e", "E"), "tanh": ("h", "H"),
    "relu": ("h", "H"), "logsumexp": ("lse", "lse"), "norm2": ("norm", "norm"), "step": ("active", "active"),
    "sign": ("signs", "signs"), "cholesky": ("L", "L"), "cholesky_spd": ("L", "L"), "logdet_cholesky": ("logdet", "logdet"), "lu": ("lu", "lu"),
    "lu_inverse": ("inverse", "inverse"), "cholesky_inverse": ("inverse", "inverse"), "inv": ("inverse", "inverse"), "softplus": ("sp", "SP"),
}  # fmt: skip


def _candidates(value: Expression) -> Iterator[str]:
    small = min(value.rank, 2)
    special = _OF_CALLS.get(str(value.data)) if value.op == "call" else None
    letters = _LETTERS[small].split()
    if special is not None:
        letters = [special[value.rank > 1], *letters]
    elif value.op in ("matmul", "einsum", "tensordot"):
        letters = [("", "z", "Z")[small], *letters]
    yield from filter(None, letters)
    for number in range(2, 10**6):
        yield f"{letters[0] or 't'}{number}"
