"""What the command line says of variables and takes as their names."""


def test_several_names_in_one_option(call):
    together = call("grad", "‖Wx‖²", "--wrt", "W,x", "--no-check")
    apart = call("grad", "‖Wx‖²", "--wrt", "W", "--wrt", "x", "--no-check")
    assert together.exit_code == 0 and together.stdout == apart.stdout
    assert "∇W_{1,2} = " in call("grad", "‖W_{1,2}x‖²", "--wrt", "W_{1,2}", "--no-check").stdout


def test_what_is_assumed_stands_beside_the_shape(call):
    result = call("grad", "xᵀSx", "--wrt", "x", "--assume", "S: symmetric", "--no-check")
    assert "S: n×n symmetric" in result.stdout
    declared = result.stdout.split("  ")[-1].strip()
    assert call("grad", "xᵀSx", "--wrt", "x", "--shape", declared, "--no-check").stdout == result.stdout
    arguments = ("xᵀSx", "--wrt", "x", "--assume", "S: symmetric")
    assert "S: array (n, n), symmetric" in call("code", *arguments, "--no-check").stdout
    assert "S: n x n, symmetric" in call("code", *arguments, "--to", "matlab", "--no-check").stdout
    assert "\\text{ symmetric}" in call("grad", *arguments, "--latex-document", "--no-check").stdout
