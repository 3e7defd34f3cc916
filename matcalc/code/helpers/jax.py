"""What JAX lacks, for generated code; all of it traces.  Each function stands alone but for ``jnp``, ``jax`` and others of this file."""

import jax
import jax.numpy as jnp


def xlogx(x):
    """x log x, which is 0 at 0."""
    return x * jnp.log(jnp.where(x == 0, 1, x))


def choose(c, a, b):
    """a where c is 1 and b where it is 0, whatever the other one is there; c a + (1 - c) b between them."""
    return jnp.where(c == 1, a, jnp.where(c == 0, b, c * a + (1 - c) * b))


def norm2(x):
    """The square root of the sum of squares, also where squares overflow or underflow."""
    peak = jnp.max(jnp.abs(x))
    peak = jnp.where((peak > 0) & (peak < jnp.inf), peak, 1)
    return peak * jnp.sqrt(jnp.sum(jnp.square(x / peak)))


def norm2_along(x, axis):
    """The Euclidean norms along an axis, also where squares overflow or underflow."""
    peak = jnp.max(jnp.abs(x), axis=axis, keepdims=True)
    peak = jnp.where((peak > 0) & (peak < jnp.inf), peak, 1)
    return jnp.squeeze(peak, axis) * jnp.sqrt(jnp.sum(jnp.square(x / peak), axis=axis))


def safe_unit(x):
    """x/‖x‖, which is 0 where x is 0."""
    norm = norm2(x)
    return x / jnp.where(norm == 0, 1, norm)


def symmetric_product(left, right):
    """The product of two matrices where it is symmetric: what is below its diagonal is not computed again."""
    n = right.shape[1]
    if n < 64:
        return jax.lax.optimization_barrier(left) @ right  # the compiler makes `left` first, as it lies
    half = n // 2
    above = jax.lax.optimization_barrier(left[:half]) @ right
    below = symmetric_product(left[half:], right[:, half:])
    return jnp.concatenate([above, jnp.concatenate([above[:, half:].T, below], axis=1)])


def ismax(x, axis=None):
    """1 where the largest entry is, of all or along an axis; k equal ones get 1/k each."""
    largest = (x == jnp.max(x, axis=axis, keepdims=True)).astype(jnp.result_type(x))
    return largest / jnp.sum(largest, axis=axis, keepdims=True)


def logdet(x):
    """log det, nan where the determinant is negative."""
    sign, log = jnp.linalg.slogdet(x)
    return jnp.where(sign >= 0, log, jnp.nan)


def pinv(x):
    """The Moore-Penrose inverse; singular values below eps^(3/4) of the largest count as zero."""
    return jnp.linalg.pinv(x, rtol=jnp.finfo(x.dtype).eps ** 0.75)


def sqrtm(x):
    """The principal square root, by the scaled iteration of Denman and Beavers (Higham 2008, 6.3); nan where none is."""
    n = len(x)

    def step(_, roots):
        root, reciprocal = roots
        logs = jnp.linalg.slogdet(root)[1] + jnp.linalg.slogdet(reciprocal)[1]
        scale = jnp.exp(-logs / (2 * n))
        return (
            (scale * root + jnp.linalg.inv(reciprocal) / scale) / 2,
            (scale * reciprocal + jnp.linalg.inv(root) / scale) / 2,
        )

    root, _ = jax.lax.fori_loop(0, 25, step, (x, jnp.eye(n, dtype=x.dtype)))
    error, size = jnp.max(jnp.abs(root @ root - x)), jnp.max(jnp.abs(x))
    return jnp.where(error <= jnp.finfo(x.dtype).eps ** 0.5 * size, root, jnp.nan)


def logm(x):
    """The principal logarithm: square roots, then the series of artanh (Higham 2008, 11.5); nan where none is."""
    eye = jnp.eye(len(x), dtype=x.dtype)
    x, factor = jax.lax.while_loop(
        lambda state: jnp.linalg.norm(state[0] - eye, 1) > 0.25,
        lambda state: (sqrtm(state[0]), 2 * state[1]),
        (x, jnp.asarray(2, x.dtype)),
    )
    ratio = jnp.linalg.solve(x + eye, x - eye)
    square = ratio @ ratio
    value = power = ratio
    for count in range(1, 10):
        power = power @ square
        value = value + power / (2 * count + 1)
    return factor * value


def sylvester(a, b, c):
    """The X with AX + XB = C; where it is not unique, that of least norm (of large ones: for symmetric A and B)."""
    m, n = c.shape
    if m * n <= 64:
        system = jnp.kron(a, jnp.eye(n, dtype=a.dtype)) + jnp.kron(jnp.eye(m, dtype=b.dtype), b.T)
        return (pinv(system) @ c.reshape(-1)).reshape(m, n)
    left, u = jnp.linalg.eig(a)
    right, v = jnp.linalg.eig(b)
    sums = left[:, None] + right
    small = jnp.abs(sums) <= jnp.finfo(c.dtype).eps ** 0.75 * jnp.max(jnp.abs(sums))
    factors = jnp.where(small, 0, 1 / jnp.where(small, 1, sums))
    x = jnp.zeros_like(c)
    for _ in range(2):  # the second time for the rounding errors of the first
        rest = jnp.linalg.solve(u, (c - a @ x - x @ b).astype(u.dtype)) @ v
        x = x + jnp.linalg.solve(v.T, (u @ (factors * rest)).T).T.real
    return x


def cholesky_inverse(factor):
    """The inverse of L Lᵀ from the lower factor L."""
    return jax.scipy.linalg.cho_solve((factor, True), jnp.eye(len(factor), dtype=factor.dtype))


def lu_inverse(factors):
    """The inverse from LU factors."""
    return jax.scipy.linalg.lu_solve(factors, jnp.eye(len(factors[0]), dtype=factors[0].dtype))


def lu_det(factors):
    """The determinant from LU factors."""
    pivots = factors[1]
    swaps = jnp.sum(pivots != jnp.arange(len(pivots)))
    return jnp.prod(jnp.diag(factors[0])) * (1 - 2 * (swaps % 2))


def lu_logdet(factors):
    """The logarithm of the determinant from LU factors; nan where that is negative."""
    pivots, diagonal = factors[1], jnp.diag(factors[0])
    negative = jnp.sum(pivots != jnp.arange(len(pivots))) + jnp.sum(diagonal < 0)
    return jnp.where(negative % 2 == 0, jnp.sum(jnp.log(jnp.abs(diagonal))), jnp.nan)
