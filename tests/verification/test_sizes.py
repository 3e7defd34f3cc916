"""Numbers that stand for symbolic sizes."""

from matcalc.verification.sizes import distinct_sizes


def test_symbols_get_different_small_numbers():
    assert distinct_sizes([("m", "n"), ("n", None), (None, None), ("k", "m")]) == {"m": 2, "n": 3, "k": 4}


def test_given_numbers_are_kept_while_small_and_avoided():
    assert distinct_sizes([(3, "n"), ("n", 1), (8, None)]) == {3: 3, "n": 2, 1: 1, 8: 8}


def test_large_numbers_shrink_consistently():
    assert distinct_sizes([(1000, 50), (50, 1000), (2, None)]) == {2: 2, 1000: 3, 50: 4}


def test_many_symbols_stay_small_and_neighbours_differ():
    shapes = [(f"n{i + 1}", f"n{i}") for i in range(1000)] + [("n0", f"n{i}") for i in range(0, 1000, 7)]
    sizes = distinct_sizes(shapes)
    assert set(sizes.values()) <= set(range(2, 8))
    assert all(sizes[f"n{i + 1}"] != sizes[f"n{i}"] for i in range(1000))
