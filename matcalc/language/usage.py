"""How names are used in a tree: as vectors, as denominators."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from matcalc.language.syntax import Call, Name, Number, Syntax

_SCALAR_VALUED = frozenset(
    ["norm2", "norm1", "norm", "abs", "sum", "tr", "trace", "Tr", "det", "logdet", "sum over"]
)
_OF_VECTORS = frozenset(["norm2", "norm1", "norm", "softmax", "logsumexp", "dot", "outer"])


def capital(base: str) -> str:
    """What the matrix of the data xᵢ is called: X; nothing where that means something else."""
    capital = base[0].upper() + base[1:]
    return (
        ""
        if capital == base or capital in ("I", "E") or base in ("eps", "lambda", "sigma", "pi")
        else capital
    )


def factors(piece: Syntax) -> Iterator[str]:
    """The names that are factors of a denominator."""
    stack = [piece]
    while stack:
        part = stack.pop()
        if isinstance(part, Name):
            yield part.name
        elif isinstance(part, Call) and part.function in ("mul", "scale"):
            stack.extend(part.args)


def denominators(piece: Syntax) -> Iterator[str]:
    """The names that a product is divided by."""
    stack = [piece]
    while stack:
        part = stack.pop()
        if isinstance(part, Call) and part.function == "divide":
            yield from factors(part.args[1])
        elif isinstance(part, Call) and part.function == "mul":
            stack.extend(part.args)


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
