"""The layered graph: an immutable, hash-consed DAG of matrix operations.

A value has rows and columns; ``None`` in the place of a size means that the value has no such axis.  So a matrix is
``("m", "n")``, a vector (a column) ``("n", None)``, a transposed vector ``(None, "n")`` and a scalar ``(None, None)``.
A size of 1 is a size like any other and is not ``None``.  A tensor has three axes or more, none of them ``None``.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from fractions import Fraction

from matcalc.graph.numbers import checked, exact
from matcalc.graph.subscripts import Subscripts

Size = str | int
Shape = tuple[Size | None, ...]

SCALAR: Shape = (None, None)

Data = str | Fraction | int | Subscripts | None


class Node:
    """One value of the graph.

    ``op`` names a line of ``rules/`` or a leaf (``variable``, ``number``, ``pi``, ``size``, ``identity``, ``ones``);
    ``data`` is the name of a variable, the value of a number or the subscripts of a contraction; ``layer`` is the
    depth: 0 for leaves, one more than the deepest operand otherwise.  Nodes of one graph are equal when they are the
    same object; ``id`` numbers them in the order of creation, operands before the values that use them.
    """

    __slots__ = ("op", "args", "shape", "data", "layer", "id")

    def __init__(self, op: str, args: tuple[Node, ...], shape: Shape, data: Data, id: int) -> None:
        self.op = op
        self.args = args
        self.shape = shape
        self.data = data
        self.id = id
        self.layer = 0
        for arg in args:
            if arg.layer >= self.layer:
                self.layer = arg.layer + 1

    def __repr__(self) -> str:
        data = "" if self.data is None else f" {self.data}"
        return f"<{self.op}{data} {self.shape} #{self.id}>"


class Graph:
    """Makes nodes; equal ones are made once."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[object, ...], Node] = {}
        self._numbers: dict[Fraction | int, Node] = {}

    def node(self, op: str, args: tuple[Node, ...], shape: Shape, data: Data = None) -> Node:
        """The node with this operation, operands, shape and data."""
        key = (op, shape, data, args)
        found = self._nodes.get(key)
        if found is None:
            found = self._nodes[key] = Node(op, args, shape, data, len(self._nodes))
        return found

    def number(self, value: Fraction | int) -> Node:
        """A scalar constant."""
        found = self._numbers.get(value)
        if found is None:
            found = self._numbers[value] = self.node("number", (), SCALAR, checked(exact(value)))
        return found

    def variable(self, name: str, shape: Shape) -> Node:
        """The variable of this canonical name."""
        return self.node("variable", (), shape, name)


def topological(outputs: Iterable[Node], known: Container[Node] = ()) -> list[Node]:
    """Every node that ``outputs`` depend on, operands first, without recursion; what is ``known`` is left out, and
    so is what it alone depends on.
    """
    seen: set[Node] = set()
    order: list[Node] = []
    opened: list[Node] = []  # nodes whose operands are being walked
    stack: list[Node | None] = [*outputs]
    stack.reverse()
    while stack:
        node = stack.pop()
        if node is None:  # the operands of the node opened last are done
            order.append(opened.pop())
        elif node not in seen and node not in known:
            seen.add(node)
            if node.args:
                opened.append(node)
                stack.append(None)
                stack.extend(node.args[::-1])
            else:
                order.append(node)
    return order


def variables(outputs: Iterable[Node]) -> Iterator[Node]:
    """The variables that ``outputs`` depend on, in the order of first use."""
    return (node for node in topological(outputs) if node.op == "variable")


def is_row(shape: tuple[object, ...]) -> bool:
    """Whether a shape is that of a row, the transpose of a vector."""
    return len(shape) == 2 and shape[0] is None and shape[1] is not None


def axes(shape: Shape) -> tuple[Size, ...]:
    """The public form of a shape: ``("m", "n")``, ``("n",)`` or ``()``.  A transposed vector is ``(1, "n")``."""
    if shape[0] is None and shape[1] is not None:
        return (1, shape[1])
    return tuple([size for size in shape if size is not None])


def full_shape(sizes: Sequence[Size]) -> Shape:
    """The shape of a value with these axes: ``()`` is a scalar, one size a vector."""
    return (*sizes, None, None)[: max(2, len(sizes))]


def own_axes(shape: Shape) -> tuple[int, ...]:
    """The places of a shape that are axes of the value."""
    return tuple(place for place, size in enumerate(shape) if size is not None)


def sizes_of(shape: Shape) -> tuple[Size, ...]:
    """The sizes of the axes that a value has; a transposed vector has one."""
    return tuple(size for size in shape if size is not None)
