"""KaTeX and pdflatex, as tests call them.

``MATCALC_KATEX`` names the folder of the npm package; where it is set, as in .ci/run, nothing is left out.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

KATEX = os.environ.get("MATCALC_KATEX")
needs_katex = pytest.mark.skipif(not KATEX, reason="MATCALC_KATEX names no folder of the npm package katex")
needs_pdflatex = pytest.mark.skipif(
    not KATEX and shutil.which("pdflatex") is None, reason="pdflatex is not installed"
)
_PROGRAM = """
const katex = require(process.argv[1]);
const texts = JSON.parse(require("fs").readFileSync(0, "utf8"));
console.log(JSON.stringify(texts.map((text) => {
  try { katex.renderToString(text, {throwOnError: true, strict: "ignore", displayMode: true}); return null; }
  catch (problem) { return String(problem.message); }
})));
"""


def katex_problems(texts: Sequence[str]) -> dict[str, str]:
    """What KaTeX says of the texts that it can't read, all in one process."""
    done = subprocess.run(
        ["node", "-e", _PROGRAM, str(KATEX)],
        input=json.dumps(list(texts)),
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=True,
    )
    return {text: problem for text, problem in zip(texts, json.loads(done.stdout), strict=True) if problem}


def displayed(text: str) -> str:
    """The mathematics of a display as KaTeX reads it: in an environment where it has rows."""
    return (
        f"\\begin{{aligned}}{text}\\end{{aligned}}" if "&" in text and "\\begin{align" not in text else text
    )


def compiled(folder: Path, text: str) -> str:
    """The log of pdflatex for a document; fails the test where it finds an error."""
    (folder / "paper.tex").write_text(text, encoding="utf-8")
    done = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"],
        cwd=folder,
        capture_output=True,
        timeout=120,
    )
    log = (folder / "paper.log").read_text(encoding="utf-8", errors="replace")
    assert done.returncode == 0, "\n".join(line for line in log.splitlines() if re.match(r"!|l\.\d", line))
    assert (folder / "paper.pdf").stat().st_size > 1000
    return log
