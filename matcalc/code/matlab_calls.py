"""Kernels in MATLAB text: functions of entries, reductions, blocks, factorizations."""

from __future__ import annotations

import re
from collections.abc import Sequence

from matcalc.code.expression import Expression
from matcalc.code.matlab_arrays import MatlabArrays, level
from matcalc.code.writing import ATOM, Text

_LISTS = frozenset(["hcat_vector", "vcat_vector"])
_BLOCKS = _LISTS | {"hcat", "vcat"}
# What is computed from LU factors, and how without them.
_OF_FACTORS = {
    "lu_inverse": "inv", "lu_solve": "solve", "lu_solve_transposed": "solve", "lu_logdet": "logdet", "lu_det": "det",
}  # fmt: skip


class MatlabCalls(MatlabArrays):
    """Writes calls of kernels."""

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
        if value.data == "hcat_vector":  # a row is a column here
            return "[{0}; {1}]"
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
        if value.data == "vcat" and arg.rank == 1 and value.rank == 2:  # a row of the result
            return self._transposed(self._dense_text(arg))[0]
        if value.data in _BLOCKS and arg not in self._names and self._is_list(arg, str(value.data)):
            return self._dense(arg)[1:-1]  # [a, b; c, d] is one list
        written = super()._argument(value, place, text)
        if written.endswith("'") and re.search(rf"\^ ?\{{{place}\}}", text):
            return f"({written})"  # a' binds no tighter than .^
        return written

    def _is_list(self, value: Expression, among: str) -> bool:
        """Whether a value is written as a list in brackets that may go on in a list of this kind."""
        if value.op == "call":
            return value.data in (among, "hcat" if among == "vcat" else among)
        if value.op != "spread" or value.data != (1,) or value.sizes[0] != 1:
            return False
        inner = value.args[0]
        return among == "vcat" and inner.data in _LISTS and inner not in self._names

    def _called(self, text: str) -> Text:
        return text, level(text)

    def _write_spread(self, value: Expression) -> Text:
        """A value that broadcasts to more axes; a list of vectors as a row is the list of their rows."""
        (inner,) = value.args
        if value.data == (1,) and inner.data in _LISTS and inner not in self._names:
            parts = [self._as_row(arg) for arg in inner.args]
            return f"[{', '.join(parts)}]", ATOM
        return super()._write_spread(value)

    def _as_row(self, value: Expression) -> str:
        text = self._dense_text(value)
        return text[0] if value.sizes in ((), (1,)) else self._transposed(text)[0]
