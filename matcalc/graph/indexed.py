"""Operators and functions of values with named indices: what ``xᵢ·y``, ``A[i,k]B[k,j]`` and ``‖xᵢ‖`` mean.

A value such as ``xᵢ``, the i-th row of X, has the index axis i and own axes, those of a column vector.  Elementwise
operations align the indices of their operands, products contract own axes and keep the indices, a sum takes an index
away.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from matcalc.graph.axes import words
from matcalc.graph.draft import Draft
from matcalc.graph.entries import Entries
from matcalc.graph.named import Indexed, Mark, Names, is_scalar, names_of, own_of
from matcalc.language.resolved import letter

if TYPE_CHECKING:
    from matcalc.graph.operators import Operators


class Indexing(Entries):
    """Reads calls on values with indices, for one text."""

    def __init__(self, operators: Operators) -> None:
        super().__init__(operators.drafting)
        self.operators = operators

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
            indices = ", ".join(letter(name) for name in names_of(value))
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
        if _is_norm(base) and exponent.constant and exponent.constant % 2 == 0:
            squared = base.args[0]
            squared = Indexed(squared, names_of(base), own) if names_of(base) else squared
            return self._elpower(squared, self.drafting.number(exponent.constant / 2))
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
