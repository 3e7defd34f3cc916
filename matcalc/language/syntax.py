"""The syntax tree: what was written, before shapes give it a meaning.

A tree has a few kinds of node, each with the place in the text that it was read from.  The three spellings of one
formula give the same tree.  A piece is equal to itself only, and nothing changes it: a plain class, as each text makes
many.  Trees can be thousands of levels deep: walk them with ``postorder``, never recursively.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction


class Syntax:
    """A piece of a formula; ``start`` and ``end`` are its place in the text."""

    __slots__ = ("start", "end")

    def __init__(self, start: int, end: int) -> None:
        self.start = start
        self.end = end


class Name(Syntax):
    """A variable, by its canonical name (``gamma`` for ``γ``, ``x1`` for ``x₁``)."""

    __slots__ = ("name",)

    def __init__(self, start: int, end: int, name: str) -> None:
        self.start = start
        self.end = end
        self.name = name


class Number(Syntax):
    """A number, kept exact: ``0.5`` is one half."""

    __slots__ = ("value",)

    def __init__(self, start: int, end: int, value: Fraction) -> None:
        self.start = start
        self.end = end
        self.value = value


class Constant(Syntax):
    """``identity``, ``ones`` or ``pi``; ``size`` is the subscript of ``I_n`` where one was written."""

    __slots__ = ("kind", "size")

    def __init__(self, start: int, end: int, kind: str, size: str | int | None = None) -> None:
        self.start = start
        self.end = end
        self.kind = kind
        self.size = size


class Index(Syntax):
    """An index letter, in ``A[i,j]`` or under a sum; ``size`` is the ``n`` of ``Σ_{i=1}^n``."""

    __slots__ = ("name", "size")

    def __init__(self, start: int, end: int, name: str, size: str | int | None = None) -> None:
        self.start = start
        self.end = end
        self.name = name
        self.size = size


class Shift(Syntax):
    """A sum of two indices, as in the ``x[i+p]`` of a convolution."""

    __slots__ = ("names",)

    def __init__(self, start: int, end: int, names: tuple[str, str]) -> None:
        self.start = start
        self.end = end
        self.names = names


class Slice(Syntax):
    """Entries ``first`` to ``last`` of an axis, counted from 1 and both included; all of them for ``:``."""

    __slots__ = ("first", "last")

    def __init__(self, start: int, end: int, first: int | None = None, last: int | None = None) -> None:
        self.start = start
        self.end = end
        self.first = first
        self.last = last


class Call(Syntax):
    """An operator or a function applied to its arguments.

    Operators: ``add sub neg mul hadamard kron divide eldivide power elpower transpose``.  Functions go by the name that
    they are read under (``exp``, ``norm2``, ``sum``, ``vector``, …); what they mean is decided by the shapes.
    ``entry`` has a value and what its axes are indexed with, each an ``Index``, ``Shift``, ``Slice`` or ``Number``;
    ``sum over`` has a value and the ``Index`` of each axis that is summed.
    """

    __slots__ = ("function", "args")

    def __init__(self, start: int, end: int, function: str, args: tuple[Syntax, ...]) -> None:
        self.start = start
        self.end = end
        self.function = function
        self.args = args


def rebuilt(
    tree: Syntax, leaf: Callable[[Syntax], Syntax], call: Callable[[Call, tuple[Syntax, ...]], Syntax]
) -> Syntax:
    """A tree made again from its leaves and, with their new arguments, its calls."""
    done: list[Syntax] = []
    for piece in postorder(tree):
        if isinstance(piece, Call):
            count = len(piece.args)
            args = tuple(done[len(done) - count :])
            del done[len(done) - count :]
            done.append(call(piece, args))
        else:
            done.append(leaf(piece))
    return done[0]


def postorder(tree: Syntax) -> list[Syntax]:
    """Every node of ``tree``, arguments before the calls that use them."""
    order: list[Syntax] = []
    opened: list[Syntax] = []  # calls whose arguments are being walked
    stack: list[Syntax | None] = [tree]
    while stack:
        node = stack.pop()
        if node is None:  # the arguments of the call opened last are done
            order.append(opened.pop())
        elif isinstance(node, Call):
            opened.append(node)
            stack.append(None)
            stack.extend(node.args[::-1])
        else:
            order.append(node)
    return order
