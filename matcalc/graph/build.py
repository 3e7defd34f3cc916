"""From the syntax tree to the graph: shapes decide what each operator means.

Reading goes in two passes.  The first gives every piece of the tree an operation and a shape whose sizes are unified
(`Draft`); the second, when all sizes are known, makes the nodes.  Both walk the tree without recursion.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache

from matcalc.errors import MatcalcError, RuleProblem, ShapeProblem, SyntaxProblem
from matcalc.graph import layout, made, operators, sizes
from matcalc.graph.axes import Axis, DraftShape, fresh_names, words
from matcalc.graph.draft import Draft
from matcalc.graph.named import Indexed, Mark, SizeOf
from matcalc.graph.node import Graph, Node, Shape, Size, axes, full_shape, is_row
from matcalc.graph.second_pass import make_nodes, names_of_values, sizes_of
from matcalc.language import conventions
from matcalc.language.names import unicode_name
from matcalc.language.parser import parse
from matcalc.language.resolved import Resolved
from matcalc.language.syntax import Call, Constant, Index, Name, Number, Shift, Slice, Syntax, postorder
from matcalc.operations import Operations

_OPENED = 32  # lines of rules whose values open each other
Declared = Mapping[str, tuple[Size, ...]]


@dataclass
class Built:
    """A formula as a graph: its value, the notes on how it was read, and the shape of every variable.

    ``invented`` are the sizes that neither a declaration nor the formula names; ``names`` are the names of the values
    of definitions, in the order of use, ``unused`` those that the value does not need.
    ``measured`` says that the i of an x[i+p] was taken to run as far as what it meets fits into x; ``rows`` are the
    definitions whose values are rows.
    """

    value: Node
    notes: list[str]
    shapes: dict[str, Shape] = field(default_factory=dict)
    invented: tuple[str, ...] = ()
    names: Mapping[Node, str] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    measured: bool = False
    rows: frozenset[str] = frozenset()


def build(
    tree: Syntax,
    text: str,
    graph: Graph,
    operations: Operations,
    declared: Declared | None = None,
    definitions: Sequence[tuple[str, Syntax]] = (),
    bound: Mapping[str, Node] | None = None,
    expected: Shape | None = None,
    indices: Resolved | None = None,
    square: Container[str] = frozenset(),
) -> Built:
    """The graph of a syntax tree.

    ``declared`` gives shapes of variables, ``definitions`` the trees of names defined in a ``where`` clause,
    ``bound`` nodes for names (the operands of a rule), ``expected`` the shape that the value must have,
    ``indices`` what index notation says besides the trees; capital letters in ``square`` are square matrices.
    Raises ``ShapeProblem`` with the place in ``text`` where shapes don't conform.
    """
    reader = _Reader(text, operations, declared or {}, dict(definitions), bound or {}, indices, square)
    draft = reader.read_all(tree)
    if expected is not None:
        draft = reader.drafting.conform(layout.without_axes(draft, expected), expected)
    return reader.finish(draft, graph)


class _Reader(operators.Operators):
    """Turns one syntax tree into drafts, keeping track of variables and definitions."""

    def __init__(
        self,
        text: str,
        operations: Operations,
        declared: Declared,
        definitions: dict[str, Syntax],
        bound: Mapping[str, Node],
        indices: Resolved | None = None,
        square: Container[str] = frozenset(),
        opening: tuple[str, ...] = (),
    ) -> None:
        super().__init__(text, operations)
        self.definitions = definitions
        self.bound = bound
        self.square = square
        self.opening = opening  # the operations whose `value` texts this text is read for
        every = {size for shape in declared.values() for size in shape}
        given = {part for size in every for part in sizes.symbols(size)}
        resolved = {size: sizes.resolved(size, given) for size in every}
        self.declared = {name: tuple(map(resolved.__getitem__, shape)) for name, shape in declared.items()}
        self.sizes = {part for size in resolved.values() for part in sizes.symbols(size)}
        for name in sorted(str(size) for size in given - self.sizes):
            self.drafting.note(f"the size {name} was read as {'·'.join(name)}")
        self.variables: dict[str, Draft] = {}
        self.defined: dict[str, Draft] = {}
        self.used: set[str] = set()  # the definitions that the value needs
        self.indices = indices or Resolved(Number(0, 0, Fraction(0)), ())
        self.ranges: dict[str, Axis] = {}  # of the n of Σ_{i=1}^n

    def read_all(self, tree: Syntax) -> Draft:
        """The draft of ``tree``, after those of the definitions that it uses."""
        for name in self._definition_order():
            draft = self.defined[name] = self._whole(
                self.definitions[name], self.indices.orders.get(name, ())
            )
            if name in self.declared:
                self.drafting.place = (draft.start, draft.end)
                shape = self._variable_shape(name)
                if is_row(draft.shape) and self.declared[name][0] == 1:
                    shape = (None, *shape[1:])  # what is published as 1×n is a row
                self.drafting.join(draft, Draft(unicode_name(name), (), shape))
            if draft.args:
                draft.name = draft.name or name
        self.used = _reached(tree, self.definitions)
        return self._whole(tree, self.indices.orders.get("", ()), self.indices.left)

    def _whole(
        self, tree: Syntax, order: Sequence[str], left: Sequence[tuple[str, Sequence[str]]] = ()
    ) -> Draft:
        """The draft of a tree whose free indices, in this order, are axes, of the length that ``left`` says."""
        self.indexing.forget_free()
        for name, letters in left:
            if len(self.declared.get(name, ())) == len(letters):
                for letter, size in zip(letters, self.declared[name], strict=True):
                    self.indexing.axis(letter).join(self.drafting.sized(size))
        draft = self.read(tree)
        self.drafting.place = (tree.start, tree.end)
        return self.indexing.plain(draft, order) if order or isinstance(draft, Indexed) else draft

    def read(self, tree: Syntax) -> Draft:
        """The draft of one tree."""
        done: list[Draft] = []
        for piece in postorder(tree):
            self.drafting.place = (piece.start, piece.end)
            if isinstance(piece, Call):
                count = len(piece.args)
                args = done[len(done) - count :] if count else []
                del done[len(done) - count :]
                done.append(self.call(piece.function, args).placed(piece.start, piece.end))
            else:
                done.append(self._leaf(piece).placed(piece.start, piece.end))
        return done.pop()

    def opened(self, instance: operators.Instance) -> Draft:
        """What the `value` text of an operation says, for these operands and sizes."""
        operation = instance.operation
        assert operation.value is not None
        if operation.name in self.opening:
            raise RuleProblem(f"`{operation.name}` is defined by itself: its value is `{operation.value}`")
        if len(self.opening) >= _OPENED:
            raise RuleProblem(
                f"`{self.opening[0]}` opens more than {_OPENED} lines of rules, one in the other"
            )
        opening = (*self.opening, operation.name)
        inner = _Reader(operation.value, self.operations, {}, {}, {}, opening=opening)
        one = self.drafting.number(1)
        for letter, axis in instance.letters.items():
            size = one if axis is None else self.drafting.fill(one, (axis, None))
            inner.defined[letter] = size if axis is None else self.drafting.make("sum", (size,), (None, None))
        inner.defined |= dict(zip(operation.operands, instance.operands, strict=True))
        try:
            draft = inner.read(_meaning(operation.value, tuple(inner.defined), self.operations.functions))
            _unplace(draft, set(inner.defined.values()))
        except RuleProblem:
            raise
        except MatcalcError as error:
            raise self.drafting.problem(f"{operation.writes}: {error.message}") from None
        if draft.is_scalar:
            return self.drafting.fill(draft, instance.shape)
        self.drafting.join(draft, self.drafting.leaf("variable", instance.shape))
        return draft

    def finish(self, draft: Draft, graph: Graph) -> Built:
        """Name the sizes that are still free and make the nodes."""
        order = draft.postorder()
        reached = set(order)
        dropped = [variable for variable in self.variables.values() if variable not in reached]  # x in x⁰
        measured = self.indexing.measure_shifts(
            axis for piece in order for axis in piece.shape if piece.op == "variable"
        )
        self._name_ranges()
        relations = self.drafting.made
        made.settle(relations, self.text)
        taken = {*self.sizes, *self.variables, *self.definitions, *self.ranges}
        invented = self._name_samples(taken)
        names = fresh_names({*taken, *invented})
        every = {axis: None for piece in (*order, *dropped) for axis in piece.shape}
        free = [axis for axis in every if axis is not None and axis.size is None]
        for axis in made.plain_first(relations, free) if relations else free:
            if axis.size is None:
                axis.size = next(names)
                invented.append(str(axis.size))
                if relations:
                    made.settle(relations, self.text)
        sized = {shape: sizes_of(shape) for shape in {piece.shape for piece in (*order, *dropped)}}
        nodes = make_nodes(order, sized, graph)
        shapes = {name: sized[variable.shape] for name, variable in self.variables.items()}
        for row in self.indices.rows:
            shape = shapes.get(row.matrix, (None, None))
            self.drafting.note(row.note(len(axes(shape)), words(shape) if row.matrix in shapes else ""))
        of_samples = any(row.of_sample for row in self.indices.rows)
        defined = names_of_values(self.defined, nodes, graph, of_samples)
        unused = tuple(name for name in self.defined if name not in self.used)
        rows = frozenset(name for name, piece in self.defined.items() if _is_row(piece))
        return Built(
            nodes[draft], self.drafting.notes, shapes, tuple(invented), defined, unused, measured, rows
        )

    def _name_samples(self, taken: Collection[object]) -> list[str]:
        """Call a data matrix n×d, as papers do, where nothing else is called so; give the names that were used."""
        used: list[str] = []
        for row in self.indices.rows:
            variable = self.variables.get(row.matrix)
            for axis, name in zip(variable.shape if variable else (), ("n", "d"), strict=False):
                if axis is not None and axis.size is None and name not in taken and name not in used:
                    axis.size = name
                    used.append(name)
        return used

    def _name_ranges(self) -> None:
        """Give the sizes that sums run to their names, unless a declaration has another."""
        for name, axis in self.ranges.items():
            if axis.size is None:
                axis.size = name
            elif isinstance(axis.size, str) and axis.size != name and name not in self.indices.counts:
                raise ShapeProblem(
                    f"a sum runs to {name}, but its index is on an axis of length {axis.size}",
                    self.text,
                    0,
                    len(self.text),
                )

    def _range(self, size: Size) -> Axis:
        if isinstance(size, int) or size in self.sizes:
            return self.drafting.sized(size)
        return self.ranges.setdefault(size, Axis())

    def _index(self, piece: Index) -> Draft:
        """An index in brackets or under a sum."""
        if piece.size is not None and not self.indexing.axis(piece.name).join(self._range(piece.size)):
            raise self.drafting.problem(
                f"the sum runs to {piece.size}, but its index is on an axis of length"
                f" {self.indexing.axis(piece.name).size}"
            )
        return Mark("index", (), (None, None), piece.name)

    def _leaf(self, piece: Syntax) -> Draft:
        drafting = self.drafting
        if isinstance(piece, Name):
            return self._name(piece)
        if isinstance(piece, Index):
            return self._index(piece)
        if isinstance(piece, Shift):
            return Mark("index", (), (None, None), "+".join(piece.names))
        if isinstance(piece, Slice):
            return Mark(
                "index", (), (None, None), None if piece.last is None else f"{piece.first}:{piece.last}"
            )
        if isinstance(piece, Number):
            return drafting.number(piece.value)
        assert isinstance(piece, Constant)
        if piece.kind == "pi":
            return drafting.leaf("pi", (None, None))
        axis = Axis() if piece.size is None else drafting.sized(sizes.resolved(piece.size, self.sizes))
        return drafting.leaf(piece.kind, (axis, axis if piece.kind == "identity" else None))

    def _name(self, piece: Name) -> Draft:
        name = piece.name
        if name in self.bound:
            return self.drafting.given(self.bound[name])
        if name in self.defined:
            return self.defined[name].again()
        if name in self.variables:
            return self.variables[name].again()
        if name in self.sizes and name not in self.declared:
            return self.drafting.leaf("size", (None, None), name)
        if name in self.indices.sizes and name not in self.declared:
            return SizeOf(self._range(name))
        if name in self.indices.counts:
            axes = [self.indexing.axis(index) for index in self.indices.counts[name]]
            if not all(axis.join(axes[0]) for axis in axes):
                raise self.drafting.problem(
                    f"{name} would be the length of sums that are not equally long; declare {name}"
                )
            return SizeOf(self.ranges.setdefault(name, axes[0]))
        commutation = self._commutation(name)
        if commutation is not None:
            return commutation
        draft = self.variables[name] = self.drafting.leaf("variable", self._variable_shape(name), name)
        if draft.is_scalar and name not in self.declared:
            self.drafting.greek.add(draft)
            if name[0].isupper():
                written = self.text[piece.start : piece.end]
                self.drafting.note(
                    f"{written} was read as a scalar; declare it if it is a matrix: {written}: n×n"
                )
        return draft

    def _commutation(self, name: str) -> Draft | None:
        """K_{m,n} where K has no such subscript as a variable, and m and n are sizes: the commutation matrix."""
        subscripts = sizes.subscripts_of_k(name, self.sizes)
        if subscripts is None or name in self.declared or "K" in self.declared:
            return None
        axis = self.drafting.sized(sizes.product(subscripts))
        return self.drafting.leaf("commutation", (axis, axis), sizes.joined(subscripts))

    def _variable_shape(self, name: str) -> DraftShape:
        """The declared shape, else the convention: capital letters matrices, small ones vectors, Greek scalars."""
        if name in self.declared:
            axes = tuple(map(self.drafting.sized, self.declared[name]))
        elif name in self.square and name[0].isupper():
            side = Axis()
            axes = (side, side)
        else:
            axes = tuple(Axis() for _ in range(self.indices.axes.get(name, conventions.rank(name))))
        return (*axes, None, None)[: max(2, len(axes))]

    def _definition_order(self) -> list[str]:
        """Definitions, each after those that it uses."""
        order: list[str] = []
        state: dict[str, int] = {}
        for first in self.definitions:
            stack = [(first, False)]
            while stack:
                name, ready = stack.pop()
                if ready:
                    state[name] = 2
                    order.append(name)
                elif name not in state:
                    state[name] = 1
                    stack.append((name, True))
                    for piece in postorder(self.definitions[name]):
                        if isinstance(piece, Name) and piece.name in self.definitions:
                            if state.get(piece.name) == 1:
                                raise SyntaxProblem(
                                    f"`{piece.name}` is defined by itself", self.text, piece.start, piece.end
                                )
                            stack.append((piece.name, False))
        return order


def _reached(tree: Syntax, definitions: Mapping[str, Syntax]) -> set[str]:
    """The definitions that a tree needs, also through others."""
    found: set[str] = set()
    pending = [tree]
    while pending:
        for piece in postorder(pending.pop()):
            if isinstance(piece, Name) and piece.name in definitions and piece.name not in found:
                found.add(piece.name)
                pending.append(definitions[piece.name])
    return found


def _is_row(piece: Draft) -> bool:
    return len(piece.shape) == 2 and piece.shape[0] is None and piece.shape[1] is not None


def _unplace(draft: Draft, given: set[Draft]) -> None:
    """Forget the places of drafts in a `value` text; ``given`` ones have theirs in the formula."""
    pending = [draft]
    while pending:
        piece = pending.pop()
        if piece not in given:
            piece.start = -1
            pending.extend(piece.args)


@lru_cache(maxsize=256)
def _meaning(text: str, names: tuple[str, ...], functions: frozenset[str]) -> Syntax:
    """The tree of a `value` text."""
    return parse(text, names, functions).tree


def default_shape(name: str, declared: Declared, sizes: Iterator[str]) -> Shape:
    """The shape of a variable that does not occur: declared, or by its letter with the next ``sizes``."""
    if name in declared:
        return full_shape(declared[name])
    rank = conventions.rank(name)
    return (next(sizes) if rank else None, next(sizes) if rank == 2 else None)
