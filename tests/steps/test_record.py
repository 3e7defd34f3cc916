"""Every form that a record writes is numerically right: the oracle is finite differences of the formula's graph."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import matcalc
from matcalc.evaluation import function
from matcalc.graph.node import axes, topological
from matcalc.graph.replace import replaced
from matcalc.steps.reasons import PUT_IN
from matcalc.steps.record import FEW
from matcalc.steps.stages import stages
from tests.counting import calls

SIZES = {"n": 5, "m": 3, "k": 4, "p": 2, "q": 6, "d": 7}
RNN = "h1 = tanh(U h0 + P x1)\nh2 = tanh(U h1 + P x2)\nL = ½‖h2 − t‖²\nshapes U: n×n, P: n×k"

FORMULAS = [
    ("‖As−x‖²", "s"),
    ("‖As−x‖² + γ‖A‖²", "A"),
    ("‖WᵀWx − x‖²", "W"),
    ("‖WᵀWx − x‖²", "x"),
    ("½‖σ(W2 tanh(W1 x)) − t‖²", "W1"),
    ("½‖σ(W2 tanh(W1 x)) − t‖²", "W2"),
    ("−tᵀ log softmax(Wx)", "W"),
    ("log det(XᵀX)", "X"),
    ("xᵀAx", "x"),
    ("‖x − a‖", "x"),
    ("Σ√(V(s⊙s)+ε)", "s"),
    ("Σ√(V(s⊙s)+ε)", "ε"),
    ("Σ√(Vssᵀ+ε)", "s"),
    ("tr(XᵀXXᵀX)", "X"),
    ("aᵀX⁻¹b", "X"),
    ("Σ log(1 + exp(−y ⊙ Xw))", "w"),
    ("Σ a ./ (y ⊙ (Wx) + 2)", "W"),
    ("γ‖γx‖²/3", "γ"),
    ("1/n Σᵢ log(1 + exp(−yᵢ wᵀxᵢ))", "w"),
    ("Σ(x − mean(x)).^4", "x"),
    (RNN, "U"),
]


PUBLIC = [
    case
    for line in (Path(__file__).parents[1] / "data" / "public.jsonl").read_text(encoding="utf-8").splitlines()
    if (case := json.loads(line))["kind"] == "gradient"
]


def recorded(formula, wrt, **options):
    derivation = matcalc.derive(formula, wrt, **options)
    (stage,) = stages(derivation, verbose=True)
    return derivation, stage.record


class Numbers:
    """Values of the forms of a record, at one point."""

    def __init__(self, derivation, record):
        self.derivation, self.record = derivation, record
        self.reading = derivation.reading
        self.graph = self.reading.graph
        random = np.random.default_rng(3)
        self.given = {
            name: random.uniform(0.3, 1.2, [SIZES.get(size, size) for size in axes(shape)])
            for name, shape in self.reading.shapes.items()
        }
        for name, shape in self.reading.shapes.items():
            if shape[0] == shape[1] and None not in shape:
                self.given[name] += 2 * np.eye(*self.given[name].shape)
        self.stand_ins = {}
        opened = derivation.names.open
        for value in record.values.lines:
            if value.symbol in record.symbols:
                self.stand_ins[value.symbol] = opened([value.node])[0]
        self.deltas = {delta.symbol: delta.value.node for delta in record.deltas.lines}

    def evaluated(self, node, **more):
        known = {**self.given, **more}
        variables = [self.graph.variable(name, shape) for name, shape in self.reading.shapes.items()]
        inside = {str(each.data): each for each in topological([node]) if each.op == "variable"}
        also = list({str(each.data): each for each in [*variables, *inside.values()]}.values())
        arguments = {str(each.data): known[str(each.data)] for each in also}
        return np.asarray(function(node, self.reading, also=also)(**arguments))

    def value(self, form):
        """A form with the values, and the finite differences of the deltas, of its placeholders."""
        changed, numbers = {}, {}
        for place, symbol in enumerate(self.record.symbols):
            if any(each is symbol for each in topological([form])):
                name = f"Q{place}"
                changed[symbol] = self.graph.variable(name, symbol.shape)
                inner = self.stand_ins.get(symbol)
                numbers[name] = self.slope(self.deltas[symbol]) if inner is None else self.evaluated(inner)
        (node,) = replaced(self.derivation.names.open([form]), changed, self.graph)
        return self.evaluated(node, **numbers)

    def slope(self, node):
        """The derivative of the formula's value in the value of one of its nodes, by central differences."""
        free = self.graph.variable("free", node.shape)
        (root,) = replaced([self.derivation.value], {node: free}, self.graph)
        at = self.evaluated(node)
        found = np.zeros(at.shape)
        for place in np.ndindex(at.shape):
            there, back = at.astype(float).copy(), at.astype(float).copy()
            there[place] += 1e-6
            back[place] -= 1e-6
            found[place] = (self.evaluated(root, free=there) - self.evaluated(root, free=back)) / 2e-6
        return found


