"""Results as SymPy expressions, in forms that numbers can be put into.

A chain of functions of each entry is one ``Lambda`` applied elementwise: ``1 − tanh²(Wx)`` is ``Lambda(z, 1 -
tanh(z)**2)`` over ``W*x``.  ``sympy_forms`` says which forms collapse when numbers are put in.
"""

from __future__ import annotations

import itertools
import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sympy
from sympy import FunctionMatrix, HadamardPower, Identity, S

from matcalc.errors import DerivationProblem, RuleProblem
from matcalc.graph.node import SCALAR, Node, own_axes
from matcalc.graph.sizes import separated
from matcalc.graph.template import definition
from matcalc.operations import Operation
from matcalc.printers import sympy_layout
from matcalc.printers.sympy_arrays import array_of, array_value, is_array, size_of, with_row
from matcalc.printers.sympy_forms import Fill, Forms, Image
from matcalc.reading import Reading

_LONGEST = 40  # operations in one Lambda; a longer chain is cut
_DEEPEST = 40  # definitions inside definitions; more means that a rule is defined by itself


def to_sympy(node: Node, reading: Reading, row: bool = False) -> Any:
    """The value of ``node``, a result of ``reading``, as a SymPy expression.

    Matrices (m×n), vectors (n×1) and transposed vectors (1×n) are matrix expressions over ``MatrixSymbol`` with the
    canonical names; scalars are scalar expressions over ``Symbol``.  Symbolic sizes are positive integer symbols.  A value
    with more than two axes is an array expression of ``sympy.tensor.array.expressions`` with exactly these axes, over
    matrices, vectors (still n×1 symbols) and ``ArraySymbol``.  With ``row`` an axis of length 1 is put in front.

    To put numbers in, substitute everything at once, ``e = expr.subs({A: ImmutableMatrix(…), gamma: 0.5, n: 3})``, or
    the sizes first and then the symbols of ``atoms(MatrixSymbol)``, which have those sizes, or the sizes last; then
    take ``e.doit()``, and of a matrix ``.as_explicit()``.  ``lambdify`` knows no functions of entries: give it
    ``expr.subs(sizes).doit().as_explicit()``.  ``doit`` leaves the ``Determinant`` of a sum with an ``Identity``.

    Array expressions check their axes whenever they are made, and ``Sum.subs`` overlooks the sizes of matrices, so there
    the sizes go in first, by ``xreplace``, and then the rest (or all at once by ``xreplace``)::

        e = expr.xreplace({n: Integer(3), m: Integer(2)})
        e = e.subs({X: ImmutableMatrix(…) for X in e.atoms(MatrixSymbol)} | {T: Array(…) for T in e.atoms(ArraySymbol)})
        numbers = e.as_explicit().applyfunc(lambda entry: entry.doit()).tolist()

    Of a matrix take ``e.doit()`` before ``as_explicit``, which is faster.

    Raises ``RuleProblem`` where an operation of a user's rules has no SymPy form, ``DerivationProblem`` where the result
    is nested more deeply than SymPy, which recurses, can hold.
    """
    writer = _Writer(reading)
    try:
        value = writer.value(node)
        if len(node.shape) > 2:
            expression = array_of(value)
        else:
            expression = value if node.shape == SCALAR else writer.matrix(value)
        if row:
            expression = with_row(expression, len(own_axes(node.shape)))
        return expression.xreplace(_givers_symbols(expression, reading)) if reading.symbols else expression
    except RecursionError:
        raise DerivationProblem("this result is nested too deeply for a SymPy expression") from None


def _givers_symbols(expression: Any, reading: Reading) -> dict[Any, Any]:
    """The symbols, also those of sizes, that the SymPy expression which was read has, for ours of the same names."""
    ours = expression.atoms(sympy.Symbol)
    return {symbol: reading.symbols[symbol.name] for symbol in ours if symbol.name in reading.symbols}


