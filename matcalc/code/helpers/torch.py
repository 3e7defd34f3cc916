"""What PyTorch lacks, for generated code.  Each function stands alone but for ``torch`` and others of this file."""

import torch


def maximum(a, b):
    """The larger of two entries; either operand may be a number."""
    if not torch.is_tensor(a):
        a, b = b, a
    return torch.maximum(a, torch.as_tensor(b, dtype=a.dtype, device=a.device))


def minimum(a, b):
    """The smaller of two entries; either operand may be a number."""
    return -maximum(-a, -b)


def softplus(x):
    """log(1 + e^x)."""
    return torch.relu(x) + torch.log1p(torch.exp(-torch.abs(x)))


def xlogx(x):
    """x log x, which is 0 at 0."""
    return torch.special.xlogy(x, x)


def choose(c, a, b):
    """a where c is 1 and b where it is 0, whatever the other one is there; c a + (1 - c) b between them."""
    return torch.where(c == 1, a, torch.where(c == 0, b, c * a + (1 - c) * b))


def norm2(x):
    """The square root of the sum of squares, also where squares overflow or underflow."""
    peak = torch.max(torch.abs(x))
    peak = torch.where((peak > 0) & (peak < torch.inf), peak, 1)
    return peak * torch.linalg.vector_norm(x / peak)


def norm2_along(x, axis):
    """The Euclidean norms along an axis, also where squares overflow or underflow."""
    peak = torch.amax(torch.abs(x), dim=axis, keepdim=True)
    peak = torch.where((peak > 0) & (peak < torch.inf), peak, 1)
    return torch.squeeze(peak, axis) * torch.linalg.vector_norm(x / peak, dim=axis)


def safe_unit(x):
    """x/‖x‖, which is 0 where x is 0."""
    norm = norm2(x)
    return x / torch.where(norm == 0, 1, norm)


def softmax(x):
    """exp, normalised over all entries."""
    return torch.softmax(x.flatten(), 0).reshape(x.shape)


def logsoftmax(x):
    """The logarithm of exp, normalised over all entries."""
    return torch.log_softmax(x.flatten(), 0).reshape(x.shape)


def ismax(x, axis=None):
    """1 where the largest entry is, of all or along an axis; k equal ones get 1/k each."""
    peak = torch.max(x) if axis is None else torch.amax(x, dim=axis, keepdim=True)
    largest = (x == peak).to(x.dtype)
    return largest / (torch.sum(largest) if axis is None else torch.sum(largest, dim=axis, keepdim=True))


def gammafn(x):
    """The gamma function, of negative numbers by reflection (NIST DLMF 5.5.3)."""
    size = torch.exp(torch.special.gammaln(x))
    return torch.where((x < 0) & (torch.floor(x) % 2 != 0), -size, size)


def polygamma(order, x):
    """The derivative of digamma of a whole order; of the first by Hurwitz's zeta, which has more digits."""
    n = int(torch.as_tensor(order).flatten()[0])
    return torch.special.zeta(2, x) if n == 1 else torch.special.polygamma(n, x)


def kron(a, b):
    """The Kronecker product, also of transposed matrices (torch.kron can't view some of those)."""
    return torch.kron(a.contiguous(), b.contiguous())


def chol(x):
    """The lower Cholesky factor of the symmetric part."""
    return torch.linalg.cholesky((x + x.mT) / 2)


def cholesky_solve(factor, b):
    """The solution X of L Lᵀ X = B for the lower factor L."""
    if b.ndim == 1:
        return torch.cholesky_solve(b[:, None], factor)[:, 0]
    return torch.cholesky_solve(b, factor)


def pinv(x):
    """The Moore-Penrose inverse; singular values below eps^(3/4) of the largest count as zero."""
    return torch.linalg.pinv(x, rtol=torch.finfo(x.dtype).eps ** 0.75)


