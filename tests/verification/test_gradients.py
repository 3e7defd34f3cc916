"""Right formulas pass, wrong ones fail, and what can't be checked is not called passed."""

import math
from fractions import Fraction

import pytest
from formulas_by_hand import (
    RIGHT,
    cross_entropy,
    error_function,
    inverse_form,
    least_squares,
    logdet,
    ones,
    tied,
    trace,
)

from matcalc.errors import DerivationProblem
from matcalc.graph.node import SCALAR
from matcalc.operations import standard
from matcalc.verification.gradients import check_gradients
from matcalc.verification.report import COMPLEX_STEP, DIFFERENCES, CheckReport
from tests.counting import calls

cases = pytest.mark.parametrize("case", RIGHT, ids=lambda case: case.__name__)


@cases
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_right_formulas_pass(make, case, seed):
    report = make.check(*case(make), seed=seed)
    assert report, str(report)
    assert report.points == 3
    assert report.error < 1e-9
    assert report.reason is None
    assert str(report).startswith(
        "agrees with finite differences at 3 random points, largest relative error "
    )


def scaled(m, g):
    return m.times(2, g)


def negated(m, g):
    return m("neg", g)


def slightly_off(m, g):
    return m.times(1 + Fraction(1, 10**5), g)


def one_entry_off(m, g):
    return m.plus(g, m.times(Fraction(1, 1000), m.fill(1, SCALAR)))


def zeroed(m, g):
    return m.fill(0, g.shape)


@cases
@pytest.mark.parametrize("spoil", [scaled, negated, slightly_off, one_entry_off, zeroed])
def test_wrong_formulas_fail(make, case, spoil):
    value, derivative, wrt = case(make)
    report = make.check(value, spoil(make, derivative), wrt)
    assert report.ok is False
    assert report.error > report.tolerance
    assert str(report).startswith("DISAGREES with finite differences: relative error ")
    assert not report


@pytest.mark.parametrize("case", [logdet, inverse_form])
def test_wrong_transpose_of_a_square_matrix_fails(make, case):
    value, derivative, wrt = case(make)
    report = make.check(value, make.t(derivative), wrt)
    assert report.ok is False
    assert "at entry (" in report.reason


def test_one_term_of_tied_weights_fails(make):
    """The source's formula for ‖WᵀWx−x‖² with one use of W forgotten."""
    value, _, w = tied(make)
    x = make.variable("x", "n")
    r = make("sub", make.product(make.t(w), w, x), x)
    assert make.check(value, make.times(2, make.product(w, r, make.t(x))), w).ok is False


def test_wrong_transpose_has_another_shape(make):
    value, derivative, wrt = least_squares(make)
    report = make.check(value, make.t(derivative), wrt)
    assert report.ok is False
    assert report.reason == "the formula is k×m, but A is m×k"


def test_formula_of_the_source_that_reads_an_outer_product_as_a_square_fails(make):
    v, s = make.variable("V", "n", "n"), make.variable("s", "n")
    inside = make.plus(make.product(v, s, make.t(s)), make.variable("ε"))
    value = make("sum", make("sqrt", inside))
    g = make.times(Fraction(1, 2), make("eldivide", ones(make, inside), make("sqrt", inside)))
    right = make("add", make.product(make.t(v), g, s), make.product(make.t(g), v, s))
    assert make.check(value, right, s)
    assert make.check(value, make.times(2, make.product(make.t(v), g, s)), s).ok is False


def test_failure_names_place_and_figures(make):
    x = make.variable("x", "n")
    report = make.check(make("sum", x), make.fill(2, x.shape), x)
    assert report.reason == "relative error 1.0e+00 at entry 1: formula 2, differences 1"
    a = make.variable("a")
    assert "at entry" not in make.check(make.power(a, 2), a, a).reason


def test_nan_of_the_formula_fails(make):
    x = make.variable("x", "n")
    bad = make("log", make("neg", make.power(x, 2)))
    report = make.check(make("sumsq", x), bad, x)
    assert report.ok is False
    assert report.error is None
    assert "the formula is not finite at entry 1: formula nan" in str(report)


