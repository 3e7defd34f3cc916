"""The bench runs and finds matcalc's gradients right; its times are not judged."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_quick_run():
    done = subprocess.run(
        [sys.executable, "tests/bench/gradients.py", "--quick"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    ours, cold, theirs, layers = done.stdout.splitlines()
    found = re.search(r"over (\d+) gradients, (\d+) right", ours)
    assert found is not None and found[1] == found[2]
    assert re.search(r"\d\.\d{3} s$", cold)
    counts = [int(count) for count in re.findall(r"(\d+) (?:right|silently wrong|unanswered)", theirs)]
    assert sum(counts) == int(found[1])
    assert layers.endswith("times as long")
