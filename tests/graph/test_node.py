"""The graph: equal nodes are one, layers are depths, and depth costs no recursion."""

from matcalc.graph.node import SCALAR, Graph, axes, topological, variables


def test_equal_nodes_are_made_once():
    graph = Graph()
    x = graph.variable("x", ("n", None))
    assert graph.node("exp", (x,), x.shape) is graph.node("exp", (x,), x.shape)
    assert graph.node("exp", (x,), x.shape) is not graph.node("log", (x,), x.shape)
    assert graph.number(1) is not graph.number(2)


def test_layers_are_depths_and_operands_come_first():
    graph = Graph()
    node = leaf = graph.variable("a", SCALAR)
    for _ in range(5000):
        node = graph.node("exp", (node,), SCALAR)
    assert node.layer == 5000
    order = topological([node])
    assert order[0] is leaf and order[-1] is node and len(order) == 5001
    assert [variable.data for variable in variables([node])] == ["a"]


def test_public_shapes():
    assert axes(("m", "k")) == ("m", "k")
    assert axes(("m", None)) == ("m",)
    assert axes(SCALAR) == ()
    assert axes((None, "n")) == (1, "n")
