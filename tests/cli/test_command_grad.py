"""`matcalc grad`: its options, what it prints where, and its exit status."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

ICA = "‖WᵀWx − x‖²"
AGREES = re.compile(r"agrees with finite differences at 3 random points, largest relative error \de[-+]\d\d")


def test_prints_formula_shapes_and_verdict(call):
    result = call("grad", ICA, "--wrt", "W", "--shape", "W: k×n")
    assert result.exit_code == 0
    formula, verdict = result.stdout.splitlines()
    assert formula == "∇W = 2W((WᵀWx − x)xᵀ + x(WᵀWx − x)ᵀ)            W: k×n, x: n"
    assert AGREES.match(verdict)
    assert result.stderr == ""


def test_several_variables_and_all(call):
    both = call("grad", "‖As − x‖²", "--wrt", "s", "--wrt", "x")
    assert re.findall("^∇(.) =", both.stdout, re.M) == ["s", "x"]
    every = call("grad", "‖As − x‖²", "--wrt", "all")
    assert re.findall("^∇(.) =", every.stdout, re.M) == ["A", "s", "x"]
    assert every.stdout.count("A: n×m, s: m, x: n") == 1
    assert len(AGREES.findall(every.stdout)) == 3


def test_formula_from_standard_input_and_from_a_file(call, tmp_path):
    assert "2AᵀAx" in call("grad", "-", "--wrt", "x", text="‖Ax‖²\n").stdout
    file = tmp_path / "formula.tex"
    file.write_text("\\lVert A x \\rVert^2\n", encoding="utf-8")
    assert "2AᵀAx" in call("grad", f"@{file}", "--wrt", "x").stdout


def test_ascii_output_is_ascii(call):
    result = call("grad", "‖As − x‖² + γ‖A‖²", "--wrt", "all", "--shape", "A: m x k", "--format", "ascii")
    assert result.stdout.isascii()
    assert result.stdout.splitlines()[0].split() == (
        "grad A = 2*(A*s - x)*s' + 2*gamma*A A: m x k, s: k, x: m, gamma: scalar".split()
    )


def test_latex_and_sympy_print_the_formula_alone(call):
    result = call("grad", "‖Ax‖²", "--wrt", "x", "--format", "latex")
    assert result.stdout == "2 A^{\\top} A x\n"
    assert AGREES.match(result.stderr)


def test_sympy_source_evaluates_to_the_result(call):
    import sympy

    result = call("grad", "‖Ax‖²", "--wrt", "x", "--format", "sympy", "--no-check")
    assert result.stderr == ""
    names: dict[str, object] = {}
    exec("from sympy import *", names)
    value = eval(result.stdout, names)
    matrix, vector = sympy.Matrix([[1, 2, 3], [4, 5, 6]]), sympy.Matrix([1, 0, 2])
    symbols = {symbol.name: symbol for symbol in value.free_symbols}
    sizes = {symbols.get("n"): 2, symbols.get("m"): 3}
    value = value.subs({size: number for size, number in sizes.items() if size is not None})
    letters = {symbol.name: symbol for symbol in value.atoms(sympy.MatrixSymbol)}
    value = value.subs({letters["A"]: matrix, letters["x"]: vector}).doit()
    assert sympy.Matrix(value) == 2 * matrix.T * matrix * vector


def test_json_has_the_documented_fields(call):
    result = call("grad", "‖As − x‖² + γ‖A‖²", "--wrt", "A", "--wrt", "γ", "--json")
    assert (
        result.stdout
        == call("grad", "‖As − x‖² + γ‖A‖²", "--wrt", "A", "--wrt", "γ", "--format", "json").stdout
    )
    data = json.loads(result.stdout)
    assert data["text"] == "‖As − x‖² + γ‖A‖²"
    first, second = data["derivatives"]
    assert set(first) == {"kind", "wrt", "shape", "formula", "shapes", "notes", "check"}
    assert (first["kind"], first["wrt"], second["wrt"]) == ("gradient", "A", "γ")
    assert first["formula"]["unicode"] == "2(As − x)sᵀ + 2γA"
    assert first["formula"]["ascii"] == "2*(A*s - x)*s' + 2*gamma*A"
    assert first["formula"]["latex"] == r"2 (A s - x) s^{\top} + 2 \gamma A"
    assert (first["shape"], second["shape"]) == (["n", "m"], [])
    assert first["shapes"] == {"A": ["n", "m"], "s": ["m"], "x": ["n"], "γ": []}
    assert first["notes"] == ["‖A‖ was read as the Frobenius norm of a matrix"]
    assert set(first["check"]) == {"ok", "error", "points", "order", "method", "reason"}
    assert (first["check"]["ok"], first["check"]["points"]) == (True, 3)


def test_json_without_a_check_and_with_steps(call):
    data = json.loads(call("grad", "‖As−x‖²", "--wrt", "s", "--json", "--no-check", "--steps").stdout)
    (only,) = data["derivatives"]
    assert only["check"] is None
    assert only["steps"]


def test_steps_print_the_layer_table(call):
    result = call("grad", "‖As−x‖²", "--wrt", "s", "--steps")
    assert result.exit_code == 0
    for title in ("layer", "weight", "f′", "δ"):
        assert title in result.stdout
    assert result.stdout.startswith("∇s = 2Aᵀ(As − x)")
    latex = call("grad", "‖As−x‖²", "--wrt", "s", "--steps", "--format", "latex")
    assert latex.stdout == "2 A^{\\top} (A s - x)\n"
    assert "layer" in latex.stderr
    assert call("grad", "‖As−x‖²", "--wrt", "s", "--steps", "--format", "ascii").stdout.isascii()


def test_no_check_and_seed(call):
    assert call("grad", ICA, "--wrt", "W", "--no-check").stdout.count("\n") == 1
    one, same, other = (
        json.loads(call("grad", ICA, "--wrt", "W", "--json", "--seed", seed).stdout)["derivatives"][0][
            "check"
        ]["error"]
        for seed in ("1", "1", "2")
    )
    assert one == same != other


def test_notes_go_to_standard_error(call):
    result = call("grad", "Σ√(Vssᵀ+ε)", "--wrt", "s")
    assert "outer product" in result.stderr
    assert all(line.startswith("note: ") for line in result.stderr.splitlines())
    assert "note" not in result.stdout


def test_a_variable_that_does_not_occur_has_gradient_zero(call):
    result = call("grad", "xᵀx", "--wrt", "z")
    assert result.exit_code == 0
    assert result.stdout.startswith("∇z = 0 ")
    assert result.stderr == "note: z does not occur in the formula, so its gradient is 0\n"


def test_what_can_not_be_checked_is_said_and_is_no_failure(call):
    result = call("grad", "log(−xᵀx)", "--wrt", "x")
    assert result.exit_code == 0
    assert "not checked: " in result.stdout


def test_status_1_where_the_check_fails(call, wrong_rules):
    result = call("grad", "Σ wish(Ax)", "--wrt", "x", "--rules", wrong_rules)
    assert result.exit_code == 1
    assert "DISAGREES with finite differences" in result.stdout
    assert call("grad", "Σ wish(Ax)", "--wrt", "x", "--rules", wrong_rules, "--no-check").exit_code == 0
    data = json.loads(call("grad", "Σ wish(Ax)", "--wrt", "x", "--rules", wrong_rules, "--json").stdout)
    assert data["derivatives"][0]["check"]["ok"] is False


def test_rules_of_a_user_are_usable_at_once(call, right_rules, wrong_rules):
    result = call("grad", "Σ swish(Ax)", "--wrt", "x", "--rules", right_rules, "--rules", wrong_rules)
    assert result.exit_code == 0
    assert "swish(Ax)" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["xᵀx"], "Missing option '--wrt'"),
        (["--wrt", "x"], "Missing argument 'EXPR'"),
        (["xᵀx", "--wrt", "x", "--format", "pdf"], "'pdf' is not one of"),
        (["xᵀx", "--wrt", "x", "--seed", "-1"], "a seed is 0 or more"),
        (["xᵀx", "--wrt", "x", "--shape", "x: ?"], "no size"),
        (["xᵀx", "--wrt", "x", "--rules", "missing.toml"], "can't read the rule file missing.toml"),
        (["@missing.txt", "--wrt", "x"], "can't read the file `missing.txt`: No such file"),
        (["@.", "--wrt", "x"], "can't read the file `.`"),
        (["1 + 2", "--wrt", "all"], "no variables"),
    ],
)  # fmt: skip
def test_arguments_that_can_not_be_used(call, arguments, says):
    result = call("grad", *arguments)
    assert result.exit_code == 2
    assert says in result.stderr
    assert result.stdout == ""


def test_input_that_is_not_utf8(call, tmp_path):
    result = call("grad", "-", "--wrt", "x", text=b"x\xff")
    assert (result.exit_code, result.stderr) == (
        2,
        "Error: standard input is not UTF-8: byte 2 can't be read\n",
    )
    file = Path(tmp_path) / "long.txt"
    file.write_text("x" * 900_000, encoding="utf-8")
    result = call("grad", f"@{file}", "--wrt", "x")
    assert result.exit_code == 2
    assert "too long" in result.stderr


def test_a_malformed_rule_file(call, tmp_path):
    file = tmp_path / "broken.toml"
    file.write_text("swish = { takes = ", encoding="utf-8")
    result = call("grad", "xᵀx", "--wrt", "x", "--rules", str(file))
    assert result.exit_code == 2
    assert "is not a TOML file" in result.stderr
