"""What results look like: the facts of the sources and what a good paper prints."""

import pytest

import matcalc

FACTS = [
    ("‖As−x‖²", "s", "2Aᵀ(As − x)"),
    ("‖As−x‖² + γ‖A‖²", "A", "2(As − x)sᵀ + 2γA"),
    ("Σ√(V(s⊙s)+ε)", "s", "Vᵀ(V(s ⊙ s) + ε)^(−1/2) ⊙ s"),
    ("Σ√(Vssᵀ+ε)", "s", "½(Vᵀ(Vssᵀ + ε)^{∘−1/2}s + ((Vssᵀ + ε)^{∘−1/2})ᵀVs)"),
    ("‖WᵀWx−x‖²", "W", "2W((WᵀWx − x)xᵀ + x(WᵀWx − x)ᵀ)"),
    ("‖Wx‖²", "W", "2Wxxᵀ"),
    ("‖Wx‖²", "x", "2WᵀWx"),
    ("½‖x−t‖²", "x", "x − t"),
    ("−tᵀlog x", "x", "−t ⊘ x"),
    ("tr(AXB)", "X", "AᵀBᵀ"),
    ("tr(XᵀX)", "X", "2X"),
    ("xᵀAx", "x", "(A + Aᵀ)x"),
    ("log det X", "X", "X⁻ᵀ"),
    ("aᵀX⁻¹b", "X", "−X⁻ᵀabᵀX⁻ᵀ"),
    ("Σ log(1+exp(−y⊙Xw))", "w", "−Xᵀ(y ⊙ σ(−y ⊙ Xw))"),
    ("log Σexp(Xw)", "w", "Xᵀsoftmax(Xw)"),
    ("tr(XᵀXXᵀX)", "X", "4XXᵀX"),
    ("‖x−a‖", "x", "(x − a)/‖x − a‖"),
    ("−tᵀlog softmax(Wx)", "x", "Wᵀ((Σt)softmax(Wx) − t)"),
]
PAPERS = [
    ("(Xw − y)ᵀ(Xw − y) + λwᵀw", "w", "2Xᵀ(Xw − y) + 2λw"),
    ("½‖Xw − y‖²", "w", "Xᵀ(Xw − y)"),
    ("Σ log(1+exp(Xw)) − yᵀXw", "w", "Xᵀ(σ(Xw) − y)"),
    ("−Σ(y ⊙ log σ(Xw) + (1−y) ⊙ log(1 − σ(Xw)))", "w", "Xᵀ(σ(Xw) − y)"),
    ("log Σexp(Wx+b) − tᵀ(Wx+b)", "W", "(softmax(Wx + b) − t)xᵀ"),
    ("‖A − UVᵀ‖²", "U", "2(UVᵀ − A)V"),
    ("‖M⊙(A − UVᵀ)‖²", "V", "2(M ⊙ M ⊙ (UVᵀ − A))ᵀU"),
    ("log det(XᵀX)", "X", "2X(XᵀX)⁻¹"),
    ("log(det(S⁻¹))", "S", "−S⁻ᵀ"),
    ("det(AXB)", "X", "det(AXB)Aᵀ(AXB)⁻ᵀBᵀ"),
    ("tr(X)det(X)", "X", "det(X)(I + tr(X)X⁻ᵀ)"),
    ("tr((XᵀX)⁻¹A)", "X", "−X(XᵀX)⁻¹(A + Aᵀ)(XᵀX)⁻¹"),
    ("½(x−μ)ᵀS⁻¹(x−μ) + ½log det S where μ: n", "S", "½S⁻ᵀ(I − (x − μ)(x − μ)ᵀS⁻ᵀ)"),
    ("exp(−‖x−y‖²/(2σ²))", "x", "exp(−‖x − y‖²/(2σ²))(y − x)/σ²"),
    ("√(1 + ‖x‖²)", "x", "x/√(1 + ‖x‖²)"),
    ("xᵀAx/(xᵀx)", "x", "(A + Aᵀ)x/‖x‖² − 2(xᵀAx)x/‖x‖⁴"),
    ("Σ|Ax − b|", "x", "Aᵀsign(Ax − b)"),
    ("xᵀA⁻¹x/(xᵀBx)", "x", "(A⁻¹ + A⁻ᵀ)x/(xᵀBx) − (xᵀA⁻¹x)(B + Bᵀ)x/(xᵀBx)²"),
    ("‖x‖³", "x", "3‖x‖x"),
    ("tr(X⁴)", "X", "4(X³)ᵀ"),
    ("aᵀ diag(XA)", "a", "diag(XA)"),
    ("𝟏ᵀA𝟏", "A", "𝟏ₙ𝟏ₘᵀ"),
    ("x.^3'y", "x", "3y ⊙ x ⊙ x"),
    ("2^α", "α", "2^α log(2)"),
    ("arctan(β/α)", "α", "−β/(α² + β²)"),
    ("‖WᵀWx−x‖²", "x", "2(WᵀW − I)(WᵀWx − x)"),
    ("‖As − x‖²", "x", "2(x − As)"),
    ("tr(X²B)", "X", "(XB + BX)ᵀ"),
    ("tr(X) − 2tr(X²B)", "X", "(I − 2XB − 2BX)ᵀ"),
    ("−tr(AX³)/γ", "X", "−(XXA + XAX + AXX)ᵀ/γ"),
    ("tr(X²) + tr(AX)", "X", "2Xᵀ + Aᵀ"),
    ("Σexp(AᵀBᵀ + CᵀDᵀ)", "A", "Bᵀexp(AᵀBᵀ + CᵀDᵀ)ᵀ"),
    ("‖xᵀx‖", "x", "2x"),
    ("‖diag(X)‖²", "X", "2X ⊙ I"),
    ("Σ(A ⊙ X ⊙ I)", "X", "A ⊙ I"),
    ("‖xᵀa‖", "x", "(xᵀa)a/|xᵀa|"),
]


