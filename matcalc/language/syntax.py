"""The syntax tree: what was written, before shapes give it a meaning.

A tree has a few kinds of node, each with the place in the text that it was read from.  The three spellings of one
formula give the same tree.  Trees can be thousands of levels deep: walk them with ``postorder``, never recursively.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, eq=False, slots=True)
class Syntax:
    """A piece of a formula; ``start`` and ``end`` are its place in the text."""

    start: int
    end: int


@dataclass(frozen=True, eq=False, slots=True)
class Name(Syntax):
    """A variable, by its canonical name (``gamma`` for ``γ``, ``x1`` for ``x₁``)."""

    name: str


@dataclass(frozen=True, eq=False, slots=True)
class Number(Syntax):
    """A number, kept exact: ``0.5`` is one half."""

    value: Fraction


@dataclass(frozen=True, eq=False, slots=True)
class Constant(Syntax):
    """``identity``, ``ones`` or ``pi``; ``size`` is the subscript of ``I_n`` where one was written."""

    kind: str
    size: str | int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Index(Syntax):
    """An index letter, in ``A[i,j]`` or under a sum; ``size`` is the ``n`` of ``Σ_{i=1}^n``."""

    name: str
    size: str | int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Shift(Syntax):
    """A sum of two indices, as in the ``x[i+p]`` of a convolution."""

    names: tuple[str, str]


@dataclass(frozen=True, eq=False, slots=True)
class Slice(Syntax):
    """Entries ``first`` to ``last`` of an axis, counted from 1 and both included; all of them for ``:``."""

    first: int | None = None
    last: int | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Call(Syntax):
    """An operator or a function applied to its arguments.

    Operators: ``add sub neg mul hadamard kron divide eldivide power elpower transpose``.  Functions go by the name that
    they are read under (``exp``, ``norm2``, ``sum``, ``vector``, …); what they mean is decided by the shapes.
    ``entry`` has a value and what its axes are indexed with, each an ``Index``, ``Shift``, ``Slice`` or ``Number``;
    ``sum over`` has a value and the ``Index`` of each axis that is summed.
    """

    function: str
    args: tuple[Syntax, ...]


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


def postorder(tree: Syntax) -> Iterator[Syntax]:
    """Every node of ``tree``, arguments before the calls that use them."""
    opened: list[Syntax] = []  # calls whose arguments are being walked
    stack: list[Syntax | None] = [tree]
    while stack:
        node = stack.pop()
        if node is None:  # the arguments of the call opened last are done
            yield opened.pop()
        elif isinstance(node, Call):
            opened.append(node)
            stack.append(None)
            stack.extend(node.args[::-1])
        else:
            yield node
