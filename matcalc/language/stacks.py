"""The stacks of the parser: values, waiting operators and open brackets, and how operators are applied."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple, NoReturn

from matcalc.errors import SyntaxProblem
from matcalc.language.indexing import SUM_OVER, sum_over
from matcalc.language.syntax import Call, Name, Number, Syntax
from matcalc.language.tokens import Token, plain_subscript

# Levels: what binds tighter has the larger number.
COMPARISON = 5
ADD, SIGN, SUM_SIGN, PRODUCT, BARE, BESIDE, ROOT_SIGN, POWER = 10, 20, 25, 30, 35, 40, 45, 60

_NORMS = {"2": "norm2", "F": "norm2", "1": "norm1", "*": "normnuc", "op": "normspec"}
_FOLDED = 1 << 64  # numbers up to here are divided while reading: 1/2 is one number, like ½


class Pending(NamedTuple):
    """An operator that waits for its right operand; ``binds`` is compared with the level of what follows."""

    binds: int
    function: str
    start: int
    binary: bool = False
    bare: bool = False  # a function without brackets
    inside: bool = False  # it stands in the argument of such a function
    yields: bool = (
        False  # it yields to what such a function yields to: a bare function, or a sign right after one
    )
    power: tuple[str, Number] | None = None  # of a bare function: log² x


class Bracket(NamedTuple):
    """An open bracket: what closes it and what becomes of its content."""

    closer: str
    start: int  # where the node begins: at the function's name, or at the bracket
    opened: int  # the place of the bracket
    below: int  # number of values under the content
    function: str | None = None
    power: tuple[str, Number] | None = None
    rows: list[int] | None = None  # of blocks: the values under each row
    spaced: bool = False  # spaces stand between the blocks of a row


BOTTOM = Pending(0, "", 0)  # lies under what a bracket holds


class Stacks:
    """What the parser keeps between two tokens."""

    def __init__(
        self,
        text: str,
        tokens: list[Token],
        declared: frozenset[str],
        notes: list[str],
        spellings: dict[str, str],
        functions: frozenset[str] = frozenset(),
    ) -> None:
        self.text = text
        self.tokens = tokens
        self.declared = declared
        self.functions = functions
        self.notes = notes
        self.spellings = spellings
        self.values: list[Syntax] = []
        self.starts: list[int] = []
        self.ends: list[int] = []
        self.pending: list[Pending] = [BOTTOM]
        self.brackets: list[Bracket] = []
        self.euler = False  # e^… was read as exp

    def _fail(self, message: str, start: int, end: int) -> NoReturn:
        raise SyntaxProblem(message, self.text, start, end)

    def _push(self, node: Syntax, start: int, end: int) -> None:
        self.values.append(node)
        self.starts.append(start)
        self.ends.append(end)

    def _wait(
        self,
        binds: int,
        function: str,
        start: int,
        binary: bool = False,
        bare: bool = False,
        yields: bool = False,
        power: tuple[str, Number] | None = None,
    ) -> None:
        below = self.pending[-1]
        inside = below.bare or below.inside
        self.pending.append(Pending(binds, function, start, binary, bare, inside, yields, power))

    def _reduce(self, binds: int, functions: int) -> None:
        """Apply the waiting operators that bind at least as tightly; ``functions`` measures the bare ones."""
        pending = self.pending
        while True:
            top = pending[-1]
            if top.binds < (functions if top.yields else binds):
                return
            self._apply(pending.pop())

    def _leave_functions(self) -> None:
        """Apply what waits, up to and with the outermost bare function."""
        while self.pending[-1].inside or self.pending[-1].bare:
            self._apply(self.pending.pop())

    def _apply(self, top: Pending) -> None:
        values, starts, ends = self.values, self.starts, self.ends
        function = top.function
        if top.binary:
            right, end = values.pop(), ends.pop()
            starts.pop()
            left, start = values[-1], starts[-1]
            ends[-1] = end
            if top.binds == POWER:
                values[-1] = self._power(function, left, right, start, end)
            elif function == "divide":
                values[-1] = divided(left, right, start, end)
            elif top.binds == COMPARISON:
                values[-1] = self._compared(function, left, right, start, end)
            else:
                values[-1] = Call(start, end, function, (left, right))
            return
        value, inner, end = values[-1], starts[-1], ends[-1]
        starts[-1] = top.start
        if function == "plus":
            return
        values[-1] = called(function, (value,), top.start, end)
        if top.bare:
            if isinstance(value, Call) and value.function in ("mul", "divide"):
                self._note(
                    f"`{self._shown(top.start, end)}` was read as {function}({self._shown(inner, end)})"
                )
            if top.power is not None:
                self._raise(*top.power, end)

    def _raise(self, how: str, exponent: Syntax, end: int) -> None:
        """Put an exponent on the last value."""
        start = self.starts[-1]
        self.values[-1] = self._power(how, self.values[-1], exponent, start, end)
        self.ends[-1] = end

    def _power(self, how: str, base: Syntax, exponent: Syntax, start: int, end: int) -> Syntax:
        if isinstance(exponent, Call) and exponent.function == "neg" and isinstance(exponent.args[0], Number):
            exponent = Number(exponent.start, exponent.end, -exponent.args[0].value)
        if type(base) is Name and base.name == "e" and "e" not in self.declared:
            self.euler = True
            if isinstance(exponent, Number):
                self._note(
                    f"`{self._shown(start, end)}` was read as a power of Euler's number; declare e if it is a variable"
                )
            return Call(start, end, "exp", (exponent,))
        return Call(start, end, how, (base, exponent))

    def _compared(self, how: str, left: Syntax, right: Syntax, start: int, end: int) -> Syntax:
        """1 where the comparison holds, 0 where it does not; it stands as the first argument of where(c, a, b)."""
        if not self.brackets or self.brackets[-1].function != "where":
            self._fail("a comparison has its place in where(a > b, x, y)", start, end)
        if how in ("at least", "at most"):  # a ≥ b is where b > a is not
            other = self._compared("less" if how == "at least" else "greater", left, right, start, end)
            return Call(start, end, "sub", (Number(start, end, Fraction(1)), other))
        larger, smaller = (left, right) if how == "greater" else (right, left)
        if type(smaller) is Number and not smaller.value:
            return Call(start, end, "ispositive", (larger,))
        return Call(start, end, "ispositive", (Call(start, end, "sub", (larger, smaller)),))

    def _shown(self, start: int, end: int) -> str:
        return self.text[start:end] if end - start <= 40 else self.text[start : start + 39] + "…"

    def _note(self, note: str) -> None:
        if note not in self.notes[-50:]:
            self.notes.append(note)

    def _takes_norm(self, at: int) -> bool:
        """‖X‖²_F: the subscript of a norm after its power."""
        self._reduce(POWER, POWER)
        value = self.values[-1]
        if not (isinstance(value, Call) and value.function == "power" and isinstance(value.args[0], Call)):
            return False
        inner = value.args[0]
        if inner.function != "norm2" or self.text[inner.start].isalpha():
            return False
        norm = Call(inner.start, inner.end, self._norm("norm", at), inner.args)
        self.values[-1] = Call(value.start, self.tokens[at][3], "power", (norm, value.args[1]))
        self.ends[-1] = self.tokens[at][3]
        return True

    def _norm(self, closer: str, at: int) -> str:
        """The norm that a subscript after the closing bar names."""
        _, subscript, start, end = self.tokens[at]
        plain = plain_subscript(subscript)
        if closer == "abs" or plain not in _NORMS:
            self._fail(
                "the norms are ‖x‖ and ‖x‖_2 (Euclidean), ‖A‖_F (Frobenius), ‖x‖_1, ‖A‖_* (nuclear) and ‖A‖_{op}"
                " (spectral)",
                start,
                end,
            )
        return _NORMS[plain]


def called(function: str, arguments: tuple[Syntax, ...], start: int, end: int) -> Syntax:
    if function.startswith("root "):
        index = Number(start, end, Fraction(1, int(function[5:])))
        return Call(start, end, "elpower", (arguments[0], index))
    if function.startswith(SUM_OVER):
        return sum_over(function, arguments[0], start, end)
    return Call(start, end, function, arguments)


def divided(left: Syntax, right: Syntax, start: int, end: int) -> Syntax:
    """A quotient; two plain numbers are one number, so that 1/2, ½ and \\frac12 are the same."""
    if type(left) is Number and type(right) is Number and right.value:
        both = (left.value.numerator, left.value.denominator, right.value.numerator, right.value.denominator)
        if max(map(abs, both)) < _FOLDED:
            return Number(start, end, left.value / right.value)
    return Call(start, end, "divide", (left, right))
