"""The numeric proof of the rule files: every delta rule, rewrite and `transpose` setting against finite differences.

A delta rule is checked alone, on one node of its operation over variables of distinct sizes: the delta that arrives
is a variable G, so the rule's value must be the gradient of Σ(G ⊙ Y).  That sum is linear in G, with the gradient Y;
so a claim that two formulas are equal is checked as one about gradients too.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from matcalc.check.gradients import check_gradient
from matcalc.check.report import CheckReport
from matcalc.deltas.sweep import sweep
from matcalc.errors import MatcalcError
from matcalc.graph.node import SCALAR, Graph, Node, Shape, Size
from matcalc.graph.sizes import product, total
from matcalc.graph.template import definition, instantiate, operands
from matcalc.operations import ANY, Operation, Operations, Pattern

_RANKS: tuple[Shape, ...] = (("m", "n"), ("m", None), SCALAR)  # tried for the X of a rewrite
_EXPONENTS = (3, 2)  # tried for an operand that has to be a whole number, as that of `intpower`
_WHOLE = frozenset(["intpower"])


@dataclass(frozen=True)
class RuleReport:
    """What a check of one line of a rule file found.

    ``name`` is the operation and the operand of a delta rule (``matmul A``), the operation and ``transpose`` of a
    transposition, or the name of a rewrite; ``rule`` what it says, ``source`` the file, ``check`` the first check
    that failed or else the one with the largest error.
    """

    name: str
    rule: str
    source: str
    check: CheckReport

    @property
    def verdict(self) -> str:
        """``ok``, ``FAILED`` or ``not checked``."""
        return {True: "ok", False: "FAILED", None: "not checked"}[self.check.ok]


def check_rules(operations: Operations, seed: int = 0) -> list[RuleReport]:
    """A report for every delta rule, `transpose` setting and rewrite; what can't be read or computed has failed."""
    reports = []
    for operation in operations.by_name.values():
        for operand, rule in operation.deltas.items():
            check = _worst(_delta_checks(operation, operand, operations, seed))
            reports.append(RuleReport(f"{operation.name} {operand}", rule, operation.source, check))
        if not operation.deltas:
            check = _worst(_value_checks(operation, operations, seed))
            reports.append(RuleReport(operation.name, "no delta rule", operation.source, check))
        if operation.transpose is not None:
            check = _worst(_transpose_checks(operation, operations, seed))
            name = f"{operation.name} transpose"
            reports.append(RuleReport(name, operation.transpose, operation.source, check))
    for name, left, right in operations.rewrites:
        check = _worst(_rewrite_checks(left, right, operations, seed))
        reports.append(RuleReport(name, f"{left} -> {right}", "", check))
    return reports


def _worst(checks: Iterator[CheckReport]) -> CheckReport:
    """The first that failed, else the one with the largest error, else one that was not checked."""
    done: list[CheckReport] = []
    try:
        for check in checks:
            if check.ok is False:
                return check
            done.append(check)
    except MatcalcError as problem:
        return CheckReport(False, reason=problem.message)
    except (ArithmeticError, ValueError) as problem:  # a kernel got what it can't take
        return CheckReport(False, reason=f"the value can't be computed: {problem}")
    return max(done, key=lambda check: (check.ok is True, check.error or 0.0))


