"""The record of a backward sweep: what a careful person writes down on paper, as nodes of the graph.

Every value of the formula gets a placeholder z, every delta a placeholder δ, so that each line is short however deep the
network is.  A line is a few equal forms: what the rule of an operation says in terms of placeholders, and that with what
they stand for put in, simplified, where it is short.  The scheme is that of "Deriving gradients using the
backpropagation idea" (UFLDL); where the formula is such a network, z and δ have the numbers of its layers.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from matcalc.deltas.contraction import contraction_delta
from matcalc.deltas.projection import Projection
from matcalc.deltas.sweep import Contribution, Sweep, sweep
from matcalc.graph.algebra import Algebra
from matcalc.graph.node import SCALAR, Node, topological
from matcalc.graph.replace import replaced
from matcalc.graph.template import instantiate, operands
from matcalc.naming import Names
from matcalc.operations import shipped_rules
from matcalc.reading import Reading
from matcalc.steps.chain import find_chain
from matcalc.steps.lines import Delta, Part, Record, Rule, Use, Value
from matcalc.steps.reasons import PUT_IN, WHOLE, Form, Reasoner
from matcalc.steps.uses import WRAPPERS, send

FEW = 12  # lines of a part that are made where not everything is asked for
_SHORT = 90  # places of a formula that is worked out
_CONSTANT = 12  # places of a constant from which it gets a placeholder
_ENDLESS = 10**6

T = TypeVar("T")


@dataclass(frozen=True)
class Question:
    """What a record is about: ``result`` is the derivative, with ``names`` for named values.

    ``seed`` is what arrives at the formula, None for a placeholder; ``result`` is None where it is what the uses add up
    to.  ``swept`` is the sweep where there has been one, ``projection`` how the result comes from its ambient gradient.
    ``own`` are letters for the formula's own value.
    """

    reading: Reading
    names: Names
    root: Node
    variable: Node
    seed: Node | None
    result: Node | None
    swept: Sweep | None = None
    projection: Projection | None = None
    taken: frozenset[str] = frozenset()
    own: str = ""


def record(asked: Question, most: int | None = FEW) -> Record:
    """The record of one sweep; of each kind of line no more than ``most`` are made, the first and the last."""
    return _Writer(asked, most).record()


class _Writer:
    """Makes a record: numbers the values, then writes the lines that are asked for."""

    def __init__(self, asked: Question, most: int | None) -> None:
        self.asked = asked
        self.most = most
        self.graph = asked.reading.graph
        self.operations = asked.reading.operations
        self.reasoner = Reasoner(self.graph, self.operations, asked.reading.structures)
        self.order = topological([asked.root])
        self.dependent = self._dependent()
        self.letter, self.delta_letter, self.own = self._letters()
        self.values: dict[Node, Value] = {}
        self.symbols: dict[Node, tuple[str, int]] = {}
        self.deltas: dict[Node, Node] = {}  # placeholders by value
        self.closed: dict[Node, Node] = {}  # values to placeholders, what is made of them in terms of these
        self.opened: dict[Node, Node] = {}  # placeholders to values
        self.worked: dict[Node, Node] = {}  # deltas' placeholders to what they are, where that is short
        self._sizes: dict[Node, int] = {}
        self.seed = asked.seed or self._placeholder(self.delta_letter, 0, asked.root)
        self.swept = asked.swept or sweep(
            asked.root, [asked.variable], self.seed, self.graph, self.operations
        )
        self.opened[self.seed] = self.seed  # what arrives stays as it is
        self._number_values()

    # Values ----------------------------------------------------------------------------------------------------

    def _dependent(self) -> set[Node]:
        """The nodes whose value depends on the variable."""
        found = {self.asked.variable}
        for node in self.order:
            if any(arg in found for arg in node.args):
                found.add(node)
        return found

    def _letters(self) -> tuple[str, str, str]:
        """Letters for values, for deltas and for the formula's own value."""
        taken = {name.partition("_")[0].rstrip("0123456789") for name in self.asked.taken} | self.asked.taken

        def free(letters: Sequence[str]) -> str:
            return next((letter for letter in letters if letter not in taken), letters[0])

        shape = self.asked.root.shape
        own = self.asked.own or ("fghLEJ" if shape == SCALAR else "yzuvhq" if None in shape else "YZUVHQ")
        letter = free("zuvhaq")
        taken.add(letter)
        return letter, free(("delta", "Delta", "d", "mu")), free(own)

    def _number_values(self) -> None:
        """Give every value that depends on the variable, and every long constant, a placeholder."""
        numbers = self._layers()
        following = iter(range(max(numbers.values(), default=0) + 1, len(self.order) + len(numbers) + 2))
        for node in self.order:
            if node in self.closed:
                continue
            if not node.args or not self._is_numbered(node):
                replaced([node], self.closed, self.graph)
                continue
            self._add(node, None if node is self.asked.root else numbers.get(node) or next(following))

    def _layers(self) -> dict[Node, int]:
        """The numbers of layers by what arrives at them, where the formula is a network."""
        asked = self.asked
        chain = find_chain(asked.root, asked.variable, self.graph, self.operations)
        if chain is None:
            return {}
        found = {stage.input: number for number, stage in enumerate(chain.stages, 1)}
        if chain.stages[-1].weight is not None:
            found[chain.stages[-1].node] = len(chain.stages) + 1
        return found

    def _is_numbered(self, node: Node) -> bool:
        if node is self.asked.root or node in self.asked.names.variables:
            return True
        if node.op in WRAPPERS:  # as what they wrap
            return False
        return node in self.dependent or self._size(node) > _CONSTANT

    def _add(self, node: Node, number: int | None) -> None:
        name = self.asked.names.variables.get(node)
        args = tuple(replaced(node.args, self.closed, self.graph))
        inside = self.graph.node(node.op, args, node.shape, node.data)
        symbol = name or self._placeholder(self.letter if number else self.own, number or 0, node)
        written = self.asked.names.body(node)
        forms = [Form(inside)]
        if written is not inside and self._size(written) <= _SHORT:
            forms.append(Form(written))
        operation = self.operations.by_name.get(node.op)
        called = node.op if operation is None else operation.name
        self.values[node] = Value(number, symbol, node, name, tuple(forms), called)
        self.closed[node] = symbol
        if name is None:
            self.opened[symbol] = self.asked.names.view([node])[0] if node is not self.asked.root else written

    def _placeholder(self, letter: str, number: int, node: Node) -> Node:
        symbol = self.graph.variable(f"{letter}({number})", node.shape)
        self.symbols[symbol] = (letter, number)
        return symbol

    def _size(self, root: Node) -> int:
        """How many places a formula has when it is written out."""
        for node in topological([root], self._sizes):
            self._sizes[node] = min(1 + sum(self._sizes[arg] for arg in node.args), _ENDLESS)
        return self._sizes[root]

    # What is sent ------------------------------------------------------------------------------------------------

    def _contributions(self, node: Node) -> list[tuple[Contribution, tuple[Node, ...]]]:
        """What is sent to a node by the operations that use it, each with the wrappers between, the outermost first."""
        found: list[tuple[Contribution, tuple[Node, ...]]] = []
        pending: list[tuple[Node, tuple[Node, ...]]] = [(node, ())]
        while pending:
            inner, wrappers = pending.pop()
            for contribution in reversed(self.swept.contributions.get(inner, [])):
                user = contribution.user
                if user not in self.dependent:
                    continue
                if user in self.values:
                    found.append((contribution, wrappers))
                else:
                    pending.append((user, (user, *wrappers)))
        return sorted(found, key=lambda each: -each[0].user.id)

    def _sent(self, contribution: Contribution, wrappers: Sequence[Node]) -> Node:
        """What a use contributes, in terms of placeholders."""
        user = contribution.user
        args = tuple(replaced(user.args, self.closed, self.graph))
        shadow = self.graph.node(user.op, args, user.shape, user.data)
        delta = self._delta_of(user)
        if user.op == "contract":
            sent = contraction_delta(shadow, delta, int(contribution.operand), self.graph)
        else:
            operation = self.operations[user.op]
            bound = {**operands(shadow, self.operations, self.graph), "Y": self.closed[user], "D": delta}
            shape = args[operation.operands.index(contribution.operand)].shape
            sent = instantiate(contribution.rule, bound, self.graph, self.operations, shape)
        for wrapper in wrappers:
            sent = send(wrapper, 0, sent, self.graph, self.operations)
        return self.reasoner.tidying.plain(sent) if delta.op == "number" else sent

    def _delta_of(self, user: Node) -> Node:
        """The placeholder of a delta; at the top what arrives there."""
        if user is self.asked.root:
            return self.seed
        if user not in self.deltas:
            number = self.values[user].number or 0
            self.deltas[user] = self._placeholder(self.delta_letter, number, user)
        return self.deltas[user]

    def _rule(self, contribution: Contribution) -> Rule:
        operation = self.operations.by_name.get(contribution.user.op)
        if operation is None:
            return Rule("sum over indices", contribution.operand, "", "")
        return Rule(operation.name, contribution.operand, contribution.rule, rule_file(operation.source))

    def _forms(self, sent: Node) -> tuple[Form, ...]:
        """What is sent, tidied; with values put in for the placeholders and simplified, where that is short."""
        forms = self.reasoner.forms(sent)
        known = self._known(forms[-1].node)
        if known:
            (put_in,) = replaced([forms[-1].node], dict(known), self.graph)
            if put_in is not forms[-1].node and self._size(put_in) <= _SHORT:
                first, *others = self.reasoner.forms(put_in, list(known.values()))
                forms += [Form(first.node, (PUT_IN,)), *others]
        return tuple(forms)

    def _known(self, node: Node) -> dict[Node, Node]:
        """What the placeholders in a form stand for; nothing where that of one is too long to be put in."""
        inside = [each for each in topological([node]) if each in self.symbols]
        found = {each: self.opened.get(each, self.worked.get(each)) for each in inside}
        if None in found.values():
            return {}
        return found  # type: ignore[return-value]

    # Lines -----------------------------------------------------------------------------------------------------

    def record(self) -> Record:
        asked = self.asked
        root = self.values.get(asked.root) or self._leaf(asked.root)
        below = [value for value in self.values.values() if value is not root]
        chosen, left_out = self._chosen(below)
        chosen = [self._without_indices(value) for value in chosen]
        reached = [value for value in reversed(below) if self._gets_delta(value)]
        deltas, fewer = self._chosen(reached)
        lines = tuple(self._delta(value) for value in deltas)
        uses, less = self._chosen(self._contributions(asked.variable))
        used = tuple(self._use(*use) for use in uses)
        total, ambient = self._total(used, less)
        return Record(
            asked.names.body(asked.root) if asked.root.args else asked.root,
            asked.variable,
            self.seed,
            root,
            Part((*chosen, root), left_out),
            Part(lines, fewer),
            Part(used, less),
            total,
            ambient,
            asked.projection,
            (self.letter, self.delta_letter),
            self.symbols,
        )

    def _without_indices(self, value: Value) -> Value:
        """A value that is a sum over indices, also in matrix notation."""
        inside = value.forms[0].node
        if inside.op != "contract":
            return value
        return replace(value, forms=(*self.reasoner.forms(inside), *value.forms[1:]))

    def _leaf(self, node: Node) -> Value:
        return Value(None, node, node, None, (Form(node),), "", is_leaf=True)

    def _gets_delta(self, value: Value) -> bool:
        return value.node in self.dependent and value.node in self.swept.contributions

    def _chosen(self, lines: Sequence[T]) -> tuple[list[T], int]:
        """The lines that are made, and how many are left out in the middle."""
        most = self.most
        if most is None or len(lines) <= most:
            return list(lines), 0
        return [*lines[: most // 2], *lines[len(lines) - most // 2 :]], len(lines) - most // 2 * 2

    def _delta(self, value: Value) -> Delta:
        contributions = self._contributions(value.node)
        sent = [self._sent(*each) for each in contributions]
        forms = self._forms(self._added(sent))
        symbol = self._delta_of(value.node)
        if not self._is_open(forms[-1].node):
            self.worked[symbol] = forms[-1].node
        rules = tuple(dict.fromkeys(self._rule(each) for each, _ in contributions))
        return Delta(value, symbol, rules, forms)

    def _use(self, contribution: Contribution, wrappers: tuple[Node, ...]) -> Use:
        through = wrappers[0] if wrappers else self.asked.variable
        forms = self._forms(self._sent(contribution, wrappers))
        return Use(through, self.values[contribution.user], self._rule(contribution), forms)

    def _added(self, nodes: Sequence[Node]) -> Node:
        total = nodes[-1]
        for node in nodes[-2::-1]:
            total = self.graph.node("add", (total, node), total.shape)
        return total

    def _total(self, uses: Sequence[Use], left_out: int) -> tuple[tuple[Form, ...], tuple[Form, ...]]:
        """The forms of the result and, where that is a projection, those of the ambient gradient before it."""
        result = self.asked.result
        if not uses:
            return (
                Form(result or Algebra(self.graph).fill(self.graph.number(0), self.asked.variable.shape)),
            ), ()
        if left_out:
            return (() if result is None else (Form(result),)), ()
        sent = self._added([self._in_placeholders(use) for use in uses])
        together = self._added([use.forms[-1].node for use in uses])
        if self._size(together) > _SHORT * 2 or self._is_open(together):
            return (Form(sent), *(() if result is None else (Form(result, (WHOLE,)),))), ()
        before = [Form(sent), Form(together, (PUT_IN,))] if sent is not together else [Form(together)]
        first = self.asked.names.view([self.asked.root])
        if self.asked.projection is not None and result is not None:
            ambient = self.reasoner.forms(together)[1:]
            return (Form(self.asked.projection.rule), Form(result)), (*before, *ambient)
        forms = self.reasoner.forms(together, first)[1:]
        if result is None or (forms[-1].node if forms else together) is result:
            return (*before, *forms), ()
        return (*before, *forms, Form(result, (WHOLE,))), ()

    def _in_placeholders(self, use: Use) -> Node:
        """The simplest form of a use before anything is put in for placeholders."""
        forms = [form.node for form in use.forms]
        places = [place for place, form in enumerate(use.forms) if PUT_IN in form.reasons]
        return forms[places[0] - 1] if places else forms[-1]

    def _is_open(self, node: Node) -> bool:
        return any(each in self.symbols and each is not self.seed for each in topological([node]))


def rule_file(source: str) -> str:
    """The file of an operation: ``rules/products.toml``, or the path of a user's."""
    shipped = str(shipped_rules())
    if source.startswith(shipped):
        return "rules/" + source.replace("\\", "/").rpartition("/")[2]
    return source
