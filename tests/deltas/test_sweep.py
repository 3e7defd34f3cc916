"""The backward sweep: contributions stay apart, and only what leads to a target is visited."""

import pytest

from matcalc.deltas.sweep import sweep
from matcalc.errors import DerivationProblem
from matcalc.reading import read


def swept(text, *names, rules=()):
    reading = read(text, rules=rules)
    targets = [reading.graph.variable(name, reading.shapes[name]) for name in names]
    return targets, sweep(reading.value, targets, reading.graph.number(1), reading.graph, reading.operations)


def test_tied_weights_keep_their_contributions_apart():
    (weight,), result = swept("‖WᵀWx − x‖²", "W")
    assert sorted(use.user.op for use in result.contributions[weight]) == ["matmul", "transpose"]
    total = result.deltas[weight]
    assert total.op == "add"
    assert set(total.args) == {use.delta for use in result.contributions[weight]}


def test_only_what_depends_on_a_target_gets_a_delta():
    (x,), result = swept("‖Ax‖² + ‖y‖²", "x")
    assert all(node.data != "y" for node in result.deltas)
    assert all(node.data != "A" for node in result.deltas)
    assert result.deltas[x].shape == x.shape


def test_one_sweep_serves_all_variables():
    targets, result = swept("tr(AXBXᵀ)", "A", "X", "B")
    assert all(result.deltas[target].shape == target.shape for target in targets)


def test_an_operation_without_a_rule_says_so(tmp_path):
    rules = tmp_path / "more.toml"
    rules.write_text('cube = { takes = "X", gives = "X", value = "X.^3" }\n', encoding="utf-8")
    with pytest.raises(DerivationProblem, match="no delta rule for the operand X of `cube`"):
        swept("Σ cube(x)", "x", rules=[rules])
