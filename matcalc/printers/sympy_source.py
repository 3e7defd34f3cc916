"""Results as SymPy source: one Python expression that gives the SymPy expression back.

Symbols are bound once, by a ``lambda`` around the formula.  An operator is written where SymPy's operator gives exactly
the expression at hand, which is tried on the expression itself; elsewhere the constructor is written.
"""

from __future__ import annotations

import itertools
import keyword
from collections.abc import Callable, Iterable, Sequence
from functools import reduce
from operator import add, mul
from typing import Any

import sympy
from sympy.combinatorics import Permutation
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.tensor.array import expressions as array_expressions
from sympy.tensor.array.expressions import ArraySymbol

from matcalc.errors import DerivationProblem
from matcalc.graph.node import Node
from matcalc.printers.to_sympy import to_sympy
from matcalc.reading import Reading

SUM, PRODUCT, POWER, UNIT = range(1, 5)  # how tightly a text binds
Text = tuple[str, int]

_TRIED = 80  # an operator is tried on expressions up to this size: SymPy's operators walk them
_NAMED = 30  # an expression this large that occurs again is named where it occurs first
_ELEMENT = "MatrixSymbol('z', 1, 1)[0, 0].func"  # the class of matrix elements, which SymPy does not export
_ARRAYS = "__import__('sympy.tensor.array.expressions', fromlist=['*'])"  # nor array expressions
_RESERVED = frozenset(
    "Add Integer Lambda MatrixElement MatrixSymbol Mul Pow Rational Symbol arrays sqrt".split()
)


def sympy_source(node: Node, reading: Reading) -> str:
    """A Python expression that under ``from sympy import *`` equals ``to_sympy(node, reading)``.

    Raises ``RuleProblem`` where an operation has no SymPy form, ``DerivationProblem`` where a form has no source.
    """
    return source_of(to_sympy(node, reading))


def source_of(expr: Any) -> str:
    """A Python expression for a SymPy expression such as ``to_sympy`` makes."""
    try:
        source = _Source(expr)
        body = f"Integer({expr})" if expr.is_Integer else source.at(expr, SUM)
    except RecursionError:
        raise DerivationProblem("this result is nested too deeply to be written as SymPy source") from None
    matrices = [symbol for symbol in source.symbols if not isinstance(symbol, sympy.Symbol)]
    arrays = {source.names[symbol]: source.array(symbol) for symbol in matrices}
    if source.elements:
        arrays["MatrixElement"] = _ELEMENT
    scalars = [symbol for symbol in source.symbols if isinstance(symbol, sympy.Symbol)]
    plain = {source.names[symbol]: f"Symbol({symbol.name!r})" for symbol in scalars if not symbol.is_integer}
    sizes = {source.names[symbol]: symbol.name for symbol in scalars if symbol.is_integer}
    body = _bound(body, [*arrays], [*arrays.values()])
    body = _bound(body, [*plain, *sizes], [*plain.values(), *_sizes(sizes)])
    return _bound(body, ["arrays"], [_ARRAYS]) if source.has_arrays else body


def _sizes(sizes: dict[str, str]) -> list[str]:
    """The source of symbols for sizes."""
    function = "Symbol" if len(sizes) == 1 else "*symbols"
    return [f"{function}({' '.join(sizes.values())!r}, integer=True, positive=True)"] if sizes else []


def _bound(body: str, names: list[str], values: list[str]) -> str:
    return f"(lambda {', '.join(names)}: {body})({', '.join(values)})" if names else body


