"""Common factors of the products in a sum: AX + BX is (A + B)X, one product of matrices where there were two."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from matcalc.code.expression import Expression
from matcalc.code.rewriting import Rewriting

Scalars = tuple[tuple[Expression, int], ...]  # numbers and scalars, to powers


@dataclass(frozen=True)
class _Term:
    """A number times scalars times a value."""

    coefficient: Fraction
    scalars: Scalars
    core: Expression


class CommonFactors(Rewriting):
    """Rewrites sums with fewer products."""

    def _rewritten(self, value: Expression) -> Expression:
        made = self._arrays.again(value, [self._done[arg] for arg in value.args])
        self._uses[made] = max(self._uses[made], self._uses[value])
        if made.op == "times" and (opened := self._opened(made)) is not None:
            made = opened
        return self._sum(made) if made.op == "sum" and made.rank else made

    def _opened(self, value: Expression) -> Expression | None:
        """A multiple of a sum with blocks in their places, where they stay; None for anything else."""
        if len(value.args) != 2 or value.data != (1, 1) or value.args[0].op != "number":
            return None
        number, inner = value.args[0].data, value.args[1]
        if inner.op != "sum" or not self._is_loose(inner) or all(arg.op != "embed" for arg in inner.args):
            return None
        assert isinstance(number, Fraction)
        coefficients: tuple[Fraction, ...] = inner.data  # type: ignore[assignment]
        return self._arrays.make("sum", inner.args, inner.sizes, tuple(number * c for c in coefficients))

    def _sum(self, value: Expression) -> Expression:
        terms = self._terms(value)
        merged = self._merged(terms, last=True) or terms
        merged = self._merged(merged, last=False) or merged
        if merged is terms:
            return value
        return self._arrays.sum(
            [(t.coefficient, self._times(t.scalars, t.core)) for t in merged], value.sizes
        )

    def _terms(self, value: Expression) -> list[_Term]:
        """The terms of a sum and of those inside it, with what multiplies them."""
        found = []
        stack = [_Term(Fraction(1), (), value)]
        while stack:
            term = stack.pop()
            core = term.core
            if core is not value and not self._is_loose(core):
                found.append(term)
            elif core.op == "sum" and core.sizes == value.sizes:
                coefficients: tuple[Fraction, ...] = core.data  # type: ignore[assignment]
                for coefficient, arg in reversed(list(zip(coefficients, core.args, strict=True))):
                    stack.append(_Term(term.coefficient * coefficient, term.scalars, arg))
            elif (scaled := _scaled(core)) is not None:
                coefficient, scalars, inner = scaled
                stack.append(_Term(term.coefficient * coefficient, (*term.scalars, *scalars), inner))
            else:
                found.append(term)
        return found

    def _merged(self, terms: Sequence[_Term], last: bool) -> list[_Term] | None:
        """The terms with those put together that have a matrix in common at one end; None where none have."""
        groups: dict[Expression, list[int]] = {}
        for place, term in enumerate(terms):
            leaves = self._leaves(term.core)
            end = leaves[-1 if last else 0]
            if len(leaves) > 1 and end.rank == 2:
                groups.setdefault(end, []).append(place)
        common = {end: places for end, places in groups.items() if len(places) > 1}
        if not common:
            return None
        taken = {place for places in common.values() for place in places}
        found = [term for place, term in enumerate(terms) if place not in taken]
        for end, places in common.items():
            parts = []
            for place in places:
                leaves = self._leaves(terms[place].core)
                rest = self._product(leaves[:-1] if last else leaves[1:], last)
                parts.append((terms[place].coefficient, self._times(terms[place].scalars, rest)))
            inner = self._arrays.sum(parts, parts[0][1].sizes)
            left, right = (inner, end) if last else (end, inner)
            sizes = (left.sizes[0], *right.sizes[1:])
            found.append(_Term(Fraction(1), (), self._arrays.matmul(left, right, sizes)))
        return found

    def _leaves(self, value: Expression) -> list[Expression]:
        """The factors of a chain of products."""
        found = []
        stack = [value]
        while stack:
            inner = stack.pop()
            if inner.op == "matmul" and self._is_loose(inner):
                stack += [inner.args[1], inner.args[0]]
            else:
                found.append(inner)
        return found

    def _product(self, leaves: Sequence[Expression], last: bool) -> Expression:
        """A chain multiplied from the end that is away from the common factor."""
        if last:
            made = leaves[0]
            for leaf in leaves[1:]:
                made = self._arrays.matmul(made, leaf, (made.sizes[0], *leaf.sizes[1:]))
            return made
        made = leaves[-1]
        for leaf in reversed(leaves[:-1]):
            made = self._arrays.matmul(leaf, made, (leaf.sizes[0], *made.sizes[1:]))
        return made

    def _times(self, scalars: Scalars, value: Expression) -> Expression:
        return self._arrays.times([*scalars, (value, 1)], value.sizes)


def _scaled(value: Expression) -> tuple[Fraction, Scalars, Expression] | None:
    """A product of scalars and one array, taken apart."""
    if value.op != "times":
        return None
    powers: tuple[int, ...] = value.data  # type: ignore[assignment]
    factors = list(zip(value.args, powers, strict=True))
    arrays = [(arg, power) for arg, power in factors if arg.rank]
    if len(arrays) != 1 or arrays[0][1] != 1 or arrays[0][0].sizes != value.sizes:
        return None
    coefficient = Fraction(1)
    scalars = []
    for arg, power in factors:
        if arg.op == "number" and isinstance(arg.data, Fraction):
            coefficient *= arg.data**power
        elif not arg.rank:
            scalars.append((arg, power))
    return coefficient, tuple(scalars), arrays[0][0]
