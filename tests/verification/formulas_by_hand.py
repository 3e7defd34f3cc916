"""Values with their gradients, written by hand: each gives (value, gradient, variable)."""

from matcalc.graph.node import SCALAR


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
