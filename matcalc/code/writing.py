"""What the languages share when they write expressions: numbers, sums, products, brackets, sizes and kernels."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction

from matcalc.code.expression import Expression, Sizes, ordered
from matcalc.code.kernels import template
from matcalc.graph.node import Size
from matcalc.graph.sizes import symbols

SUM, PRODUCT, MATMUL, UNARY, ATOM = range(5)  # how tightly a text holds together
Text = tuple[str, int]

# Kernels whose operands broadcast.
_BROADCASTING = frozenset(["maximum", "minimum", "where", "power", "elpower", "intpower", "polygamma"])
_OPERATORS = frozenset(["power", "elpower", "intpower"])  # kernels whose text is an operator of the language
_LARGEST = 2**53  # whole numbers up to here are exact in floating point
OF_WHOLE_NUMBERS = frozenset(["power", "elpower", "intpower", "shift", "polygamma"])


class Writer:
    """Writes expressions; values with a name are written by it.  A language says what is its own."""

    infinity = ""
    pi = ""
    end = ""  # of a statement

    def __init__(
        self,
        target: str,
        names: Mapping[Expression, str],
        sizes: Mapping[str, str],
        spare: Mapping[str, tuple[Size, ...]] | None = None,
    ) -> None:
        self.target = target
        self._spare = spare or {}  # variables that no value is made of: name -> shape
        self.borrowed: dict[str, None] = {}  # those of them whose type new arrays have
        self._names = names
        self._sizes = sizes  # how each symbolic size is written
        self.needed: dict[Size, None] = {}  # sizes that were written
        self._placing: dict[str, str] = {}  # letters for places, as they stand

    # What a language has of its own ------------------------------------------------------------------------------

    def _into_places(
        self,
        name: str,
        sizes: Sizes,
        placed: list[tuple[Fraction, Expression]],
        rest: list[tuple[Fraction, Expression]],
    ) -> list[str]:
        """Lines that write blocks into places of zeros, or add them to what else is added."""
        raise NotImplementedError

    def _dense(self, value: Expression, define: bool = False) -> str:
        """An expression as an array with all its axes."""
        raise NotImplementedError

    def _times_sign(self, left: bool, right: bool) -> str:
        """What multiplies two values; each an array or not."""
        raise NotImplementedError

    def _over_sign(self, right: bool) -> str:
        """What divides by an array or by a number."""
        raise NotImplementedError

    def _raised(self, base: str, power: int, array: bool) -> str:
        """A value to a whole power."""
        raise NotImplementedError

    def _called(self, text: str) -> Text:
        """The text of a kernel, and how tightly it holds together."""
        raise NotImplementedError

    @property
    def writes_into_places(self) -> bool:
        """Whether arrays may be changed once they are made."""
        return True

    # Statements --------------------------------------------------------------------------------------------------

    def statements(self, name: str, value: Expression) -> list[str]:
        """The lines that give a value its name."""
        placed, rest = self._embedded(value) if self.writes_into_places else ([], [])
        if placed:
            return self._into_places(name, value.sizes, placed, rest)
        return [f"{name} = {self._dense(value, define=True)}{self.end}"]

    def result(self, name: str, value: Expression) -> str:
        """The line that gives a value, which may have a name, that of a result."""
        return f"{name} = {self._dense(value)}{self.end}"

    def _embedded(
        self, value: Expression
    ) -> tuple[list[tuple[Fraction, Expression]], list[tuple[Fraction, Expression]]]:
        """The terms of a value that are written into places, and the others."""
        if value.op == "embed" and value.rank > 2:
            return [(Fraction(1), value)], []
        if value.op != "sum":
            return [], []
        coefficients: tuple[Fraction, ...] = value.data  # type: ignore[assignment]
        terms = list(zip(coefficients, value.args, strict=True))
        placed = [(c, term) for c, term in terms if term.op == "embed" and term not in self._names]
        return placed, [term for term in terms if term not in placed]

    # Expressions -------------------------------------------------------------------------------------------------

    def text(self, value: Expression, define: bool = False) -> Text:
        """An expression and how tightly it holds together; ``define`` writes out one that has a name."""
        name = self._names.get(value)
        if name is not None and not define:
            return name, ATOM
        write = getattr(self, f"_write_{value.op}")
        text: Text = write(value)
        return text

    def _dense_text(self, value: Expression) -> Text:
        return self._dense(value), self.text(value)[1] if value.op != "spread" else ATOM

    def _source(self, value: Expression) -> str | None:
        """An array that is at hand, whose type and device those of a new one are."""
        stack = [value] if value.op == "variable" else list(value.args)
        while stack:
            inner = stack.pop()
            if inner in self._names and inner.rank and inner.data != "lu":  # factors are no array
                return self._names[inner]
            stack.extend(reversed(inner.args))
        found = next((name for v, name in self._names.items() if v.op == "variable" and v.rank), None)
        if found is None:
            wanted = {symbol for size in value.sizes for symbol in symbols(size)}
            found = next((name for name, shape in self._spare.items() if not wanted.isdisjoint(shape)), None)
            if found is not None:
                self.borrowed[found] = None
        return found

    def _write_number(self, value: Expression) -> Text:
        assert isinstance(value.data, Fraction)
        return self._number(value.data)

    def _write_pi(self, value: Expression) -> Text:
        return self.pi, ATOM

    def _write_size(self, value: Expression) -> Text:
        assert isinstance(value.data, (str, int))
        text = self._size(value.data)
        return text, ATOM if text.isalnum() else SUM

    def _size(self, size: Size) -> str:
        """A size as text: a number, a name, or a polynomial of names."""
        if isinstance(size, int):
            return str(size)
        text = size
        for symbol in sorted((s for s in symbols(size) if isinstance(s, str)), key=len, reverse=True):
            self.needed[symbol] = None
        if size in self._sizes:
            return self._sizes[size]
        for sign in "*+":
            text = text.replace(sign, f" {sign} ")
        return " ".join(self._sizes.get(part, part) for part in text.split())

    # Sums --------------------------------------------------------------------------------------------------------

    def _write_sum(self, value: Expression) -> Text:
        coefficients: tuple[Fraction, ...] = value.data  # type: ignore[assignment]
        return self._sum(list(zip(coefficients, value.args, strict=True)))

    def _sum(self, terms: list[tuple[Fraction, Expression]]) -> Text:
        text = ""
        for coefficient, term in terms:
            size = abs(coefficient)
            inner = term.args[0] if term.op == "spread" and not term.args[0].rank else term
            if inner.op == "number" and isinstance(inner.data, Fraction):
                written = self._number(size * inner.data)
            else:
                is_product = term.op == "times" and term not in self._names
                written = self._times(size, term) if is_product else self._multiple(size, self.text(term))
            sign = ("-" if coefficient < 0 else "") if not text else (" - " if coefficient < 0 else " + ")
            text += sign + held(written, SUM if sign in ("", " + ") else PRODUCT)
        return text, SUM

    def _multiple(self, coefficient: Fraction, text: Text) -> Text:
        if coefficient == 1:
            return text
        if coefficient == -1:
            return f"-{held(text, UNARY)}", PRODUCT
        if coefficient.numerator == 1 and not _is_short(coefficient):
            return f"{held(text, UNARY)} / {coefficient.denominator}", PRODUCT
        factor = text[0] if text[1] == PRODUCT else held(text, UNARY)
        return f"{self._number(coefficient)[0]} * {factor}", PRODUCT

    # Products, entry by entry ------------------------------------------------------------------------------------

    def _write_times(self, value: Expression) -> Text:
        return self._times(Fraction(1), value)

    def _times(self, coefficient: Fraction, value: Expression) -> Text:
        """A number times a product."""
        above: list[tuple[Expression, int]] = []
        below: list[tuple[Expression, int]] = []
        for arg, power in self._factors(value):
            if arg.op == "number" and arg not in self._names:
                assert isinstance(arg.data, Fraction)
                coefficient *= arg.data**power
            else:
                (above if power > 0 else below).append((arg, abs(power)))
        sign, coefficient = ("-" if coefficient < 0 else ""), abs(coefficient)
        if coefficient.numerator == 1 and not _is_short(coefficient) and above:
            text = self._product(above) + f" / {coefficient.denominator}"
        elif coefficient == 1 and above:
            text = self._product(above)
        else:
            text = " * ".join(filter(None, [self._number(coefficient)[0], self._product(above)]))
        for arg, power in below:
            text += self._over_sign(arg.rank > 0) + self._power(arg, power)
        return sign + text, PRODUCT

    def _factors(self, value: Expression) -> list[tuple[Expression, int]]:
        """The factors of a product and of the scalar products in it that have no name, with their powers."""
        found = []
        powers: tuple[int, ...] = value.data  # type: ignore[assignment]
        for arg, power in zip(value.args, powers, strict=True):
            if arg.op == "times" and not arg.rank and arg not in self._names:
                found += [(inner, power * own) for inner, own in self._factors(arg)]
            else:
                found.append((arg, power))
        return found

    def _product(self, factors: list[tuple[Expression, int]]) -> str:
        written = ""
        array = False
        for place, (factor, power) in enumerate(factors):
            text = self.text(factor)
            first = place == 0 and power == 1 and text[1] == PRODUCT and not text[0].startswith("-")
            first = first and (len(factors) == 1 or self._joins(factor))
            inner = factor.op == "times" and factor.rank and power == 1 and not text[0].startswith("-")
            piece = text[0] if first or inner else self._power(factor, power)
            sign = self._times_sign(array, factor.rank > 0)
            written = self._joined(written, sign, piece) if place else piece
            array = array or factor.rank > 0
        return written

    def _power(self, value: Expression, power: int) -> str:
        if power == 1:
            return held(self.text(value), UNARY)
        return self._raised(held(self.text(value), ATOM), power, value.rank > 0)

    def _joins(self, factor: Expression) -> bool:
        """Whether a product may go on behind this one without brackets."""
        return True

    def _joined(self, written: str, sign: str, factor: str) -> str:
        """A product with one more factor."""
        return written + sign + factor

    # Kernels -----------------------------------------------------------------------------------------------------

    def _write_call(self, value: Expression) -> Text:
        text = self._template(value)
        sizes = [
            self._size(size) if f"{{{letter}}}" in text else ""
            for letter, size in zip("mn", value.sizes, strict=False)
        ]
        sized = dict(zip("mn", sizes, strict=False))
        args = [self._argument(value, place, text) for place in range(len(value.args))]
        return self._called(text.format(*args, **sized))

    def _template(self, value: Expression) -> str:
        """The text of a kernel with marks for its operands."""
        text = template(str(value.data), None, self.target)
        assert text is not None
        return text

    def _operand_of(self, value: Expression, place: int) -> Expression:
        """An operand of a kernel; a number that is repeated, as itself where the kernel broadcasts."""
        operand = value.args[place]
        if value.data not in _BROADCASTING or operand.op != "spread" or operand in self._names:
            return operand
        whole = any(other.op != "spread" and other.sizes == value.sizes for other in value.args)
        return operand.args[0] if whole and not operand.args[0].rank else operand

    def _argument(self, value: Expression, place: int, text: str) -> str:
        """An operand of a kernel, in brackets where the kernel's text needs them."""
        operand = self._operand_of(value, place)
        if operand.op == "number" and operand not in self._names and value.data not in OF_WHOLE_NUMBERS:
            assert isinstance(operand.data, Fraction)
            return self._decimal(operand.data)
        written = self._dense_text(operand)
        return written[0] if is_separate(text, place) else held(written, ATOM)

    # Numbers -----------------------------------------------------------------------------------------------------

    def _number(self, value: Fraction) -> Text:
        """A number that is read exactly, where it is short enough, or as a quotient."""
        if value < 0:
            text, _ = self._number(-value)
            return f"-{text}", SUM
        if max(value.numerator, value.denominator) > _LARGEST:
            return self._decimal(value), ATOM
        if value.denominator == 1:
            return str(value.numerator), ATOM
        if _is_short(value):
            return repr(float(value)), ATOM
        return f"{value.numerator} / {value.denominator}", PRODUCT

    def _decimal(self, value: Fraction) -> str:
        """The nearest floating point number."""
        try:
            return repr(float(value))
        except OverflowError:
            return self.infinity


