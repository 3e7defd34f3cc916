"""`check_rules`: right rules pass, wrong ones are named, and what can't be read or computed is no crash."""

from __future__ import annotations

import pytest

from matcalc.operations import load, standard
from matcalc.verification.rules import _delta_checks, check_operation, check_rewrites, check_rules

RIGHT = (
    'swish = { takes = "X", gives = "X", value = "X .* sigmoid(X)", X = "D .* (Y + sigmoid(X) .* (1 - Y))" }'
)


def _reports(tmp_path, *lines, seed=0):
    """The reports of a user's lines alone."""
    file = tmp_path / "mine.toml"
    file.write_text("\n".join(lines), encoding="utf-8")
    table, shipped = load([file]), {name for name, _, _ in standard().rewrites}
    mine = [operation for operation in table.by_name.values() if operation.source == str(file)]
    reports = [report for operation in mine for report in check_operation(operation, table, seed)]
    reports += [report for report in check_rewrites(table, seed) if report.name not in shipped]
    return {report.name: report for report in reports}


def test_every_shipped_delta_rule_is_checked_and_holds():
    reports = check_rules(standard())
    named = {report.name for report in reports}
    for operation in standard().by_name.values():
        assert {f"{operation.name} {operand}" for operand in operation.deltas} <= named
        assert operation.transpose is None or f"{operation.name} transpose" in named
    assert {name for name, _, _ in standard().rewrites} <= named
    assert [report for report in reports if report.verdict != "ok"] == []


def test_a_right_rule_of_a_user_holds(tmp_path):
    assert _reports(tmp_path, RIGHT)["swish X"].verdict == "ok"


@pytest.mark.parametrize(
    ("line", "name"),
    [
        (RIGHT.replace("(1 - Y)", "(1 + Y)"), "swish X"),
        ('twice = { takes = "X", gives = "X", value = "2*X", X = "D" }', "twice X"),
        ('gram = { takes = "X: m×n", gives = "n×n", value = "X\'*X", X = "X*D\'" }', "gram X"),
        ('sandwich = { takes = "A: m×n, B: n×n", gives = "m×n", value = "A*B", A = "D*B", B = "A\'*D" }', "sandwich A"),
        ('inv = { takes = "Z: n×n", gives = "n×n", numpy = "inv", Z = "-Y*D*Y" }', "inv Z"),
        ('total = { takes = "X: m×n", gives = "scalar", value = "sum(X)", X = "D*X" }', "total X"),
        ('gram = { takes = "X: n×n", gives = "n×n", value = "X\'*X", transpose = "ignores" }', "gram transpose"),
        ('square = "exp(X) .* exp(X) -> exp(X)"', "square"),
        ('flat = "sign(X) * X ./ abs(X) -> 1"', "flat"),  # right for scalars
        ('ones = "exp(X) -> vector(1)"', "ones"),
        ('turned = "sin(X) ./ tan(X) -> cos(X\')"', "turned"),  # conforms for square matrices only
    ],
)  # fmt: skip
def test_a_wrong_line_fails_with_figures(tmp_path, line, name):
    reports = _reports(tmp_path, line)
    assert [report.name for report in reports.values() if report.verdict == "FAILED"] == [name]
    assert "relative error" in reports[name].check.reason


