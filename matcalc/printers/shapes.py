"""Shapes as readers say them: ``n₁×m``, ``n`` (a vector), ``1×n`` (a transposed vector), ``scalar``."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.graph.node import Size
from matcalc.graph.sizes import is_made, spelled
from matcalc.language.names import canonical
from matcalc.printers.text import SPELLINGS

_TIMES = {"unicode": "×", "ascii": " x ", "latex": " \\times "}
_DOT = {"unicode": "·", "ascii": "*", "latex": " \\cdot "}


def shape_text(sizes: Sequence[Size], spelling: str) -> str:
    """A shape in a spelling, ``"latex"`` for mathematics; a sum that is not alone stands in brackets."""
    if not sizes:
        return "\\text{scalar}" if spelling == "latex" else "scalar"
    return _TIMES[spelling].join(_size(size, spelling, len(sizes) > 1) for size in sizes)


def _size(size: Size, spelling: str, bracketed: bool) -> str:
    name = canonical(size) if isinstance(size, str) else None
    if name is not None:
        return SPELLINGS[spelling].name(name)
    text = spelled(size, _DOT[spelling])
    return f"({text})" if is_made(size) and "+" in text and bracketed else text
