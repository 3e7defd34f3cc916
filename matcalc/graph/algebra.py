"""Nodes made from nodes, in the shortest way: products of one, double transposes and empty sums don't arise."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import reduce
from itertools import groupby

from matcalc.graph.node import SCALAR, Graph, Node, Shape
from matcalc.graph.sizes import joined, separated

_DEEPEST = 40  # layers of a matrix that are looked through for its symmetry

_SHORT = 8  # factors of a product that is looked at as a whole
_TRIANGLES = ("tril", "triu")


class Algebra:
    """Makes the nodes of results in one graph."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.symmetric: set[Node] = set()

    def number(self, value: Fraction | int) -> Node:
        """A constant."""
        return self.graph.number(value)

    def fill(self, scalar: Node, shape: Shape) -> Node:
        """A scalar in every entry."""
        return scalar if shape == SCALAR else self.graph.node("fill", (scalar,), shape)

    def ones(self, shape: Shape) -> Node:
        """Ones in every entry."""
        return self.fill(self.number(1), shape)

    def transpose(self, node: Node) -> Node:
        """The transpose."""
        rows, columns = node.shape
        if node.op == "transpose":
            return node.args[0]
        if node.shape == SCALAR or self.is_symmetric(node):
            return node
        if node.op == "fill":
            return self.fill(node.args[0], (columns, rows))
        if is_triangle(node):
            other = "triu" if node.op == "tril" else "tril"
            return self.graph.node(other, (self.transpose(node.args[0]),), (columns, rows))
        if node.op == "kron":
            return self.graph.node("kron", tuple(map(self.transpose, node.args)), (columns, rows))
        if node.op in ("hcat", "vcat"):
            other = "vcat" if node.op == "hcat" else "hcat"
            return self.graph.node(other, tuple(map(self._turned_block, node.args)), (columns, rows))
        if node.op == "commutation":
            return self.graph.node("commutation", (), node.shape, joined(separated(str(node.data))[::-1]))
        if node.op in ("hadamard", "eldivide"):
            turned = tuple(self.transpose(arg) for arg in node.args)
            if _transposes(turned) <= _transposes(node.args):
                return self.graph.node(node.op, turned, (columns, rows))
        return self.graph.node("transpose", (node,), (columns, rows))

    def is_symmetric(self, node: Node) -> bool:
        """Whether a matrix is symmetric by the way it is made: AᵀA, rrᵀ ⊙ S, diag(p) − ppᵀ."""
        if node in self.symmetric or node.op in ("identity", "diag"):
            return True
        if node.layer > _DEEPEST or None in node.shape or node.shape[0] != node.shape[1]:
            return False
        if node.op == "add" and any(one.args == (other,) for one, other in _turns(node.args)):
            return True
        if node.op in ("add", "sub", "neg"):
            return all(self.is_symmetric(arg) for arg in node.args)
        if node.op in ("scale", "over"):
            return self.is_symmetric(node.args[1 if node.op == "scale" else 0])
        if node.op == "hadamard" and any(arg.op == "identity" for arg in node.args):
            return True
        if node.op == "hadamard":
            return all(map(self.is_symmetric, node.args))
        factors = _factors(node) if node.op == "matmul" else ()
        return bool(factors) and self.reverse(factors) == factors

    def _turned_block(self, node: Node) -> Node:
        """The transpose of a block, of a multiple inside: γI, not (γI)ᵀ."""
        if node.op in ("neg", "scale", "over"):
            place = int(node.op == "scale")
            args = [self._turned_block(arg) if i == place else arg for i, arg in enumerate(node.args)]
            return self.graph.node(node.op, tuple(args), node.shape[::-1])
        return self.transpose(node)

    def reverse(self, chain: Sequence[Node]) -> tuple[Node, ...]:
        """The factors of the transposed product."""
        return tuple([self.transpose(node) for node in reversed(chain)])

    def neg(self, node: Node) -> Node:
        """The negative."""
        if node.op == "number" and isinstance(node.data, Fraction):
            return self.number(-node.data)
        return node.args[0] if node.op == "neg" else self.graph.node("neg", (node,), node.shape)

    def scale(self, scalar: Node, node: Node) -> Node:
        """A scalar times anything."""
        if scalar.op == "number" and scalar.data == 1:
            return node
        if node.op == "number" and node.data == 1:
            return scalar
        return self.graph.node("scale", (scalar, node), node.shape)

    def over(self, node: Node, scalar: Node) -> Node:
        """Anything divided by a scalar."""
        return self.graph.node("over", (node, scalar), node.shape)

    def product(self, chain: Sequence[Node]) -> Node:
        """The product of matrices and vectors, from the left; three equal ones or more are a power."""
        if len(chain) == 1:
            return chain[0]
        for place in reversed(range(len(chain) - 1)):
            node = chain[place]
            if (node.args[0] if node.op == "transpose" else node).op not in ("tril", "shift"):
                continue
            moved = self._moved(chain[place], chain[place + 1 :])
            if moved is not None:
                chain = (*chain[:place], moved)
        if len(chain) == 2:
            return self._times(*chain)
        factors: list[Node] = []
        for _, run in groupby(chain):
            equal = list(run)
            factors += equal if len(equal) < 3 else [reduce(self._times, equal)]
        return reduce(self._times, factors)

    def _moved(self, first: Node, rest: Sequence[Node]) -> Node | None:
        """Running sums of a vector and shifts, for the product with the constant that does the same."""
        square = first.shape[0] == first.shape[1]
        if first.op == "tril" and square and is_triangle(first) and rest[-1].shape[1] is None:
            inner = self.product(rest)
            return self.graph.node("cumsum", (inner,), (first.shape[0], None))
        back = first.op == "transpose"
        constant = first.args[0] if back else first
        if constant.op == "shift" and constant.args[0].op == "identity":
            by = self.neg(constant.args[1]) if back else constant.args[1]
            return self.graph.node("shift", (self.product(rest), by), (first.shape[0], rest[-1].shape[1]))
        return None

    def masked(self, nodes: list[Node]) -> tuple[list[Node], list[Node]]:
        """The triangles of ones among factors that multiply entry by entry, and the other factors."""
        triangles = [node for node in nodes if is_triangle(node)]
        return triangles, [node for node in nodes if not is_triangle(node)] if triangles else nodes

    def _times(self, left: Node, right: Node) -> Node:
        return self.graph.node("matmul", (left, right), (left.shape[0], right.shape[1]))

    def chain(self, node: Node) -> tuple[Node, ...]:
        """The factors of a product, which is not told apart from one that is written without brackets."""
        turned = node.op == "transpose"
        if not turned and node.op != "matmul":
            return (node,)
        factors: list[Node] = []
        pending = [node.args[0] if turned else node]
        while pending:
            node = pending.pop()
            if node.op == "matmul":
                pending.extend(node.args)
            else:
                factors.append(node)
        return tuple([self.transpose(factor) for factor in factors] if turned else factors[::-1])

    def hadamard(self, nodes: Iterable[Node]) -> Node:
        """The elementwise product of values of one shape."""
        result: Node | None = None
        for node in nodes:
            result = node if result is None else self.graph.node("hadamard", (result, node), node.shape)
        assert result is not None
        return result

    def eldivide(self, left: Node, right: Node) -> Node:
        """The elementwise quotient; x ⊘ x is one."""
        if left is right:
            return self.ones(right.shape)
        return self.graph.node("eldivide", (left, right), right.shape)

    def power(self, node: Node, power: Fraction | int) -> Node:
        """An elementwise power; the power of a product of scalars stays one."""
        if power == 1:
            return node
        if power.denominator == 2 and power.numerator == 1:
            return self.graph.node("sqrt", (node,), node.shape)
        if power.denominator == 1 and power > 0:
            if node.op == "norm2" and power == 2:
                return self.graph.node("sumsq", node.args, SCALAR)
            return self.graph.node("intpower", (node, self.number(power)), node.shape)
        if power.denominator == 1:
            inverse = self.power(node, -power)
            one = self.number(1)
            return (
                self.over(one, inverse)
                if node.shape == SCALAR
                else self.eldivide(self.ones(node.shape), inverse)
            )
        return self.graph.node("power", (node, self.number(power)), node.shape)

    def total(self, node: Node) -> Node:
        """The sum of all entries; of squares it is a squared norm."""
        if node.op == "intpower" and node.args[1].data == 2:
            return self.graph.node("sumsq", (node.args[0],), SCALAR)
        if node.op == "transpose":
            node = node.args[0]
        if node.op == "diagonal":
            return self.graph.node("tr", node.args, SCALAR)
        if node.op == "fill" and node.args[0].data == 1 and node.shape[1] is None:
            return self.graph.node("size", (), SCALAR, node.shape[0])
        return self.graph.node("sum", (node,), SCALAR)

    def diagonal(self, node: Node) -> Node:
        """The diagonal of a square matrix, as a vector."""
        if node.op == "diag":
            return node.args[0]
        if node.op == "transpose":
            node = node.args[0]
        return self.graph.node("diagonal", (node,), (node.shape[0], None))

    def diag(self, node: Node) -> Node:
        """The diagonal matrix of a vector; that of the diagonal of A is A ⊙ I."""
        factors = node.args if node.op == "hadamard" else (node,)
        if all(factor.op == "diagonal" for factor in factors):
            return self.hadamard((*(factor.args[0] for factor in factors), self.identity(node.shape)))
        if node.op == "fill" and node.args[0].data == 1:
            return self.identity(node.shape)
        return self.graph.node("diag", (node,), (node.shape[0], node.shape[0]))

    def identity(self, shape: Shape) -> Node:
        """The identity with the rows of ``shape``."""
        return self.graph.node("identity", (), (shape[0], shape[0]))

    def trace(self, chain: Sequence[Node]) -> Node:
        """The trace of a product, turned so that it has the fewest transposes."""
        best = tuple(chain)
        if 1 < len(chain) <= 8:
            turned = [tuple(chain[i:]) + tuple(chain[:i]) for i in range(len(chain))]
            best = min((c for t in turned for c in (t, self.reverse(t))), key=_effort)
        elif len(chain) == 1:
            best = tuple(self.upright(chain))
        return self.graph.node("tr", (self.product(best),), SCALAR)

    def upright(self, chain: Sequence[Node]) -> Sequence[Node]:
        """A product or its transpose, whichever has fewer transposes."""
        return min((chain, self.reverse(chain)), key=_transposes)

    def inner(self, left: Sequence[Node], right: Sequence[Node]) -> Node:
        """The inner product of two vectors given as products, in the direction with fewer transposes."""
        return self.product(self.upright((*self.reverse(left), *right)))


def is_triangle(node: Node) -> bool:
    """Whether a node is the constant with ones on one side of the diagonal, and on it."""
    return node.op in _TRIANGLES and node.args[0].op == "fill" and node.args[0].args[0].data == 1


def _turns(pair: tuple[Node, ...]) -> list[tuple[Node, Node]]:
    """Two nodes in both orders, first one that is a transpose."""
    return [(one, other) for one, other in (pair, pair[::-1]) if one.op == "transpose"]


def _factors(node: Node) -> tuple[Node, ...]:
    """The factors of a short product of one kind; none of a long one."""
    op = node.op
    factors: list[Node] = []
    while node.op == op and len(factors) < _SHORT:
        factors.append(node.args[1])
        node = node.args[0]
    return () if node.op == op else (node, *reversed(factors))


def _effort(chain: Sequence[Node]) -> tuple[int, int]:
    first = chain[0].args[0] if chain[0].op == "transpose" else chain[0]
    return _transposes(chain), first.id


def _transposes(chain: Sequence[Node]) -> int:
    return sum(node.op == "transpose" for node in chain)
