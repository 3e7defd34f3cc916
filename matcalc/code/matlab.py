"""Expressions as MATLAB text, which GNU Octave reads too.

A vector is a matrix of one column, an array of more axes loses the last ones where they have size 1; so whatever moves
axes says which ones.  Operands of entrywise operations broadcast (MATLAB since R2016b).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from string import ascii_lowercase

from matcalc.code.expression import Expression, Sizes
from matcalc.code.products import Embedding
from matcalc.code.writing import (
    ATOM,
    MATMUL,
    PRODUCT,
    SUM,
    UNARY,
    Text,
    Writer,
    free_letters,
    held,
    is_separate,
)
from matcalc.graph.node import Size
from matcalc.graph.sizes import separated

# Kernels whose operands broadcast.
_BROADCASTING = frozenset(["maximum", "minimum", "where", "power", "elpower", "intpower", "polygamma"])
_LISTS = frozenset(["hcat_vector", "vcat_vector"])
_BLOCKS = _LISTS | {"hcat", "vcat"}
# What is computed from LU factors, and how without them.
_OF_FACTORS = {
    "lu_inverse": "inv", "lu_solve": "solve", "lu_solve_transposed": "solve", "lu_logdet": "logdet", "lu_det": "det",
}  # fmt: skip


class Matlab(Writer):
    """Writes expressions for MATLAB and Octave."""

    infinity = "Inf"
    pi = "pi"
    _typed: str | None = None  # the array whose class a constant gets

    # Statements --------------------------------------------------------------------------------------------------

    def statements(self, name: str, value: Expression) -> list[str]:
        self._typed = None if self._has_arrays(value) else self._source(value)
        if value.op == "embed" and value.rank > 2:
            return self._into_places(name, value.sizes, [(Fraction(1), value)], [])
        if value.op == "sum":
            coefficients: tuple[Fraction, ...] = value.data  # type: ignore[assignment]
            terms = list(zip(coefficients, value.args, strict=True))
            placed = [(c, term) for c, term in terms if term.op == "embed" and term not in self._names]
            if placed:
                rest = [(c, term) for c, term in terms if (c, term) not in placed]
                return self._into_places(name, value.sizes, placed, rest)
        return [f"{name} = {self._dense(value, define=True)};"]

    def result(self, name: str, value: Expression) -> str:
        self._typed = None if self._has_arrays(value) else self._source(value)
        return f"{name} = {self._dense(value)};"

    def _has_arrays(self, value: Expression) -> bool:
        """Whether a value is made of arrays that are given, and so is of their class."""
        seen = {value}
        stack = [value]
        while stack:
            inner = stack.pop()
            if inner.op == "variable" and inner.rank:
                return True
            stack += [arg for arg in inner.args if arg not in seen]
            seen.update(inner.args)
        return False

    def _into_places(
        self,
        name: str,
        sizes: Sizes,
        placed: list[tuple[Fraction, Expression]],
        rest: list[tuple[Fraction, Expression]],
    ) -> list[str]:
        """Lines that write blocks into places of zeros, or add them to what else is added."""
        zeros = f"zeros({self._shape(sizes)}{self._class(self._source(placed[0][1]))})"
        start = zeros
        if rest:
            start = self._sum(rest)[0]
            if all(term.op == "spread" or not term.rank for _, term in rest):
                start = f"{zeros} + {start}"
        lines = [f"{name} = {start};"]
        for place, (coefficient, term) in enumerate(placed):
            lines += self._placed(name, term, coefficient, bool(rest) or place > 0)
        return lines

    def _placed(self, name: str, term: Expression, coefficient: Fraction, add: bool) -> list[str]:
        """The lines that write or add a block where axes run together."""
        embedding = term.data
        assert isinstance(embedding, Embedding)
        (block,) = term.args
        if term.rank == 2:
            where = f"{name}(1:{self._size(term.sizes[0]).replace(' ', '')}+1:end)"
            factor, block = self._split(block)
            text = self._transposed(self.text(block)) if block.rank else self.text(block)
            text = self._multiple(coefficient * factor, text)
            return [f"{where} = {where}{_added(text)};" if add else f"{where} = {text[0]};"]
        distinct = list(dict.fromkeys(embedding.pattern))
        *letters, places = self._letters(len(distinct))
        ranges = [f"1:{self._size(term.sizes[embedding.pattern.index(index)])}" for index in distinct]
        subscripts = ", ".join(letters[distinct.index(index)] for index in embedding.pattern)
        made = (
            f"[{', '.join(letters)}] = ndgrid({', '.join(ranges)});"
            if len(distinct) > 1
            else f"{letters[0]} = ({ranges[0]})';"
        )
        found = f"{places} = sub2ind([{self._shape(term.sizes)}], {subscripts});"
        lines = [line for key, line in (("", made), (places, found)) if self._placing.get(key) != line]
        self._placing |= {"": made, places: found}
        order = sorted(range(block.rank), key=lambda place: distinct.index(embedding.own[place]))
        standing = tuple(distinct.index(embedding.own[place]) for place in order)
        text = self._permuted(self.text(block), block.rank, tuple(order))
        ordered = tuple(block.sizes[place] for place in order)
        text = self._multiple(coefficient, self._with_axes(text, standing, len(distinct), ordered))
        where = f"{name}({places})"
        if add:
            return [*lines, f"{where} = {where}{_added(text)};"]
        if block.rank not in (0, len(distinct)):
            whole = tuple(term.sizes[embedding.pattern.index(index)] for index in distinct)
            text = self._repeated(text[0], standing, whole), ATOM
        return [*lines, f"{where} = {text[0]};"]

    def _split(self, value: Expression) -> tuple[Fraction, Expression]:
        """A number and what it multiplies."""
        if value.op == "times" and value.data == (1, 1) and value not in self._names:
            number, rest = value.args
            if number.op == "number" and isinstance(number.data, Fraction):
                return number.data, rest
        return Fraction(1), value

    def _letters(self, count: int) -> list[str]:
        """Letters for places along axes, and a name for the places in the whole array."""
        taken = [*self._names.values(), *self._sizes.values()]
        whole = next(name for name in ("places", "places_", "places__") if name not in taken)
        return [*free_letters(taken)[:count], whole]

    # Arrays ------------------------------------------------------------------------------------------------------

    def _dense(self, value: Expression, define: bool = False) -> str:
        if value.op != "spread" or (value in self._names and not define):
            return self.text(value, define)[0]
        inner = value.args[0]
        if inner.rank == 0 and all(size == 1 for size in value.sizes):
            return self.text(inner)[0]
        if inner.rank == 0:
            typed = self._class(self._source(inner))
            if inner.op == "number" and inner.data in (0, 1):
                return f"{'ones' if inner.data else 'zeros'}({self._shape(value.sizes)}{typed})"
            text = held(self.text(inner), MATMUL)
            return f"{text} * ones({self._shape(value.sizes)}{typed})"
        places: tuple[int, ...] = value.data  # type: ignore[assignment]
        return self._repeated(self._write_spread(value)[0], places, value.sizes)

    def _repeated(self, text: str, places: tuple[int, ...], sizes: Sizes) -> str:
        """A value that has the axes ``places``, repeated along the others."""
        times = ["1" if place in places else self._size(size) for place, size in enumerate(sizes)]
        return text if set(times) == {"1"} else f"repmat({text}, {', '.join(times)})"

    def _dense_text(self, value: Expression) -> Text:
        text = self._dense(value)
        return (text, _level(text)) if value.op == "spread" else (text, self.text(value)[1])

    def _shape(self, sizes: Sizes) -> str:
        """The arguments that make an array of these sizes."""
        return ", ".join([*map(self._size, sizes), *(["1"] if len(sizes) == 1 else [])])

    def _class(self, source: str | None) -> str:
        return f", class({source})" if source else ""

    def _eye(self, size: Size) -> str:
        return f"eye({self._size(size)}{self._class(self._typed)})"

    def _numbers(self, truth: str) -> Text:
        """A comparison as numbers."""
        return (f"cast({truth}, class({self._typed}))" if self._typed else f"double({truth})"), ATOM

    def _write_selection(self, value: Expression) -> Text:
        """Columns of an identity, or all sums of two places."""
        places = str(value.data)
        if places == "+":
            whole, first, second = (f"(1:{self._size(size)})" for size in value.sizes)
            return self._numbers(f"{whole}' + 1 == {first} + reshape({second[1:-1]}, 1, 1, [])")
        lowest, _, highest = places.partition(":")
        columns = f"({lowest}:{highest})" if value.rank == 2 else lowest
        return self._numbers(f"(1:{self._size(value.sizes[0])})' == {columns}")

    def _write_commutation(self, value: Expression) -> Text:
        rows, columns = map(self._size, separated(str(value.data)))
        return f"commutation({rows}, {columns}{self._class(self._typed)})", ATOM

    def _write_pairing(self, value: Expression) -> Text:
        return f"reshape({self._eye(value.sizes[0])}, {self._shape(value.sizes)})", ATOM

    def _write_lift(self, value: Expression) -> Text:
        """A vector as a matrix of one row (``data`` 0) or one column, which it is."""
        (inner,) = value.args
        text = self._dense_text(inner)
        if inner.rank > 1:
            return f"reshape({text[0]}, {self._shape(value.sizes)})", ATOM
        return self._transposed(text) if value.data == 0 else text

    def _write_embed(self, value: Expression) -> Text:
        """A diagonal matrix."""
        (block,) = value.args
        if block.rank:
            return f"diag({self._dense(block)})", ATOM
        eye = self._eye(value.sizes[0])
        if block.op == "number":
            assert isinstance(block.data, Fraction)
            return self._multiple(block.data, (eye, ATOM))
        return f"{held(self.text(block), MATMUL)} * {eye}", PRODUCT

    # Axes --------------------------------------------------------------------------------------------------------

    def _write_spread(self, value: Expression) -> Text:
        """A value that broadcasts to more axes."""
        places: tuple[int, ...] = value.data  # type: ignore[assignment]
        (inner,) = value.args
        if places == (1,) and inner.op == "call" and inner.data in _LISTS and inner not in self._names:
            parts = [
                self._transposed(self._dense_text(arg))[0] if arg.rank else self.text(arg)[0]
                for arg in inner.args
            ]
            return f"[{', '.join(parts)}]", ATOM
        return self._with_axes(self.text(inner), places, value.rank, inner.sizes)

    def _with_axes(self, text: Text, places: tuple[int, ...], rank: int, sizes: Sizes) -> Text:
        """A value whose axes, of these sizes, are some places of one with more axes."""
        if places == tuple(range(len(places))):
            return text
        if places == (1,):
            return self._transposed(text)
        if len(places) == 1:
            return f"reshape({text[0]}, {'1, ' * places[0]}[])", ATOM
        lengths = ["1"] * (places[-1] + 1)
        for place, size in zip(places, sizes, strict=True):
            lengths[place] = self._size(size)
        return f"reshape({text[0]}, {', '.join(lengths)})", ATOM

    def _write_permute(self, value: Expression) -> Text:
        order: tuple[int, ...] = value.data  # type: ignore[assignment]
        return self._permuted(self._dense_text(value.args[0]), value.rank, order)

    def _permuted(self, text: Text, rank: int, order: tuple[int, ...]) -> Text:
        if order == tuple(range(rank)):
            return text
        if rank == 2:
            return self._transposed(text)
        return f"permute({text[0]}, [{', '.join(str(place + 1) for place in order)}])", ATOM

    def _transposed(self, text: Text) -> Text:
        if text[1] == ATOM and text[0].endswith("'"):
            return text[0][:-1], ATOM
        return f"{held(text, ATOM)}'", ATOM

    def _write_reduce(self, value: Expression) -> Text:
        axes: tuple[int, ...] = value.data  # type: ignore[assignment]
        (inner,) = value.args
        text = self._dense(inner)
        if (
            value.rank == 0
            and inner.op == "diagonal"
            and inner.args[0].rank == 2
            and inner not in self._names
        ):
            return f"trace({self._dense(inner.args[0])})", ATOM
        if value.rank == 0:
            return self._total(text, inner.rank), ATOM
        for axis in axes:
            text = f"sum({text}, {axis + 1})"
        kept = [place for place in range(inner.rank) if place not in axes]
        if kept == list(range(len(kept))):
            return text, ATOM
        if kept == [1]:
            return f"{text}'", ATOM
        return f"reshape({text}, {'[], 1' if len(kept) == 1 else self._shape(value.sizes)})", ATOM

    def _total(self, text: str, rank: int) -> str:
        """The sum of all entries."""
        if rank == 1:
            return f"sum({text})"
        if rank == 2:
            return f"sum({text}(:))" if text.isidentifier() else f"sum(sum({text}))"
        return f"sum({text}(:))" if text.isidentifier() else f"sum(reshape({text}, [], 1))"

    def _write_diagonal(self, value: Expression) -> Text:
        (inner,) = value.args
        places: tuple[int, int] = value.data  # type: ignore[assignment]
        if inner.rank == 2:
            return f"diag({self._dense(inner)})", ATOM
        first, second = places
        return f"diagonal({self._dense(inner)}, {first + 1}, {second + 1}, {inner.rank})", ATOM

    # Products ----------------------------------------------------------------------------------------------------

    def _times_sign(self, left: bool, right: bool) -> str:
        return " .* " if left and right else " * "

    def _over_sign(self, right: bool) -> str:
        return " ./ " if right else " / "

    def _raised(self, base: str, power: int, array: bool) -> str:
        return f"{base} .^ {power}" if array else f"{base}^{power}"

    def _joins(self, factor: Expression) -> bool:
        return factor.op != "outer"

    def _joined(self, written: str, sign: str, factor: str) -> str:
        """``a .* (1 ./ b)`` is ``a ./ b``."""
        bare = factor[1:-1] if _level(factor) == ATOM and re.fullmatch(r"\(1 .*\)", factor) else factor
        if match := re.match(r"1 (\./|/) ", bare):
            rest = bare[match.end() :]
            if _level(rest) >= UNARY:
                return f"{written} {match.group(1)} {rest}"
        return written + sign + factor

    def _write_matmul(self, value: Expression) -> Text:
        left, right = value.args
        mine, theirs = self._dense_text(left), self._dense_text(right)
        first = mine[0] if self._is_product(left) else held(mine, UNARY)
        return f"{first} * {held(theirs, UNARY)}", MATMUL

    def _is_product(self, value: Expression) -> bool:
        """Whether a value is written as a product of matrices, which may go on."""
        return value.op == "matmul" and value not in self._names

    def _write_inner(self, value: Expression) -> Text:
        left, right = value.args
        if left.rank == 1:
            mine, theirs = self._dense_text(left), self._dense_text(right)
            if mine[1] < ATOM <= theirs[1]:  # what has a name is transposed
                mine, theirs = theirs, mine
            return f"{self._transposed(mine)[0]} * {held(theirs, UNARY)}", MATMUL
        if left is right:
            product = f"{held(self._dense_text(left), ATOM)} .^ 2"
        else:
            product = f"{held(self.text(left), UNARY)} .* {held(self.text(right), UNARY)}"
        return self._total(product, left.rank), ATOM

    def _write_outer(self, value: Expression) -> Text:
        left, right = value.args
        row = self._transposed(self._dense_text(right))[0]
        if self._is_product(left):
            return f"{self.text(left)[0]} * {row}", MATMUL
        # A number before it multiplies the first vector.
        return f"{held(self._dense_text(left), UNARY)} * {row}", PRODUCT

    def _write_tensordot(self, value: Expression) -> Text:
        left, right = value.args
        axes: tuple[tuple[int, ...], tuple[int, ...]] = value.data  # type: ignore[assignment]
        mine = list(range(left.rank))
        theirs = list(range(left.rank, left.rank + right.rank))
        for one, other in zip(*axes, strict=True):
            theirs[other] = mine[one]
        summed = {mine[one] for one in axes[0]}
        kept = [letter for letter in (*mine, *theirs) if letter not in summed]
        return self._einsum(mine, theirs, kept, left=left, right=right)

    def _write_einsum(self, value: Expression) -> Text:
        subscripts: tuple[tuple[int, ...], ...] = value.data  # type: ignore[assignment]
        return self._einsum(*subscripts, left=value.args[0], right=value.args[1])

    def _einsum(
        self,
        first: Sequence[int],
        second: Sequence[int],
        result: Sequence[int],
        *,
        left: Expression,
        right: Expression,
    ) -> Text:
        parts = ("".join(ascii_lowercase[8:][letter] for letter in part) for part in (first, second, result))
        subscripts = "{},{}->{}".format(*parts)
        return f"einsum('{subscripts}', {self._dense(left)}, {self._dense(right)})", ATOM

    # Kernels -----------------------------------------------------------------------------------------------------

    def _write_call(self, value: Expression) -> Text:
        if value.data in _OF_FACTORS:
            factors, *others = value.args
            if factors not in self._names:  # they serve this value only
                (matrix,) = factors.args
                return super()._write_call(self._unfactored(value, matrix, others))
        return super()._write_call(value)

    def _unfactored(self, value: Expression, matrix: Expression, others: Sequence[Expression]) -> Expression:
        """What is computed from LU factors, from the matrix itself."""
        if value.data == "lu_solve_transposed":
            matrix = Expression("permute", (matrix,), matrix.sizes[::-1], (1, 0), matrix.id)
        name = _OF_FACTORS[str(value.data)]
        return Expression("call", (matrix, *others), value.sizes, name, value.id)

    def _template(self, value: Expression) -> str:
        text = super()._template(value)
        if value.data == "norm2" and value.args[0].rank > 2:
            return "norm(reshape({0}, [], 1))"
        if all(arg.rank <= 1 for arg in value.args):
            if value.rank == 0:
                text = text.replace(" .^ ", "^").replace(" ./ ", " / ")
            text = re.sub(r"reshape\(((?:\{\d\}|[ .*])+), \[\], 1\)", r"\1", text).replace(", 'fro')", ")")
        return text

    def _argument(self, value: Expression, place: int, text: str) -> str:
        arg = value.args[place]
        if value.data in _BROADCASTING and arg.op == "spread" and arg not in self._names:
            whole = any(other.op != "spread" and other.sizes == value.sizes for other in value.args)
            if whole and not arg.args[0].rank:
                return held(self.text(arg.args[0]), SUM if is_separate(text, place) else ATOM)
        if value.data == "vcat" and arg.rank == 1 and value.rank == 2:  # a row of the result
            return self._transposed(self._dense_text(arg))[0]
        if value.data in _BLOCKS and arg not in self._names and self._is_list(arg, str(value.data)):
            return self._dense(arg)[1:-1]  # [a, b; c, d] is one list
        written = super()._argument(value, place, text)
        raised = re.search(rf"\^ ?\{{{place}\}}", text) and written.endswith(
            "'"
        )  # a' binds no tighter than .^
        return f"({written})" if raised else written

    def _is_list(self, value: Expression, among: str) -> bool:
        """Whether a value is written as a list in brackets that may go on in a list of this kind."""
        if value.op == "spread":
            inner = value.args[0]
            return (
                among == "vcat"
                and value.data == (1,)
                and value.sizes[0] == 1
                and inner.data in _LISTS
                and (inner not in self._names)
            )
        return value.op == "call" and (value.data == among or (among == "vcat" and value.data == "hcat"))

    def _called(self, text: str) -> Text:
        return text, _level(text)


def _added(text: Text) -> str:
    """A text after what it is added to."""
    if text[0].startswith("-") and (text[1] == PRODUCT or text[0][1:].isalnum()):
        return f" - {text[0][1:]}"
    return f" + {held(text, SUM)}"


_STRING = re.compile(r"(?<![\w)\]'.])'[^']*'")


def _level(text: str) -> int:
    """How tightly a text holds together, from the signs in it that stand in no brackets."""
    bare = _STRING.sub("s", text)
    if bare.startswith("-"):
        return SUM
    depth, outside = 0, ""
    for letter in bare:
        depth -= letter in ")]"
        if not depth:
            outside += letter
        depth += letter in "(["
    if re.search(r" (\+|-|==) ", outside):
        return SUM
    if re.search(r" (\*|/|\\|\.\*|\./) ", outside):
        return MATMUL
    return UNARY if "^" in outside else ATOM
