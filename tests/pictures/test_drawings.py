"""What a drawing shows, where it stands, and the files that it becomes."""

import re
import shutil
import subprocess
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from pictured import GRAPHS, NETWORKS, deep, drawn, overlaps, picture, tied, units

from matcalc import MatcalcError
from matcalc.pictures.dot import dot
from matcalc.pictures.drawing import Curve, Outline, Words, tie_colour
from matcalc.pictures.making import MOST_IN_DOT, picture_for, picture_of_reading
from matcalc.pictures.point import arrays_at
from matcalc.pictures.saving import ENDINGS, picture_file, save
from matcalc.pictures.svg import svg
from matcalc.pictures.tikz import tikz
from matcalc.printers.tables.cells import words
from matcalc.reading import read

SVG = "{http://www.w3.org/2000/svg}"
EVERY = [*NETWORKS, *GRAPHS]

every = pytest.mark.parametrize("formula", EVERY)


def texts(data):
    root = ElementTree.fromstring(data)
    return [element.text for element in root.iter(f"{SVG}text")]


def test_the_kinds():
    assert {picture(formula).kind for formula in NETWORKS} == {"network"}
    assert {picture(formula).kind for formula in GRAPHS} == {"graph"}


def test_they_are_as_large_as_they_are_meant():
    counts = [len(picture(formula).nodes) for formula in EVERY]
    assert min(counts) <= 5 and max(counts) >= 60


@every
@pytest.mark.parametrize("deltas", [False, True])
def test_boxes_are_apart_and_words_are_inside_the_frame(formula, deltas):
    drawing = drawn(formula, deltas)
    assert overlaps(drawing) == []
    for shape in drawing.shapes:
        if isinstance(shape, Words):
            left = shape.x if shape.anchor == "start" else shape.x - shape.width / 2
            assert left >= 0 and left + shape.width <= drawing.width + 1e-6
            assert 0 <= shape.y <= drawing.height


@every
@pytest.mark.parametrize("deltas", [False, True])
def test_words_do_not_cover_each_other(formula, deltas):
    words = [shape for shape in drawn(formula, deltas).shapes if isinstance(shape, Words)]
    boxes = []
    for word in words:
        left = word.x if word.anchor == "start" else word.x - word.width / 2
        boxes.append(
            (left + 0.5, left + word.width - 0.5, word.y - word.size * 0.4, word.y + word.size * 0.4)
        )
    for place, one in enumerate(boxes):
        for other in boxes[:place]:
            apart = one[0] >= other[1] or other[0] >= one[1] or one[2] >= other[3] or other[2] >= one[3]
            assert apart, (formula, one, other)


@every
def test_svg_is_well_formed_and_has_every_variable(formula):
    reading = read(formula)
    made = picture_of_reading(reading)
    shown = " ".join(filter(None, texts(picture_file(made, ".svg"))))
    from matcalc.language.names import unicode_name

    for name in reading.shapes:
        assert unicode_name(name) in shown, name


def test_weights_stand_on_the_edges():
    for formula, weights in (
        ("‖As−x‖²", ["A", "I"]),
        ("Σ√(V(s⊙s)+ε)", ["I", "V", "I"]),
        ("‖WᵀWx−x‖²", ["W", "Wᵀ", "I"]),
    ):
        made = picture(formula)
        assert [str(edge.label) for edge in made.edges if edge.label] == weights
        shown = texts(svg(drawn(formula)).encode())
        assert all(shown.count(weight) >= weights.count(weight) for weight in weights)


def test_activations_and_deltas_are_those_of_the_layer_table():
    from matcalc import derive

    made = picture("Σ√(V(s⊙s)+ε)", deltas=True)
    steps = derive("Σ√(V(s⊙s)+ε)", "s").steps
    for node, row in zip(made.nodes, reversed(steps.rows), strict=False):
        assert str(node.label) == str(row.activation)
        assert str(node.delta) == f"δ{'⁰¹²³⁴'[row.layer]} = {row.delta}"
    assert str(made.nodes[-1].label) == "Σa⁴"


def test_long_slopes_are_written_short():
    made = picture("‖tanh(Wx + Uy + b) − t‖²", deltas=True)
    assert all(len(str(node.delta)) < 40 for node in made.nodes if node.delta)
    made = picture(deep(4), deltas=True)
    assert "⊙f′" in " ".join(str(node.delta) for node in made.nodes)
    assert str(made.legend[0]).startswith("δ⁹ = ")


