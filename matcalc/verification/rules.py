"""The numeric proof of the rule files: every delta rule, rewrite and `transpose` setting against finite differences.

A delta rule is checked alone, on one node of its operation over variables of distinct sizes: the delta that arrives
is a variable G, so the rule's value must be the gradient of Σ(G ⊙ Y).  That sum is linear in G, with the gradient Y;
so a claim that two formulas are equal is checked as one about gradients too.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from dataclasses import dataclass

from matcalc.deltas.sweep import sweep
from matcalc.errors import MatcalcError
from matcalc.graph.node import SCALAR, Graph, Node, Shape, Size, topological
from matcalc.graph.sizes import product, total
from matcalc.graph.template import definition, instantiate, operands
from matcalc.index.simplify import simplify
from matcalc.operations import ANY, Operation, Operations, Pattern
from matcalc.verification.gradients import check_gradient
from matcalc.verification.report import CheckReport

# Tried for the X of a rewrite; in a square matrix X and X' conform where else they don't.
_RANKS: tuple[Shape, ...] = (("m", "n"), ("n", "n"), ("m", None), SCALAR)
# The numbers that stand for sizes: from 2 up, from 3 up, and from 2 up the other way round.  log det(-Z) is log det Z
# where Z is 2×2, not 3×3, and I - X*pinv(X) is 0 where X has no more rows than columns.
_NUMBERS = ((2, False), (3, False), (2, True))
_EXPONENTS = (3, 2)  # tried for an operand that has to be a whole number, as that of `intpower`


@dataclass(frozen=True)
class RuleReport:
    """What a check of one line of a rule file found.

    ``name`` is the operation and the operand of a delta rule (``matmul A``), the operation and ``transpose`` of a
    transposition, or the name of a rewrite; ``rule`` what it says, ``source`` the file, ``check`` the first check
    that failed, else one where nothing could be checked, else the one with the largest error.
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
    reports: list[RuleReport] = []
    for operation in operations.by_name.values():
        reports.extend(check_operation(operation, operations, seed))
    return reports + check_rewrites(operations, seed)


def check_operation(operation: Operation, operations: Operations, seed: int = 0) -> Iterator[RuleReport]:
    """The reports of one line: of its delta rules, its `value` and its `transpose`, checked as they are asked for."""
    for operand, rule in operation.deltas.items():
        check = _worst(_delta_checks(operation, operand, operations, seed))
        yield RuleReport(f"{operation.name} {operand}", rule, operation.source, check)
    if not operation.deltas:
        check = _worst(_value_checks(operation, operations, seed))
        yield RuleReport(operation.name, "no delta rule", operation.source, check)
    if operation.numpy is not None and operation.value is not None:
        check = _worst(_definition_checks(operation, operations, seed))
        yield RuleReport(f"{operation.name} value", operation.value, operation.source, check)
    if operation.transpose is not None:
        check = _worst(_transpose_checks(operation, operations, seed))
        yield RuleReport(f"{operation.name} transpose", operation.transpose, operation.source, check)


def check_rewrites(operations: Operations, seed: int = 0) -> list[RuleReport]:
    """The reports of all rewrites; each is tried beside the good ones above it, so that it alone is blamed."""
    reports: list[RuleReport] = []
    used: list[tuple[str, str, str]] = []
    for rewrite in operations.rewrites:
        reports.append(check_rewrite(*rewrite, Operations(operations.by_name, (*used, rewrite)), seed))
        if reports[-1].check:
            used.append(rewrite)
    return reports


def check_rewrite(name: str, left: str, right: str, operations: Operations, seed: int = 0) -> RuleReport:
    """The report of one rewrite: whether its sides are equal, and whether it can be used beside those of the table."""
    check = _worst(_rewrite_checks(left, right, operations, seed))
    problem = _unused(name, left, right, operations) if check.ok else None
    if problem is not None:
        check = CheckReport(False, reason=problem)
    return RuleReport(name, f"{left} -> {right}", "", check)


def _worst(checks: Iterator[CheckReport]) -> CheckReport:
    """The first that failed, else one that was not checked, else the one with the largest error."""
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
    return max(done, key=lambda check: (check.ok is None, check.error or 0.0))


class _Bench:
    """A graph in which one claim is checked."""

    def __init__(self, operations: Operations, seed: int, graph: Graph | None = None) -> None:
        self.graph = graph or Graph()
        self.operations = operations
        self.seed = seed

    def weight(self, value: Node) -> Node:
        """The variable G that ``value`` is weighted with; as a delta, it is the one that arrives there."""
        return self.graph.variable("weight", value.shape)

    def equal(self, value: Node, claimed: Node) -> Iterator[CheckReport]:
        """Check that two values are equal: that ``claimed`` is the gradient of Σ(G ⊙ value) in G."""
        return self.gradient(value, claimed, self.weight(value))

    def gradient(self, value: Node, claimed: Node, wrt: Node) -> Iterator[CheckReport]:
        """Check that ``claimed`` is the gradient of Σ(G ⊙ value) in ``wrt``, at several sizes."""
        total = self.graph.node("hadamard", (self.weight(value), value), value.shape)
        if value.shape != SCALAR:
            total = self.graph.node("sum", (total,), SCALAR)
        graph, operations = self.graph, self.operations
        for smallest, turned in _NUMBERS if _symbolic(total, claimed) else _NUMBERS[:1]:
            yield check_gradient(
                total,
                claimed,
                wrt,
                operations,
                lambda node: definition(node, graph, operations),
                lambda text, node: instantiate(text, operands(node, operations, graph), graph, operations),
                seed=self.seed,
                smallest=smallest,
                turned=turned,
            )


