"""What operators and functions mean for operands of given shapes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import NamedTuple

from matcalc.errors import MatcalcError, SyntaxProblem
from matcalc.graph import layout
from matcalc.graph.ambiguous import ABSOLUTE, TRACES, note_on_bars, note_on_entries
from matcalc.graph.axes import Axis, DraftShape, words
from matcalc.graph.draft import Draft, Drafting
from matcalc.graph.indexed import Indexing
from matcalc.graph.named import Indexed
from matcalc.graph.numbers import power
from matcalc.operations import Operation, Operations

_LARGEST_MATRIX_POWER = 64
_SUMS = frozenset(["add", "sub", "neg"])
_PRODUCTS = frozenset(["scale", "matmul", "hadamard", "over", "eldivide"])


class Instance(NamedTuple):
    """An operation on operands that fit: the sizes that its letters stand for, and the shape of its value."""

    operation: Operation
    operands: Sequence[Draft]
    letters: Mapping[str, Axis | None]
    shape: DraftShape


class Operators:
    """Reads one call at a time: chooses the operation and finds its shape."""

    def __init__(self, text: str, operations: Operations) -> None:
        self.text = text
        self.operations = operations
        self.drafting = Drafting(text)
        self.indexing = Indexing(self)

    def call(self, function: str, args: Sequence[Draft]) -> Draft:
        """An operator or a function applied to drafts."""
        has_indices = [arg for arg in args if isinstance(arg, Indexed) or len(arg.shape) > 2]
        if has_indices or function in ("entry", "sum over"):
            return self.indexing.call(function, args)
        operator = _OPERATORS.get(function)
        if operator is None:
            return self.apply(function, args)
        if function in ("vector", "matrix") and len(args) != 1:
            raise self.drafting.problem(f"{function}(c) takes one scalar")
        return operator(self, *args)

    # Sums ------------------------------------------------------------------------------------------------------

    def add(self, left: Draft, right: Draft, op: str = "add") -> Draft:
        """A sum; a scalar is added to every entry of an array."""
        left, right = self._broadcast(left, right)
        return self.drafting.make(op, (left, right), left.shape)

    def sub(self, left: Draft, right: Draft) -> Draft:
        """A difference."""
        return self.add(left, right, "sub")

    def neg(self, value: Draft) -> Draft:
        """The negative; of a number, the negative number."""
        if value.constant is not None:
            return self.drafting.number(-value.constant)
        return self.drafting.make("neg", (value,), value.shape)

    def _broadcast(self, left: Draft, right: Draft) -> tuple[Draft, Draft]:
        for scalar, array in ((left, right), (right, left)):
            if scalar in self.drafting.greek and not array.is_scalar and scalar.data != "eps":
                name = self.drafting.source(scalar)
                self.drafting.note(
                    f"{name} was read as a scalar that every entry gets; declare {name} if it is an array"
                )
        if left.is_scalar:
            left = self.drafting.fill(left, right.shape).placed(left.start, left.end)
        elif right.is_scalar:
            right = self.drafting.fill(right, left.shape).placed(right.start, right.end)
        self.drafting.join(left, right)
        return left, right

    # Products --------------------------------------------------------------------------------------------------

    def mul(self, left: Draft, right: Draft) -> Draft:
        """A product: of a scalar with anything, of matrices, an inner or an outer product of vectors."""
        make = self.drafting.make
        if left.is_scalar:
            return make("scale", (left, right), right.shape)
        if right.is_scalar:
            return make("scale", (right, left), left.shape)
        inner, matching = left.shape[1], right.shape[0]
        if _ends_in_matrix(left) and right.shape[1] is None:
            # WᵀWx is the network x → Wx → Wᵀ(Wx): a product that ends in a vector is applied to it layer by layer.
            return self._applied(left, right)
        if inner is None and matching is None:
            source = f"{self._factor(left)}·{self._factor(right)}"
            if right.op != "fill" and (
                left.op == "variable" or right.op == "transpose"
            ):  # a fill was not typed
                self.drafting.note(f"{source} was read as an outer product")
        elif inner is None or matching is None or not inner.join(matching):
            raise self.drafting.problem(self._product_problem(left, right))
        elif left.is_matrix and right.is_matrix:
            note_on_entries(self.drafting, left)
            note_on_entries(self.drafting, right)
        return make("matmul", (left, right), (left.shape[0], right.shape[1]))

    def _applied(self, left: Draft, vector: Draft) -> Draft:
        """A product of matrices times a vector, from the right."""
        while _ends_in_matrix(left):
            vector = self.mul(left.args[1], vector).placed(left.args[1].start, self.drafting.place[1])
            left = left.args[0]
        return self.mul(left, vector)

    def _factor(self, value: Draft, also: frozenset[str] = frozenset()) -> str:
        """The text of a factor, in brackets where it is a sum, or an operation of ``also``."""
        text = self.drafting.source(value)
        return f"({text})" if value.name is None and value.op in _SUMS | also else text

    def _product_problem(self, left: Draft, right: Draft) -> str:
        x, y = self._factor(left), self._factor(right)
        one, other = self.drafting.source(left), self.drafting.source(right)
        sizes = f"{x}·{y}: {one} is {words(left.shape)}, {other} has {words((right.shape[0], None))} rows"
        if left.is_matrix and right.shape[0] is None:
            return f"{x}·{y}: {one} is {words(left.shape)}, {other} is a row ({words(right.shape)}); transpose it"
        if left.shape[1] is None and right.shape[1] is None:
            ways = [
                f"{x}ᵀ{y} for the inner product",
                f"{x}{y}ᵀ for the outer one",
                f"{x} ⊙ {y} for the elementwise one",
            ]
            if left.op == "variable":
                ways.append(f"or declare a scalar: --shape '{x}: scalar'")
            else:
                ways[-1] = f"or {ways[-1]}"
            return f"{x}·{y}: both are column vectors; write {', '.join(ways)}"
        if left.shape[1] is None:
            return f"{x}·{y}: {one} is a column vector ({words(left.shape)}), {other} is {words(right.shape)}; transpose {x}?"
        return sizes

    def hadamard(self, left: Draft, right: Draft) -> Draft:
        """An elementwise product."""
        if left.is_scalar or right.is_scalar:
            return self.mul(left, right)
        self.drafting.join(left, right)
        return self.drafting.make("hadamard", (left, right), left.shape)

    def divide(self, left: Draft, right: Draft) -> Draft:
        """``/``: by a scalar; between vectors it is elementwise."""
        if right.is_scalar:
            if left.constant is not None and right.constant:
                return self.drafting.number(left.constant / right.constant)
            if right.constant == 0:
                raise self.drafting.problem("a division by zero")
            return self.drafting.make("over", (left, right), left.shape)
        x, y = self._factor(left), self._factor(right, _PRODUCTS)
        if right.is_matrix:
            raise self.drafting.problem(
                f"{x}/{y}: {y} is a matrix ({words(right.shape)}); write inv({y}) for its inverse, "
                f"{x} ⊘ {y} for the elementwise quotient, or declare a scalar: --shape '{y}: scalar'"
            )
        if right.shape[0] is None:
            raise self.drafting.problem(
                f"{x}/{y}: {y} is a row ({words(right.shape)}); put the whole denominator in brackets"
            )
        self.drafting.note(f"{x}/{y} was read elementwise, as {x} ⊘ {y}")
        return self.eldivide(left, right)

    def eldivide(self, left: Draft, right: Draft) -> Draft:
        """An elementwise quotient."""
        if right.is_scalar:
            return self.divide(left, right)
        left, right = self._broadcast(left, right)
        return self.drafting.make("eldivide", (left, right), left.shape)

    def transpose(self, value: Draft) -> Draft:
        """Rows for columns; a scalar is its own transpose."""
        if value.is_scalar:
            return value
        return self.drafting.make("transpose", (value,), (value.shape[1], value.shape[0]))

    # Powers ----------------------------------------------------------------------------------------------------

    def power(self, base: Draft, exponent: Draft) -> Draft:
        """``^``: the power of a scalar, the matrix power of a square matrix, elementwise of a vector."""
        if base.is_scalar:
            if base.op == "norm2" and exponent.constant == 2:
                return self.drafting.make("sumsq", base.args, base.shape)
            return self.elpower(base, exponent)
        if base.is_matrix:
            return self._matrix_power(base, exponent)
        self.drafting.note(f"the power of the vector {self.drafting.source(base)} was read elementwise")
        return self.elpower(base, exponent)

    def elpower(self, base: Draft, exponent: Draft) -> Draft:
        """An elementwise power."""
        make = self.drafting.make
        if not exponent.is_scalar:
            base, exponent = self._broadcast(base, exponent)
            return make("elpower", (base, exponent), base.shape)
        entry = self._every_entry(base)
        if entry is not None:
            return self.drafting.fill(self.elpower(entry, exponent), base.shape)
        value = exponent.constant
        if value is None or value.denominator != 1:
            return make("power", (base, exponent), base.shape)
        if base.constant is not None and (base.constant or value > 0):
            return self.drafting.number(power(base.constant, int(value)))
        if value == 1:
            return base
        if value == 0:
            return self.drafting.fill(self.drafting.number(1), base.shape)
        if value < 0:
            one = self.drafting.number(1)
            return self.eldivide(one, self.elpower(base, self.drafting.number(-value)))
        return make("intpower", (base, exponent), base.shape)

    def _matrix_power(self, base: Draft, exponent: Draft) -> Draft:
        name = self.drafting.source(base)
        value = exponent.constant
        if value is None or value.denominator != 1 or abs(value) > _LARGEST_MATRIX_POWER:
            known = "" if "?" in words(base.shape) else f" ({words(base.shape)})"
            raise self.drafting.problem(
                f"{name} is a matrix{known}: its power must be a whole number up to "
                f"{_LARGEST_MATRIX_POWER}; write {name}.^p for the elementwise power"
            )
        if not base.shape[0].join(base.shape[1]):  # type: ignore[union-attr, arg-type]
            raise self.drafting.problem(
                f"{name} is {words(base.shape)}: only a square matrix has powers; "
                f"write {name}.^{value} for the elementwise power"
            )
        if value == 0:
            return self.drafting.leaf("identity", base.shape)
        if value < 0:
            base = self.drafting.make("inv", (base,), base.shape).placed(base.start, base.end)
        product = base
        for _ in range(abs(int(value)) - 1):
            product = self.drafting.make("matmul", (product, base), base.shape)
        return product

    # Functions -------------------------------------------------------------------------------------------------

    def vector(self, value: Draft) -> Draft:
        """``vector(c)``: c in every entry."""
        return self._constant_array("vector", value, (Axis(), None))

    def matrix(self, value: Draft) -> Draft:
        """``matrix(c)``: c in every entry."""
        return self._constant_array("matrix", value, (Axis(), Axis()))

    def _constant_array(self, function: str, value: Draft, shape: DraftShape) -> Draft:
        if not value.is_scalar:
            raise self.drafting.problem(f"{function}(c) takes a scalar, not {words(value.shape)}")
        return self.drafting.fill(value, shape)

    def apply(self, function: str, args: Sequence[Draft]) -> Draft:
        """The operation that is read by this name and takes operands of these shapes."""
        candidates = self.operations.by_reading.get(function)
        if candidates is None:
            raise SyntaxProblem(f"unknown function `{function}`", self.text, *self.drafting.place)
        if len(args) == 1 and args[0].is_scalar and function in _OF_SCALARS:
            return _OF_SCALARS[function](self, args[0])
        if len(args) == 1 and args[0].is_matrix:
            determinant = self._log_determinant(args[0]) if function in ("log", "ln") else None
            if determinant is not None:
                return determinant
            note_on_bars(self.drafting, function, args[0])
        candidates = tuple(op for op in candidates if len(op.takes) == len(args))
        for operation in candidates:
            operands = self._operands(operation, args)
            if operands is not None:
                self._require_whole(operation, args)
                entries = [entry for entry in map(self._every_entry, operands) if entry is not None]
                if operation.elementwise and entries and len(entries) == len(operands):
                    return self.drafting.fill(self.apply(function, entries), operands[0].shape)
                made = self._instance(operation, operands)
                if function in TRACES:
                    note_on_entries(self.drafting, args[0])
                return made
        raise self.drafting.problem(self._no_operation(function, args))

    def _every_entry(self, array: Draft) -> Draft | None:
        """The scalar that all entries of a constant array are; None of other values."""
        if array.op == "ones":
            return self.drafting.number(1)
        return array.args[0] if array.op == "fill" and array.args else None

    def _require_whole(self, operation: Operation, args: Sequence[Draft]) -> None:
        if operation.whole is not None:
            given = args[operation.operands.index(operation.whole)]
            value = _worked_out(given)
            if value is None or value.denominator != 1:
                name = self.drafting.source(given)
                raise self.drafting.problem(f"{operation.writes} takes a whole number such as 2, not {name}")

    def _log_determinant(self, value: Draft) -> Draft | None:
        """log|K| of a square matrix, as statistics writes log det K; log(|K|) is the logarithm of each entry."""
        start, end = self.drafting.place
        if value.op != "abs" or not re.match(r"[^(]*(\||∣|\\[lr]?vert)", self.text[start:end]):
            return None
        (inner,) = value.args
        try:
            determinant = self.apply("logdet", [inner])
        except MatcalcError:
            return None  # of no square matrix
        name = self.drafting.source(inner)
        if ABSOLUTE.format(name) in self.drafting.notes:
            self.drafting.notes.remove(ABSOLUTE.format(name))
        self.drafting.note(
            f"log|{name}| was read as log det({name}); log(|{name}|) is the logarithm of each entry"
        )
        return determinant

    def _operands(self, operation: Operation, args: Sequence[Draft]) -> list[Draft] | None:
        """The arguments, scalars spread over arrays where the operation is elementwise; None where ranks differ."""
        operands = list(args)
        if operation.elementwise:
            array = next((arg for arg in args if not arg.is_scalar), None)
            if array is not None:
                operands = [self.drafting.fill(a, array.shape) if a.is_scalar else a for a in args]
            return operands
        for (_, pattern), arg in zip(operation.takes, operands, strict=True):
            if not _fits(pattern, arg) or (operation.matrices and None not in pattern and not arg.is_matrix):
                return None
        return operands

    def _instance(self, operation: Operation, operands: Sequence[Draft]) -> Draft:
        letters: dict[str, Axis | None] = {}
        if operation.elementwise:
            for operand in operands[1:]:
                self.drafting.join(operands[0], operand)
            shape = operands[0].shape
        else:
            shape = self._shape(operation, operands, letters)
        if operation.opens:
            return self.opened(Instance(operation, operands, letters, shape))
        return self.drafting.make(operation.name, operands, shape)

    def _shape(
        self, operation: Operation, operands: Sequence[Draft], letters: dict[str, Axis | None]
    ) -> DraftShape:
        """The shape of the value for these operands; ``letters`` gets the sizes."""
        for (_, pattern), operand in zip(operation.takes, operands, strict=True):
            for letter, axis in zip(pattern, operand.shape, strict=True):
                if letter is None:
                    continue
                if axis is not None and operation.combines(letter):
                    letters[letter] = self._combined(letter, letters)
                known = letters.setdefault(letter, axis)
                if (known is None) != (axis is None) or (known and axis and not known.join(axis)):
                    raise self.drafting.problem(self._misfit(operation, operands))
        rows, columns = (
            None
            if letter is None
            else self._combined(letter, letters)
            if operation.combines(letter)
            else letters.setdefault(letter, Axis())
            for letter in operation.gives
        )
        return (rows, columns)

    def opened(self, instance: Instance) -> Draft:
        """What the `value` text of an operation says, for these operands and sizes."""
        raise NotImplementedError

    def _combined(self, part: str, letters: dict[str, Axis | None]) -> Axis:
        """The axis of a pattern's two letters that are multiplied or added."""
        axes = [letters.setdefault(letter, Axis()) for letter in Operation.letters(part)]
        kind = Operation.combines(part) or "product"
        return self.drafting.combined(kind, [axis for axis in axes if axis is not None])

    def _misfit(self, operation: Operation, operands: Sequence[Draft]) -> str:
        if len(operands) == 1:
            value = operands[0]
            return (
                f"{operation.writes}({self.drafting.source(value)}): {self.drafting.source(value)} is "
                f"{words(value.shape)}, but {operation.writes} takes a square matrix"
            )
        for (_, (rows, columns)), value in zip(operation.takes, operands, strict=True):
            if rows == columns and value.is_matrix and len({axis and axis.size for axis in value.shape}) > 1:
                name = self.drafting.source(value)
                return f"{name} is {words(value.shape)}, but {operation.writes} takes a square matrix there"
        return self.drafting.mismatch(operands[0], operands[1])

    def _no_operation(self, function: str, args: Sequence[Draft]) -> str:
        given = ", ".join(f"{self.drafting.source(arg)} ({words(arg.shape)})" for arg in args) or "nothing"
        takes = " or ".join(
            " and ".join(_pattern_words(pattern, op.matrices) for _, pattern in op.takes)
            for op in self.operations.by_reading[function]
        )
        name, _, word = function.partition(" ")
        return f"{f'{name}(…, {word})' if word else name} takes {takes}; it was given {given}"