def edges_by_colour(formula):
    colours: dict[str, int] = {}
    for shape in drawn(formula).shapes:
        if isinstance(shape, Curve):
            colours[shape.stroke] = colours.get(shape.stroke, 0) + 1
    return colours


def test_tied_weights_have_one_colour():
    assert edges_by_colour("‖WᵀWx−x‖²")[tie_colour(0)] == 18  # two bundles of 3·3
    assert edges_by_colour("‖As−x‖²").keys() == {tie_colour(None)}
    made = picture(tied(5))
    assert {edge.tie for edge in made.edges if str(edge.label) == "W"} == {0}
    assert {edge.tie for edge in made.edges if str(edge.label) == "I"} == {None}


def test_uses_of_one_variable_have_one_colour_in_a_graph():
    made = picture("‖As−x‖² + γ‖A‖²")
    (weight,) = (node for node in made.nodes if str(node.label) == "A")
    assert weight.tie is not None
    assert {edge.tie for edge in made.edges if edge.source == weight.key} == {weight.tie}
    assert all(edge.tie is None for edge in made.edges if edge.source != weight.key)


def test_units_of_known_sizes_are_all_drawn():
    boxes = [
        shape
        for shape in drawn("‖Ax − b‖²", shapes="A: 3×2, x: 2, b: 3").shapes
        if isinstance(shape, Outline)
    ]
    assert len(boxes) == 2 + 3 + 3 + 1


def test_numbers_stand_at_the_units():
    arrays = arrays_at("W=[1 2 3; 4 5 6], x=[1, -1, 2]")
    made = picture_of_reading(read("‖WᵀWx−x‖²", "W: 2×3, x: 3"), False, arrays)
    first, second = made.nodes[:2]
    assert [str(unit.value) for unit in first.units] == ["1", "−1", "2"]
    assert [str(unit.value) for unit in second.units] == ["5", "11"]
    assert [str(unit.gradient) for unit in second.units] == ["834", "1992"]
    assert "∇W = [1314 −174 2458; 3048 −540 5722]" in str(made.legend[-1])
    assert str(made.legend[0]) == "the gradient of x adds up all its uses"


def test_a_variable_may_choose_the_network():
    reading = read("Σ softmax(x)⊙t")
    assert picture_for(reading, None).kind == "graph"
    assert picture_for(reading, "t").kind == "network"


@pytest.mark.parametrize("formula", ["γ", "3", "2 + 3", "x where x: scalar"])
def test_the_smallest_pictures(formula):
    made = picture(formula)
    assert len(made.nodes) == 1
    for ending in (".svg", ".tex", ".dot"):
        assert picture_file(made, ending)


def test_deltas_need_a_scalar():
    with pytest.raises(MatcalcError, match="no scalar, its shape is n, so it has no deltas"):
        picture("tanh(Wx)", deltas=True)
    with pytest.raises(MatcalcError, match="no network of x"):
        picture_for(read("tanh(Wx)"), "x")
    with pytest.raises(MatcalcError, match="q does not occur"):
        picture_for(read("‖Wx‖²"), "q")


def test_too_many_nodes_are_refused():
    for formula in (units(40), deep(160)):
        reading = read(formula)
        for deltas in (False, True):
            with pytest.raises(MatcalcError, match="at most 300 are drawn; in a .dot file"):
                picture_of_reading(reading, deltas)
    made = picture_of_reading(read(units(40)), most=MOST_IN_DOT)
    assert dot(made).count("->") == len(made.edges)
    with pytest.raises(MatcalcError, match="at most 2000 are drawn$"):
        picture_of_reading(read(units(200)), most=MOST_IN_DOT)


def test_a_deep_network_takes_rows_of_a_page():
    drawing = drawn(deep(10))
    assert drawing.width < 1200 and drawing.height < 1200


# Files -------------------------------------------------------------------------------------------------------

EVIL = "<b>&\"'\\]]>--%"


