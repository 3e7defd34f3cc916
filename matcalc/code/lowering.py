"""From the graph to expressions over arrays: products in the cheapest order, sums gathered, functions by their kernels."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from fractions import Fraction

from matcalc.code.definite import definite
from matcalc.code.expression import Arrays, Expression
from matcalc.code.flat import PRODUCTS, STRUCTURAL, Contraction, Flattening, small_power
from matcalc.code.kernels import name_of
from matcalc.code.made import MadeProducts
from matcalc.code.products import Products
from matcalc.code.stable import Stable
from matcalc.graph.node import Graph, Node, own_axes, topological
from matcalc.graph.template import definition
from matcalc.operations import Operations
from matcalc.structure import Structures

Lowered = tuple[Fraction, Expression]  # a number times an expression with the axes of the node

_LEAVES = frozenset(["variable", "pi", "size", "selection", "commutation", "pairing"])
_LAYOUTS = frozenset(["kron", "blockdot", "blocksum", "hcat", "vcat"])  # made of whole matrices
_SUMS = frozenset(["add", "sub"])
_WORTH = 4  # how many times cheaper a product must be multiplied out, which makes more statements of it


class Lowering:
    """Turns nodes of one graph into expressions of one ``Arrays``."""

    def __init__(
        self,
        graph: Graph,
        operations: Operations,
        target: str,
        structures: Structures,
        made: MadeProducts | None = None,
    ) -> None:
        self.arrays = Arrays()
        self._graph = graph
        self._operations = operations
        self._target = target
        self._structures = structures
        self.definite: set[Expression] = set()  # inverted matrices that are symmetric positive definite
        self._products = Products(self.arrays, target, made)
        self._stable = Stable(self.arrays)
        self._done: dict[Node, Lowered] = {}
        self._uses: Counter[Node] = Counter()

    def of(self, outputs: Sequence[Node], large_first: bool = False) -> list[Expression]:
        """The expressions that compute these nodes; with ``large_first`` those of vectors may use those of matrices."""
        order = topological(outputs)
        consumers: dict[Node, list[Node]] = {}
        for node in order:
            for arg in set(node.args):
                consumers.setdefault(arg, []).append(node)
        for node in order:
            self._uses[node] += sum(consumer.args.count(node) for consumer in consumers.get(node, ()))
        kept = set(outputs)
        for node in order:
            users = consumers.get(node, ())
            inside = len(users) == 1 and self._joins(node, users[0]) and self._uses[node] == 1
            if users and (node in kept or not inside):
                self._lowered(node)
        for node in sorted(outputs, key=lambda node: -len(own_axes(node.shape))) if large_first else outputs:
            self._lowered(node)
        return [self.arrays.multiple(*self._lowered(node)) for node in outputs]

    def _joins(self, node: Node, user: Node) -> bool:
        """Whether a node is worked off together with the one operation that uses it."""
        if node.op in PRODUCTS and user.op in PRODUCTS:
            return True
        return node.op in _SUMS and user.op in _SUMS

    def _lowered(self, node: Node) -> Lowered:
        found = self._done.get(node)
        if found is None:
            found = self._done[node] = self._make(node)
        return found

    def _make(self, node: Node) -> Lowered:
        if node.op in PRODUCTS and not (node.op == "intpower" and small_power(node) is None):
            return self._product(node)
        if node.op in _SUMS:
            return self._sum(node)
        sizes = tuple(size for size in node.shape if size is not None)
        if node.op in _LEAVES:
            leaf = self.arrays.make(node.op, (), sizes, node.data)
            if node.op == "variable" and self._structures.has(node.data, "symmetric"):
                self.arrays.symmetric.add(leaf)
            return Fraction(1), leaf
        return self._call(node)

    def _product(self, node: Node) -> Lowered:
        """A product; multiplied out where that is cheaper, as in M(I − uvᵀ)."""
        flattening = Flattening(self._lowered, self._is_kept)
        flat = flattening.of(node)
        best = self._products.cost(flat)
        parts: list[Contraction] = []
        for factor in dict.fromkeys(flattening.opaque):
            once = flattening.opaque.count(factor) == 1  # (a + b)² is no sum of squares
            loose = once and len(flat.factors) > 1 and self._is_loose_sum(factor)
            terms = self._terms(factor) if loose else []
            if not any(term.op in ("identity", "diag", "matmul") for _, term in terms):
                continue
            each = [Flattening(self._lowered, self._is_kept, {factor: term}).of(node) for term in terms]
            cost = sum(map(self._products.cost, each))
            if _WORTH * cost < best:
                best, parts = _WORTH * cost, each
        if not parts:
            return self._products.of(self._stable.contraction(flat))
        found = [self._products.of(self._stable.contraction(part)) for part in parts]
        sizes = tuple(size for size in node.shape if size is not None)
        return Fraction(1), self._stable.sum(found, sizes)

    def _is_loose_sum(self, node: Node) -> bool:
        return node.op in _SUMS and self._uses[node] == 1

    def _is_kept(self, node: Node) -> bool:
        """Whether a product inside another one is computed by itself: it is used more than once."""
        return node.op not in STRUCTURAL and self._uses[node] > 1

    def _sum(self, node: Node) -> Lowered:
        """All that is added and subtracted, as one sum; it has the axes that its terms have."""
        terms: list[tuple[Fraction, Expression]] = []
        for sign, inner in self._terms(node):
            coefficient, value = self._lowered(inner)
            if value.op == "number":
                assert isinstance(value.data, Fraction)
                coefficient, value = coefficient * value.data, self.arrays.number(1)
            terms.append((sign * coefficient, value))
        sizes = tuple(size for size in node.shape if size is not None)
        return _taken_apart(self._stable.sum(terms, sizes))

    def _terms(self, node: Node) -> list[tuple[Fraction, Node]]:
        """What is added in a sum, with its sign; sums inside are added too unless they are used elsewhere."""
        found = []
        stack = [(node, Fraction(1))]
        while stack:
            inner, sign = stack.pop()
            if inner is node or self._is_loose_sum(inner):
                minus = -sign if inner.op == "sub" else sign
                stack += [(inner.args[1], minus), (inner.args[0], sign)]
            else:
                found.append((sign, inner))
        return found

    def _call(self, node: Node) -> Lowered:
        operation = self._operations.by_name[node.op]
        name = name_of(operation, self._target)
        if name is None:
            return self._opened(definition(node, self._graph, self._operations))
        args = [self.arrays.multiple(*self._lowered(arg)) for arg in node.args]
        sizes = tuple(node.shape[place] or 1 for place in own_axes(node.shape))
        if name in ("inv", "det", "logdet") and definite(node.args[0], self._structures):
            self.definite.add(args[0])
            self.arrays.symmetric |= {args[0], self.arrays.call("inv", args, args[0].sizes)}
        if node.op in _LAYOUTS and len(sizes) == 2:
            args = [self._matrix(arg, value) for arg, value in zip(node.args, args, strict=True)]
        elif name in ("hcat", "vcat"):
            name += "_vector"
        entrywise = operation.elementwise
        return Fraction(1), self._stable.call(name, args, sizes, entrywise)

    def _matrix(self, node: Node, value: Expression) -> Expression:
        """A vector as a matrix of one column, a transposed one as a matrix of one row."""
        if value.rank != 1:
            return value
        place = 0 if node.shape[0] is None else 1
        sizes = (1, *value.sizes) if place == 0 else (*value.sizes, 1)
        return self.arrays.make("lift", (value,), sizes, place)

    def _opened(self, body: Node) -> Lowered:
        """The value of a definition; what is new in it is counted first."""
        order = topological([body])
        for inner in [inner for inner in order if inner not in self._uses]:
            for arg in inner.args:
                self._uses[arg] += 1
        for inner in order:
            if inner.op not in PRODUCTS and inner.op not in _SUMS:
                self._lowered(inner)
        return self._lowered(body)

    def known(self, names: Mapping[str, Node]) -> dict[Expression, str]:
        """The values that have names in the formula, where they are computed."""
        found: dict[Expression, str] = {}
        for name, node in names.items():
            if node in self._done and node.op not in _LEAVES:
                coefficient, value = self._done[node]
                if coefficient == 1 and value.op not in ("spread", "number"):
                    found.setdefault(value, name)
        return found


def _taken_apart(value: Expression) -> Lowered:
    """A number times an expression, where that is what a value is."""
    if value.op == "times" and len(value.args) == 2 and value.args[0].op == "number" and value.data == (1, 1):
        number = value.args[0].data
        assert isinstance(number, Fraction)
        if value.args[1].sizes == value.sizes:
            return number, value.args[1]
    return Fraction(1), value
