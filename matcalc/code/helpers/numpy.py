"""What NumPy lacks, for generated code.  Each function stands alone but for ``np``, ``math`` and others of this file."""

import math

import numpy as np


def sigmoid(x):
    """1/(1 + e^-x); where e^-x is too large it is inf, and the result 0."""
    with np.errstate(over="ignore"):
        return 1 / (1 + np.exp(-x))


def xlogx(x):
    """x log x, which is 0 at 0."""
    return x * np.log(np.where(x == 0, np.ones_like(x), x))


def choose(c, a, b):
    """a where c is 1 and b where it is 0, whatever the other one is there; c a + (1 - c) b between them."""
    with np.errstate(all="ignore"):
        mixed = c * a + (1 - c) * b
    return np.where(c == 1, a, np.where(c == 0, b, mixed))


def norm2(x):
    """The square root of the sum of squares, also where squares overflow or underflow."""
    with np.errstate(over="ignore", under="ignore"):
        norm = np.linalg.norm(x)
    limits = np.finfo(norm.dtype)
    if 1e3 * limits.tiny**0.5 < norm < limits.max**0.5:
        return norm
    peak = np.max(np.abs(x))
    return peak * np.linalg.norm(x / peak) if 0 < peak < np.inf else peak


def norm2_along(x, axis):
    """The Euclidean norms along an axis, also where squares overflow or underflow."""
    peak = np.max(np.abs(x), axis=axis, keepdims=True)
    peak = np.where((peak > 0) & (peak < np.inf), peak, np.ones_like(peak))
    return np.squeeze(peak, axis) * np.linalg.norm(x / peak, axis=axis)


def safe_unit(x):
    """x/‖x‖, which is 0 where x is 0."""
    norm = norm2(x)
    return x / norm if norm != 0 else np.zeros_like(x)


def logsumexp(x, axis=None):
    """log Σ exp of all entries, or along an axis."""
    peak = np.max(x, axis=axis, keepdims=True)
    peak = np.where(np.isfinite(peak), peak, np.zeros_like(peak))
    weights = np.asarray(x - peak)
    np.exp(weights, out=weights)
    with np.errstate(divide="ignore"):
        return np.squeeze(peak, axis) + np.log(np.sum(weights, axis=axis))


def softmax(x, axis=None):
    """exp, normalised over all entries or along an axis."""
    weights = np.asarray(x - np.max(x, axis=axis, keepdims=True))
    np.exp(weights, out=weights)
    weights /= np.sum(weights, axis=axis, keepdims=True)
    return weights


def logsoftmax(x, axis=None):
    """The logarithm of softmax."""
    below = x - np.max(x, axis=axis, keepdims=True)
    return below - np.log(np.sum(np.exp(below), axis=axis, keepdims=True))


def ismax(x, axis=None):
    """1 where the largest entry is, of all or along an axis; k equal ones get 1/k each."""
    x = np.asarray(x)
    largest = (x == np.max(x, axis=axis, keepdims=True)).astype(x.dtype)
    return largest / np.sum(largest, axis=axis, keepdims=True)


def erf(x):
    """The error function of each entry."""
    x = np.asarray(x)
    return np.vectorize(math.erf, otypes=[x.dtype])(x)[()]


def erfc(x):
    """1 - erf(x), with all digits where it is small."""
    x = np.asarray(x)
    return np.vectorize(math.erfc, otypes=[x.dtype])(x)[()]


def normcdf(x):
    """The distribution function of the standard normal distribution."""
    return erfc(-0.7071067811865476 * x) / 2


def gammafn(x):
    """The gamma function."""

    def entry(number):
        try:
            return math.gamma(number)
        except OverflowError:
            return math.inf
        except ValueError:  # a pole
            return math.nan if number else math.inf

    x = np.asarray(x)
    return np.vectorize(entry, otypes=[x.dtype])(x)[()]


def lgamma(x):
    """The logarithm of the absolute value of the gamma function."""

    def entry(number):
        return math.lgamma(number) if number > 0 or number % 1 != 0 else math.inf

    x = np.asarray(x)
    return np.vectorize(entry, otypes=[x.dtype])(x)[()]