@pytest.mark.parametrize(
    ("line", "name", "why"),
    [
        ('mystery = { takes = "X", gives = "X", X = "D" }', "mystery X", "say how to compute it"),
        ('mystery = { takes = "X", gives = "X" }', "mystery", "say how to compute it"),
        ('mystery = { takes = "X", gives = "X", numpy = "none", X = "D" }', "mystery X", "there is no kernel `none`"),
        ('open = { takes = "X", gives = "X", value = "2*(X", X = "2*D" }', "open X", "never closed"),
        ('open = { takes = "X", gives = "X", value = "2*X", X = "2*(D" }', "open X", "never closed"),
        ('loop = { takes = "X", gives = "X", value = "loop(X)", X = "D" }', "loop X", "is defined by itself"),
        ('bound = { takes = "X", gives = "X", value = "2*X", X = "2*D", domain = "X >" }', "bound X", "the domain `X >`"),
        ('wide = { takes = "X: m×n", gives = "m×n", value = "2*X", X = "2*D\'" }', "wide X", "the same shape"),
        ('half = "exp(X -> exp(X)"', "half", "never closed"),
        ('half = "diag(X) -> X"', "half", "the same shape"),
        ('same = "X -> X"', "same", "`X` is never replaced"),
        ('turned = "(X\')\' -> X"', "turned", "is never replaced"),
        ('inner = "exp(2*X) -> exp(X).^2"', "inner", "applies no function to X"),
        ('loop = "exp(X) -> exp(X)"', "loop", "round in a circle"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_or_computed_has_failed(tmp_path, line, name, why):
    report = _reports(tmp_path, line)[name]
    assert report.verdict == "FAILED"
    assert why in report.check.reason


def test_where_no_point_is_found_nothing_is_claimed(tmp_path):
    line = 'never = { takes = "X", gives = "X", value = "2*X", X = "2*D", domain = "X .* X < 0" }'
    report = _reports(tmp_path, line)["never X"]
    assert report.verdict == "not checked"
    assert "X .* X < 0" in report.check.reason


def test_what_holds_for_2_rows_only_does_not_pass(tmp_path):
    line = 'even = { takes = "Z: n×n", gives = "scalar", value = "log(det(-Z))", Z = "D*inv(Z)\'", domain = "det(Z) > 0" }'
    assert _reports(tmp_path, line)["even Z"].verdict == "not checked"
    line = 'two = { takes = "X: m×n", gives = "scalar", value = "sum(X)*tr(X*X\'*inv(X*X\'))", X = "2*D" }'
    assert _reports(tmp_path, line)["two X"].verdict == "FAILED"


def test_rules_are_tried_for_wide_and_tall_matrices_of_even_and_odd_sizes():
    matmul = standard()["matmul"]
    sizes = [check.sizes for check in _delta_checks(matmul, "A", standard(), 0) if len(check.sizes) == 3]
    for one, other in (("m", "k"), ("k", "n"), ("m", "n")):
        assert {each[one] < each[other] for each in sizes} == {True, False}
    for letter in "mkn":
        assert {each[letter] % 2 for each in sizes} == {0, 1}


def test_a_value_is_compared_with_the_kernel(tmp_path):
    line = 'gap = { takes = "X: m×n", gives = "scalar", numpy = "sum", value = "sum(X)", X = "D + D*0*X" }'
    reports = _reports(tmp_path, line, line.replace("gap", "off").replace('"sum(X)"', '"sum(X) + 1"'))
    assert reports["gap value"].verdict == "ok"
    assert reports["off X"].verdict == "ok"
    assert reports["off value"].verdict == "FAILED"


def test_of_rewrites_in_a_circle_the_last_is_blamed(tmp_path):
    there, back = 'there = "sin(X) -> -sin(-X)"', 'back = "cosh(X) -> cosh(-X)"'
    right = 'right = "sin(X) ./ tan(X) -> cos(X)"'
    reports = _reports(tmp_path, right, there, back)
    assert {name: report.verdict for name, report in reports.items()} == {
        "right": "ok",
        "there": "FAILED",
        "back": "FAILED",
    }
    reports = _reports(tmp_path, 'tan = "tan(X) -> sin(X) ./ cos(X)"')  # a shipped line the other way round
    assert reports["tan"].verdict == "FAILED"
    assert "circle" in reports["tan"].check.reason


def test_an_identity_of_a_sum_is_usable(tmp_path):
    report = _reports(tmp_path, 'pythagoras = "sin(X).^2 + cos(X).^2 -> 1 + 0*X"')["pythagoras"]
    assert report.verdict == "ok"


def test_an_operand_without_a_rule_is_left_out(tmp_path):
    line = 'part = { takes = "A, B", gives = "A", value = "A .* B", A = "D .* B" }'
    assert list(_reports(tmp_path, line)) == ["part A"]


def test_a_rule_that_is_wrong_for_vectors_only_fails(tmp_path):
    line = 'columns = { takes = "X: m×n", gives = "scalar", value = "sum(X)", X = "D*vector(1)*vector(1)\'" }'
    assert _reports(tmp_path, line)["columns X"].verdict == "FAILED"
