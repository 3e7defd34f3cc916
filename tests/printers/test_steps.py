"""The layer tables, cell by cell, and what stands below them."""

import json

import pytest

import matcalc
from matcalc.printers.steps import Steps, layer_table
from tests.counting import calls


def steps(formula, wrt, **options):
    return layer_table(matcalc.derive(formula, wrt, **options))


def cells(table, spelling="unicode"):
    """The rows as texts, without the worked-out deltas."""
    return [tuple(cell.text(spelling) for cell in row.cells()[:6]) for row in table]


def worked_out(table):
    return [row.worked_out.unicode() for row in table]


EXAMPLE_1 = [
    ("3", "N/A", "zᵢ²", "2zᵢ", "2(As − x)", "As − x"),
    ("2", "I", "zᵢ − xᵢ", "1", "(Iᵀδ³)⊙1", "As"),
    ("1", "A", "zᵢ", "1", "(Aᵀδ²)⊙1", "s"),
]
EXAMPLE_2 = [
    ("4", "N/A", "√zᵢ", "½zᵢ^(−1/2)", "½(V(s ⊙ s) + ε)^(−1/2)", "V(s ⊙ s) + ε"),
    ("3", "I", "zᵢ + ε", "1", "(Iᵀδ⁴)⊙1", "V(s ⊙ s)"),
    ("2", "V", "zᵢ", "1", "(Vᵀδ³)⊙1", "s ⊙ s"),
    ("1", "I", "zᵢ²", "2zᵢ", "(Iᵀδ²)⊙2s", "s"),
]
EXAMPLE_3 = [
    ("4", "N/A", "zᵢ²", "2zᵢ", "2(WᵀWx − x)", "WᵀWx − x"),
    ("3", "I", "zᵢ − xᵢ", "1", "(Iᵀδ⁴)⊙1", "WᵀWx"),
    ("2", "Wᵀ", "zᵢ", "1", "((Wᵀ)ᵀδ³)⊙1", "Wx"),
    ("1", "W", "zᵢ", "1", "(Wᵀδ²)⊙1", "x"),
]


@pytest.mark.parametrize(
    ("formula", "variables", "rows", "deltas"),
    [
        ("‖As−x‖²", "sAx", EXAMPLE_1, ["2(As − x)", "2(As − x)", "2Aᵀ(As − x)"]),
        (
            "Σ√(V(s⊙s)+ε)",
            "sVε",
            EXAMPLE_2,
            [
                "½(V(s ⊙ s) + ε)^(−1/2)",
                "½(V(s ⊙ s) + ε)^(−1/2)",
                "½Vᵀ(V(s ⊙ s) + ε)^(−1/2)",
                "Vᵀ(V(s ⊙ s) + ε)^(−1/2) ⊙ s",
            ],
        ),
        (
            "‖WᵀWx−x‖²",
            "Wx",
            EXAMPLE_3,
            ["2(WᵀWx − x)", "2(WᵀWx − x)", "2W(WᵀWx − x)", "2WᵀW(WᵀWx − x)"],
        ),
    ],
)
def test_the_sources_tables(formula, variables, rows, deltas):
    for variable in variables:
        table = steps(formula, variable)
        assert table.kind == "network"
        assert table.columns[:6] == ("layer", "weight", "activation f", "f′", "δ", "input z")
        assert cells(table) == rows, variable
        assert worked_out(table) == deltas, variable


def test_cells_in_ascii_and_latex():
    table = steps("‖WᵀWx−x‖²", "W")
    assert cells(table, "ascii")[1] == ("3", "I", "z_{i} - x_{i}", "1", "(I'*delta4).*1", "W'*(W*x)")
    assert cells(table, "latex")[2] == (
        "2",
        "W^{\\top}",
        "z_{i}",
        "1",
        "((W^{\\top})^{\\top} \\delta^{(3)}) \\odot 1",
        "W x",
    )
    assert cells(steps("Σ√(V(s⊙s)+ε)", "s"), "latex")[3][4] == "(I^{\\top} \\delta^{(2)}) \\odot 2 s"
    assert steps("‖As−x‖²", "s").plain("ascii").isascii()
    assert steps("log(tr(XᵀX))", "X").plain("ascii").isascii()


