"""Kernels of matrix functions against scipy where it is there, and against what defines them."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.verification import matrices

ALL = matrices.ANALYTIC | matrices.REAL
ARITY = {name: arity for name, (_, arity) in ALL.items()}


def kernel(name, *arguments):
    return ALL[name][0](*(np.asarray(a, dtype=float) for a in arguments))


@pytest.fixture
def batch(rng):
    """Matrices (2, 3, 4, 4) without eigenvalues on the negative axis, not symmetric."""
    return 0.4 * rng.standard_normal((2, 3, 4, 4)) + 2 * np.eye(4)


@pytest.mark.parametrize("name", ["expm", "logm", "sqrtm"])
@pytest.mark.parametrize("scale", [1e-3, 1.0, 30.0])
def test_functions_of_matrices(name, scale, batch):
    linalg = pytest.importorskip("scipy.linalg")
    found = kernel(name, scale * batch)
    for place in np.ndindex(2, 3):
        expected = getattr(linalg, name)(scale * batch[place])
        np.testing.assert_allclose(found[place], expected, rtol=1e-11, atol=1e-12 * abs(expected).max())


@pytest.mark.parametrize("function", ["exp", "log"])
def test_frechet_derivatives(function, batch, rng):
    apply = ALL[function + "m"][0]
    e, f = rng.standard_normal((2, 4, 4))
    h = 1e-4
    slope = (apply(batch + h * e) - apply(batch - h * e)) / (2 * h)
    np.testing.assert_allclose(kernel(f"frechet_{function}", batch, e), slope, rtol=1e-6, atol=1e-7)
    first = ALL[f"frechet_{function}"][0]
    slope = (first(batch + h * f, e) - first(batch - h * f, e)) / (2 * h)
    found = kernel(f"frechet_{function}two", batch, e, f)
    np.testing.assert_allclose(found, slope, rtol=1e-6, atol=1e-7)


def test_no_root_is_nan_and_leaves_its_batch_alone(batch):
    batch[1, 2] = np.diag([1.0, 2.0, -3.0, 4.0])
    for name in ("sqrtm", "logm", "cholesky"):
        with np.errstate(all="ignore"):
            found = kernel(name, batch)
        assert np.isnan(found[1, 2]).any()
        assert np.isfinite(found[0]).all()
    square = kernel("sqrtm", batch[0])
    np.testing.assert_allclose(square @ square, batch[0], rtol=1e-12, atol=1e-12)


def test_cholesky_is_of_the_symmetric_part(batch):
    found = kernel("cholesky", batch)
    np.testing.assert_allclose(found, np.linalg.cholesky((batch + batch.swapaxes(-1, -2)) / 2), rtol=1e-12)
    np.testing.assert_array_equal(found, np.tril(found))


@pytest.mark.parametrize("shape", [(5, 3), (3, 5), (4, 4)])
def test_pinv_of_every_rank(shape, rng):
    x = rng.standard_normal((2, *shape))
    x[1] = np.outer(x[1][:, 0], x[1][0])  # rank one
    found = kernel("pinv", x)
    np.testing.assert_allclose(x @ found @ x, x, atol=1e-12)
    np.testing.assert_allclose(found @ x @ found, found, atol=1e-12)
    for product in (x @ found, found @ x):
        np.testing.assert_allclose(product, product.swapaxes(-1, -2), atol=1e-12)


@pytest.mark.parametrize(("m", "n"), [(3, 4), (9, 8)])
def test_sylvester(m, n, rng):
    """Directly and, from a certain size on, by eigenvectors; with one side that has a batch of its own."""
    a = rng.standard_normal((2, m, m)) + 3 * np.eye(m)
    b, c = rng.standard_normal((n, n)) + 3 * np.eye(n), rng.standard_normal((2, m, n))
    found = kernel("sylvester", a, b, c)
    np.testing.assert_allclose(a @ found + found @ b, c, atol=1e-11)


def test_singular_sylvester_has_no_part_in_the_null_space():
    h = np.diag([2.0, 1.0, 0.0])
    c = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0], [7.0, 8.0, 0.0]])
    found = kernel("sylvester", h, h, c)
    np.testing.assert_allclose(h @ found + found @ h, c, atol=1e-12)
    assert abs(found[2, 2]) < 1e-12


@pytest.mark.parametrize("shape", [(5, 3), (3, 5)])
def test_norms_and_their_factors(shape, rng):
    x = rng.standard_normal((2, *shape))
    s = np.linalg.svd(x, compute_uv=False)
    np.testing.assert_allclose(kernel("normnuc", x)[:, 0, 0], s.sum(axis=1))
    np.testing.assert_allclose(kernel("normspec", x)[:, 0, 0], s[:, 0])
    polar, leading = kernel("polar", x), kernel("leading", x)
    np.testing.assert_allclose((polar * x).sum(axis=(1, 2)), s.sum(axis=1))
    np.testing.assert_allclose(np.linalg.svd(polar, compute_uv=False), 1.0)
    np.testing.assert_allclose((leading * x).sum(axis=(1, 2)), s[:, 0])
    np.testing.assert_allclose(np.linalg.norm(leading, axis=(1, 2)), 1.0)


@pytest.mark.parametrize("name", sorted(name for name, arity in ARITY.items() if arity == 1))
def test_what_is_not_finite_stays_so(name):
    with np.errstate(all="ignore"):
        found = kernel(name, np.full((2, 3, 3), np.nan))
    assert not np.isfinite(found).all(axis=(-2, -1)).any()


@pytest.mark.parametrize("name", ["frechet_exp", "frechet_log", "frechet_exptwo", "frechet_logtwo"])
def test_imaginary_part_of_frechet_derivatives(name, batch, rng):
    apply, arity = ALL[name]
    args = [batch[0, 0], *rng.standard_normal((arity - 1, 4, 4))]
    along = rng.standard_normal((arity, 4, 4))
    h = 1e-3
    d = [
        (
            apply(*(a + t * u for a, u in zip(args, along, strict=True)))
            - apply(*(a - t * u for a, u in zip(args, along, strict=True)))
        )
        / (2 * t)
        for t in (h, h / 2)
    ]
    found = np.imag(apply(*(a + 1e-100j * u for a, u in zip(args, along, strict=True)))) / 1e-100
    np.testing.assert_allclose(found, (4 * d[1] - d[0]) / 3, rtol=1e-8, atol=1e-9)