def _worked_out(value: Draft) -> Fraction | None:
    """The number that an array is full of, or the sum of two such numbers, as the P + 1 of a rule."""
    if value.op == "add" and len(value.args) == 2:
        left, right = (_full_of(arg) for arg in value.args)
        return None if left is None or right is None else left + right
    return _full_of(value)


def _full_of(value: Draft) -> Fraction | None:
    """The number in every entry of a value."""
    if value.op == "fill" and value.args:
        return value.args[0].constant
    data = value.node.args[0].data if value.op == "fill" and value.node is not None else value.constant
    return data if isinstance(data, Fraction) else None


def _ends_in_matrix(value: Draft) -> bool:
    """Whether a value is a product, made in this text and without a name, whose last factor has columns."""
    return (
        value.op == "matmul"
        and value.name is None
        and bool(value.args)
        and value.args[1].shape[1] is not None
    )


def _fits(pattern: tuple[str | None, str | None], value: Draft) -> bool:
    """Whether a value can have the shape: a vector or a square matrix needs its axes, `m×n` is any array or scalar."""
    rows, columns = pattern
    if len(value.shape) > 2:
        return False
    if rows is None:
        return value.is_scalar
    if columns is None:
        return value.shape[0] is not None and value.shape[1] is None
    return rows != columns or value.is_matrix