def test_a_network_of_two_layers():
    table = steps("½‖W2σ(W1x+b1)+b2−t‖²", "W1")
    assert [(row.weight.ascii(), row.activation.ascii()) for row in table] == [
        ("N/A", "z_{i}^2"),
        ("I", "z_{i} - t_{i}"),
        ("I", "z_{i} + b_{2,i}"),
        ("W2", "z_{i}"),
        ("I", "sigmoid(z_{i})"),
        ("I", "z_{i} + b_{1,i}"),
        ("W1", "z_{i}"),
    ]
    assert table[4].derivative.unicode() == "σ(zᵢ)(1 − σ(zᵢ))"
    assert table[4].delta.unicode() == "(Iᵀδ⁴)⊙(σ(W₁x + b₁) ⊙ (1 − σ(W₁x + b₁)))"
    assert table[0].delta.unicode() == "W₂σ(W₁x + b₁) + b₂ − t"
    assert table.objective.unicode() == "½Σa⁷"


@pytest.mark.parametrize(
    ("formula", "wrt", "column"),
    [
        ("‖Wx‖²", "W", ["N/A zᵢ²", "W zᵢ"]),
        ("ΣWx", "x", ["N/A zᵢ", "W zᵢ"]),
        ("Σ log(1+exp(Wx))", "x", ["N/A log(zᵢ)", "I 1 + zᵢ", "I exp(zᵢ)", "W zᵢ"]),
        ("Σ log(exp(Wx)+𝟏)", "x", ["N/A log(zᵢ)", "I zᵢ + 1", "I exp(zᵢ)", "W zᵢ"]),
        ("‖x−a‖₁", "x", ["N/A |zᵢ|", "I zᵢ − aᵢ"]),
        ("‖XW−Y‖²", "X", ["N/A zᵢⱼ²", "I zᵢⱼ − Yᵢⱼ", "X zᵢⱼ"]),
        ("Σtanh(σ(XU)W)", "W", ["N/A tanh(zᵢⱼ)", "·W zᵢⱼ", "I σ(zᵢⱼ)", "X zᵢⱼ"]),
        ("Σ tanh(W*tanh(Wx+Bu)+Bv)", "W", ["N/A tanh(zᵢ)", "I zᵢ + (Bv)ᵢ", "W zᵢ", "I tanh(zᵢ)", "I zᵢ + (Bu)ᵢ", "W zᵢ"]),
        ("Σ(γ(Wx)).^3/2", "x", ["N/A zᵢ/2", "I zᵢ³", "I γzᵢ", "W zᵢ"]),
        ("‖Ws−z‖²", "s", ["N/A uᵢ²", "I uᵢ − zᵢ", "W uᵢ"]),
    ],
)  # fmt: skip
def test_other_chains(formula, wrt, column):
    table = steps(formula, wrt)
    assert [f"{row.weight} {row.activation}" for row in table] == column


@pytest.mark.parametrize(
    ("formula", "wrt"),
    [
        ("log det X", "X"),
        ("tr(XᵀXXᵀX)", "X"),
        ("‖As−x‖² + γ‖A‖²", "A"),
        ("xᵀAx", "x"),
        ("‖x−a‖", "x"),
        ("Σ(x + Wσ(Vx))⊙σ(Ux)", "x"),  # two branches meet
        ("‖σ(Wx) + Vσ(Wx)‖²", "V"),  # a layer is used beside the chain
        ("‖softmax(Wx) − t‖²", "W"),
    ],
)
def test_what_is_no_chain(formula, wrt):
    table = steps(formula, wrt)
    assert table.kind == "graph"
    assert table.columns == ("layer", "value", "shape", "local rule", "delta")


def test_one_row_for_each_node():
    assert [tuple(map(str, row.cells())) for row in steps("log det X", "X")] == [
        ("2", "log(det(X))", "scalar", "log  X: D ./ X", "1"),
        ("1", "det(X)", "scalar", "det  Z: D*Y*inv(Z)'", "1/det(X)"),
        ("0", "X", "n×n", "–", "X⁻ᵀ"),
    ]
    matmul = "matmul  A: D*B'; B: A'*D"
    assert [tuple(map(str, row.cells())) for row in steps("tr(XᵀXXᵀX)", "X")] == [
        ("5", "tr(XᵀXXᵀX)", "scalar", "tr  Z: D*I", "1"),
        ("4", "XᵀXXᵀX", "m×m", matmul, "Iₘ"),
        ("3", "XᵀXXᵀ", "m×n", matmul, "Xᵀ"),
        ("2", "XᵀX", "m×m", matmul, "XᵀX"),
        ("1", "Xᵀ", "m×n", "transpose  X: D'", "2XᵀXXᵀ"),
        ("0", "X", "n×m", "–", "4XXᵀX"),
    ]


