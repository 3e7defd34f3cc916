"""Formulas as text, in one of the three spellings; every text reads back to the same value.

A node's text is put together from its operands' texts, operands first, each with the level at which it binds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from fractions import Fraction

from matcalc.graph.node import SCALAR, Node, topological
from matcalc.operations import Operations
from matcalc.printers import constants, layout, norms
from matcalc.printers.indexed import Entries
from matcalc.printers.juxtaposition import FUNCTION_LETTERS, beside
from matcalc.printers.levels import ELEMENTWISE, POSTFIX, PREFIX, PRODUCT, SUM, UNIT, Text
from matcalc.printers.spelling import ASCII, Spelling


class Formula:
    """Writes nodes in one spelling.

    ``named`` nodes are written by their name, ``sized`` constants with their size; ``taken`` are names of variables,
    which sizes of the same name must not be taken for.  ``indexed`` nodes are written by their entries, with indices
    that are not ``unusable``; an ``exact`` formula also says how far the letters of x[i+p] run and how
    large blocks of zeros are.
    """

    def __init__(
        self,
        spelling: Spelling,
        operations: Operations,
        named: Mapping[Node, str] | None = None,
        taken: Collection[str] = (),
        sized: bool = False,
        indexed: Collection[Node] = (),
        unusable: Collection[str] = (),
        exact: bool = False,
    ) -> None:
        self.spelling = spelling
        self.operations = operations
        self.named = named or {}
        self.taken = frozenset(taken)
        self.sized = sized
        self.exact = exact
        self.wrote_constant = False  # I or 𝟏, whose sizes a reader has to find
        self.wrote_zero = False  # a block, which takes what the others leave
        self.entries = Entries(self, indexed, unusable)
        self._texts: dict[Node, Text] = {}
        self._with_identity: set[Node] = set()  # sums that have a multiple of the identity among their terms

    def text(self, root: Node) -> str:
        """The formula of a node."""
        if root in self.entries.indexed:
            return self.entries.text(root)
        return self.written(root)[0]

    def write_all(self, roots: Iterable[Node]) -> None:
        """Write nodes and what they are made of, so that ``at`` knows their texts.

        Constants are written where they are asked for: 1 − x is written without the ones that it has.
        """
        matrices = not self.entries.indexed  # all is written in matrix notation
        for node in topological(roots, self._texts):
            if node not in self._texts and (matrices or self._is_whole(node)):
                if node.op == "identity" or (
                    self._with_identity and not self._with_identity.isdisjoint(_terms(node))
                ):
                    self._with_identity.add(node)
                if node.op != "fill":
                    self._texts[node] = self._write(node)

    def _is_whole(self, node: Node) -> bool:
        """Whether a node is written without indices, by matrix notation or by its name."""
        return node not in self.entries.indexed or node in self.named or node.op == "variable"

    def written(self, node: Node) -> Text:
        """The text of a whole value and how tightly it binds."""
        if node not in self._texts:
            self.write_all([node])
            if node.op == "fill":
                self._texts[node] = self._write(node)
        return self._texts[node]

    def definition(self, named: Node) -> str:
        """The equation that says what a named node of a formula written before stands for."""
        if named in self.entries.indexed:
            return self.entries.equation(named, self.spelling.name(self.named[named]))
        self.write_all(named.args)
        return f"{self.at(named, UNIT)} = {_WRITERS[named.op](self, named)[0]}"

    def equation(self, name: str, body: Node) -> str:
        """The equation that defines a name."""
        if body in self.entries.indexed:
            return self.entries.equation(body, self.spelling.name(name))
        return f"{self.spelling.name(name)} = {self.text(body)}"

    def _write(self, node: Node) -> Text:
        name = self.named.get(node)
        return _WRITERS[node.op](self, node) if name is None else (self.spelling.name(name), UNIT)

    def at(self, node: Node, level: int) -> str:
        """The text of an operand where something binds at ``level``: in brackets if it binds less."""
        text, own = self._texts.get(node) or self.written(node)
        return text if own >= level else self.spelling.brackets(text)

    # Leaves ----------------------------------------------------------------------------------------------------

    def _variable(self, node: Node) -> Text:
        return self.spelling.name(str(node.data)), UNIT

    def _number(self, node: Node) -> Text:
        assert isinstance(node.data, Fraction)
        text, quotient = self.spelling.number(abs(node.data))
        if node.data < 0:
            return self.spelling.minus + text, SUM
        return text, PRODUCT if quotient else UNIT

    def _pi(self, node: Node) -> Text:
        return self.spelling.pi, UNIT

    def _size(self, node: Node) -> Text:
        if isinstance(node.data, int):
            return str(node.data), UNIT
        if str(node.data) in self.taken:  # the name of the size is that of a variable
            trace = "\\operatorname{tr}" if self.spelling.latex else "tr"
            return f"{trace}({constants.sized_identity(self, str(node.data))})", UNIT
        return self.spelling.name(str(node.data)), UNIT

    # Sums and products -----------------------------------------------------------------------------------------

    def _add(self, node: Node) -> Text:
        return self._sum_of(node, "+"), SUM

    def _sub(self, node: Node) -> Text:
        return self._sum_of(node, self.spelling.minus), SUM

    def _sum_of(self, node: Node, sign: str) -> str:
        left, right = node.args
        both = left.op == "fill" and right.op == "fill"
        # I − 1/γ would be taken for a multiple of I: ones are written where an identity is near.
        keep = left in self._with_identity or right in self._with_identity
        return f"{self._spread(left, SUM, both or keep)} {sign} {self._spread(right, PREFIX, keep)}"

    def _spread(self, node: Node, level: int, keep: bool = False) -> str:
        """An operand of an elementwise operation: a scalar in every entry is written as the scalar."""
        if node.op == "fill" and not keep and node not in self.named:
            return self.at(node.args[0], level)
        return self.at(node, level)

    def _neg(self, node: Node) -> Text:
        return self.spelling.minus + self.at(node.args[0], PREFIX), SUM

    def _hadamard(self, node: Node) -> Text:
        left, right = node.args
        both = left.op == "fill" and right.op == "fill"
        text = self._spread(left, PRODUCT if left.op == "kron" else ELEMENTWISE, keep=both)
        return f"{text} {self.spelling.hadamard} {self._right(right)}", ELEMENTWISE

    def _eldivide(self, node: Node) -> Text:
        left, right = node.args
        text = self._spread(left, ELEMENTWISE)
        loose = self.spelling is ASCII or right.op == "over"
        below = self._spread(right, POSTFIX if loose else PRODUCT, keep=True)
        return f"{text} {self.spelling.eldivide} {below}", ELEMENTWISE

    def _right(self, node: Node) -> str:
        """The right operand of an elementwise product; ASCII, as MATLAB, has * on the level of .*"""
        if self._is_elementwise_product(node) and (
            self.spelling is not ASCII or self.written(self._leftmost(node))[1] >= POSTFIX
        ):
            return self.written(node)[0]
        return self._spread(node, POSTFIX if self.spelling is ASCII else PRODUCT)

    def _is_elementwise_product(self, node: Node) -> bool:
        """Whether a node is written a ⊙ b, so that it needs no brackets as a factor of another such product."""
        if node in self.named:
            return False
        return node.op == "hadamard" or (node.op == "intpower" and self._is_written_square(node))

    def _matmul(self, node: Node) -> Text:
        left, right = node.args
        power = self._matrix_power(node)
        if power is not None:
            return power
        first = self.at(left, PRODUCT)
        if self.written(left)[1] == PRODUCT and left.op in ("over", "number") and not self.spelling.latex:
            first = self.spelling.brackets(first)
        loose = right.op in ("scale", "over", "number") or self.spelling is ASCII
        return self.beside(first, self.at(right, POSTFIX if loose else PRODUCT))

    def _matrix_power(self, node: Node) -> Text | None:
        """``X³`` for XXX; None for a product that is no power."""
        base, count = node.args[1], 1
        while node.op == "matmul" and node.args[1] is base and node not in self.named:
            node, count = node.args[0], count + 1
        if node is not base or count < 3 or base.op == "inv":
            return None
        transposed = base.op == "transpose" and base not in self.named
        inner = base.args[0] if transposed else base
        text = self.spelling.power(self.at(inner, UNIT), str(count), False)
        return (self.spelling.brackets(text) + self.spelling.transpose if transposed else text), POSTFIX

    def _scale(self, node: Node) -> Text:
        scalar, value = node.args
        if value.op == "number" and scalar.op != "number":
            scalar, value = value, scalar
        first = self.coefficient(scalar)
        text, level = self.written(value)
        if level == PREFIX:
            return self.beside(first, text)[0], PREFIX  # a sum sign may stand last
        if level == ELEMENTWISE and self._leftmost(value).op not in ("fill", "number", "over"):
            return self.beside(first, text)[0], ELEMENTWISE  # 2a ⊙ x
        if value.op in ("scale", "matmul", "fill"):
            return self.beside(first, self.at(value, PRODUCT))
        return self.beside(first, self.at(value, POSTFIX))

    def coefficient(self, scalar: Node) -> str:
        """A scalar in front of a product."""
        inner_product = scalar.op in ("matmul", "over") or (
            scalar.op == "number" and self.spelling is not ASCII
        )
        return self.at(scalar, POSTFIX if inner_product else PRODUCT)

    def _leftmost(self, node: Node) -> Node:
        """The first factor of an elementwise product."""
        while node.op in ("hadamard", "eldivide", "intpower", "kron") and node not in self.named:
            node = node.args[0]
        return node

    def _over(self, node: Node) -> Text:
        top, bottom = node.args
        if self.spelling.latex:
            return f"\\frac{{{self.written(top)[0]}}}{{{self.written(bottom)[0]}}}", POSTFIX
        return f"{self.at(top, PRODUCT)}/{self.at(bottom, POSTFIX)}", PRODUCT

    def beside(self, left: str, right: str) -> Text:
        """A product without a sign, where one can be read."""
        return beside(left, right, self.spelling, self.operations.functions)

    # Superscripts ----------------------------------------------------------------------------------------------

    def _transpose(self, node: Node) -> Text:
        inner = node.args[0]
        if inner.op == "inv" and self.spelling.inverse_transpose and inner not in self.named:
            return self.at(inner.args[0], UNIT) + self.spelling.inverse_transpose, POSTFIX
        return self.at(inner, UNIT) + self.spelling.transpose, POSTFIX

    def _inv(self, node: Node) -> Text:
        if self.spelling.inverse is None:
            return self._function(node)
        return self.at(node.args[0], UNIT) + self.spelling.inverse, POSTFIX

    def _intpower(self, node: Node) -> Text:
        base, exponent = node.args
        if self._is_written_square(node):
            name = self.written(base)[0]
            return f"{name} {self.spelling.hadamard} {name}", ELEMENTWISE
        operation = self.operations.by_name.get(base.op)
        if (
            operation is not None
            and operation.elementwise
            and len(base.args) == 1
            and operation.reads
            and base.op not in ("sqrt", "abs", "sigmoid")  # σ² is a variance
            and base not in self.named
            and self.spelling is not ASCII
            and None in node.shape
        ):
            name = self.spelling.power(self.spelling.function(operation), str(exponent.data), False)
            return name + self.spelling.brackets(self.written(base.args[0])[0]), UNIT
        return self._power(node)

    def _is_written_square(self, node: Node) -> bool:
        """Whether a square is written x ⊙ x."""
        base, exponent = node.args
        return (
            exponent.data == 2 and base.op == "variable" and base.shape != SCALAR and base not in self.named
        )

    def _power(self, node: Node) -> Text:
        base, exponent = node.args
        elementwise = node.shape != SCALAR and (
            self.spelling is ASCII or None not in node.shape or node.op == "elpower"
        )
        if exponent.op == "number" and isinstance(exponent.data, Fraction):
            value = exponent.data
            sign = self.spelling.minus if value < 0 else ""
            text = sign + str(abs(value))
        else:
            text, level = self.written(exponent)
            if elementwise and level == SUM and self.spelling is not ASCII:
                text = self.spelling.brackets(text)
        base_text = self._spread(base, UNIT)
        if base_text == "e":
            base_text = self.spelling.brackets(base_text)
        return self.spelling.power(base_text, text, elementwise), POSTFIX

    # Functions -------------------------------------------------------------------------------------------------

    def _function(self, node: Node) -> Text:
        operation = self.operations[node.op]
        array = any(arg.op != "fill" for arg in node.args)
        args = ", ".join(
            self._spread(arg, SUM, keep=not array or not operation.elementwise) for arg in node.args
        )
        name, _, ending = self.spelling.function(operation).partition(" ")
        if ending and not self.spelling.latex:
            args += f", {ending}"
        if node.op == "logdet" and self.spelling is not ASCII:
            return f"{self.spelling.function(operation)} {self.at(node.args[0], UNIT)}", PREFIX
        if name in FUNCTION_LETTERS and FUNCTION_LETTERS[name] in self.taken:
            name = f"\\operatorname{{{operation.writes}}}" if self.spelling.latex else operation.writes
        return name + self.spelling.brackets(args), UNIT

    def _where(self, node: Node) -> Text:
        """where(c, a, b), its first argument as the comparison that it is."""
        condition = node.args[0]
        if condition.op != "ispositive" or condition in self.named:
            return self._function(node)
        inner = condition.args[0]
        if inner.op == "sub" and inner not in self.named:
            both = all(arg.op == "fill" for arg in inner.args)
            larger, smaller = (self._spread(arg, PREFIX, both) for arg in inner.args)
        else:
            larger, smaller = self.at(inner, SUM), "0"
        others = ", ".join(self._spread(arg, SUM) for arg in node.args[1:])
        name = self.spelling.function(self.operations[node.op])
        return name + self.spelling.brackets(f"{larger} > {smaller}, {others}"), UNIT

    def _sum(self, node: Node) -> Text:
        if self.spelling.total is None:
            return self._function(node)
        sign = "∑" if "Sigma" in self.taken and not self.spelling.latex else self.spelling.total
        separator = " " if self.spelling.latex else ""
        return f"{sign}{separator}{self.at(node.args[0], PRODUCT)}", PREFIX

    def _sqrt(self, node: Node) -> Text:
        if self.spelling.root is None:
            return self._function(node)
        inner = self.written(node.args[0])[0]
        if self.spelling.latex:
            return f"\\sqrt{{{inner}}}", UNIT
        return self.spelling.root + self.at(node.args[0], UNIT), POSTFIX

    def _contract(self, node: Node) -> Text:
        return self.entries.written_out(node, ())

    def _pinv(self, node: Node) -> Text:
        if self.spelling is ASCII:
            return self._function(node)
        return self.at(node.args[0], UNIT) + ("^{+}" if self.spelling.latex else "⁺"), POSTFIX


def _terms(node: Node) -> tuple[Node, ...]:
    """What a sum adds up, or what is multiplied by a scalar."""
    if node.op in ("add", "sub", "neg"):
        return node.args
    return (node.args[node.op == "scale"],) if node.op in ("scale", "over") else ()


_WRITERS: defaultdict[str, Callable[[Formula, Node], Text]] = defaultdict(lambda: Formula._function)
_WRITERS |= {
    name[1:]: getattr(Formula, name)
    for name in (
        "_variable _number _pi _size _add _sub _neg _hadamard _eldivide _matmul "
        "_scale _over _transpose _inv _intpower _power _sum _sqrt _contract "
        "_pinv _where"
    ).split()
}
_WRITERS["elpower"] = Formula._power
_WRITERS |= constants.WRITERS | layout.WRITERS | norms.WRITERS
