"""SymPy expressions as formulas: the syntax tree that text would give.

A vector is an n×1 matrix for SymPy and a 1×1 matrix is a scalar for matcalc.  A ``Lambda`` of entries is opened: its
variable stands for the array that it is applied to.  Parts that occur several times become definitions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cache, reduce
from typing import Any

import sympy
from sympy.matrices.expressions.applyfunc import ElementwiseApplyFunction
from sympy.matrices.expressions.matexpr import MatrixElement
from sympy.matrices.matrixbase import MatrixBase

from matcalc.errors import MatcalcError, ShapeProblem, SyntaxProblem
from matcalc.language.names import canonical
from matcalc.language.parser import Parsed
from matcalc.language.shapes import Sizes
from matcalc.language.syntax import Call, Constant, Name, Number, Syntax
from matcalc.operations import standard

_LARGEST = 50_000  # parts of an expression that is written out as text
_PLACED = 20  # parts of something that is looked up in the text; SymPy writes nested products slowly
_SHORT = 200  # parts of an expression whose parts are looked up in its text

_NAMES: dict[type, str] = {
    sympy.Transpose: "transpose",
    sympy.Trace: "tr",
    sympy.Determinant: "det",
    sympy.DiagMatrix: "diag",
    sympy.DiagonalOf: "diag",
    sympy.HadamardProduct: "hadamard",
    sympy.HadamardPower: "elpower",
    sympy.MatPow: "power",
}


def symbols_of(expr: Any) -> dict[str, Any]:
    """The Symbols of a SymPy expression, those of sizes too, by canonical name."""
    return {
        name: symbol for symbol in expr.atoms(sympy.Symbol) if (name := canonical(symbol.name)) is not None
    }


def read_sympy(expr: object) -> tuple[str, Parsed]:
    """The text ``str(expr)`` and the formula of a SymPy expression, with the shapes of its symbols.

    A ``MatrixSymbol`` m×n is a matrix, n×1 a vector, 1×1 a scalar, a ``Symbol`` a scalar, or the size that it is in a
    shape.  Raises ``MatcalcError`` naming what has no counterpart here.
    """
    if isinstance(expr, MatrixBase) or not isinstance(expr, (sympy.Expr, sympy.MatrixExpr)):
        shown = repr(expr)
        what = "an explicit matrix" if isinstance(expr, MatrixBase) else f"{type(expr).__name__} {shown[:60]}"
        raise MatcalcError(f"a formula is a text or a SymPy expression of symbols, not {what}")
    try:
        reader = _Reader(expr)
        tree = reader.read(expr)
    except RecursionError:
        raise MatcalcError("this SymPy expression is nested too deeply to be read") from None
    return reader.text, Parsed(tree, reader.shapes, tuple(reader.definitions), (), reader.spellings)


class _Reader:
    """Reads one expression."""

    def __init__(self, root: Any) -> None:
        self.uses: dict[Any, int] = {}
        self.sizes: dict[Any, str] = {}
        self.shapes: dict[str, Sizes] = {}
        self.spellings: dict[str, str] = {}
        self.definitions: list[tuple[str, Syntax]] = []
        self.symbols: dict[str, Any] = {}
        self.trees: dict[Any, Syntax] = {}
        self.fills: dict[Syntax, Syntax] = {}  # multiples of ones, with the scalar
        self.parts = parts = dict[Any, int]()
        for expr in _postorder(root, lambda e: e.args):
            parts[expr] = 1 + sum(parts[arg] for arg in expr.args)
        self.text = str(root) if parts[root] <= _LARGEST else "a large SymPy expression"
        self.short = parts[root] <= _SHORT  # places in the text are looked up
        for expr in parts:
            for arg in _children(expr):
                self.uses[arg] = self.uses.get(arg, 0) + 1
            if isinstance(expr, ElementwiseApplyFunction) and len(expr.function.variables) == 1:
                more = expr.function.expr.count(expr.function.variables[0]) - 1
                self.uses[expr.expr] = self.uses.get(expr.expr, 0) + max(0, more)
            if isinstance(expr, sympy.MatrixSymbol):
                self._declare(expr, self._shape(expr))

    def read(self, root: Any, bound: Mapping[Any, Syntax] | None = None) -> Syntax:
        """The tree of an expression, without recursion; ``bound`` are the variables of a Lambda."""
        trees = self.trees if bound is None else dict(bound)
        for expr in _postorder(root, lambda e: () if e in trees else self._parts(e)):
            if expr not in trees:
                tree = self._tree(expr, [trees[arg] for arg in _children(expr)], bound is not None)
                trees[expr] = self._shared(expr, tree) if bound is None else tree
        return trees[root]

    def _shared(self, expr: Any, tree: Syntax) -> Syntax:
        """A part that occurs several times, as a name that is defined once."""
        if self.uses.get(expr, 0) < 2 or not isinstance(tree, Call) or tree in self.fills:
            return tree
        name = f"part {len(self.definitions) + 1}"
        self.definitions.append((name, tree))
        return Name(tree.start, tree.end, name)

    def _tree(self, expr: Any, args: list[Syntax], entries: bool) -> Syntax:
        """The tree of one expression from those of its parts; among ``entries`` products and powers are of entries."""
        for kind, reader in _READERS.items():
            if isinstance(expr, kind):
                return reader(self, expr, args)
        if isinstance(expr, sympy.Mul):
            return self._times(expr, args, *(("hadamard", "eldivide") if entries else ("mul", "divide")))
        if isinstance(expr, sympy.Pow):
            return self._power(expr, args, entries)
        name = _name(expr)
        if len(args) == 1:
            return self.call(expr, name, *args)
        return reduce(lambda left, right: self.call(expr, name, left, right), args)

    def _parts(self, expr: Any) -> tuple[Any, ...]:
        """The parts of an expression that can be read."""
        if isinstance(expr, MatrixBase):
            raise self.problem("an explicit matrix is not read here; use a MatrixSymbol", expr)
        if isinstance(expr, sympy.Sum):
            raise self.problem("a Sum over an index is not read here; write 𝟏ᵀx as OneMatrix(1, n)*x", expr)
        if not isinstance(expr, (*_READERS, sympy.Mul, sympy.Pow)) and not _name(expr):
            raise self.problem(f"SymPy's {type(expr).__name__} is not read here", expr)
        return _children(expr)

    def call(self, expr: Any, function: str, *args: Syntax) -> Syntax:
        """An operator or function, at the place of ``expr`` in the text."""
        return Call(*self._place(expr), function, args)

    def problem(self, message: str, expr: Any) -> MatcalcError:
        """An error at the place of ``expr`` in the text."""
        return SyntaxProblem(message, self.text, *self._place(expr))

    def _place(self, expr: Any) -> tuple[int, int]:
        if not self.short or self.parts.get(expr, _PLACED) >= _PLACED:
            return 0, len(self.text)
        part = str(expr)
        start = self.text.find(part)
        while start >= 0 and part.isidentifier() and _in_word(self.text, start, start + len(part)):
            start = self.text.find(part, start + 1)
        return (start, start + len(part)) if start >= 0 else (0, len(self.text))

    # Leaves ----------------------------------------------------------------------------------------------------

    def size(self, size: Any, expr: Any) -> str | int:
        """A size: an integer or the name of a symbol."""
        if size.is_Integer:
            return int(size)
        name = canonical(size.name) if size.is_Symbol else None
        if name is None:
            raise ShapeProblem(
                f"{expr} is {expr.shape[0]}×{expr.shape[1]}: a size is a symbol or an integer, not {size}",
                self.text,
                *self._place(expr),
            )
        self.sizes[size] = name
        return name

    def _shape(self, symbol: Any) -> Sizes:
        rows, columns = (self.size(size, symbol) for size in symbol.shape)
        if rows == 1 and columns != 1:
            raise ShapeProblem(
                f"{symbol} is a row (1×{columns}); use the transpose of a column, "
                f"MatrixSymbol({symbol.name!r}, {columns}, 1).T",
                self.text,
                *self._place(symbol),
            )
        return () if columns == rows == 1 else (rows,) if columns == 1 else (rows, columns)

    def _declare(self, symbol: Any, shape: Sizes | None) -> str:
        name = canonical(symbol.name)
        if name is None:
            raise self.problem(
                f"`{symbol.name}` is no name; a name is a letter or a word, with a subscript", symbol
            )
        if self.symbols.setdefault(name, symbol) != symbol:
            raise self.problem(f"`{symbol.name}` stands for two different symbols", symbol)
        if shape is not None:
            self.shapes[name] = shape
            self.spellings[name] = symbol.name
        return name

    def _symbol(self, expr: Any, args: list[Syntax]) -> Syntax:
        if expr in self.sizes:
            return Name(*self._place(expr), self.sizes[expr])
        if not expr.is_commutative:
            raise self.problem(f"{expr} does not commute; use a MatrixSymbol for a matrix", expr)
        return Name(*self._place(expr), self._declare(expr, ()))

    def _matrix_symbol(self, expr: Any, args: list[Syntax]) -> Syntax:
        return Name(*self._place(expr), self._declare(expr, None))

    def _number(self, expr: Any, args: list[Syntax]) -> Syntax:
        place = self._place(expr)
        if not expr.is_finite:
            raise self.problem(f"{expr} is no number that formulas can hold", expr)
        if expr.is_Float:
            return Number(*place, Fraction(repr(float(expr)) if expr._prec <= 53 else str(expr)))
        return Number(*place, Fraction(int(expr.p), int(expr.q)))

    def _constant(self, expr: Any, args: list[Syntax]) -> Syntax:
        if expr is sympy.pi:
            return Constant(*self._place(expr), "pi")
        if expr is sympy.E:
            return self.call(expr, "exp", Number(*self._place(expr), Fraction(1)))
        return self._number(sympy.Float(expr), args)

    def _identity(self, expr: Any, args: list[Syntax]) -> Syntax:
        if expr.rows == 1:
            return Number(*self._place(expr), Fraction(1))
        return Constant(*self._place(expr), "identity", self.size(expr.rows, expr))

    def _ones(self, expr: Any, args: list[Syntax]) -> Syntax:
        place = self._place(expr)
        rows, columns = (None if s == 1 else Constant(*place, "ones", self.size(s, expr)) for s in expr.shape)
        row = columns and self.call(expr, "transpose", columns)
        one = Number(*place, Fraction(1))
        tree = self.call(expr, "mul", rows, row) if rows and row else rows or row or one
        if tree is not one:
            self.fills[tree] = one
        return tree

    def _zeros(self, expr: Any, args: list[Syntax]) -> Syntax:
        return self.call(expr, "mul", Number(*self._place(expr), Fraction(0)), self._ones(expr, args))

    # Operators -------------------------------------------------------------------------------------------------

    def _sum(self, expr: Any, args: list[Syntax]) -> Syntax:
        """A sum; multiples of ones beside other terms are scalars that are added to every entry."""
        spread = not all(term in self.fills for term in args)
        terms = [self.fills.get(term, term) if spread else term for term in args]
        terms.sort(key=lambda term: isinstance(term, Call) and term.function == "neg")
        return reduce(lambda left, right: self._plus(expr, left, right), terms)

    def _plus(self, expr: Any, left: Syntax, right: Syntax) -> Syntax:
        if isinstance(right, Call) and right.function == "neg":
            return self.call(expr, "sub", left, right.args[0])
        return self.call(expr, "add", left, right)

    def _matmul(self, expr: Any, args: list[Syntax]) -> Syntax:
        scalars = [tree for arg, tree in zip(expr.args, args, strict=True) if not arg.is_Matrix]
        matrices = [tree for arg, tree in zip(expr.args, args, strict=True) if arg.is_Matrix]
        chain = reduce(lambda left, right: self.call(expr, "mul", left, right), matrices)
        if not scalars:
            return chain
        scalar = self._times(expr, scalars, "mul", "divide")
        tree = self._scaled(expr, scalar, chain)
        if chain in self.fills:
            self.fills[tree] = scalar
        return tree

    def _scaled(self, expr: Any, scalar: Syntax, tree: Syntax) -> Syntax:
        if isinstance(scalar, Number) and scalar.value < 0:
            size = Number(scalar.start, scalar.end, -scalar.value)
            return self.call(expr, "neg", tree if size.value == 1 else self.call(expr, "mul", size, tree))
        if isinstance(scalar, Call) and scalar.function == "neg":
            return self.call(expr, "neg", self._scaled(expr, scalar.args[0], tree))
        if isinstance(scalar, Call) and _is_reciprocal(scalar):
            return self.call(expr, "divide", tree, scalar.args[1])
        return self.call(expr, "mul", scalar, tree)

    def _times(self, expr: Any, factors: list[Syntax], product: str, quotient: str) -> Syntax:
        """A product of scalars, or of entries, at most the last an array; reciprocals make a quotient."""
        below = [factor.args[1] for factor in factors if isinstance(factor, Call) and _is_reciprocal(factor)]
        above = [factor for factor in factors if not _is_reciprocal(factor)]
        negative = len(above) > 1 and isinstance(above[0], Number) and above[0].value < 0
        if negative and isinstance(above[0], Number):
            above[0] = Number(above[0].start, above[0].end, -above[0].value)
        if len(above) > 1 and isinstance(above[0], Number) and above[0].value == 1:
            del above[0]
        above = above or [Number(*self._place(expr), Fraction(1))]
        tree = reduce(lambda left, right: self.call(expr, product, left, right), above)
        if below:
            divisor = reduce(lambda left, right: self.call(expr, product, left, right), below)
            tree = self.call(expr, quotient, tree, divisor)
        return self.call(expr, "neg", tree) if negative else tree

    def _power(self, expr: Any, args: list[Syntax], entries: bool) -> Syntax:
        base, exponent = args
        if isinstance(exponent, Number) and exponent.value < 0:
            one = Number(exponent.start, exponent.end, Fraction(1))
            up = Number(exponent.start, exponent.end, -exponent.value)
            power = base if up.value == 1 else self._power(expr, [base, up], entries)
            return self.call(expr, "eldivide" if entries else "divide", one, power)
        if isinstance(exponent, Number) and exponent.value == Fraction(1, 2):
            return self.call(expr, "sqrt", base)
        return self.call(expr, "elpower" if entries else "power", base, exponent)

    def _elementwise(self, expr: Any, args: list[Syntax]) -> Syntax:
        variables, body = expr.function.variables, expr.function.expr
        if len(variables) != 1:
            raise self.problem("a function of entries has one variable", expr)
        if body.has(variables[0]):
            return self.read(body, {variables[0]: args[0]})
        ones = self.call(expr, "elpower", args[0], Number(*self._place(expr), Fraction(0)))
        return self.call(expr, "hadamard", self.read(body, {}), ones)

    def _element(self, expr: Any, args: list[Syntax]) -> Syntax:
        if expr.parent.shape != (1, 1) or expr.args[1:] != (0, 0):
            raise self.problem(
                "single entries of a matrix are not read; only [0, 0] of a 1×1 matrix is", expr
            )
        return args[0]

    def _step(self, expr: Any, args: list[Syntax]) -> Syntax:
        if expr.args[1] != sympy.S.Half:
            raise self.problem("Heaviside(0) is ½ here", expr)
        return self.call(expr, "step", args[0])


_READERS: dict[type, Callable[[_Reader, Any, list[Syntax]], Syntax]] = {
    sympy.MatrixSymbol: _Reader._matrix_symbol,
    sympy.Symbol: _Reader._symbol,
    sympy.Number: _Reader._number,
    sympy.NumberSymbol: _Reader._constant,
    sympy.Identity: _Reader._identity,
    sympy.OneMatrix: _Reader._ones,
    sympy.ZeroMatrix: _Reader._zeros,
    sympy.Add: _Reader._sum,
    sympy.MatMul: _Reader._matmul,
    sympy.Heaviside: _Reader._step,
    ElementwiseApplyFunction: _Reader._elementwise,
    MatrixElement: _Reader._element,
}


@cache
def _functions() -> dict[str, str]:
    """SymPy's name of each function that the shipped rules know -> the name that it is read by."""
    return {op.sympy: op.reads[0] for op in standard().by_name.values() if op.sympy and op.reads}


