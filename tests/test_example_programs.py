"""Every program of ``examples/`` is derived in each of its variables, checked, printed, read back and compared with JAX."""

from __future__ import annotations

import inspect
import re
from functools import cache
from pathlib import Path

import numpy as np
import pytest

import matcalc

jax = pytest.importorskip("jax")
oracles = pytest.importorskip("example_oracles")

FOLDER = Path(__file__).parents[1] / "examples"
INDEX = (FOLDER / "README.md").read_text(encoding="utf-8")
PROGRAMS = sorted(path.stem for path in FOLDER.glob("*.mc"))
SIZES = {"n": 4, "d": 3, "c": 5, "k": 2, "m": 6, "v": 7, "f": 2}
SPELLINGS = ("unicode", "ascii", "latex")


@cache
def text_of(name):
    return (FOLDER / f"{name}.mc").read_text(encoding="utf-8")


@cache
def gradients(name):
    return matcalc.derive(text_of(name), "all")


def spd(matrix):
    return matrix @ matrix.T + np.eye(len(matrix))


def values_of(name, seed=8):
    """Numbers for the variables; scalars are positive, symmetric positive definite where the program says so."""
    rng = np.random.default_rng(seed)
    derivation = next(iter(gradients(name).values()))
    known = {}
    for variable, shape in derivation.shapes.items():
        array = rng.normal(size=[SIZES.get(size, size) for size in shape])
        if derivation.reading.structures.has(variable, "spd"):
            array = spd(array)
        known[variable] = np.abs(array) if not shape else array
    return known


def spelled(oracle, arrays):
    """The arguments of an oracle, whose names are ASCII where the program's have subscripts."""
    by_name = {matcalc.language.names.canonical(name): array for name, array in arrays.items()}
    return [by_name[matcalc.language.names.canonical(name)] for name in inspect.signature(oracle).parameters]


def test_every_program_has_an_oracle():
    assert {name for name in PROGRAMS if not hasattr(oracles, name)} == set()


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_says_what_it_is(name):
    lines = text_of(name).splitlines()
    assert lines[0].startswith("# ")
    assert any(line.startswith("shapes ") for line in lines)


@pytest.mark.parametrize("name", PROGRAMS)
def test_gradients(name):
    oracle = getattr(oracles, name)
    arrays = values_of(name)
    arguments = spelled(oracle, arrays)
    value = matcalc.evaluate(text_of(name), **arrays)
    np.testing.assert_allclose(value, oracle(*arguments), rtol=1e-10)
    slopes = jax.grad(oracle, tuple(range(len(arguments))))(*arguments)
    names = [matcalc.language.names.canonical(each) for each in inspect.signature(oracle).parameters]
    derived = gradients(name)
    assert len(derived) == len(names)
    for wrt, derivation in derived.items():
        expected = np.asarray(slopes[names.index(matcalc.language.names.canonical(wrt))])
        if derivation.projection is not None:
            expected = (expected + expected.T) / 2
        tolerance = {"rtol": 1e-9, "atol": 1e-9 * np.abs(expected).max()}
        np.testing.assert_allclose(derivation.function()(**arrays), expected, **tolerance)
        for spelling in SPELLINGS:
            for inline in (False, True):
                text = getattr(derivation, spelling)(inline=inline)
                if expected.ndim > 2:  # the indices of the left side say what the axes are
                    text = f"{derivation.head(spelling)} = {text}"
                got = matcalc.evaluate(text, derivation.shapes, **arrays)
                np.testing.assert_allclose(got, expected, **tolerance, err_msg=text)


@pytest.mark.parametrize("name", PROGRAMS)
def test_checks(name):
    for wrt, report in gradients(name).check().items():
        assert report.ok is True, f"{wrt}: {report}"


