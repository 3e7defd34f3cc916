"""What begins with a minus: a formula, an option, or an option that is misspelt."""

from __future__ import annotations

import pytest

MISSPELT = [
    (["grad", "x^2", "--wrrt", "x"], "--wrrt", "--wrt"),
    (["grad", "--wrrt", "x", "x^2"], "--wrrt", "--wrt"),
    (["grad", "x^2", "-wrt", "x"], "-wrt", "--wrt"),
    (["grad", "-x'x", "--wrt", "x", "--shpae", "x: 3"], "--shpae", "--shape"),
    (["grad", "-x'x", "--wrt", "x", "--shpae=x: 3"], "--shpae", "--shape"),
    (["jacobian", "x", "--wrt", "x", "--nocheck"], "--nocheck", "--no-check"),
    (["hvp", "‖x‖²", "--wrt", "x", "-directoin", "v"], "-directoin", "--direction"),
]


@pytest.mark.parametrize(("words", "option", "nearest"), MISSPELT)
def test_a_misspelt_option_is_named_with_the_nearest(call, words, option, nearest):
    result = call(*words)
    assert result.exit_code == 2 and result.stdout == ""
    (message,) = [line for line in result.stderr.splitlines() if line.startswith("Error")]
    assert "o such option" in message and f"{option}'" in message.replace(f"{option} ", f"{option}'")
    assert nearest in message.partition("Did you mean")[2]


def test_an_option_like_no_other_is_named_alone(call):
    result = call("grad", "x'x", "--wrt", "x", "-q")
    assert result.exit_code == 2
    assert "-q" in result.stderr and "Did you mean" not in result.stderr


@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["-x'y", "--wrt", "x"], "∇x = −y"),
        (["--wrt", "x", "-yᵀx"], "∇x = −y"),
        (["--wrt", "x", "-x"], "∇x = −1"),
        (["-wx", "--wrt", "x"], "∇x = −w"),
        (["-abs(x)", "--wrt", "x"], "∇x = −sign(x)"),
        (["--wx", "--wrt", "x"], "∇x = w"),
        (["--wrt", "x", "--", "-w*x"], "∇x = −w"),
    ],
)
def test_a_formula_may_begin_with_a_minus(call, words, printed):
    shapes = [] if "y" in "".join(words[:1] + words[-1:]) else ["--shape", "x: scalar, w: scalar"]
    result = call("grad", "--no-check", *shapes, *words)
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith(printed)


def test_what_is_missing_is_still_said(call):
    assert "Missing option '--wrt'" in call("grad", "-xy").stderr
    assert "Missing option '--wrt'" in call("grad", "x'x").stderr
    assert "Missing argument 'EXPR'" in call("grad", "--wrt", "x").stderr
    assert "extra argument" in call("grad", "x'x", "y", "--wrt", "x").stderr
