"""Random arrays: the same for the same seed, and distributed as they say."""

import numpy as np
import pytest

from matcalc.verification.draws import Draws

MANY = 100_000


def test_a_seed_gives_the_same_numbers_again():
    one, other = (Draws((3, 1)).standard_normal((4, 5)) for _ in range(2))
    assert one.shape == (4, 5)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("seed", [0, 1, (0, 0), (0, 1), [1, 0]])
def test_another_seed_gives_other_numbers(seed):
    assert not np.isin(Draws(2).uniform((50,)), Draws(seed).uniform((50,))).any()


def test_no_number_is_drawn_twice():
    draws = Draws(0)
    assert len(np.unique([draws.uniform((50, 2)), draws.uniform((50, 2))])) == 200


def test_uniform_numbers_fill_the_interval():
    found = Draws(0).uniform((MANY,))
    assert 0 < found.min() < 1e-4 and 1 - 1e-4 < found.max() < 1
    np.testing.assert_allclose(np.quantile(found, [0.1, 0.5, 0.9]), [0.1, 0.5, 0.9], atol=0.01)


def test_normal_numbers_have_the_quantiles_of_the_normal_distribution():
    found = Draws(0).standard_normal((MANY // 10, 5, 2))
    assert np.isfinite(found).all()
    np.testing.assert_allclose(
        np.quantile(found, [0.0228, 0.1587, 0.5, 0.8413, 0.9772]), range(-2, 3), atol=0.03
    )
    assert abs(np.corrcoef(found.reshape(-1, 10).T) - np.eye(10)).max() < 0.05


def test_whole_numbers_come_equally_often():
    counts = np.bincount(Draws(0).integers(7, (7 * 10_000,)))
    assert len(counts) == 7
    assert 9_500 < counts.min() <= counts.max() < 10_500
