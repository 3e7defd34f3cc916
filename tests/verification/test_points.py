"""Random points inside the domain."""

import re

import numpy as np
import pytest

from matcalc.graph.node import variables
from matcalc.operations import standard
from matcalc.verification.domain import conditions
from matcalc.verification.evaluate import Program
from matcalc.verification.points import find_points

SIZES = {"m": 3, "n": 4}


def points(make, root, count=5, seed=0, sizes=SIZES):
    found = conditions(root, standard(), make.instantiate)
    program = Program([root, *(c.node for c in found)], standard(), make.define)
    return find_points(program, found, variables([root]), sizes, count, seed)


def test_ordinary_formulas_see_both_signs_and_repeat_by_seed(make):
    root = make("sumsq", make("matmul", make.variable("A", "m", "n"), make.variable("x", "n")))
    first, again, other = points(make, root), points(make, root), points(make, root, seed=1)
    assert {name: a.shape for name, a in first.values.items()} == {"A": (5, 3, 4), "x": (5, 4, 1)}
    assert (first.values["x"] > 0).any()
    assert (first.values["x"] < 0).any()
    np.testing.assert_array_equal(first.values["A"], again.values["A"])
    assert not np.array_equal(first.values["A"], other.values["A"])
    assert (first.peaks >= np.abs(first.values["A"]).max(axis=(1, 2))).all()


@pytest.mark.parametrize("count", [1, 3, 10])
def test_arguments_of_logarithms_are_positive(make, count):
    """Ten variables that all must be positive are found although each is so by chance only."""
    terms = [make("sum", make("log", make.variable(f"x{i}", "n"))) for i in range(10)]
    root = terms[0]
    for term in terms[1:]:
        root = make("add", root, term)
    found = points(make, root, count)
    assert len(found) == count
    assert min(a.min() for a in found.values.values()) > 0


def test_positive_determinants_and_invertible_matrices(make):
    z = make.variable("Z", "n", "n")
    found = points(make, make("add", make("logdet", z), make("sum", make("inv", z))), 20)
    assert len(found) == 20
    assert (np.linalg.det(found.values["Z"]) > 0).all()
    assert np.linalg.cond(found.values["Z"]).max() < 1e5


def test_bounded_domains_and_kinks_keep_a_margin(make):
    x, y = make.variable("x", "n"), make.variable("y", "n")
    root = make("sum", make("add", make("arcsin", x), make("max", x, y)))
    found = points(make, root, 10)
    assert len(found) == 10
    assert np.abs(found.values["x"]).max() < 1 - 0.005
    assert np.abs(found.values["x"] - found.values["y"]).min() > 0.005


@pytest.mark.parametrize(
    ("build", "reason"),
    [
        (lambda m, x: m("log", m.plus(m("neg", m.power(x, 2)), -1)), r"where X > 0 \(log\)"),
        (lambda m, x: m("max", x, x), r"where A - B != 0 \(max\)"),
        (lambda m, x: m("exp", m("exp", m.plus(m.power(x, 2), 100))), "finite and of moderate size"),
        (
            lambda m, x: m("add", m("log", x), m("log", m("neg", x))),
            "inside the domain of every function",
        ),
    ],
)
def test_no_point(make, build, reason):
    root = make("sum", build(make, make.variable("x", "n")))
    found = points(make, root)
    assert len(found) == 0
    assert found.reason is not None
    assert re.search(reason, found.reason), found.reason
