"""Second derivatives and maps that random expressions once found wrong or unprintable."""

import numpy as np
import pytest

import matcalc


@pytest.mark.parametrize(
    ("formula", "wrt", "shapes", "kind", "shape"),
    [
        ("tr(M)", "M", {"M": (4, 4)}, "hessian", (4, 4, 4, 4)),
        ("Σ min(diag(v), X + X)", ["X", "v"], {"v": (3,), "X": (3, 3)}, "hessian", (3, 3, 3)),
        ("diag(D − D) + x", "D", {"D": (2, 2), "x": (2,)}, "jacobian", (2, 2, 2)),
        ("cosh(ΣW)", "W", {"W": (2, 3)}, "hessian", (2, 3, 2, 3)),
    ],
)
def test_the_same_in_every_entry_of_a_tensor(formula, wrt, shapes, kind, shape):
    derived = matcalc.derive(formula, wrt, shapes, kind)
    inputs = {name: np.full(size, 0.1) for name, size in shapes.items()}
    value = np.cosh(0.6) if "cosh" in formula else 0.0
    assert np.allclose(derived.function()(**inputs), np.full(shape, value))
    assert derived.check().ok


@pytest.mark.parametrize("spelling", ["unicode", "ascii", "latex"])
def test_a_name_that_only_entries_mention_is_defined(spelling):
    formulas = [("‖diag(min(MM, M))‖", "M", {"M": ("n", "n")}), ("det(I + (XH)ᵀXH)", "X", None)]
    for formula, wrt, shapes in formulas:
        assert "where" in getattr(matcalc.derive(formula, wrt, shapes, "hessian"), spelling)()


@pytest.mark.parametrize("formula", ["xᵀA", "(v⊙v)ᵀ(2H)", "exp(xᵀ)", "max(xᵀ, yᵀA)"])
def test_the_delta_of_a_row_is_a_column_and_reads_back(formula):
    rng = np.random.default_rng(1)
    shapes = {"A": (3, 3), "x": (3,), "y": (3,), "H": (2, 4), "v": (2,)}
    wrt = "H" if "H" in formula else "x"
    derived = matcalc.derive(formula, wrt, shapes, "pullback", upstream="g")
    known = set(derived.shapes)
    inputs = {name: rng.standard_normal(shape) for name, shape in shapes.items() if name in known}
    inputs["g"] = rng.standard_normal(derived.shapes["g"])
    jacobian = matcalc.derive(formula, wrt, shapes, "jacobian").function()(
        **{name: array for name, array in inputs.items() if name != "g"}
    )
    expected = np.tensordot(inputs["g"], jacobian[0], 1)
    assert np.allclose(derived.function()(**inputs), expected)
    for spelling in ("unicode", "ascii", "latex"):
        printed = getattr(derived, spelling)()
        assert np.allclose(matcalc.evaluate(printed, shapes=derived.shapes, **inputs), expected), printed