def sqrtm(x):
    """The principal square root, by the scaled iteration of Denman and Beavers (Higham 2008, 6.3); nan where none is."""
    n = len(x)
    root, reciprocal = x, torch.eye(n, dtype=x.dtype, device=x.device)
    for _ in range(25):
        logs = torch.linalg.slogdet(root)[1] + torch.linalg.slogdet(reciprocal)[1]
        scale = torch.exp(-logs / (2 * n))
        root, reciprocal = (
            (scale * root + torch.linalg.inv_ex(reciprocal)[0] / scale) / 2,
            (scale * reciprocal + torch.linalg.inv_ex(root)[0] / scale) / 2,
        )
    error, size = torch.max(torch.abs(root @ root - x)), torch.max(torch.abs(x))
    return torch.where(error <= torch.finfo(x.dtype).eps ** 0.5 * size, root, torch.nan)


def logm(x):
    """The principal logarithm: square roots, then the series of artanh (Higham 2008, 11.5); nan where none is."""
    eye = torch.eye(len(x), dtype=x.dtype, device=x.device)
    roots = 0
    while torch.linalg.matrix_norm(x - eye, 1) > 0.25:
        x = sqrtm(x)
        roots += 1
    ratio = torch.linalg.solve(x + eye, x - eye)
    square = ratio @ ratio
    value = power = ratio
    for count in range(1, 10):
        power = power @ square
        value = value + power / (2 * count + 1)
    return 2.0 ** (roots + 1) * value


def frechet(function, a, e):
    """The derivative of a matrix function at A in the direction E (Higham 2008, 3.16)."""
    n = len(a)
    rows = [torch.hstack([a, e]), torch.hstack([torch.zeros_like(a), a])]
    return function(torch.vstack(rows))[:n, n:]


def frechet_two(function, a, e, f):
    """The second derivative of a matrix function at A in the directions E and F."""
    n, o = len(a), torch.zeros_like(a)
    rows = [torch.hstack(row) for row in ([a, e, f, o], [o, a, o, f], [o, o, a, e], [o, o, o, a])]
    return function(torch.vstack(rows))[:n, 3 * n :]


def sylvester(a, b, c):
    """The X with AX + XB = C; where it is not unique, that of least norm (of large ones: for symmetric A and B)."""
    m, n = c.shape
    if m * n <= 64:
        eye_m, eye_n = (torch.eye(size, dtype=c.dtype, device=c.device) for size in (m, n))
        system = kron(a, eye_n) + kron(eye_m, b.mT)
        return (pinv(system) @ c.reshape(-1)).reshape(m, n)
    left, u = torch.linalg.eig(a)
    right, v = torch.linalg.eig(b)
    sums = left[:, None] + right
    small = torch.abs(sums) <= torch.finfo(c.dtype).eps ** 0.75 * torch.max(torch.abs(sums))
    factors = torch.where(small, 0, 1 / torch.where(small, 1, sums))
    x = torch.zeros_like(c)
    for _ in range(2):  # the second time for the rounding errors of the first
        rest = torch.linalg.solve(u, (c - a @ x - x @ b).to(u.dtype)) @ v
        x = x + torch.linalg.solve(v.mT, (u @ (factors * rest)).mT).mT.real
    return x


def lu_solve(factors, b, transposed=False):
    """The solution X of AX = B, or of AᵀX = B, from LU factors of A."""
    columns = b[:, None] if b.ndim == 1 else b
    return torch.linalg.lu_solve(*factors, columns, adjoint=transposed).reshape(b.shape)


def lu_inverse(factors):
    """The inverse from LU factors."""
    return torch.linalg.lu_solve(
        *factors, torch.eye(len(factors[0]), dtype=factors[0].dtype, device=factors[0].device)
    )


def lu_det(factors):
    """The determinant from LU factors."""
    pivots = factors[1]
    swaps = torch.sum(pivots != torch.arange(1, len(pivots) + 1, device=pivots.device))
    return torch.prod(torch.diagonal(factors[0])) * (1 - 2 * (swaps % 2))


def lu_logdet(factors):
    """The logarithm of the determinant from LU factors; nan where that is negative."""
    pivots, diagonal = factors[1], torch.diagonal(factors[0])
    swaps = torch.sum(pivots != torch.arange(1, len(pivots) + 1, device=pivots.device))
    negative = swaps + torch.sum(diagonal < 0)
    return torch.sum(torch.log(torch.where(negative % 2 == 0, 1, torch.nan) * torch.abs(diagonal)))