class _Writer(Forms):
    """Turns nodes into values: an expression for a scalar, an ``Image`` or a ``Fill`` for an array."""

    def __init__(self, reading: Reading) -> None:
        names = {*reading.shapes, *reading.declared, *(str(s) for v in reading.shapes.values() for s in v)}
        super().__init__(sympy.Symbol(next(name for name in _fresh_names("ztuvw") if name not in names)))
        self.indices = (n for n in _fresh_names("ijklpqrs") if n not in names and n != self.entry.name)
        self.places = tuple(sympy.Symbol(next(self.indices), integer=True, positive=True) for _ in range(2))
        self.reading = reading
        self.done: dict[Node, Any] = {}
        self.simple: set[Node] = set()  # made of scalar variables only, so that a Lambda may hold them

    def value(self, root: Node) -> Any:
        """The value of a node, after those that it is computed from; without recursion."""
        meanings: dict[Node, Node] = {}
        stack = [(root, 0)]
        while stack:
            node, depth = stack[-1]
            if depth > _DEEPEST:
                raise RuleProblem(f"`{node.op}` is defined by itself")
            missing = [(arg, depth) for arg in node.args if arg not in self.done]
            if not missing and self._is_defined(node):
                if node not in meanings:
                    meanings[node] = definition(node, self.reading.graph, self.reading.operations)
                missing = [(meanings[node], depth + 1)] if meanings[node] not in self.done else []
            if missing and node not in self.done:
                stack.extend(reversed(missing))
                continue
            stack.pop()
            if node not in self.done:
                self._finish(node, meanings.get(node))
        return self.done[root]

    def _finish(self, node: Node, meaning: Node | None) -> None:
        if meaning is not None:
            self.done[node] = self.done[meaning]
        else:
            self.done[node] = self._make(node, [self.done[arg] for arg in node.args])
        scalar = node.shape == SCALAR or node.op in ("fill", "ones")
        if scalar and all(arg in self.simple for arg in node.args):
            self.simple.add(node)

    def _is_defined(self, node: Node) -> bool:
        operation = self.reading.operations.by_name.get(node.op)
        return (
            node.op not in _MAKERS
            and operation is not None
            and operation.sympy is None
            and bool(operation.value)
        )

    def _make(self, node: Node, args: Sequence[Any]) -> Any:
        if is_array(node):
            return array_value(self, node, args)
        maker = _MAKERS.get(node.op)
        if maker is not None:
            return maker(self, node, *args)
        operation = self.reading.operations[node.op]
        function = _function(operation)
        if operation.elementwise or all(arg.shape == SCALAR for arg in node.args):
            return self.each(node, function, *args)
        value = function(
            *(a if n.shape == SCALAR else self.matrix(a) for n, a in zip(node.args, args, strict=True))
        )
        return self.whole(value) if value.is_Matrix else value

    def function_of(self, node: Node) -> Callable[..., Any]:
        """The function of entries that an elementwise operation is."""
        if node.op == "selection":
            raise RuleProblem("SymPy has no expression for the shifted entries x[i+p] of a convolution")
        return _OPERATORS.get(node.op) or _function(self.reading.operations[node.op])

    def fill(self, scalar: Any, node: Node) -> Fill:
        """An array of a node's shape with a scalar in every entry."""
        return Fill(scalar, tuple(size_of(size) for size in node.shape))

    def index(self) -> Any:
        """A symbol that stands for an index in a sum, another one each time."""
        return sympy.Symbol(next(self.indices))

    def each(self, node: Node, function: Callable[..., Any], *args: Any) -> Any:
        """A function of each entry: one body where the arrays are functions of one matrix, else two arrays."""
        images = [arg for arg in args if isinstance(arg, Image)]
        if not images:
            value = function(*(arg.scalar if isinstance(arg, Fill) else arg for arg in args))
            return value if node.shape == SCALAR else Fill(value, _shape(node))
        simple = all(isinstance(a, Image) or n in self.simple for n, a in zip(node.args, args, strict=True))
        if simple and all(image.inner == images[0].inner for image in images):
            body = function(*(getattr(arg, "body", getattr(arg, "scalar", arg)) for arg in args))
            if body.has(self.entry) and body.count_ops() <= _LONGEST:
                return Image(images[0].inner, body)
        if len(args) == 1:
            return Image(self.matrix(args[0]), function(self.entry))
        if node.op not in _PAIRS:
            raise RuleProblem(f"`{node.op}` of two different arrays has no SymPy form")
        return self.whole(_PAIRS[node.op](self, *args))

    def sum_of(self, left: Any, right: Any, sign: int = 1) -> Any:
        """X ± Y, as a matrix."""
        like = next(value.inner for value in (left, right) if isinstance(value, Image))
        return self.plus(self.matrix(left, like), self.times([sign], self.matrix(right, like)))

    def product_of(self, left: Any, right: Any) -> Any:
        """X ⊙ Y, as a matrix."""
        fills = [value.scalar for value in (left, right) if isinstance(value, Fill)]
        images = [self.matrix(value) for value in (left, right) if isinstance(value, Image)]
        return self.times(fills, images[0]) if fills else self.entrywise(*images)

    def quotient_of(self, left: Any, right: Any) -> Any:
        """X ⊘ Y, as a matrix."""
        one = (
            Fill(1 / right.scalar, right.shape)
            if isinstance(right, Fill)
            else Image(right.inner, 1 / right.body)
        )
        return self.product_of(left, one)

    def power_of(self, base: Any, exponent: Any) -> Any:
        """X to the power P, elementwise, as a matrix; one of them is an array."""
        return HadamardPower(
            *(self.matrix(v) if isinstance(v, Image) else getattr(v, "scalar", v) for v in (base, exponent))
        )

    def extreme_of(self, function: Any, left: Any, right: Any) -> Any:
        """max(X, Y) = Y + max(X − Y, 0), as a matrix."""
        return self.sum_of(
            self.whole(self.matrix(right, left.inner if isinstance(left, Image) else None)),
            self.whole(self.applied(self.sum_of(left, right, -1), function(self.entry, 0))),
        )

    def scale(self, scalar: Any, value: Any, simple: bool) -> Any:
        """A scalar times anything."""
        if isinstance(value, Fill):
            return Fill(scalar * value.scalar, value.shape)
        if not isinstance(value, Image):
            return scalar * value
        return (
            Image(value.inner, scalar * value.body)
            if simple and scalar != 0
            else self.whole(self.times([scalar], self.matrix(value)))
        )

    def matmul(self, node: Node, left: Any, right: Any) -> Any:
        """A matrix product; of a transposed vector with a vector, the scalar."""
        fills = [value.scalar for value in (left, right) if isinstance(value, Fill)]
        if len(fills) == 1 and node.shape == SCALAR:
            return fills[0] * self.total(left if isinstance(right, Fill) else right)
        product = self.times([], self.matrix(left), self.matrix(right))
        return self.trace(product) if node.shape == SCALAR else self.whole(product)

    def triangle(self, value: Any, shape: tuple[Any, Any], lower: bool) -> Any:
        """X with zeros on one side of the diagonal."""
        i, j = self.places
        matrix = self.by_place(*shape, sympy.Heaviside(i - j if lower else j - i, 1))
        fill = isinstance(value, Fill)
        return self.times([value.scalar], matrix) if fill else self.entrywise(self.matrix(value), matrix)

    def shifted(self, value: Any, rows: Any, by: Any) -> Any:
        """X with its rows moved down in a circle."""
        i, j = self.places
        matrix = self.by_place(rows, rows, sympy.KroneckerDelta(sympy.Mod(i - by, rows), j))
        return self.times([], matrix, self.matrix(value))

    def by_place(self, rows: Any, columns: Any, entry: Any) -> Any:
        """The constant matrix whose entries are a function of their place."""
        return self.note(FunctionMatrix(rows, columns, sympy.Lambda(self.places, entry)))

    def exponential(self, value: Any) -> tuple[Any, Any]:
        """exp(X) as a matrix, and the sum of its entries."""
        if isinstance(value, Fill):
            exp: Any = Fill(sympy.exp(value.scalar), value.shape)
        else:
            exp = Image(value.inner, sympy.exp(value.body))
        return self.matrix(exp), self.total(exp)


