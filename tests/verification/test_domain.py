"""Domain texts of rules as conditions on nodes."""

import numpy as np
import pytest

from matcalc.errors import RuleProblem
from matcalc.operations import Operation, Operations, standard
from matcalc.verification.domain import Condition, Limits, conditions, parse


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("X > 0", Limits("X", lower=0)),
        ("X >= 1.5", Limits("X", lower=1.5)),
        ("0 < X", Limits("X", lower=0)),
        ("X<-1e-3", Limits("X", upper=-1e-3)),
        ("A - B != 0", Limits("A - B", forbidden=0)),
        ("Y ≠ 2", Limits("Y", forbidden=2)),
        ("-1 < X < 1", Limits("X", lower=-1, upper=1)),
        ("1 > X > -1", Limits("X", lower=-1, upper=1)),
        ("det(Z) > 0", Limits("det(Z)", lower=0)),
    ],
)
def test_forms(text, limits):
    assert parse(text) == limits


@pytest.mark.parametrize(
    "text", ["", "X", "X > Y", "0 < 1", "> 0", "1 < X > 0", "X != 0 != 1", "0 < X < 1 < 2"]
)
def test_other_forms_are_refused(text):
    with pytest.raises(RuleProblem, match="is not `EXPR > c`"):
        parse(text)


def test_every_shipped_domain_can_be_read():
    for operation in standard().by_name.values():
        if operation.domain is not None:
            parse(operation.domain)


def test_refusal_names_the_operation(make):
    line = Operation("f", (("X", ("rows", "columns")),), ("rows", "columns"), {}, domain="X in R")
    node = make("f", make.variable("x", "n"))
    with pytest.raises(RuleProblem, match="`f`: the domain `X in R`"):
        conditions(node, Operations({"f": line}), make.instantiate)


def test_conditions_of_a_graph_are_found_once(make):
    x, y = make.variable("x", "n"), make.variable("y", "n")
    root = make("sum", make("add", make("sqrt", x), make("max", make("log", x), make.power(y, -2))))
    found = conditions(root, standard(), make.instantiate)
    assert [(c.label, c.node.op) for c in found] == [
        ("X > 0 (sqrt)", "variable"),
        ("X != 0 (negative power)", "variable"),
        ("A - B != 0 (max)", "sub"),
    ]
    assert found[0].node is x


def test_kinks_count_only_where_the_variable_passes(make):
    """But the logarithm of another variable must still be real."""
    x, y, z = (make.variable(name, "n") for name in "xyz")
    root = make("sum", make("add", make("abs", x), make("add", make("abs", y), make("log", z))))
    found = conditions(root, standard(), make.instantiate, {y})
    assert [(c.label, c.node) for c in found] == [("X != 0 (abs)", y), ("X > 0 (log)", z)]


def test_constants_have_no_conditions(make):
    root = make("hadamard", make("sqrt", make.number(0)), make.variable("x"))
    assert conditions(root, standard(), make.instantiate) == []


def test_holds_with_margin_for_every_entry(make):
    condition = Condition(make.variable("x"), -1.0, 1.0, 0.0, "")
    values = np.array([[0.5, 0.5], [0.5, 0.05], [0.95, 0.5], [-0.95, 0.5], [np.nan, 0.5]])[..., None]
    np.testing.assert_array_equal(condition.holds(values, 0.1), [True, False, False, False, False])
    np.testing.assert_array_equal(condition.holds(values, 0.01), [True, True, True, True, False])


def test_stays_on_its_side(make):
    condition = Condition(make.variable("x"), None, None, 1.0, "")
    base = np.array([[2.0], [0.0]])
    values = np.array([[[2.1], [0.1]], [[0.9], [0.1]], [[2.0], [1.0]], [[2.0], [np.nan]]])
    np.testing.assert_array_equal(condition.stays(values, base), [True, False, False, False])
