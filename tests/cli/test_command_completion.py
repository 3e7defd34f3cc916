"""``matcalc completion``: scripts that shells can read, and what they are told."""

import os
import shutil
import subprocess
import sys

import pytest


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_names_the_command(call, shell):
    result = call("completion", shell)
    assert result.exit_code == 0
    assert "_MATCALC_COMPLETE=" in result.stdout and "matcalc" in result.stdout
    if shutil.which(shell):
        checked = subprocess.run([shell, "-n"], input=result.stdout, text=True, capture_output=True)
        assert (checked.returncode, checked.stderr) == (0, "")


def test_an_unknown_shell_is_an_error(call):
    result = call("completion", "tcsh")
    assert result.exit_code == 2 and "'bash', 'zsh', 'fish'" in result.stderr


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("matcalc he", "hessian"), ("matcalc grad --w", "--wrt"), ("matcalc code --t", "--to")],
)
def test_what_is_offered(typed, offered):
    words = typed.split()
    done = subprocess.run(
        [sys.executable, "-c", "from matcalc.cli import main; main()"],
        env={
            **os.environ,
            "_MATCALC_COMPLETE": "bash_complete",
            "COMP_WORDS": typed,
            "COMP_CWORD": str(len(words) - 1),
        },
        capture_output=True,
        text=True,
    )
    assert f"plain,{offered}" in done.stdout.split()
