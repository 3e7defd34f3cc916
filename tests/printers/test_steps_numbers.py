"""Every δ of a layer table, and every contribution, is numerically right."""

import numpy as np
import pytest

import matcalc
from matcalc.evaluation import function
from matcalc.graph.node import axes, topological
from matcalc.printers.steps import layer_table

SIZES = {"n": 5, "m": 3, "k": 4, "p": 2, "q": 6}


def arrays(reading):
    """A positive array for each variable, all sizes distinct."""
    random = np.random.default_rng(7)
    return {
        name: random.uniform(0.3, 1.2, [SIZES.get(size, size) for size in axes(shape)])
        for name, shape in reading.shapes.items()
    }


def value(node, reading, given):
    return np.asarray(function(node, reading, also=reading_variables(reading))(**given))


def reading_variables(reading):
    return [reading.graph.variable(name, shape) for name, shape in reading.shapes.items()]


def differences(f, at, step=1e-6):
    """The gradient of f at an array, by central differences."""
    at = np.asarray(at, dtype=float)
    slope = np.zeros(at.shape)
    for place in np.ndindex(at.shape):
        there, back = at.copy(), at.copy()
        there[place] += step
        back[place] -= step
        slope[place] = (f(there) - f(back)) / (2 * step)
    return slope


# The sources' networks by hand: what each layer does with its input, from the first to the last.
BY_HAND = {
    "‖As−x‖²": lambda A, s, x: [lambda z: A @ z, lambda z: z - x, lambda z: z**2],
    "Σ√(V(s⊙s)+ε)": lambda V, s, eps: [lambda z: z**2, lambda z: V @ z, lambda z: z + eps, np.sqrt],
    "‖WᵀWx−x‖²": lambda W, x: [lambda z: W @ z, lambda z: W.T @ z, lambda z: z - x, lambda z: z**2],
}


@pytest.mark.parametrize(
    ("formula", "wrt"),
    [(formula, wrt) for formula, names in zip(BY_HAND, ["sAx", "sVε", "Wx"], strict=True) for wrt in names],
)
def test_the_deltas_of_the_sources_networks(formula, wrt):
    derivation = matcalc.derive(formula, wrt)
    given = arrays(derivation.reading)
    layers = BY_HAND[formula](**given)
    table = layer_table(derivation)
    assert len(table) == len(layers)
    inputs = [given["s" if "s" in given else "x"]]
    for layer in layers:
        inputs.append(layer(inputs[-1]))

    for row in table:

        def rest(z, first=row.layer - 1):
            for layer in layers[first:]:
                z = layer(z)
            return z.sum()

        z = inputs[row.layer - 1]
        np.testing.assert_allclose(value(row.input.node, derivation.reading, given), z, rtol=1e-12)
        delta = value(row.worked_out.node, derivation.reading, given)
        np.testing.assert_allclose(delta, differences(rest, z), rtol=1e-6)


NETWORKS = [
    ("½‖W2σ(W1x+b1)+b2−t‖²", "W1"),
    ("Σ log(1+exp(Wx))", "W"),
    ("Σ√(Vssᵀ+ε)", "V"),
    ("‖tanh(XU)W − Y‖₁", "U"),
    ("Σtanh(σ(XU)W)", "X"),
    ("−γ‖3(Wx)−y‖²/2", "x"),
    ("Σ tanh(W*tanh(Wx+Bu)+Bv)", "B"),
    ("Σ a./(y⊙(Wx) + 2)", "W"),
    ("Σ(Wx + c).^γ", "c"),
    ("Σ 2W diag(a)x", "x"),
    ("ΣWx", "W"),
    ("Σ max(Wx, b)", "b"),
]


def with_input(root, old, new, graph):
    """The formula with another node in the place of a value."""
    changed = {old: new}
    for node in topological([root]):
        if node not in changed:
            args = tuple(changed[arg] for arg in node.args)
            changed[node] = graph.node(node.op, args, node.shape, node.data)
    return changed[root]


