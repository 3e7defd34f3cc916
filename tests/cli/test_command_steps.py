"""--steps, --steps-format and --verbose on the command line."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

GRAD = ("grad", "‖WᵀWx − x‖²", "--wrt", "W")


def test_steps_follow_the_result_and_its_verdict(call):
    lines = call(*GRAD, "--steps").stdout.splitlines()
    assert lines[0].startswith("∇W = ") and lines[1].startswith("agrees with")
    assert "Forward" in lines and "W is used 2 times" in lines


def test_verbose_implies_steps_and_says_more(call):
    short, verbose = call(*GRAD, "--steps").stdout, call(*GRAD, "--verbose").stdout
    assert "values put in" in verbose and "values put in" not in short
    assert len(verbose) > len(short)


@pytest.mark.parametrize(
    ("form", "start", "has"),
    [
        ("text", "∇W of ‖WᵀWx − x‖²", "rules/products.toml: matmul"),
        ("markdown", "### $\\nabla_{W}$ of", "| layer | weight |"),
        ("latex", "% needs \\usepackage{amsmath}", "\\begin{flalign*}"),
        ("html", "<!DOCTYPE html>", "agrees with finite differences"),
    ],
)
def test_a_document_stands_alone_on_standard_output(call, form, start, has):
    result = call(*GRAD, "--steps-format", form)
    assert result.exit_code == 0
    assert result.stdout.startswith(start) and has in result.stdout
    assert "agrees with finite differences" in result.stderr


def test_several_variables_are_one_document(call):
    html = call("grad", "‖As−x‖²", "--wrt", "all", "--steps-format", "html", "--no-check").stdout
    assert html.count("<html") == 1 and html.count("<h2>") == 3


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("jacobian", "tanh(Wx)", "--wrt", "x"), "the same sweep gives the Jacobian"),
        (("hessian", "xᵀAx", "--wrt", "x"), "Sweep 2, the derivative of the gradient"),
        (("pullback", "XW", "--wrt", "X", "--upstream", "G"), "δX = GWᵀ   rules/products.toml: matmul"),
        (("pullback", "tanh(Wx)", "--wrt", "x", "--tangent", "v"), "has no steps of its own"),
        (("hvp", "‖Ax‖⁴", "--wrt", "x"), "Sweep 2, the pullback of the gradient"),
    ],
)
def test_other_derivatives_have_steps(call, arguments, line):
    assert line in call(*arguments, "--steps", "--no-check").stdout


def test_other_formats_keep_steps_off_standard_output(call):
    result = call(*GRAD, "--steps", "--format", "sympy", "--no-check")
    assert "Forward" in result.stderr and "Forward" not in result.stdout


def test_help_has_an_example(call):
    assert "--steps-format" in call("grad", "--help").stdout
    assert "Example: matcalc grad" in " ".join(call("grad", "--help").stdout.split())


def test_a_terminal_gets_colours_and_its_width():
    main, side = pty.openpty()
    command = [sys.executable, "-m", "matcalc.cli", *GRAD, "--steps", "--no-check"]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "72", "NO_COLOR": ""}
    environment.pop("NO_COLOR")
    process = subprocess.Popen(command, stdout=side, stderr=subprocess.DEVNULL, env=environment)
    os.close(side)
    found = b""
    while True:
        try:
            piece = os.read(main, 65536)
        except OSError:
            break
        if not piece:
            break
        found += piece
    assert process.wait(timeout=60) == 0
    text = found.decode()
    assert "\x1b[1mForward\x1b[0m" in text and "rules/products.toml: sumsq" in text
