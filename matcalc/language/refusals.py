"""What the parser says where a token can't stand."""

from __future__ import annotations

from typing import NoReturn

from matcalc.language.stacks import Stacks
from matcalc.language.tokens import CLOSE, COMMA, END, OPEN, OPERATOR, OTHER, SUBSCRIPT


class Refusals(Stacks):
    """The stacks, and the errors about a token in the wrong place."""

    def _refuse_instead_of_operand(self, at: int) -> NoReturn:
        kind, value, start, end = self.tokens[at]
        shown = self.text[start:end]
        before = self.tokens[at - 1] if at else None
        if kind == OTHER:
            self._refuse_other(value, start, end)
        if kind == END:
            self._fail("the formula ends where a name, a number or a bracket is expected", *self._last(at))
        if before is not None and before[0] == OPEN and kind == CLOSE:
            self._fail("these brackets are empty", before[2], end)
        if kind == SUBSCRIPT:
            self._fail("a subscript belongs to a single letter; a name never starts with `_`", start, end)
        if before is not None and value == "mul" and before[0] == OPERATOR and before[1] == "mul":
            self._fail("a power is written with `^`", before[2], end)
        self._fail(f"a name, a number or a bracket is expected here, not `{shown}`", start, end)

    def _last(self, at: int) -> tuple[int, int]:
        if at == 0:
            return 0, 1
        return self.tokens[at - 1][2:]

    def _refuse_after_operand(self, at: int) -> NoReturn:
        kind, value, start, end = self.tokens[at]
        if kind == OTHER:
            self._refuse_other(value, start, end)
        if kind == COMMA:
            self._fail(
                "a comma has its place between the arguments of a function, as in max(a, b)", start, end
            )
        if kind == SUBSCRIPT:
            self._fail("a subscript belongs to a single letter or to a norm", start, end)
        self._fail(f"this `{self.text[start:end]}` closes nothing", start, end)

    def _refuse_other(self, value: str, start: int, end: int) -> NoReturn:
        if value == "=" or (OTHER, "=") in (token[:2] for token in self.tokens):
            self._fail(
                "give the right side of the equation only, without the `=` and what is before it", start, end
            )
        if value == ";" and any(bracket.rows is not None for bracket in self.brackets[-1:]):
            self._fail("a block is missing before this `;`", start, end)
        if value in ":;":
            self._fail("shapes follow the formula after the word `where`: Ax where A: m×n, x: n", start, end)
        self._fail(f"`{value}` has no meaning in a formula", start, end)