def _no_form(writer: _Writer, node: Node, *args: Any) -> Any:
    raise RuleProblem(f"`{node.op}` has no SymPy form")


def _shape(node: Node) -> tuple[Any, Any]:
    return size_of(node.shape[0]), size_of(node.shape[1])


def _selection(node: Node) -> Any:
    """Columns of an identity, from the first that is picked on."""
    row, column = sympy.symbols("i j", integer=True)
    first = int(str(node.data).partition(":")[0])
    entry = sympy.Lambda((row, column), sympy.KroneckerDelta(row, column + first - 1))
    rows, columns = _shape(node)
    return FunctionMatrix(rows, columns, entry)


def _variable(writer: _Writer, node: Node) -> Any:
    name = str(node.data)
    return (
        sympy.Symbol(name) if node.shape == SCALAR else writer.whole(sympy.MatrixSymbol(name, *_shape(node)))
    )


def _function(operation: Operation) -> Any:
    """SymPy's function or class that a rule names."""
    function = getattr(sympy, operation.sympy or "", None)
    if function is sympy.sqrt or isinstance(function, type) and issubclass(function, sympy.Basic):
        return function
    if operation.sympy is None:
        raise RuleProblem(f"SymPy has no matrix expression for `{operation.writes}`")
    raise RuleProblem(f"the rule for `{operation.name}`: SymPy has no function `{operation.sympy}`")


