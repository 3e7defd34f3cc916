"""Numbers as pictures and tables print them: ``−12``, ``0.73``, ``[1, 2]``, or the shape and norm of a large array."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from matcalc.printers.tables.cells import Cell, words

_LARGE = 1e6  # from here on numbers have an exponent
_SMALL = 1e-4  # and below


@dataclass(frozen=True)
class Digits:
    """How many decimals; where every number is ``whole`` there are none.

    So the sources print: −2, 5, −4 in a graph of whole numbers, 2.00 and 0.73 where one number has decimals.  A number
    that would lose its digits gets more decimals or an exponent.
    """

    decimals: int = 2
    whole: bool = False

    def number(self, value: float) -> str:
        """One number, with ASCII's minus."""
        if value != value:
            return "nan"
        if value in (float("inf"), float("-inf")):
            return "-∞" if value < 0 else "∞"
        size = abs(value)
        if size >= _LARGE or 0 < size < _SMALL:
            return _plain_exponent(f"{value:.{self.decimals}e}")
        if self.whole:
            return f"{value + 0.0:.0f}"
        more = 0
        while 0 < size < 10.0 ** -(self.decimals + more - 1) and self.decimals:
            more += 1
        return f"{value + 0.0:.{self.decimals + more}f}"

    def array(self, array: Any, most: int) -> str:
        """An array with at most ``most`` entries in full, a larger one as its shape and norm."""
        import numpy as np

        if array.ndim == 0:
            return self.number(float(array))
        if array.size > most or array.ndim > 2 or array.size == 0:
            norm = float(np.linalg.norm(array.ravel()))
            digits = replace(self, whole=self.whole and norm.is_integer())
            size = f"{array.size} entries" if array.ndim == 1 else "×".join(map(str, array.shape))
            return f"{size}, norm {digits.number(norm)}"
        rows = [array.tolist()] if array.ndim == 1 else array.tolist()
        between = ", " if array.ndim == 1 else " "
        return f"[{'; '.join(between.join(map(self.number, row)) for row in rows)}]"

    def cell(self, array: Any, most: int) -> Cell:
        """The same as a cell of a picture or a table."""
        return number_cell(self.array(array, most))


def number_cell(text: str) -> Cell:
    """A text with numbers in all spellings."""
    latex = text.replace("-", "{-}").replace(" ", "\\ ")
    for word in ("entries", "norm"):
        latex = latex.replace(word, f"\\text{{{word}}}")
    return words(
        text.replace("-", "−"),
        text.replace("∞", "inf").replace("×", "x"),
        latex.replace("∞", "\\infty ").replace("×", " \\times "),
    )


def digits_for(arrays: Iterable[Any], decimals: int = 2) -> Digits:
    """The digits of a picture in which these numbers stand."""
    import numpy as np

    finite = (array[np.isfinite(array)] for array in map(np.asarray, arrays))
    return Digits(decimals, all(bool(np.all(numbers == np.round(numbers))) for numbers in finite))


def _plain_exponent(text: str) -> str:
    """``1.20e-05`` as ``1.20e-5``."""
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}"
