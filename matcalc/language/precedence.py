"""The operator-precedence parser: tokens to one tree, with explicit stacks, so that depth costs no recursion.

Levels, tightest first: postfixes and powers; a function with its brackets; juxtaposition and ``/``;
``* ⊙ ./``; functions without brackets and Σ, which take the product that follows; signs; ``+`` and ``-``.
"""

from __future__ import annotations

import re
from fractions import Fraction

from matcalc.language.indexing import SUM_OVER, after_brackets, waiting
from matcalc.language.names import SYMBOLS
from matcalc.language.refusals import Refusals
from matcalc.language.stacks import (
    ADD,
    BARE,
    BESIDE,
    BOTTOM,
    COMPARISON,
    POWER,
    PRODUCT,
    ROOT_SIGN,
    SIGN,
    SUM_SIGN,
    Bracket,
    Pending,
    blocks,
    called,
    divided,
)
from matcalc.language.syntax import Call, Constant, Name, Number, Syntax
from matcalc.language.tokens import (
    BAR,
    CARET,
    CLOSE,
    COMMA,
    CONSTANT,
    END,
    ENDING,
    FRACTION,
    FUNCTION,
    INDEX,
    NAME,
    NUMBER,
    OPEN,
    OPERATOR,
    OTHER,
    ROOT,
    STARTS_OPERAND,
    SUBSCRIPT,
    SUM,
    SUPERSCRIPT,
    TRANSPOSE,
    plain_subscript,
)

_CLOSING = {"(": ")", "[": "]", "{": "}", "⟨": "⟩", "matrix": "matrix"}
# A row of matrices without commas: capital letters, perhaps transposed, I and 0.  Other brackets are round ones.
SPACED_ROW = re.compile(r"\[ *(?:[A-Z]\w*[ᵀ']?|0)(?: +(?:[A-Z]\w*[ᵀ']?|0))+ *\]")
SHOWN = {"norm": "‖", "abs": "|", "matrix": "\\end{bmatrix}"}
_NUMERATOR, _DENOMINATOR = "the numerator", "the denominator"  # no function has such a name
_LAYER = re.compile(r"\^\s*\{\s*\(\s*([0-9]+|[a-zA-Z])\s*\)\s*\}")  # W^{(1)}, which some texts use as a name


_Step = tuple[int, bool]  # the next token, and whether an operand stands before it