def held(text: Text, level: int) -> str:
    """The text, in brackets where it holds together less than what stands around it."""
    return text[0] if text[1] >= level else f"({text[0]})"


def is_one_call(text: str) -> bool:
    """Whether a text is a call of a function and nothing after it."""
    if not re.match(r"[\w.]+\(", text):
        return False
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and letter == ")":
            return place == len(text) - 1
    return False


def is_number(value: Expression, calls: bool = False) -> bool:
    """Whether a value is a number of the language, made of numbers alone, also by ``calls`` of kernels."""
    kinds = ["number", "pi", "size", "sum", "times"] + ["call"] * calls
    return all(
        not inner.rank and (inner.op in kinds or (inner.op == "call" and inner.data in _OPERATORS))
        for inner in ordered([value])
    )


def free_letters(taken: object) -> list[str]:
    """Letters for places in arrays that are no names of anything else."""
    used = set(taken)  # type: ignore[call-overload]
    letters = [f"{letter}{number}" for number in ("", *range(1, 10)) for letter in "ijkl"]
    return [letter for letter in letters if letter not in used]


def _is_short(value: Fraction) -> bool:
    """Whether a fraction is a decimal of few digits."""
    return value.denominator in (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 1000, 10000, 10**6, 10**8, 10**9)


def is_separate(template: str, place: int) -> bool:
    """Whether an operand of a template is always an argument by itself, which needs no brackets."""
    mark = f"{{{place}}}"
    parts = template.split(mark)
    return all(before.endswith(("(", ", ", "[", "; ")) for before in parts[:-1]) and all(
        after.startswith((")", ",", "]", ";")) for after in parts[1:]
    )
