"""One mutated line in the place of the right one: what the check of the rules says of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from matcalc.deltas.sweep import sweep
from matcalc.errors import MatcalcError
from matcalc.graph.node import SCALAR, Graph, Node
from matcalc.graph.template import definition
from matcalc.index.simplify import simplify
from matcalc.operations import Operations
from matcalc.verification.rules import (
    RuleReport,
    check_operation,
    check_rewrite,
    instances,
    rewrite_instances,
)

from .mutations import Mutation

CAUGHT, REFUSED, EQUIVALENT, LISTED = "caught", "refused", "equivalent", "listed"
SURVIVED, CRASHED, UNWRITTEN = "SURVIVED", "CRASHED", "unwritten"
SAME = "both have one normal form"
SCALAR_VALUE = "the value is a scalar, its own transpose"
LIST = Path(__file__).with_name("equivalent.toml")


@dataclass(frozen=True)
class Trial:
    """What became of a mutation, and why.

    ``caught``: its numbers are wrong; ``refused``: it does not conform, or can't be used; ``equivalent``: it passed
    and was proven to be the same mathematics; ``listed``: it passed and the list says why; ``SURVIVED``: it passed.
    """

    mutation: Mutation
    verdict: str
    reason: str


def tried(mutation: Mutation, operations: Operations) -> Trial:
    """The verdict on one mutation of a line of ``operations``."""
    try:
        return _tried(mutation, operations)
    except Exception as error:
        return Trial(mutation, CRASHED, f"{type(error).__name__}: {error}")


def _tried(mutation: Mutation, operations: Operations) -> Trial:
    if not mutation.after:
        return Trial(mutation, UNWRITTEN, "no text was found that is read as this edit")
    table = mutated(mutation, operations)
    failure = _failure(_own_reports(mutation, table))
    proof = proven(mutation, operations) if failure is None else None
    if proof is not None:
        return Trial(mutation, EQUIVALENT, proof)
    if failure is None:
        failure = _failure(_dependent_reports(mutation, table))
    if failure is not None:
        verdict = CAUGHT if failure.check.points or failure.check.ok is None else REFUSED
        return Trial(mutation, verdict, f"{failure.name}: {failure.check.reason}")
    reason = listed().get(mutation.rule, {}).get(mutation.after)
    return Trial(mutation, LISTED if reason else SURVIVED, reason or "")


def mutated(mutation: Mutation, operations: Operations) -> Operations:
    """The table with the mutated line in the place of the right one."""
    name, part, after = mutation.line, mutation.part, mutation.after
    if part in ("left", "right"):
        rewrites = [
            (found, after if part == "left" else left, after if part == "right" else right)
            if found == name and mutation.before == (left if part == "left" else right)
            else (found, left, right)
            for found, left, right in operations.rewrites
        ]
        return Operations(operations.by_name, tuple(rewrites))
    operation = operations[name]
    if part == "value":
        changed = replace(operation, value=after)
    elif part == "transpose":
        changed = replace(operation, transpose=after)
    else:
        changed = replace(operation, deltas={**operation.deltas, part: after})
    return Operations({**operations.by_name, name: changed}, operations.rewrites)


def _own_reports(mutation: Mutation, table: Operations) -> Iterator[RuleReport]:
    """The reports on what the mutation can spoil in its own line."""
    if mutation.part in ("left", "right"):
        for rewrite in table.rewrites:
            if rewrite[0] == mutation.line:
                yield check_rewrite(*rewrite, table)
        return
    operation = table[mutation.line]
    rule = operation.deltas.get(mutation.part)
    if rule is not None:
        operation = replace(operation, deltas={mutation.part: rule}, transpose=None)
    yield from check_operation(operation, table)


def _dependent_reports(mutation: Mutation, table: Operations) -> Iterator[RuleReport]:
    """The reports on the lines whose texts use the mutated operation by a name; only its value matters to them."""
    if mutation.part != "value":
        return
    names = "|".join(map(re.escape, table[mutation.line].reads))
    uses = re.compile(rf"(?<![A-Za-z0-9_])({names})(?![A-Za-z0-9_])")
    for operation in table.by_name.values():
        texts = (*operation.deltas.values(), operation.value or "", operation.domain or "")
        if names and operation.name != mutation.line and any(map(uses.search, texts)):
            yield from check_operation(operation, table)
    for rewrite in table.rewrites:
        if names and any(map(uses.search, rewrite[1:])):
            yield check_rewrite(*rewrite, table)


def _failure(reports: Iterator[RuleReport]) -> RuleReport | None:
    return next((report for report in reports if report.check.ok is not True), None)


def proven(mutation: Mutation, operations: Operations) -> str | None:
    """Why the mutated text is the same mathematics, where that can be shown for fresh variables of every rank."""
    try:
        if mutation.part == "transpose":
            return SCALAR_VALUE if operations[mutation.line].gives == SCALAR else None
        if mutation.part in ("left", "right"):
            # without the rewrite itself, which would show whatever it says
            others = tuple(rewrite for rewrite in operations.rewrites if rewrite[0] != mutation.line)
            table = Operations(operations.by_name, others)
            sides = rewrite_instances(mutation.before, mutation.after, table)
        else:
            table = operations
            sides = _formulas(mutation, operations)
        return SAME if all(_same(*side, table) for side in sides) else None
    except MatcalcError:
        return None


def _formulas(mutation: Mutation, operations: Operations) -> Iterator[tuple[Graph, Node, Node]]:
    """The right and the mutated formula over the operands of every node that the line may make."""
    operation, graph = operations[mutation.line], Graph()
    tables = operations, mutated(mutation, operations)
    for node in instances(operation, graph):
        if mutation.part == "value":
            before, after = (definition(node, graph, table) for table in tables)
        else:
            operand = node.args[operation.operands.index(mutation.part)]
            delta = graph.variable("weight", node.shape)
            before, after = (sweep(node, [operand], delta, graph, table).deltas[operand] for table in tables)
        yield graph, before, after


def _same(graph: Graph, before: Node, after: Node, operations: Operations) -> bool:
    """Whether both have one normal form, or their difference is 0 in normal form."""
    difference = graph.node("sub", (before, after), before.shape)
    first, second, rest = simplify([before, after, difference], graph, operations)
    zero = graph.number(0)
    return first is second or rest is zero or (rest.op == "fill" and rest.args == (zero,))


@cache
def listed() -> dict[str, dict[str, str]]:
    """The survivors that were looked at: rule, mutated text and the reason why it is the same mathematics."""
    return tomllib.loads(LIST.read_text(encoding="utf-8"))
