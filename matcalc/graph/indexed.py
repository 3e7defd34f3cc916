"""Values with named indices: what ``xᵢ``, ``A[i,k]B[k,j]`` and ``Σᵢ …`` mean, built out of contractions.

A value such as ``xᵢ``, the i-th row of X, has the index axis i and own axes, those of a column vector.  Elementwise
operations align the indices of their operands, products contract own axes and keep the indices, a sum takes an index
away.  (Laue, Mitterreiter & Giesen, 2020: every such product is one Einstein sum.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from matcalc.errors import ShapeProblem
from matcalc.graph.axes import Axis, DraftShape, words
from matcalc.graph.draft import Draft
from matcalc.graph.named import (
    Indexed,
    Mark,
    Names,
    is_scalar,
    names_of,
    own_of,
    present,
    written,
)
from matcalc.graph.node import Data
from matcalc.graph.subscripts import Subscripts
from matcalc.language.indexing import ROW

if TYPE_CHECKING:
    from matcalc.graph.operators import Operators


class Indexing:
    """Reads calls on values with indices, for one text."""

    def __init__(self, operators: Operators) -> None:
        self.operators = operators
        self.drafting = operators.drafting
        self.axes: dict[str, Axis] = {}  # index -> the axis that it runs over
        self._shifts: list[tuple[Axis, Axis, Axis, ShapeProblem]] = []  # of x[i+p]: those of x, i and p

    def axis(self, index: str) -> Axis:
        """The axis of an index."""
        return self.axes.setdefault(index, Axis())

    def forget_free(self) -> None:
        """Free indices belong to one formula or definition."""
        for index in [index for index in self.axes if "#" not in index]:
            del self.axes[index]

    # Making drafts ---------------------------------------------------------------------------------------------

    def _contract(
        self,
        parts: Sequence[tuple[Draft, Sequence[object]]],
        names: Names,
        own: Sequence[object],
        form: DraftShape,
    ) -> Draft:
        """The contraction of drafts with these subscripts to a value with indices and own axes, of shape ``form``."""
        if len(parts) == 1 and tuple(parts[0][1]) == (*names, *own):
            draft = parts[0][0]
            return Indexed(draft, names, form) if names else draft
        draft = self.drafting.make(
            "contract",
            [part for part, _ in parts],
            self._shape(names, form),
            Subscripts.of([tuple(subscripts) for _, subscripts in parts], (*names, *own)),
        )
        return Indexed(draft, names, form) if names else draft

    def _shape(self, names: Names, own: DraftShape) -> DraftShape:
        if not names:
            return own
        axes = (*(self.axis(name) for name in names), *present(own))
        return (*axes, None, None)[: max(2, len(axes))]

    def _subscripts(self, value: Draft, *own: object) -> tuple[object, ...]:
        return (*names_of(value), *own)

    def _labels(self, value: Draft) -> tuple[int, ...]:
        """The own axes of a value, as subscripts."""
        return tuple(place for place, axis in enumerate(own_of(value)) if axis is not None)

    def _union(self, values: Sequence[Draft]) -> Names:
        return tuple(sorted({name for value in values for name in names_of(value)}))

    def _aligned(self, values: Sequence[Draft]) -> tuple[list[Draft], Names, DraftShape]:
        """Values with the same indices and own shape; scalars go to every entry."""
        names = self._union(values)
        own = next((own_of(value) for value in values if not is_scalar(own_of(value))), (None, None))
        for value in values:
            self._join_own(values, own, value)
        return [self._spread(value, names, own) for value in values], names, own

    def _join_own(self, values: Sequence[Draft], own: DraftShape, value: Draft) -> None:
        mine = own_of(value)
        if is_scalar(mine):
            return
        left, right = self._view(values[0]), self._view(value)
        if len(mine) != len(own):
            raise self.drafting.problem(self.drafting.mismatch(left, right))
        for a, b in zip(own, mine, strict=True):
            if (a is None) != (b is None) or (a and b and not a.join(b)):
                raise self.drafting.problem(self.drafting.mismatch(left, right))

    def _view(self, value: Draft) -> Draft:
        """A value at one index, for messages."""
        return Draft("variable", (), own_of(value)).placed(value.start, value.end)

    def _spread(self, value: Draft, names: Names, own: DraftShape) -> Draft:
        """A value as an array over all of ``names`` and of this own shape."""
        if names_of(value) == names and (own_of(value) == own or not is_scalar(own_of(value))):
            return value
        shape = self._shape(names, own)
        if value in self.drafting.greek and not is_scalar(own) and value.data != "eps":
            source = self.drafting.source(value)
            self.drafting.note(
                f"{source} was read as a scalar that every entry gets; declare {source} if it is an array"
            )
        if not names_of(value) and is_scalar(own_of(value)):
            return self.drafting.fill(value, shape).placed(value.start, value.end)
        own_labels = tuple(place for place, axis in enumerate(own) if axis is not None)
        part = (value, self._subscripts(value, *self._labels(value)))
        return self._contract([part], names, own_labels, own).placed(value.start, value.end)

    def _entrywise(self, operation: Callable[..., Draft], values: Sequence[Draft]) -> Draft:
        """An elementwise operation on aligned values."""
        aligned, names, own = self._aligned(values)
        noted = len(self.drafting.notes)
        draft = operation(*aligned)
        del self.drafting.notes[noted:]
        return Indexed(draft, names, own) if names else draft

    # Calls -----------------------------------------------------------------------------------------------------

    def call(self, function: str, args: Sequence[Draft]) -> Draft:
        """An operator or a function of values of which one has indices or is a tensor."""
        operators = self.operators
        function = _ALIASES.get(function, function)
        if any(isinstance(arg, Mark) for arg in args) and function not in ("entry", "sum over"):
            raise self.drafting.problem("an index has no value of its own")
        if function == "entry":
            return self._entry(args[0], args[1:])
        if function == "sum over":
            return self._sum_over(args[0], [str(mark.data) for mark in args[1:]])
        if function in ("add", "sub", "hadamard", "eldivide"):
            if function == "hadamard":
                return self._hadamard(*args)
            return self._entrywise(getattr(operators, function), args)
        if _OWN.get(function) == len(args):
            return getattr(self, f"_{function}")(*args)  # type: ignore[no-any-return]
        candidates = [
            op for op in operators.operations.by_reading.get(function, ()) if len(op.takes) == len(args)
        ]
        if any(operation.elementwise for operation in candidates):
            return self._entrywise(lambda *aligned: operators.apply(function, aligned), args)
        rows = self._of_rows(function, args)
        if rows is not None:
            return rows
        raise self.drafting.problem(self._refusal(function, args))

    def _of_rows(self, function: str, args: Sequence[Draft]) -> Draft | None:
        """A function of the vectors at each of one index: of the rows of the matrix that they are."""
        (value, *more), reading = args, f"{function} rows"
        own = own_of(value)
        if more or len(names_of(value)) != 1 or reading not in self.operators.operations.by_reading:
            return None
        if len(own) > 2 or own[0] is None or own[1] is not None:
            return None
        matrix = Draft(value.op, value.args, value.shape, value.data, value.node)
        result = self.operators.apply(reading, [matrix.placed(value.start, value.end)])
        return Indexed(result, names_of(value), (result.shape[1], None))

    def _refusal(self, function: str, args: Sequence[Draft]) -> str:
        value = next(arg for arg in args if names_of(arg) or len(arg.shape) > 2)
        source = self.drafting.source(value)
        if any(name.endswith("#0") for name in names_of(value)):  # of a batch
            return f"{function} of {source}, which differs from sample to sample, is not supported"
        if names_of(value):
            indices = ", ".join(written(name) for name in names_of(value))
            return f"{function} of {source}, which depends on the index {indices}, is not supported"
        return f"{function} of the tensor {source} ({words(value.shape)}) is not supported; write it with indices"

    def _neg(self, value: Draft) -> Draft:
        return self._entrywise(self.operators.neg, [value])

    def _mul(self, left: Draft, right: Draft) -> Draft:
        """A product: own axes as for matrices, and the indices of both stay."""
        x, y = own_of(left), own_of(right)
        for scalar, value in ((left, right), (right, left)):
            if not names_of(scalar) and is_scalar(own_of(scalar)):
                draft = self.drafting.make("scale", (scalar, value), value.shape)
                return Indexed(draft, names_of(value), own_of(value)) if names_of(value) else draft
        if is_scalar(x) or is_scalar(y):
            return self._hadamard(left, right)
        if len(x) > 2 or len(y) > 2:
            raise self.drafting.problem("a product of tensors is written with indices: Σ_k T[i,j,k] x[k]")
        if (x[1] is None) != (y[0] is None) or (x[1] and y[0] and not x[1].join(y[0])):
            raise self.drafting.problem(self.operators._product_problem(self._view(left), self._view(right)))
        shared = "inner"
        mine = [label for label, axis in (("rows", x[0]), (shared, x[1])) if axis is not None]
        theirs = [label for label, axis in ((shared, y[0]), ("columns", y[1])) if axis is not None]
        own = [label for label in (*mine, *theirs) if label != shared]
        parts = [(left, self._subscripts(left, *mine)), (right, self._subscripts(right, *theirs))]
        return self._contract(parts, self._union([left, right]), own, (x[0], y[1]))

    def _hadamard(self, left: Draft, right: Draft) -> Draft:
        own = own_of(right) if is_scalar(own_of(left)) else own_of(left)
        self._join_own([left, right], own, right)
        parts = [(value, self._subscripts(value, *self._labels(value))) for value in (left, right)]
        labels = tuple(place for place, axis in enumerate(own) if axis is not None)
        return self._contract(parts, self._union([left, right]), labels, own)

    def _divide(self, left: Draft, right: Draft) -> Draft:
        if right.is_scalar and not names_of(right):
            return self._entrywise(lambda value: self.operators.divide(value, right), [left])
        if not is_scalar(own_of(right)):
            source = self.drafting.source(right)
            raise self.drafting.problem(
                f"{source} is no scalar ({words(own_of(right))}); write ⊘ for the elementwise quotient"
            )
        return self._entrywise(self.operators.eldivide, [left, right])

    def _power(self, base: Draft, exponent: Draft) -> Draft:
        own = own_of(base)
        if _is_norm(base) and exponent.constant == 2:
            squared = base.args[0]
            return Indexed(squared, names_of(base), own) if names_of(base) else squared
        if len(own) > 2 or (own[0] is not None and own[1] is not None):
            source = self.drafting.source(base)
            raise self.drafting.problem(
                f"{source} is {words(own)}; write {source}.^p for the elementwise power"
            )
        return self._elpower(base, exponent)

    def _elpower(self, base: Draft, exponent: Draft) -> Draft:
        if exponent.is_scalar and not names_of(exponent):
            return self._entrywise(lambda value: self.operators.elpower(value, exponent), [base])
        return self._entrywise(self.operators.elpower, [base, exponent])

    def _transpose(self, value: Draft) -> Draft:
        own = own_of(value)
        if len(own) > 2:
            raise self.drafting.problem("a tensor has no transpose; write its entries with indices: T[j,i,k]")
        if not isinstance(value, Indexed):
            return self.operators.transpose(value)
        if own[0] is None or own[1] is None:
            return Indexed(value, value.names, (own[1], own[0]))
        part = (value, self._subscripts(value, 0, 1))
        return self._contract([part], value.names, (1, 0), (own[1], own[0]))

    # Functions of the own axes ---------------------------------------------------------------------------------

    def _kept(self, value: Draft) -> Names:
        """The indices over which a function of all entries is not taken: of single entries A[i,j] those of sums."""
        names = names_of(value)
        if not is_scalar(own_of(value)):
            return names
        return tuple(name for name in names if "#" in name)

    def _sum(self, value: Draft) -> Draft:
        kept = self._kept(value)
        if is_scalar(own_of(value)) and kept == names_of(value):
            return value
        return self._contract(
            [(value, self._subscripts(value, *self._labels(value)))], kept, (), (None, None)
        )

    def _dot(self, left: Draft, right: Draft) -> Draft:
        """The inner product of own axes, at each of the indices of both."""
        if is_scalar(own_of(left)) != is_scalar(own_of(right)):
            raise self.drafting.problem(self.drafting.mismatch(self._view(left), self._view(right)))
        return self._sum(self._hadamard(left, right))

    def _outer(self, left: Draft, right: Draft) -> Draft:
        """The outer product abᵀ of two vectors, at each of the indices of both."""
        for value in (left, right):
            own = own_of(value)
            if len(own) > 2 or own[0] is None or own[1] is not None:
                raise self.drafting.problem(f"outer takes two vectors, not {words(own)}")
        return self._mul(left, self._transpose(right))

    def _norm2(self, value: Draft) -> Draft:
        kept = self._kept(value)
        subscripts = self._subscripts(value, *self._labels(value))
        square = self._contract([(value, subscripts)] * 2, kept, (), (None, None))
        return self._entrywise(lambda each: self.operators.apply("sqrt", [each]), [square])

    def _norm1(self, value: Draft) -> Draft:
        return self._sum(self._entrywise(lambda each: self.operators.apply("abs", [each]), [value]))

    def _tr(self, value: Draft) -> Draft:
        own = own_of(value)
        if is_scalar(own):
            return value
        if len(own) > 2 or own[0] is None or own[1] is None or not own[0].join(own[1]):
            source = self.drafting.source(value)
            raise self.drafting.problem(f"tr takes a square matrix; {source} is {words(own)}")
        return self._contract([(value, self._subscripts(value, 0, 0))], names_of(value), (), (None, None))

    def _diag(self, value: Draft) -> Draft:
        own = own_of(value)
        axis = own[0]
        if len(own) == 2 and axis is not None and own[1] is None:
            identity = self.drafting.leaf("identity", (axis, axis))
            parts = [(value, self._subscripts(value, 0)), (identity, (0, 1))]
            return self._contract(parts, names_of(value), (0, 1), (axis, axis))
        if len(own) == 2 and axis is not None and own[1] is not None and axis.join(own[1]):
            return self._contract(
                [(value, self._subscripts(value, 0, 0))], names_of(value), (0,), (axis, None)
            )
        raise self.drafting.problem(f"diag takes a vector or a square matrix, not {words(own)}")

    def _logsumexp(self, value: Draft) -> Draft:
        rows = self._of_rows("logsumexp", [value])  # which does not overflow
        if rows is not None:
            return rows
        exponentials = self._entrywise(lambda each: self.operators.apply("exp", [each]), [value])
        return self._entrywise(lambda each: self.operators.apply("log", [each]), [self._sum(exponentials)])

    def _softmax(self, value: Draft) -> Draft:
        own = own_of(value)
        if len(own) > 2 or own[0] is None or own[1] is not None:
            raise self.drafting.problem(f"softmax takes a vector, not {words(own)}")
        rows = self._of_rows("softmax", [value])
        if rows is not None:
            return rows
        exponentials = self._entrywise(lambda each: self.operators.apply("exp", [each]), [value])
        return self._entrywise(self.operators.eldivide, [exponentials, self._sum(exponentials)])

    # Entries and sums ------------------------------------------------------------------------------------------

    def _entry(self, base: Draft, marks: Sequence[Draft]) -> Draft:
        """The entries of a value that letters, positions and ranges in brackets stand for."""
        own = own_of(base)
        axes = present(own)
        if len(marks) > len(axes):
            raise self.drafting.problem(
                f"{self.drafting.source(base)} is {words(own)}, which has fewer axes than the {len(marks)} indices"
            )
        parts: list[tuple[Draft, Sequence[object]]] = []
        subscripts: list[object] = list(names_of(base))
        names = list(names_of(base))
        kept: list[tuple[object, Axis]] = []
        rows = len(marks) == 2 == len(axes) and marks[0].data is not None and marks[1].data is None
        for place, axis in enumerate(axes):
            data = marks[place].data if place < len(marks) else None
            if data is None:
                subscripts.append(place)
                kept.append((place, axis))
            elif isinstance(data, str) and "+" in data:
                subscripts.append(("at", place))
                letters = data.split("+")
                parts.append((self._shift(letters, axis, base), (("at", place), *letters)))
                names += [name for name in letters if name not in names]
            elif isinstance(data, str) and ":" not in data:
                self._run(data, axis, base)
                subscripts.append(data)
                if data not in names:
                    names.append(data)
            else:
                subscripts.append(("at", place))
                parts.append(self._selection(data, axis, place, kept, base))
        ordered = tuple(sorted(names))
        if len(kept) > 2 and ordered:
            raise self.drafting.problem("an entry with indices has at most two axes left; index more of them")
        left = [axis for _, axis in kept]
        form: DraftShape = (*left, None, None)[: max(2, len(left))]
        if rows and len(left) == 1:
            form = (None, left[0])
        return self._contract([(base, subscripts), *parts], ordered, [label for label, _ in kept], form)

    def _shift(self, letters: Sequence[str], axis: Axis, base: Draft) -> Draft:
        """What picks x[i+p] from x: 1 where the position is as far from the first as i and p are together."""
        first, second = (self.axis(index) for index in letters)
        i, p = (written(index) for index in letters)
        source = self.drafting.source(base)
        self.drafting.note(
            f"{source}[{i}+{p}]: the first {i} and the first {p} meet the first entry; beyond the last one stand zeros"
        )
        problem = self.drafting.problem(
            f"how far the indices of {source}[{i}+{p}] run can't be found; declare the sizes as numbers, or compare"
            " with an array that has the index"
        )
        self._shifts.append((axis, first, second, problem))
        return self.drafting.leaf("selection", (axis, first, second), "+")

    def measure_shifts(self, known: Iterable[Axis | None]) -> bool:
        """Find how far i runs in Σ_p x[i+p] k[p] where only the sizes of x and k say it: as far as k fits into x.

        Whether there was such an i.
        """
        measured = False
        if not self._shifts:
            return measured
        roots = {axis.root() for axis in known if axis is not None}
        for whole, first, second, problem in self._shifts:
            for open_, other in ((first, second), (second, first)):
                if open_.size is None and open_.root() not in roots:
                    if (
                        not isinstance(whole.size, int)
                        or not isinstance(other.size, int)
                        or other.size > whole.size
                    ):
                        raise problem
                    open_.size = whole.size - other.size + 1
                    measured = True
        return measured

    def _run(self, index: str, axis: Axis, base: Draft) -> None:
        """Let an index run over an axis."""
        known = self.axis(index)
        before = known.size
        if not known.join(axis):
            source = self.drafting.source(base)
            raise self.drafting.problem(
                f"the index {written(index)} runs over {before} and, in {source}, over {axis.size}"
            )

    def _selection(
        self, data: Data, axis: Axis, place: int, kept: list[tuple[object, Axis]], base: Draft
    ) -> tuple[Draft, Sequence[object]]:
        """The constant that picks the position, or the range, ``data`` of an axis."""
        if isinstance(data, str):
            first, _, last = data.partition(":")
            highest = int(last)
            chosen = self.drafting.sized(highest - int(first) + 1)
            kept.append((("range", place), chosen))
            leaf = self.drafting.leaf("selection", (axis, chosen), data)
            subscripts: Sequence[object] = (("at", place), ("range", place))
        else:
            assert isinstance(data, Fraction)
            highest = int(data)
            leaf = self.drafting.leaf("selection", (axis, None), str(highest))
            subscripts = (("at", place),)
        if isinstance(axis.size, int) and axis.size < highest:
            source = self.drafting.source(base)
            raise self.drafting.problem(f"{source} has {axis.size} entries on this axis, not {highest}")
        return leaf, subscripts

    def _sum_over(self, value: Draft, indices: Sequence[str]) -> Draft:
        """The sum over indices; what does not depend on one of them is added as often as it runs."""
        names = names_of(value)
        parts: list[tuple[Draft, Sequence[object]]] = [(value, self._subscripts(value, *self._labels(value)))]
        for index in indices:
            if index not in names and index not in self.axes:
                source = self.drafting.source(value)
                raise self.drafting.problem(
                    f"{source} does not depend on the index {written(index)}, and how far it runs is not said; entries are"
                    f" written x_{written(index)} (a declared x_{written(index)} is a name: declare x or X instead), n equal"
                    f" terms \\sum_{{{written(index)}=1}}^{{n}}, and the sum of all entries Σ without an index"
                )
            if index not in names:
                parts.append((self.drafting.leaf("ones", (self.axis(index), None)), (index,)))
                self.drafting.note(
                    f"what is summed over {written(index)} does not depend on {written(index)}"
                )
        left = tuple(name for name in names if name not in indices)
        return self._contract(parts, left, self._labels(value), own_of(value))

    def plain(self, value: Draft, order: Sequence[str]) -> Draft:
        """A value whose free indices are axes, in this order or else in that of the alphabet, before its own.

        A 1 before the letter of an axis makes a row of it; elsewhere it is an axis of length one.
        """
        names = names_of(value)
        wanted = tuple(order) or names
        extra = [name for name in wanted if name not in names]
        missing = [name for name in names if name not in wanted]
        if missing:
            raise self.drafting.problem(f"the index {written(missing[0])} is not on the left side")
        if not wanted:
            return value
        if wanted[0] == ROW and len(wanted) == 2 and is_scalar(own_of(value)):
            data = Subscripts.of([self._subscripts(value)], wanted[1:])
            return self.drafting.make("contract", [value], (None, self.axis(wanted[1])), data)
        self.axes[ROW] = self.drafting.sized(1)
        shape = self._shape(wanted, own_of(value))
        labels = self._labels(value)
        if wanted == names and not extra:
            return Draft(value.op, value.args, shape, value.data, value.node).placed(value.start, value.end)
        data = Subscripts.of([self._subscripts(value, *labels)], (*wanted, *labels))
        return self.drafting.make("contract", [value], shape, data).placed(value.start, value.end)


def _is_norm(value: Draft) -> bool:
    """Whether a value is the root of a sum of squares."""
    if value.op != "sqrt" or value.args[0].op != "contract":
        return False
    squares = value.args[0].args
    return len(squares) == 2 and squares[0] is squares[1]


# the operators and functions that have a reading of their own, with the number of their operands
_OWN: Mapping[str, int] = {
    **dict.fromkeys("mul divide power elpower dot outer".split(), 2),
    **dict.fromkeys("neg transpose sum norm2 norm1 tr diag logsumexp softmax".split(), 1),
}
_ALIASES: Mapping[str, str] = {"norm": "norm2", "trace": "tr", "Tr": "tr"}
