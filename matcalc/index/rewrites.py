"""The identities of ``rules/rewrites.toml``, applied to the factors of a term.

A left side is matched by guessing its variable and checking: every function in the term that the left side applies
to ``X`` offers its own argument as ``X``.  Canonical forms are unique, so the check is a comparison of atoms.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from matcalc.errors import MatcalcError, RuleProblem
from matcalc.graph.build import build
from matcalc.graph.node import Graph, Node, Shape, full_shape, topological
from matcalc.index.canonical import Forms
from matcalc.index.expand import Expansion
from matcalc.index.factors import multiply
from matcalc.index.journal import Journal
from matcalc.index.settle import Settling
from matcalc.index.terms import (
    Atom,
    Form,
    Index,
    Legs,
    Powers,
    Term,
    Value,
    copy_terms,
    full_axes,
    instance,
    roots,
)
from matcalc.language.parser import parse
from matcalc.language.syntax import Syntax
from matcalc.operations import Operations

_MAY_VANISH = frozenset(["abs", "relu", "sign", "step", "ispositive"])  # |p| is p where p is positive
Sides = tuple[Term, Term, Legs]  # left, right and the legs that both have


class Rewrites:
    """All rewrites of a set of operations, for one table of forms."""

    def __init__(self, operations: Operations, forms: Forms) -> None:
        self._operations = operations
        self._settling = Settling(forms, None)
        self._known: dict[tuple[str, int], Sides | None] = {}
        self.journal: Journal | None = None  # of the rewrites that are applied, where somebody asks

    def apply(self, term: Term, powers: Powers, bound: set[Index]) -> bool:
        """Apply one rewrite to the factors of a term; False where none applies."""
        heads: set[str] = set()
        for atom, _ in powers:
            heads |= atom.heads
        if not heads:
            return False
        divided = min(powers.values()) < 0
        for rule in _rules(self._operations):
            if rule.heads <= heads and (divided or not rule.divides):
                for form, legs in self._candidates(rule, powers):
                    sides = self._sides(rule, form)
                    if sides is not None and replace_factors(term, powers, bound, sides, legs):
                        if self.journal is not None:
                            self.journal.note("rewrite", rule.name)
                        return True
        return False

    def _candidates(self, rule: _Rule, powers: Powers) -> Iterator[tuple[Form, Legs]]:
        """What X may stand for: arguments of functions that the left side applies to X or, with a minus before, to −X."""
        yield from _arguments(powers, rule.direct)
        for form, legs in _arguments(powers, rule.negated):
            if form.terms and all(term.coefficient < 0 for term in form.terms):
                negative = copy_terms(form.terms, {leg: leg for leg in form.legs})
                for term in negative:
                    term.coefficient = -term.coefficient
                yield self._settling.forms.form(form.legs, negative, turn=False)[0], legs

    def _sides(self, rule: _Rule, form: Form) -> Sides | None:
        """Both sides of a rule with a form for its variable, as settled terms; None where shapes don't allow it."""
        key = (rule.name, form.id)
        if key not in self._known:
            self._known[key] = self._instantiate(rule, form)
        return self._known[key]

    def _instantiate(self, rule: _Rule, form: Form) -> Sides | None:
        sizes = [leg.size for leg in form.legs]
        shape = full_shape(sizes)
        nodes = rule.nodes(shape)
        if nodes is None:
            return None
        variable, left, right = nodes
        indices = [Index(size) for size in sizes]
        given = Value(full_axes(tuple(indices)), instance(form, tuple(indices)))
        sides = Expansion(self._operations, self._settling).expand([left, right], {variable: given})
        for mine, theirs in zip(sides[1].legs, sides[0].legs, strict=True):
            mine.join(theirs)
        legs = roots(sides[0].legs)
        pattern, replacement = (self._settling.close(side.terms, legs) for side in sides)
        return None if pattern.bound or not pattern.factors else (pattern, replacement, legs)


@lru_cache(maxsize=8)
def _rules(operations: Operations) -> list[_Rule]:
    """The rewrites of a table of operations, read once."""
    return [_Rule(operations, *rewrite) for rewrite in operations.rewrites]


