"""What it costs to compute values: how many multiplications, about."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import prod

from matcalc.code.expression import Expression, ordered
from matcalc.code.ordering import length
from matcalc.code.plan import LEAVES
from matcalc.graph.node import Size

_FACTORIZATIONS = frozenset("inv lu cholesky cholesky_spd lu_inverse cholesky_inverse det logdet".split())
_VIEWS = frozenset(["permute", "spread", "lift", "diagonal"])


def cost(values: Iterable[Expression]) -> int:
    """The multiplications of all that ``values`` need; what an entrywise operation does to an entry is one."""
    return sum(map(_own, ordered(values)))


def _own(value: Expression) -> int:
    if value.op in LEAVES or value.op in _VIEWS:
        return 0
    if value.op in ("matmul", "tensordot"):
        left, right = value.args
        axes: Sequence[int] = value.data[0] if value.op == "tensordot" else (left.rank - 1,)  # type: ignore[index]
        return _area(value.sizes) * _area([left.sizes[place] for place in axes])
    if value.op == "einsum":
        subscripts: tuple[tuple[int, ...], ...] = value.data  # type: ignore[assignment]
        sizes = {
            index: size
            for own, arg in zip(subscripts, value.args, strict=False)
            for index, size in zip(own, arg.sizes, strict=True)
        }
        return _area(sizes.values())
    if value.op == "call" and "solve" in str(value.data):
        return _area(value.args[0].sizes) * _area(value.sizes[1:])
    if value.op == "call" and value.data in _FACTORIZATIONS:
        return _area(value.args[0].sizes) * length(value.args[0].sizes[0])
    return max(_area(value.sizes), *(_area(arg.sizes) for arg in value.args)) if value.args else 0


def _area(sizes: Iterable[Size]) -> int:
    return prod(map(length, sizes))
