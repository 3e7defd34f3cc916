"""Programs and definitions with structured variables."""

import autograd
import autograd.numpy as anp
import numpy as np
import pytest

import matcalc

PROGRAM = """# two steps with one symmetric matrix
shapes S: n×n symmetric, x: n, t: n  # with its structure
h1 = tanh(S x)
h2 = tanh(Sᵀ h1)
L = ½‖h2 − t‖²"""


def oracle(values):
    def f(M):
        S = (M + M.T) / 2
        return anp.sum((anp.tanh(S.T @ anp.tanh(S @ values["x"])) - values["t"]) ** 2) / 2

    return autograd.grad(f)(values["S"])


def values():
    rng = np.random.default_rng(0)
    s = rng.normal(size=(4, 4))
    return {"S": (s + s.T) / 2, "x": rng.normal(size=4), "t": rng.normal(size=4)}


def test_the_gradient_is_projected_with_names_and_without():
    derivation = matcalc.derive(PROGRAM, "S")
    for each in (derivation, derivation.inlined):
        np.testing.assert_allclose(each.function()(**values()), oracle(values()), rtol=1e-10)
        assert each.check().ok
    assert derivation.notes == derivation.inlined.notes
    assert "neither declared" not in " ".join(derivation.notes)


def test_contributions_add_up_to_the_projected_gradient():
    from matcalc.evaluation import function

    derivation = matcalc.derive(PROGRAM, "S")
    parts = [
        function(derivation.names.open([share.named])[0], derivation.reading)(**values())
        for share in derivation.contributions
    ]
    assert len(parts) == 2
    np.testing.assert_allclose(sum(parts), oracle(values()), rtol=1e-10)
    assert all(np.allclose(part, part.T) for part in parts)


def test_steps_end_with_the_projection():
    text = matcalc.derive("‖B − C‖² where B = SᵀS, S symmetric, C: n×n", "S").steps.plain()
    last, before = text.splitlines()[-1], text.splitlines()[-2]
    assert last.startswith("∇S = (G + Gᵀ)/2 = ")
    assert before.startswith("G = ")


def test_the_letter_of_the_ambient_gradient_names_nothing_else():
    derivation = matcalc.derive(
        "‖B − C‖² where B = SᵀS, C: n×n", "S", assume="S: symmetric", symmetric_rule="cookbook"
    )
    assert any("ambient gradient G" in note for note in derivation.notes)
    assert "G = " not in derivation.unicode()


def test_an_intermediate_value_is_free():
    derivation = matcalc.derive(PROGRAM, "h1")
    assert derivation.unicode().startswith("S((h₂ − t) ⊙")
    assert derivation.check().ok


def test_what_is_defined_can_not_be_assumed():
    with pytest.raises(matcalc.MatcalcError, match="B is defined by the formula"):
        matcalc.derive("tr(B) where B = AᵀA", "A", assume="B: symmetric")


def test_a_defined_value_is_symmetric_where_the_structure_makes_it_so():
    assumed = matcalc.derive("xᵀBᵀx where B = ASAᵀ", "x", "S: n×n, A: m×n, x: m", assume="S: symmetric")
    assert assumed.unicode() == "2Bx where B = ASAᵀ"
    free = matcalc.derive("xᵀBᵀx where B = ASAᵀ", "x", "S: n×n, A: m×n, x: m")
    assert free.unicode() != "2Bx where B = ASAᵀ"
    twice = matcalc.derive("tr(BᵀC) where B = SS", "S", "S: n×n, C: n×n", "hessian", assume="S: symmetric")
    assert twice.check().ok


def test_let_takes_assumptions():
    program = matcalc.let(B="Aᵀ S A", shapes="A: n×m, S: n×n symmetric")
    assert program.derive("xᵀBᵀx", "x", "x: m").unicode() == "2Bx where B = AᵀSA"
    other = matcalc.let(B="Aᵀ S A", shapes="A: n×m", assume="S: symmetric")
    assert other.derive("xᵀBᵀx", "x", "x: m").unicode() == "2Bx where B = AᵀSA"
    assert matcalc.let(other).assumed == (("S", ("symmetric",)),)
    unit = other.derive("xᵀBᵀx", "x", "x: m unit")
    assert unit.check().ok
    assert any("x is unit" in note for note in unit.notes)
    assert other.derive("Bx", "x", "x: m", "jacobian").unicode() == "B where B = AᵀSA"
    with pytest.raises(matcalc.MatcalcError):
        matcalc.let(other, assume="S: skew")


def test_definitions_keep_their_own_assumptions():
    program = matcalc.let(h="S x where S: symmetric")
    derivation = program.derive("½‖h‖²", "S")
    assert any("S is symmetric" in note for note in derivation.notes)


def test_evaluate_reads_past_assumptions():
    assert matcalc.evaluate("xᵀSx", "S: n×n symmetric, x: n", S=np.eye(2), x=[1, 2]) == 5
