"""`matcalc grad @FILE` with a program in the file: names in the output, and errors that name file and line."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import matcalc

RNN = Path(__file__).parents[2] / "examples" / "rnn.mc"


@pytest.fixture
def file(tmp_path):
    """Write a program to a file and give the argument that names it."""

    def write(text: str | bytes, name: str = "model.mc") -> str:
        path = tmp_path / name
        path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
        return f"@{path}"

    return write


def test_the_example(call):
    result = call("grad", f"@{RNN}", "--wrt", "U")
    assert (result.exit_code, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0].split("  ")[0] == "∇U = (Uᵀr ⊙ (1 − h₁ ⊙ h₁))h₀ᵀ + rh₁ᵀ"
    assert lines[1:4] == [
        "  where h₁ = tanh(Uh₀ + Px₁),",
        "        h₂ = tanh(Uh₁ + Px₂),",
        "        r = (h₂ − t) ⊙ (1 − h₂ ⊙ h₂)",
    ]
    assert lines[4].startswith("agrees with finite differences")
    assert lines[5:] == ["U is used 2 times:", "  h₂ gives rh₁ᵀ", "  h₁ gives (Uᵀr ⊙ (1 − h₁ ⊙ h₁))h₀ᵀ"]


def test_inline_writes_names_out(call):
    result = call("grad", f"@{RNN}", "--wrt", "U", "--inline")
    assert "where" not in result.stdout and "U is used" not in result.stdout
    assert "agrees" in result.stdout and "h₁" not in result.stdout
    long = ("grad", "‖tanh(U tanh(U tanh(Uh + Px1) + Px2) + Px3)‖²", "--wrt", "U")
    assert " where " in call(*long, "--format", "latex").stdout.replace("{where}", " where ")
    assert "where" not in call(*long, "--format", "latex", "--inline").stdout


@pytest.mark.parametrize("form", ["unicode", "ascii"])
def test_the_lines_printed_read_back(call, form):
    lines = call("grad", f"@{RNN}", "--wrt", "U", "--format", form, "--no-check").stdout.splitlines()
    formula = lines[0].split(" = ", 1)[1].split("  ")[0]
    text = "\n".join([formula, *lines[1 : lines.index("U is used 2 times:")]])
    derivation = matcalc.derive(RNN.read_text(encoding="utf-8"), "U")
    sizes = {"n": 4, "k": 3}
    rng = np.random.default_rng(0)
    values = {name: rng.normal(size=[sizes[s] for s in shape]) for name, shape in derivation.shapes.items()}
    expected = derivation.function()(**values)
    np.testing.assert_allclose(matcalc.evaluate(text, derivation.shapes, **values), expected, rtol=1e-12)


def test_json_has_the_contributions(call):
    (data,) = json.loads(call("grad", f"@{RNN}", "--wrt", "U", "--json").stdout)["derivatives"]
    assert [share["in"] for share in data["contributions"]] == [["h2"], ["h1"]]
    assert data["contributions"][0]["ascii"].startswith("((h2 - t) .* (1 - h2 .* h2))*h1' where h1 = ")


def test_an_intermediate_value_is_said_to_be_one(call):
    result = call("grad", f"@{RNN}", "--wrt", "h1", "--wrt", "h2")
    assert "note: h1 is an intermediate value; this is its δ" in result.stderr
    assert "∇h₂ = h₂ − t where" in result.stdout and result.stdout.count("agrees") == 2


def test_many_uses_are_counted(call, file):
    lines = [f"h{i} = tanh(U h{i - 1})" for i in range(1, 21)]
    output = call("grad", file("\n".join([*lines, "Σh20"])), "--wrt", "U", "--no-check").stdout
    assert "U is used 20 times:" in output and "  and 8 more" in output
    ascii = call("grad", file("\n".join([*lines, "sum(h20)"])), "--wrt", "U", "--format", "ascii").stdout
    assert ascii.isascii() and "  and 8 more" in ascii


def test_windows_files(call, file):
    text = RNN.read_text(encoding="utf-8").replace("\n", "\r\n")
    result = call("grad", file(b"\xef\xbb\xbf" + text.encode()), "--wrt", "U")
    assert result.stdout == call("grad", f"@{RNN}", "--wrt", "U").stdout


def test_errors_name_file_and_line(call, file):
    argument = file("shapes A: m×k, x: n\r\n# the residual\r\nr = A x\r\n‖r‖²\r\n")
    result = call("grad", argument, "--wrt", "x")
    assert result.exit_code == 2
    assert result.stderr == (
        f"Error: A·x: A is m×k, x has n rows\n  {argument[1:]}, line 3:\n  r = A x\n      ^^^\n"
    )
    result = call("grad", "-", "--wrt", "x", text="r = A x\nr = b\n‖r‖²")
    assert "`r` is defined twice\n  standard input, line 2:\n  r = b\n  ^\n" in result.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"h = x\xff\nh'h", "not UTF-8"),
        (b"h = x'x # " + b"-" * 900_000, "too long"),
        (b"h = x'x # " + b"-" * 300_000, "at most 200,000"),
        (b"# nothing\n", "empty"),
        (b"shapes x: n\n", "no value"),
        (b"", "empty"),
    ],
)
def test_files_that_are_no_program(call, file, content, message):
    result = call("grad", file(content), "--wrt", "x")
    assert result.exit_code == 2 and message in result.stderr and result.stdout == ""


def test_a_file_that_is_not_there(call, tmp_path):
    result = call("grad", f"@{tmp_path / 'none.mc'}", "--wrt", "x")
    assert result.exit_code == 2 and "can't read the file" in result.stderr
    assert call("grad", f"@{tmp_path}", "--wrt", "x").exit_code == 2
