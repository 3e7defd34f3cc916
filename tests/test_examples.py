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
        "wrong: the claim is k, but the gradient is m×k, as A is\nthis is the gradient in s, not in A\nright is 2(As − x)sᵀ",
    ],
    "topographic_sparsity": [
        "Vᵀ(V(s ⊙ s) + ε)",
        "ssᵀ is an outer product, taken for the elementwise square: with that in its place,"
        " Vᵀ(V(s ⊙ s) + ε)^(−1/2) ⊙ s is the gradient of Σ√(V(s ⊙ s) + ε)",
    ],
    "ica_reconstruction": [
        "∇W = 2W((WᵀWx − x)xᵀ + x(WᵀWx − x)ᵀ)",
        "wrong: Wᵀ·2(WᵀWx − x)xᵀ: Wᵀ is n×k, 2(WᵀWx − x)xᵀ has n rows\n"
        "  Wᵀ·2(WᵀWx − x)xᵀ + 2Wx(WᵀWx − x)ᵀ\n"
        "  ^^^^^^^^^^^^^^^^\n",
        "a transpose too many: Wᵀ should be W\nright is W(2(WᵀWx − x)xᵀ) + 2Wx(WᵀWx − x)ᵀ",
    ],
}


def test_every_example_is_known():
    files = {path.stem for path in (ROOT / "examples").glob("*.py")}
    assert files == {*KEY_LINES, "showing", "sharded"}  # which tests/code/test_sharded.py runs


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