class _Rule:
    """One rewrite: its two sides as syntax, and the functions that its left side needs."""

    def __init__(self, operations: Operations, name: str, left: str, right: str) -> None:
        self.name = name
        self._operations = operations
        self._texts = (left, right)
        self._trees: tuple[Syntax, Syntax] | None = None
        self._nodes: dict[Shape, tuple[Node, Node, Node] | None] = {}
        scalar = self.nodes((None, None)) or self.nodes(("n", None)) or self.nodes(("n", "n"))
        if scalar is None:
            raise RuleProblem(f"the rewrite `{name}` has no consistent shapes")
        variable, pattern, _ = scalar
        functions = [node for node in topological([pattern]) if node.op in _functions(operations)]
        self.heads = {node.op for node in functions}
        self.direct = {node.op for node in functions if variable in node.args}
        negatives = {node for node in topological([pattern]) if node.op == "neg" and node.args[0] is variable}
        self.negated = {node.op for node in functions if negatives.intersection(node.args)}
        self.divides = _divides(pattern, variable, operations)
        if not self.direct and not self.negated:
            raise RuleProblem(f"the left side of the rewrite `{name}` applies no function to X")

    def nodes(self, shape: Shape) -> tuple[Node, Node, Node] | None:
        """The variable and both sides for a variable of this shape; None where they don't conform."""
        if shape not in self._nodes:
            graph = Graph()
            variable = graph.variable("X", shape)
            try:
                left = self._side(graph, variable, 0)
                self._nodes[shape] = (variable, left, self._side(graph, variable, 1, left.shape))
            except MatcalcError:
                self._nodes[shape] = None
        return self._nodes[shape]

    def _side(self, graph: Graph, variable: Node, place: int, expected: Shape | None = None) -> Node:
        if self._trees is None:
            left, right = (parse(text, {"X"}, self._operations.functions).tree for text in self._texts)
            self._trees = (left, right)
        return build(
            self._trees[place],
            self._texts[place],
            graph,
            self._operations,
            bound={"X": variable},
            expected=expected,
        ).value


def _divides(pattern: Node, variable: Node, operations: Operations) -> bool:
    """Whether a left side divides whatever X is: below the line X stands in functions that stay as they are."""
    if pattern.op not in ("eldivide", "over") or pattern.args[1] is variable:
        return False
    users = [node.op for node in topological([pattern.args[1]]) if variable in node.args]
    return all(operations[op].elementwise and op in _functions(operations) - _MAY_VANISH for op in users)


def _functions(operations: Operations) -> set[str]:
    """Operations that stay opaque in index form."""
    return {name for name, op in operations.by_name.items() if op.reads} - {
        "sum",
        "tr",
        "diag",
        "diagonal",
        "sqrt",
    }


def _arguments(powers: Powers, direct: set[str]) -> Iterator[tuple[Form, Legs]]:
    """Arguments of functions in the factors of a term, or one level inside its sums, over the term's indices."""
    for atom, legs in list(powers):
        if atom.kind == "function":
            if atom.data in direct:
                yield atom.args[0], legs
        elif atom.kind == "sum" and atom.heads & direct:
            places = dict(zip(roots(atom.args[0].legs), legs, strict=True))
            for term in atom.args[0].terms:
                for inner, inner_legs, _ in term.factors:
                    if inner.kind == "function" and inner.data in direct:
                        outer = tuple(places.get(leg.root()) for leg in inner_legs)
                        if None not in outer:
                            yield inner.args[0], outer  # type: ignore[misc]


def replace_factors(term: Term, powers: Powers, bound: set[Index], sides: Sides, legs: Legs) -> bool:
    """Replace the left side's factors by the right side's, where all are there."""
    pattern, replacement, own = sides
    places = dict(zip(own, legs, strict=False))
    found: list[tuple[Atom, Legs, object]] = []
    for atom, inner, power in pattern.factors:
        outer = tuple(places.get(leg.root(), leg) for leg in inner)
        if atom.symmetric and len(outer) == 2 and outer[0].id > outer[1].id:
            outer = outer[::-1]
        present = powers.get((atom, outer), 0)
        if not (present >= power > 0 or present <= power < 0):
            return False
        found.append((atom, outer, -power))
    for factor in found:
        multiply(powers, factor)  # type: ignore[arg-type]
    term.coefficient *= Fraction(replacement.coefficient) / pattern.coefficient
    (fresh,) = copy_terms([replacement], places)
    for factor in fresh.factors:
        multiply(powers, factor)
    bound.update(fresh.bound)
    return True
