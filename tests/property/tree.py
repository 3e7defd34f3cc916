"""The tree of a random expression: its pieces with their numbers, its variables, and which sizes it tells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from . import numbers
from .numbers import Array

SIZES = {"n": 3, "m": 4, "k": 2, "p": 5}
Shape = tuple[str | None, str | None]
SCALAR: Shape = (None, None)

SAME_SHAPE = {"add", "sub", "hadamard", "eldivide", "max", "min", "pow", "over", "scale"}
KINKS = {"abs", "sign", "relu", "norm1"}
_LARGEST, _KINK = 60.0, 0.03


class Unsuitable(Exception):
    """A piece whose value is outside a domain, near a kink, or too large or small to compare."""


class Expr:
    """A piece of an expression: ``op``, operands, shape, a number or a name, and its value at the drawn point."""

    __slots__ = ("op", "args", "shape", "data", "value", "sized")

    def __init__(self, op: str, args: tuple[Expr, ...], shape: Shape, data: Any, value: Array) -> None:
        self.op, self.args, self.shape, self.data, self.value = op, args, shape, data, value
        self.sized = False  # a constant that is written with its size

    def walk(self) -> Iterator[Expr]:
        """Every occurrence of every piece, operands first."""
        for arg in self.args:
            yield from arg.walk()
        yield self

    def depth(self) -> int:
        return 1 + max((arg.depth() for arg in self.args), default=-1)

    def __repr__(self) -> str:
        inner = ", ".join([*map(repr, self.args), *([str(self.data)] if self.data is not None else [])])
        return f"{self.op}({inner})" if inner else self.op


def dimensions(shape: Shape) -> tuple[int, int]:
    return (SIZES[shape[0]] if shape[0] else 1, SIZES[shape[1]] if shape[1] else 1)


def rank(shape: Shape) -> int:
    return sum(size is not None for size in shape)


def make(op: str, args: tuple[Expr, ...], shape: Shape, data: Any = None) -> Expr:
    """A piece with its value; ``Unsuitable`` where it has none that numbers can judge."""
    values = [arg.value for arg in args]
    _demand(op, values, data)
    with np.errstate(all="ignore"):
        value = np.asarray(numbers.AUTOGRAD.apply(op, values, data, dimensions(shape)), dtype=float)
    if value.shape != dimensions(shape):
        raise AssertionError(f"{op} of {[v.shape for v in values]} gives {value.shape}, not {shape}")
    if not np.isfinite(value).all() or np.abs(value).max() > _LARGEST:
        raise Unsuitable(op)
    return Expr(op, args, shape, data, value)


def _demand(op: str, values: list[Array], data: Any) -> None:
    """The domain of an operation, with a margin."""
    first = values[0] if values else np.zeros((1, 1))
    match op:
        case "log" | "sqrt" | "pow":
            good = first.min() > 0.05
        case "arcsin" | "arccos":
            good = np.abs(first).max() < 0.93
        case "tan":
            good = np.abs(np.cos(first)).min() > 0.15
        case "abs" | "sign" | "relu" | "norm1":
            good = np.abs(first).min() > _KINK
        case "norm2":
            good = np.abs(first).max() > 0.1
        case "max" | "min":
            good = np.abs(first - values[1]).min() > _KINK
        case "over" | "eldivide":
            good = np.abs(values[1]).min() > 0.1
        case "intpow":
            good = data > 0 or np.abs(first).min() > 0.15
        case "inv":
            good = np.linalg.cond(first) < 200
        case "matpow":
            good = data > 0 or np.linalg.cond(first) < 50
        case "det":
            good = abs(np.linalg.det(first)) > 0.05 and np.linalg.cond(first) < 500
        case "logdet":
            good = np.linalg.det(first) > 0.05 and np.linalg.cond(first) < 500
        case _:
            good = True
    if not good:
        raise Unsuitable(op)


def evaluate(root: Expr, values: dict[str, Array], backend: numbers.Backend = numbers.AUTOGRAD) -> Array:
    """The value of an expression where its variables have these values (2-d, autograd's boxes and JAX's tracers too)."""
    known: dict[int, Array] = {}
    for piece in root.walk():
        if id(piece) not in known:
            if piece.op == "variable":
                known[id(piece)] = values[piece.data]
            else:
                args = [known[id(arg)] for arg in piece.args]
                known[id(piece)] = backend.apply(piece.op, args, piece.data, dimensions(piece.shape))
    return known[id(root)]


def variables(root: Expr) -> dict[str, Expr]:
    """The variables that occur, by name, in the order in which they occur."""
    return {piece.data: piece for piece in root.walk() if piece.op == "variable"}


class _Axes:
    """Which axes of an expression's pieces have one size, by their places."""

    def __init__(self) -> None:
        self.parent: list[int] = []
        self.known: list[bool] = []

    def new(self, known: bool = False) -> int:
        self.parent.append(len(self.parent))
        self.known.append(known)
        return len(self.parent) - 1

    def find(self, axis: int) -> int:
        while self.parent[axis] != axis:
            axis = self.parent[axis]
        return axis

    def join(self, one: int | None, other: int | None) -> int | None:
        if one is None or other is None:
            return one if other is None else other
        a, b = self.find(one), self.find(other)
        self.parent[a] = b
        self.known[b] = self.known[b] or self.known[a]
        return b


def settle_sizes(root: Expr) -> bool:
    """Mark the constants whose size the rest of the formula does not tell; whether there were any."""
    axes = _Axes()
    constants: list[tuple[Expr, tuple[int | None, int | None]]] = []

    def visit(piece: Expr) -> tuple[int | None, int | None]:
        args = [visit(arg) for arg in piece.args]
        shape = piece.shape
        if piece.op == "variable" or (piece.op in ("ones", "fill", "identity") and piece.sized):
            return (axes.new(True) if shape[0] else None, axes.new(True) if shape[1] else None)
        if piece.op in ("ones", "fill", "identity"):
            rows = axes.new() if shape[0] else None
            columns = rows if piece.op == "identity" else axes.new() if shape[1] else None
            constants.append((piece, (rows, columns)))
            return (rows, columns)
        if piece.op in SAME_SHAPE:
            (r1, c1), (r2, c2) = args
            return (axes.join(r1, r2), axes.join(c1, c2))
        if piece.op == "matmul":
            axes.join(args[0][1], args[1][0])
            return (args[0][0], args[1][1])
        if piece.op == "transpose":
            return (args[0][1], args[0][0])
        if piece.op in ("inv", "det", "logdet", "tr", "matpow", "diagonal"):
            axes.join(*args[0])
        if piece.op == "diag":
            return (args[0][0], args[0][0])
        if piece.op == "diagonal":
            return (args[0][0], None)
        return args[0] if args and shape != SCALAR else (None, None)

    visit(root)
    undetermined = False
    for piece, places in constants:
        if any(axis is not None and not axes.known[axes.find(axis)] for axis in places):
            piece.sized = undetermined = True
    return undetermined
