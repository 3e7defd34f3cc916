"""``matcalc check``: the verdict on standard output, notes beside it, and the exit status."""

import json

import pytest

FIT = "‖Ax − b‖²"


@pytest.mark.parametrize(
    ("claim", "status", "first"),
    [
        ("2Aᵀ(Ax − b)", 0, "equal: both have the same normal form"),
        ("∇x = 2Aᵀ(Ax − b)", 0, "equal: both have the same normal form"),
        ("Aᵀ(Ax − b)", 0, "right up to a convention: half of the derivative: a factor of 2"),
        ("2A(Ax − b)", 1, "wrong: 2A·(Ax − b): 2A is n×m, Ax − b has n rows"),
        ("2Aᵀ(Ax + b)", 1, "wrong: its values differ from those of the derivative"),
    ],
)
def test_verdict_and_status(call, claim, status, first):
    result = call("check", FIT, "--wrt", "x", "--claim", claim)
    assert result.exit_code == status
    assert result.stdout.startswith(first)
    assert result.stderr == ""


def test_a_wrong_claim_gets_slip_and_repair(call):
    result = call("check", FIT, "--wrt", "x", "--claim", "2A(Ax − b)")
    assert result.stdout.splitlines()[1:] == [
        "  2A(Ax − b)",
        "  ^^^^^^^^^^",
        "a missing transpose: A should be Aᵀ",
        "right is 2Aᵀ(Ax − b)",
    ]


@pytest.mark.parametrize("claim", ["2A(", "", "§", "2A)x", "Σᵢ"])
def test_an_unreadable_claim_is_an_error(call, claim):
    result = call("check", FIT, "--wrt", "x", "--claim", claim)
    assert result.exit_code == 2 and result.stdout == "" and result.stderr.startswith("Error: ")


def test_the_report_as_data(call):
    result = call("check", FIT, "--wrt", "x", "--claim", "2A(Ax − b)", "--json")
    report = json.loads(result.stdout)
    assert (report["ok"], report["verdict"], report["repair"]) == (False, "wrong", "2Aᵀ(Ax − b)")


def test_kinds_and_structures(call):
    arguments = ("check", "xᵀAx", "--wrt", "x", "--claim")
    assert call(*arguments, "A + Aᵀ", "--kind", "hessian").exit_code == 0
    assert call(*arguments, "2Ax", "--assume", "A: symmetric").stdout.startswith("equal")
    assert call("check", "xᵀAy", "--wrt", "x,y", "--claim", "A", "--kind", "hessian").exit_code == 0
    pulled = call("check", "XW", "--wrt", "X", "--claim", "GWᵀ", "--upstream", "G")
    assert pulled.stdout.startswith("equal")


def test_notes_stand_beside_the_verdict(call):
    result = call("check", "‖A‖²", "--wrt", "A", "--claim", "2A")
    assert "Frobenius" in result.stderr and result.exit_code == 0