@pytest.mark.parametrize(("formula", "wrt", "printed"), FACTS + PAPERS)
def test_results_print_as_an_expert_writes_them(formula, wrt, printed):
    derivation = matcalc.derive(formula, wrt)
    assert derivation.unicode() == printed
    assert derivation.check().ok, derivation.check()


@pytest.mark.parametrize("power", [15, 30, 64])
def test_many_equal_contributions_are_collected(power):
    assert matcalc.derive(f"tr(A^{power})", "A").ascii() == f"{power}*(A^{power - 1})'"


def test_an_unmultiplied_sum_stays_closed_when_nothing_cancels():
    assert matcalc.derive("‖WᵀWx−x‖²", "W").unicode().count("WᵀWx − x") == 2


def test_shared_values_cost_no_more_than_their_graph():
    names = [f"a{i} = tanh(a{i + 1}) ⊙ a{i + 1}" for i in range(60)]
    derivation = matcalc.derive(f"Σ a0 where {', '.join(names)}, a60 = x", "x")
    assert len(derivation.unicode()) < 30_000


def test_a_linear_network_of_hundreds_of_steps_is_derived():
    lines = [f"h{i} = A h{i - 1}" for i in range(1, 401)]
    derivation = matcalc.derive("\n".join([*lines, "‖h400‖²"]), "A", {"A": ("n", "n"), "h0": ("n",)})
    assert len(derivation.unicode()) < 40_000


def test_a_chain_of_shared_sums_stays_linear():
    lines = [f"s{i} = ‖h{i - 1}‖\nh{i} = h{i - 1}/s{i} + h{i - 1}" for i in range(1, 101)]
    derivation = matcalc.derive("\n".join([*lines, "‖h100/s100‖²"]), "h0", {"h0": ("n",)})
    assert len(derivation.unicode()) < 30_000  # 50 terms a sum would be many more
