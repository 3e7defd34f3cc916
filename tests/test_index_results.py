"""Results in index notation: they read back in three spellings, and steps, programs and left sides work with indices."""

import numpy as np
import pytest

import matcalc

RNG = np.random.default_rng(11)

RESULTS = [
    ("Wx", "W", "jacobian", None),
    ("AXB", "X", "jacobian", None),
    ("XᵀX", "X", "jacobian", None),
    ("inv(X)", "X", "jacobian", None),
    ("tanh(Wx+b)", "W", "jacobian", None),
    ("softmax(Wx)", "W", "jacobian", None),
    ("X'", "X", "jacobian", None),
    ("X ⊗ Y", "X", "jacobian", None),
    ("softmax(X, rows)", "X", "jacobian", None),
    ("W_{in}'W_{in}", "W_in", "jacobian", None),
    ("Σ_i T[i,j,k] x[i]", "x", "jacobian", "T: a×b×c, x: a"),
    ("Σᵢⱼ T[i,j,k] x[i] y[j]", "x", "jacobian", "T: a×b×c, x: a, y: b"),
    ("Σ T.^3", "T", "hessian", "T: a×b×c"),
    ("‖T−UVᵀ‖²", "U", "hessian", None),
    ("log det X", "X", "hessian", None),
    ("Σexp(Wx)", "W", "hessian", None),
    ("tr(AXBX)", "X", "hessian", None),
    ("tr(inv(X)A)", "X", "hessian", None),
    ("Σ tanh(AXB)", "X", "hessian", None),
    ("Σᵢ log(1+exp(−yᵢ wᵀxᵢ))", "w", "hessian", None),
    ("x[3]", "x", "gradient", None),
    ("Σ_i (Σ_p x[i+p] k[p])^2", "x", "gradient", "x: 5, k: 3"),
]


def _arrays(shapes):
    names = dict.fromkeys(size for shape in shapes.values() for size in shape)
    sizes = {
        name: number if isinstance(number := name, int) else 3 + place for place, name in enumerate(names)
    }
    return {name: RNG.uniform(0.2, 1.2, [sizes[size] for size in shape]) for name, shape in shapes.items()}


@pytest.mark.parametrize(("text", "wrt", "kind", "shapes"), RESULTS, ids=[case[0] for case in RESULTS])
def test_results_read_back(text, wrt, kind, shapes):
    derivation = matcalc.derive(text, wrt, shapes, kind=kind)
    arrays = _arrays(derivation.shapes)
    expected = derivation.function("numpy")(**arrays)
    assert derivation.check().ok
    for printed in (derivation.unicode(), derivation.ascii(), derivation.latex()):
        got = matcalc.evaluate(printed, derivation.shapes, **arrays)
        assert got.shape == expected.shape, printed
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-12, err_msg=printed)


def test_an_identity_is_a_delta_where_the_rest_tells_its_size():
    assert matcalc.derive("XᵀX", "X", kind="jacobian").unicode() == "X[k,j]δ[i,l] + X[k,i]δ[j,l]"
    assert matcalc.derive("Wx", "W", "W: m×n", kind="jacobian").unicode() == "x[k]Iₘ[i,j]"


@pytest.mark.parametrize(
    "text",
    [
        "∂Y[i,j]/∂X[k,l] = A[i,k]B[l,j]",
        "d Y[i,j] / d X[k,l] = A[i,k]*B[l,j]",
        r"\frac{\partial Y_{ij}}{\partial X_{kl}} = A_{ik} B_{lj}",
        r"\frac{\partial Y_{ij}}{\partial (W_{in})_{kl}} = A_{ik} B_{lj}",
        "∂Y[i,j]/∂W_{in}[k,l] = M[i,k]B[l,j] where M[i,j] = A[i,j]",
        "shapes A: m×n\nM[i,j] = A[j,i]\n∂Y[i,j]/∂X[k,l] = M[k,i]B[l,j]",
    ],
)
def test_a_line_with_a_left_side_reads_as_its_right_side(text):
    A, B = RNG.normal(size=(2, 3)), RNG.normal(size=(4, 5))
    got = matcalc.evaluate(text, A=A, B=B)
    np.testing.assert_allclose(got, np.einsum("ik,lj->ijkl", A, B))


