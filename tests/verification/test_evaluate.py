"""Values of graphs, in batches, with definitions, and without recursion."""

import math
from fractions import Fraction

import numpy as np
import pytest

from matcalc.errors import MatcalcError, RuleProblem
from matcalc.graph.node import SCALAR
from matcalc.operations import Operation, Operations, standard
from matcalc.verification.evaluate import Program, evaluate, from_batch, to_batch

OPERATIONS = standard()


def value(make, node, sizes=None, **arrays):
    variables = {name: np.asarray(a, dtype=float) for name, a in arrays.items()}
    values = {n: a.reshape((*a.shape, 1, 1)[:2]) for n, a in variables.items()}
    (result,) = evaluate([node], values, sizes or {}, OPERATIONS, make.define)
    return from_batch(result, node.shape)


def test_formula_of_the_sources(make, rng):
    w, x = make.variable("W", "k", "n"), make.variable("x", "n")
    node = make("sumsq", make("sub", make.product(make.t(w), w, x), x))
    a, b = rng.standard_normal((3, 2)), rng.standard_normal(2)
    expected = np.sum((a.T @ a @ b - b) ** 2)
    assert value(make, node, {"k": 3, "n": 2}, W=a, x=b) == pytest.approx(expected)


def test_batches_broadcast(make, rng):
    a, x = make.variable("A", "m", "n"), make.variable("x", "n")
    node = make("norm2", make("matmul", a, x))
    many, one = rng.standard_normal((5, 2, 3)), rng.standard_normal(3)
    inner = {"A": to_batch(many, a.shape), "x": to_batch(one, x.shape)}
    (found,) = evaluate([node], inner, {"m": 2, "n": 3}, OPERATIONS)
    np.testing.assert_allclose(from_batch(found, node.shape), [np.linalg.norm(m @ one) for m in many])


def test_outer_product_and_row_vectors(make):
    x, y = make.variable("x", "m"), make.variable("y", "n")
    outer = make("matmul", x, make.t(y))
    np.testing.assert_array_equal(
        value(make, outer, {"m": 2, "n": 3}, x=[1, 2], y=[1, 2, 3]), np.outer([1, 2], [1, 2, 3])
    )
    assert value(make, make.t(y), {"n": 3}, y=[1, 2, 3]).shape == (1, 3)


def test_leaves(make):
    leaf = make.graph.node
    sizes = {"n": 3}
    assert value(make, leaf("pi", (), SCALAR)) == math.pi
    assert value(make, leaf("size", (), SCALAR, "n"), sizes) == 3
    assert value(make, leaf("size", (), SCALAR, 5), sizes) == 5
    assert value(make, make.number(Fraction(1, 4))) == 0.25
    assert value(make, make.number(-(10**400))) == -math.inf
    np.testing.assert_array_equal(value(make, leaf("identity", (), ("n", "n")), sizes), np.eye(3))
    assert value(make, leaf("identity", (), SCALAR)) == 1
    np.testing.assert_array_equal(value(make, leaf("ones", (), ("n", None)), sizes), np.ones(3))
    np.testing.assert_array_equal(value(make, make.fill(7, (2, "n")), sizes), np.full((2, 3), 7))


def test_definitions_are_followed(make):
    x = make.variable("x", "n")
    points = np.array([-1.0, 0.5, 2.0])
    for op, expected in {
        "relu": np.maximum(points, 0),
        "sigmoid": 1 / (1 + np.exp(-points)),
        "softplus": np.log1p(np.exp(points)),
        "softmax": np.exp(points) / np.exp(points).sum(),
    }.items():
        np.testing.assert_allclose(value(make, make(op, x), {"n": 3}, x=points), expected, err_msg=op)


def test_a_thousand_definitions_inside_each_other(make):
    node = make.variable("a")
    for _ in range(1000):
        node = make.plus(make("relu", node), 1)
    assert value(make, node, a=-3.0) == 1000


def test_deep_graphs_need_no_recursion_and_share_nodes(make):
    node = make.variable("a")
    for _ in range(20_000):
        node = make("add", node, node)
        node = make.times(Fraction(1, 2), node)
    program = Program([node], OPERATIONS, None)
    assert len(program) == 40_002
    assert program.cells({}) == 3
    assert program.run({"a": np.full((1, 1), 3.0)}, {}) == [[[3.0]]]


def test_infinities_are_silent(make, recwarn):
    a = make.variable("a")
    assert np.isnan(value(make, make("log", a), a=-1.0))
    assert value(make, make("over", make.number(1), a), a=0.0) == math.inf
    assert value(make, make("exp", a), a=1e4) == math.inf
    assert not recwarn.list


def test_watch_sees_every_value(make):
    a = make.variable("a")
    seen = {}
    Program([make("exp", make("neg", a))], OPERATIONS, None).run(
        {"a": np.zeros((1, 1))}, {}, seen.__setitem__
    )
    assert {node.op: float(v[0, 0]) for node, v in seen.items()} == {"variable": 0, "neg": 0, "exp": 1}


def test_missing_variable_rule_and_definition(make):
    a = make.variable("a")
    with pytest.raises(MatcalcError, match="a has no value"):
        evaluate([a], {}, {}, OPERATIONS)
    with pytest.raises(RuleProblem, match="no rule file has the operation `gudermann`"):
        evaluate([make("gudermann", a)], {}, {}, OPERATIONS)
    with pytest.raises(RuleProblem, match="`relu` is defined by a `value` text"):
        evaluate([make("relu", a)], {}, {}, OPERATIONS)


@pytest.mark.parametrize("inside", [False, True])
def test_rule_defined_by_itself(make, inside):
    make.definitions["relu"] = lambda y: make("relu", make.plus(y.args[0], 1)) if inside else y
    with pytest.raises(RuleProblem, match="`relu` is defined by itself"):
        evaluate([make("relu", make.variable("a"))], {}, {}, OPERATIONS, make.define)


def test_kernel_of_the_wrong_shape_is_the_rules_fault(make):
    any_, scalar = ("rows", "columns"), (None, None)
    line = Operation("total", (("X", any_),), scalar, {}, numpy="exp")
    node = make.graph.node("total", (make.variable("x", "n"),), SCALAR)
    with pytest.raises(RuleProblem, match=r"`total` gives a value of \(3, 1\)"):
        evaluate([node], {"x": np.ones((3, 1))}, {"n": 3}, Operations({"total": line}))