def test_nodes_that_do_not_depend_on_the_variable_have_no_delta():
    rows = {row.value.unicode(): row.delta.unicode() for row in steps("‖As−x‖² + γ‖A‖²", "A")}
    assert rows["s"] == rows["x"] == rows["γ"] == "–"
    assert rows["A"] == "2(As − x)sᵀ + 2γA"
    assert rows["As"] == "2(As − x)"


def test_tied_weights():
    table = steps("‖WᵀWx−x‖²", "W")
    assert table.lines() == [
        "through Wᵀ: (∇_{Wᵀ})ᵀ = (δ³(Wx)ᵀ)ᵀ = (2(WᵀWx − x)(Wx)ᵀ)ᵀ = 2Wx(WᵀWx − x)ᵀ",
        "through W: δ²xᵀ = 2W(WᵀWx − x)xᵀ",
        "∇W = 2W(WᵀWx − x)xᵀ + 2Wx(WᵀWx − x)ᵀ = " + table.result.unicode(),
    ]
    assert table.lines("ascii")[0].startswith(
        "through W': (grad_{W'})' = (delta3*(W*x)')' = (2*(W'*W*x - x)*(W*x)')' = "
    )
    assert table.lines("latex")[1] == (
        "through W: \\delta^{(2)} x^{\\top} = 2 W (W^{\\top} W x - x) x^{\\top}"
    )


def test_an_input_that_is_subtracted_again():
    assert steps("‖WᵀWx−x‖²", "x").lines()[:2] == [
        "through x in WᵀWx − x: −δ⁴ = −2(WᵀWx − x) = 2(x − WᵀWx)",
        "through x in Wx: Wᵀδ² = Wᵀ(2W(WᵀWx − x)) = 2WᵀW(WᵀWx − x)",
    ]


def test_each_use_in_a_graph_has_its_line():
    lines = steps("tr(XᵀXXᵀX)", "X").lines()
    assert [line.split(":")[0] for line in lines[:-1]] == [
        "through X in XᵀXXᵀX",
        "through Xᵀ in XᵀXXᵀ",
        "through Xᵀ in XᵀX",
        "through X in XᵀX",
    ]
    assert lines[1].endswith("(∇_{Xᵀ})ᵀ = ((XᵀX)ᵀδ)ᵀ = ((XᵀX)ᵀXᵀ)ᵀ = XXᵀX")
    assert lines[-1] == "∇X = XXᵀX + XXᵀX + XXᵀX + XXᵀX = 4XXᵀX"


@pytest.mark.parametrize(
    ("formula", "wrt", "lines"),
    [
        ("‖As−x‖²", "A", ["through A: δ²sᵀ = 2(As − x)sᵀ", "∇A = 2(As − x)sᵀ"]),
        ("log det X", "X", ["through X: δ det(X)X⁻ᵀ = (1/det(X))det(X)X⁻ᵀ = X⁻ᵀ", "∇X = X⁻ᵀ"]),
        ("‖x‖²", "x", ["through x: 2x", "∇x = 2x"]),
    ],
)
def test_a_variable_that_is_used_once(formula, wrt, lines):
    assert steps(formula, wrt).lines() == lines


def test_a_scalar_in_every_entry_adds_up_its_delta():
    assert steps("Σ√(V(s⊙s)+ε)", "ε").lines()[0] == (
        "through ε: Σδ⁴ = Σ½(V(s ⊙ s) + ε)^(−1/2) = ½Σ(V(s ⊙ s) + ε)^(−1/2)"
    )


def test_a_variable_that_does_not_occur():
    table = steps("‖As−x‖²", "w")
    assert table.contributions == ()
    assert table.lines() == ["∇w = 0"]
    assert cells(table) == EXAMPLE_1
    assert all(row.delta.unicode() == "–" for row in steps("log det X", "w"))