class Machine(Refusals):
    """Reads one sequence of tokens."""

    def run(self) -> Syntax:
        """The tree of the whole sequence."""
        at, operand = 0, False
        while at >= 0:
            at, operand = self._after_operand(at) if operand else self._before_operand(at)
        return self.values[0]

    # Where an operand is expected

    def _before_operand(self, at: int) -> _Step:
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
            return self._fraction(at + 1, _NUMERATOR, start)
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
        """How the blocks of a bracket are set apart, by ``commas`` or ``spaces``; nothing where it has no blocks.

        In the brackets of a function that is ``called``, commas alone stand between arguments.
        """
        depth, parts, gaps, sums = 0, set(), False, False
        for place in range(at + 1, len(self.tokens)):
            kind, value, start, _ = self.tokens[place]
            if kind == CLOSE and depth == 0:
                break
            depth += (kind == OPEN) - (kind == CLOSE)
            if depth == 0:
                parts.add("," if kind == COMMA else ";" if (kind, value) == (OTHER, ";") else "")
                sums |= kind == OPERATOR
            if depth == (kind == OPEN) and self._is_gap(place):
                gaps = True
        if self.tokens[at][1] == "matrix":
            return "commas"
        if "," in parts:
            return "" if called and ";" not in parts else "commas"
        if ";" in parts:
            return "spaces"
        end = self.tokens[place][3]
        if gaps and not sums and not called and SPACED_ROW.fullmatch(self.text, self.tokens[at][2], end):
            self._note(
                f"{self._shown(self.tokens[at][2], end)} was read as a block matrix; round brackets make it a product"
            )
            return "spaces"
        return ""

    def _is_gap(self, place: int) -> bool:
        """Whether a space and then an operand stand here, after an operand."""
        kind, value, start, end = self.tokens[place]
        before = self.tokens[place - 1]
        if start == before[3] or before[0] not in _ENDS_OPERAND:
            return False
        if kind == OPERATOR and value in ("add", "sub"):
            return self.tokens[place + 1][2] == end
        return kind in STARTS_OPERAND

    def _function(self, at: int) -> _Step:
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

    def _fraction(self, at: int, part: str, start: int) -> _Step:
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
        elif kind <= NUMBER or kind == CONSTANT:
            self._push(self._atom(at), first, last)
            following = at + 1
        else:
            self._fail("a fraction is written \\frac{a}{b}", start, last)
        return self._fraction_read(part, start, following)

    def _fraction_read(self, part: str, start: int, following: int) -> _Step:
        """Go on after a part of a fraction."""
        if part == _NUMERATOR:
            kind, value, first, last = self.tokens[following]
            if kind == OPEN and value == "{":
                self._open(value, start, first, _DENOMINATOR)
                return following + 1, False
            return self._fraction(following, _DENOMINATOR, start)
        right, end = self.values.pop(), self.ends.pop()
        self.starts.pop()
        self.values[-1] = divided(self.values[-1], right, start, end)
        self.starts[-1], self.ends[-1] = start, end
        return following, True

    # After an operand

    def _after_operand(self, at: int) -> _Step:
        kind, value, start, end = self.tokens[at]
        pending = self.pending
        if kind == OPERATOR and self.brackets and self.brackets[-1].spaced and self._is_gap(at):
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
            if self.brackets and self.brackets[-1].spaced and self._is_gap(at):
                self._reduce(1, 1)
                return at, False
            self._beside(at)
            return at, False
        if kind == END:
            self._reduce(1, 1)
            if self.brackets:
                bracket = self.brackets[-1]
                shown = SHOWN.get(bracket.closer, self.text[bracket.opened : bracket.opened + 1])
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

    def _end_arguments(self, at: int) -> _Step:
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

    def _entry(self, indices: tuple[Syntax, ...], end: int, following: int) -> _Step:
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

    def _bare_follows(self, at: int) -> bool:
        """Whether Σ or a function without brackets stands here, after any signs."""
        while self.tokens[at][0] == OPERATOR and self.tokens[at][1] in ("add", "sub"):
            at += 1
        kind = self.tokens[at][0]
        return kind == SUM or (kind == FUNCTION and self.tokens[self._function_power(at)[1]][0] != OPEN)

    def _close(self, closer: str, start: int, end: int, following: int) -> _Step:
        """Close the innermost bracket and build what it stands for."""
        self._reduce(1, 1)
        shown = SHOWN.get(closer, closer)
        if not self.brackets:
            self._fail(f"this `{shown}` closes nothing", start, end)
        bracket = self.brackets.pop()
        if bracket.closer != closer:
            opener = self.text[bracket.opened : bracket.opened + 1]
            wanted = SHOWN.get(bracket.closer, bracket.closer)
            self._fail(f"this `{shown}` meets an open `{opener}`, which `{wanted}` closes", start, end)
        self.pending.pop()
        function = bracket.function
        if function in (_NUMERATOR, _DENOMINATOR):
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


_ENDS_OPERAND = frozenset({NAME, NUMBER, CONSTANT, CLOSE, TRANSPOSE, SUPERSCRIPT, BAR})
_BINDS = {
    **dict.fromkeys(("greater", "less", "at least", "at most"), COMPARISON),
    **dict.fromkeys(("add", "sub"), ADD),
    **dict.fromkeys(("mul", "hadamard", "eldivide", "kron"), PRODUCT),
    **dict.fromkeys(("divide", "solve"), BESIDE),
}
_FUNCTIONS_TAKE = {**_BINDS, "mul": BARE + 1}  # a bare function takes `*` into its argument, but not ⊙ and ⊘