def digamma(x):
    """The derivative of log Γ: the recurrence to large arguments, then Stirling's series (NIST DLMF 5.5.2, 5.11.2)."""
    steps = int(np.clip(np.ceil(14 - np.min(x, initial=14, where=x == x)), 0, 2000))
    below = 0 * x
    for step in range(steps):
        below = below + 1 / (x + step)
    z = x + steps
    inverse = 1 / z
    value = np.log(z) - inverse / 2 - below
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798)
    for k, b in enumerate(bernoulli, 1):
        value = value - b / (2 * k) * inverse ** (2 * k)
    return value


def polygamma(order, x):
    """The derivative of digamma of a whole order (the derivatives of the series; NIST DLMF 5.15.5, 5.15.8)."""
    n = round(float(np.ravel(order)[0]))
    if n == 0:
        return digamma(x)
    large = 14 + n
    steps = int(np.clip(np.ceil(large - np.min(x, initial=large, where=x == x)), 0, 2000))
    below = 0 * x
    for step in range(steps):
        below = below + (1 / (x + step)) ** (n + 1)
    inverse = 1 / (x + steps)
    value = math.factorial(n) * (below + inverse**n / n + inverse ** (n + 1) / 2)
    bernoulli = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6, -3617 / 510, 43867 / 798)
    for k, b in enumerate(bernoulli, 1):
        value = value + b * math.factorial(2 * k + n - 1) / math.factorial(2 * k) * inverse ** (2 * k + n)
    return (-1) ** (n + 1) * value


def logdet(x):
    """log det, nan where the determinant is negative."""
    sign, log = np.linalg.slogdet(x)
    return np.where(sign >= 0, log, np.nan)[()]


def chol(x):
    """The lower Cholesky factor of the symmetric part."""
    return np.linalg.cholesky((x + x.T) / 2)


def cholesky_solve(factor, b):
    """The solution X of L Lᵀ X = B for the lower factor L: block substitution, forwards and backwards."""
    n, block = len(factor), 64
    x = np.array(b, dtype=np.result_type(factor, b))
    for start in range(0, n, block):
        rows = slice(start, start + block)
        x[rows] = np.linalg.solve(factor[rows, rows], x[rows] - factor[rows, :start] @ x[:start])
    for start in reversed(range(0, n, block)):
        rows, end = slice(start, start + block), start + block
        x[rows] = np.linalg.solve(factor[rows, rows].T, x[rows] - factor[end:, rows].T @ x[end:])
    return x


def pinv(x):
    """The Moore-Penrose inverse; singular values below eps^(3/4) of the largest count as zero."""
    return np.linalg.pinv(x, rcond=np.finfo(x.dtype).eps ** 0.75)


def polar(x):
    """U Vᵀ of the singular value decomposition U Σ Vᵀ."""
    u, _, v = np.linalg.svd(x, full_matrices=False)
    return u @ v


def leading(x):
    """u vᵀ of the leading singular vectors."""
    u, _, v = np.linalg.svd(x, full_matrices=False)
    return np.outer(u[:, 0], v[0])


def expm(x):
    """The matrix exponential: scaling and squaring with a Padé approximant (Higham 2008, algorithm 10.20)."""
    size = float(np.linalg.norm(x, 1))
    if not math.isfinite(size):
        return np.full_like(x, np.nan)
    squarings = max(0, math.ceil(math.log2(size / 5.37))) if size > 0 else 0
    a = x / 2.0**squarings
    a2 = a @ a
    a4 = a2 @ a2
    a6 = a4 @ a2
    eye = np.eye(len(x), dtype=x.dtype)
    odd = a6 @ (a6 + 16380.0 * a4 + 40840800.0 * a2)
    odd = a @ (
        odd + 33522128640.0 * a6 + 10559470521600.0 * a4 + 1187353796428800.0 * a2 + 32382376266240000.0 * eye
    )
    even = a6 @ (182.0 * a6 + 960960.0 * a4 + 1323241920.0 * a2)
    even = (
        even
        + 670442572800.0 * a6
        + 129060195264000.0 * a4
        + 7771770303897600.0 * a2
        + 64764752532480000.0 * eye
    )
    value = np.linalg.solve(even - odd, even + odd)
    for _ in range(squarings):
        value = value @ value
    return value


