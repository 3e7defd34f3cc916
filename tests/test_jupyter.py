"""What results look like in notebooks, and the magics."""

from __future__ import annotations

import subprocess
import sys

import pytest

import matcalc

pytest.importorskip("IPython")

from IPython.core.interactiveshell import InteractiveShell  # noqa: E402
from IPython.utils.capture import capture_output  # noqa: E402


@pytest.fixture(scope="module")
def shell():
    shell = InteractiveShell.instance()
    shell.run_line_magic("load_ext", "matcalc")
    yield shell
    InteractiveShell.clear_instance()


def run(shell, source):
    with capture_output() as captured:
        shell.run_cell(source)
    return captured


def test_bundles():
    derivation = matcalc.derive("‖As − x‖²", "s")
    bundle = derivation._repr_mimebundle_()
    assert bundle["text/plain"] == repr(derivation)
    assert bundle["text/latex"] == derivation._repr_latex_()
    everything = matcalc.derive("‖As − x‖²", "all")._repr_mimebundle_()
    assert everything["text/latex"].count("&=") == 3
    assert everything["text/plain"].splitlines()[1] == "∇s = 2Aᵀ(As − x)"
    steps = derivation.steps._repr_mimebundle_()
    assert set(steps) == {"text/plain", "text/markdown", "text/html"}
    assert steps["text/html"].startswith('<div class="matcalc">')
    report = derivation.check()._repr_mimebundle_()
    assert "✓" in report["text/html"] and report["text/plain"] == str(derivation.check())


def test_a_report_that_failed_is_red_and_escaped():
    from matcalc.verification.report import CheckReport

    bundle = CheckReport(False, reason="3 < 5")._repr_mimebundle_()
    assert "✗" in bundle["text/html"] and "3 &lt; 5" in bundle["text/html"]
    assert "?" in CheckReport(None, reason="no point")._repr_mimebundle_()["text/html"]


def test_the_report_on_a_claim_has_its_verdict_in_colour_and_its_caret_under_the_place():
    shown = {}
    for claim in ("2Aᵀ(Ax − b)", "2(Ax − b)ᵀA", "2A(Ax − b)"):
        report = matcalc.check("‖Ax − b‖²", "x", claim)
        bundle = report._repr_mimebundle_()
        assert bundle["text/plain"] == str(report)
        shown[report.verdict] = bundle["text/html"]
    assert "✓ equal</b>" in shown["equal"] and "#0a7d32" in shown["equal"]
    assert "? right up to a convention</b>" in shown["right up to a convention"]
    assert "✗ wrong</b>" in shown["wrong"] and "\n  2A(Ax − b)\n  ^^^^" in shown["wrong"]


def test_the_cell_magic(shell):
    found = run(shell, "%%matcalc grad --wrt W --steps\n‖WᵀWx − x‖²\n")
    formula, verdict, steps = (output.data for output in found.outputs)
    assert formula["text/plain"] == "∇W = 2W((WᵀWx − x)xᵀ + x(WᵀWx − x)ᵀ)"
    assert "agrees with finite differences" in verdict["text/html"]
    assert "transpose of a product" in steps["text/html"]
    assert found.stderr == ""


def test_a_program_in_a_cell(shell):
    source = "%%matcalc grad --wrt U --no-check\nh1 = tanh(U h0)\nL = ½‖h1 − t‖²\n"
    (formula,) = (output.data for output in run(shell, source).outputs)
    assert "where h₁ = tanh(Uh₀)" in formula["text/plain"]


def test_the_line_magic_and_the_default_command(shell):
    (formula, _) = (output.data for output in run(shell, "%matcalc '‖As − x‖²' --wrt s").outputs)
    assert formula["text/plain"] == "∇s = 2Aᵀ(As − x)"
    (jacobian,) = run(shell, "%matcalc jacobian 'softmax(x)' --wrt x --no-check").outputs
    assert "diag(y) − yyᵀ" in jacobian.data["text/plain"]


def test_notes_and_other_commands_are_printed(shell):
    assert "note: " in run(shell, "%matcalc 'Σ√(Vssᵀ+ε)' --wrt s --no-check").stdout
    assert "def value_and_gradient" in run(shell, "%%matcalc code --wrt x\n‖Ax‖²").stdout
    latex = run(shell, "%matcalc '‖As − x‖²' --wrt s --format latex --no-check")
    assert latex.stdout == "2 A^{\\top} (A s - x)\n" and not latex.outputs


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("%%matcalc --wrt x\n‖Ax", "this `‖` is never closed"),
        ("%matcalc grad 'x", "can't be read"),
        ("%%matcalc --wrong\n‖Ax‖²", "--wrong"),
        ("%%matcalc grad\n‖Ax‖²", "--wrt"),
    ],
)
def test_what_can_not_be_done_is_one_error(shell, source, message):
    found = run(shell, source)
    assert message in found.stderr and "Traceback" not in found.stderr + found.stdout
    assert not found.outputs


def test_ipython_is_imported_late():
    code = "import sys, matcalc; matcalc.derive('‖x‖²', 'x').unicode(); print('IPython' in sys.modules, 'rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]
