"""The command as a process of its own: encodings, pipes, start-up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COMMAND = [sys.executable, "-m", "matcalc.cli"]


def _run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*COMMAND, *arguments], cwd=ROOT, capture_output=True, env={**os.environ, **environment}, timeout=60
    )


@pytest.mark.parametrize(
    "environment",
    [{"LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "0"}, {"PYTHONIOENCODING": "ascii"}, {"PYTHONIOENCODING": "latin-1"}],
)  # fmt: skip
def test_output_is_utf8_in_any_locale(environment):
    done = _run("grad", "norm2(A*x)^2", "--wrt", "x", **environment)
    assert done.returncode == 0
    assert done.stdout.decode("utf-8").startswith("∇x = 2AᵀAx")
    assert done.stderr == b""


def test_an_argument_that_is_no_text():
    done = subprocess.run(
        [*COMMAND, "grad", b"x\xff", "--wrt", "x"], cwd=ROOT, capture_output=True, timeout=60
    )
    assert done.returncode == 2
    assert done.stderr.startswith(b"Error: ")
    assert b"Traceback" not in done.stderr


def test_a_pipe_that_is_closed_early():
    with subprocess.Popen(
        [*COMMAND, "rules"], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == b""
    assert process.returncode == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_disk_that_is_full():
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COMMAND, "grad", "xᵀx", "--wrt", "x"], cwd=ROOT, stdout=full, stderr=subprocess.PIPE, timeout=60
        )
    assert done.returncode != 0
    assert b"the result can't be written" in done.stderr
    assert b"Traceback" not in done.stderr


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_interrupted(tmp_path):
    pipe = tmp_path / "formula"
    os.mkfifo(pipe)
    with subprocess.Popen(
        [*COMMAND, "grad", f"@{pipe}", "--wrt", "x"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(
            signal.SIGINT, signal.default_int_handler
        ),  # ignored in the background
    ) as process:
        writer = os.open(pipe, os.O_WRONLY)  # waits until the command reads
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        os.close(writer)
    assert process.returncode == 130
    assert errors == b""


def _printed(code: str, **environment: str) -> str:
    """What the code prints in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )
    return done.stdout or done.stderr


@pytest.mark.parametrize(
    ("option", "slow"),
    [
        ("--check", ("sympy", "rich", "numpy.random", "matcalc.printers.escaping", "matcalc.review")),
        ("--no-check", ("sympy", "rich", "numpy", "matcalc.verification")),
    ],
)
def test_a_gradient_does_not_wait_for_slow_imports(option, slow):
    code = (
        "import sys; from matcalc.cli import commands\n"
        f"commands(['grad', '‖As−x‖²', '--wrt', 's', {option!r}], standalone_mode=False)\n"
        f"print([name for name in {slow} if name in sys.modules])"
    )
    assert _printed(code, PYTHONUTF8="1").splitlines()[-1] == "[]"


def test_a_command_does_not_wait_for_the_others():
    code = (
        "import sys; from matcalc.cli import commands\n"
        "commands(['grad', 'x*x', '--wrt', 'x', '--shape', 'x: scalar', '--no-check'], standalone_mode=False)\n"
        "print(*sorted(name for name in sys.modules if name.startswith('matcalc.cli.')))"
    )
    found = _printed(code).splitlines()[-1].split()
    assert found == [f"matcalc.cli.{name}" for name in ("arguments", "grad", "options", "output")]


def test_a_gradient_compiles_few_regular_expressions():
    code = (
        "import re._compiler\n"
        "from matcalc.cli import commands; import matcalc.cli.grad\n"
        "compiled, compile = [], re._compiler.compile\n"
        "re._compiler.compile = lambda *given: compiled.append(given) or compile(*given)\n"
        "commands(['grad', '‖As−x‖²', '--wrt', 's', '--no-check'], standalone_mode=False)\n"
        "print(len(compiled))"
    )
    assert 0 < int(_printed(code, PYTHONUTF8="1").splitlines()[-1]) < 20


@pytest.mark.parametrize(("environment", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "3"}, "3")])
def test_numpy_starts_no_threads_unless_the_user_says_so(environment, threads, monkeypatch):
    monkeypatch.delenv("OPENBLAS_NUM_THREADS", raising=False)
    code = (
        "import os, sys; from matcalc.cli import main; sys.argv[1:] = ['--version']\n"
        "try: main()\n"
        "except SystemExit: print(os.environ['OPENBLAS_NUM_THREADS'])"
    )
    assert _printed(code, **environment).splitlines()[-1] == threads


def test_the_package_alone_imports_neither_numpy_nor_click():
    code = "import sys, matcalc; print([n for n in ('sympy', 'numpy', 'rich', 'click') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout == "[]\n", done.stderr
