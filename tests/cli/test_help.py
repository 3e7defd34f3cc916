"""Every command's help has an example, and the example does what it says."""

import re
import shlex
import shutil

import pytest

from matcalc.cli import commands

NAMES = sorted(commands.commands)


def example_of(text):
    found = re.search(r"\n  Example:\n    (.*)\n", text)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("name", NAMES)
def test_the_example_of_a_command_runs(call, name, tmp_path, monkeypatch, right_rules):
    monkeypatch.chdir(tmp_path)
    shutil.copy(right_rules, tmp_path / "mine.toml")
    (tmp_path / "paper.tex").write_text("% matcalc: grad ‖Ax − b‖² wrt x\n", encoding="utf-8")
    example = example_of(call(name, "--help").stdout).partition("    #")[0]
    words = shlex.split(example.removeprefix('eval "$(').removesuffix(')"'))
    assert words[:2] == ["matcalc", name]
    result = call(*words[1:])
    assert result.exit_code == (1 if name == "check" else 0), result.stderr  # whose claim lacks a transpose
    written = {"graph": "net.svg", "notes": "paper.tex"}
    assert (tmp_path / written[name]).read_text(encoding="utf-8") if name in written else result.stdout


def test_the_group_has_an_example(call):
    assert example_of(call("--help").stdout).startswith("matcalc grad ")