def test_nan_in_one_entry_is_not_hidden(make):
    x = make.variable("x", "n")
    odd = make("add", make.times(2, x), make.times(0, make("sqrt", make("neg", make.power(x, 2)))))
    assert make.check(make("sumsq", x), odd, x).ok is False


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (
            lambda m, x: m("sum", m("log", m.plus(m("neg", m.power(x, 2)), -1))),
            "no point found where X > 0 (log)",
        ),
        (lambda m, x: m("sum", m("max", x, x)), "no point found where A - B != 0 (max)"),
        (
            lambda m, x: m("sum", m("exp", m("exp", m.plus(m.power(x, 2), 99)))),
            "no point found where all values are finite and of moderate size",
        ),
    ],
)
def test_not_checked(make, value, reason):
    x = make.variable("x", "n")
    report = make.check(value(make, x), x, x)
    assert report.ok is None
    assert str(report) == f"not checked: {reason}"
    assert not report
    assert report.points == 0


def test_no_points_asked(make):
    assert make.check(*least_squares(make), points=0).ok is None


def test_a_variable_that_does_not_occur(make):
    value, _, _ = least_squares(make)
    z = make.variable("z", "n")
    assert make.check(value, make.fill(0, z.shape), z)
    assert make.check(value, make.times(Fraction(1, 10**8), z), z).ok is False


def test_a_gradient_that_vanishes_by_cancellation(make):
    """Σ softmax(x) is 1: its gradient y⊙(1 − Σy) is zero up to rounding."""
    x = make.variable("x", "n")
    y = make("softmax", x)
    value = make("sum", y)
    assert make.check(value, make.fill(0, x.shape), x)
    assert make.check(value, make("hadamard", y, make.fill(make.plus(make("neg", value), 1), x.shape)), x)
    assert make.check(value, make.times(Fraction(1, 10**6), y), x).ok is False


def test_kinks_of_other_variables_do_no_harm(make):
    x, y = make.variable("x", "n"), make.variable("y", "n")
    always_kinked = make("max", y, y)
    assert make.check(make("sum", make("hadamard", x, always_kinked)), y, x)


def test_method_and_order(make):
    report = make.check(*cross_entropy(make))
    assert report.method == COMPLEX_STEP
    assert report.order == pytest.approx(2, abs=0.05)
    assert report.error < 1e-12
    report = make.check(*error_function(make))
    assert report.method == DIFFERENCES
    assert report.order == pytest.approx(2, abs=0.05)
    assert make.check(*least_squares(make)).order is None


def test_sizes_are_distinct_and_reported(make):
    sizes = make.check(*trace(make)).sizes
    assert sorted(sizes) == ["k", "m", "n"]
    assert len(set(sizes.values())) == 3


def test_same_seed_same_report(make):
    assert make.check(*tied(make), seed=7) == make.check(*tied(make), seed=7)
    assert make.check(*tied(make), seed=7) != make.check(*tied(make), seed=8)


def test_several_variables_share_points(make):
    w, x = make.variable("W", "m", "n"), make.variable("x", "n")
    y = make.product(w, x)
    right = {w: make.times(2, make.product(y, make.t(x))), x: make.times(2, make.product(make.t(w), y))}
    wrong = right | {x: make.t(x)} | {w: make.product(y, make.t(x))}
    both = check_gradients(make("sumsq", y), right, standard(), make.define, make.instantiate)
    assert list(both) == [w, x]
    assert all(both.values())
    spoiled = check_gradients(make("sumsq", y), wrong, standard(), make.define, make.instantiate)
    assert [spoiled[v].ok for v in (w, x)] == [False, False]


def test_value_must_be_a_scalar(make):
    x = make.variable("x", "n")
    with pytest.raises(DerivationProblem, match="this one is n"):
        make.check(x, x, x)


def test_a_check_is_quick(make):
    arguments = tied(make)
    make.check(*arguments)
    assert calls(lambda: make.check(*arguments)) < 5000  # about 1.5 ms


def test_report_in_words():
    assert str(CheckReport(True, 3, 3e-11)) == (
        "agrees with finite differences at 3 random points, largest relative error 3e-11"
    )
    assert str(CheckReport(True, 1, 0.0, method=COMPLEX_STEP)) == (
        "agrees with finite differences at 1 random point, largest relative error 0e+00 (complex step)"
    )
    assert bool(CheckReport(None, reason="x")) is False
    assert math.isclose(CheckReport(True).tolerance, 1e-6)
