"""Arrays in MATLAB text, which GNU Octave reads too: constants, axes and products.

A vector is a matrix of one column, an array of more axes loses the last ones where they have size 1; so whatever moves
axes says which ones.  Operands of entrywise operations broadcast (MATLAB since R2016b).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from fractions import Fraction
from string import ascii_lowercase

from matcalc.code.expression import Expression, Sizes
from matcalc.code.writing import (
    ATOM,
    MATMUL,
    PRODUCT,
    SUM,
    UNARY,
    Text,
    Writer,
    held,
)
from matcalc.graph.node import Size
from matcalc.graph.sizes import separated


class MatlabArrays(Writer):
    """Writes what moves, fills and multiplies arrays."""

    infinity = "Inf"
    pi = "pi"
    _typed: str | None = None  # the array whose class a constant gets

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
        return (text, level(text)) if value.op == "spread" else (text, self.text(value)[1])

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
        bare = factor[1:-1] if level(factor) == ATOM and re.fullmatch(r"\(1 .*\)", factor) else factor
        if match := re.match(r"1 (\./|/) ", bare):
            rest = bare[match.end() :]
            if level(rest) >= UNARY:
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


_STRING = re.compile(r"(?<![\w)\]'.])'[^']*'")


def level(text: str) -> int:
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
