"""Kernels of reductions and layout against numpy, in batches and with complex arguments."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.verification import reductions

KERNELS = reductions.KERNELS
PLAIN = {
    "max": lambda x, axis: x.max(axis=axis),
    "norm2": lambda x, axis: np.linalg.norm(x, axis=axis),
    "var": lambda x, axis: x.var(axis=axis),
    "logsumexp": lambda x, axis: np.log(np.exp(x).sum(axis=axis)),
}


@pytest.mark.parametrize("name", PLAIN)
def test_one_number_for_each_row_or_column(name, rng):
    x = rng.standard_normal((2, 3, 4, 5))
    rows, columns = KERNELS[f"{name}_rows"](x), KERNELS[f"{name}_columns"](x)
    np.testing.assert_allclose(rows[..., 0], PLAIN[name](x, -1), rtol=1e-13)
    np.testing.assert_allclose(columns[..., 0], PLAIN[name](x, -2), rtol=1e-13)
    assert (rows.shape, columns.shape) == ((2, 3, 4, 1), (2, 3, 5, 1))


def test_softmax_of_rows_and_columns_does_not_overflow(rng):
    x = rng.standard_normal((2, 3, 4)) + 1000
    np.testing.assert_allclose(KERNELS["softmax_rows"](x).sum(axis=-1), 1.0)
    np.testing.assert_allclose(KERNELS["softmax_columns"](x).sum(axis=-2), 1.0)
    np.testing.assert_allclose(KERNELS["softmax_rows"](x), KERNELS["softmax_rows"](x - 1000), rtol=1e-10)
    np.testing.assert_allclose(KERNELS["logsumexp_rows"](x), 1000 + KERNELS["logsumexp_rows"](x - 1000))


def test_the_largest_entries_share():
    x = np.array([[1.0, 3.0, 3.0], [2.0, 0.0, -1.0]])
    np.testing.assert_array_equal(KERNELS["ismax"](x), [[0, 0.5, 0.5], [0, 0, 0]])
    np.testing.assert_array_equal(KERNELS["ismax_rows"](x), [[0, 0.5, 0.5], [1, 0, 0]])
    np.testing.assert_array_equal(KERNELS["ismax_columns"](x), [[0, 1, 1], [1, 0, 0]])


def test_mean_var_and_running_sums(rng):
    x = rng.standard_normal((3, 4, 2))
    np.testing.assert_allclose(KERNELS["mean"](x)[:, 0, 0], x.mean(axis=(1, 2)))
    np.testing.assert_allclose(KERNELS["var"](x)[:, 0, 0], x.var(axis=(1, 2)))
    np.testing.assert_allclose(KERNELS["cumsum"](x[..., :1])[1, :, 0], np.cumsum(x[1, :, 0]))


@pytest.mark.parametrize("by", [-5, -1, 0, 2, 7])
def test_shift(by, rng):
    x = rng.standard_normal((2, 4, 3))
    np.testing.assert_array_equal(
        reductions.PAIRS["shift"](x, np.full((1, 1), float(by))), np.roll(x, by, axis=1)
    )


@pytest.mark.parametrize(
    "name", [f"{name}_{word}" for name in (*PLAIN, "softmax") for word in ("rows", "columns")]
)
def test_imaginary_part_is_the_derivative(name, rng):
    apply = KERNELS[name]
    x, along = rng.standard_normal((2, 3, 4))
    h = 1e-3
    d = [(apply(x + t * along) - apply(x - t * along)) / (2 * t) for t in (h, h / 2)]
    found = np.imag(apply(x + 1e-100j * along)) / 1e-100
    np.testing.assert_allclose(found, (4 * d[1] - d[0]) / 3, rtol=2e-9, atol=1e-10)
