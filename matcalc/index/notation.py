"""From index form back to the graph, in matrix notation.

Atoms are translated in the order in which they were made, arguments first, so that depth costs no recursion.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction

from matcalc.graph.algebra import Algebra
from matcalc.graph.node import SCALAR, Graph, Node, Shape, Size, full_shape
from matcalc.graph.sizes import product, total
from matcalc.graph.subscripts import Subscripts
from matcalc.index.assembly import Assembly
from matcalc.index.factors import merge_equal
from matcalc.index.gathering import gathered
from matcalc.index.network import Network, Product
from matcalc.index.openings import multiplied_out
from matcalc.index.settle import Settling, has_open_tensor
from matcalc.index.skew import upright
from matcalc.index.structured import is_skew
from matcalc.index.sums import Sums
from matcalc.index.terms import Atom, Axes, Form, Legs, Term, Value, full_axes, roots, shape_of
from matcalc.operations import Operation, Operations

Add = Callable[[Sequence[Product], Shape], Node]


class Notation:
    """Writes values in matrix notation, as nodes of one graph."""

    def __init__(
        self, graph: Graph, operations: Operations, settling: Settling, shapes: Mapping[str, Shape]
    ) -> None:
        self.operations = operations
        self.settling = settling
        self.shapes = shapes
        self.algebra = Algebra(graph)
        self.sums = Sums(self.algebra)
        self._atoms: dict[Atom, Node] = {}
        self._forms: dict[Form, Node] = {}
        self.assembly = Assembly(self.sums)
        self._skew: set[Node] = set()

    def write(self, value: Value) -> Node:
        """The node of a value."""
        terms = self.settling.arrange(value.terms, value.legs)
        if len(value.axes) > 2 or any(map(has_open_tensor, terms)):
            free = list(roots(value.legs))
            terms = gathered(self.settling.opened(terms, value.legs), free, self.settling)
            terms = [merge_equal(term, free) for term in terms]
        axes = tuple(None if leg is None else leg.root() for leg in value.axes)
        node = self._result(terms, axes)
        open_terms = multiplied_out(terms, value.legs, self.settling)
        return node if open_terms is None else self.sums.shorter(node, self._result(open_terms, axes))

    def _result(self, terms: list[Term], axes: Axes) -> Node:
        self._prepare(terms)
        return self._sum([self._product(term, axes) for term in terms], axes, self.sums.result)

    def _prepare(self, terms: Iterable[Term]) -> None:
        """Translate every atom that terms depend on."""
        pending = [atom for term in terms for atom, _, _ in term.factors]
        needed: dict[int, Atom] = {}
        while pending:
            atom = pending.pop()
            if atom.kind not in _CONSTANTS and atom.id not in needed and atom not in self._atoms:
                needed[atom.id] = atom
                for form in atom.args:
                    pending += [inner for term in form.terms for inner, _, _ in term.factors]
        structures = self.settling.forms.structures
        for id in sorted(needed):
            node = self._atoms[needed[id]] = self._atom(needed[id])
            if structures and is_skew(needed[id], structures):
                self._skew.add(node)

    def _atom(self, atom: Atom) -> Node:
        graph = self.algebra.graph
        if atom.kind == "variable":
            variable = graph.variable(str(atom.data), self.shapes[str(atom.data)])
            if atom.symmetric:
                self.algebra.symmetric.add(variable)
            return variable
        if atom.kind == "number":
            assert isinstance(atom.data, Fraction)
            return graph.number(atom.data)
        if atom.kind in ("pi", "size"):
            return graph.node(atom.kind, (), (None, None), atom.data)
        node = self._form(atom.args[0]) if atom.kind == "sum" else self._function(atom)
        if atom.symmetric:
            self.algebra.symmetric.add(node)
        return node

    def _function(self, atom: Atom) -> Node:
        operation = self.operations[str(atom.data)]
        args = [self._form(form) for form in atom.args]
        if operation.elementwise:
            return self.algebra.graph.node(operation.name, tuple(args), args[0].shape)
        if operation.name == "power":
            base, exponent = args
            scalar = exponent.args[0] if exponent.op == "fill" else exponent
            return self.algebra.graph.node("power", (base, scalar), base.shape)
        args = [
            arg if column else self.algebra.transpose(arg)
            for arg, column in zip(args, atom.columns, strict=True)
        ]
        if operation.name == "norm2" and len(args[0].shape) > 2:
            return self._norm(args[0])
        return self.algebra.graph.node(
            operation.name, tuple(args), _gives(operation.gives, operation.takes, args)
        )

    def _norm(self, tensor: Node) -> Node:
        """The norm of a tensor, which has no name: the root of the sum of its squares."""
        places = tuple(range(len(tensor.shape)))
        squares = self.algebra.graph.node(
            "contract", (tensor, tensor), SCALAR, Subscripts.of([places, places], ())
        )
        return self.algebra.power(squares, Fraction(1, 2))

    def _form(self, form: Form) -> Node:
        node = self._forms.get(form)
        if node is None:
            axes = full_axes(roots(form.legs))
            products = [self._product(term, axes) for term in form.terms]
            node = self._forms[form] = self._sum(products, axes)
            self.sums.remember(node, products)
            if form.symmetric:
                self.algebra.symmetric.add(node)
        return node

    def _sum(self, products: list[Product], axes: Axes, add: Add | None = None) -> Node:
        shape = shape_of(axes)
        if products and not [each for each in products if each.chain is not None]:  # the same in every entry
            return self.algebra.fill(self.sums.sum(products, SCALAR), shape)
        return (add or self.sums.sum)(self.assembly.assembled(products, shape), shape)

    def _product(self, term: Term, axes: Axes) -> Product:
        nodes = [self._atoms.get(atom) or self._constant(atom, legs) for atom, legs, _ in term.factors]
        product = Network(term, nodes, self.algebra).reduce(axes)
        return upright(product, self._skew, self.algebra.graph) if self._skew else product

    def _constant(self, atom: Atom, legs: Legs) -> Node:
        """A factor whose shape is that of its legs."""
        if atom.kind == "identity":
            return self.algebra.graph.node("identity", (), (legs[0].size, legs[1].size))
        if atom.kind == "selection":
            return self.algebra.graph.node("selection", (), full_shape([leg.size for leg in legs]), atom.data)
        if atom.kind == "inclusion":
            return self.assembly.inclusion(atom, legs)
        return self.algebra.graph.node("pairing", (), shape_of(legs))


_CONSTANTS = frozenset(["identity", "selection", "pairing", "inclusion"])  # their shape is that of their legs


def _gives(
    pattern: tuple[str | None, str | None],
    takes: Iterable[tuple[str, tuple[str | None, str | None]]],
    args: Iterable[Node],
) -> Shape:
    """The shape that an operation gives for these arguments."""
    sizes: dict[str | None, Size | None] = {None: None}
    for (_, letters), arg in zip(takes, args, strict=True):
        sizes.update(zip(letters, arg.shape, strict=True))
    sizes[None] = None
    rows, columns = (
        (total if Operation.combines(part) == "sum" else product)(
            size for letter in Operation.letters(part) if (size := sizes[letter]) is not None
        )
        if part is not None and part not in sizes
        else sizes[part]
        for part in pattern
    )
    return (rows, columns)
