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
    text = derived.unicode()
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
    assert derived.unicode().endswith(written)
    assert derived.check().ok


def test_chains_of_identities_have_one_form():
    """δ[i,k]δ[j,l]δ[k,l] makes all four indices one, in whatever order it arises."""
    derived = matcalc.derive("Σ(diag(X)⊙diag(X)⊙diag(X)) + tr(σ(X))", "X", {"X": ("n", "n")}, "hessian")
    text = derived.ascii().replace("eye(n)", "eye")
    assert text.count("delta[i,j]*delta[i,k]*delta[i,l]") == text.count("delta") // 3 == 1
    assert derived.check().ok