class _Bench:
    """A graph in which one claim is checked."""

    def __init__(self, operations: Operations, seed: int) -> None:
        self.graph = Graph()
        self.operations = operations
        self.seed = seed

    def weight(self, value: Node) -> Node:
        """The variable G that ``value`` is weighted with; as a delta, it is the one that arrives there."""
        return self.graph.variable("weight", value.shape)

    def equal(self, value: Node, claimed: Node) -> CheckReport:
        """Check that two values are equal: that ``claimed`` is the gradient of Σ(G ⊙ value) in G."""
        return self.gradient(value, claimed, self.weight(value))

    def gradient(self, value: Node, claimed: Node, wrt: Node) -> CheckReport:
        """Check that ``claimed`` is the gradient of Σ(G ⊙ value) in ``wrt``."""
        total = self.graph.node("hadamard", (self.weight(value), value), value.shape)
        if value.shape != SCALAR:
            total = self.graph.node("sum", (total,), SCALAR)
        graph, operations = self.graph, self.operations
        return check_gradient(
            total,
            claimed,
            wrt,
            operations,
            lambda node: definition(node, graph, operations),
            lambda text, node: instantiate(text, operands(node, operations), graph, operations),
            seed=self.seed,
        )

    def nodes(self, operation: Operation) -> Iterator[Node]:
        """Nodes of an operation over fresh variables: with matrices, vectors and scalars, where its line allows."""
        for absent in _absent(operation):
            for exponent in _EXPONENTS if operation.name in _WHOLE else (None,):
                args = [
                    self.graph.number(exponent)
                    if exponent is not None and pattern == SCALAR
                    else self.graph.variable(name, _shape(pattern, absent))
                    for name, pattern in operation.takes
                ]
                yield self.graph.node(operation.name, tuple(args), _shape(operation.gives, absent))


def _absent(operation: Operation) -> list[set[str]]:
    """The sets of letters whose axes the operands may lack: a letter that is no operand's rows may be no axis."""
    rows = {letter for _, pattern in operation.takes for letter in operation.letters(pattern[0])}
    columns = {letter for _, pattern in operation.takes for letter in operation.letters(pattern[1])} - rows
    columns -= {
        letter for part in operation.gives if operation.combines(part) == "sum" for letter in part or ""
    }
    choices: list[set[str]] = [set(), columns]
    if any(pattern == ANY for _, pattern in operation.takes):
        choices.append({letter for letter in ANY if letter is not None})
    return choices if choices[1] else choices[:1]


def _shape(pattern: Pattern, absent: Container[str]) -> Shape:
    """The shape that a pattern stands for; its letters are the sizes."""
    shape: list[Size | None] = []
    for part in pattern:
        present = [letter for letter in Operation.letters(part) if letter not in absent]
        combined = total if Operation.combines(part) == "sum" else product
        shape.append(combined(present) if present else None)
    return (shape[0], shape[1])


def _delta_checks(
    operation: Operation, operand: str, operations: Operations, seed: int
) -> Iterator[CheckReport]:
    bench = _Bench(operations, seed)
    for node in bench.nodes(operation):
        variable = operands(node, operations)[operand]
        swept = sweep(node, [variable], bench.weight(node), bench.graph, operations)
        yield bench.gradient(node, swept.deltas[variable], variable)


def _value_checks(operation: Operation, operations: Operations, seed: int) -> Iterator[CheckReport]:
    """Whether the value can be computed."""
    bench = _Bench(operations, seed)
    for node in bench.nodes(operation):
        yield bench.equal(node, node)


def _transpose_checks(operation: Operation, operations: Operations, seed: int) -> Iterator[CheckReport]:
    """f(Xᵀ) against f(X)ᵀ, or against f(X) where the operation ignores a transposition."""
    bench = _Bench(operations, seed)
    for node in bench.nodes(operation):
        (variable,) = node.args
        commutes = operation.transpose == "commutes"
        claimed = _transposed(bench.graph, node) if commutes else node
        turned = bench.graph.node(operation.name, (_transposed(bench.graph, variable),), claimed.shape)
        yield bench.equal(turned, claimed)


def _transposed(graph: Graph, node: Node) -> Node:
    return graph.node("transpose", (node,), node.shape[::-1])


def _rewrite_checks(left: str, right: str, operations: Operations, seed: int) -> Iterator[CheckReport]:
    """Both sides of a rewrite, for X of every rank that its functions take."""
    problem: MatcalcError | None = None
    found = False
    for rank in _RANKS:
        bench = _Bench(operations, seed)
        bound = {"X": bench.graph.variable("X", rank)}
        try:
            before, after = (instantiate(side, bound, bench.graph, operations) for side in (left, right))
            if before.shape != after.shape:
                raise MatcalcError("the two sides have different shapes")
        except MatcalcError as misfit:
            problem = misfit
            continue
        found = True
        yield bench.equal(before, after)
    if not found and problem is not None:
        raise problem
