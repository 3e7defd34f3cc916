"""`matcalc rules`, `matcalc demo` and what stands before the commands."""

from __future__ import annotations

import matcalc
from matcalc.operations import standard


def test_rules_lists_every_operation(call):
    result = call("rules")
    assert result.exit_code == 0
    rows = result.stdout.splitlines()
    assert rows[0].split() == "operation reads as takes → gives delta rules domain file".split()
    for operation in standard().by_name.values():
        (row,) = (row for row in rows if row.split()[0] == operation.name)
        assert all(rule in row for rule in operation.deltas.values())
        assert operation.domain is None or operation.domain in row


def test_rules_lists_those_of_a_user(call, right_rules):
    last = call("rules", "--rules", right_rules).stdout.splitlines()[-1]
    assert last.split()[:5] == ["swish", "swish", "X", "→", "X"]
    assert last.endswith("swish.toml")


def test_all_shipped_rules_hold(call):
    result = call("rules", "--check")
    assert result.exit_code == 0
    assert result.stdout.endswith("agree with finite differences, 0 failed\n")
    assert "not checked" not in result.stdout


def test_a_wrong_rule_is_named(call, right_rules, wrong_rules):
    result = call("rules", "--check", "--rules", right_rules, "--rules", wrong_rules)
    assert result.exit_code == 1
    failures = [line for line in result.stdout.splitlines() if line.startswith("FAILED: ")]
    assert len(failures) == 1
    assert failures[0].startswith(f"FAILED: wish X ({wrong_rules}): relative error ")
    assert result.stdout.endswith(" 1 failed\n")


def test_a_malformed_line_is_refused(call, tmp_path):
    file = tmp_path / "odd.toml"
    file.write_text('odd = { takes = "X", gives = "X", Z = "D" }', encoding="utf-8")
    result = call("rules", "--check", "--rules", str(file))
    assert result.exit_code == 2
    assert "`Z` is neither a setting nor one of the operands X" in result.stderr


def test_demo_derives_and_checks_the_expressions_of_the_project(call):
    result = call("demo")
    assert result.exit_code == 0
    assert result.stdout.count("$ matcalc grad ") == 5
    assert result.stdout.count("agrees with finite differences") == 5
    assert "∇s = 2Aᵀ(As − x)" in result.stdout
    assert "∇A = 2(As − x)sᵀ + 2γA" in result.stdout
    assert result.stdout.count("layer") >= 5


def test_version_and_help(call):
    assert call("--version").stdout == f"matcalc {matcalc.__version__}\n"
    for arguments in (["--help"], ["grad", "--help"], ["rules", "--help"], ["demo", "--help"]):
        assert call(*arguments).exit_code == 0
    assert call("nonsense").exit_code == 2
