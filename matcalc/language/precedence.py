"""The operator-precedence parser: tokens to one tree, with explicit stacks, so that depth costs no recursion.

Levels, tightest first: postfixes and powers; a function with its brackets; juxtaposition and ``/``;
``* ⊙ ./``; functions without brackets and Σ, which take the product that follows; signs; ``+`` and ``-``.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.language.blocks import blocks, is_gap
from matcalc.language.indexing import SUM_OVER, after_brackets
from matcalc.language.names import SYMBOLS
from matcalc.language.operands import DENOMINATOR, NUMERATOR, Operands, Step
from matcalc.language.stacks import ADD, BARE, BESIDE, COMPARISON, POWER, PRODUCT, called
from matcalc.language.syntax import Call, Name, Number, Syntax
from matcalc.language.tokens import (
    BAR,
    CARET,
    CLOSE,
    COMMA,
    END,
    ENDING,
    INDEX,
    NAME,
    NUMBER,
    OPERATOR,
    OTHER,
    STARTS_OPERAND,
    SUBSCRIPT,
    SUM,
    SUPERSCRIPT,
    TRANSPOSE,
)
from matcalc.patterns import regex

_SHOWN = {"norm": "‖", "abs": "|", "matrix": "\\end{bmatrix}"}
_LAYER = regex(r"\^\s*\{\s*\(\s*([0-9]+|[a-zA-Z])\s*\)\s*\}")  # W^{(1)}, which some texts use as a name


class Machine(Operands):
    """Reads one sequence of tokens."""

    def run(self) -> Syntax:
        """The tree of the whole sequence."""
        at, operand = 0, False
        while at >= 0:
            at, operand = self._after_operand(at) if operand else self._before_operand(at)
        return self.values[0]

    def _after_operand(self, at: int) -> Step:
        kind, value, start, end = self.tokens[at]
        pending = self.pending
        if kind == OPERATOR and self.brackets and self.brackets[-1].spaced and is_gap(self.tokens, at):
            self._reduce(1, 1)
            return at, False
        if kind == OPERATOR:
            below = _FUNCTIONS_TAKE[value]
            if value == "mul" and (pending[-1].inside or pending[-1].bare) and self._bare_follows(at + 1):
                self._leave_functions()
            binds = _BINDS[value]
            self._reduce(binds, below)
            # a ./ b / c goes from the left, as in MATLAB; ⊘ of a paper takes the quotient that follows.
            top = pending[-1]
            if value == "divide" and top.function == "eldivide" and self.text.startswith("./", top.start):
                self._apply(pending.pop())
            self._wait(binds, value, start, binary=True)
            return at + 1, False
        if kind in (CARET, SUPERSCRIPT) and pending[-1].binds == POWER:
            self._fail("a power of a power needs brackets: (a^b)^c or a^(b^c)", start, end)
        if kind == CARET:
            layer = _LAYER.match(self.text, start)
            if layer is not None:
                self._note(
                    f"`{layer[0]}` was read as a power; write _{{{layer[1]}}} where it is part of a name"
                )
            self._wait(POWER, value, start, binary=True)
            return at + 1, False
        if kind == SUPERSCRIPT:
            self._raise("power", self._exponent(value, start, end), end)
            return at + 1, True
        if kind == TRANSPOSE:
            self._reduce(POWER, POWER)
            if value == "pinv":
                self.values[-1] = Call(self.starts[-1], end, "pinv", (self.values[-1],))
                self.ends[-1] = end
                return at + 1, True
            if value:
                self._raise("power", Number(start, end, Fraction(-1)), end)
            self.values[-1] = Call(self.starts[-1], end, "transpose", (self.values[-1],))
            self.ends[-1] = end
            return at + 1, True
        if kind == CLOSE:
            return self._close(value, start, end, at + 1)
        if kind == INDEX:
            return self._entry(value, end, at + 1)
        if kind == BAR and self.brackets and value[1] != "l":
            closer = self.brackets[-1].closer
            if (
                value[0] == "norm"
                and closer == "abs"
                and end - start == 2
                and self.text.startswith("||", start)
            ):
                self.tokens[at] = (BAR, ("abs", ""), start + 1, end)  # |x||y|
                return self._close("abs", start, start + 1, at)
            if closer == value[0] or value[1] == "r":
                return self._close(value[0], start, end, at + 1)
        if kind in STARTS_OPERAND or kind == BAR and value[1] != "r":
            if self.brackets and self.brackets[-1].spaced and is_gap(self.tokens, at):
                self._reduce(1, 1)
                return at, False
            self._beside(at)
            return at, False
        if kind == END:
            self._reduce(1, 1)
            if self.brackets:
                bracket = self.brackets[-1]
                shown = _SHOWN.get(bracket.closer, self.text[bracket.opened : bracket.opened + 1])
                self._fail(f"this `{shown}` is never closed", bracket.opened, bracket.opened + 1)
            return -1, True
        if kind == SUBSCRIPT and self._takes_norm(at):
            return at + 1, True
        if kind == SUBSCRIPT and self.tokens[at - 1][0] in (CLOSE, TRANSPOSE):
            return self._entry(after_brackets(self.text, value, start, end), end, at + 1)
        if kind == COMMA and self.brackets and self.tokens[at + 1][0] == ENDING:
            return self._end_arguments(at + 1)
        if (kind, value) == (OTHER, ";") and self.brackets and self.brackets[-1].rows is not None:
            self._reduce(1, 1)
            self.brackets[-1].rows.append(len(self.values))
            return at + 1, self.tokens[at + 1][0] == CLOSE
        if kind == COMMA and self.brackets and self.brackets[-1].rows is not None:
            self._reduce(1, 1)
            return at + 1, False
        if kind == COMMA and self.brackets and " " in (self.brackets[-1].function or " "):
            self._refuse_after_operand(at)
        if kind == COMMA and self.brackets:
            self._reduce(1, 1)
            return at + 1, False
        self._refuse_after_operand(at)

    def _end_arguments(self, at: int) -> Step:
        """The word that ends the arguments of a function: softmax(X, rows)."""
        self._reduce(1, 1)
        _, word, start, end = self.tokens[at]
        bracket = self.brackets[-1]
        name = self._ending(bracket.function or "", at)
        if name is None or self.tokens[at + 1][0] != CLOSE:
            shown = bracket.function or self.text[bracket.opened : bracket.opened + 1]
            self._fail(f"`{word}` has no meaning as an argument of `{shown}`", start, end)
        self.brackets[-1] = bracket._replace(function=name)
        return at + 1, True

    def _entry(self, indices: tuple[Syntax, ...], end: int, following: int) -> Step:
        """Entries of the last value: A[i,j], (AB)_{ij}."""
        self._reduce(POWER, POWER)
        self.values[-1] = Call(self.starts[-1], end, "entry", (self.values[-1], *indices))
        self.ends[-1] = end
        return following, True

    def _exponent(self, value: object, start: int, end: int) -> Syntax:
        """The exponent that Unicode superscripts spell."""
        if isinstance(value, tuple):
            name, negative = value
            self.spellings.setdefault(name, name)
            node: Syntax = Name(start, end, name)
            return Call(start, end, "neg", (node,)) if negative else node
        assert isinstance(value, Fraction)
        return Number(start, end, value)

    def _beside(self, at: int) -> None:
        """Juxtaposition: the operand that starts here multiplies the one before."""
        kind, _, start, end = self.tokens[at]
        self._reduce(POWER, POWER)
        top = self.pending[-1]
        if kind == NUMBER and self.tokens[at - 1][0] == NUMBER and type(self.values[-1]) is Number:
            self._fail("two numbers stand side by side; write `*` between them", self.starts[-1], end)
        if (top.inside or top.bare) and self._bare_follows(at):
            self._leave_functions()
            top = self.pending[-1]
        plain = kind == SUM and self.tokens[at][1] is None and self.tokens[at + 1][0] != SUBSCRIPT
        if plain and self.text[start] == "Σ" and type(self.values[-1]) is not Number:
            if self._is_latin(self.values[-1]):
                self._note(
                    "Σ was read as the sum of all entries of what follows; declare Σ if it is a matrix: Σ: n×n"
                )
        sums = kind == SUM and self.tokens[at][1] is not None  # 1/n Σᵢ is what everyone means
        divided = (
            top.function == "divide"
            and not sums
            and not (
                type(self.values[-1]) is Number
                and type(self.values[-2]) is Number
                and not self._is_attached(at)
            )
        )
        if divided:
            whole = self._shown(self.starts[-2], self.ends[-1])
            self._note(
                f"`{whole}` and the factor after it were read as ({whole})·…;"
                " put a longer denominator in brackets"
            )
        self._reduce(BESIDE, BESIDE)
        self._wait(BESIDE, "mul", start, binary=True)

    def _is_attached(self, at: int) -> bool:
        """Whether a capital letter follows without a space, as in 1/2N, which some mean as 1/(2N)."""
        kind, _, start, _ = self.tokens[at]
        return kind == NAME and self.ends[-1] == start and self.text[start].isupper()

    @staticmethod
    def _is_latin(value: Syntax) -> bool:
        """Whether a factor ends in a Latin letter, as U in UΣVᵀ."""
        while isinstance(value, Call) and value.function in ("transpose", "mul", "power"):
            value = value.args[-1] if value.function == "mul" else value.args[0]
        return type(value) is Name and value.name[0].isascii() and value.name not in SYMBOLS

    def _close(self, closer: str, start: int, end: int, following: int) -> Step:
        """Close the innermost bracket and build what it stands for."""
        self._reduce(1, 1)
        shown = _SHOWN.get(closer, closer)
        if not self.brackets:
            self._fail(f"this `{shown}` closes nothing", start, end)
        bracket = self.brackets.pop()
        if bracket.closer != closer:
            opener = self.text[bracket.opened : bracket.opened + 1]
            wanted = _SHOWN.get(bracket.closer, bracket.closer)
            self._fail(f"this `{shown}` meets an open `{opener}`, which `{wanted}` closes", start, end)
        self.pending.pop()
        function = bracket.function
        if function in (NUMERATOR, DENOMINATOR):
            self.ends[-1] = end
            return self._fraction_read(function, bracket.start, following)
        if closer == "norm" or closer == "abs":
            function = closer
            if self.tokens[following][0] == SUBSCRIPT:
                end = self.tokens[following][3]
                function = self._norm(closer, following)
                following += 1
            elif closer == "norm":
                function = "norm2"
        if bracket.rows is not None:
            rows = [row - bracket.below for row in bracket.rows if row < len(self.values)]
            whole = blocks(tuple(self.values[bracket.below :]), rows, bracket.opened, end)
            del self.values[bracket.below :], self.starts[bracket.below :], self.ends[bracket.below :]
            self._push(whole, bracket.opened, end)
        if function is None:
            self.starts[-1], self.ends[-1] = bracket.start, end
            return following, True
        arguments = tuple(self.values[bracket.below :])
        del self.values[bracket.below :], self.starts[bracket.below :], self.ends[bracket.below :]
        self._push(called(function, arguments, bracket.start, end), bracket.start, end)
        if function.startswith(SUM_OVER) and self.tokens[following][0] in (CARET, SUPERSCRIPT):
            shown = self._shown(bracket.start, end)
            self._note(
                f"the power after `{shown}` was read as that of the sum; write a space after sum_… otherwise"
            )
        if bracket.power is not None:
            self._raise(*bracket.power, end)
        return following, True


_BINDS = {
    **dict.fromkeys(("greater", "less", "at least", "at most"), COMPARISON),
    **dict.fromkeys(("add", "sub"), ADD),
    **dict.fromkeys(("mul", "hadamard", "eldivide", "kron"), PRODUCT),
    **dict.fromkeys(("divide", "solve"), BESIDE),
}
_FUNCTIONS_TAKE = {**_BINDS, "mul": BARE + 1}  # a bare function takes `*` into its argument, but not ⊙ and ⊘
