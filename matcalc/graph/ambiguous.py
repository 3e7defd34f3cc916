"""Notations that papers use in more than one sense: how they were read is noted, with the spelling of the other sense."""

from __future__ import annotations

from matcalc.graph.draft import Draft, Drafting

ABSOLUTE = "|{0}| was read as the absolute values of the entries; det({0}) is the determinant"
TRACES = frozenset(["tr", "trace", "Tr"])
_WHOLE = {"exp": "expm", "log": "logm", "sqrt": "sqrtm"}  # functions of entries and those of matrices


def note_on_bars(drafting: Drafting, function: str, matrix: Draft) -> None:
    """Bars around a matrix."""
    name = drafting.source(matrix)
    if function in ("norm2", "norm") and "_F" not in drafting.text and "_{F}" not in drafting.text:
        drafting.note(f"‖{name}‖ was read as the Frobenius norm of a matrix")
    elif function == "abs":
        drafting.note(ABSOLUTE.format(name))


def note_on_entries(drafting: Drafting, matrix: Draft) -> None:
    """exp(A) of a square matrix that is multiplied as a matrix or has its trace taken."""
    whole = _WHOLE.get(matrix.op)
    rows, columns = matrix.shape
    if whole is None or matrix.name is not None or rows is None or columns is None:
        return
    if rows.root() is columns.root():
        source, inner = drafting.source(matrix), drafting.source(matrix.args[0])
        drafting.note(f"{source} was read elementwise; the matrix function is {whole}({inner})")
