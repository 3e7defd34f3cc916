"""`matcalc grad --assume`: repeatable, several at once, with its errors at their place."""

from __future__ import annotations

import json


def test_assumptions_of_several_options_count_together(call):
    result = call(
        "grad",
        "uᵀSu + aᵀSb",
        "--wrt",
        "all",
        "--assume",
        "S: symmetric; u: unit",
        "--assume",
        "a, b: constant",
    )
    assert result.exit_code == 0
    lines = [line.split("  ")[0] for line in result.stdout.splitlines() if line.startswith("∇")]
    assert lines == ["∇u = 2Su − 2(uᵀSu)u", "∇S = uuᵀ + ½abᵀ + ½baᵀ"]
    assert "note: S is symmetric: this is the projection (G + Gᵀ)/2" in result.stderr


def test_the_cookbooks_rule(call):
    result = call(
        "grad", "xᵀSx", "--wrt", "S", "--assume", "S: symmetric", "--symmetric-rule", "cookbook", "--json"
    )
    (derivative,) = json.loads(result.stdout)["derivatives"]
    assert derivative["formula"]["ascii"] == "2*x*x' - diag(x .* x)"
    assert derivative["check"]["ok"] is True
    assert any("Matrix Cookbook" in note for note in derivative["notes"])


def test_an_unknown_structure_is_shown_where_it_stands(call):
    result = call("grad", "xᵀSx", "--wrt", "S", "--assume", "S: symetric")
    assert result.exit_code == 2 and result.stdout == ""
    assert "`symetric` is no structure; a variable can be assumed symmetric, spd" in result.stderr
    assert "  S: symetric\n  ^^^" in result.stderr


def test_steps_name_the_projection(call):
    result = call("grad", "xᵀSy", "--wrt", "S", "--assume", "S: skew", "--steps", "--format", "ascii")
    assert "\nG = x*y'\ngrad S = (G - G')/2 = 1/2*(x*y' - y*x')" in result.stdout
