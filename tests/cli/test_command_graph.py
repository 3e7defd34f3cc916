"""`matcalc graph` and `matcalc eval`: files that are pictures, a table with the sources' digits, errors that say what to do."""

import json
from xml.etree import ElementTree

import numpy as np
import pytest

SIGMOID = "1/(1+e^{-(w0x0+w1x1+w2)})"
SIGMOID_AT = "w0=2, x0=−1, w1=−3, x1=−2, w2=−3"


@pytest.mark.parametrize(
    ("name", "start"),
    [
        ("net.svg", b"<?xml"),
        ("net.tex", b"%"),
        ("net.dot", b"digraph"),
        ("net.png", b"\x89PNG"),
        ("net.PDF", b"%PDF"),
    ],
)
def test_files(call, tmp_path, name, start):
    if name[-3:] in ("png", "PDF"):
        pytest.importorskip("matplotlib")
    path = tmp_path / name
    result = call("graph", "‖WᵀWx−x‖²", "-o", str(path), "--deltas")
    assert result.exit_code == 0 and result.output == ""
    assert path.read_bytes().startswith(start)


def texts(path):
    return {element.text for element in ElementTree.parse(path).iter("{http://www.w3.org/2000/svg}text")}


def test_numbers(call, tmp_path):
    path = tmp_path / "graph.svg"
    assert call("graph", SIGMOID, "--at", SIGMOID_AT, "-o", str(path)).exit_code == 0
    assert {"0.73", "−0.53", "0.39", "−0.59", "1.37", "w₀", "exp", "+1"} <= texts(path)


def test_numbers_from_a_file(call, tmp_path):
    data, path = tmp_path / "data.npz", tmp_path / "net.svg"
    np.savez(data, A=np.array([[1.0, 2], [3, 4], [5, 6]]), s=np.array([1.0, -1]), x=np.ones(3))
    assert call("graph", "‖As−x‖²", "--at", str(data), "-o", str(path)).exit_code == 0
    assert {"−2", "−4", "12"} <= texts(path)
    table = call("eval", "‖As−x‖²", "--at", str(data)).stdout
    assert "‖As − x‖²   12" in table


def test_the_network_of_a_variable(call, tmp_path):
    path = tmp_path / "net.svg"
    assert call("graph", "Σ softmax(x)⊙t", "--wrt", "t", "-o", str(path)).exit_code == 0
    assert "layer 1" in texts(path)
    assert call("graph", "Σ softmax(x)⊙t", "--wrt", "all", "-o", str(path)).exit_code == 0
    assert "softmax" in texts(path)


def test_programs(call, tmp_path):
    path = tmp_path / "net.svg"
    result = call("graph", "-", "-o", str(path), text="h = tanh(U x) ⊘ x\nL = ‖h − t‖² + γ‖U‖²")
    assert result.exit_code == 0
    assert {"h", "L", "U", "tanh"} <= texts(path)


def rows(table):
    return [line.split() for line in table.splitlines()[2:] if line.strip()]


def test_the_sources_first_table(call):
    result = call("eval", "(x+y)z", "--at", "x=-2, y=5, z=-4")
    assert result.exit_code == 0
    assert rows(result.stdout) == [
        ["x", "−2", "−4"],
        ["y", "5", "−4"],
        ["x", "+", "y", "3", "−4"],
        ["z", "−4", "3"],
        ["(x", "+", "y)z", "−12", "1"],
    ]


def test_the_sources_second_table(call):
    numbers = [row[-2:] for row in rows(call("eval", SIGMOID, "--at", SIGMOID_AT).stdout)]
    assert [" ".join(row) for row in numbers] == [
        "2.00 −0.20",
        "−1.00 0.39",
        "−2.00 0.20",
        "−3.00 −0.39",
        "−2.00 −0.59",
        "6.00 0.20",
        "4.00 0.20",
        "−3.00 0.20",
        "1.00 0.20",
        "−1.00 −0.20",
        "0.37 −0.53",
        "1.37 −0.53",
        "0.73 1.00",
    ]


def test_digits_and_ascii(call):
    result = call("eval", SIGMOID, "--at", SIGMOID_AT, "--digits", "5", "--ascii")
    assert "0.73106" in result.stdout and "-0.19661" in result.stdout
    assert result.stdout.isascii()


def test_json(call):
    data = json.loads(call("eval", "‖Ax‖²", "--at", "A=[1 2; 3 4], x=[1, 1]", "--json").stdout)
    assert data["text"] == "‖Ax‖²"
    by_formula = {node["formula"]["unicode"]: node for node in data["nodes"]}
    assert by_formula["‖Ax‖²"]["value"] == 58 and by_formula["‖Ax‖²"]["gradient"] == 1
    assert by_formula["A"]["gradient"] == [[6, 6], [14, 14]]


def test_a_value_that_is_no_scalar_has_no_gradients(call):
    result = call("eval", "Wx", "--at", "W=[1 2; 3 4], x=[1, 1]")
    assert result.exit_code == 0
    assert "no scalar, its shape is 2, so there are no gradients" in result.stderr
    assert [row[-1] for row in rows(result.stdout)] == ["–"] * 3


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["graph", "‖x‖²"], "Missing option '-o'"),
        (
            ["graph", "‖x‖²", "-o", "net.jpg"],
            "ends in .jpg; a picture is a file that ends in .svg, .png, .pdf, .tex or .dot",
        ),
        (["graph", "‖x‖²", "-o", "net"], "has no ending"),
        (["graph", "‖x‖²", "-o", "no/such/folder/net.svg"], "can't write the file"),
        (["graph", "‖x‖²", "-o", "net.svg", "--at", "x=[1 2"], "this bracket is not closed"),
        (["graph", "‖Ax‖²", "-o", "net.svg", "--at", "A=[1 2; 3 4], x=[1, 2, 3]"], "A is 2×2, x has 3 rows"),
        (["graph", "Ax", "-o", "net.svg", "--deltas"], "so it has no deltas"),
        (["graph", "‖Ax‖²", "-o", "net.svg", "--wrt", "q"], "q does not occur"),
        (["eval", "‖Ax‖²"], "Missing option '--at'"),
        (["eval", "‖Ax‖²", "--at", "x=[1, 2]"], "no value was given for A"),
        (["eval", "‖Ax‖²", "--at", "none.npz"], "can't read the file `none.npz`"),
        (["eval", "‖x‖²", "--at", "x=1", "--digits", "99"], "0 to 15 decimals"),
        (["eval", "tr(A", "--at", "A=[1]"], "^"),
    ],
)
def test_what_can_not_be_used(call, arguments, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = call(*arguments)
    assert result.exit_code == 2 and message in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", ["graph", "eval"])
def test_help_has_an_example_that_runs(call, command, tmp_path, monkeypatch):
    import shlex

    monkeypatch.chdir(tmp_path)
    help_text = " ".join(call(command, "--help").stdout.split())
    example = help_text.split("Example: matcalc ")[1].split(" Options:")[0]
    assert call(*shlex.split(example)).exit_code == 0
