"""`matcalc code`: a file that runs, on standard output, and the verdict beside it."""

import numpy as np
import pytest


def run(text):
    space = {}
    exec(text, space)
    return space


def test_the_file_runs(call):
    result = call("code", "‖As − x‖²", "--wrt", "A", "--wrt", "s")
    assert result.exit_code == 0
    value, grad_a, grad_s = run(result.stdout)["value_and_gradients"](
        np.ones((3, 2)), np.ones(2), np.zeros(3)
    )
    assert value == 12 and grad_a.shape == (3, 2) and grad_s.shape == (2,)
    assert "agrees with finite differences" in result.stderr


@pytest.mark.parametrize(
    ("options", "function"),
    [
        (["--value-only"], "value"),
        (["--grad-only"], "gradient"),
        (["--kind", "hessian"], "value_and_hessian"),
    ],
)
def test_what_is_returned(call, options, function):
    result = call("code", "‖Ax − b‖²", "--wrt", "x", "--no-check", *options)
    assert function in run(result.stdout) and result.stderr == ""


@pytest.mark.parametrize("target", ["numpy", "jax", "torch", "matlab"])
def test_the_languages(call, target):
    result = call("code", "‖Ax − b‖²", "--wrt", "x", "--no-check", "--to", target)
    head = {"numpy": "import numpy", "jax": "import jax", "torch": "import torch", "matlab": "function ["}[
        target
    ]
    assert result.exit_code == 0 and head in result.stdout


def test_programs_keep_their_names(call):
    result = call("code", "-", "--wrt", "U", "--no-check", text="h = tanh(U x)\nL = ‖h − t‖²".encode())
    assert "    h = np.tanh(U @ x)\n" in result.stdout


def test_batches(call):
    asked = ["code", "(wᵀx − y)²", "--wrt", "w", "--batch", "x,y", "--no-check", "--grad-only"]
    data, w, y = np.arange(12.0).reshape(4, 3), np.ones(3), np.ones(4)
    for reduction, share in (("mean", 4), ("sum", 1)):
        gradient = run(call(*asked, "--reduction", reduction).stdout)["gradient"](w, data, y)
        np.testing.assert_allclose(gradient, 2 * data.T @ (data @ w - y) / share)


def test_structured_hessians(call):
    result = call("code", "‖T − UVᵀ‖²", "--wrt", "U", "--kind", "hessian", "--compressed", "--grad-only")
    v = np.arange(6.0).reshape(3, 2)
    assert np.array_equal(run(result.stdout)["hessian"](v), 2 * v.T @ v)
    mixed = call("code", "‖T − UVᵀ‖²", "--wrt", "U,V", "--kind", "hessian", "--no-check")
    assert "hess_U_V" in mixed.stdout


@pytest.mark.parametrize(
    "wrong",
    [
        ["tr(A", "--wrt", "A"],
        ["‖x‖²", "--wrt", "x", "--batch", "q"],
        ["‖x‖²", "--wrt", "x", "--value-only", "--grad-only"],
        ["‖x‖²", "--wrt", "x", "--to", "fortran"],
        ["Ax", "--wrt", "x"],
    ],
)
def test_what_can_not_be_used(call, wrong):
    result = call("code", *wrong)
    assert result.exit_code == 2 and result.stdout == "" and "Error" in result.stderr


def test_a_batch_of_nothing_is_an_error(call):
    result = call("code", "‖Ax − b‖²", "--wrt", "x", "--batch", " ")
    assert result.exit_code == 2 and "--batch takes names" in result.stderr
