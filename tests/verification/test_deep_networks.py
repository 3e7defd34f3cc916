"""Checks of graphs with thousands of nodes."""

from functools import partial

import pytest

from tests.counting import calls


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
    report = make.check(value, gradients[wrt], wrt)
    assert report, str(report)
    assert make.check(value, make.times(2, gradients[wrt]), wrt).ok is False


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_a_check_is_linear_in_the_layers(make, activation):
    def work(layers):
        value, gradients, weights = network(make, layers, activation, SLOPES[activation])
        check = partial(make.check, value, gradients[weights[1]], weights[1])
        # At some points the differences settle late; the fewest calls are those of other points.
        return min(calls(partial(check, seed=seed)) for seed in range(3))

    work(10)  # what is done once
    assert work(200) < 4.4 * work(50)


def test_a_gradient_below_the_smallest_floats_is_not_called_passed(make):
    value, gradients, weights = network(make, 700, "sigmoid", SLOPES["sigmoid"])
    report = make.check(value, gradients[weights[0]], weights[0])
    assert str(report) == "not checked: the derivative is too small for floating point"
