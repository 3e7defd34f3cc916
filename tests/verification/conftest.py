"""Graphs made by hand, with hand-made definitions and domains, so that these tests need no other room."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest

from matcalc.graph.node import SCALAR, Graph, Node, Shape
from matcalc.operations import standard
from matcalc.verification.gradients import check_gradient
from matcalc.verification.report import CheckReport


class Maker:
    """Formulas as nested calls: ``m.matmul(A, m.t(B))``."""

    def __init__(self) -> None:
        self.graph = Graph()
        self.definitions: dict[str, Callable[[Node], Node]] = {
            "relu": lambda y: self("max", y.args[0], self.fill(0, y.shape)),
            "sigmoid": lambda y: self(
                "eldivide", self.fill(1, y.shape), self.plus(self("exp", self("neg", y.args[0])), 1)
            ),
            "softplus": lambda y: self(
                "add",
                self("max", y.args[0], self.fill(0, y.shape)),
                self("log", self.plus(self("exp", self("neg", self("abs", y.args[0]))), 1)),
            ),
            "logdet": lambda y: self("log", self("det", y.args[0])),
            "norm1": lambda y: self("sum", self("abs", y.args[0])),
            "softmax": lambda y: self(
                "exp", self("sub", y.args[0], self.fill(self("logsumexp", y.args[0]), y.shape))
            ),
        }
        self.texts: dict[str, Callable[[Node], Node]] = {
            "A - B": lambda y: self("sub", *y.args),
            "det(Z)": lambda y: self("det", *y.args),
            "cos(X)": lambda y: self("cos", *y.args),
        }

    def variable(self, name: str, *shape: str | int | None) -> Node:
        rows, columns = (*shape, None, None)[:2]
        return self.graph.variable(name, (rows, columns))

    def __call__(self, op: str, *args: Node, shape: Shape | None = None) -> Node:
        """An inner node; scalar-valued and shape-changing operations are told apart by name."""
        if shape is None:
            shape = _shape(op, args)
        return self.graph.node(op, args, shape)

    def number(self, value: int | Fraction) -> Node:
        return self.graph.number(value)

    def fill(self, value: int | Node, shape: Shape) -> Node:
        node = value if isinstance(value, Node) else self.number(value)
        return node if shape == SCALAR else self.graph.node("fill", (node,), shape)

    def plus(self, node: Node, value: int | Node) -> Node:
        return self("add", node, self.fill(value, node.shape))

    def times(self, value: int | Fraction | Node, node: Node) -> Node:
        factor = value if isinstance(value, Node) else self.number(value)
        return self("scale", factor, node)

    def power(self, node: Node, exponent: int) -> Node:
        return self("intpower", node, self.number(exponent))

    def t(self, node: Node) -> Node:
        return self("transpose", node)

    def product(self, *factors: Node) -> Node:
        result = factors[0]
        for factor in factors[1:]:
            result = self("matmul", result, factor)
        return result

    def define(self, node: Node) -> Node:
        return self.definitions[node.op](node)

    def instantiate(self, text: str, node: Node) -> Node:
        return self.texts[text](node)

    def check(self, value: Node, derivative: Node, wrt: Node, points: int = 3, seed: int = 0) -> CheckReport:
        return check_gradient(value, derivative, wrt, standard(), self.define, self.instantiate, points, seed)


_SCALARS = frozenset(["sum", "sumsq", "norm1", "norm2", "tr", "det", "logdet", "logsumexp"])


def _shape(op: str, args: tuple[Node, ...]) -> Shape:
    first = args[0].shape
    if op in _SCALARS:
        return SCALAR
    if op == "matmul":
        return (first[0], args[1].shape[1])
    if op == "transpose":
        return (first[1], first[0])
    if op == "diag":
        return (first[0], first[0])
    if op == "diagonal":
        return (first[0], None)
    return args[1].shape if op == "scale" else first


@pytest.fixture
def make() -> Maker:
    return Maker()


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(1)