class _Source:
    """Writes one expression; parts that occur often and are large are named where they occur first."""

    def __init__(self, root: Any) -> None:
        self.sizes: dict[Any, int] = {}
        self.uses: dict[Any, int] = {}
        self.symbols: list[Any] = []
        for expr in _postorder(root):
            self.sizes[expr] = min(10**9, 1 + sum(self.sizes[arg] for arg in _parts(expr)))
            for arg in _parts(expr):
                self.uses[arg] = self.uses.get(arg, 0) + 1
            if isinstance(expr, (sympy.Symbol, sympy.MatrixSymbol, ArraySymbol)):
                self.symbols.append(expr)
        self.elements = any(isinstance(expr, MatrixElement) for expr in self.sizes)
        self.has_arrays = any(_is_array(expr) for expr in self.sizes)
        taken = {*_RESERVED, *(type(expr).__name__ for expr in self.sizes)}
        self.names = {symbol: _fresh(str(symbol.name), taken) for symbol in self.symbols}
        self.fresh = (f"h{i}" for i in itertools.count(1) if f"h{i}" not in taken)
        self.named: dict[Any, str] = {}

    def array(self, symbol: Any) -> str:
        """The source of a matrix or array symbol."""
        if isinstance(symbol, ArraySymbol):
            return f"arrays.ArraySymbol({str(symbol.name)!r}, ({self.list(symbol.shape)}))"
        return f"MatrixSymbol({symbol.name!r}, {self.list(symbol.shape)})"

    def at(self, expr: Any, level: int) -> str:
        """The text of an expression where something binds at ``level``."""
        if expr in self.named:
            return self.named[expr]
        text, own = self.text(expr)
        if self.uses.get(expr, 0) > 1 and self.sizes[expr] >= _NAMED and expr.free_symbols:
            self.named[expr] = next(self.fresh)
            return f"({self.named[expr]} := {text})"
        return text if own >= level else f"({text})"

    def list(self, exprs: Iterable[Any]) -> str:
        """Arguments."""
        return ", ".join(self.at(expr, SUM) for expr in exprs)

    def text(self, expr: Any) -> Text:
        """The text of an expression and the level at which it binds."""
        if expr in self.names:
            return self.names[expr], UNIT
        for kind, writer in _WRITERS.items():
            if isinstance(expr, kind):
                return writer(self, expr)
        return self.call(expr)

    def call(self, expr: Any, args: Sequence[Any] | None = None) -> Text:
        """A constructor."""
        name = type(expr).__name__
        if _is_array(expr):
            return f"arrays.{name}({self.list(expr.args)})", UNIT
        if getattr(sympy, name, None) is not type(expr):
            raise DerivationProblem(f"SymPy's {name} has no source under `from sympy import *`")
        return f"{name}({self.list(expr.args if args is None else args)})", UNIT

    def exactly(self, expr: Any, tried: Callable[[], Any]) -> bool:
        """Whether an operator gives exactly this expression."""
        try:
            return self.sizes[expr] <= _TRIED and bool(tried() == expr)
        except (TypeError, ValueError, AttributeError):
            return False

    def sum(self, expr: Any) -> Text:
        """``a + b - c``."""
        if not self.exactly(expr, lambda: reduce(add, expr.args)):
            return self.call(expr)
        text = self.at(expr.args[0], SUM)
        for term in expr.args[1:]:
            part = self.at(term, SUM)
            text += f" - {part[1:]}" if part.startswith("-") else f" + {part}"
        return text, SUM

    def product(self, expr: Any) -> Text:
        """``2*A*B``; a factor -1 is a sign."""
        args = expr.args
        if not self.exactly(expr, lambda: reduce(mul, args)):
            return self.call(expr)
        sign = "-" if args[0] == -1 and self.exactly(expr, lambda: -reduce(mul, args[1:])) else ""
        factors = [
            self.at(arg, PRODUCT if i == 0 else POWER) for i, arg in enumerate(args[1:] if sign else args)
        ]
        return sign + "*".join(factors), SUM if sign or factors[0].startswith("-") else PRODUCT

    def power(self, expr: Any) -> Text:
        """``x**2``, ``sqrt(x)``, ``1/x``."""
        base, exponent = expr.args
        if exponent == sympy.Rational(1, 2):
            return f"sqrt({self.at(base, SUM)})", UNIT
        if exponent == -1:
            return f"1/{self.at(base, POWER)}", PRODUCT
        return f"{self.at(base, UNIT)}**{self.at(exponent, UNIT)}", POWER

    def transpose(self, expr: Any) -> Text:
        """``A.T``."""
        if self.exactly(expr, lambda: expr.arg.T):
            return f"{self.at(expr.arg, UNIT)}.T", UNIT
        return self.call(expr)

    def element(self, expr: Any) -> Text:
        """An entry."""
        return f"MatrixElement({self.list(expr.args)})", UNIT

    def elementwise(self, expr: Any) -> Text:
        """``X.applyfunc(Lambda(z, exp(z)))``."""
        parent = self.at(expr.expr, UNIT)
        return f"{parent}.applyfunc({self.at(expr.function, SUM)})", UNIT

    def function(self, expr: Any) -> Text:
        """``Lambda(z, exp(z))``, ``Lambda((i, j), A[i, j])``."""
        return self.call(expr, expr.args if len(expr.variables) > 1 else (*expr.variables, expr.expr))

    def tuple(self, expr: Any) -> Text:
        """``(1, 2)``."""
        return f"({self.list(expr)}{',' * (len(expr) == 1)})", UNIT

    def number(self, expr: Any) -> Text:
        """``2``, ``Rational(1, 2)``, ``pi``."""
        if expr.is_Integer:
            return str(expr), SUM if expr < 0 else UNIT
        if expr.is_Rational:
            return f"Rational({expr.p}, {expr.q})", UNIT
        return (f"Float('{expr}', {expr._prec})" if expr.is_Float else str(expr)), UNIT


_WRITERS: dict[type, Callable[[_Source, Any], Text]] = {
    sympy.MatAdd: _Source.sum,
    sympy.Add: _Source.sum,
    sympy.MatMul: _Source.product,
    sympy.Mul: _Source.product,
    sympy.exp: _Source.call,
    sympy.Pow: _Source.power,
    sympy.Transpose: _Source.transpose,
    MatrixElement: _Source.element,
    ElementwiseApplyFunction: _Source.elementwise,
    sympy.Lambda: _Source.function,
    sympy.Inverse: lambda source, expr: source.call(expr, expr.args[:1]),
    sympy.Heaviside: lambda s, e: s.call(e, e.args[:1] if e.args[1] == sympy.S.Half else None),
    sympy.Number: _Source.number,
    sympy.NumberSymbol: _Source.number,
    sympy.Tuple: _Source.tuple,
    Permutation: lambda source, expr: (str(expr.array_form), UNIT),
}


def _is_array(expr: Any) -> bool:
    """Whether an expression is one of arrays, which `from sympy import *` does not know."""
    return getattr(array_expressions, type(expr).__name__, None) is type(expr)


def _parts(expr: Any) -> Sequence[Any]:
    """The parts of an expression that are written; those of an array's symbol are its sizes."""
    if isinstance(expr, Permutation):
        return ()
    parts: Sequence[Any] = expr.shape if isinstance(expr, ArraySymbol) else expr.args
    return parts


def _postorder(root: Any) -> Iterable[Any]:
    """Every different part of an expression, arguments first."""
    seen: set[Any] = set()
    stack = [(root, False)]
    while stack:
        expr, done = stack.pop()
        if done:
            yield expr
        elif expr not in seen:
            seen.add(expr)
            stack.append((expr, True))
            stack.extend((arg, False) for arg in reversed(expr.args))


def _fresh(name: str, taken: set[str]) -> str:
    """A Python name for a symbol that hides nothing the source uses."""
    while name in taken or keyword.iskeyword(name):
        name += "_"
    taken.add(name)
    return name
