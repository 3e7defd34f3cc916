"""Arrays that are zero but where axes run together: how NumPy, JAX and PyTorch write them.

NumPy and PyTorch write a block into its places, which copies nothing else; JAX, whose arrays don't change, chooses between
the block and zero, which its compiler joins with what stands around.
"""

from __future__ import annotations

from fractions import Fraction

from matcalc.code.expression import Expression
from matcalc.code.products import Embedding
from matcalc.code.writing import ATOM, MATMUL, PRODUCT, Text, Writer, free_letters, held
from matcalc.graph.node import Size

_NEW = frozenset(["sum", "times", "matmul", "outer", "tensordot", "reduce"])  # never a view of an operand
_AXES = "ijklpqrstuvwabcdefgh"


class Places(Writer):
    """Writes embeddings; the other expressions are the language's."""

    @property
    def module(self) -> str:
        """The library's name in the code."""
        raise NotImplementedError

    def _into_places(
        self,
        name: str,
        sizes: tuple[Size, ...],
        placed: list[tuple[Fraction, Expression]],
        rest: list[tuple[Fraction, Expression]],
    ) -> list[str]:
        if not rest:
            start = self._zeros(sizes, placed[0][1])
        elif all(term.op == "spread" or not term.rank for _, term in rest):
            start = f"{self._zeros(sizes, placed[0][1])} + {self._sum(rest)[0]}"
        elif len(rest) == 1 and rest[0][0] == 1 and not self._is_fresh(rest[0][1]):
            copied = ".clone()" if self.target == "torch" else ".copy()"
            start = held(self.text(rest[0][1]), ATOM) + copied
        else:
            start = self._sum(rest)[0]
        lines = [f"{name} = {start}"]
        for place, (coefficient, term) in enumerate(placed):
            write = self._in_numpy if self.target == "numpy" else self._in_torch
            lines += write(name, term, coefficient, bool(rest) or place > 0)
        return lines

    def _is_fresh(self, value: Expression) -> bool:
        """Whether an expression makes an array of its own, which may be written into."""
        return value not in self._names and value.op in _NEW

    def _zeros(self, sizes: tuple[Size, ...], like: Expression) -> str:
        shape = self._shape(sizes)
        source = self._source(like)
        if self.target == "torch":
            return f"{source}.new_zeros({shape})" if source else f"torch.zeros({shape}, dtype=torch.float64)"
        kind = f", dtype={source}.dtype" if source else ""
        return f"np.zeros({shape}{kind})"

    def _in_numpy(self, name: str, term: Expression, coefficient: Fraction, add: bool) -> list[str]:
        """The line that writes a block through a view of its places."""
        embedding = _embedding(term)
        distinct = list(dict.fromkeys(embedding.pattern))
        if term.rank == 2:
            where = f"{name}.flat[:: {self._size(term.sizes[0])} + 1]"
            return [where + self._assigned(term, distinct, coefficient, add)]
        letters = dict(zip(distinct, _AXES, strict=False))
        whole = "".join(letters[index] for index in embedding.pattern)
        view = f'np.einsum("{whole}->{"".join(letters.values())}", {name})'
        return [f"{view}[...]" + self._assigned(term, distinct, coefficient, add)]

    def _assigned(self, term: Expression, axes: list[int], coefficient: Fraction, add: bool) -> str:
        """What gives places the values of a block, or adds them to those that are there."""
        text, level = self._block(term, axes, abs(coefficient) if add else coefficient)
        minus = add and coefficient < 0
        if add and text.startswith("-") and (level == PRODUCT or text[1:].replace(".", "").isdigit()):
            text, minus = text[1:], not minus
        return f" {'-=' if minus else '+=' if add else '='} {text}"

    def _in_torch(self, name: str, term: Expression, coefficient: Fraction, add: bool) -> list[str]:
        """The lines that write a block by indices."""
        pattern = _embedding(term).pattern
        repeated = [index for index in dict.fromkeys(pattern) if pattern.count(index) > 1]
        letters = dict(
            zip(repeated, free_letters([*self._names.values(), *self._sizes.values()]), strict=False)
        )
        lines = []
        for index in repeated:
            length = self._size(term.sizes[pattern.index(index)])
            if self._placing.get(letters[index]) != length:
                self._placing[letters[index]] = length
                lines.append(f"{letters[index]} = {self._arange(length, term)}")
        subscripts = []
        for index in pattern:
            after = len(repeated) - 1 - repeated.index(index) if index in repeated else 0
            subscripts.append(
                (letters[index] + ("[:" + ", None" * after + "]" if after else ""))
                if index in repeated
                else ":"
            )
        # The axes that run together come first, or stand where they all stand together.
        places = [place for place, index in enumerate(pattern) if index in repeated]
        others = [index for index in dict.fromkeys(pattern) if index not in repeated]
        adjacent = places == list(range(places[0], places[-1] + 1))
        before = [index for index in others if pattern.index(index) < places[0]] if adjacent else []
        axes = [*before, *repeated, *(index for index in others if index not in before)]
        return [*lines, f"{name}[{', '.join(subscripts)}]" + self._assigned(term, axes, coefficient, add)]

    def _arange(self, length: str, like: Expression) -> str:
        source = self._source(like) if self.target == "torch" else None
        return f"{self.module}.arange({length}{f', device={source}.device' if source else ''})"

    def _block(self, term: Expression, axes: list[int], coefficient: Fraction = Fraction(1)) -> Text:
        """The block with its axes among ``axes``, in their order."""
        own = _embedding(term).own
        (block,) = term.args
        if block.op == "number" and isinstance(block.data, Fraction):
            return self._number(coefficient * block.data)
        order = sorted(range(block.rank), key=lambda place: axes.index(own[place]))
        text = self.text(block)
        if order != list(range(block.rank)):
            text = self._permuted(text, block.rank, tuple(order))
        stands = tuple(axes.index(own[place]) for place in order)
        text = self._with_axes(text, stands, len(axes))
        return self._multiple(coefficient, text)

    def _write_embed(self, value: Expression) -> Text:
        """A diagonal matrix; in JAX any array with a block in its places."""
        (block,) = value.args
        if value.rank > 2:
            return self._chosen(value), ATOM
        if block.rank:
            return f"{self.module}.diag({self._dense(block)})", ATOM
        eye = self._eye(value.sizes[0], value)
        if block.op == "number":
            assert isinstance(block.data, Fraction)
            return self._multiple(block.data, (eye, ATOM))
        return f"{held(self.text(block), MATMUL)} * {eye}", PRODUCT

    def _chosen(self, value: Expression) -> str:
        """The block where the axes are at the same place, else zero."""
        embedding = _embedding(value)
        first = {index: embedding.pattern.index(index) for index in embedding.pattern}
        masks = []
        for place, index in enumerate(embedding.pattern):
            if first[index] != place:
                eye = f"jnp.eye({self._size(value.sizes[place])}, dtype=bool)"
                masks.append(self._with_axes((eye, ATOM), (first[index], place), value.rank)[0])
        axes = [index if first[index] == place else -1 for place, index in enumerate(embedding.pattern)]
        zero = "0"
        if not value.args[0].rank:
            source = self._source(value)
            zero = f"jnp.zeros((), {source}.dtype)" if source else "0.0"
        chosen = f"jnp.where({' & '.join(masks)}, {self._block(value, axes)[0]}, {zero})"
        covered = {
            place for place, index in enumerate(embedding.pattern) if embedding.pattern.count(index) > 1
        }
        covered |= {first[index] for index in embedding.own}
        if len(covered) == value.rank:
            return chosen
        return f"jnp.broadcast_to({chosen}, {self._shape(value.sizes)})"

    # What a language says ----------------------------------------------------------------------------------------

    def _shape(self, sizes: tuple[Size, ...]) -> str:
        raise NotImplementedError

    def _permuted(self, text: Text, rank: int, order: tuple[int, ...]) -> Text:
        raise NotImplementedError

    def _with_axes(self, text: Text, places: tuple[int, ...], rank: int) -> Text:
        raise NotImplementedError

    def _eye(self, size: Size, like: Expression) -> str:
        raise NotImplementedError


def _embedding(value: Expression) -> Embedding:
    assert isinstance(value.data, Embedding)
    return value.data
