"""Why two forms of a value are equal: identities that are applied one kind at a time, and what the simplifier did.

The index form has no transposes, so what becomes of them there has no name.  Here they are moved first, in the graph,
by named identities; what is left is simplified through the index form, which notes what it does in a journal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.errors import MatcalcError
from matcalc.graph.algebra import Algebra
from matcalc.graph.node import SCALAR, Graph, Node, topological
from matcalc.index.journal import Journal
from matcalc.index.simplify import simplify
from matcalc.operations import Operations, standard
from matcalc.structure import Structures

_ROUNDS = 12  # of all identities, on one form
_LEADING = ("neg", "scale")
Identity = Callable[["Tidying", Node], Node | None]


@dataclass(frozen=True)
class Reason:
    """Why a form equals the one before it: ``kind`` for programs, ``text`` for readers, ``node`` what it is about.

    With a node the text has ``{}`` where its formula belongs: ``{} is symmetric``.  A rewrite is named by its place in
    the rule files, and ``rule`` is its line there.
    """

    kind: str
    text: str
    node: Node | None = None
    rule: str = ""


@dataclass(frozen=True)
class Form:
    """One way to write a value, and why it equals the form before it; the first of several forms has no reasons."""

    node: Node
    reasons: tuple[Reason, ...] = ()


PUT_IN = Reason("put in", "values put in")
WHOLE = Reason("whole", "simplified as a whole")  # by the derivation itself
_NORMAL = Reason("normal form", "numbers and factors joined and put in order")

_TEXTS = {  # what the simplifier notes, in words
    "collected": "equal terms collected",
    "cancelled": "terms that cancel",
    "reciprocals": "factors that cancel",
    "inverses": "an inverse meets what it inverts",
    "identity": "identity and diagonal matrices multiplied out",
    "peeled": "the inverse of a product",
    "squares": "a sum of squares is a squared norm",
    "vec": "vec and Kronecker products worked out",
    "blocks": "blocks picked",
    "expanded": "multiplied out",
    "into sum": "a factor multiplied into a sum",
    "factored": "common factors taken out",
}


class Reasoner:
    """Simplifies nodes and says why; ``structures`` is what is assumed of variables."""

    def __init__(self, graph: Graph, operations: Operations, structures: Structures) -> None:
        self.graph = graph
        self.operations = operations
        self.structures = structures
        self.tidying = Tidying(graph, structures)

    def forms(self, node: Node, first: Sequence[Node] = ()) -> list[Form]:
        """The forms that a node takes on its way to the simplest one, itself the first.

        ``first`` are nodes whose way of writing sums the result should keep.
        """
        found = [Form(node), *self.tidying.forms(node)]
        last = found[-1].node
        journal = Journal()
        try:
            (result,) = simplify(
                [last],
                self.graph,
                self.operations,
                [*first, node],
                structures=self.structures,
                journal=journal,
            )
        except MatcalcError:  # what has no normal form stays as it is
            return found
        if result is not last:
            found.append(Form(result, self.reasons(last, result, journal)))
        return found

    def reasons(self, before: Node, after: Node, journal: Journal) -> tuple[Reason, ...]:
        """What the journal says about the way from one node to another, as far as it is to be seen in them."""
        found = tuple(
            reason for entry in journal.entries if (reason := self._reason(*entry, before, after)) is not None
        )
        return found or (_NORMAL,)

    def _reason(self, kind: str, about: str, before: Node, after: Node) -> Reason | None:
        if kind == "rewrite":
            return self._rewrite(about)
        if kind == "structure":
            names = sorted({each for kinds in self.structures.kinds.values() for each in kinds})
            return Reason(kind, f"what is assumed of the variables ({', '.join(names)})")
        if kind not in _TEXTS or not _is_seen(kind, before, after):
            return None
        return Reason(kind, _TEXTS[kind])

    def _rewrite(self, name: str) -> Reason:
        """A line of a rule file: ``exp(X) .* sigmoid(-X) -> sigmoid(X)`` in ``rules/rewrites.toml``."""
        line = next(line for line in self.operations.rewrites if line[0] == name)
        file = "rules/rewrites.toml" if line in standard().rewrites else "your rules"
        return Reason("rewrite", f"{file}: {name}", rule=f"{line[1]} -> {line[2]}")


def _is_seen(kind: str, before: Node, after: Node) -> bool:
    """Whether what the simplifier noted shows in the result; it may have undone it, or done it out of sight."""
    old, new = _counts(before), _counts(after)
    if kind == "identity":
        return any(old.get(op, 0) > new.get(op, 0) for op in ("identity", "diag", "diagonal"))
    if kind == "squares":
        return sum(new.get(op, 0) - old.get(op, 0) for op in ("sumsq", "norm2")) > 0
    if kind == "factored":
        numbers = after.op in ("scale", "over") and before.op in ("add", "sub")
        return numbers or _terms(after) < _terms(before)
    if kind in ("collected", "cancelled", "reciprocals", "inverses"):
        return sum(new.values()) < sum(old.values())
    return True


def _counts(root: Node) -> dict[str, int]:
    """How often each operation is written in the formula of a node; formulas here are short."""
    times: dict[Node, int] = {root: 1}
    counts: dict[str, int] = {}
    for node in reversed(topological([root])):
        counts[node.op] = counts.get(node.op, 0) + times[node]
        for arg in node.args:
            times[arg] = times.get(arg, 0) + times[node]
    return counts


def _terms(node: Node) -> int:
    """How many terms a value has, behind the numbers and scalars in front of it."""
    while node.op in ("scale", "neg", "over"):
        node = node.args[int(node.op == "scale")]
    count = 1
    pending = [node]
    while pending:
        node = pending.pop()
        if node.op in ("add", "sub"):
            count += 1
            pending.extend(node.args)
    return count


# Identities ------------------------------------------------------------------------------------------------------


class Tidying:
    """Applies identities of transposes, ones and numbers to short formulas, one kind after the other."""

    def __init__(self, graph: Graph, structures: Structures) -> None:
        self.graph = graph
        self.structures = structures
        self.algebra = Algebra(graph)

    def forms(self, node: Node) -> Iterator[Form]:
        """The forms that come about, each with the identity that gave it."""
        for _ in range(_ROUNDS):
            before = node
            for reason, identity in _IDENTITIES:
                about: list[Node] = []
                changed = self._applied(identity, node, about)
                if changed is not node:
                    node = changed
                    yield Form(
                        node, (Reason(reason.kind, reason.text, about[0] if "{}" in reason.text else None),)
                    )
            if node is before:
                return

    def plain(self, node: Node) -> Node:
        """A node without factors of one, its numbers multiplied."""
        for identity in (Tidying.ones, Tidying.numbers):
            node = self._applied(identity, node, [])
        return node

    def _applied(self, identity: Identity, root: Node, about: list[Node]) -> Node:
        """The node with an identity applied wherever it fits; what it was applied to is noted."""
        changed: dict[Node, Node] = {}
        for node in topological([root]):
            args = tuple(changed[arg] for arg in node.args)
            same = node if args == node.args else self.graph.node(node.op, args, node.shape, node.data)
            other = identity(self, same)
            if other is not None:
                about.append(same.args[0] if same.args else same)
            changed[node] = same if other is None else other
        return changed[root]

    def twice(self, node: Node) -> Node | None:
        """(Aᵀ)ᵀ is A."""
        if node.op != "transpose" or node.args[0].op != "transpose":
            return None
        return node.args[0].args[0]

    def symmetric(self, node: Node) -> Node | None:
        """Sᵀ is S."""
        if node.op != "transpose":
            return None
        inner = node.args[0]
        of = inner.args[0] if inner.op == "inv" else inner
        if of.op == "variable":
            return inner if self.structures.transposes(of.data) == "X" else None
        return inner if inner.op in ("matmul", "hadamard") and self.algebra.is_symmetric(inner) else None

    def product(self, node: Node) -> Node | None:
        """(AB)ᵀ is BᵀAᵀ; what is a leaf gets its transpose, what is one loses it."""
        if node.op != "transpose" or node.args[0].op != "matmul":
            return None
        left, right = node.args[0].args
        return self.graph.node("matmul", (self._turned(right), self._turned(left)), node.shape)

    def entrywise(self, node: Node) -> Node | None:
        """(A ⊙ B)ᵀ is Aᵀ ⊙ Bᵀ, where a factor loses its transpose."""
        if node.op != "transpose" or node.args[0].op not in ("hadamard", "eldivide"):
            return None
        if not any(arg.op == "transpose" for arg in node.args[0].args):
            return None
        turned = tuple(map(self._turned, node.args[0].args))
        return self.graph.node(node.args[0].op, turned, node.shape)

    def scalar(self, node: Node) -> Node | None:
        """(cA)ᵀ is cAᵀ."""
        if node.op != "transpose" or node.args[0].op not in _LEADING:
            return None
        inner = node.args[0]
        return self.graph.node(inner.op, (*inner.args[:-1], self._turned(inner.args[-1])), node.shape)

    def _turned(self, node: Node) -> Node:
        if node.shape == SCALAR:
            return node
        return self.graph.node("transpose", (node,), node.shape[::-1])

    def ones(self, node: Node) -> Node | None:
        """IA, 1·A and A ⊙ 𝟏 are A."""
        if node.op == "matmul":
            return _other(node, lambda arg: arg.op == "identity")
        if node.op == "hadamard":
            return _other(node, _is_one)
        if node.op == "scale" and _is_one(node.args[0]):
            return node.args[1]
        if node.op == "scale" and node.shape == SCALAR and _is_one(node.args[1]):
            return node.args[0]
        if node.op in ("over", "eldivide") and _is_one(node.args[1]):
            return node.args[0]
        return None

    def front(self, node: Node) -> Node | None:
        """A(cB) is c(AB), for a number c or a sign."""
        if node.op not in ("matmul", "hadamard"):
            return None
        for place, arg in enumerate(node.args):
            if arg.op in _LEADING and (arg.op == "neg" or arg.args[0].op == "number"):
                args = tuple(arg.args[-1] if i == place else other for i, other in enumerate(node.args))
                product = self.graph.node(node.op, args, node.shape)
                return self.graph.node(arg.op, (*arg.args[:-1], product), node.shape)
        return None

    def numbers(self, node: Node) -> Node | None:
        """c(dA) is (cd)A, −(−A) is A, and 4 − 1 is 3."""
        if node.op == "neg" and node.args[0].op == "neg":
            return node.args[0].args[0]
        if node.op == "sub" and all(isinstance(arg.data, Fraction) for arg in node.args):
            left, right = (arg.data for arg in node.args)
            return self.graph.number(left - right)  # type: ignore[operator]
        if node.op != "scale" or node.args[0].op != "number":
            return None
        number, inner = node.args
        if inner.op == "number":
            return self._multiplied(number, inner)
        if inner.op == "scale" and inner.args[0].op == "number":
            product = self._multiplied(number, inner.args[0])
            return self.graph.node("scale", (product, inner.args[1]), node.shape)
        if inner.op == "neg":
            scaled = self.graph.node("scale", (number, inner.args[0]), node.shape)
            return self.graph.node("neg", (scaled,), node.shape)
        return None

    def _multiplied(self, left: Node, right: Node) -> Node:
        assert isinstance(left.data, Fraction) and isinstance(right.data, Fraction)
        return self.graph.number(left.data * right.data)


def _is_one(node: Node) -> bool:
    inner = node.args[0] if node.op == "fill" else node
    return inner.op == "ones" or (inner.op == "number" and inner.data == 1)


def _other(node: Node, drops: Callable[[Node], bool]) -> Node | None:
    """The other factor of a product, where one of them drops out."""
    for place, arg in enumerate(node.args):
        if drops(arg) and node.args[1 - place].shape == node.shape:
            return node.args[1 - place]
    return None


_IDENTITIES: tuple[tuple[Reason, Identity], ...] = (
    (Reason("transposed twice", "transpose of a transpose"), Tidying.twice),
    (Reason("symmetric", "{} is symmetric"), Tidying.symmetric),
    (Reason("transposed product", "transpose of a product"), Tidying.product),
    (Reason("transposed product", "transpose of a product of entries"), Tidying.entrywise),
    (Reason("transposed multiple", "transpose of a multiple"), Tidying.scalar),
    (Reason("ones", "factors of one left out"), Tidying.ones),
    (Reason("numbers", "numbers brought to the front"), Tidying.front),
    (Reason("numbers", "numbers worked out"), Tidying.numbers),
)
