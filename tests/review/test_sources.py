"""The formulas of the five sources, each with its verdict; where a source slips, the slip and the right formula.

Source 3 states the chain rule for any functions and has no formula of a particular one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

import matcalc

SCALARS = "x: scalar, y: scalar, z: scalar"
NUMBER = "x: scalar"


@dataclass(frozen=True)
class Claim:
    """What a source says: its number and section, the formula, the variable and the derivative."""

    source: str
    formula: str
    wrt: str
    claim: str
    shapes: str | None = None
    asked: dict = field(default_factory=dict)


def upstream(name: str) -> dict:
    return {"kind": "pullback", "upstream": name}


RIGHT = [
    Claim("0, 2.2 (10)", "XW", "X", "GWᵀ", asked=upstream("G")),
    Claim("0, 2.2 (11)", "XW", "W", "XᵀG", asked=upstream("G")),
    Claim("1, 2.1", "\\lVert As - x \\rVert_2^2", "s", "\\nabla_X F = A^T I^T 2(As - x)"),
    Claim("1, 2.1", "\\lVert As - x \\rVert_2^2", "s", "A^T 2(As - x)"),
    Claim("2, examples", "xy", "x", "y", SCALARS),
    Claim("2, examples", "xy", "y", "x", SCALARS),
    Claim("2, examples", "x + y", "x", "1", SCALARS),
    Claim("2, examples", "x + y", "y", "1", SCALARS),
    Claim("2, examples", "max(x, y)", "x", "where(x ≥ y, 1, 0)", SCALARS),
    Claim("2, examples", "max(x, y)", "y", "where(y ≥ x, 1, 0)", SCALARS),
    Claim("2, examples", "(x + y)z", "x", "z", SCALARS),
    Claim("2, examples", "(x + y)z", "z", "x + y", SCALARS),
    Claim("2, sigmoid", "1/x", "x", "\\frac{df}{dx} = -\\frac{1}{x^2}", NUMBER),
    Claim("2, sigmoid", "c + x", "x", "1", "x: scalar, c: scalar"),
    Claim("2, sigmoid", "e^x", "x", "e^x", NUMBER),
    Claim("2, sigmoid", "ax", "x", "a", "x: scalar, a: scalar"),
    Claim("2, sigmoid", "1/(1 + e^{-x})", "x", "\\frac{e^{-x}}{(1+e^{-x})^2}", NUMBER),
    Claim("2, sigmoid", "1/(1 + e^{-x})", "x", "(1 - \\sigma(x))\\sigma(x)", NUMBER),
    Claim("2, vectors", "‖q‖²", "q", "2q"),
    Claim("2, vectors", "Wx", "W", "∂q[k]/∂W[i,j] = δ[k,i] x[j]"),
    Claim("2, vectors", "Wx", "x", "∂q[k]/∂x[i] = W[k,i]"),
    Claim("2, vectors", "‖Wx‖²", "W", "2 q_i x_j where q = Wx"),
    Claim("2, vectors", "‖Wx‖²", "x", "Σ_k (2q_k) W_{k,i} where q = Wx"),
    Claim(
        "4, L2 loss",
        "\\frac{1}{2}\\sum_{i=1}^m (x_i - t_i)^2",
        "x",
        "\\frac{1}{2} \\cdot 2 \\cdot (x_i - t_i)",
    ),
    Claim("4, L2 loss", "\\frac{1}{2}\\sum_{i=1}^m (x_i - t_i)^2", "x", "x - t"),
    Claim("4, cross-entropy", "-\\sum_{i=1}^m t_i \\log x_i", "x", "-\\frac{t_i}{x_i}"),
    Claim("4, cross-entropy", "-\\sum_{i=1}^m t_i \\log x_i", "x", "-t \\odot \\frac{1}{x}"),
    Claim("4, sigmoid", "σ(x)", "x", "δ ⊙ y ⊙ (1 − y) where y = σ(x)", asked=upstream("δ")),
    Claim("4, softmax", "softmax(x)", "x", "∂y[i]/∂x[j] = y[i](δ[i,j] − y[j]) where y = softmax(x)"),
    Claim(
        "4, softmax", "softmax(x)", "x", "J δ where y = softmax(x), J = diag(y) − yyᵀ", asked=upstream("δ")
    ),
    Claim("4, fully connected", "Wx", "x", "W^T × δ", asked=upstream("δ")),
    Claim("4, fully connected", "Wx", "W", "δ × x^T", asked=upstream("δ")),
]

V_WITHOUT_SHAPE = "V^T (Vss^T + \\epsilon)^{-\\frac{1}{2}} \\bullet s"

SLIPS = [
    (  # announces the gradient in A and derives that in s
        Claim("1, 2.1", "\\lVert As - x \\rVert_2^2 + \\gamma \\lVert A \\rVert_2^2", "A", "A^T 2(As - x)"),
        "this is the gradient in s, not in A",
        "2 (A s - x) s^{\\top} + 2 \\gamma A",
        "2(As − x)sᵀ + 2γA",
    ),
    (  # writes an outer product for an elementwise square
        Claim("1, 2.2", "\\sum{ \\sqrt{Vss^T + \\epsilon} }", "s", V_WITHOUT_SHAPE),
        "ss^{\\top} is an outer product, taken for the elementwise square: with that in its place, V^{\\top} (V (s \\odot"
        " s) + \\epsilon)^{-1/2} \\odot s is the gradient of \\sum \\sqrt{V (s \\odot s) + \\epsilon}",
        "\\frac{1}{2} (V^{\\top} (V s s^{\\top} + \\epsilon)^{\\circ -1/2} s"
        " + ((V s s^{\\top} + \\epsilon)^{\\circ -1/2})^{\\top} V s)",
        "Vᵀ G s + Gᵀ V s where G = ½(Vssᵀ + ε).^(-1/2)",
    ),
    (  # goes back through Wᵀ with Wᵀ
        Claim(
            "1, 2.3",
            "\\lVert W^TWx - x \\rVert_2^2",
            "W",
            "(W^T)(2(W^TWx -x)) x^T + 2(Wx)(W^TWx - x)^T",
        ),
        "a transpose too many: W^{\\top} should be W",
        "W (2 (W^{\\top} W x - x)) x^{\\top} + 2 W x (W^{\\top} W x - x)^{\\top}",
        "2W(WᵀWx − x)xᵀ + 2Wx(WᵀWx − x)ᵀ",
    ),
]


def report_of(claim: Claim):
    return matcalc.check(claim.formula, claim.wrt, claim.claim, claim.shapes, **claim.asked)


@pytest.mark.parametrize("claim", RIGHT, ids=lambda claim: f"{claim.source}: {claim.claim}")
def test_a_right_formula_of_a_source(claim):
    report = report_of(claim)
    assert (report.verdict, report.ok, report.slip, report.repair) == ("equal", True, None, None)


@pytest.mark.parametrize(
    ("claim", "slip", "repair", "known"), SLIPS, ids=lambda each: getattr(each, "source", None)
)
def test_a_slip_of_a_source(claim, slip, repair, known):
    report = report_of(claim)
    assert (report.verdict, report.ok) == ("wrong", False)
    assert (report.slip, report.repair) == (slip, repair)
    random = np.random.default_rng(0)
    shapes = {
        name: tuple({"m": 3, "n": 2, "k": 4}.get(size, size) for size in shape)
        for name, shape in report.derivation.shapes.items()
    }
    given = {name: np.abs(random.normal(size=shape)) for name, shape in shapes.items()}
    np.testing.assert_allclose(
        matcalc.evaluate(repair, **given), matcalc.evaluate(known, **given), rtol=1e-12
    )


def test_the_other_line_of_example_2_has_the_same_slip():
    claim = "I^T V^T I^T \\frac{1}{2}(Vss^T + \\epsilon)^{-\\frac{1}{2}} \\bullet 2s"
    report = matcalc.check("\\sum{ \\sqrt{Vss^T + \\epsilon} }", "s", claim)
    assert "outer product, taken for the elementwise square" in report.slip
    squared = [text.replace("ss^T", "(s \\odot s)") for text in ("\\sum{ \\sqrt{Vss^T + \\epsilon} }", claim)]
    assert matcalc.check(squared[0], "s", squared[1]).verdict == "equal"


def test_the_slip_of_example_3_stands_under_a_caret():
    claim = SLIPS[2][0]
    lines = report_of(claim).reasons[0].splitlines()
    assert lines[1].strip() == claim.claim
    place = lines[2].index("^") - 2
    assert claim.claim[place : place + lines[2].count("^")] == "(W^T)(2(W^TWx -x))"[: lines[2].count("^")]