def _fresh_names(letters: str) -> Iterator[str]:
    yield from letters
    yield from (f"{letters[0]}{i}" for i in itertools.count())


_PAIRS: dict[str, Callable[..., Any]] = {
    "add": _Writer.sum_of,
    "sub": lambda w, a, b: w.sum_of(a, b, -1),
    "hadamard": _Writer.product_of,
    "eldivide": _Writer.quotient_of,
    **dict.fromkeys(("intpower", "power", "elpower"), _Writer.power_of),
    "max": lambda w, a, b: w.extreme_of(sympy.Max, a, b),
    "min": lambda w, a, b: w.extreme_of(sympy.Min, a, b),
}
_OPERATORS: dict[str, Callable[..., Any]] = {
    "add": operator.add,
    "sub": operator.sub,
    "neg": operator.neg,
    "scale": operator.mul,
    "over": operator.truediv,
    "hadamard": operator.mul,
    "eldivide": operator.truediv,
    **dict.fromkeys(("intpower", "power", "elpower"), operator.pow),
}
_MAKERS: dict[str, Callable[..., Any]] = {
    "variable": _variable,
    "number": lambda w, n: sympy.Rational(n.data.numerator, n.data.denominator),
    "pi": lambda w, n: sympy.pi,
    "size": lambda w, n: size_of(n.data),
    "identity": lambda w, n: w.whole(Identity(size_of(n.shape[0]))),
    "selection": lambda w, n: w.whole(_selection(n)),
    "ones": lambda w, n: Fill(S.One, _shape(n)),
    "fill": lambda w, n, a: Fill(a, _shape(n)),
    "add": lambda w, n, a, b: w.each(n, operator.add, a, b),
    "sub": lambda w, n, a, b: w.each(n, operator.sub, a, b),
    "neg": lambda w, n, a: w.scale(S.NegativeOne, a, True),
    "scale": lambda w, n, s, a: w.scale(s, a, n.args[0] in w.simple),
    "over": lambda w, n, a, s: w.scale(1 / s, a, n.args[1] in w.simple),
    "hadamard": lambda w, n, a, b: w.each(n, operator.mul, a, b),
    "eldivide": lambda w, n, a, b: w.each(n, operator.truediv, a, b),
    **{name: lambda w, n, a, b: w.each(n, operator.pow, a, b) for name in ("intpower", "power", "elpower")},
    "matmul": _Writer.matmul,
    "transpose": lambda w, n, a: (
        Fill(a.scalar, a.shape[::-1]) if isinstance(a, Fill) else Image(w.transposed(a.inner), a.body)
    ),
    "diag": lambda w, n, a: w.whole(w.diag(w.matrix(a))),
    "diagonal": lambda w, n, a: w.whole(w.diagonal(w.matrix(a))),
    "tril": lambda w, n, a: w.whole(w.triangle(a, _shape(n), True)),
    "triu": lambda w, n, a: w.whole(w.triangle(a, _shape(n), False)),
    "cumsum": lambda w, n, a: w.whole(
        w.times([], w.triangle(Fill(1, _shape(n)), _shape(n)[:1] * 2, True), w.matrix(a))
    ),
    "shift": lambda w, n, a, k: w.whole(w.shifted(a, _shape(n)[0], k)),
    "sum": lambda w, n, a: w.total(a),
    "ispositive": lambda w, n, a: w.each(n, lambda x: sympy.Heaviside(x, 0), a),
    "sumsq": lambda w, n, a: w.squares(w.matrix(a)),
    "norm2": lambda w, n, a: sympy.sqrt(w.squares(w.matrix(a))),
    "tr": lambda w, n, a: w.trace(w.matrix(a)),
    "kron": lambda w, n, a, b: w.whole(sympy_layout.kron(w.matrix(a), w.matrix(b))),
    "vec": lambda w, n, a: w.whole(sympy_layout.vec(w.matrix(a))),
    "unvec": lambda w, n, a: w.whole(sympy_layout.unvec(w.matrix(a), *_shape(n))),
    "commutation": lambda w, n: w.whole(sympy_layout.commutation(*map(size_of, separated(str(n.data))))),
    **dict.fromkeys(("blockdot", "blocksum", "pairing"), _no_form),
    "logsumexp": lambda w, n, a: sympy.log(w.exponential(a)[1]),
    "logsumexp_all": lambda w, n, a: sympy.log(w.exponential(a)[1]),
    "softmax": lambda w, n, a: w.whole(w.times([1 / w.exponential(a)[1]], w.exponential(a)[0])),
}
