"""Right formulas pass, wrong ones fail, and what can't be checked is not called passed."""

import math
import time
from fractions import Fraction

import pytest

from matcalc.check.gradients import check_gradients
from matcalc.check.report import COMPLEX_STEP, DIFFERENCES, CheckReport
from matcalc.errors import DerivationProblem
from matcalc.graph.node import SCALAR
from matcalc.operations import standard


def ones(m, node):
    return m.fill(1, node.shape)


def least_squares(m):
    a, s, x = m.variable("A", "m", "k"), m.variable("s", "k"), m.variable("x", "m")
    residual = m("sub", m.product(a, s), x)
    return m("sumsq", residual), m.times(2, m.product(residual, m.t(s))), a


def tied(m):
    w, x = m.variable("W", "k", "n"), m.variable("x", "n")
    r = m("sub", m.product(m.t(w), w, x), x)
    both = m("add", m.product(r, m.t(x)), m.product(x, m.t(r)))
    return m.power(m("norm2", r), 2), m.times(2, m.product(w, both)), w


def logdet(m):
    z = m.variable("Z", "n", "n")
    return m("logdet", z), m.t(m("inv", z)), z


def inverse_form(m):
    x, a, b = m.variable("X", "n", "n"), m.variable("a", "n"), m.variable("b", "n")
    y = m("inv", x)
    return (
        m.product(m.t(a), y, b),
        m("neg", m.product(m.t(y), a, m.t(b), m.t(y))),
        x,
    )


def roots(m):
    v, s, e = m.variable("V", "m", "n"), m.variable("s", "n"), m.variable("ε")
    inside = m.plus(m.product(v, m("hadamard", s, s)), e)
    root = m("sqrt", inside)
    return m("sum", root), m("hadamard", m.product(m.t(v), m("eldivide", ones(m, root), root)), s), s


def logistic(m):
    x, w, y = m.variable("X", "m", "n"), m.variable("w", "n"), m.variable("y", "m")
    z = m("neg", m("hadamard", y, m.product(x, w)))
    value = m("sum", m("log", m.plus(m("exp", z), 1)))
    return value, m("neg", m.product(m.t(x), m("hadamard", y, m("sigmoid", z)))), w


def cross_entropy(m):
    w, x, t = m.variable("W", "m", "n"), m.variable("x", "n"), m.variable("t", "m")
    soft = m("softmax", m.product(w, x))
    value = m("neg", m.product(m.t(t), m("log", soft)))
    return value, m.product(m.t(w), m("sub", m("scale", m("sum", t), soft), t)), x


def kinked(m):
    a, x = m.variable("A", "m", "n"), m.variable("x", "n")
    z = m.product(a, x)
    value = m("add", m("sum", m("relu", z)), m("norm1", x))
    return value, m("add", m.product(m.t(a), m("step", z)), m("sign", x)), x


def error_function(m):
    x = m.variable("x", "n")
    gauss = m("exp", m("neg", m.power(x, 2)))
    factor = m("over", m.number(2), m("sqrt", m.graph.node("pi", (), SCALAR)))
    return m("sum", m("erf", x)), m("scale", factor, gauss), x


def mean_of_squares(m):
    x = m.variable("x", 1000)
    size = m.graph.node("size", (), SCALAR, 1000)
    return m("over", m("sumsq", x), size), m.times(2, m("over", x, size)), x


def trace(m):
    a, x, b = m.variable("A", "m", "n"), m.variable("X", "n", "k"), m.variable("B", "k", "m")
    return m("tr", m.product(a, x, b)), m.product(m.t(a), m.t(b)), x


RIGHT = [
    least_squares,
    tied,
    logdet,
    inverse_form,
    roots,
    logistic,
    cross_entropy,
    kinked,
    error_function,
    mean_of_squares,
    trace,
]
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


def network(m, layers, activation, slope):
    """Value, gradients by weight, and weights of Σ f(Wₗ … f(W₁x))."""
    h, weights, inputs, sums, outputs = m.variable("x", "n0"), [], [], [], []
    for layer in range(layers):
        weights.append(m.variable(f"W{layer}", f"n{layer + 1}", f"n{layer}"))
        inputs.append(h)
        sums.append(m.product(weights[-1], h))
        h = m(activation, sums[-1])
        outputs.append(h)
    delta, gradients = m.fill(1, h.shape), {}
    for layer in reversed(range(layers)):
        delta = m("hadamard", delta, slope(m, sums[layer], outputs[layer]))
        gradients[weights[layer]] = m.product(delta, m.t(inputs[layer]))
        delta = m.product(m.t(weights[layer]), delta)
    return m("sum", h), gradients, weights


SLOPES = {
    "tanh": lambda m, z, y: m.plus(m("neg", m.power(y, 2)), 1),
    "relu": lambda m, z, y: m("step", z),
    "sigmoid": lambda m, z, y: m("hadamard", y, m.plus(m("neg", y), 1)),
}


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("layer", [0, 500, 999])
def test_a_thousand_layers(make, activation, layer):
    value, gradients, weights = network(make, 1000, activation, SLOPES[activation])
    wrt = weights[layer]
    start = time.perf_counter()
    report = make.check(value, gradients[wrt], wrt)
    assert report, str(report)
    assert make.check(value, make.times(2, gradients[wrt]), wrt).ok is False
    assert time.perf_counter() - start < 20


def test_a_gradient_below_the_smallest_floats_is_not_called_passed(make):
    value, gradients, weights = network(make, 700, "sigmoid", SLOPES["sigmoid"])
    report = make.check(value, gradients[weights[0]], weights[0])
    assert str(report) == "not checked: the derivative is too small for floating point"


def test_a_check_is_quick(make):
    arguments = tied(make)
    make.check(*arguments)
    times = []
    for _ in range(15):
        start = time.perf_counter()
        make.check(*arguments)
        times.append(time.perf_counter() - start)
    assert min(times) < 0.01  # about 1.5 ms here


def test_report_in_words():
    assert str(CheckReport(True, 3, 3e-11)) == (
        "agrees with finite differences at 3 random points, largest relative error 3e-11"
    )
    assert str(CheckReport(True, 1, 0.0, method=COMPLEX_STEP)) == (
        "agrees with finite differences at 1 random point, largest relative error 0e+00 (complex step)"
    )
    assert bool(CheckReport(None, reason="x")) is False
    assert math.isclose(CheckReport(True).tolerance, 1e-6)
