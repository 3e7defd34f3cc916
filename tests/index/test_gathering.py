"""Terms of index notation that are added inside one bracket."""

import numpy as np
import pytest

import matcalc

SIZES = {"n": 3, "m": 4, "k": 2}


@pytest.mark.parametrize(
    ("formula", "wrt", "shapes", "kind", "written"),
    [
        ("‖T − UVᵀ‖² + γ‖U‖²", "U", {"U": ("n", "k"), "V": ("m", "k")}, "hessian", "(VᵀV + γI)[j,l]δ[i,k]"),
        ("aᵀXᵀXb", "X", {"X": ("n", "m")}, "hessian", "(abᵀ + baᵀ)[j,l]δ[i,k]"),
        (
            "logsumexp(Wx)",
            "W",
            {"W": ("n", "m")},
            "hessian",
            "(diag(softmax(Wx)) − softmax(Wx)softmax(Wx)ᵀ)[i,k]",
        ),
        ("(XᵀX)⁻¹Xᵀy", "X", {"X": ("m", "n")}, "jacobian", "(y − X(XᵀX)⁻¹Xᵀy)[j]"),
        ("‖AX−B‖²", "X", {"A": ("n", "m"), "B": ("n", "k")}, "hessian", "2(AᵀA)[i,k]δ[j,l]"),
    ],
)
def test_printed(formula, wrt, shapes, kind, written):
    derived = matcalc.derive(formula, wrt, shapes, kind)
    text = derived.unicode(inline=True)
    for size in "ₙₘₖ":  # an identity is written with its size where the rest does not tell it
        text = text.replace("I" + size, "I")
    assert written.replace("δ[", "I[") in text.replace("δ[", "I[")
    assert derived.check().ok


def test_what_is_added_may_cancel():
    derived = matcalc.derive("Σ(X⊙X⊙X) − Σ(X⊙X⊙X) + γ‖X‖² − β‖X‖²", "X", {"X": ("n", "m")}, "hessian")
    got = derived.function()(X=np.ones((3, 4)), gamma=5.0, beta=3.0)
    assert np.allclose(got, 4 * np.einsum("ik,jl->ijkl", np.eye(3), np.eye(4)))


def test_many_terms_take_no_time():
    terms = " + ".join(f"‖A{i}X‖² + (a{i}ᵀXb{i})²" for i in range(1, 16))
    shapes = {"X": ("n", "m")} | {f"A{i}": ("k", "n") for i in range(1, 16)}
    derived = matcalc.derive(terms, "X", shapes, "hessian")
    assert derived.ascii().count("[i,k]") == 1


def test_parts_that_share_a_vertex_of_an_identity_stay_right():
    """p[i]δ[i,k] and p[i]p[k] have different indices until p[i] is taken into the bracket."""
    shapes = {"W": ("n", "m"), "x": ("m",)}
    derived = matcalc.derive("logsumexp(Wx) + Σ(Wx)²", "W", shapes, "hessian")
    rng = np.random.default_rng(0)
    weights, x = rng.standard_normal((3, 4)), rng.standard_normal(4)
    p = np.exp(weights @ x) / np.exp(weights @ x).sum()
    middle = np.diag(p) - np.outer(p, p) + 2 * np.eye(3)
    assert np.allclose(derived.function()(W=weights, x=x), np.einsum("ik,j,l->ijkl", middle, x, x))


@pytest.mark.parametrize(
    ("formula", "wrt", "shapes", "kind", "written"),
    [
        ("log det(I − cxᵀ)", ["c", "x"], None, "hessian", "−(xᵀ(I − cxᵀ)⁻¹c + 1)(I − cxᵀ)⁻ᵀ"),
        ("Σ√(V(s⊙s)+ε)", "s", None, "hessian", "− ssᵀ ⊙ Vᵀdiag((V(s ⊙ s) + ε)^(−3/2))V"),
    ],
)
def test_matrices_with_scalars_and_of_symmetric_products(formula, wrt, shapes, kind, written):
    derived = matcalc.derive(formula, wrt, shapes, kind)
    assert derived.unicode(inline=True).endswith(written)
    assert derived.check().ok


def test_chains_of_identities_have_one_form():
    """δ[i,k]δ[j,l]δ[k,l] makes all four indices one, in whatever order it arises."""
    derived = matcalc.derive("Σ(diag(X)⊙diag(X)⊙diag(X)) + tr(σ(X))", "X", {"X": ("n", "n")}, "hessian")
    text = derived.ascii()
    assert text.count("delta[i,j]*delta[i,k]*delta[i,l]") == text.count("delta") // 3 == 1
    assert derived.check().ok


@pytest.mark.parametrize(
    ("formula", "wrt", "kind", "written"),
    [
        ("Σ σ(W)", "W", "hessian", "G[i,j](1 − G)[i,j](1 − 2G)[i,j]δ[i,k]δ[j,l] where G = σ(W)"),
        ("aᵀσ(Wx)", "W", "hessian", "(1 − r)[i](1 − 2r)[i]x[j]x[l]δ[i,k] where r = σ(Wx)"),
        ("tr(σ(W))", "W", "hessian", "G[i,i](1 − G)[i,i](1 − 2diag(G))[i]δ[i,j]δ[i,k]δ[i,l] where G = σ(W)"),
        ("σ(WX)", "X", "jacobian", "Y[i,j](1 − Y)[i,j]W[i,k]δ[j,l] where Y = σ(WX)"),
        ("softmax(X, rows)", "X", "jacobian", "− Y[i,j]Y[i,l]δ[i,k] where Y = softmax(X, rows)"),
    ],
)
def test_powers_share_what_they_are_powers_of(formula, wrt, kind, written):
    """σ(1 − σ)(1 − 2σ), not (σ − 2σ²)(1 − σ)."""
    derived = matcalc.derive(formula, wrt, kind=kind)
    assert derived.unicode().endswith(written)
    assert derived.check().ok
    rng = np.random.default_rng(5)
    sizes = {name: 3 + place for place, name in enumerate(dict.fromkeys(sum(derived.shapes.values(), ())))}
    arrays = {name: rng.normal(size=[sizes[s] for s in shape]) for name, shape in derived.shapes.items()}
    expected = derived.function()(**arrays)
    for printed in (derived.unicode(), derived.ascii(), derived.latex()):
        np.testing.assert_allclose(matcalc.evaluate(printed, derived.shapes, **arrays), expected, rtol=1e-10)
