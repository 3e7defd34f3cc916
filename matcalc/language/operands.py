"""What may stand where an operand is expected: atoms, opening brackets, functions, sums, roots and fractions."""

from __future__ import annotations

from fractions import Fraction

from matcalc.language.blocks import how_apart
from matcalc.language.indexing import waiting
from matcalc.language.refusals import Refusals
from matcalc.language.stacks import (
    BARE,
    BOTTOM,
    POWER,
    ROOT_SIGN,
    SIGN,
    SUM_SIGN,
    Bracket,
    Pending,
    divided,
)
from matcalc.language.syntax import Constant, Name, Number, Syntax
from matcalc.language.tokens import (
    BAR,
    CARET,
    CLOSE,
    CONSTANT,
    ENDING,
    FRACTION,
    FUNCTION,
    NAME,
    NUMBER,
    OPEN,
    OPERATOR,
    ROOT,
    STARTS_OPERAND,
    SUBSCRIPT,
    SUM,
    SUPERSCRIPT,
    TRANSPOSE,
    plain_subscript,
)
from matcalc.patterns import regex

_CLOSING = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "matrix": "matrix"}
NUMERATOR, DENOMINATOR = "the numerator", "the denominator"  # no function has such a name

_COMMAND = regex(r"(\\[A-Za-z]+)(\d)")  # a letter as a command, with a digit behind it
Step = tuple[int, bool]  # the next token, and whether an operand stands before it