@pytest.fixture
def evil():
    """A picture of names that no formula has: printers must not rely on that."""
    made = picture("‖As−x‖² + γ‖A‖²", True)
    nodes = [
        replace(node, label=words(EVIL, latex="x"), caption=words(EVIL, latex="x")) for node in made.nodes
    ]
    edges = [replace(edge, label=words(EVIL, latex="x")) for edge in made.edges]
    title = words(EVIL + "\n\\", EVIL + "\n\\")
    return replace(
        made, title=title, nodes=tuple(nodes), edges=tuple(edges), legend=(words(EVIL, latex="x"),)
    )


def test_names_are_text_and_never_markup(evil):
    assert texts(picture_file(evil, ".svg")).count(EVIL) == 1 + 2 * len(evil.nodes)
    check_dot(dot(evil))
    first, *rest = picture_file(evil, ".tex").decode().splitlines()
    assert first.startswith("% ") and "<b>" not in " ".join(rest)


STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
STATEMENT = re.compile(r"(?:n\d+(?: -> n\d+)?|graph|node|edge)(?: \[(?:\w+=(?:S|H|[\w.#]+)(?:, )?)+\])?;")


def check_dot(text):
    """Whether a text is what Graphviz's grammar takes: statements, strings, and HTML labels that are XML."""
    lines = text.strip().splitlines()
    assert lines[0] == "digraph matcalc {" and lines[-1] == "}"
    for line in lines[1:-1]:
        label = re.search(r"label=<(.*)>\];$", line)
        if label:
            ElementTree.fromstring(f"<label>{label[1]}</label>")
            line = line[: label.start()] + "label=H];"
        assert STATEMENT.fullmatch(STRING.sub("S", line.strip())), line


@every
@pytest.mark.parametrize("deltas", [False, True])
def test_dot(formula, deltas):
    made = picture(formula, deltas)
    check_dot(dot(made))
    for edge in made.edges:
        assert f"n{edge.source} -> n{edge.target}" in dot(made)


@pytest.mark.skipif(shutil.which("dot") is None, reason="Graphviz is not installed")
@every
def test_graphviz_reads_it(formula):
    subprocess.run(
        ["dot", "-Tsvg"], input=dot(picture(formula)).encode(), check=True, stdout=subprocess.DEVNULL
    )


@every
def test_tikz_is_balanced(formula):
    text = tikz(drawn(formula, deltas=True))
    assert text.isascii()
    assert text.count("{") == text.count("}") and text.count("\\begin{tikzpicture}") == 1
    assert all(line.endswith((";", "}", "]")) or line.startswith("%") for line in text.splitlines())


def has_tikz():
    if shutil.which("pdflatex") is None or shutil.which("kpsewhich") is None:
        return False
    return bool(subprocess.run(["kpsewhich", "tikz.sty"], stdout=subprocess.PIPE).stdout.strip())


@pytest.mark.skipif(not has_tikz(), reason="pdflatex with TikZ is not installed")
def test_tikz_compiles_without_amsmath(tmp_path, evil):
    arrays = arrays_at("W=[1 2 3; 4 5 6.5], x=[1, -1, 2]")
    made = [picture(formula, deltas) for formula in EVERY for deltas in (False, True)]
    made += [evil, picture("log det [A B; C D] where A: m×m, D: p×p", True)]
    made.append(picture_of_reading(read("‖WᵀWx−x‖²", "W: 2×3, x: 3"), True, arrays))
    for number, each in enumerate(made):
        save(each, tmp_path / f"p{number}.tex")
    inputs = "\n\\newpage\n".join(f"\\input{{p{number}.tex}}" for number in range(len(made)))
    text = (
        "\\documentclass{article}\\usepackage{tikz}"
        f"\\begin{{document}}\\pagestyle{{empty}}\n{inputs}\n\\end{{document}}\n"
    )
    (tmp_path / "all.tex").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "all.tex"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]
    assert (tmp_path / "all.pdf").read_bytes().startswith(b"%PDF")


def test_endings(tmp_path):
    made = picture("‖As−x‖²")
    for ending in (".svg", ".tex", ".dot", ".SVG"):
        save(made, tmp_path / f"net{ending}")
        assert (tmp_path / f"net{ending}").stat().st_size > 500
    for name in ("net.jpg", "net", "svg"):
        with pytest.raises(MatcalcError) as caught:
            save(made, tmp_path / name)
        assert all(ending in str(caught.value) for ending in ENDINGS)
