"""SymPy's `diff` of the public cases, and whether what it answers is right.

SymPy gets each formula as matcalc's own conversion of it, so that only its `diff` is measured and judged.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import sympy
from sympy import Trace
from sympy.matrices.expressions.matexpr import MatrixElement

from matcalc.graph.node import axes
from matcalc.language.names import canonical
from matcalc.printers.to_sympy import to_sympy
from matcalc.reading import Reading


def in_sympy(reading: Reading, wrt: str) -> tuple[Any, Any]:
    """The value and the variable with a canonical name."""
    return _traces(to_sympy(reading.value, reading)), symbols(reading)[wrt]


def symbols(reading: Reading) -> dict[str, Any]:
    """The variables of a formula."""
    return {
        name: to_sympy(reading.graph.variable(name, shape), reading) for name, shape in reading.shapes.items()
    }


def _traces(value: Any) -> Any:
    """The entry of a 1×1 product as its trace, which SymPy differentiates better."""

    def single(part: Any) -> bool:
        return isinstance(part, MatrixElement) and part.parent.shape == (1, 1)

    return value.replace(single, lambda part: Trace(part.parent))


def numbers(derivative: Any, reading: Reading, given: dict[str, Any]) -> list[float]:
    """The entries of a SymPy derivative at inputs; an error where it keeps an unevaluated derivative."""
    inputs = {canonical(name) or name: np.asarray(value, dtype=float) for name, value in given.items()}
    sizes: dict[str, int] = {}
    for name, shape in reading.shapes.items():
        sizes |= dict(zip(map(str, axes(shape)), inputs[name].shape, strict=True))
    named = {symbol: sizes[symbol.name] for symbol in derivative.free_symbols if symbol.name in sizes}
    arrays = {
        symbol.subs(named): sympy.Matrix(inputs[name])
        if inputs[name].ndim
        else sympy.Float(float(inputs[name]))
        for name, symbol in symbols(reading).items()
    }
    result = derivative.subs(named).subs(arrays).doit()
    if hasattr(result, "as_explicit"):
        result = result.as_explicit()
    entries = list(result) if hasattr(result, "shape") else [result]
    return [float(entry.subs(arrays).doit().evalf()) for entry in entries]
