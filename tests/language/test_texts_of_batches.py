"""What the gradients of batches look like: the delta of a layer, its sums over samples, names of all samples' values."""

from __future__ import annotations

import pytest

import matcalc

NETWORK = "W₁: h×d, W₂: k×h, x: d, b₁: h, b₂: k, y: k"
TEXTS = [  # formula, variable, batch, shapes, gradient
    (
        "sum(softplus(W2*tanh(W1*x + b1) + b2))", "b1", "x", NETWORK,
        "(σ(tanh(XW₁ᵀ + 𝟏b₁ᵀ)W₂ᵀ + 𝟏b₂ᵀ)W₂ ⊙ (1 − tanh(XW₁ᵀ + 𝟏b₁ᵀ)^{∘2}))ᵀ𝟏/n",
    ),
    (
        "sum(softplus(W2*tanh(W1*x + b1) + b2))", "W1", "x", NETWORK,
        "(σ(tanh(XW₁ᵀ + 𝟏b₁ᵀ)W₂ᵀ + 𝟏b₂ᵀ)W₂ ⊙ (1 − tanh(XW₁ᵀ + 𝟏b₁ᵀ)^{∘2}))ᵀX/n",
    ),
    (
        "-log softmax(W2*relu(W1*x + b1) + b2)ᵀ y", "b1", "x, y", NETWORK,
        "((H ⊙ (1 − diag(1 ⊘ (H ⊙ Y)𝟏)Y))W₂ ⊙ step(G))ᵀ𝟏/n"
        " where G = XW₁ᵀ + 𝟏b₁ᵀ, H = softmax(relu(G)W₂ᵀ + 𝟏b₂ᵀ, rows)",
    ),
    (
        "-log(yᵀsoftmax(Wx))", "W", "x, y", "W: k×d, x: d, y: k",
        "(softmax(XWᵀ, rows) ⊙ (1 − diag(1 ⊘ (Y ⊙ softmax(XWᵀ, rows))𝟏)Y))ᵀX/n",
    ),
    (
        "‖Wᵀσ(Wx + b) + c − x‖²", "b", "x", "W: k×d, x: d, b: k, c: d",
        "2((GW + 𝟏cᵀ − X)Wᵀ ⊙ G ⊙ (1 − G))ᵀ𝟏/n where G = σ(XWᵀ + 𝟏bᵀ)",
    ),
    (
        "½‖P tanh(Q(Rx + b)) − t‖²", "b", "x, t", "P: k×m, Q: m×h, R: h×d, x: d, b: h, t: k",
        "Qᵀ((tanh((XRᵀ + 𝟏bᵀ)Qᵀ)Pᵀ − T)P ⊙ (1 − tanh((XRᵀ + 𝟏bᵀ)Qᵀ)^{∘2}))ᵀ𝟏/n",
    ),
    (
        "(wᵀtanh(Wx + b) + β − y)²", "W", "x, y", "W: h×d, w: h, b: h, x: d, y: scalar",
        "2diag(w)(1 − tanh(XWᵀ + 𝟏bᵀ)^{∘2})ᵀdiag(tanh(XWᵀ + 𝟏bᵀ)w + β − y)X/n",
    ),
    ("exp(−‖x − c‖²)", "c", "x", "x: d, c: d", "2(X − 𝟏cᵀ)ᵀexp(−(X − 𝟏cᵀ)^{∘2}𝟏)/n"),
    ("‖WᵀWx − x‖²", "W", "x", "W: k×d, x: d", "2W(Xᵀ(XWᵀW − X) + (XWᵀW − X)ᵀX)/n"),
    ("½(x−μ)ᵀS⁻¹(x−μ)", "μ", "x", "μ: d, x: d, S: d×d", "(S⁻¹ + S⁻ᵀ)(𝟏μᵀ − X)ᵀ𝟏/(2n)"),
    # diagonals that stay: forms of rows, products in which nothing is transposed
    ("(xᵀAx + bᵀx − y)²", "b", "x, y", "A: d×d, b: d, x: d, y: scalar", "2Xᵀ(diag(XAXᵀ) + Xb − y)/n"),
    ("−log σ(xᵀWy)", "W", "x, y", "x: d, y: m, W: d×m", "−Xᵀdiag(1 − σ(diag(XWYᵀ)))Y/n"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "wrt", "batch", "shapes", "printed"), TEXTS)
def test_printed(formula, wrt, batch, shapes, printed):
    derived = matcalc.derive(formula, wrt, shapes, batch=batch)
    assert derived.unicode() == printed
    assert derived.check().ok is True