def _symbolic(*values: Node) -> bool:
    """Whether any size is a name, so that different numbers may stand for it."""
    return any(isinstance(size, str) for node in topological(values) for size in node.shape)


def instances(operation: Operation, graph: Graph) -> Iterator[Node]:
    """Nodes of an operation over fresh variables: with matrices, vectors and scalars, where its line allows."""
    for absent in _absent(operation):
        for exponent in _EXPONENTS if operation.whole else (None,):
            args = [
                graph.number(exponent)
                if exponent is not None and name == operation.whole
                else graph.variable(name, _shape(pattern, absent))
                for name, pattern in operation.takes
            ]
            yield graph.node(operation.name, tuple(args), _shape(operation.gives, absent))


def _absent(operation: Operation) -> list[set[str]]:
    """The sets of letters whose axes the operands may lack: a letter that is no operand's rows may be no axis."""
    rows = {letter for _, pattern in operation.takes for letter in operation.letters(pattern[0])}
    columns = {letter for _, pattern in operation.takes for letter in operation.letters(pattern[1])} - rows
    columns -= {
        letter for part in operation.gives if operation.combines(part) == "sum" for letter in part or ""
    }
    if operation.matrices:
        return [set()]
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
    for node in instances(operation, bench.graph):
        variable = operands(node, operations, bench.graph)[operand]
        swept = sweep(node, [variable], bench.weight(node), bench.graph, operations)
        yield from bench.gradient(node, swept.deltas[variable], variable)


def _value_checks(operation: Operation, operations: Operations, seed: int) -> Iterator[CheckReport]:
    """Whether the value can be computed."""
    bench = _Bench(operations, seed)
    for node in instances(operation, bench.graph):
        yield from bench.equal(node, node)


def _definition_checks(operation: Operation, operations: Operations, seed: int) -> Iterator[CheckReport]:
    """The kernel's value against the `value` text, where a line has both."""
    bench = _Bench(operations, seed)
    for node in instances(operation, bench.graph):
        yield from bench.equal(node, definition(node, bench.graph, operations))


def _transpose_checks(operation: Operation, operations: Operations, seed: int) -> Iterator[CheckReport]:
    """f(Xᵀ) against f(X)ᵀ, or against f(X) where the operation ignores a transposition."""
    bench = _Bench(operations, seed)
    for node in instances(operation, bench.graph):
        (variable,) = node.args
        commutes = operation.transpose == "commutes"
        claimed = _transposed(bench.graph, node) if commutes else node
        turned = bench.graph.node(operation.name, (_transposed(bench.graph, variable),), claimed.shape)
        yield from bench.equal(turned, claimed)


def _transposed(graph: Graph, node: Node) -> Node:
    return graph.node("transpose", (node,), node.shape[::-1])


def _rewrite_checks(left: str, right: str, operations: Operations, seed: int) -> Iterator[CheckReport]:
    """Both sides of a rewrite, for X of every rank that its functions take."""
    for graph, before, after in rewrite_instances(left, right, operations):
        yield from _Bench(operations, seed, graph).equal(before, after)


def rewrite_instances(left: str, right: str, operations: Operations) -> Iterator[tuple[Graph, Node, Node]]:
    """Both sides of a rewrite as nodes, for X of every rank for which they conform; an error where none does."""
    problem: MatcalcError | None = None
    found = False
    for rank in _RANKS:
        graph, before = Graph(), None
        bound = {"X": graph.variable("X", rank)}
        try:
            before = instantiate(left, bound, graph, operations)
            after = instantiate(right, bound, graph, operations, before.shape)
        except MatcalcError as misfit:
            if (
                problem is None or before is not None
            ):  # a misfit of the two sides says more than one of the left
                problem = misfit
            continue
        found = True
        yield graph, before, after
    if not found and problem is not None:
        raise problem


def _unused(name: str, left: str, right: str, operations: Operations) -> str | None:
    """What keeps a rewrite from being used: a circle, or a left side that is not found even alone or as a factor."""
    alone, none = (Operations(operations.by_name, lines) for lines in (((name, left, right),), ()))
    used = False
    try:
        for graph, before, _ in rewrite_instances(left, right, operations):
            factor = graph.node("hadamard", (graph.variable("weight", before.shape), before), before.shape)
            places = [before, factor]  # a sum is replaced where it is a factor
            used |= simplify(places, graph, alone) != simplify(places, graph, none)
            simplify(places, graph, operations)  # a circle that needs several lines
    except MatcalcError as problem:
        return problem.message
    if used:
        return None
    return (
        f"`{left}` is never replaced: a left side is a product of factors, one of them a function of X itself"
    )
