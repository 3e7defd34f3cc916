"""Reasons say what really happened: each named change is made where it is due, and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from matcalc.evaluation import function
from matcalc.graph.node import axes
from matcalc.reading import read
from matcalc.steps.reasons import Reasoner

SIZES = {"n": 4, "m": 3, "k": 5, "p": 2, "q": 6}


def forms(text, **options):
    reading = read(text, **options)
    found = Reasoner(reading.graph, reading.operations, reading.structures).forms(reading.value)
    return reading, found


def kinds(text, **options):
    _, found = forms(text, **options)
    return [reason.kind for form in found for reason in form.reasons]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("(As)ᵀ", "transposed product"),
        ("(3A)ᵀ", "transposed multiple"),
        ("((As)ᵀ)ᵀ", "transposed twice"),
        ("(xxᵀ)ᵀA", "symmetric"),
        ("A(2x)", "numbers"),
        ("2(3A)", "numbers"),
        ("A ⊙ matrix(1) + A", "ones"),
        ("XᵀX + XᵀX", "collected"),
        ("Ax + Aᵀx", "factored"),
        ("A A⁻¹ b", "inverses"),
        ("x ⊙ (y ⊘ x)", "reciprocals"),
        ("exp(x) ⊘ (1 + exp(x))", "rewrite"),
        ("diag(x)y", "identity"),
        ("x − x + y", "cancelled"),
    ],
)
def test_each_kind_of_change_is_named(text, kind):
    assert kind in kinds(text)


@pytest.mark.parametrize("text", ["Ax", "Aᵀ(As − x)", "softmax(Wx)", "x ⊙ y", "log(det(X))"])
def test_what_is_simple_has_no_reasons(text):
    assert kinds(text) == []


def test_structures_are_the_reason_where_they_are_used():
    assert kinds("Sᵀx", assume="S: symmetric") == ["symmetric"]
    assert kinds("S⁻ᵀx", assume="S: spd") == ["symmetric"]
    assert "structure" in kinds("QᵀQx", assume="Q: orthogonal")
    assert kinds("Sᵀx") == []


def test_a_rewrite_is_named_with_its_file_and_line(tmp_path):
    _, found = forms("sin(x) ⊘ cos(x)")
    (reason,) = found[-1].reasons
    assert reason.text == "rules/rewrites.toml: tangent"
    assert reason.rule == "sin(X) ./ cos(X) -> tan(X)"
    own = tmp_path / "own.toml"
    own.write_text('double = "sin(X) .* cos(X) -> sin(2*X)/2"\n')
    _, found = forms("sin(x) ⊙ cos(x)", rules=[own])
    assert "your rules: double" in [reason.text for form in found for reason in form.reasons]


TEXTS = [
    "((2(WᵀWx − x))(Wx)ᵀ)ᵀ",
    "((As)ᵀ)ᵀ ⊙ (𝟏 ⊙ x)",
    "2(3(A(−(4s)))) + 0x",
    "(xxᵀ)ᵀ(3A)",
    "−(−(A(2s)))",
    "exp(x) ⊘ (1 + exp(x)) ⊙ (A(2s))",
    "(X ⊙ Yᵀ)ᵀZ",
    "XᵀX(XᵀX)⁻¹z + (XᵀX)ᵀz",
    "diag(x)(diag(y)z) − x ⊙ y ⊙ z/2",
]


@pytest.mark.parametrize("text", TEXTS)
def test_forms_are_equal(text):
    reading, found = forms(text)
    random = np.random.default_rng(1)
    given = {
        name: random.uniform(0.5, 1.5, [SIZES.get(size, size) for size in axes(shape)])
        for name, shape in reading.shapes.items()
    }
    variables = [reading.graph.variable(name, shape) for name, shape in reading.shapes.items()]
    numbers = [function(form.node, reading, also=variables)(**given) for form in found]
    assert len(numbers) > 1
    for other in numbers[1:]:
        np.testing.assert_allclose(np.broadcast_to(other, np.shape(numbers[0])), numbers[0], rtol=1e-9)
    assert all(form.reasons for form in found[1:]) and not found[0].reasons
