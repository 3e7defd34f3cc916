"""Forms that stay right where the plain text overflows or divides zero by zero: log Σ exp, log(1 + eˣ), x/‖x‖.

The formula that is printed stays as it is; only the code is the stable form.
Source: Higham, Accuracy and Stability of Numerical Algorithms (2002), 1.14; Blanchard, Higham & Higham, Accurately
computing the log-sum-exp and softmax functions (2021).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction

from matcalc.code.expression import Arrays, Expression, Sizes
from matcalc.code.flat import SMALL, Contraction, Factor

Term = tuple[Fraction, Expression]


class Stable:
    """Makes expressions, each in its stable form."""

    def __init__(self, arrays: Arrays) -> None:
        self._arrays = arrays

    # Functions ---------------------------------------------------------------------------------------------------

    def call(self, name: str, args: Sequence[Expression], sizes: Sizes, entrywise: bool) -> Expression:
        """The value of a kernel; what only repeats along an axis is computed before it is repeated."""
        if entrywise:
            thin = [arg for arg in args if arg.op == "spread"]
            places = list({arg.data: None for arg in thin if arg.args[0].rank})
            if len(thin) == len(args) and len(places) <= 1:
                place: tuple[int, ...] = places[0] if places else ()  # type: ignore[assignment]
                inner = tuple(sizes[p] for p in place)
                value = self._function(name, [arg.args[0] for arg in args], inner)
                return self._arrays.spread(value, place, sizes)
        return self._function(name, args, sizes)

    def _function(self, name: str, args: Sequence[Expression], sizes: Sizes) -> Expression:
        if (
            name in _OF_TRANSPOSES and args[0].op == "permute"
        ):  # one matrix is factored, not it and its transpose
            inner = self._arrays.call(name, args[0].args, sizes)
            return self._arrays.permute(inner, (1, 0)) if name == "inv" else inner
        special = _FUNCTIONS.get(name)
        found = special(self, args, sizes) if special is not None else None
        return found or self._arrays.call(name, args, sizes)

    def _power(self, args: Sequence[Expression], sizes: Sizes) -> Expression | None:
        """Square roots and small whole powers."""
        base, exponent = args[0], _unspread(args[1])
        if exponent.op != "number" or not isinstance(exponent.data, Fraction):
            return None
        power = exponent.data
        if _is_call(base, "norm2") and power % 2 == 0:
            base, power = self._squared(base), power / 2
        if power.denominator == 1 and abs(power) <= SMALL:
            return self._arrays.times([(base, int(power))], sizes)
        if power.denominator == 2 and abs(power.numerator) == 1:
            root = self._arrays.call("sqrt", [base], sizes)
            return self._arrays.times([(root, power.numerator)], sizes)
        return None

    def _squared(self, norm: Expression) -> Expression:
        """The square of a norm: ‖x‖⁴ is (xᵀx)²."""
        (array,) = norm.args
        if not array.rank:
            return self._arrays.times([(array, 2)], ())
        return self._arrays.make("inner", (array, array), ())

    def _log(self, args: Sequence[Expression], sizes: Sizes) -> Expression | None:
        """log det, log Σ exp, log(1 + eˣ), log σ, log(1 − σ), log softmax, log cosh and log(1 + x)."""
        arrays = self._arrays
        (value,) = args
        if value.op == "call" and value.data in _LOGARITHMS:
            name, inner, outer = _LOGARITHMS[str(value.data)]
            argument = arrays.multiple(Fraction(inner), value.args[0])
            return arrays.multiple(Fraction(outer), arrays.call(name, [argument], sizes))
        if value.op == "reduce" and _is_call(value.args[0], "exp"):
            argument = value.args[0].args[0]
            axes = value.data
            if value.rank == 0:
                return arrays.call("logsumexp", [argument], sizes)
            if argument.rank == 2:
                return arrays.call(
                    "logsumexp_rows" if axes == (1,) else "logsumexp_columns", [argument], sizes
                )
        if value.op == "sum" and len(value.args) == 2:
            return self._log_of_sum(value, sizes)
        return None

    def _log_of_sum(self, value: Expression, sizes: Sizes) -> Expression | None:
        """log(1 + x) and its special cases."""
        arrays = self._arrays
        coefficients: tuple[Fraction, ...] = value.data  # type: ignore[assignment]
        terms = dict(zip(map(_unspread, value.args), coefficients, strict=True))
        one = arrays.number(1)
        if len(terms) != 2 or terms.get(one) != 1:
            return None
        ((other, coefficient),) = ((term, c) for term, c in terms.items() if term is not one)
        if other.sizes != sizes:
            return None
        if coefficient == 1 and _is_call(other, "exp"):
            return arrays.call("softplus", other.args, sizes)
        if coefficient == -1 and _is_call(other, "sigmoid"):
            return arrays.multiple(Fraction(-1), arrays.call("softplus", other.args, sizes))
        return arrays.call("log1p", [arrays.multiple(coefficient, other)], sizes)

    # Sums --------------------------------------------------------------------------------------------------------

    def sum(self, terms: Sequence[Term], sizes: Sizes) -> Expression:
        """A sum; it is repeated along the axes that no term has.  eˣ − 1 is expm1(x)."""
        arrays = self._arrays
        if terms and all(term.op == "spread" or not term.rank for _, term in terms):
            held = [term.data if term.op == "spread" else () for _, term in terms]
            places = tuple(sorted({place for data in held for place in data}))  # type: ignore[attr-defined]
            if len(places) < len(sizes):
                inner = tuple(sizes[place] for place in places)
                values = [(c, _lowered_to(arrays, term, places, inner)) for c, term in terms]
                return arrays.spread(self.sum(values, inner), places, sizes)
        signed = {_unspread(term): coefficient for coefficient, term in terms}
        one = arrays.number(1)
        if len(signed) == 2 and one in signed:
            ((other, coefficient),) = ((t, c) for t, c in signed.items() if t is not one)
            if coefficient == -signed[one] and _is_call(other, "exp") and other.sizes == sizes:
                return arrays.multiple(coefficient, arrays.call("expm1", other.args, sizes))
        return arrays.sum(terms, sizes)

    # Products ----------------------------------------------------------------------------------------------------

    def contraction(self, product: Contraction) -> Contraction:
        """A product with x/‖x‖, x log x, eˣ/Σeˣ and 1/(1 + eˣ) in their stable forms."""
        for place, factor in enumerate(product.factors):
            if factor.power == -1 and _is_call(factor.value, "norm2") and factor.value.args[0].rank:
                self._unit(product.factors, factor)
            elif factor.power == -1:
                product.factors[place] = self._reciprocal(factor)
            elif not factor.power % 2 and _is_call(factor.value, "norm2"):
                square = self._squared(factor.value)
                product.factors[place] = Factor(square, factor.indices, factor.power // 2)
        for factor in list(product.factors):
            if factor.power == 1 and _is_call(factor.value, "log"):
                self._entropy(product.factors, factor)
            if factor.power == -1 and factor.value.op == "reduce" and _is_call(factor.value.args[0], "exp"):
                self._normalized(product.factors, factor)
        return product

    def _normalized(self, factors: list[Factor], total: Factor) -> None:
        """eˣ/Σeˣ is softmax(x), of all entries or along an axis."""
        exponentials = total.value.args[0]
        axes: tuple[int, ...] = total.value.data  # type: ignore[assignment]
        for place, factor in enumerate(factors):
            if factor.value is not exponentials or factor.power != 1:
                continue
            rest = tuple(index for axis, index in enumerate(factor.indices) if axis not in axes)
            kinds: dict[object, str] = {(1,): "softmax_rows", (0,): "softmax_columns"}
            kind = kinds.get(axes) if exponentials.rank == 2 else None
            name = "softmax" if not rest else kind
            if rest == total.indices and name is not None:
                value = self._arrays.call(name, exponentials.args, exponentials.sizes)
                factors[place] = Factor(value, factor.indices)
                factors[:] = [other for other in factors if other is not total]
                return

    def _unit(self, factors: list[Factor], norm: Factor) -> None:
        """x/‖x‖, which is 0 where x is."""
        vector = norm.value.args[0]
        for place, factor in enumerate(factors):
            if factor.value is vector and factor.power == 1:
                factors[place] = Factor(
                    self._arrays.call("safe_unit", [vector], vector.sizes), factor.indices
                )
                factors[:] = [other for other in factors if other is not norm]
                return

    def _entropy(self, factors: list[Factor], logarithm: Factor) -> None:
        """x log x, which is 0 where x is."""
        argument = logarithm.value.args[0]
        for place, factor in enumerate(factors):
            if factor.value is argument and factor.power == 1 and factor.indices == logarithm.indices:
                factors[place] = Factor(
                    self._arrays.call("xlogx", [argument], argument.sizes), factor.indices
                )
                factors[:] = [other for other in factors if other is not logarithm]
                return

    def _reciprocal(self, factor: Factor) -> Factor:
        """1/(1 + eˣ) is σ(−x)."""
        value = factor.value
        if value.op == "sum" and len(value.args) == 2 and value.data == (1, 1):
            one, other = sorted(map(_unspread, value.args), key=lambda e: e.op != "number")
            if one is self._arrays.number(1) and _is_call(other, "exp") and other.sizes == value.sizes:
                argument = self.negative(other.args[0])
                return Factor(self._arrays.call("sigmoid", [argument], value.sizes), factor.indices)
        return factor

    def negative(self, value: Expression) -> Expression:
        """The negative; of a negative, what it is made of."""
        if value.op == "times" and value.args[0].op == "number":
            powers: tuple[int, ...] = value.data  # type: ignore[assignment]
            number = value.args[0].data
            assert isinstance(number, Fraction)
            rest = self._arrays.times(list(zip(value.args[1:], powers[1:], strict=True)), value.sizes)
            return self._arrays.multiple(-number, rest)
        return self._arrays.multiple(Fraction(-1), value)


def _lowered_to(arrays: Arrays, term: Expression, places: tuple[int, ...], sizes: Sizes) -> Expression:
    """A term that repeats along some axes, as a term of the axes ``places`` only."""
    held: tuple[int, ...] = term.data if term.op == "spread" else ()  # type: ignore[assignment]
    value = term.args[0] if term.op == "spread" else term
    return arrays.spread(value, tuple(places.index(place) for place in held), sizes)


def _unspread(value: Expression) -> Expression:
    return value.args[0] if value.op == "spread" and not value.args[0].rank else value


def _is_call(value: Expression, name: str) -> bool:
    return value.op == "call" and value.data == name


# log of a kernel: the kernel of the result, and what multiplies its argument and its value.
_LOGARITHMS = {
    "det": ("logdet", 1, 1),
    "cosh": ("logcosh", 1, 1),
    "softmax": ("logsoftmax", 1, 1),
    "softmax_rows": ("logsoftmax_rows", 1, 1),
    "softmax_columns": ("logsoftmax_columns", 1, 1),
    "sigmoid": ("softplus", -1, -1),
}

_OF_TRANSPOSES = frozenset(["inv", "det", "logdet"])

_FUNCTIONS: dict[str, Callable[[Stable, Sequence[Expression], Sizes], Expression | None]] = {
    "log": Stable._log,
    **dict.fromkeys(("power", "elpower", "intpower"), Stable._power),
}
