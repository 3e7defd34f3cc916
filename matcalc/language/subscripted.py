"""Names with a subscript that may be indices: ``x_i`` and ``A_ij`` as a base and letters."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from matcalc.language.syntax import Index, Name, Shift, Syntax
from matcalc.patterns import regex

_LETTERS = regex(r"(.+?)((?:_[A-Za-z])+)\Z")  # x_i, x_hat_i, A_i_j
_RUN = regex(r"(.+)_([A-Za-z]{2,})\Z")  # A_ij
_WORDS = frozenset(
    "hat bar tilde in out max min new old ref opt init test train tot avg obs true pred".split()
)

Scope = Mapping[str, str]  # index letter -> the name of the index, which differs for each sum


def split(name: str, scope: Collection[str] = ()) -> tuple[str, tuple[str, ...]] | None:
    """The base and the letters of a canonical name whose subscript may be indices; None for one without letters.

    Words such as the ``in`` of W_in are no indices, unless a sum runs over each of their letters.
    """
    found = _LETTERS.match(name)
    if found is not None:
        return found[1], tuple(found[2].replace("_", ""))
    found = _RUN.match(name)
    if found is None or (found[2] in _WORDS and not set(found[2]).issubset(scope)):
        return None
    return found[1], tuple(found[2])


def letters_of(piece: Syntax) -> tuple[str, ...]:
    """The letters of a piece that are indices or may be."""
    if isinstance(piece, Index):
        return (piece.name,)
    if isinstance(piece, Shift):
        return piece.names
    found = split(piece.name) if isinstance(piece, Name) else None
    return found[1] if found else ()
