"""Figures of matplotlib: what stands in them, their files, and what is said where matplotlib is missing."""

import sys
import zlib

import pytest

pytest.importorskip("matplotlib")

from matplotlib.backends.backend_agg import FigureCanvasAgg  # noqa: E402
from matplotlib.figure import Figure  # noqa: E402
from matplotlib.font_manager import findfont  # noqa: E402
from matplotlib.ft2font import FT2Font  # noqa: E402
from pictured import GRAPHS, NETWORKS, drawn, picture  # noqa: E402

from matcalc import MatcalcError, derive  # noqa: E402
from matcalc.language.names import SYMBOLS  # noqa: E402
from matcalc.pictures.drawing import Outline, Words  # noqa: E402
from matcalc.pictures.figure import _FONTS, figure  # noqa: E402
from matcalc.pictures.saving import save  # noqa: E402

STARTS = {".png": b"\x89PNG\r\n", ".pdf": b"%PDF-"}


def shown(made):
    return [text.get_text() for text in made.axes[0].texts]


def test_the_figure_of_a_derivation():
    made = derive("‖WᵀWx−x‖²", "W").figure(deltas=True)
    assert isinstance(made, Figure)
    assert {"W", "Wᵀ", "I", "zᵢ − xᵢ", "δ⁴ = 2(WᵀWx − x)", "Σa⁴"} <= set(shown(made))
    assert made._repr_png_().startswith(STARTS[".png"])


@pytest.mark.parametrize("at", ["A=[1 2; 3 4; 5 6], s=[1, -1], x=[1 2 3]", {"A": [[1, 2], [3, 4], [5, 6]], "s": [1, -1], "x": [1, 2, 3]}])  # fmt: skip
def test_numbers_in_the_figure(at):
    texts = shown(derive("‖As−x‖²", "s").figure(at=at))
    for number in ("−1", "−2", "−4", "29", "∇A = [−4 4; −6 6; −8 8]"):
        assert any(number in text for text in texts), number


def test_a_formula_of_scalars_is_drawn_as_a_graph():
    made = derive("(x+y)z", "all", {"x": (), "y": (), "z": ()})["x"].figure(at="x=-2, y=5, z=-4")
    assert {"−2", "5", "−4", "3", "−12", "1", "×", "+"} <= set(shown(made))


def test_numbers_that_do_not_fit():
    with pytest.raises(MatcalcError, match="no value was given for s, x"):
        derive("‖As−x‖²", "s").figure(at={"A": [[1.0]]})


def test_jacobians_are_pictured_without_gradients():
    made = derive("tanh(Wx)", "x", kind="jacobian").figure(at="W=[1 2], x=[0, 0]")
    assert "tanh" in shown(made) and not any("gradient" in text for text in shown(made))


@pytest.mark.parametrize("formula", [NETWORKS[2], GRAPHS[1]])
def test_everything_is_drawn_in_its_place(formula):
    drawing = drawn(formula)
    made = figure(drawing)
    axes = made.axes[0]
    assert tuple(made.get_size_inches() * 72) == pytest.approx((drawing.width, drawing.height))
    assert shown(made) == [shape.cell.unicode() for shape in drawing.shapes if isinstance(shape, Words)]
    assert len(axes.patches) == sum(not isinstance(shape, Words) for shape in drawing.shapes)
    outlines = [shape for shape in drawing.shapes if isinstance(shape, Outline)]
    extents = [
        patch.get_path().get_extents() for patch in axes.patches if len(patch.get_path().vertices) == 17
    ]
    for shape, extent in zip(outlines, extents, strict=True):
        assert (extent.width, extent.height) == pytest.approx((shape.width, shape.height))
        assert (extent.x0 + extent.width / 2, extent.y0 + extent.height / 2) == pytest.approx(
            (shape.x, shape.y)
        )


def test_texts_are_no_wider_than_was_thought():
    made = figure(drawn("‖As−x‖² + γ‖A‖²", deltas=True))
    renderer = FigureCanvasAgg(made).get_renderer()
    dpi = made.dpi / 72
    words = [shape for shape in drawn("‖As−x‖² + γ‖A‖²", deltas=True).shapes if isinstance(shape, Words)]
    for shape, text in zip(words, made.axes[0].texts, strict=True):
        assert text.get_window_extent(renderer).width / dpi < shape.width * 1.12 + 2, text.get_text()


@pytest.mark.parametrize("ending", [".png", ".pdf"])
def test_files(tmp_path, ending):
    made = picture("‖WᵀWx−x‖²", deltas=True)
    for name in ("one", "two"):
        save(made, tmp_path / f"{name}{ending}")
    one, two = ((tmp_path / f"{name}{ending}").read_bytes() for name in ("one", "two"))
    assert one.startswith(STARTS[ending]) and len(one) > 5000
    assert one == two, zlib.crc32(one)


def test_the_fonts_have_every_character():
    known = set()
    for name in _FONTS:
        known |= FT2Font(findfont(name)).get_charmap().keys()
    characters = set("".join(SYMBOLS.values())) | set("‖⊙⊘⊗ᵀ⁰¹²³⁴⁵⁶⁷⁸⁹⁻₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗ√Σ∇δ′½¼¾·×÷−→⋮…𝟏π∞")
    assert {character for character in characters if ord(character) not in known} == set()


def test_what_is_said_without_matplotlib(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MatcalcError, match=r"pip install 'matcalc-symbolic\[pictures\]'") as caught:
        derive("‖As−x‖²", "s").figure()
    assert "\n" not in str(caught.value)
