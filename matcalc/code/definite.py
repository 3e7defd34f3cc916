"""Which matrices of a formula are symmetric positive definite, by what is assumed of variables and how they are made.

Source: Boyd & Vandenberghe, Convex Optimization (2004), A.5.2.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.graph.node import SCALAR, Node, topological
from matcalc.structure import Structures


def definite(node: Node, structures: Structures) -> bool:
    """Whether a matrix is symmetric positive definite: K, K + σ²I, XᵀX + K."""
    signs: dict[Node, int] = {}  # 2 definite or positive, 1 semidefinite or not negative, 0 unknown
    for inner in topological([node]):
        signs[inner] = _sign(inner, signs, structures)
    return signs[node] == 2


def _sign(node: Node, signs: dict[Node, int], structures: Structures) -> int:
    args = [signs[arg] for arg in node.args]
    if node.shape == SCALAR:
        return _of_scalar(node, args, structures)
    if len(node.shape) != 2 or None in node.shape or node.shape[0] != node.shape[1]:
        return 0
    match node.op:
        case "variable":
            return 2 if structures.has(node.data, "spd") else 0
        case "identity":
            return 2
        case "add":
            return max(args) if min(args) else 0
        case "scale" | "over":
            return min(args)
        case "matmul":
            left, right = node.args
            return int(_transposed(left, right))
        case "inv":
            return 2 if args[0] == 2 else 0
    return 0


def _of_scalar(node: Node, args: list[int], structures: Structures) -> int:
    match node.op:
        case "number":
            assert isinstance(node.data, Fraction)
            return 0 if node.data < 0 else 2 if node.data > 0 else 1
        case "pi" | "size" | "exp" | "cosh" | "softplus" | "sigmoid":
            return 2
        case "variable":
            return 2 if structures.has(node.data, "positive") else 0
        case "intpower":
            exponent = node.args[1].data
            even = isinstance(exponent, Fraction) and exponent % 2 == 0
            return 2 if args[0] == 2 else 1 if even else 0
        case "scale" | "over" | "hadamard":
            if node.op == "hadamard" and node.args[0] is node.args[1]:
                return max(args[0], 1)
            return min(args)
        case "add":
            return max(args) if min(args) else 0
        case "norm2" | "sumsq":
            return 1
    return 0


def _transposed(left: Node, right: Node) -> bool:
    """Whether two factors are the transposes of each other."""
    return (left.op == "transpose" and left.args[0] is right) or (
        right.op == "transpose" and right.args[0] is left
    )