def _name(expr: Any) -> str:
    """The function or operator that an expression applies to its parts; nothing if there is none here."""
    kind = type(expr)
    known = getattr(sympy, kind.__name__, None) is kind
    return _NAMES.get(kind) or (_functions().get(kind.__name__, "") if known else "")


def _children(expr: Any) -> tuple[Any, ...]:
    """The parts of an expression that have trees of their own."""
    if isinstance(expr, (sympy.MatrixSymbol, sympy.Identity, sympy.OneMatrix, sympy.ZeroMatrix)):
        return ()
    if isinstance(expr, ElementwiseApplyFunction):
        return (expr.expr,)
    return (
        expr.args[:1]
        if isinstance(expr, (MatrixElement, sympy.Heaviside, sympy.Inverse))
        else tuple(expr.args)
    )


def _postorder(root: Any, parts: Callable[[Any], Iterable[Any]]) -> Iterator[Any]:
    """Every different part of an expression, the parts of each first."""
    seen: set[Any] = set()
    stack = [(root, False)]
    while stack:
        expr, done = stack.pop()
        if done:
            yield expr
        elif expr not in seen:
            seen.add(expr)
            stack.append((expr, True))
            stack.extend((part, False) for part in reversed(tuple(parts(expr))))


def _is_reciprocal(tree: Syntax) -> bool:
    """Whether a tree is 1/x."""
    if not (isinstance(tree, Call) and tree.function in ("divide", "eldivide")):
        return False
    return isinstance(tree.args[0], Number) and tree.args[0].value == 1


def _in_word(text: str, start: int, end: int) -> bool:
    """Whether ``text[start:end]`` is a part of a longer name."""
    around = text[max(0, start - 1) : start] + text[end : end + 1]
    return any(character.isalnum() or character == "_" for character in around)
