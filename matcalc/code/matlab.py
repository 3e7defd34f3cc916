"""Statements in MATLAB text, which GNU Octave reads too."""

from __future__ import annotations

from fractions import Fraction

from matcalc.code.expression import Expression, Sizes
from matcalc.code.matlab_calls import MatlabCalls
from matcalc.code.products import Embedding
from matcalc.code.writing import ATOM, PRODUCT, SUM, Text, free_letters, held


class Matlab(MatlabCalls):
    """Writes statements: values with their names, and blocks written into places of arrays."""

    end = ";"

    def statements(self, name: str, value: Expression) -> list[str]:
        self._typed = None if self._has_arrays(value) else self._source(value)
        return super().statements(name, value)

    def result(self, name: str, value: Expression) -> str:
        self._typed = None if self._has_arrays(value) else self._source(value)
        return super().result(name, value)

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
            if block.op == "number" and isinstance(block.data, Fraction):
                text = self._number(coefficient * factor * block.data)
            else:
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


def _added(text: Text) -> str:
    """A text after what it is added to."""
    if text[0].startswith("-") and (text[1] == PRODUCT or text[0][1:].isalnum()):
        return f" - {text[0][1:]}"
    return f" + {held(text, SUM)}"