def test_the_variable_is_the_whole_formula():
    assert steps("γ", "γ").lines() == ["∇γ = 1"]
    assert [str(row.value) for row in steps("γ", "γ")] == ["γ"]


def test_steps_belong_to_the_derivation():
    derivations = matcalc.derive("‖WᵀWx−x‖²", "all")
    assert isinstance(derivations["W"].steps, Steps)
    assert derivations["W"].steps is derivations["W"].steps
    assert derivations["x"].steps.lines() == steps("‖WᵀWx−x‖²", "x").lines()


def test_placeholders_are_not_taken_for_variables():
    """Variables that are called z, δ or x_i keep their meaning."""
    table = steps("‖Wz − x − δ·c‖² where x_i: scalar", "W")
    assert table[0].activation.unicode() == "uᵢ²"
    assert table[-1].delta.unicode() == "(WᵀΔ²)⊙1"
    table = steps("x_i‖Wx − y‖² where x_i: scalar, y: n, W: n×m", "x")
    assert table[1].activation.unicode() == "zᵢ − yᵢ"
    table = steps("‖x − x_i‖² where x_i: scalar", "x")
    assert table[1].activation.unicode() == "zᵢ − xᵢ"


def test_plain_text_is_aligned():
    lines = str(steps("‖As−x‖²", "s")).splitlines()
    assert lines[2] == "layer  weight  activation f  f′   δ          input z  δ worked out"
    assert lines[5] == "2      I       zᵢ − xᵢ       1    (Iᵀδ³)⊙1   As       2(As − x)"
    assert repr(steps("‖As−x‖²", "s")) == "\n".join(lines)
    assert lines[-1] == "∇s = 2Aᵀ(As − x)"


def test_as_json():
    data = json.loads(json.dumps(steps("‖WᵀWx−x‖²", "W").as_dict()))
    assert data["kind"] == "network"
    assert data["rows"][2]["layer"] == 2
    assert data["rows"][2]["weight"] == {"unicode": "Wᵀ", "ascii": "W'", "latex": "W^{\\top}"}
    assert data["rows"][2]["worked_out"]["ascii"] == "2*W*(W'*W*x - x)"
    assert data["contributions"][1]["rule"] == "D*B'"
    assert data["contributions"][1]["value"]["unicode"] == "2W(WᵀWx − x)xᵀ"
    assert json.loads(json.dumps(steps("log det X", "X").as_dict()))["rows"][2]["delta"]["unicode"] == "X⁻ᵀ"


def network(layers):
    formula = "x"
    for layer in range(1, layers + 1):
        formula = f"tanh(W{layer}*{formula})"
    return f"sum({formula})"


@pytest.mark.parametrize("graph", [False, True])
def test_a_table_is_linear_in_the_layers(graph):
    def work(layers):
        derivation = matcalc.derive(f"log({network(layers)})" if graph else network(layers), "W7")
        return calls(lambda: str(layer_table(derivation)))

    work(10)  # what is done once
    assert work(200) < 4.4 * work(50)


@pytest.mark.parametrize("graph", [False, True])
def test_deep_networks_are_shortened(graph):
    formula = f"log({network(300)})" if graph else network(300)
    derivation = matcalc.derive(formula, "W7")
    table = layer_table(derivation)
    text = str(table)
    assert len(table) == (903 if graph else 600)
    assert max(len(cell.unicode()) for row in table for cell in row.cells()) < 300
    assert len(text) < 1000 * len(table)
    if not graph:
        assert (table[299].layer, table[299].delta.unicode()) == (301, "(W₁₅₁ᵀδ³⁰²)⊙1")
        assert (table[598].layer, table[598].delta.unicode()) == (2, "(Iᵀδ³)⊙(1 − tanh²(W₁x))")
        assert table[299].input.unicode().startswith("tanh(W₁₅₀tanh(W₁₄₉")
        assert table[599].input.unicode() == "x"


def test_a_value_that_is_shared_exponentially_often_is_shortened():
    shared = "x"
    for _ in range(12):
        shared = f"({shared})⊙({shared})"
    table = steps(f"Σ{shared} where x: n", "x")
    assert table[-1].activation.unicode() == "zᵢ²"
    assert max(len(cell.unicode()) for row in table for cell in row.cells()) < 2000
