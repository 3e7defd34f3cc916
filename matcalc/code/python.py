"""Expressions as Python text, for NumPy, JAX and PyTorch."""

from __future__ import annotations

from string import ascii_lowercase

from matcalc.code.expression import Expression
from matcalc.code.places import Places
from matcalc.code.writing import (
    ATOM,
    MATMUL,
    OF_WHOLE_NUMBERS,
    PRODUCT,
    SUM,
    UNARY,
    Text,
    held,
    is_number,
    is_one_call,
)
from matcalc.graph.node import Size
from matcalc.graph.sizes import separated

_MODULES = {"numpy": "np", "jax": "jnp", "torch": "torch"}


class Python(Places):
    """Writes expressions for one of the three libraries."""

    infinity = "math.inf"
    pi = "math.pi"

    @property
    def module(self) -> str:
        """The library's name in the code."""
        return _MODULES[self.target]

    @property
    def writes_into_places(self) -> bool:
        """Whether arrays may be changed once they are made; those of JAX are not."""
        return self.target != "jax"

    # Expressions -------------------------------------------------------------------------------------------------

    def _dense(self, value: Expression, define: bool = False) -> str:
        """An expression as an array with all its axes."""
        if value.op != "spread" or (value in self._names and not define):
            return self.text(value, define)[0]
        inner = value.args[0]
        shape = self._shape(value.sizes)
        if inner.rank == 0:
            source = self._source(value)
            if self.target == "torch":
                if not is_number(inner):
                    return f"{held(self.text(inner), ATOM)}.expand({shape}).clone()"
                kind = f"dtype={source}.dtype, device={source}.device" if source else "dtype=torch.float64"
                return f"torch.full({shape}, {self.text(inner)[0]}, {kind})"
            text = self.text(inner)[0]
            dtype = f"{source}.dtype" if source else "float"
            return f"{self.module}.full({shape}, {text}, dtype={dtype})"
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

    def _write_call(self, value: Expression) -> Text:
        written = super()._write_call(value)
        if self.target == "numpy" and is_number(value, calls=True):
            return f"float({written[0]})", ATOM  # which takes the type of the arrays that it meets
        return written

    def _argument(self, value: Expression, place: int, text: str) -> str:
        written = super()._argument(value, place, text)
        operand = self._operand_of(value, place)
        if value.data in OF_WHOLE_NUMBERS or not is_number(operand):
            return written
        if self.target != "torch":
            return written if operand.op in ("number", "pi") else f"float({written})"
        source = self._source(value)  # its functions take no numbers
        return (
            f"{source}.new_tensor({written})" if source else f"torch.tensor({written}, dtype=torch.float64)"
        )

    def _write_matmul(self, value: Expression) -> Text:
        left, right = value.args
        if self.target == "jax" and left.op == "permute" and right.rank == 1 and left not in self._names:
            left, right = right, left.args[0]  # the compiler multiplies by a transpose entry by entry
        mine, theirs = self._operand(left), self._operand(right)
        if self.target == "jax" and _is_scaled_transpose(left) and left not in self._names:
            mine = f"jax.lax.optimization_barrier({mine[0]})", ATOM  # made as it lies in the product
        first = mine[0] if mine[1] == MATMUL else held(mine, UNARY)
        return f"{first} @ {held(theirs, UNARY)}", MATMUL

    def _operand(self, value: Expression) -> Text:
        return (self._dense(value), ATOM) if value.op == "spread" else self.text(value)

    def _write_inner(self, value: Expression) -> Text:
        left, right = value.args
        if left.rank == 1:
            return self._write_matmul(value)
        if self.target == "jax" and left is right:  # which its compiler adds up as it multiplies
            return f"jnp.sum({held(self.text(left), ATOM)}**2)", ATOM
        if self.target != "numpy":
            first = self.text(left)
            first_held = first[0] if first[1] == PRODUCT else held(first, UNARY)
            return f"{self.module}.sum({first_held} * {held(self.text(right), UNARY)})", ATOM
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
        return f"{self.module}.sum({inner}, {'dim' if self.target == 'torch' else 'axis'}={where})", ATOM

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

    def _eye(self, size: Size, like: Expression) -> str:
        source = self._source(like)
        length = self._size(size)
        kind = f", dtype={source}.dtype" if source else ""
        if self.target == "torch":
            kind = f"{kind}, device={source}.device" if source else ", dtype=torch.float64"
        return f"{self.module}.eye({length}{kind})"


def _is_scaled_transpose(value: Expression) -> bool:
    return value.op == "times" and value.rank == 2 and any(arg.op == "permute" for arg in value.args)
