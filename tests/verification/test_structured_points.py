"""Points have the structure of their variables, and a wrong projection is called wrong."""

import numpy as np
import pytest

import matcalc
from matcalc.deltas.projection import projected
from matcalc.derivation import Derivation
from matcalc.structure import assumed, structures
from matcalc.verification.draws import Draws
from matcalc.verification.structured import structured, tangents

N = 4
CASES = {
    "symmetric": lambda s: np.allclose(s, s.T),
    "spd": lambda s: np.allclose(s, s.T) and np.linalg.eigvalsh(s).min() > 0.1,
    "skew": lambda s: np.allclose(s, -s.T),
    "diagonal": lambda s: np.allclose(s, np.diag(np.diag(s))),
    "lower": lambda s: np.allclose(s, np.tril(s)),
    "upper": lambda s: np.allclose(s, np.triu(s)),
    "orthogonal": lambda s: np.allclose(s.T @ s, np.eye(N)),
    "positive": lambda s: s.min() > 0,
}


@pytest.mark.parametrize("kind", CASES)
def test_points_have_the_structure(kind):
    draws = Draws(0)
    found = structured(assumed([("S", [kind])]), "S", draws.standard_normal((50, N, N)), draws)
    assert all(CASES[kind](s) for s in found)
    assert np.ptp(found, axis=0).max() > 0.1


def test_orthogonal_points_have_both_determinants():
    draws = Draws(0)
    found = structured(assumed([("Q", ["orthogonal"])]), "Q", np.zeros((50, N, N)), draws)
    assert {round(float(sign)) for sign in np.linalg.det(found)} == {-1, 1}


def test_positive_goes_with_other_structures():
    draws = Draws(0)
    z = draws.standard_normal((50, N, N))
    for kind in ("symmetric", "spd"):
        found = structured(assumed([("S", [kind, "positive"])]), "S", z, draws)
        assert found.min() > 0 and all(CASES[kind](s) for s in found)
    units = structured(assumed([("u", ["unit", "positive"])]), "u", z[:, :, :1], draws)
    np.testing.assert_allclose(np.linalg.norm(units, axis=1), 1)
    assert units.min() > 0


@pytest.mark.parametrize("kind", ["symmetric", "skew", "diagonal", "lower", "upper", "orthogonal"])
def test_tangent_directions_keep_the_structure(kind):
    draws = Draws(0)
    known = assumed([("S", [kind])])
    at = structured(known, "S", draws.standard_normal((3, N, N)), draws)
    along = np.eye(N * N).reshape(-1, N, N)
    moved = np.broadcast_to(tangents(known, "S", at, along), (3, N * N, N, N))
    for point, directions in zip(at, moved, strict=True):
        for direction in directions:
            if kind == "orthogonal":
                assert np.allclose(point.T @ direction, -direction.T @ point)
            else:
                assert CASES[kind](direction)
        np.testing.assert_allclose(directions.reshape(N * N, -1), directions.reshape(N * N, -1).T, atol=1e-12)


FORMULAS = {
    "symmetric": ("xᵀSy", "S"),
    "spd": ("xᵀS⁻¹y", "S"),
    "skew": ("xᵀSy", "S"),
    "diagonal": ("xᵀSy", "S"),
    "lower": ("xᵀSy", "S"),
    "upper": ("xᵀSy", "S"),
    "orthogonal": ("tr(SᵀASB)", "S"),
    "unit": ("xᵀAx", "x"),
}


def _with(derivation, result):
    return Derivation(derivation.reading, derivation.wrt, derivation.variable, result, derivation.sweep)


@pytest.mark.parametrize(("kind", "case"), FORMULAS.items())
def test_the_ambient_gradient_is_called_wrong(kind, case):
    derivation = matcalc.derive(*case, assume={case[1]: kind})
    assert derivation.check().ok is True
    report = _with(derivation, derivation.ambient).check()
    assert report.ok is False and "relative error" in report.reason


@pytest.mark.parametrize(("kind", "case"), FORMULAS.items())
def test_the_projection_of_any_other_structure_is_called_wrong(kind, case):
    right = matcalc.derive(*case, assume={case[1]: kind})
    table = structures()
    for other in FORMULAS:
        same = table[other].projection == table[kind].projection
        if "unit" in (other, kind) or same:
            continue
        wrong = matcalc.derive(*case, assume={case[1]: other}).projection
        node = projected(wrong, right.ambient, right.reading.graph, right.reading.operations)
        assert _with(right, node).check().ok is False, other


def test_the_rules_of_symmetric_variables_are_told_apart():
    projected = matcalc.derive("xᵀSy", "S", assume="S: symmetric")
    cookbook = matcalc.derive("xᵀSy", "S", assume="S: symmetric", symmetric_rule="cookbook")
    assert projected.check().ok and cookbook.check().ok
    assert _with(projected, cookbook.result).check().ok is False
    assert _with(cookbook, projected.result).check().ok is False
    assert _with(cookbook, cookbook.ambient).check().ok is False


def test_a_gradient_that_is_symmetric_already_is_right_as_it_is():
    derivation = matcalc.derive("xᵀSx", "S", assume="S: symmetric")
    assert _with(derivation, derivation.ambient).check().ok is True


def test_large_variables_are_probed_along_random_directions():
    derivation = matcalc.derive("xᵀSy", "S", "S: 20×20", assume="S: skew")
    assert derivation.check().ok is True
    assert _with(derivation, derivation.ambient).check().ok is False


def test_other_variables_points_have_their_structure_too():
    assert matcalc.derive("xᵀS⁻¹x + log det S", "x", assume="S: spd").check().ok is True
    assert matcalc.derive("Σ log p + aᵀp", "a", assume="p: positive").check().ok is True
    wrong = matcalc.derive("xᵀAx", "x")
    right = matcalc.derive("xᵀAx", "x", assume="A: symmetric")
    assert right.unicode() == "2Ax" and right.check().ok is True
    assert _with(wrong, right.result).check().ok is False
