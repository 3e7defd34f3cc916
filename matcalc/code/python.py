"""Expressions as Python text, for NumPy, JAX and PyTorch."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from string import ascii_lowercase

from matcalc.code.expression import Expression
from matcalc.code.kernels import template
from matcalc.code.products import Embedding
from matcalc.graph.node import Size
from matcalc.graph.sizes import separated, symbols

_SUM, _PRODUCT, _MATMUL, _UNARY, _ATOM = range(5)  # how tightly a text holds together
Text = tuple[str, int]

_LARGEST = 2**53  # whole numbers up to here are exact in floating point
_MODULES = {"numpy": "np", "jax": "jnp", "torch": "torch"}


class Python:
    """Writes expressions; values with a name are written by it."""

    def __init__(
        self,
        target: str,
        names: Mapping[Expression, str],
        sizes: Mapping[str, str],
        spare: Mapping[str, tuple[Size, ...]] | None = None,
    ) -> None:
        self.target = target
        self.module = _MODULES[target]
        self._names = names
        self._sizes = sizes  # how each symbolic size is written
        self._spare = spare or {}  # variables that no value is made of: name -> shape
        self.borrowed: dict[str, None] = {}  # those of them whose type new arrays have
        self._axis = "dim" if target == "torch" else "axis"
        self.needed: dict[Size, None] = {}  # sizes that were written
        self._placing: dict[str, str] = {}  # letters for places, as they stand

    # Statements --------------------------------------------------------------------------------------------------

    def statements(self, name: str, value: Expression) -> list[str]:
        """The lines that give a value its name."""
        if value.op == "embed" and value.rank > 2:
            return self._into_places(name, value.sizes, [(Fraction(1), value)], None)
        if value.op == "sum":
            coefficients: tuple[Fraction, ...] = value.data  # type: ignore[assignment]
            terms = list(zip(coefficients, value.args, strict=True))
            placed = [(c, term) for c, term in terms if term.op == "embed" and term not in self._names]
            if placed:
                rest = [(c, term) for c, term in terms if (c, term) not in placed]
                return self._into_places(name, value.sizes, placed, rest)
        return [f"{name} = {self._dense(value, define=True)}"]

    def _into_places(
        self,
        name: str,
        sizes: tuple[Size, ...],
        placed: list[tuple[Fraction, Expression]],
        rest: list[tuple[Fraction, Expression]] | None,
    ) -> list[str]:
        """Lines that write blocks into places of zeros, or add them to what else is added."""
        shape = self._shape(sizes)
        if rest and all(term.op == "spread" or not term.rank for _, term in rest):
            lines = [f"{name} = {self._zeros(shape, placed[0][1])} + {self._sum(rest)[0]}"]
        elif rest:
            start = self._sum(rest)[0]
            bare = len(rest) == 1 and rest[0][0] == 1 and (rest[0][1] in self._names)
            copy = (
                ""
                if not bare or self.target == "jax"
                else ".clone()"
                if self.target == "torch"
                else ".copy()"
            )
            lines = [f"{name} = {start}{copy}"]
        else:
            lines = [f"{name} = {self._zeros(shape, placed[0][1])}"]
        for place, (coefficient, term) in enumerate(placed):
            lines += self._placed(name, term, coefficient, bool(rest) or place > 0)
        return lines

    def _zeros(self, shape: str, like: Expression) -> str:
        source = self._source(like)
        if self.target == "torch":
            return f"{source}.new_zeros({shape})" if source else f"torch.zeros({shape})"
        return (
            f"{self.module}.zeros({shape}, dtype={source}.dtype)"
            if source
            else f"{self.module}.zeros({shape})"
        )

    def _source(self, value: Expression, sizes: tuple[Size, ...] = ()) -> str | None:
        """An array that is at hand, whose type and device those of a new one, of these ``sizes``, are."""
        stack = [value] if value.op == "variable" else list(value.args)
        while stack:
            inner = stack.pop()
            if inner in self._names and inner.rank:
                return self._names[inner]
            stack.extend(reversed(inner.args))
        found = next((name for v, name in self._names.items() if v.op == "variable" and v.rank), None)
        if found is None:
            wanted = {symbol for size in sizes or value.sizes for symbol in symbols(size)}
            found = next((name for name, shape in self._spare.items() if not wanted.isdisjoint(shape)), None)
            if found is not None:
                self.borrowed[found] = None
        return found

    def _placed(self, name: str, term: Expression, coefficient: Fraction, add: bool) -> list[str]:
        """The line that writes or adds a block where axes run together."""
        embedding = term.data
        assert isinstance(embedding, Embedding)
        pattern = embedding.pattern
        repeated = [index for index in dict.fromkeys(pattern) if pattern.count(index) > 1]
        lines = []
        subscripts = []
        places = [place for place, index in enumerate(pattern) if index in repeated]
        adjacent = places == list(range(places[0], places[-1] + 1))
        letters = dict(zip(repeated, _free_letters(self._names.values()), strict=False))
        for index in repeated:
            length = self._size(term.sizes[pattern.index(index)])
            line = f"{letters[index]} = {self._arange(length, term)}"
            if self._placing.get(letters[index]) != line:
                self._placing[letters[index]] = line
                lines.append(line)
        for index in pattern:
            if index not in repeated:
                subscripts.append(":")
            else:
                after = len(repeated) - 1 - repeated.index(index)
                subscripts.append(letters[index] + ("[:" + ", None" * after + "]" if after else ""))
        # The axes of the block: those that run together first (or where they all stand), then the others.
        others = [index for index in dict.fromkeys(pattern) if index not in repeated]
        before = [index for index in others if pattern.index(index) < places[0]] if adjacent else []
        axes = [*before, *repeated, *(index for index in others if index not in before)]
        block = self._block(term, embedding, axes, coefficient)
        where = f"{name}[{', '.join(subscripts)}]"
        if self.target == "jax":
            verb = "add" if add else "set"
            lines.append(f"{name} = {name}.at[{', '.join(subscripts)}].{verb}({block})")
        else:
            lines.append(f"{where} {'+=' if add else '='} {block}")
        return lines

    def _arange(self, length: str, like: Expression) -> str:
        if self.target == "torch":
            source = self._source(like)
            return f"torch.arange({length}, device={source}.device)" if source else f"torch.arange({length})"
        return f"{self.module}.arange({length})"

    def _block(self, term: Expression, embedding: Embedding, axes: list[int], coefficient: Fraction) -> str:
        (block,) = term.args
        order = sorted(range(block.rank), key=lambda place: axes.index(embedding.own[place]))
        text = self.text(block)
        if order != list(range(block.rank)):
            text = self._permuted(text, block.rank, tuple(order))
        held = [axes.index(embedding.own[place]) for place in order]
        if held and held != list(range(len(axes) - len(held), len(axes))):
            text = self._with_axes(text, tuple(held), len(axes))
        return text[0] if coefficient == 1 else self._multiple(coefficient, text)[0]

    # Expressions -------------------------------------------------------------------------------------------------

    def text(self, value: Expression, define: bool = False) -> Text:
        """An expression and how tightly it holds together; ``define`` writes out one that has a name."""
        name = self._names.get(value)
        if name is not None and not define:
            return name, _ATOM
        write = getattr(self, f"_write_{value.op}")
        text: Text = write(value)
        return text

    def _dense(self, value: Expression, define: bool = False) -> str:
        """An expression as an array with all its axes."""
        if value.op != "spread" or (value in self._names and not define):
            return self.text(value, define)[0]
        inner = value.args[0]
        shape = self._shape(value.sizes)
        if inner.rank == 0:
            source = self._source(inner, value.sizes)
            if self.target == "torch":
                made = f"{source}.new_ones({shape})" if source else f"torch.ones({shape})"
                number = inner.data if inner.op == "number" else None
                return made if number == 1 else f"{_held(self.text(inner), _MATMUL)} * {made}"
            text = self.text(inner)[0]
            dtype = f", dtype={source}.dtype" if source else ", dtype=float"
            return f"{self.module}.full({shape}, {text}{dtype})"
        text = self._write_spread(value)[0]
        copied = {"numpy": ".copy()", "torch": ".clone()", "jax": ""}[self.target]
        return f"{self.module}.broadcast_to({text}, {shape}){copied}"

    def _atom(self, value: Expression) -> str:
        return _held((self._dense(value), self.text(value)[1] if value.op != "spread" else _ATOM), _ATOM)

    def _write_number(self, value: Expression) -> Text:
        assert isinstance(value.data, Fraction)
        return number(value.data)

    def _write_pi(self, value: Expression) -> Text:
        return "math.pi", _ATOM

    def _write_size(self, value: Expression) -> Text:
        assert isinstance(value.data, (str, int))
        text = self._size(value.data)
        return text, _ATOM if text.isalnum() else _SUM

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

    def _shape(self, sizes: tuple[Size, ...]) -> str:
        inner = ", ".join(map(self._size, sizes))
        return f"({inner},)" if len(sizes) == 1 else f"({inner})"

    def _write_selection(self, value: Expression) -> Text:
        """Columns of an identity, or all sums of two places."""
        places = str(value.data)
        if places == "+":
            whole, first, second = (self._arange(self._size(size), value) for size in value.sizes)
            equal = f"({whole}[:, None, None] == {first}[:, None] + {second})"
            return self._as_numbers(equal, value), _ATOM
        lowest, _, highest = places.partition(":")
        columns = f":, {int(lowest) - 1}:{highest}" if value.rank == 2 else str(int(lowest) - 1)
        return f"{self._eye(value.sizes[0], value)}[{columns}]", _ATOM

    def _as_numbers(self, text: str, like: Expression) -> str:
        source = self._source(like)
        if self.target == "torch":
            return f"{text}.to({source}.dtype)" if source else f"{text}.double()"
        return f"{text}.astype({source}.dtype)" if source else f"{text}.astype(float)"

    def _write_commutation(self, value: Expression) -> Text:
        rows, columns = map(self._size, separated(str(value.data)))
        order = f"{self._arange(f'{rows} * {columns}', value)}.reshape({columns}, {rows}).T.reshape(-1)"
        return f"{self._eye(value.sizes[0], value)}[{order}]", _ATOM

    def _write_pairing(self, value: Expression) -> Text:
        whole, rows, columns = map(self._size, value.sizes)
        text = f"{self._eye(value.sizes[0], value)}.reshape({whole}, {columns}, {rows})"
        return f"{text}.swapaxes(1, 2)", _ATOM

    def _write_lift(self, value: Expression) -> Text:
        """A vector as a matrix of one row (``data`` 0) or one column."""
        inner = self._atom(value.args[0])
        return f"{inner}[None]" if value.data == 0 else f"{inner}[:, None]", _ATOM

    def _write_sum(self, value: Expression) -> Text:
        coefficients: tuple[Fraction, ...] = value.data  # type: ignore[assignment]
        return self._sum(list(zip(coefficients, value.args, strict=True)))

    def _sum(self, terms: list[tuple[Fraction, Expression]]) -> Text:
        text = ""
        for coefficient, term in terms:
            size = abs(coefficient)
            inner = term.args[0] if term.op == "spread" and not term.args[0].rank else term
            if inner.op == "number" and isinstance(inner.data, Fraction):
                written = number(size * inner.data)
            else:
                written = self.text(term)
                if size != 1:
                    written = self._multiple(size, written)
            sign = ("-" if coefficient < 0 else "") if not text else (" - " if coefficient < 0 else " + ")
            text += sign + _held(written, _SUM if sign in ("", " + ") else _PRODUCT)
        return text, _SUM

    def _multiple(self, coefficient: Fraction, text: Text) -> Text:
        if coefficient == 1:
            return text
        if coefficient == -1:
            return f"-{_held(text, _UNARY)}", _PRODUCT
        if coefficient.numerator == 1 and not _is_short(coefficient):
            return f"{_held(text, _UNARY)} / {coefficient.denominator}", _PRODUCT
        factor = text[0] if text[1] == _PRODUCT else _held(text, _UNARY)
        return f"{number(coefficient)[0]} * {factor}", _PRODUCT

    def _write_times(self, value: Expression) -> Text:
        powers: tuple[int, ...] = value.data  # type: ignore[assignment]
        above = [(arg, power) for arg, power in zip(value.args, powers, strict=True) if power > 0]
        below = [(arg, -power) for arg, power in zip(value.args, powers, strict=True) if power < 0]
        sign = ""
        if above and above[0][0].op == "number" and above[0][0] not in self._names:
            coefficient = above[0][0].data
            assert isinstance(coefficient, Fraction)
            if coefficient < 0:
                sign, coefficient = "-", -coefficient
            above = above[1:]
            if coefficient.numerator == 1 and not _is_short(coefficient) and above:
                text = self._product(above) + f" / {coefficient.denominator}"
            elif coefficient == 1 and above:
                text = self._product(above)
            else:
                text = " * ".join(filter(None, [number(coefficient)[0], self._product(above)]))
        else:
            text = self._product(above) or "1"
        for arg, power in below:
            text += f" / {self._power(arg, power)}"
        return sign + text, _PRODUCT

    def _product(self, factors: list[tuple[Expression, int]]) -> str:
        texts = []
        for place, (factor, power) in enumerate(factors):
            text = self.text(factor)
            first = place == 0 and power == 1 and text[1] == _PRODUCT and not text[0].startswith("-")
            inner = factor.op == "times" and factor.rank and power == 1 and not text[0].startswith("-")
            texts.append(text[0] if first or inner else self._power(factor, power))
        return " * ".join(texts)

    def _power(self, value: Expression, power: int) -> str:
        if power == 1:
            return _held(self.text(value), _UNARY)
        return f"{_held(self.text(value), _ATOM)}**{power}"

    def _write_spread(self, value: Expression) -> Text:
        """A value that broadcasts to more axes."""
        places: tuple[int, ...] = value.data  # type: ignore[assignment]
        return self._with_axes(self.text(value.args[0]), places, value.rank)

    def _with_axes(self, text: Text, places: tuple[int, ...], rank: int) -> Text:
        if not places or places == tuple(range(rank - len(places), rank)):
            return text
        first = places[0]
        marks = [":" if place in places else "None" for place in range(first, rank)]
        return f"{_held(text, _ATOM)}[{', '.join(marks)}]", _ATOM

    def _write_permute(self, value: Expression) -> Text:
        order: tuple[int, ...] = value.data  # type: ignore[assignment]
        return self._permuted((self._dense(value.args[0]), self.text(value.args[0])[1]), value.rank, order)

    def _permuted(self, text: Text, rank: int, order: tuple[int, ...]) -> Text:
        if rank == 2:
            return f"{_held(text, _ATOM)}.T", _ATOM
        function = "permute" if self.target == "torch" else "transpose"
        return f"{self.module}.{function}({text[0]}, {order})", _ATOM

    def _write_matmul(self, value: Expression) -> Text:
        left, right = value.args
        mine, theirs = self._operand(left), self._operand(right)
        first = mine[0] if mine[1] == _MATMUL else _held(mine, _UNARY)
        return f"{first} @ {_held(theirs, _UNARY)}", _MATMUL

    def _operand(self, value: Expression) -> Text:
        return (self._dense(value), _ATOM) if value.op == "spread" else self.text(value)

    def _write_inner(self, value: Expression) -> Text:
        left, right = value.args
        if left.rank == 1:
            return self._write_matmul(value)
        if self.target == "torch":
            return f"torch.sum({_held(self.text(left), _PRODUCT)} * {_held(self.text(right), _UNARY)})", _ATOM
        return f"{self.module}.vdot({self._dense(left)}, {self._dense(right)})", _ATOM

    def _write_outer(self, value: Expression) -> Text:
        left, right = value.args
        return f"{self.module}.outer({self._dense(left)}, {self._dense(right)})", _ATOM

    def _write_tensordot(self, value: Expression) -> Text:
        left, right = value.args
        axes: tuple[tuple[int, ...], ...] = value.data  # type: ignore[assignment]
        key = "dims" if self.target == "torch" else "axes"
        return f"{self.module}.tensordot({self._dense(left)}, {self._dense(right)}, {key}={axes})", _ATOM

    def _write_reduce(self, value: Expression) -> Text:
        axes: tuple[int, ...] = value.data  # type: ignore[assignment]
        operand = value.args[0]
        if operand.op == "diagonal" and operand.args[0].rank == 2 and operand not in self._names:
            return f"{self.module}.trace({self._dense(operand.args[0])})", _ATOM
        inner = self._dense(operand)
        if value.rank == 0:
            return f"{self.module}.sum({inner})", _ATOM
        where = axes[0] if len(axes) == 1 else axes
        return f"{self.module}.sum({inner}, {self._axis}={where})", _ATOM

    def _write_diagonal(self, value: Expression) -> Text:
        places: tuple[int, int] = value.data  # type: ignore[assignment]
        first, second = places
        inner = self._dense(value.args[0])
        if (first, second) == (0, 1):
            return f"{self.module}.diagonal({inner})", _ATOM
        one, two = ("dim1", "dim2") if self.target == "torch" else ("axis1", "axis2")
        return f"{self.module}.diagonal({inner}, {one}={first}, {two}={second})", _ATOM

    def _write_einsum(self, value: Expression) -> Text:
        subscripts: tuple[tuple[int, ...], ...] = value.data  # type: ignore[assignment]
        *inputs, output = ("".join(ascii_lowercase[8:][i] for i in part) for part in subscripts)
        args = ", ".join(self._dense(arg) for arg in value.args)
        return f'{self.module}.einsum("{",".join(inputs)}->{output}", {args})', _ATOM

    def _write_call(self, value: Expression) -> Text:
        text = template(str(value.data), None, self.target)
        assert text is not None
        sizes = [
            self._size(size) if f"{{{letter}}}" in text else ""
            for letter, size in zip("mn", value.sizes, strict=False)
        ]
        sized = dict(zip("mn", sizes, strict=False))
        bare = [_is_separate(text, place) for place in range(len(value.args))]
        args = [
            self._dense(arg) if alone else self._atom(arg)
            for arg, alone in zip(value.args, bare, strict=True)
        ]
        written = text.format(*args, **sized)
        return written, _ATOM if _is_one_call(written) else _SUM

    def _write_embed(self, value: Expression) -> Text:
        """A diagonal matrix."""
        (block,) = value.args
        if block.rank:
            return f"{self.module}.diag({self._dense(block)})", _ATOM
        eye = self._eye(value.sizes[0], value)
        if block.op == "number":
            assert isinstance(block.data, Fraction)
            return self._multiple(block.data, (eye, _ATOM))
        return f"{_held(self.text(block), _MATMUL)} * {eye}", _PRODUCT

    def _eye(self, size: Size, like: Expression) -> str:
        source = self._source(like)
        length = self._size(size)
        kind = f", dtype={source}.dtype" if source else ""
        if self.target == "torch" and source:
            kind += f", device={source}.device"
        return f"{self.module}.eye({length}{kind})"


def number(value: Fraction) -> Text:
    """A number that Python reads exactly, where it is short enough, or as a quotient."""
    if value < 0:
        text, _ = number(-value)
        return f"-{text}", _SUM
    if max(value.numerator, value.denominator) > _LARGEST:
        return _decimal(value), _ATOM
    if value.denominator == 1:
        return str(value.numerator), _ATOM
    if _is_short(value):
        return repr(float(value)), _ATOM
    return f"{value.numerator} / {value.denominator}", _PRODUCT


def _decimal(value: Fraction) -> str:
    """The nearest floating point number."""
    try:
        return repr(float(value))
    except OverflowError:
        return "math.inf"


def _is_short(value: Fraction) -> bool:
    """Whether a fraction is a decimal of few digits."""
    return value.denominator in (1, 2, 4, 5, 8, 10, 20, 25, 40, 50, 100, 1000, 10000, 10**6, 10**8, 10**9)


def _held(text: Text, level: int) -> str:
    """The text, in brackets where it holds together less than what stands around it."""
    return text[0] if text[1] >= level else f"({text[0]})"


def _is_separate(template: str, place: int) -> bool:
    """Whether an operand of a template is always an argument by itself, which needs no brackets."""
    mark = f"{{{place}}}"
    parts = template.split(mark)
    return all(before.endswith(("(", ", ", "[")) for before in parts[:-1]) and all(
        after.startswith((")", ",", "]")) for after in parts[1:]
    )


def _is_one_call(text: str) -> bool:
    """Whether a text is a call of a function and nothing after it."""
    if not re.match(r"[\w.]+\(", text):
        return False
    depth = 0
    for place, letter in enumerate(text):
        depth += (letter in "([") - (letter in ")]")
        if depth == 0 and letter == ")":
            return place == len(text) - 1
    return False


def _free_letters(taken: object) -> list[str]:
    used = set(taken)  # type: ignore[call-overload]
    return [letter for letter in ("i", "j", "k", "l", "i1", "j1", "k1", "l1") if letter not in used]
