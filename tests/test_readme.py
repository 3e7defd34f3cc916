"""Every command, output and Python line of the README is run, and .ci/run runs its set-up commands."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
ERROR = re.compile(r"\d(\.\d+)?e[-+]\d\d")  # the figure of a check, which rounding moves


def _blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)


def _commands() -> list[tuple[str, str]]:
    """The commands of the console blocks with the output that follows each."""
    found = []
    for block in _blocks("console"):
        for part in re.split(r"^\$ ", block, flags=re.M)[1:]:
            command, _, output = part.partition("\n")
            found.append((command, output))
    return found


@pytest.fixture(scope="module")
def shell(tmp_path_factory):
    """Run a command line where `matcalc` is this checkout's and the README's files lie in the current folder."""
    folder = tmp_path_factory.mktemp("readme")
    for block in _blocks("toml"):
        (folder / block.split()[1]).write_text(block, encoding="utf-8")
    shutil.copytree(ROOT / "examples", folder / "examples")
    programs = folder / "bin"
    programs.mkdir()
    for name, started in (("matcalc", "-m matcalc.cli "), ("python", "")):
        text = f'#!/bin/sh\nexec "{sys.executable}" {started}"$@"\n'
        (programs / name).write_text(text, encoding="utf-8")
        (programs / name).chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ.get('PATH', '')}",
        "PYTHONPATH": str(ROOT),
        "LC_ALL": "C.UTF-8",
        "JAX_PLATFORMS": "cpu",
    }

    def run(command: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=120,
        )
        return done.stdout

    return run


def test_there_are_examples():
    assert len(_commands()) >= 6
    assert len(_blocks("python")) == 1
    assert len(_blocks("sh")) == 2


@pytest.mark.parametrize(("command", "output"), _commands())
def test_command(shell, command, output):
    found = "".join(line.rstrip() + "\n" for line in shell(command).splitlines())
    assert ERROR.sub("…", found) == ERROR.sub("…", output)


def test_python():
    (block,) = _blocks("python")
    test = doctest.DocTestParser().get_doctest(block, {}, "README", "README.md", 0)
    runner = doctest.DocTestRunner()
    report: list[str] = []
    runner.run(test, out=report.append)
    assert not runner.failures, "".join(report)
    assert runner.tries >= 10


def test_continuous_integration_runs_the_set_up_commands():
    script = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert script[0] == "#!/usr/bin/env bash"
    for block in _blocks("sh"):
        assert block.strip() in script
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_every_operation_that_is_typed_is_listed():
    from matcalc.operations import standard

    (row,) = re.findall(r"^\| functions \|.*$", README, re.M)
    (lines,) = re.findall(r"^\| rows, columns \|.*$", README, re.M)
    other = {
        "sum",
        "norm1",
        "norm2",
        "normnuc",
        "normspec",
        "step",
        "dot",
        "outer",
        "polar",
        "leading",
        "sylvester",
    }
    for operation in standard().by_name.values():
        name, _, ending = operation.writes.partition(" ")
        if operation.reads and name not in other and not name.startswith("frechet_"):
            assert name in re.findall(r"[a-z_]+\d?[a-z]?", lines if ending else row), operation.name


def test_every_folder_is_described():
    folders = {
        f"{path.parent.name}/{path.name}"
        for path in (ROOT / "matcalc").iterdir()
        if (path / "__init__.py").exists()
    }
    assert all(f"`{folder}/`" in README for folder in folders)
