"""For each entry of ``rules/targets.toml``: operands of all-different sizes, and what they give, computed apart from it.

Where the numeric check has a kernel of the same name that is the reference, on arrays of its form (rows, columns).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from matcalc.verification.kernels import _KERNELS

Make = Callable[[np.random.Generator], Any]
Array = np.ndarray[Any, Any]


def real(*shape: int) -> Make:
    return lambda rng: rng.normal(size=shape)


def between(low: float, high: float, *shape: int) -> Make:
    return lambda rng: rng.uniform(low, high, shape)


def spd(n: int) -> Make:
    return lambda rng: (lambda a: a @ a.T / n + np.eye(n))(rng.normal(size=(n, n)))


def regular(n: int) -> Make:
    """Not symmetric, with eigenvalues of positive real part and a positive determinant."""
    return lambda rng: 2 * np.eye(n) + 0.2 * rng.normal(size=(n, n))


def factor(n: int) -> Make:
    return lambda rng: np.linalg.cholesky(spd(n)(rng))


def low_rank(m: int, n: int, rank: int) -> Make:
    """Of whole numbers, so that the type does not change the rank."""
    return lambda rng: (
        rng.integers(-3, 4, (m, rank)).astype(float) @ rng.integers(-3, 4, (rank, n)).astype(float)
    )


def weighted(m: int, n: int) -> tuple[Make, Make]:
    """Xᵀ diag(d) and X, whose product is symmetric."""
    rng = np.random.default_rng(n)
    x, weights = rng.normal(size=(m, n)), rng.normal(size=m)
    return (lambda _: x.T * weights, lambda _: x)


def fixed(value: Any) -> Make:
    return lambda rng: np.asarray(value, dtype=float)


@dataclass(frozen=True)
class Case:
    """An entry at operands; ``reference`` is None for the check's kernel, ``loose`` what rounding errors grow by.

    Errors are relative to the expected numbers and to ``near``, which is 0 where small results must be right, too.
    """

    name: str
    operands: tuple[Make, ...]
    reference: Callable[..., Any] | None = None
    loose: float = 1.0
    near: float = 0.05

    def arguments(self, seed: int = 0) -> tuple[Array, ...]:
        rng = np.random.default_rng(sum(map(ord, self.name)) + seed)
        return tuple(np.asarray(make(rng)) for make in self.operands)

    def expected(self, arguments: tuple[Array, ...]) -> Array:
        if self.reference is not None:
            return np.asarray(self.reference(*arguments))
        kernel = _KERNELS[self.name]
        uprights = [x.reshape(x.shape + (1,) * (2 - x.ndim)) for x in arguments]
        size = (self.size(),) if kernel.sized else ()
        return np.asarray(kernel.apply(*uprights, *size))

    def size(self) -> tuple[int, int]:
        """The rows and columns of the result where its text needs them."""
        return {"unvec": (3, 4), "blockdot": (3, 2), "blocksum": (5, 4)}.get(self.name, (0, 0))


def _log_softmax(axis: int | None) -> Callable[[Array], Array]:
    return lambda x: np.log(np.exp(x) / np.exp(x).sum(axis=axis, keepdims=True))


def _extreme(name: str, values: Any, reference: Callable[..., Any] | None = None, loose: float = 1.0) -> Case:
    """A case at numbers where naive texts overflow, underflow or cancel."""
    return Case(name, (fixed(values),), reference, loose, near=0.0)


def _hypot(x: Array, axis: int) -> Array:
    rows = np.moveaxis(x, axis, -1).astype(np.longdouble)
    return np.sqrt((rows * rows).sum(-1)).astype(float)


_REAL = "exp expm1 exp2 square sin cos tan arctan sinh cosh tanh arcsinh abs sign step ispositive floor ceil sigmoid softplus erf erfc normcdf"
_POSITIVE = "log log1p log2 log10 sqrt reciprocal gamma lgamma digamma trigamma"
_ALL = "mean var norm2 max_all ismax logsumexp softmax"
_SIDES = (
    "max_{} ismax_{} norm2_{} var_{} logsumexp_{} softmax_{}".format(*[side] * 6)
    for side in ("rows", "columns")
)

CASES: tuple[Case, ...] = (
    *(Case(name, (real(*shape),)) for name in _REAL.split() for shape in ((), (5,), (3, 4))),
    *(Case(name, (between(0.2, 9, *shape),)) for name in _POSITIVE.split() for shape in ((), (5,), (3, 4))),
    *(Case(name, (real(*shape),)) for name in _ALL.split() for shape in ((5,), (3, 4))),
    *(Case(name, (real(3, 4),)) for names in _SIDES for name in names.split()),
    *(Case(name, (between(-0.9, 0.9, 3, 4),)) for name in ("arcsin", "arccos", "arctanh")),
    *(Case(name, (fixed([[0.0, 2, -3], [5, 0, -1]]),)) for name in ("sign", "step", "ispositive", "floor")),
    *(Case(f"ismax{side}", (fixed([[1.0, 2, 2], [2, 2, 1]]),)) for side in ("", "_rows", "_columns")),
    Case("arccosh", (between(1.2, 5, 3, 4),)),
    Case("erfc", (between(3, 9, 7),)),
    Case("normcdf", (between(-20, 20, 7),), loose=10),
    Case("norm2", (real(),)),
    Case("maximum", (real(3, 4), real(3, 4))),
    Case("maximum", (real(3, 4), fixed(0.25))),
    Case("minimum", (fixed(0.25), real(3, 4))),
    Case("minimum", (real(5), real(5))),
    Case("where", (fixed([0.0, 1, 0.25, 1, 0]), real(5), real(5))),
    Case("where", (fixed([0.0, 1, 0.25]), fixed([np.inf, 2, 3]), fixed([4.0, np.nan, 5]))),
    Case("where", (fixed(0.0), real(3, 4), real(3, 4))),
    Case("relu", (real(3, 4),), lambda x: x * (x > 0)),
    Case("logcosh", (real(3, 4),), lambda x: np.log(np.cosh(x))),
    *(Case(name, (between(0.2, 3, 3, 4), real(3, 4))) for name in ("power", "elpower")),
    Case("intpower", (real(3, 4), fixed(3.0))),
    Case("xlogx", (fixed([0.0, 0.5, 1, 3, 1e-300]),), lambda x: [v and v * math.log(v) for v in x]),
    Case("polygamma", (fixed(1.0), between(0.2, 30, 3))),
    Case("polygamma", (fixed(2.0), between(0.2, 30, 3, 4))),
    Case("polygamma", (fixed([5.0, 5, 5]), between(0.2, 30, 3))),
    Case("polygamma", (fixed(0.0), between(0.2, 30, 3))),
    Case("dot", (real(5), real(5))),
    Case("dot", (real(3, 4), real(3, 4))),
    Case("safe_unit", (real(5),), lambda x: x / math.sqrt((x * x).sum())),
    Case("safe_unit", (real(3, 4),), lambda x: x / math.sqrt((x * x).sum())),
    Case("safe_unit", (fixed(np.zeros(4)),), lambda x: x),
    Case("logsoftmax", (real(5),), _log_softmax(None)),
    Case("logsoftmax", (real(3, 4),), _log_softmax(None)),
    Case("logsoftmax_rows", (real(3, 4),), _log_softmax(1)),
    Case("logsoftmax_columns", (real(3, 4),), _log_softmax(0)),
    Case("tril", (real(3, 4),)),
    Case("triu", (real(3, 4),)),
    Case("cumsum", (real(5),)),
    Case("cumsum", (real(3, 4),)),
    Case("shift", (real(5), fixed(2.0))),
    Case("shift", (real(3, 4), fixed(-1.0))),
    Case("kron", (real(3, 4), real(2, 5))),
    Case("kron", (real(3), real(4))),
    Case("kron", (real(3, 1), real(1, 4))),
    Case("vec", (real(3, 4),)),
    Case("vec", (real(5),)),
    Case("unvec", (real(12),)),
    Case("hcat", (real(3, 4), real(3, 2))),
    Case("hcat", (real(3), real(3))),
    Case("hcat", (real(3, 4), real(3))),
    Case("vcat", (real(3, 4), real(2, 4))),
    Case("vcat_vector", (real(3), real(4)), lambda a, b: [*a, *b]),
    Case("vcat_vector", (real(3), real()), lambda a, b: [*a, b]),
    Case("hcat_vector", (real(), real()), lambda a, b: [[a, b]]),
    Case("blockdot", (real(3 * 5, 2 * 4), real(5, 4))),
    Case("blocksum", (real(3, 2), real(3 * 5, 2 * 4))),
    Case("inv", (regular(4),)),
    Case("solve", (regular(4), real(4)), lambda a, b: np.linalg.inv(a) @ b),
    Case("solve", (regular(4), real(4, 3)), lambda a, b: np.linalg.inv(a) @ b),
    Case("det", (regular(4),)),
    Case("logdet", (regular(4),)),
    Case("logdet", (lambda rng: regular(4)(rng)[[1, 0, 2, 3]],)),
    Case("logdet", (lambda rng: regular(4)(rng)[[1, 2, 0, 3]],)),
    Case("logdet", (fixed(np.zeros((3, 3))),)),
    Case("cholesky", (regular(4),)),
    Case("cholesky_spd", (spd(4),), lambda a: _KERNELS["cholesky"].apply(a)),
    *(
        Case("cholesky_solve", (factor(n), real(n, *more)), lambda f, b: np.linalg.inv(f @ f.T) @ b, loose=10)
        for n, more in ((4, ()), (4, (3,)), (150, ()), (150, (3,)))
    ),
    Case("logdet_cholesky", (factor(4),), lambda f: math.log(np.linalg.det(f @ f.T))),
    Case("det_cholesky", (factor(4),), lambda f: np.linalg.det(f @ f.T)),
    Case("cholesky_inverse", (factor(4),), lambda f: np.linalg.inv(f @ f.T), loose=10),
    Case("cholesky_inverse", (factor(150),), lambda f: np.linalg.inv(f @ f.T), loose=10),
    *(Case("symmetric_product", weighted(3, n), lambda a, b: a @ b, loose=10) for n in (4, 63, 64, 301)),
    Case("lu_solve", (regular(4), real(4)), lambda a, b: np.linalg.inv(a) @ b, loose=10),
    Case("lu_solve", (regular(4), real(4, 3)), lambda a, b: np.linalg.inv(a) @ b, loose=10),
    Case("lu_solve_transposed", (regular(4), real(4)), lambda a, b: np.linalg.inv(a).T @ b, loose=10),
    Case("lu_solve_transposed", (regular(4), real(4, 3)), lambda a, b: np.linalg.inv(a).T @ b, loose=10),
    Case("lu_inverse", (regular(4),), np.linalg.inv, loose=10),
    *(
        Case(name, (swapped,), _KERNELS[name.removeprefix("lu_")].apply, loose=10)
        for name in ("lu_det", "lu_logdet")
        for swapped in (
            regular(4),
            lambda rng: regular(4)(rng)[[1, 0, 2, 3]],
            lambda rng: regular(4)(rng)[[1, 2, 0, 3]],
        )
    ),
    Case("pinv", (real(3, 4),), loose=10),
    Case("pinv", (low_rank(6, 4, 2),), loose=100),
    Case("pinv", (low_rank(4, 6, 3),), loose=100),
    Case("expm", (real(4, 4),), loose=10),
    Case("expm", (lambda rng: 6 * rng.normal(size=(3, 3)),), loose=1e5),
    Case("sqrtm", (regular(4),), loose=10),
    Case("sqrtm", (lambda rng: 1e6 * spd(5)(rng),), loose=1e6),
    Case("logm", (regular(4),), loose=100),
    Case("logm", (lambda rng: 1e6 * spd(5)(rng),), loose=1e3),
    Case("sylvester", (regular(3), regular(4), real(3, 4)), loose=10),
    Case("sylvester", (regular(9), regular(10), real(9, 10)), loose=1e3),
    Case("sylvester", (low_rank(4, 4, 0), fixed(np.diag([0.0, 1, 2])), real(4, 3)), loose=10),
    Case("frechet_exp", (real(4, 4), real(4, 4)), loose=100),
    Case("frechet_exptwo", (real(3, 3), real(3, 3), real(3, 3)), loose=100),
    Case("frechet_log", (regular(4), real(4, 4)), loose=1e3),
    Case("frechet_logtwo", (regular(3), real(3, 3), real(3, 3)), loose=1e3),
    Case("normnuc", (real(3, 4),)),
    Case("normspec", (real(4, 3),)),
    Case("polar", (real(3, 4),), loose=10),
    Case("polar", (real(4, 3),), loose=10),
    Case("leading", (real(3, 4),), loose=10),
    Case("leading", (real(4, 3),), loose=10),
    # ±1000, 1e-300 and what lies beyond
    _extreme("sigmoid", [1000.0, -1000, 1e-300, -1e-300, -700, -80, 30, 0]),
    _extreme("softplus", [1000.0, -1000, 1e-300, -700, -80, 30, 0]),
    _extreme("logcosh", [1000.0, -1000, 0], lambda x: [1000 - math.log(2)] * 2 + [0]),
    _extreme("relu", [1000.0, -1000, 1e-300, -1e-300], lambda x: x * (x > 0)),
    _extreme("log1p", [1e-300, -1e-300, 1e-20, 1000], lambda x: [*x[:3], math.log(1001)]),
    _extreme("expm1", [1e-300, -1e-300, 1e-20, -1000, 80], lambda x: [*x[:3], -1, math.exp(80)]),
    _extreme("tanh", [1000.0, -1000, 1e-300], lambda x: [1, -1, x[2]]),
    _extreme("erf", [1000.0, -1000, 1e-300, 1e-9, 3]),
    _extreme("erfc", [1000.0, -1000, 1e-300, 9]),
    _extreme("normcdf", [1000.0, -1000, 1e-300, -30, -12], loose=100),
    _extreme("xlogx", [1000.0, 0, 1e-300], lambda x: [v and v * math.log(v) for v in x]),
    _extreme("log", [1000.0, 1e-300]),
    _extreme("lgamma", [1000.0, 1e-300, 1e10], lambda x: [math.lgamma(v) if v else math.inf for v in x]),
    _extreme(
        "gamma", [170.0, 1e-300, 30, 1e-30], lambda x: [math.gamma(v) if v else math.inf for v in x], 1e3
    ),
    _extreme("digamma", [1000.0, 1e-3, 1e10, 1e30]),
    _extreme("trigamma", [1000.0, 1e-3, 1e10, 1e15], loose=10),
    _extreme("norm2", [1e-300, 2e-300, -2e-300], lambda x: np.abs(x).sum() * 3 / 5),
    _extreme("norm2", [1e-15, 2e-15, -2e-15], lambda x: np.abs(x).sum() * 3 / 5),
    _extreme("norm2", [1e30, 2e30, -2e30], lambda x: np.abs(x).sum() * 3 / 5),
    _extreme("norm2", [[1e300, 2e300, -2e300]], lambda x: np.abs(x).sum() * 3 / 5),
    _extreme("norm2", [np.inf, 1], lambda x: np.inf),
    _extreme("norm2", [0.0, 0], lambda x: 0),
    _extreme("norm2", -1e-300, np.abs),
    _extreme("norm2_rows", [[1e-300, 2e-300], [1e300, 1e299], [1000, -1000], [0, 0]], lambda x: _hypot(x, 1)),
    _extreme("norm2_columns", [[1e-300, 1e300, 0], [3e-300, -1000, 0]], lambda x: _hypot(x, 0)),
    _extreme("safe_unit", [1e-30, 2e-30, -2e-30], lambda x: x / np.abs(x).sum() * 5 / 3),
    _extreme("safe_unit", [1000.0, 1000, -1000, 1000], lambda x: x / 2000),
    _extreme("safe_unit", [[0.0, 0], [0, 0]], lambda x: x),
    _extreme("logsumexp", [1000.0, -1000, 999], lambda x: 1000 + math.log1p(math.exp(-1))),
    _extreme("logsumexp", [-1000.0, -1000], lambda x: -1000 + math.log(2)),
    _extreme("logsumexp", [1e-300, 1e-300], lambda x: math.log(2)),
    _extreme("logsumexp", [-np.inf, -np.inf], lambda x: -np.inf),
    _extreme(
        "logsumexp_rows",
        [[1000.0, -1000, 1000], [-1000, -1000, -3000]],
        lambda x: [1000 + math.log(2), -1000 + math.log(2)],
    ),
    _extreme(
        "logsumexp_columns",
        [[1000.0, -1000, 1e-300], [1000, -1000, 0]],
        lambda x: [1000 + math.log(2), -1000 + math.log(2), math.log(2)],
    ),
    _extreme("softmax", [1000.0, 1000, -1000], lambda x: [0.5, 0.5, 0]),
    _extreme(
        "softmax_rows", [[1000.0, 1000, -1000], [-1000, -2000, -2000]], lambda x: [[0.5, 0.5, 0], [1, 0, 0]]
    ),
    _extreme("softmax_columns", [[1000.0, 1e-300], [-1000, 0]], lambda x: [[1, 0.5], [0, 0.5]]),
    _extreme("logsoftmax", [1000.0, -1000], lambda x: [0, -2000]),
    _extreme("logsoftmax_rows", [[1000.0, -1000], [1e-300, 0]], lambda x: [[0, -2000], [-math.log(2)] * 2]),
    _extreme(
        "logsoftmax_columns",
        [[1000.0, 1e-300], [-1000, 0]],
        lambda x: [[0, -math.log(2)], [-2000, -math.log(2)]],
    ),
    _extreme("logdet", [[0.0, 1e-300, 0], [0, 0, 1e-200], [1000, 0, 0]], lambda x: np.log(x.max(0)).sum()),
    _extreme("logdet_cholesky", [[1e-300, 0], [1, 1e-200]], lambda x: 2 * np.log(np.diag(x)).sum()),
)
