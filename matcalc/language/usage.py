"""Which operands of a call are used as vectors."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from matcalc.language.syntax import Call, Number, Syntax

_SCALAR_VALUED = frozenset(
    ["norm2", "norm1", "norm", "abs", "sum", "tr", "trace", "Tr", "det", "logdet", "sum over"]
)
_OF_VECTORS = frozenset(["norm2", "norm1", "norm", "softmax", "logsumexp", "dot", "outer"])


def operands(piece: Call, vector: bool, is_matrix: Callable[[Syntax], bool]) -> Iterator[tuple[Syntax, bool]]:
    """The operands of a call, each with whether it is used as a vector."""
    function = piece.function
    if function in ("add", "sub", "neg", "hadamard"):
        yield from ((arg, vector) for arg in piece.args)
    elif function == "transpose" or function in _OF_VECTORS:
        yield from ((arg, True) for arg in piece.args)
    elif function == "mul":
        left, right = piece.args
        last = left
        while isinstance(last, Call) and last.function == "mul":
            last = last.args[1]
        row = isinstance(last, Call) and last.function == "transpose"
        yield left, False
        yield right, row or is_matrix(last) or vector and isinstance(left, Number)
    elif function in ("divide", "eldivide", "power", "elpower"):
        yield piece.args[0], vector
        yield piece.args[1], False
    else:
        needs = vector and function not in _SCALAR_VALUED and len(piece.args) == 1
        yield from ((arg, needs) for arg in piece.args)