def _pattern_words(pattern: tuple[str | None, str | None], matrix: bool = False) -> str:
    rows, columns = pattern
    if rows is None:
        return "a scalar"
    if columns is None:
        return f"a vector ({rows})"
    if rows == columns:
        return f"a square matrix ({rows}×{columns})"
    return "a matrix" if matrix else "an array"


def _inverse_of_scalar(operators: Operators, value: Draft) -> Draft:
    return operators.divide(operators.drafting.number(1), value)


def _itself(operators: Operators, value: Draft) -> Draft:
    return value


def _log_of_scalar(operators: Operators, value: Draft) -> Draft:
    return operators.apply("log", [value])


# A 1×1 product is a scalar here, and papers write tr(xᵀAx): what matrix functions are of a scalar.
_OF_SCALARS: dict[str, Callable[[Operators, Draft], Draft]] = {
    **dict.fromkeys(("mean", "max", "min"), _itself),
    "tr": _itself,
    "trace": _itself,
    "Tr": _itself,
    "det": _itself,
    "inv": _inverse_of_scalar,
    "logdet": _log_of_scalar,
}
_OPERATORS: dict[str, Callable[..., Draft]] = {
    name: getattr(Operators, name)
    for name in "add sub neg mul hadamard divide eldivide power elpower transpose vector matrix".split()
} | layout.OPERATORS
