"""The Kronecker layout against JAX: ∂vec(Y)/∂vec(X)ᵀ with vec by columns, and what it prints."""

import numpy as np
import pytest

from matcalc.deltas.sweep import sweep
from matcalc.errors import DerivationProblem
from matcalc.graph.node import axes, topological, variables
from matcalc.graph.template import definition
from matcalc.index.kronecker import kronecker
from matcalc.index.simplify import simplify
from matcalc.printers.text import write
from matcalc.reading import read
from matcalc.verification.evaluate import Program
from matcalc.verification.sizes import distinct_sizes

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy


def layout(text, wrt, shapes=None):
    reading = read(text, shapes)
    wrt = {"γ": "gamma"}.get(wrt, wrt)
    variable = reading.graph.variable(wrt, reading.shapes[wrt])
    scalar = reading.value.shape == (None, None)
    seed = reading.graph.number(1) if scalar else reading.graph.variable("∂", reading.value.shape)
    swept = sweep(reading.value, [variable], seed, reading.graph, reading.operations)
    (tensor,) = simplify(
        [swept.deltas[variable]], reading.graph, reading.operations, [reading.value], None if scalar else seed
    )
    result = kronecker(tensor, reading.value.shape, variable.shape, reading.graph, reading.operations)
    return reading, result


def number(reading, node, values, sizes):
    program = Program([node], reading.operations, lambda n: definition(n, reading.graph, reading.operations))
    return program.run(values, sizes)[0]


CASES = [
    ("AXB", "X", None, "Bᵀ⊗A", lambda X, A, B: A @ X @ B),
    ("AX", "X", None, "Iₖ⊗A", lambda X, A: A @ X),
    ("XB", "X", None, "Bᵀ⊗Iₙ", lambda X, B: X @ B),
    ("XᵀX", "X", None, "(I + K_{m,m})(I⊗Xᵀ)", lambda X: X.T @ X),
    ("XXᵀ", "X", None, "(I + K_{n,n})(X⊗I)", lambda X: X @ X.T),
    ("Xᵀ", "X", "X: m×n", "K_{m,n}", lambda X: X.T),
    ("AXᵀB", "X", None, "(Bᵀ⊗A)K_{k,m}", lambda X, A, B: A @ X.T @ B),
    ("tanh(X)", "X", None, "diag(vec(1 − tanh(X)^{∘2}))", lambda X: jnp.tanh(X)),
    ("X ⊙ A", "X", None, "diag(vec(A))", lambda X, A: X * A),
    ("inv(X)", "X", None, "−X⁻ᵀ⊗X⁻¹", lambda X: jnp.linalg.inv(X)),
    ("AX⁻¹B", "X", None, "−BᵀX⁻ᵀ⊗AX⁻¹", lambda X, A, B: A @ jnp.linalg.inv(X) @ B),
    ("Wx", "W", None, "xᵀ⊗Iₙ", lambda W, x: W @ x),
    ("Wᵀx", "W", None, "Iₘ⊗xᵀ", lambda W, x: W.T @ x),
    ("tanh(Wx + b)", "W", None, "xᵀ⊗diag(1 − tanh²(Wx + b))", lambda W, x, b: jnp.tanh(W @ x + b)),
    ("2(UVᵀ − T)V", "U", None, "2VᵀV⊗Iₙ", lambda U, V, T: 2 * (U @ V.T - T) @ V),
    ("XX", "X", None, "Xᵀ⊗I + I⊗X", lambda X: X @ X),
    ("XᵀAX", "X", None, "I⊗XᵀA + K_{m,m}(I⊗XᵀAᵀ)", lambda X, A: X.T @ A @ X),
    ("(X + Xᵀ)/2", "X", "X: n×n", "½(Iₙₙ + K_{n,n})", lambda X: (X + X.T) / 2),
    ("X/‖X‖", "X", None, "I/‖X‖ − vec(X)vec(X)ᵀ/‖X‖³", lambda X: X / jnp.sqrt((X**2).sum())),
    ("X tr(XᵀA)", "X", None, "tr(XᵀA)I + vec(X)vec(A)ᵀ", lambda X, A: X * jnp.trace(X.T @ A)),
    ("tanh(AX)", "X", None, "diag(vec(1 − tanh(AX)^{∘2}))(I⊗A)", lambda X, A: jnp.tanh(A @ X)),
    ("A exp(X) B", "X", None, "(Bᵀ⊗A)diag(vec(exp(X)))", lambda X, A, B: A @ jnp.exp(X) @ B),
    ("xxᵀ", "x", None, "I⊗x + x⊗I", lambda x: jnp.outer(x, x)),
    ("diag(x)A", "x", None, "diag(vec(A))(𝟏⊗I)", lambda x, A: x[:, None] * A),
    ("A diag(x) B", "x", None, "(𝟏⊗A) ⊙ (Bᵀ⊗𝟏)", lambda x, A, B: A @ jnp.diag(x) @ B),
    ("vec(X)", "X", "X: m×n", "Iₘₙ", lambda X: X.T.reshape(-1)),
    ("(A⊗B)vec(X)", "X", "A: m×n, B: p×q, X: q×n", "A⊗B", lambda X, A, B: jnp.kron(A, B) @ X.T.reshape(-1)),
    ("tr(AX)", "X", None, "vec(Aᵀ)ᵀ", lambda X, A: jnp.trace(A @ X)),
    ("xᵀXy", "X", None, "yᵀ⊗xᵀ", lambda X, x, y: x @ X @ y),
    ("Xγ", "γ", None, "vec(X)", lambda gamma, X: X * gamma),
    ("diag(diag(X))", "X", None, "diag(vec(Iₙ))", lambda X: jnp.diag(jnp.diag(X))),
    ("diag(X)", "X", None, None, lambda X: jnp.diag(X)),
    ("A⊗X", "X", None, None, lambda X, A: jnp.kron(A, X)),
    ("X⊗A", "X", None, None, lambda X, A: jnp.kron(X, A)),
    ("X⊗X", "X", None, None, lambda X: jnp.kron(X, X)),
    ("softmax(Wx)", "W", None, None, lambda W, x: jax.nn.softmax(W @ x)),
    ("XXᵀX", "X", None, "XᵀX⊗I + I⊗XXᵀ + K_{m,n}(X⊗Xᵀ)", lambda X: X @ X.T @ X),
]