class Operands(Refusals):
    """Reads what starts an operand."""

    def _before_operand(self, at: int) -> Step:
        kind, value, start, end = self.tokens[at]
        if kind <= NUMBER or kind == CONSTANT:
            self._push(self._atom(at), start, end)
            return at + 1, True
        if kind == OPEN:
            style = self._blocks(at) if value in ("[", "matrix") else ""
            self._open(value, start, start, "dot" if value == "⟨" else None, style=style)
            return at + 1, False
        if kind == FUNCTION:
            return self._function(at)
        if kind == OPERATOR and (value == "sub" or value == "add"):
            below = self.pending[-1]
            sign = "neg" if value == "sub" else "plus"
            self._wait(max(SIGN, below.binds), sign, start, yields=below.yields)
            return at + 1, False
        if kind == BAR and value[1] != "r":
            self._open(value[0], start, start)
            return at + 1, False
        if kind == SUM:
            ending = self._ending("sum", at + 1)
            if ending is not None:
                self.pending.append(Pending(SUM_SIGN, ending, start))
                return at + 2, False
            if self.tokens[at + 1][0] in (SUBSCRIPT, CARET, SUPERSCRIPT):
                self._fail(
                    "a sum runs over one-letter indices: Σᵢ, Σ_{i,j}, \\sum_{i=1}^{n}; Σ without an index adds all"
                    " entries",
                    start,
                    end,
                )
            if self.pending[-1].binds == POWER:
                self._fail("put the exponent in brackets: ^(Σ …)", start, end)
            function = "sum" if value is None else waiting(value)
            following = self.tokens[at + 1]
            if self.text[start] == "s" and following[0] == OPEN and following[2] == end:  # sum_i(…)
                self._open(following[1], start, following[2], function)
                return at + 2, False
            self.pending.append(Pending(SUM_SIGN, function, start))
            return at + 1, False
        if kind == ROOT:
            name = "sqrt" if value == 2 else f"root {value}"
            following = self.tokens[at + 1]
            if following[0] == OPEN:
                self._open(following[1], start, following[2], name)
                return at + 2, False
            self._wait(ROOT_SIGN, name, start)
            return at + 1, False
        if kind == FRACTION:
            return self._fraction(at + 1, NUMERATOR, start)
        self._refuse_instead_of_operand(at)

    def _atom(self, at: int) -> Syntax:
        kind, value, start, end = self.tokens[at]
        if kind == NAME:
            if value not in self.spellings and not self._is_base_e(at):
                self.spellings[value] = self.text[start:end]
            return Name(start, end, value)
        if kind == NUMBER:
            return Number(start, end, value)
        return Constant(start, end, value[0], value[1])

    def _is_base_e(self, at: int) -> bool:
        """Whether the name here is the number e with an exponent."""
        follows = self.tokens[at + 1][0]
        return self.tokens[at][1] == "e" and follows in (CARET, SUPERSCRIPT) and "e" not in self.declared

    def _open(
        self,
        bracket: str,
        start: int,
        opened: int,
        function: str | None = None,
        power: tuple[str, Number] | None = None,
        style: str = "",
    ) -> None:
        closer = _CLOSING.get(bracket, bracket)
        below = len(self.values)
        rows = [below] if style else None
        self.brackets.append(Bracket(closer, start, opened, below, function, power, rows, style == "spaces"))
        self.pending.append(BOTTOM)

    def _blocks(self, at: int, called: bool = False) -> str:
        """How the blocks of a bracket are set apart; a note where nothing but spaces says that they are blocks."""
        apart, guessed = how_apart(self.text, self.tokens, at, called)
        if guessed is not None:
            self._note(
                f"{self._shown(*guessed)} was read as a block matrix; round brackets make it a product"
            )
        return apart

    def _function(self, at: int) -> Step:
        """A function: with brackets it opens them, without it waits for the product that follows."""
        _, name, start, end = self.tokens[at]
        ending = self._ending(name, at + 1)
        if ending is not None:
            at += 1
            name, end = ending, self.tokens[at][3]
        power, following = self._function_power(at)
        kind, value, opened, _ = self.tokens[following]
        if kind != OPEN and self.pending[-1].binds == POWER:
            self._fail(f"put the exponent in brackets: ^({name} …)", start, end)
        if kind == OPEN:
            style = self._blocks(following, called=True) if value in ("[", "matrix") else ""
            self._open(value, start, opened, name, power, style)
            return following + 1, False
        if kind in STARTS_OPERAND or kind == BAR or (kind == OPERATOR and value in ("add", "sub")):
            self._wait(BARE, name, start, bare=True, yields=True, power=power)
            return following, False
        self._fail(f"`{name}` is a function and needs an argument: {name}(…)", start, end)

    def _function_power(self, at: int) -> tuple[tuple[str, Number] | None, int]:
        """The exponent between a function and its argument (``tanh²(z)``), and where the argument starts."""
        kind, value, start, end = self.tokens[at + 1]
        name = self.text[self.tokens[at][2] : self.tokens[at][3]]
        if kind == SUPERSCRIPT:
            how, exponent, following = "power", value, at + 2
        elif kind == CARET:
            how, following = value, at + 2
            braced = self.tokens[following][0] == OPEN
            if braced:
                following += 1
            exponent = self.tokens[following][1] if self.tokens[following][0] == NUMBER else None
            if exponent is not None and braced and self.tokens[following + 1][0] != CLOSE:
                exponent = None
            end = self.tokens[following][3]
            following += 2 if braced else 1
        elif kind == TRANSPOSE:
            self._fail(f"transpose the result, {name}(…)ᵀ, not the function `{name}`", start, end)
        else:
            return None, at + 1
        if not isinstance(exponent, Fraction) or exponent <= 0:
            self._fail(
                f"`{name}` with this exponent could be an inverse function or a power; write {name}(…)^(…)"
                " for a power of the result",
                self.tokens[at][2],
                end,
            )
        return (how, Number(start, end, exponent)), following

    def _ending(self, function: str, at: int) -> str | None:
        """The function with the word that its subscript or its last argument says, as ``sum rows``."""
        kind, value, *_ = self.tokens[at]
        if kind == SUBSCRIPT:
            value = plain_subscript(value)
        name = f"{function} {value}"
        return name if kind in (SUBSCRIPT, ENDING) and name in self.functions else None

    def _fraction(self, at: int, part: str, start: int) -> Step:
        """One part of a ``\\frac``: a group in braces, or a single symbol as in ``\\frac12``."""
        kind, value, first, last = self.tokens[at]
        if kind == OPEN and value == "{":
            self._open(value, start, first, part)
            return at + 1, False
        if kind == NUMBER and last - first > 1 and self.text[first:last].isdigit():
            digit, rest = self.text[first], self.text[first + 1 : last]
            self.tokens[at] = (NUMBER, Fraction(int(rest)), first + 1, last)
            self._push(Number(first, first + 1, Fraction(int(digit))), first, first + 1)
            following = at
        elif kind == NAME and part == NUMERATOR and (command := _COMMAND.fullmatch(self.text, first, last)):
            self.tokens[at] = (NUMBER, Fraction(int(command[2])), command.start(2), last)  # \frac\lambda2
            self._push(Name(first, command.end(1), value.rstrip("0123456789")), first, command.end(1))
            following = at
        elif kind <= NUMBER or kind == CONSTANT:
            self._push(self._atom(at), first, last)
            following = at + 1
        else:
            self._fail("a fraction is written \\frac{a}{b}", start, last)
        return self._fraction_read(part, start, following)

    def _fraction_read(self, part: str, start: int, following: int) -> Step:
        """Go on after a part of a fraction."""
        if part == NUMERATOR:
            kind, value, first, last = self.tokens[following]
            if kind == OPEN and value == "{":
                self._open(value, start, first, DENOMINATOR)
                return following + 1, False
            return self._fraction(following, DENOMINATOR, start)
        right, end = self.values.pop(), self.ends.pop()
        self.starts.pop()
        self.values[-1] = divided(self.values[-1], right, start, end)
        self.starts[-1], self.ends[-1] = start, end
        return following, True

    def _bare_follows(self, at: int) -> bool:
        """Whether Σ or a function without brackets stands here, after any signs."""
        while self.tokens[at][0] == OPERATOR and self.tokens[at][1] in ("add", "sub"):
            at += 1
        kind = self.tokens[at][0]
        return kind == SUM or (kind == FUNCTION and self.tokens[self._function_power(at)[1]][0] != OPEN)
