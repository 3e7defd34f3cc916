"""What an installed matcalc needs is declared and shipped."""

from __future__ import annotations

import tomllib
from importlib import import_module
from pathlib import Path

import matcalc
from matcalc.operations import shipped_rules

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def test_name_and_version():
    assert PROJECT["project"]["name"] == "matcalc-symbolic"
    assert PROJECT["project"]["version"] == matcalc.__version__


def test_the_command_exists():
    module, _, function = PROJECT["project"]["scripts"]["matcalc"].partition(":")
    assert callable(getattr(import_module(module), function))


def test_the_rules_are_in_the_wheel():
    wheel = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert wheel["force-include"] == {"rules": "matcalc/rules"}
    assert wheel["packages"] == ["matcalc"]
    names = {path.name for path in Path(shipped_rules()).glob("*.toml")}
    assert names == {path.name for path in (ROOT / "rules").glob("*.toml")} != set()


def test_what_is_imported_is_declared():
    declared = {requirement.split(">")[0] for requirement in PROJECT["project"]["dependencies"]}
    assert {"sympy", "numpy", "click", "rich"} <= declared


def test_the_top_level_holds_what_it_should():
    for name in (
        "pyproject.toml",
        "matcalc",
        "rules",
        "tests",
        "examples",
        "README.md",
        "LICENSE",
        ".ci/run",
    ):
        assert (ROOT / name).exists(), name
