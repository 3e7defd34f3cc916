"""The notebook of the examples runs from top to bottom, and shows what its text says."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
pytest.importorskip("ipykernel")

ROOT = Path(__file__).parents[1]
STORY = ROOT / "examples" / "story.ipynb"


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """What each code cell of the story gives, by its source, run by this interpreter with this checkout."""
    kernels = tmp_path_factory.mktemp("jupyter") / "kernels" / "python3"
    kernels.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": command, "display_name": "Python 3", "language": "python"}
    (kernels / "kernel.json").write_text(json.dumps(spec), encoding="utf-8")
    before = dict(os.environ)
    os.environ["JUPYTER_PATH"] = str(kernels.parents[1])
    os.environ["PYTHONPATH"] = str(ROOT)
    try:
        notebook = nbformat.read(STORY, as_version=4)
        nbclient.NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    finally:
        os.environ.clear()
        os.environ.update(before)
    return {cell.source: cell.outputs for cell in notebook.cells if cell.cell_type == "code"}


def shown(outputs, source):
    """The data of what a cell displayed, by type."""
    return [output.data for output in outputs[source] if "data" in output]


def test_the_stored_notebook_has_no_outputs():
    notebook = nbformat.read(STORY, as_version=4)
    nbformat.validate(notebook)
    assert not any(cell.get("outputs") or cell.get("execution_count") for cell in notebook.cells)


def test_no_cell_writes_to_standard_error(outputs):
    assert len(outputs) >= 10
    for source, given in outputs.items():
        assert all(output.get("name") != "stderr" for output in given), source


def test_the_magic_shows_formula_verdict_and_steps(outputs):
    formula, verdict, steps = shown(outputs, "%%matcalc grad --wrt s --steps\n‖As − x‖²")
    assert formula["text/latex"] == "$\\displaystyle \\nabla_{s} = 2 A^{\\top} (A s - x)$"
    assert verdict["text/html"].count("agrees with finite differences") == 1
    assert "(Aᵀδ²)⊙1" in steps["text/html"] and "rules/products.toml: sumsq" in steps["text/html"]


def test_values_of_cells_render(outputs):
    (squares,) = shown(outputs, 'squares = matcalc.derive("Σ√(V(s ⊙ s) + ε)", "s")\nsquares')
    assert squares["text/plain"] == "∇s = Vᵀ(V(s ⊙ s) + ε)^(−1/2) ⊙ s"
    assert squares["text/latex"].startswith("$\\displaystyle \\nabla_{s} = ")
    (steps,) = shown(outputs, "squares.steps")
    assert {"text/plain", "text/markdown", "text/html"} <= set(steps)
    (report,) = shown(outputs, "cost.check()")
    assert report["text/plain"].startswith("agrees with finite differences")
    assert "✓" in report["text/html"]


def test_the_story_tells_of_the_slips(outputs):
    (problem,) = (given for source, given in outputs.items() if source.startswith("try:"))
    assert "must have" in problem[0].text or "has n rows" in problem[0].text
    assert shown(outputs, list(outputs)[-1])[0]["text/plain"] == "True"
