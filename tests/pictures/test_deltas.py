"""The lines of long deltas: each is the delta of its node, made of those of the nodes that use it."""

import numpy as np
import pytest
from pictured import units

from matcalc.evaluation import assumed_shapes, functions
from matcalc.graph.node import variables
from matcalc.naming import names_of
from matcalc.pictures.deltas import delta_letter, steps_back, written_deltas
from matcalc.pictures.graph_picture import shown_nodes
from matcalc.pictures.making import picture_of_reading
from matcalc.printers.tables.cells import Scribe
from matcalc.reading import read

RANDOM = np.random.default_rng(5)


def random(*shape):
    return RANDOM.normal(size=shape)


CASES = [
    ("h = tanh(U g + P x)\nk = tanh(U h + P y)\n‖k − t‖² + ε‖U‖²", {"U": random(3, 3), "g": random(3), "P": random(3, 2), "x": random(2), "y": random(2), "t": random(3), "ε": random()}),
    (units(2).partition(" where")[0], {name: random() for name in ("x", "y", "t", *(f"{letter}{i}" for letter in "abcv" for i in (1, 2)))}),
    ("Σ √((A X + α) ⊙ (A X + α) + exp(X B)) + log(‖X‖²)·tr(AXB)", {"A": random(3, 3), "X": random(3, 3), "α": random(), "B": random(3, 3)}),
    ("Σᵢ (wᵀxᵢ − yᵢ)² exp(wᵀw·‖w‖) + log(Σ_i exp(X[i,:]w)·y[i]²)", {"w": random(2), "X": random(4, 2), "y": random(4)}),
]  # fmt: skip


def lines_of(formula, arrays):
    reading = read(formula, None, (), assumed_shapes(arrays))
    names = names_of(reading)
    scribe = Scribe(reading.operations, frozenset(reading.shapes), names=names)
    nodes = shown_nodes(reading.value)
    return reading, names, steps_back(reading, names, nodes, scribe), nodes, scribe


@pytest.mark.parametrize(("formula", "arrays"), CASES)
def test_each_line_is_the_delta(formula, arrays):
    reading, names, (_, lines), *_ = lines_of(formula, arrays)
    assert len(lines) >= 3
    numbers: dict[str, object] = {}
    for line in lines.values():
        (value,) = functions(names.open([line.full]), reading)(**arrays)
        numbers[str(line.placeholder.data)] = value
    used = 0
    for line in lines.values():
        (step,) = names.open([line.step])
        known = [node for node in variables([step]) if str(node.data) in numbers]
        used += len(known)
        given = {**arrays, **{str(node.data): numbers[str(node.data)] for node in known}}
        (value,) = functions([step], reading)(**given)
        np.testing.assert_allclose(value, numbers[str(line.placeholder.data)], rtol=1e-9, atol=1e-12)
        # a line is made of those above it
        assert all(int(str(node.data)[6:-1]) < line.number for node in known)
    assert used >= 2


@pytest.mark.parametrize(("formula", "arrays"), CASES)
def test_every_symbol_has_a_line(formula, arrays):
    reading, names, _, nodes, scribe = lines_of(formula, arrays)
    at_node, legend = written_deltas(reading, names, nodes, scribe)
    lines = [str(line) for line in legend]
    assert [line.split(" = ")[0] for line in lines] == [
        f"δ{sub(number)}" for number in range(1, len(lines) + 1)
    ]
    shown = " ".join(map(str, at_node.values()))
    assert all(f"δ{sub(number)}" in shown for number in range(1, len(lines) + 1))
    assert f"δ{sub(len(lines) + 1)}" not in shown + " ".join(lines)


def sub(number):
    return str(number).translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉"))


def test_short_deltas_stand_at_their_nodes():
    made = picture_of_reading(read("‖As−x‖² + γ‖A‖²"), True)
    assert {str(node.label): str(node.delta) for node in made.nodes if node.form == "variable"} == {
        "A": "2(As − x)sᵀ + 2γA",
        "s": "2Aᵀ(As − x)",
        "x": "2(x − As)",
        "γ": "‖A‖²",
    }
    assert made.legend == ()


def test_the_letter_is_free():
    assert delta_letter(read("‖As−x‖²")) == "delta"
    assert delta_letter(read("δ‖As−x‖²")) == "Delta"
    made = picture_of_reading(read("δ1‖As−x‖² + ‖s‖² where δ1: scalar"), True)
    assert not any(str(line).startswith("δ₁") for line in made.legend)
