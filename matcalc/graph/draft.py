"""Drafts: pieces of a formula that have an operation and a shape whose sizes may still be open."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from matcalc.errors import ShapeProblem
from matcalc.graph import made
from matcalc.graph.axes import Axis, DraftShape, words
from matcalc.graph.node import Data, Node, Shape, Size
from matcalc.graph.numbers import exact
from matcalc.language.names import unicode_name

_MOST_MADE = 500  # sizes that are made of others; finding them out takes the square of their number


class Draft:
    """What will be a node once its sizes are known; ``node`` where it is one already.

    One with a ``name`` is the value of a definition: a product is then one factor of the products that use it.
    """

    __slots__ = ("op", "args", "shape", "data", "node", "start", "end", "name")

    def __init__(
        self, op: str, args: Sequence[Draft], shape: DraftShape, data: Data = None, node: Node | None = None
    ) -> None:
        self.op = op
        self.args = tuple(args)
        self.shape = shape
        self.data = data
        self.node = node
        self.start = -1
        self.end = -1
        self.name: str | None = None

    def placed(self, start: int, end: int) -> Draft:
        """This draft, with its place in the text unless it has one."""
        if self.start < 0:
            self.start, self.end = start, end
        return self

    def again(self) -> Draft:
        """This draft where it is used again: the same for the graph, so the first place stays."""
        return self

    @property
    def is_scalar(self) -> bool:
        """No axes."""
        return self.shape[0] is None and self.shape[1] is None

    @property
    def is_matrix(self) -> bool:
        """Rows and columns."""
        return len(self.shape) == 2 and self.shape[0] is not None and self.shape[1] is not None

    @property
    def constant(self) -> Fraction | None:
        """The value of a number."""
        return self.data if self.op == "number" and isinstance(self.data, Fraction) else None

    def known_data(self) -> Data:
        """The data that tells nodes of one operation apart."""
        return self.data

    def postorder(self) -> list[Draft]:
        """Every draft that this one is made of, operands first."""
        seen: set[Draft] = set()
        order: list[Draft] = []
        opened: list[Draft] = []  # drafts whose operands are being walked
        stack: list[Draft | None] = [self]
        while stack:
            draft = stack.pop()
            if draft is None:  # the operands of the draft opened last are done
                order.append(opened.pop())
            elif draft not in seen:
                seen.add(draft)
                if draft.args:
                    opened.append(draft)
                    stack.append(None)
                    stack.extend(draft.args[::-1])
                else:
                    order.append(draft)
        return order


class Drafting:
    """Makes drafts for one text; keeps its notes and knows where in the text it is."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = (0, len(text))
        self.notes: list[str] = []
        self.greek: set[Draft] = set()  # variables that are scalars only because their letter is Greek
        self.made: list[made.Made] = []
        self._sized: dict[Size, Axis] = {}

    def note(self, note: str) -> None:
        """Remember how something was read."""
        if note not in self.notes:
            self.notes.append(note)

    def source(self, draft: Draft) -> str:
        """The text that a draft was read from, or its name."""
        if draft.name is not None:
            return unicode_name(draft.name)
        text = self.text[draft.start : draft.end] if draft.start >= 0 else draft.op
        return text if len(text) <= 40 else f"{text[:18]} … {text[-18:]}"

    def problem(self, message: str) -> ShapeProblem:
        """An error at the place that is being read."""
        return ShapeProblem(message, self.text, *self.place)

    def sized(self, size: Size) -> Axis:
        """The axis of a size that has a name or is a number."""
        axis = self._sized.get(size)
        if axis is None:
            axis = self._sized[size] = Axis(size)
        return axis

    def combined(self, kind: str, parts: Sequence[Axis]) -> Axis:
        """The axis that is as long as the ``product`` or the ``sum`` of others."""
        if len(parts) == 1:
            return parts[0]
        if len(self.made) >= _MOST_MADE:
            raise self.problem(f"more than {_MOST_MADE} Kronecker products, vecs and blocks are not read")
        relation = made.Made(kind, Axis(), tuple(parts), self.place)
        try:
            known = relation.known()
        except ShapeProblem as problem:
            raise self.problem(problem.message) from None
        if known is not None:
            relation = made.Made(kind, self.sized(known), tuple(parts), self.place)
        self.made.append(relation)
        return relation.axis

    def number(self, value: Fraction | int) -> Draft:
        """A constant."""
        return Draft("number", (), (None, None), exact(value))

    def leaf(self, op: str, shape: DraftShape, data: Data = None) -> Draft:
        """A draft without operands."""
        return Draft(op, (), shape, data)

    def given(self, node: Node) -> Draft:
        """A node that exists already."""
        shape = tuple([None if size is None else self.sized(size) for size in node.shape])
        return Draft(node.op, (), shape, node.data, node)

    def make(self, op: str, args: Sequence[Draft], shape: DraftShape, data: Data = None) -> Draft:
        """An operation on drafts."""
        return Draft(op, args, shape, data)

    def fill(self, scalar: Draft, shape: DraftShape) -> Draft:
        """A scalar in every entry of an array of this shape."""
        return scalar if shape == (None, None) else self.make("fill", (scalar,), shape)

    def join(self, left: Draft, right: Draft) -> None:
        """Make two shapes one; raises ``ShapeProblem`` naming both."""
        if len(left.shape) != len(right.shape):
            raise self.problem(self.mismatch(left, right))
        for mine, theirs in zip(left.shape, right.shape, strict=True):
            if (mine is None) != (theirs is None) or (mine and theirs and not mine.join(theirs)):
                raise self.problem(self.mismatch(left, right))

    def mismatch(self, left: Draft, right: Draft) -> str:
        """Two shapes that should be equal, and what to try."""
        message = (
            f"{self.source(left)} is {words(left.shape)}, {self.source(right)} is {words(right.shape)}: "
            "they must have the same shape"
        )
        if sum(side is None for side in left.shape) == sum(side is None for side in right.shape) == 1:
            if (left.shape[0] is None) != (right.shape[0] is None):
                message += "; transpose one of them"
        elif left.is_matrix != right.is_matrix:
            message += "; write 𝟏 for a vector of ones, vᵀ for a row, diag(v) for a diagonal matrix"
        return message

    def conform(self, draft: Draft, expected: Shape) -> Draft:
        """``draft`` with this shape; a scalar fills it."""
        shape = tuple(None if size is None else self.sized(size) for size in expected)
        target = Draft("variable", (), shape)
        if draft.is_scalar:
            return self.fill(draft, target.shape)
        self.join(draft, target)
        return draft
