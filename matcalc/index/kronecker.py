"""The Kronecker layout: the derivative of an array in an array as the matrix ∂vec(Y)/∂vec(X)ᵀ.

Magnus & Neudecker, Matrix Differential Calculus (2019), chapter 9: this matrix has every partial derivative once, in
the order of the columns of Y (down) and of X (across).  ``Bᵀ ⊗ A`` for AXB, the commutation matrix K for Xᵀ.
"""

from __future__ import annotations

from matcalc.errors import DerivationProblem
from matcalc.graph.node import Graph, Node, Shape, full_shape, own_axes, topological
from matcalc.graph.sizes import joined, product
from matcalc.graph.subscripts import Subscripts
from matcalc.index.simplify import simplify
from matcalc.operations import Operations
from matcalc.structure import NONE, Structures


def kronecker(
    node: Node,
    value: Shape,
    variable: Shape,
    graph: Graph,
    operations: Operations,
    structures: Structures = NONE,
) -> Node:
    """The matrix ∂vec(Y)/∂vec(X)ᵀ in matrix notation, with ⊗, vec, diag, I and the commutation matrix K.

    ``node`` is the derivative with the axes of Y before those of X; ``value`` and ``variable`` are the shapes of Y and
    X, of at most two axes each.  The result is (entries of Y) × (entries of X); a scalar Y gives a row, a scalar X a
    column, two scalars a scalar.  Raises ``DerivationProblem`` where the derivative has no such form.
    """
    axes = [[size for size in shape if size is not None] for shape in (value, variable)]
    if any(len(sizes) > 2 for sizes in axes):
        raise DerivationProblem("the Kronecker layout is for arrays of two axes at most; use index notation")
    sizes = [size for size in node.shape if size is not None]
    if sizes != axes[0] + axes[1]:
        raise DerivationProblem(
            "the derivative must have the axes of the value and then those of the variable"
        )
    places = list(range(len(sizes)))
    args, inputs, output = [node], [tuple(places)], []
    for own in (places[: len(axes[0])], places[len(axes[0]) :]):
        if len(own) == 2:
            both = len(places) + len(args)
            shape = (product(sizes[place] for place in own), *(sizes[place] for place in own))
            args.append(graph.node("pairing", (), shape))
            inputs.append((both, *own))
            output.append(both)
        else:
            output += own
    rows = product(axes[0]) if axes[0] else None
    columns = product(axes[1]) if axes[1] else None
    if len(args) == 1 and len(own_axes(node.shape)) == 2:
        return node
    matrix = graph.node("contract", tuple(args), (rows, columns), Subscripts.of(inputs, output))
    (result,) = simplify([matrix], graph, operations, structures=structures)
    if any(inner.op in ("pairing", "contract") for inner in topological([result])):
        raise DerivationProblem(
            "this derivative has no form with ⊗, vec and the commutation matrix; index notation has one"
        )
    return _commuted(result, graph)


def as_array(matrix: Node, value: Shape, variable: Shape, graph: Graph) -> Node:
    """The derivative with the axes of Y before those of X, from its matrix ∂vec(Y)/∂vec(X)ᵀ."""
    args = [matrix]
    inputs: list[list[object]] = []
    output: list[object] = []
    own: list[object] = []
    for name, shape in (("down", value), ("across", variable)):
        sizes = [size for size in shape if size is not None]
        indices = [(name, place) for place in range(len(sizes))]
        output += indices
        if len(sizes) == 2:
            args.append(graph.node("pairing", (), (product(sizes), *sizes)))
            inputs.append([name, *indices])
            own.append(name)
        else:
            own += indices
    shape = full_shape([size for part in (value, variable) for size in part if size is not None])
    return graph.node("contract", tuple(args), shape, Subscripts.of([own, *inputs], output))


def _commuted(node: Node, graph: Graph) -> Node:
    """K(A ⊗ B) as (B ⊗ A)K, as it is written where it is not part of a sum."""
    if node.op in ("neg", "scale"):
        return graph.node(node.op, (*node.args[:-1], _commuted(node.args[-1], graph)), node.shape)
    if node.op != "matmul" or node.args[0].op != "commutation" or node.args[1].op != "kron":
        return node
    left, right = node.args[1].args
    columns = [factor.shape[1] for factor in (right, left)]
    if None in columns:
        return node
    size = node.shape[1]
    turned = graph.node("kron", (right, left), (node.shape[0], size))
    k = graph.node("commutation", (), (size, size), joined(size for size in columns if size is not None))
    return graph.node("matmul", (turned, k), node.shape)