@pytest.mark.parametrize("left", ["Y[j,i]", "Y_{ji}", "Yⱼᵢ"])
def test_the_left_side_gives_the_order_of_the_axes(left):
    A = RNG.normal(size=(2, 3))
    np.testing.assert_allclose(matcalc.evaluate(f"{left} = 2A[i,j]", A=A), 2 * A.T)


PROGRAMS = [
    "shapes X: n×d, w: d, y: n\nrᵢ = wᵀxᵢ − yᵢ\nL = Σᵢ rᵢ²",
    "shapes X: n×d, w: d, y: n\nr[i] = w'*x_i - y_i\nL = sum_i r_i^2",
    "shapes X: n×d, w: d, y: n\nL = \\sum_{i=1}^{n} (w^\\top x_i - y_i)^2",
    "shapes X: n×d, w: d, y: n\n\\sum_{i=1}^{n} (w^\\top x_i - y_i)^2",
]


@pytest.mark.parametrize("text", PROGRAMS)
def test_programs_hold_sums_over_samples(text):
    assert matcalc.derive(text, "w").unicode(inline=True) == "2Xᵀ(Xw − y)"
    assert matcalc.derive(text, "w", kind="hessian").unicode() == "2XᵀX"


def test_a_program_declares_tensors():
    text = "shapes T: a×b×c, x: a, y: b\nM[i,k] = Σⱼ T[i,j,k] y[j]\nL = ‖Mᵀx‖²"
    derivation = matcalc.derive(text, "T")
    assert derivation.unicode() == "2x[i]y[j](Mᵀx)[k] where M[i,j] = Σₚ T[i,p,j]y[p]"
    arrays = _arrays(derivation.shapes)
    inner = np.einsum("abc,a,b->c", arrays["T"], arrays["x"], arrays["y"])
    expected = 2 * np.einsum("a,b,c->abc", arrays["x"], arrays["y"], inner)
    np.testing.assert_allclose(derivation.function("numpy")(**arrays), expected)
    for printed in (derivation.unicode(), derivation.ascii(), derivation.latex()):
        np.testing.assert_allclose(matcalc.evaluate(printed, derivation.shapes, **arrays), expected)


@pytest.mark.parametrize(
    ("text", "wrt", "line"),
    [
        ("Σᵢ (wᵀxᵢ − yᵢ)²", "w", "∇w = 2Xᵀ(Xw − y)"),
        ("Σᵢⱼ Aᵢⱼ xᵢ xⱼ", "x", "∇x = Ax + Aᵀx = (A + Aᵀ)x"),
        ("Σᵢⱼₖ T[i,j,k] x[i] y[j] z[k]", "x", "∇x = Σ_{p,q} T[i,p,q]z[q]y[p]"),
    ],
)
def test_steps_hold_contractions(text, wrt, line):
    steps = matcalc.derive(text, wrt).steps
    assert steps.lines()[-1] == line
    for spelling in ("ascii", "latex"):
        assert steps.plain(spelling)


@pytest.mark.parametrize(
    "text",
    ["Σ_{i,j} exp(−‖xᵢ − xⱼ‖²)", "Σ_{i,j} A_ij exp(−‖xᵢ − xⱼ‖²)", "Σ_{i,j} (1 + ‖xᵢ − xⱼ‖²)²"],
)
def test_a_named_sum_of_entries_is_not_defined_by_itself(text):
    derivation = matcalc.derive(text, "X")
    arrays = {"X": RNG.normal(size=(4, 3)), "A": RNG.normal(size=(4, 4))}
    arrays = {name: arrays[name] for name in derivation.shapes}
    expected = derivation.function("numpy")(**arrays)
    for printed in (derivation.unicode(), derivation.ascii(), derivation.latex()):
        np.testing.assert_allclose(matcalc.evaluate(printed, derivation.shapes, **arrays), expected)