@pytest.mark.parametrize(
    ("text", "wrt", "shapes", "printed", "function"), CASES, ids=[case[0] for case in CASES]
)
def test_against_jax(text, wrt, shapes, printed, function):
    reading, result = layout(text, wrt, shapes)
    if printed is not None:
        assert write(result, "unicode", reading.operations) == printed
    names = {str(node.data): node for node in variables([reading.value, result])}
    sizes = distinct_sizes(node.shape for node in topological([reading.value, result, *names.values()]))
    rng = np.random.default_rng(7)
    values = {}
    for name, node in names.items():
        shape = tuple(1 if size is None else sizes[size] for size in node.shape)
        values[name] = rng.uniform(0.3, 1.3, shape) + (np.eye(*shape) if shape[0] == shape[1] else 0)
    public = {
        name: values[name].reshape([sizes[s] for s in axes(node.shape)]) for name, node in names.items()
    }
    variable = {"γ": "gamma"}.get(wrt, wrt)
    order = function.__code__.co_varnames[: function.__code__.co_argcount]
    jacobian = jax.jacobian(function)(*(public[name] for name in order))
    value = function(*(public[name] for name in order))
    expected = np.asarray(jacobian).reshape(*value.shape, *public[variable].shape)
    rows = expected.swapaxes(0, 1) if value.ndim == 2 else expected  # columns of Y first
    rows = rows.reshape(value.size, *public[variable].shape)
    expected = np.stack([row.reshape(-1, order="F") for row in rows])
    got = number(reading, result, values, sizes)
    np.testing.assert_allclose(got.reshape(expected.shape), expected, rtol=1e-9, atol=1e-12)
    declared = {name: axes(node.shape) for name, node in names.items()}
    for spelling in ("unicode", "ascii", "latex"):
        again = read(write(result, spelling, reading.operations), declared)
        assert again.value.shape == result.shape
        np.testing.assert_allclose(number(again, again.value, values, sizes), got, rtol=1e-12)


def test_commutation_is_not_symmetric_unless_square():
    reading, result = layout("Xᵀ", "X", "X: m×n")
    assert write(result, "ascii", reading.operations) == "K_{m,n}"
    reading = read("K_{m,n} vec(X) + K_{n,m}vec(X)", "X: m×n")
    node = simplify([reading.value], reading.graph, reading.operations)[0]
    text = write(node, "unicode", reading.operations)
    assert text != "2vec(Xᵀ)" and "vec(Xᵀ)" in text


def test_a_variable_named_k_is_no_commutation():
    assert "K_m_n" in read("K_{m,n}x").shapes
    assert "K_m_n" not in read("K_{m,n}x", "x: mn, A: m×n").shapes
    assert "K_m_n" in read("K_{m,n}x", "K_{m,n}: m×n").shapes
    reading, result = layout("XᵀK", "X", "K: m×n, X: m×n")
    with pytest.raises(DerivationProblem, match="K is the name of a variable"):
        write(result, "unicode", reading.operations)


def test_more_than_two_axes_are_refused():
    reading, _ = layout("XB", "X")
    tensor = reading.graph.variable("T", ("n", "m", "k"))
    with pytest.raises(DerivationProblem, match="index notation"):
        kronecker(tensor, ("n", "m", "k"), (None, None), reading.graph, reading.operations)