PRINTED = {  # as papers print them
    ("softmax_regression", "W"): "Xᵀ(softmax(Z, rows) − T)/n + 2λW",
    ("softmax_loss", "b"): "(Σt)p − t",
    ("hinge", "W"): "Xᵀ(step(M) − diag(step(M)𝟏)T)/n + 2λW",
    ("least_squares", "w"): "2Xᵀ(Xw − y)/n + 2λw",
    ("logistic_regression", "w"): "2λw − Xᵀ(y ⊙ σ(−y ⊙ Xw))/n",
    ("matrix_factorization", "U"): "2λU + 2(B ⊙ (UVᵀ − A))V",
    ("attention", "V"): "Aᵀ(Y − T)",
    ("attention", "Q"): "(A ⊙ ((Y − T)Vᵀ − ((Y − T) ⊙ Y)𝟏𝟏ᵀ))K/√d",
    ("lstm", "b_o"): "(h − t) ⊙ tanh(c) ⊙ o ⊙ (1 − o)",
    ("gp_evidence", "K"): "½(K⁻¹ − ααᵀ)",
    ("gp_evidence", "y"): "α",
    ("gp_rbf", "ν"): "½tr(C(K⁻¹ − ααᵀ))",
    ("kalman_likelihood", "H"): "(S⁻¹ − ααᵀ)HP − αmᵀ",
    ("kalman_likelihood", "P"): "½Hᵀ(S⁻¹ − ααᵀ)H",
    ("kalman_update", "y"): "Kᵀ(u − x)",
    ("free_energy", "m"): "P(m − u) − HᵀRr",
    ("free_energy", "S"): "½(P − S⁻¹ + HᵀRH)",
    ("layer_norm", "a"): "g ⊙ z",
    ("batch_norm", "a"): "(Z ⊙ G)ᵀ𝟏",
    ("batch_norm", "b"): "Gᵀ𝟏",
    ("convolution", "K"): "Σ_{p,q} G[i,p,q]X[j,p+k,q+l]",
}


@pytest.mark.parametrize(("name", "wrt"), PRINTED)
def test_printed_gradients(name, wrt):
    assert gradients(name)[wrt].unicode().split(" where ")[0] == PRINTED[name, wrt]


def test_the_index_of_the_examples_is_complete_and_true():
    rows = re.findall(r"^\| `(\w+)\.mc` \| .* \| `(\w+)` \| `(.*)` \|$", INDEX, re.M)
    assert [name for name, _, _ in rows] == PROGRAMS
    assert [gradients(name)[wrt].unicode().split(" where ")[0] for name, wrt, _ in rows] == [
        formula for _, _, formula in rows
    ]


HESSIANS = {
    ("logistic_regression", "w"): "Xᵀdiag(y ⊙ y ⊙ σ(−z) ⊙ σ(z))X/n + 2λI where z = y ⊙ Xw",
    ("least_squares", "w"): "2(XᵀX/n + λI)",
    ("softmax_loss", "b"): "(Σt)(diag(p) − ppᵀ) where p = softmax(Wx + b)",
    ("gp_evidence", "y"): "K⁻¹",
    ("free_energy", "m"): "P + HᵀRH",
    ("kalman_likelihood", "m"): "HᵀS⁻¹H where S = HPHᵀ + R",
    ("free_energy", "S"): "½(S⁻¹)[i,l](S⁻¹)[j,k]",
    ("layer_norm", "x"): None,
    ("softmax_regression", "W"): None,
}


@pytest.mark.parametrize(("name", "wrt"), HESSIANS)
def test_hessians(name, wrt):
    oracle = getattr(oracles, name)
    arrays = values_of(name)
    arguments = spelled(oracle, arrays)
    place = list(inspect.signature(oracle).parameters).index(wrt)
    expected = jax.hessian(oracle, place)(*arguments)
    derivation = matcalc.derive(text_of(name), wrt, kind="hessian")
    if HESSIANS[name, wrt] is not None:
        assert derivation.unicode() == HESSIANS[name, wrt]
    np.testing.assert_allclose(derivation.function()(**arrays), expected, rtol=1e-8, atol=1e-8)
    assert derivation.check().ok is True


INNER = [  # Jacobians of values inside the programs
    ("kalman_update", "u", "m", "I − KH where S = HPHᵀ + R, K = PHᵀS⁻¹"),
    ("kalman_update", "u", "y", "K where S = HPHᵀ + R, K = PHᵀS⁻¹"),
    ("softmax_loss", "p", "x", "(diag(p) − ppᵀ)W where p = softmax(Wx + b)"),
    (
        "rnn",
        "h2",
        "h0",
        "diag(1 − h₂ ⊙ h₂)U diag(1 − h₁ ⊙ h₁)U where h₁ = tanh(Uh₀ + Px₁), h₂ = tanh(Uh₁ + Px₂)",
    ),
]


@pytest.mark.parametrize(("name", "value", "wrt", "printed"), INNER)
def test_jacobians_of_inner_values(name, value, wrt, printed):
    inner = "\n".join([*text_of(name).splitlines()[:-1], value])
    derivation = matcalc.derive(inner, wrt, kind="jacobian")
    assert derivation.unicode() == printed
    assert derivation.check().ok is True