PROGRAM = "h = tanh(Wx + b)\nz = Vh + c\n½‖z − t‖²"
SIZES = "W: k×m, V: p×k, x: m, t: p, b: k, c: p"


def test_definitions_are_called_what_all_samples_are_called():
    derived = matcalc.derive(PROGRAM, ["W", "b", "V", "c"], SIZES, batch="x, t")
    values = " where H = tanh(XWᵀ + 𝟏bᵀ), Z = HVᵀ + 𝟏cᵀ"
    assert {name: each.unicode() for name, each in derived.items()} == {
        "W": "((Z − T)V ⊙ (1 − H ⊙ H))ᵀX/n" + values,
        "b": "((Z − T)V ⊙ (1 − H ⊙ H))ᵀ𝟏/n" + values,
        "V": "(Z − T)ᵀH/n" + values,
        "c": "(Z − T)ᵀ𝟏/n" + values,
    }
    assert all(each.check().ok for each in derived.values())
    lines = derived.code("numpy").split('"""')[-1].splitlines()
    assert "    H = np.tanh(X @ W.T + b)" in lines


@pytest.mark.parametrize(
    ("program", "wrt", "batch", "shapes", "printed"),
    [
        (
            "p = softmax(Wx + b)\n−yᵀlog p", "W", "x, y", "y: k, b: k",
            "(diag(Y𝟏)P − Y)ᵀX/n where P = softmax(XWᵀ + 𝟏bᵀ, rows)",
        ),
        ("a = wᵀx + β\nlog(1 + exp(−y a))", "w", "x, y", "y: scalar", "−Xᵀ(y ⊙ σ(−y ⊙ a))/n where a = Xw + β"),
        ("u = Wᵀv\n‖u ⊙ x‖²", "W", "x", "x: d", "2v(u ⊙ (X ⊙ X)ᵀ𝟏)ᵀ/n where u = Wᵀv"),  # is of no sample
        ("h = tanh(Wx)\n‖h − Hy‖²", "H", "x, y", None, "2(YHᵀ − h)ᵀY/n where h = tanh(XWᵀ)"),  # H is taken
        ("S = xxᵀ\ntr(AS)", "A", "x", "x: d", "XᵀX/n"),  # a matrix for each sample has no name
        ("h = x\n(wᵀh)²", "w", "x", None, "2XᵀXw/n"),
        ("n = tanh(Wx)\nΣn", "W", "x", None, "(1 − N ⊙ N)ᵀX/B where N = tanh(XWᵀ)"),  # n and N are no size then
        ("r = xᵀA\nexp(r rᵀ)", "A", "x", None, "2Xᵀdiag(exp((R ⊙ R)𝟏))R/n where R = XA"),  # a row for each sample
        ("r = xᵀ\nexp(rAc)", "A", "x", None, "Xᵀexp(XAc)cᵀ/n"),
        ("r = xᵀA\nexp(Σ(r rᵀ))", "r", "x", None, "2diag(exp((r ⊙ r)𝟏))r/n where r = XA"),
        ("y[1,k] = Σ_j x[j] A[j,k]\nexp(Σ(y yᵀ))", "A", "x", None, "2Xᵀdiag(exp((Y ⊙ Y)𝟏))Y/n where Y = XA"),
        ("log(1 + exp(−wᵀn))", "w", "n", "n: d", "−Nᵀσ(−Nw)/B"),
    ],
)  # fmt: skip
def test_names_of_programs(program, wrt, batch, shapes, printed):
    derived = matcalc.derive(program, wrt, shapes, batch=batch)
    assert derived.unicode() == printed
    assert derived.check().ok is True


@pytest.mark.parametrize(("wrt", "name"), [("h", "h"), ("H", "H")])
def test_an_intermediate_value_by_either_name(wrt, name):
    derived = matcalc.derive(PROGRAM, wrt, SIZES, batch="x, t")
    assert derived.unicode() == f"(Z − T)V/n where {name} = tanh(XWᵀ + 𝟏bᵀ), Z = {name}Vᵀ + 𝟏cᵀ"
    assert derived.check().ok is True


def test_definitions_put_together_in_python():
    model = matcalc.let(h="tanh(Wx + b)")
    derived = model.derive("½‖h − t‖²", "W", batch="x, t")
    assert derived.unicode() == "((H − T) ⊙ (1 − H ⊙ H))ᵀX/n where H = tanh(XWᵀ + 𝟏bᵀ)"
