"""Random well-shaped scalar expressions over the whole operation list of the language.

An expression is a tree that is never matcalc's: ``spelling.py`` writes it as text, ``numbers.py`` computes it.
Variables get their numbers first, and every piece is computed while the tree is built, so that a logarithm has a
positive argument, an inverse a well-conditioned one, and no kink is near.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from .numbers import ELEMENTWISE, Array
from .tree import (
    SCALAR,
    SIZES,
    Expr,
    Shape,
    Unsuitable,
    dimensions,
    make,
    rank,
)

MATRICES = "A B C D F G H K L M P Q R S U V W X Y Z W1 W2 X_1 W_in".split()
VECTORS = "a b c d f g h q r s t u v w x y z x1 x2 b_1".split()
SCALARS = "alpha beta gamma lambda eps theta mu tau rho kappa nu omega phi psi eta zeta xi delta".split()
ODD = {
    2: ["weights", "Sigma", "Theta"],
    1: ["e", "bias", "ell", "i", "x_hat"],
    0: ["c", "a", "rate", "sigma", "g"],
}


class Generator:
    """Draws one expression; ``variables`` holds the ones it has used, by canonical name."""

    def __init__(self, rng: random.Random, conventional: bool = False) -> None:
        self.rng = rng
        self.numbers = np.random.default_rng(rng.getrandbits(32))
        self.conventional = conventional  # names tell the shapes: no declared words
        self.variables: dict[str, Expr] = {}
        self.pieces: list[Expr] = []
        self.sizes = rng.sample(list(SIZES), rng.choice([1, 2, 2, 3, 4]))
        self.reuse = rng.choice([0.2, 0.5, 0.8])

    def expression(self, depth: int) -> Expr:
        """A scalar expression that depends on a variable."""
        while True:
            root = self.gen(SCALAR, depth)
            if any(piece.op == "variable" for piece in root.walk()) and root.op != "variable":
                return root

    def size(self) -> str:
        return self.rng.choice(self.sizes)

    def gen(self, shape: Shape, depth: int) -> Expr:
        """A piece of this shape, ``depth`` operations deep at most."""
        if depth <= 0 or self.rng.random() < 0.06:
            return self.leaf(shape)
        same = [piece for piece in self.pieces if piece.shape == shape and piece.depth() <= depth]
        if same and self.rng.random() < 0.12 * self.reuse * 2:
            return self.rng.choice(same)
        for _ in range(12):
            try:
                piece = self._operation(shape, depth - 1)
            except Unsuitable:
                continue
            self.pieces.append(piece)
            return piece
        return self.leaf(shape)

    # Leaves

    def leaf(self, shape: Shape) -> Expr:
        rng = self.rng
        if shape[0] is None and shape[1] is not None:
            return make("transpose", (self.leaf((shape[1], None)),), shape)
        chance = rng.random()
        if rank(shape) == 0 and chance < 0.35:
            return self.number()
        if rank(shape) == 1 and chance < 0.10:
            return make("ones", (), shape)
        if rank(shape) >= 1 and 0.10 < chance < 0.15:
            return make("fill", (self.leaf(SCALAR),), shape)
        if rank(shape) == 2 and shape[0] == shape[1] and chance < 0.10:
            return make("identity", (), shape)
        return self.variable(shape)

    def number(self) -> Expr:
        rng = self.rng
        if rng.random() < 0.08:
            return make("pi", (), SCALAR)
        value = rng.choice(
            [
                1,
                1,
                2,
                2,
                3,
                4,
                5,
                10,
                Fraction(1, 2),
                Fraction(1, 2),
                Fraction(1, 3),
                Fraction(2, 3),
                Fraction(3, 4),
            ]
            + [Fraction(3, 2), Fraction(1, 10), Fraction(5, 4), Fraction(1, 8), Fraction(7, 5)]
        )
        return make("number", (), SCALAR, Fraction(value))

    def variable(self, shape: Shape) -> Expr:
        """A variable of this shape, one that is used already with the probability ``reuse``."""
        rng = self.rng
        used = [variable for variable in self.variables.values() if variable.shape == shape]
        if used and rng.random() < self.reuse:
            return rng.choice(used)
        names = [MATRICES, VECTORS, SCALARS][2 - rank(shape)]
        if not self.conventional and rng.random() < 0.06:
            names = ODD[rank(shape)]
        free = [name for name in names if name not in self.variables]
        if not free:
            return rng.choice(used) if used else make("fill", (self.number(),), shape)
        name = rng.choice(free)
        variable = self.variables[name] = Expr("variable", (), shape, name, self._draw(shape))
        return variable

    def _draw(self, shape: Shape) -> Array:
        size = dimensions(shape)
        kind = self.rng.choice(["normal", "normal", "positive", "dominant"])
        z = self.numbers.standard_normal(size)
        if kind == "positive" or (kind == "dominant" and size[0] != size[1]):
            return 0.3 + np.abs(z)
        if kind == "dominant" and size[0] > 1:
            return 0.4 * z + 2 * np.eye(size[0])
        return np.where(np.abs(z) < 0.05, 0.3, z)

    # Operations

    def _operation(self, shape: Shape, depth: int) -> Expr:
        choices: list[Callable[[Generator, Shape, int], Expr]] = [*_ANY * 2]
        if rank(shape) == 0:
            choices += _TO_SCALAR * 4
        if rank(shape) == 1:
            choices += _TO_VECTOR * 3
        if rank(shape) == 2:
            choices += _TO_MATRIX * 3
        if rank(shape) == 2 and shape[0] == shape[1]:
            choices += _TO_SQUARE * 3
        return self.rng.choice(choices)(self, shape, depth)

    def _array_or_scalar(self, shape: Shape, depth: int) -> Expr:
        return self.gen(shape if self.rng.random() < 0.8 else SCALAR, depth)

    def sum_of(self, shape: Shape, depth: int) -> Expr:
        op = self.rng.choice(["add", "add", "sub"])
        pair = [self.gen(shape, depth), self._array_or_scalar(shape, depth)]
        self.rng.shuffle(pair)
        return make(op, tuple(pair), shape)

    def neg(self, shape: Shape, depth: int) -> Expr:
        return make("neg", (self.gen(shape, depth),), shape)

    def scale(self, shape: Shape, depth: int) -> Expr:
        pair = [self.gen(SCALAR, depth), self.gen(shape, depth)]
        if self.rng.random() < 0.3:
            pair.reverse()
        return make("scale", tuple(pair), shape)

    def over(self, shape: Shape, depth: int) -> Expr:
        return make("over", (self.gen(shape, depth), self.nonzero(SCALAR, depth)), shape)

    def hadamard(self, shape: Shape, depth: int) -> Expr:
        return make("hadamard", (self.gen(shape, depth), self.gen(shape, depth)), shape)

    def eldivide(self, shape: Shape, depth: int) -> Expr:
        pair = [self._array_or_scalar(shape, depth), self.nonzero(shape, depth)]
        if pair[0].shape == shape and self.rng.random() < 0.15:
            pair[1] = self.nonzero(SCALAR, depth)
        return make("eldivide", tuple(pair), shape)

    def function(self, shape: Shape, depth: int) -> Expr:
        name = self.rng.choice(list(ELEMENTWISE))
        if name in ("log", "sqrt"):
            return make(name, (self.positive(shape, depth),), shape)
        argument = self.gen(shape, depth)
        if name in ("arcsin", "arccos") and np.abs(argument.value).max() >= 0.93:
            squash = self.rng.choice(["tanh", "sin", "erf"])
            argument = make(
                "scale", (make("number", (), SCALAR, Fraction(1, 2)), make(squash, (argument,), shape)), shape
            )
        return make(name, (argument,), shape)

    def extremum(self, shape: Shape, depth: int) -> Expr:
        pair = [self.gen(shape, depth), self._array_or_scalar(shape, depth)]
        self.rng.shuffle(pair)
        return make(self.rng.choice(["max", "min"]), tuple(pair), shape)

    def whole_power(self, shape: Shape, depth: int) -> Expr:
        exponent = self.rng.choice([2, 2, 2, 2, 3, 3, 3, 4, -1, -1, -2, -3, self.rng.choice([0, 1, 7])])
        base = self.gen(shape, depth) if exponent > 0 else self.nonzero(shape, depth)
        return make("intpow", (base,), shape, exponent)

    def broken_power(self, shape: Shape, depth: int) -> Expr:
        """A power with a fraction, a scalar or an array for its exponent."""
        rng = self.rng
        base, kind = self.positive(shape, depth), rng.random()
        if kind < 0.4:
            value = rng.choice(
                [
                    Fraction(1, 2),
                    Fraction(-1, 2),
                    Fraction(3, 2),
                    Fraction(1, 3),
                    Fraction(-3, 2),
                    Fraction(13, 10),
                ]
            )
            exponent = make("number", (), SCALAR, value)
        elif kind < 0.6 or rank(shape) == 0:
            exponent = self.gen(SCALAR, min(depth, 1))
        else:
            exponent = self.gen(shape, min(depth, 2))
            if rng.random() < 0.3:
                base = self.positive(SCALAR, depth)
        return make("pow", (base, exponent), shape)

    def reduction(self, shape: Shape, depth: int) -> Expr:
        rng = self.rng
        op = rng.choice(["sum", "sum", "sum", "norm2", "norm2", "sumsq", "sumsq", "norm1", "logsumexp"])
        a, b = self.size(), self.size()
        array = rng.choice(
            [(a, None), (a, None), (a, b), (a, b), (None, a), SCALAR if op == "norm2" else (a, None)]
        )
        value = self.gen(array, depth)
        if op == "sumsq":
            return make("intpow", (make("norm2", (value,), SCALAR),), SCALAR, 2)
        return make(op, (value,), SCALAR)

    def of_square(self, shape: Shape, depth: int) -> Expr:
        a = self.size()
        op = self.rng.choice(["tr", "tr", "det", "logdet"])
        if op == "tr":
            return make("tr", (self.gen((a, a), depth),), SCALAR)
        return make(op, (self.invertible((a, a), depth, op == "logdet"),), SCALAR)

    def inner(self, shape: Shape, depth: int) -> Expr:
        a = self.size()
        if self.rng.random() < 0.3:
            b = self.size()
            left = make("matmul", (self.gen((None, a), depth - 1), self.gen((a, b), depth - 1)), (None, b))
            return make("matmul", (left, self.gen((b, None), depth - 1)), SCALAR)
        return make("matmul", (self.gen((None, a), depth), self.gen((a, None), depth)), SCALAR)

    def product(self, shape: Shape, depth: int) -> Expr:
        """A matrix product, or the outer product of vectors."""
        rows, columns = shape
        between = None if rank(shape) == 2 and self.rng.random() < 0.25 else self.size()
        left, right = (rows, between), (between, columns)
        return make("matmul", (self.gen(left, depth), self.gen(right, depth)), shape)

    def gram(self, shape: Shape, depth: int) -> Expr:
        inner = self.gen((self.size(), shape[1]), depth - 1)
        return make("matmul", (make("transpose", (inner,), (inner.shape[1], inner.shape[0])), inner), shape)

    def transpose(self, shape: Shape, depth: int) -> Expr:
        return make("transpose", (self.gen((shape[1], shape[0]), depth),), shape)

    def diagonal(self, shape: Shape, depth: int) -> Expr:
        if shape[0] is None:
            raise Unsuitable("diagonal")
        return make("diagonal", (self.gen((shape[0], shape[0]), depth),), shape)

    def softmax(self, shape: Shape, depth: int) -> Expr:
        if shape[0] is None:
            raise Unsuitable("softmax")
        return make("softmax", (self.gen(shape, depth),), shape)

    def diag(self, shape: Shape, depth: int) -> Expr:
        return make("diag", (self.gen((shape[0], None), depth),), shape)

    def inv(self, shape: Shape, depth: int) -> Expr:
        return make("inv", (self.invertible(shape, depth, False),), shape)

    def matrix_power(self, shape: Shape, depth: int) -> Expr:
        exponent = self.rng.choice([2, 2, 2, 3, 3, -1, -2, 4, self.rng.choice([0, 1])])
        base = self.gen(shape, depth) if exponent > 0 else self.invertible(shape, depth, False)
        return make("matpow", (base,), shape, exponent)

    # Pieces that the simplifier knows something about

    def identity_of_functions(self, shape: Shape, depth: int) -> Expr:
        """Something elementwise that has a shorter form."""
        x = self.gen(shape, depth - 1)
        one = make("number", (), SCALAR, Fraction(1))

        def f(op: str, *args: Expr, data: Any = None) -> Expr:
            return make(op, args, shape, data)

        match self.rng.randrange(14):
            case 0:
                return f("eldivide", f("exp", x), f("add", one, f("exp", x)))
            case 1:
                return f("eldivide", one, f("add", one, f("exp", f("neg", x))))
            case 2:
                return f("over", f("exp", x), make("sum", (f("exp", x),), SCALAR))
            case 3:
                return f("log", f("exp", x))
            case 4:
                return f("exp", f("log", x))
            case 5:
                return f("intpow", f("sqrt", x), data=2)
            case 6:
                return f("hadamard", f("sqrt", x), f("sqrt", x))
            case 7:
                return f("hadamard", f("abs", x), f("sign", x))
            case 8:
                return f("eldivide", x, x)
            case 9:
                return f("sub", x, x)
            case 10:
                return f("neg", f("neg", x))
            case 11:
                return f("log", f("add", f("exp", x), one))
            case 12:
                return f("scale", make("number", (), SCALAR, Fraction(0)), x)
            case _:
                return f("over", x, make("norm2", (x,), SCALAR))

    def identity_of_matrices(self, shape: Shape, depth: int) -> Expr:
        """A square matrix, or a scalar of one, that has a shorter form."""
        a = shape[0] or self.size()
        square = (a, a)
        x = self.invertible(square, depth - 1, False)
        y = self.gen(square, depth - 1)

        def f(op: str, *args: Expr) -> Expr:
            return make(op, args, square)

        if rank(shape) == 0:
            match self.rng.randrange(6):
                case 0:
                    return make("log", (make("sum", (f("exp", x),), SCALAR),), SCALAR)
                case 1:
                    return make("log", (make("det", (x,), SCALAR),), SCALAR)
                case 2:
                    return make("det", (f("inv", x),), SCALAR)
                case 3:
                    return make("det", (f("matmul", x, y),), SCALAR)
                case 4:
                    return make("tr", (f("matmul", f("transpose", x), y),), SCALAR)
                case _:
                    return make(
                        "sum", (f("matmul", f("diag", make("diagonal", (x,), (a, None))), y),), SCALAR
                    )
        match self.rng.randrange(6):
            case 0:
                return f("matmul", f("inv", x), x)
            case 1:
                return f("matmul", x, f("matmul", f("inv", x), y))
            case 2:
                return f("transpose", f("matmul", x, f("transpose", y)))
            case 3:
                return f("inv", f("inv", x))
            case 4:
                return f("matmul", f("diag", make("diagonal", (x,), (a, None))), y)
            case _:
                return f("inv", f("transpose", f("inv", x)))

    def of_scalar(self, shape: Shape, depth: int) -> Expr:
        """A function of an array that is given a scalar."""
        value = self.nonzero(SCALAR, depth)
        return make(
            self.rng.choice(["sum", "tr", "norm1", "norm2", "det", "inv", "logsumexp"]), (value,), SCALAR
        )

    # Values with a domain

    def nonzero(self, shape: Shape, depth: int) -> Expr:
        piece = self.gen(shape, depth)
        return piece if np.abs(piece.value).min() > 0.15 else self._lifted(piece)

    def positive(self, shape: Shape, depth: int) -> Expr:
        piece = self.gen(shape, depth)
        return piece if piece.value.min() > 0.1 else self._lifted(piece)

    def _lifted(self, piece: Expr) -> Expr:
        """Something positive made of a piece."""
        shape, rng = piece.shape, self.rng
        kind = rng.choice(["exp", "square", "abs", "softplus", "sigmoid", "cosh", "hadamard"])
        if kind == "square":
            lifted = make("intpow", (piece,), shape, 2)
        elif kind == "hadamard":
            lifted = make("hadamard", (piece, piece), shape)
        else:
            lifted = make(kind, (piece,), shape)
        if kind in ("square", "hadamard", "abs") or rng.random() < 0.2:
            constant = make("number", (), SCALAR, Fraction(rng.choice([1, 2, "1/2", "1/10"])))
            pair = (constant, lifted) if rng.random() < 0.5 else (lifted, constant)
            lifted = make("add", pair, shape)
        return lifted

    def invertible(self, shape: Shape, depth: int, definite: bool) -> Expr:
        rng = self.rng
        piece = self.gen(shape, depth)
        value = piece.value
        if np.linalg.cond(value) < 30 and (not definite or np.linalg.det(value) > 0.1):
            return piece
        if rng.random() < 0.5 or definite:
            piece = make("matmul", (make("transpose", (piece,), shape), piece), shape)
            shift: Expr = make("identity", (), shape)
        else:
            number = make("number", (), SCALAR, Fraction(rng.choice([2, 3, 5])))
            shift = make("scale", (number, make("identity", (), shape)), shape)
        return make("add", (piece, shift) if rng.random() < 0.7 else (shift, piece), shape)


G = Generator
_ANY = [
    G.sum_of,
    G.sum_of,
    G.neg,
    G.scale,
    G.over,
    G.hadamard,
    G.eldivide,
    G.function,
    G.function,
    G.function,
]
_ANY += [G.extremum, G.whole_power, G.broken_power, G.identity_of_functions]
_TO_SCALAR = [G.reduction, G.reduction, G.reduction, G.of_square, G.of_square, G.inner, G.inner]
_TO_SCALAR += [G.identity_of_matrices, G.of_scalar]
_TO_VECTOR = [G.product, G.product, G.transpose, G.diagonal, G.softmax]
_TO_MATRIX = [G.product, G.product, G.product, G.transpose]
_TO_SQUARE = [G.gram, G.diag, G.inv, G.matrix_power, G.identity_of_matrices]