def sqrtm(x):
    """The principal square root, by the scaled iteration of Denman and Beavers (Higham 2008, 6.3); nan where none is."""
    n = len(x)
    root, reciprocal = x, np.eye(n, dtype=x.dtype)
    eps = np.finfo(x.dtype).eps
    for _ in range(50):
        logs = np.linalg.slogdet(root)[1] + np.linalg.slogdet(reciprocal)[1]
        scale = math.exp(-float(logs) / (2 * n))
        before = root
        root, reciprocal = (
            (scale * root + np.linalg.inv(reciprocal) / scale) / 2,
            (scale * reciprocal + np.linalg.inv(root) / scale) / 2,
        )
        if np.max(np.abs(root - before)) <= 4 * eps * np.max(np.abs(root)):
            break
    wrong = not np.max(np.abs(root @ root - x)) <= eps**0.5 * np.max(np.abs(x))
    return np.full_like(x, np.nan) if wrong else root


def logm(x):
    """The principal logarithm: square roots, then the series of artanh (Higham 2008, 11.5); nan where none is."""
    eye = np.eye(len(x), dtype=x.dtype)
    roots = 0
    while np.linalg.norm(x - eye, 1) > 0.25:
        x = sqrtm(x)
        roots += 1
    ratio = np.linalg.solve(x + eye, x - eye)
    square = ratio @ ratio
    value = power = ratio
    for count in range(1, 10):
        power = power @ square
        value = value + power / (2 * count + 1)
    return 2.0 ** (roots + 1) * value


def frechet(function, a, e):
    """The derivative of a matrix function at A in the direction E (Higham 2008, 3.16)."""
    n = len(a)
    return function(np.block([[a, e], [np.zeros_like(a), a]]))[:n, n:]


def frechet_two(function, a, e, f):
    """The second derivative of a matrix function at A in the directions E and F."""
    n, o = len(a), np.zeros_like(a)
    return function(np.block([[a, e, f, o], [o, a, o, f], [o, o, a, e], [o, o, o, a]]))[:n, 3 * n :]


def sylvester(a, b, c):
    """The X with AX + XB = C; where it is not unique, that of least norm (of large ones: for symmetric A and B)."""
    m, n = c.shape
    if m * n <= 64:
        system = np.kron(a, np.eye(n, dtype=a.dtype)) + np.kron(np.eye(m, dtype=b.dtype), b.T)
        return (pinv(system) @ c.reshape(-1)).reshape(m, n)
    left, u = np.linalg.eig(a)
    right, v = np.linalg.eig(b)
    sums = left[:, None] + right
    small = np.abs(sums) <= np.finfo(c.dtype).eps ** 0.75 * np.max(np.abs(sums))
    factors = np.where(small, 0, 1 / np.where(small, 1, sums))
    x = np.zeros_like(c)
    for _ in range(2):  # the second time for the rounding errors of the first
        rest = np.linalg.solve(u, c - a @ x - x @ b) @ v
        x = x + np.linalg.solve(v.T, (u @ (factors * rest)).T).T.real.astype(c.dtype)
    return x


def blockdot(z, b, m, n):
    """The inner products of B with the m by n blocks of Z."""
    p, q = z.shape[0] // m, z.shape[1] // n
    return np.einsum("ikjl,kl->ij", z.reshape(m, p, n, q), b.reshape(p, q))


def blocksum(a, z, p, q):
    """The p by q blocks of Z, multiplied by the entries of A and added."""
    m, n = z.shape[0] // p, z.shape[1] // q
    return np.einsum("ikjl,ij->kl", z.reshape(m, p, n, q), a.reshape(m, n))


def logcosh(x):
    """log cosh x without overflow."""
    size = np.abs(x)
    return size + np.log1p(np.exp(-2 * size)) - math.log(2)


def cholesky_inverse(factor):
    """The inverse of L Lᵀ from the lower factor L."""
    inner = np.linalg.inv(factor) if len(factor) < 64 else cholesky_lower_inverse(factor)
    return inner.T @ inner


def cholesky_lower_inverse(factor):
    """The inverse of a lower triangular matrix: that of its two halves, and the block between them."""
    if len(factor) < 64:
        return np.linalg.inv(factor)
    half = len(factor) // 2
    first, last = cholesky_lower_inverse(factor[:half, :half]), cholesky_lower_inverse(factor[half:, half:])
    result = np.zeros_like(factor)
    result[:half, :half], result[half:, half:] = first, last
    result[half:, :half] = -last @ (factor[half:, :half] @ first)
    return result
