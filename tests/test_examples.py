"""The examples run, and say where the sources slip."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

KEY_LINES = {
    "sparse_coding": [
        "∇A = 2(As − x)sᵀ + 2γA",
        "∇s = 2Aᵀ(As − x)",
        "  as ∇A of ‖As − x‖²: DISAGREES with finite differences: the formula is k, but A is m×k",
        "  as ∇s of ‖As − x‖²: agrees with finite differences",
    ],
    "topographic_sparsity": [
        "Vᵀ(V(s ⊙ s) + ε)",
        "  with s⊙s for ssᵀ: agrees with finite differences",
        "Vᵀ(Vssᵀ + ε)^{∘−1/2} is k×k, s is k: they must have the same shape",
    ],
    "ica_reconstruction": [
        "∇W = 2W((WᵀWx − x)xᵀ + x(WᵀWx − x)ᵀ)",
        "Wᵀ·2(WᵀWx − x)xᵀ: Wᵀ is n×k, 2(WᵀWx − x)xᵀ has n rows\n"
        "  Wᵀ·2(WᵀWx − x)xᵀ + 2Wx(WᵀWx − x)ᵀ\n"
        "  ^^^^^^^^^^^^^^^^\n",
        "With W there, W·2(WᵀWx − x)xᵀ + 2Wx(WᵀWx − x)ᵀ:\nagrees with finite differences",
    ],
}


def test_every_example_is_known():
    files = {path.stem for path in (ROOT / "examples").glob("*.py")}
    assert files == {*KEY_LINES, "claims", "sharded"}  # which tests/code/test_sharded.py runs


@pytest.mark.parametrize("name", KEY_LINES)
def test_example(name):
    done = subprocess.run(
        [sys.executable, f"examples/{name}.py"],
        cwd=ROOT,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    for line in KEY_LINES[name]:
        assert line in done.stdout
    for column in ("layer", "weight", "f′", "δ"):
        assert column in done.stdout
