"""From the graph to index form: products open into factors, sums into terms, functions stay opaque.

A value that several places use is closed into one factor unless it is small, so that the work stays linear.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping, Sequence
from fractions import Fraction
from typing import Any

from matcalc.errors import DerivationProblem
from matcalc.graph import numbers
from matcalc.graph.node import Node, topological
from matcalc.graph.numbers import exact
from matcalc.index import arithmetic, blocks, layout, leaves, triangles
from matcalc.index.factors import rational_power
from matcalc.index.settle import Settling
from matcalc.index.structured import is_positive, known_function, only_factor
from matcalc.index.terms import (
    Atom,
    Axes,
    Exponent,
    Form,
    Index,
    Legs,
    Term,
    Value,
    copy_value,
    fresh_axes,
    instance,
    riding_of,
    roots,
)
from matcalc.operations import Operations

_WITH_ZEROS = frozenset(["identity", "pairing", "inclusion"])  # constants of zeros and ones
_EVEN = frozenset(["abs", "cos", "cosh"])  # functions that are the same at −x
_SMALL = 64  # factors up to which a shared product is copied rather than closed
_DIFFERENT = 12  # of these factors; each product of a long chain has the one before it


class Expansion:
    """Translates nodes into index form; values are kept while other nodes still need them.

    Sums that several places use are closed, but for the ``opened`` ones.
    """

    def __init__(self, operations: Operations, settling: Settling, opened: Container[Node] = ()) -> None:
        self.operations = operations
        self.settling = settling
        self._opened = opened
        self._values: dict[Node, Value] = {}
        self._uses: dict[Node, int] = {}

    def expand(self, outputs: Sequence[Node], given: Mapping[Node, Value] | None = None) -> list[Value]:
        """The values of nodes, each independent of the others; ``given`` holds values of inner nodes."""
        known = dict(given or {})
        order = _order(outputs, known)
        self._uses = {}
        for node in order:
            if node not in known:
                for arg in node.args:
                    self._uses[arg] = self._uses.get(arg, 0) + 1
        for node in outputs:
            self._uses[node] = self._uses.get(node, 0) + 1
        self._values = known
        for node in order:
            if node not in known:
                self._values[node] = self._value(node)
        return [self._take(node) for node in outputs]

    def _take(self, node: Node) -> Value:
        """The value of a node for one of its uses."""
        value = self._values[node]
        self._uses[node] -= 1
        if not self._uses[node]:
            del self._values[node]
            return value
        if not _is_small(value.terms) or (len(value.terms) > 1 and node not in self._opened):
            term = self.settling.close(value.terms, value.free)
            if not _is_small([term]):
                term = self.settling.closed([term], value.free)
            value.terms = [term] if term.coefficient else []
        return copy_value(value)

    def _value(self, node: Node) -> Value:
        leaf = _LEAVES.get(node.op)
        if leaf is not None:
            return leaf(self, node)
        args = list(map(self._take, node.args))
        structural = _STRUCTURAL.get(node.op)
        if structural is not None:
            return structural(self, node, *args)
        return self._function(node, args)

    # Factors ---------------------------------------------------------------------------------------------------

    def single(self, value: Value) -> Term:
        """A value as one term; a sum is closed."""
        if len(value.terms) == 1:
            return value.terms[0]
        return self.settling.close(value.terms, value.free)

    def atomic(self, value: Value) -> Term:
        """A value as a number times powers of atoms without inner sums, so that it can be raised to a power."""
        term = self.settling.close(value.terms, value.free)
        return self.settling.closed([term], value.free) if term.bound and term.coefficient else term

    def product(self, axes: Axes, left: Value, right: Value, bound: list[Index]) -> Value:
        """The product of two values whose shared indices are joined already."""
        a, b = self.single(left), self.single(right)
        riding = riding_of(left, right)
        if not a.coefficient or not b.coefficient:
            return Value(axes, [], riding)
        b.coefficient = a.coefficient * b.coefficient
        b.factors = _joined(a.factors, b.factors)
        b.bound = _joined(b.bound, a.bound)
        b.bound += bound
        return Value(axes, [b], riding)

    def power(self, value: Value, power: Exponent) -> Value:
        """An elementwise power."""
        _refuse_riding(value)
        term = self.atomic(value)
        if not term.coefficient:
            if power < 0:
                raise DerivationProblem("the formula divides by zero")
            return Value(value.axes, [])
        if power < 0 and any(atom.kind in _WITH_ZEROS for atom, _, _ in term.factors):
            raise DerivationProblem("the formula divides by the zeros of a diagonal or block matrix")
        if power.denominator == 1:
            power = int(power)
            coefficient: Fraction | int | None = 1
            if term.coefficient != 1:
                coefficient = numbers.power(exact(term.coefficient), power)
        else:
            term = self._root_base(term, value.legs)
            coefficient = rational_power(exact(term.coefficient), power)
        factors = [(atom, legs, before * power) for atom, legs, before in term.factors]
        if coefficient is None:
            factors.append((self.settling.forms.atom("number", exact(term.coefficient)), (), power))
        return Value(value.axes, [Term(1 if coefficient is None else coefficient, factors, [])])

    def _root_base(self, term: Term, legs: Legs) -> Term:
        """A positive number times at most one factor whose root may be taken: √(x²) is not x, √(ab) is not √a √b."""
        structures = self.settling.forms.structures
        if structures and term.coefficient > 0:
            if all(is_positive(atom, structures) for atom, _, _ in term.factors):  # √(p²) is p
                return term
        if term.coefficient > 0 and len(term.factors) <= 1:
            if not term.factors or term.factors[0][2].numerator % 2 or _is_positive(term.factors[0][0]):
                return term
        number = abs(exact(term.coefficient))
        term.coefficient /= number
        terms = self.settling.collect([term], legs)
        used = {leg for inner in terms for _, factor_legs, _ in inner.factors for leg in factor_legs}
        kept = tuple(leg for leg in roots(legs) if leg in used)
        form, turned = self.settling.forms.form(kept, terms)
        atom = self.settling.forms.atom("sum", None, (form,), form.symmetric)
        return Term(number, [(atom, kept[::-1] if turned else kept, 1)], [])

    # Functions -------------------------------------------------------------------------------------------------

    def _function(self, node: Node, args: list[Value]) -> Value:
        operation = self.operations[node.op]
        for value in args:
            _refuse_riding(value, operation.writes or operation.name)
        known = known_function(node.op, args[0], self.settling.forms.structures) if len(args) == 1 else None
        if known is not None:
            return known
        if node.op == "abs" or (node.op in ("norm1", "norm2") and not args[0].legs):
            return self._absolute(args[0])
        if operation.elementwise:
            return self.elementwise(node.op, args)
        return self._whole(node, operation.transpose, args)

    def elementwise(self, op: str, args: list[Value]) -> Value:
        """A function of each entry: its legs are those that its arguments have."""
        first = args[0]
        for other in args[1:]:
            other.join(first)
        legs = roots(first.legs)
        terms = [self.settling.collect(arg.terms, legs) for arg in args]
        used = {
            leg for arg in terms for term in arg for _, factor_legs, _ in term.factors for leg in factor_legs
        }
        kept: Legs = tuple(leg for leg in legs if leg in used)
        form, turned = self.settling.forms.form(kept, terms[0], turn=len(args) == 1)
        if turned:
            kept = kept[::-1]
        forms = (form, *(self.settling.forms.form(kept, arg, turn=False)[0] for arg in terms[1:]))
        symmetric = len(args) == 1 and (form.symmetric or (op in _EVEN and form.skew is not None))
        atom = self.settling.forms.atom("function", op, forms, symmetric and len(kept) == 2)
        return Value(first.axes, [Term(1, [(atom, kept, 1)], [])])

    def _absolute(self, value: Value) -> Value:
        """The absolute value of each entry, which a product of squares, norms and exponentials is itself."""
        value.terms = self.settling.collect(value.terms, value.legs)
        if len(value.terms) == 1 and not value.terms[0].bound:
            (term,) = value.terms
            if all(_is_positive(atom) or power.numerator % 2 == 0 for atom, _, power in term.factors):
                return value.scaled(-1 if term.coefficient < 0 else 1)
        return self.elementwise("abs", [value])

    def _whole(self, node: Node, transpose: str | None, args: list[Value]) -> Value:
        """A function of whole arrays: its legs are its own."""
        forms, turned, number = [], False, Fraction(1)
        for value in args:
            legs = roots(value.legs)
            terms = self.settling.collect(value.terms, legs)
            if node.op in _HOMOGENEOUS and terms:
                content, atom, kept = self.settling.forms.sum(legs, terms)
                number *= content
                forms.append(atom.args[0])
                turned = kept != legs
            else:
                form, turned = self.settling.forms.form(legs, terms, turn=transpose is not None)
                forms.append(form)
        axes = fresh_axes(node.shape)
        own = tuple(leg for leg in axes if leg is not None)
        if turned and transpose == "commutes":
            own = own[::-1]
        inside = _inverse_inside(forms[0]) if node.op == "inv" else None
        if inside is not None:
            terms = instance(inside[0], own[::-1] if inside[1] else own)
        else:
            as_columns = tuple(
                transpose is not None or value.axes[0] is not None or not value.legs for value in args
            )
            symmetric = transpose == "commutes" and forms[0].symmetric
            function = self.settling.forms.atom("function", node.op, tuple(forms), symmetric, as_columns)
            terms = [Term(1, [(function, own, 1)], [])]
        if node.op in _HOMOGENEOUS:
            return Value(axes, terms).scaled(_HOMOGENEOUS[node.op](number))
        return Value(axes, terms)


def _joined(first: list[Any], second: list[Any]) -> list[Any]:
    """Both lists as one; the shorter one is moved, so that a long chain is built in linear time."""
    if len(first) < len(second):
        second[:0] = first
        return second
    first += second
    return first


def _is_small(terms: Sequence[Term]) -> bool:
    """Whether terms have few factors, and fewer different ones."""
    atoms = [atom for term in terms for atom, _, _ in term.factors]
    return len(atoms) <= _DIFFERENT or (len(atoms) <= _SMALL and len(set(atoms)) <= _DIFFERENT)


def _refuse_riding(value: Value, function: str = "a power") -> None:
    """A delta goes through sums and products; what a rule does to it otherwise has no axes to carry."""
    if value.riding:
        raise DerivationProblem(
            f"the rule of an operation applies {function} to the delta, so that only gradients can be derived through it"
        )


def _is_positive(atom: Atom) -> bool:
    """Whether √(a²) is a: a norm or an exponential has no sign."""
    return atom.kind == "function" and atom.data in ("norm1", "norm2", "exp", "abs")


# What comes out of a function when its argument is multiplied by a number.
_HOMOGENEOUS: dict[str, Callable[[Fraction], Fraction]] = {
    "inv": lambda c: 1 / c,
    "norm2": abs,
    "mean": lambda c: c,
    "var": lambda c: c * c,
}


def _inverse_inside(form: Form) -> tuple[Form, bool] | None:
    """What an inverse inverts, where a form is nothing but an inverse, and whether its legs are swapped."""
    only = only_factor(form)
    if only is None or only[0].kind != "function" or only[0].data != "inv":
        return None
    atom, legs, _ = only
    return atom.args[0], legs[0].root() is not form.legs[0].root()


def _order(outputs: Sequence[Node], known: Mapping[Node, Value]) -> list[Node]:
    if not known:
        return topological(outputs)
    return [node for node in topological(outputs) if node not in known]


_LEAVES: dict[str, Callable[[Expansion, Node], Value]] = leaves.LEAVES | layout.LEAVES
_STRUCTURAL: dict[str, Callable[..., Value]] = (
    arithmetic.STRUCTURAL | layout.STRUCTURAL | blocks.STRUCTURAL | triangles.STRUCTURAL
)
