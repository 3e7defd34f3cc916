"""Expressions as Python text, for NumPy, JAX and PyTorch."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from string import ascii_lowercase

from matcalc.code.expression import Expression
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
    is_one_call,
)
from matcalc.graph.node import Size
from matcalc.graph.sizes import separated

_MODULES = {"numpy": "np", "jax": "jnp", "torch": "torch"}


_FRESH = frozenset(["sum", "times", "matmul", "outer", "tensordot", "reduce"])  # never a view of an operand


class Python(Writer):
    """Writes expressions for one of the three libraries."""

    infinity = "math.inf"
    pi = "math.pi"

    def __init__(self, target: str, names: Mapping[Expression, str], sizes: Mapping[str, str]) -> None:
        super().__init__(target, names, sizes)
        self.module = _MODULES[target]
        self._axis = "dim" if target == "torch" else "axis"

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

    def result(self, name: str, value: Expression) -> str:
        return f"{name} = {self.text(value)[0]}"

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
            fresh = len(rest) > 1 or rest[0][0] != 1 or self._is_fresh(rest[0][1])
            copy = "" if fresh else {"numpy": ".copy()", "torch": ".clone()", "jax": ""}[self.target]
            start = held(self.text(rest[0][1]), ATOM) if copy else start
            lines = [f"{name} = {start}{copy}"]
        else:
            lines = [f"{name} = {self._zeros(shape, placed[0][1])}"]
        for place, (coefficient, term) in enumerate(placed):
            lines += self._placed(name, term, coefficient, bool(rest) or place > 0)
        return lines

    def _is_fresh(self, value: Expression) -> bool:
        """Whether an expression makes an array of its own, which may be written into."""
        return value not in self._names and value.op in _FRESH

    def _zeros(self, shape: str, like: Expression) -> str:
        source = self._source(like)
        if self.target == "torch":
            return f"{source}.new_zeros({shape})" if source else f"torch.zeros({shape})"
        return (
            f"{self.module}.zeros({shape}, dtype={source}.dtype)"
            if source
            else f"{self.module}.zeros({shape})"
        )

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
        letters = dict(
            zip(repeated, free_letters([*self._names.values(), *self._sizes.values()]), strict=False)
        )
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
        if block.op == "number" and isinstance(block.data, Fraction):
            return self._number(coefficient * block.data)[0]
        text = self.text(block)
        if order != list(range(block.rank)):
            text = self._permuted(text, block.rank, tuple(order))
        stands = [axes.index(embedding.own[place]) for place in order]
        if stands and stands != list(range(len(axes) - len(stands), len(axes))):
            text = self._with_axes(text, tuple(stands), len(axes))
        return text[0] if coefficient == 1 else self._multiple(coefficient, text)[0]

    # Expressions -------------------------------------------------------------------------------------------------

    def _dense(self, value: Expression, define: bool = False) -> str:
        """An expression as an array with all its axes."""
        if value.op != "spread" or (value in self._names and not define):
            return self.text(value, define)[0]
        inner = value.args[0]
        shape = self._shape(value.sizes)
        if inner.rank == 0:
            source = self._source(inner)
            if self.target == "torch":
                made = f"{source}.new_ones({shape})" if source else f"torch.ones({shape})"
                number = inner.data if inner.op == "number" else None
                return made if number == 1 else f"{held(self.text(inner), MATMUL)} * {made}"
            text = self.text(inner)[0]
            dtype = f", dtype={source}.dtype" if source else ""
            return f"{self.module}.full({shape}, {text}{dtype})"
        text = self._write_spread(value)[0]
        copied = {"numpy": ".copy()", "torch": ".clone()", "jax": ""}[self.target]
        return f"{self.module}.broadcast_to({text}, {shape}){copied}"

    def _times_sign(self, left: bool, right: bool) -> str:
        return " * "

    def _over_sign(self, right: bool) -> str:
        return " / "

    def _raised(self, base: str, power: int, array: bool) -> str:
        return f"{base}**{power}"

    def _called(self, text: str) -> Text:
        return text, ATOM if is_one_call(text) else SUM

    def _shape(self, sizes: tuple[Size, ...]) -> str:
        inner = ", ".join(map(self._size, sizes))
        return f"({inner},)" if len(sizes) == 1 else f"({inner})"

    def _write_selection(self, value: Expression) -> Text:
        """Columns of an identity, or all sums of two places."""
        places = str(value.data)
        if places == "+":
            whole, first, second = (self._arange(self._size(size), value) for size in value.sizes)
            equal = f"({whole}[:, None, None] == {first}[:, None] + {second})"
            return self._as_numbers(equal, value), ATOM
        lowest, _, highest = places.partition(":")
        columns = f":, {int(lowest) - 1}:{highest}" if value.rank == 2 else str(int(lowest) - 1)
        return f"{self._eye(value.sizes[0], value)}[{columns}]", ATOM

    def _as_numbers(self, text: str, like: Expression) -> str:
        source = self._source(like)
        if self.target == "torch":
            return f"{text}.to({source}.dtype)" if source else f"{text}.double()"
        return f"{text}.astype({source}.dtype)" if source else f"{text}.astype(float)"

    def _write_commutation(self, value: Expression) -> Text:
        rows, columns = map(self._size, separated(str(value.data)))
        order = f"{self._arange(f'{rows} * {columns}', value)}.reshape({columns}, {rows}).T.reshape(-1)"
        return f"{self._eye(value.sizes[0], value)}[{order}]", ATOM

    def _write_pairing(self, value: Expression) -> Text:
        whole, rows, columns = map(self._size, value.sizes)
        text = f"{self._eye(value.sizes[0], value)}.reshape({whole}, {columns}, {rows})"
        return f"{text}.swapaxes(1, 2)", ATOM

    def _write_lift(self, value: Expression) -> Text:
        """A vector as a matrix of one row (``data`` 0) or one column."""
        inner = held(self._dense_text(value.args[0]), ATOM)
        return f"{inner}[None]" if value.data == 0 else f"{inner}[:, None]", ATOM

    def _write_spread(self, value: Expression) -> Text:
        """A value that broadcasts to more axes."""
        places: tuple[int, ...] = value.data  # type: ignore[assignment]
        return self._with_axes(self.text(value.args[0]), places, value.rank)

    def _with_axes(self, text: Text, places: tuple[int, ...], rank: int) -> Text:
        if not places or places == tuple(range(rank - len(places), rank)):
            return text
        first = places[0]
        marks = [":" if place in places else "None" for place in range(first, rank)]
        return f"{held(text, ATOM)}[{', '.join(marks)}]", ATOM

    def _write_permute(self, value: Expression) -> Text:
        order: tuple[int, ...] = value.data  # type: ignore[assignment]
        return self._permuted(self._dense_text(value.args[0]), value.rank, order)

    def _permuted(self, text: Text, rank: int, order: tuple[int, ...]) -> Text:
        if rank == 2:
            return f"{held(text, ATOM)}.T", ATOM
        function = "permute" if self.target == "torch" else "transpose"
        return f"{self.module}.{function}({text[0]}, {order})", ATOM

    def _write_matmul(self, value: Expression) -> Text:
        left, right = value.args
        mine, theirs = self._operand(left), self._operand(right)
        first = mine[0] if mine[1] == MATMUL else held(mine, UNARY)
        return f"{first} @ {held(theirs, UNARY)}", MATMUL

    def _operand(self, value: Expression) -> Text:
        return (self._dense(value), ATOM) if value.op == "spread" else self.text(value)

    def _write_inner(self, value: Expression) -> Text:
        left, right = value.args
        if left.rank == 1:
            return self._write_matmul(value)
        if self.target == "torch":
            return f"torch.sum({held(self.text(left), PRODUCT)} * {held(self.text(right), UNARY)})", ATOM
        return f"{self.module}.vdot({self._dense(left)}, {self._dense(right)})", ATOM

    def _write_outer(self, value: Expression) -> Text:
        left, right = value.args
        return f"{self.module}.outer({self._dense(left)}, {self._dense(right)})", ATOM

    def _write_tensordot(self, value: Expression) -> Text:
        left, right = value.args
        axes: tuple[tuple[int, ...], ...] = value.data  # type: ignore[assignment]
        key = "dims" if self.target == "torch" else "axes"
        return f"{self.module}.tensordot({self._dense(left)}, {self._dense(right)}, {key}={axes})", ATOM

    def _write_reduce(self, value: Expression) -> Text:
        axes: tuple[int, ...] = value.data  # type: ignore[assignment]
        operand = value.args[0]
        if operand.op == "diagonal" and operand.args[0].rank == 2 and operand not in self._names:
            return f"{self.module}.trace({self._dense(operand.args[0])})", ATOM
        inner = self._dense(operand)
        if value.rank == 0:
            return f"{self.module}.sum({inner})", ATOM
        where = axes[0] if len(axes) == 1 else axes
        return f"{self.module}.sum({inner}, {self._axis}={where})", ATOM

    def _write_diagonal(self, value: Expression) -> Text:
        places: tuple[int, int] = value.data  # type: ignore[assignment]
        first, second = places
        inner = self._dense(value.args[0])
        if (first, second) == (0, 1):
            return f"{self.module}.diagonal({inner})", ATOM
        one, two = ("dim1", "dim2") if self.target == "torch" else ("axis1", "axis2")
        return f"{self.module}.diagonal({inner}, {one}={first}, {two}={second})", ATOM

    def _write_einsum(self, value: Expression) -> Text:
        subscripts: tuple[tuple[int, ...], ...] = value.data  # type: ignore[assignment]
        *inputs, output = ("".join(ascii_lowercase[8:][i] for i in part) for part in subscripts)
        args = ", ".join(self._dense(arg) for arg in value.args)
        return f'{self.module}.einsum("{",".join(inputs)}->{output}", {args})', ATOM

    def _write_embed(self, value: Expression) -> Text:
        """A diagonal matrix."""
        (block,) = value.args
        if block.rank:
            return f"{self.module}.diag({self._dense(block)})", ATOM
        eye = self._eye(value.sizes[0], value)
        if block.op == "number":
            assert isinstance(block.data, Fraction)
            return self._multiple(block.data, (eye, ATOM))
        return f"{held(self.text(block), MATMUL)} * {eye}", PRODUCT

    def _eye(self, size: Size, like: Expression) -> str:
        source = self._source(like)
        length = self._size(size)
        kind = f", dtype={source}.dtype" if source else ""
        if self.target == "torch" and source:
            kind += f", device={source}.device"
        return f"{self.module}.eye({length}{kind})"