def close(found, expected):
    np.testing.assert_allclose(np.broadcast_to(found, expected.shape), expected, rtol=3e-6, atol=3e-8)


@pytest.mark.parametrize(("formula", "wrt"), FORMULAS)
def test_all_forms_of_values_deltas_and_sums_are_equal(formula, wrt):
    check_forms(*recorded(formula, wrt))


@pytest.mark.parametrize("case", PUBLIC, ids=[case["name"] for case in PUBLIC])
def test_all_forms_of_the_public_cases_are_equal(case):
    check_forms(*recorded(case["unicode"], case["wrt"], shapes=case["shapes"]))


def check_forms(derivation, record):
    numbers = Numbers(derivation, record)
    assert len(record.values.lines) >= 1 and record.uses.lines
    for value in record.values.lines:
        expected = numbers.evaluated(value.node)
        for form in value.forms:
            np.testing.assert_allclose(numbers.value(form.node), expected, rtol=1e-10)
    for delta in record.deltas.lines:
        expected = numbers.slope(delta.value.node)
        for form in delta.forms:
            close(numbers.value(form.node), expected)
    expected = numbers.slope(derivation.variable)
    for form in record.total:
        close(numbers.value(form.node), expected)
    close(sum(numbers.value(use.forms[-1].node) for use in record.uses.lines), expected)
    for use in record.uses.lines:
        first, *others = (numbers.value(form.node) for form in use.forms)
        for other in others:
            close(other, first)


def test_the_rule_of_each_delta_is_named():
    _, record = recorded("‖WᵀWx − x‖²", "W")
    rules = [rule for delta in record.deltas.lines for rule in delta.rules]
    assert [(rule.operation, rule.operand, rule.text, rule.file) for rule in rules] == [
        ("sumsq", "X", "2*D*X", "rules/products.toml"),
        ("sub", "A", "D", "rules/products.toml"),
        ("matmul", "B", "A'*D", "rules/products.toml"),
    ]
    assert {use.rule.text for use in record.uses.lines} == {"D*B'"}
    assert [use.through.op for use in record.uses.lines] == ["transpose", "variable"]


def test_the_rule_of_a_users_file_is_named_by_its_path(tmp_path):
    file = tmp_path / "swish.toml"
    file.write_text(
        'swish = { takes = "X", gives = "X", value = "X .* sigmoid(X)", '
        'X = "D .* (Y + sigmoid(X) .* (1 - Y))" }\n'
    )
    derivation = matcalc.derive("Σ swish(Ax)", "x", rules=[file])
    text = derivation.steps.plain()
    assert f"{file}: swish" in text


def test_layers_have_the_numbers_of_the_table():
    derivation, record = recorded("‖As−x‖²", "s")
    table = {row.layer: row.input.node for row in derivation.steps}
    for value in record.values.lines[:-1]:
        assert table[value.number] is value.node
    assert record.values.lines[-1].number is None


def test_placeholders_are_free_letters():
    _, record = recorded("‖Wz − f − δ·c‖² where z: m, δ: scalar", "W")
    assert record.letters == ("u", "Delta")
    _, record = recorded("‖W z2 − c‖² where z2: m", "W")
    assert record.letters[0] == "u"


def test_the_ambient_gradient_comes_before_its_projection():
    _, record = recorded("yᵀS⁻¹y + log det S", "S", assume="S: spd")
    assert record.projection is not None
    assert record.ambient and len(record.total) == 2


def test_a_variable_that_does_not_occur():
    _, record = recorded("‖As−x‖²", "w")
    assert not record.uses.lines and not record.deltas.lines
    assert record.total[-1].node.op == "fill"


def network(layers):
    formula = "x"
    for layer in range(1, layers + 1):
        formula = f"tanh(W{layer}*{formula})"
    return matcalc.derive(f"log(sum({formula}))", "W3")


def test_of_a_deep_network_the_first_and_last_lines_are_made():
    (stage,) = stages(network(60))
    record = stage.record
    assert len(record.deltas.lines) == FEW and record.deltas.left_out > 90
    assert len(record.values.lines) == FEW + 1
    (whole,) = stages(network(60), verbose=True)
    assert whole.record.deltas.left_out == 0
    assert len(whole.record.deltas.lines) == record.deltas.left_out + FEW


@pytest.mark.parametrize("verbose", [False, True])
def test_the_work_is_linear_in_the_layers(verbose):
    def work(layers):
        derivation = network(layers)
        return calls(lambda: stages(derivation, verbose))

    work(10)  # what is done once
    assert work(200) < 5.5 * work(50)  # each shape is new; work that is quadratic would be 16 times


def test_put_in_values_come_after_placeholders():
    _, record = recorded("‖WᵀWx − x‖²", "W")
    for line in (*record.deltas.lines, *record.uses.lines):
        marked = [PUT_IN in form.reasons for form in line.forms]
        inside = [any(node in record.symbols for node in topological([form.node])) for form in line.forms]
        assert sum(marked) <= 1
        assert inside == sorted(inside, reverse=True)