@pytest.mark.parametrize(("formula", "wrt"), NETWORKS)
def test_the_deltas_of_other_networks(formula, wrt):
    derivation = matcalc.derive(formula, wrt)
    reading = derivation.reading
    given = arrays(reading)
    table = layer_table(derivation)
    assert table.kind == "network"
    for row in table:
        if row.input.node.op == "variable" and uses(row.input.node, derivation.value) > 1:
            continue  # the layer's δ is that of one use
        z = reading.graph.variable("free", row.input.node.shape)
        freed = with_input(derivation.value, row.input.node, z, reading.graph)
        at = value(row.input.node, reading, given)

        def rest(z, freed=freed):
            return float(function(freed, reading, also=reading_variables(reading))(**given, free=z))

        slope = differences(rest, at)
        delta = value(row.worked_out.node, reading, given)
        np.testing.assert_allclose(delta, slope, rtol=2e-6, atol=1e-9)


def uses(leaf, root):
    """How often a leaf is used."""
    return sum(node.args.count(leaf) for node in topological([root]))


@pytest.mark.parametrize(("formula", "wrt"), NETWORKS)
def test_the_derivatives_of_activations(formula, wrt):
    derivation = matcalc.derive(formula, wrt)
    for row in layer_table(derivation):
        names = {
            str(n.data): n for cell in (row.activation, row.derivative) for n in topological([cell.node])
        }
        given = {name: 0.7 + 0.1 * i for i, name in enumerate(names) if names[name].op == "variable"}
        entry = next((name for name in given if name.startswith("z_")), None)
        assert entry is not None

        def activation(z, row=row, given=given, entry=entry):
            return float(function(row.activation.node, derivation.reading)(**{**given, entry: z}))

        slope = float(function(row.derivative.node, derivation.reading)(**given))
        assert slope == pytest.approx(float(differences(activation, given[entry])), rel=1e-7)


@pytest.mark.parametrize(
    ("formula", "wrt"),
    [*NETWORKS, ("‖WᵀWx−x‖²", "W"), ("‖WᵀWx−x‖²", "x"), ("Σ√(V(s⊙s)+ε)", "s"), ("Σ√(Vssᵀ+ε)", "s")]
    + [("tr(XᵀXXᵀX)", "X"), ("‖As−x‖² + γ‖A‖²", "A"), ("Σ(x + Wσ(Vx))⊙σ(Ux)", "x"), ("γ‖γx‖²", "γ")],
)
def test_contributions_add_up(formula, wrt):
    """Each contribution is right in all its forms that are formulas, and their sum is the gradient."""
    derivation = matcalc.derive(formula, wrt)
    reading = derivation.reading
    given = arrays(reading)
    table = layer_table(derivation)
    total = sum(value(use.value.node, reading, given) for use in table.contributions)
    np.testing.assert_allclose(total, derivation.function()(**given), rtol=1e-10)
    variable = str(derivation.variable.data)

    def f(z):
        return float(function(derivation.value, reading)(**{**given, variable: z}))

    np.testing.assert_allclose(total, differences(f, given[variable]), rtol=2e-6, atol=1e-8)


@pytest.mark.parametrize(
    ("formula", "wrt"), [("tr(XᵀXXᵀX)", "X"), ("‖As−x‖² + γ‖A‖²", "A"), ("aᵀinv(X)b", "X"), ("‖x−a‖", "x")]
)
def test_the_deltas_of_a_graph(formula, wrt):
    derivation = matcalc.derive(formula, wrt)
    reading = derivation.reading
    given = arrays(reading)
    for row in layer_table(derivation):
        if row.delta.node is None:
            continue
        free = reading.graph.variable("free", row.value.node.shape)
        freed = with_input(derivation.value, row.value.node, free, reading.graph)

        def f(z, freed=freed):
            return float(function(freed, reading, also=reading_variables(reading))(**given, free=z))

        slope = differences(f, value(row.value.node, reading, given))
        np.testing.assert_allclose(value(row.delta.node, reading, given), slope, rtol=1e-5, atol=1e-8)
