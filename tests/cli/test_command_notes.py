"""`matcalc notes` and `--latex-document`: what is printed where, what is written, and the exit status."""

from __future__ import annotations

import importlib
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from matcalc.notes.files import read_document

ROOT = Path(__file__).parents[2]
REQUEST = "text\n\n```matcalc\ngrad ‖As − x‖² wrt s\n```\n"
WRONG = "```matcalc\ngrad ‖As wrt s\n```\n"
RIGHT_CLAIM = "$\\nabla_x \\lVert A x \\rVert^2 = 2 A^\\top A x$\n"
WRONG_CLAIM = "$\\nabla_x \\lVert A x \\rVert^2 = 2 A A^\\top x$\n"
BAD_CLAIM = "$\\nabla_x \\lVert A x \\rVert^2 = 2 (A^\\top x$\n"
TRANSPOSED_CLAIM = "$\\nabla_x \\lVert A x \\rVert^2 = 2 x^\\top A^\\top A$\n"
OPEN_CLAIM = "$\\nabla_x F = 2 x$\n"


@pytest.fixture
def file(tmp_path):
    def write(text: str | bytes, name: str = "notes.md") -> str:
        path = tmp_path / name
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return str(path)

    return write


def test_without_a_file_the_document_is_printed(call, file):
    path = file(REQUEST)
    result = call("notes", path)
    assert result.exit_code == 0
    assert result.stdout.startswith(REQUEST) and "\\nabla_{s} \\lVert A s - x \\rVert^{2} = " in result.stdout
    assert "1 request, 1 derivative; printed; -o FILE writes it into a file" in result.stderr
    assert Path(path).read_text("utf-8") == REQUEST


def test_what_is_printed_keeps_its_bytes(file):
    path = file(b"\xef\xbb\xbfcaf\xc3\xa9\r\n" + REQUEST.replace("\n", "\r\n").encode())
    done = subprocess.run(
        [sys.executable, "-m", "matcalc.cli", "notes", path],
        capture_output=True,
        cwd=ROOT,
        timeout=60,
        env={**os.environ, "PYTHONIOENCODING": "latin-1"},
    )
    assert done.returncode == 0
    assert done.stdout.startswith(Path(path).read_bytes()) and done.stdout.count(b"\n") == done.stdout.count(
        b"\r\n"
    )


def test_a_file_is_written_and_written_again(call, file, tmp_path):
    path, out = file(REQUEST), str(tmp_path / "out.md")
    result = call("notes", path, "-o", out)
    assert result.exit_code == 0 and result.stdout == "" and f"written to {out}" in result.stderr
    once = Path(out).read_bytes()
    assert once.startswith(REQUEST.encode())
    assert call("notes", path, "-o", path).exit_code == 0 and Path(path).read_bytes() == once
    before = os.stat(path)
    result = call("notes", path, "--output", path)
    assert "is up to date" in result.stderr and Path(path).read_bytes() == once
    assert os.stat(path).st_mtime_ns == before.st_mtime_ns and os.stat(path).st_ino == before.st_ino


def test_permissions_and_links_stay(call, file, tmp_path):
    path = Path(file(REQUEST))
    path.chmod(0o640)
    link = tmp_path / "link.md"
    link.symlink_to(path)
    assert call("notes", str(link), "-o", str(link)).exit_code == 0
    assert link.is_symlink() and "nabla" in path.read_text("utf-8")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert sorted(each.name for each in tmp_path.iterdir()) == ["link.md", "notes.md"]


def test_a_request_that_fails_is_told_and_the_others_are_filled_in(call, file, tmp_path):
    path = file(WRONG + REQUEST)
    result = call("notes", path, "-o", path)
    assert result.exit_code == 2
    assert f"{path}:1: " in result.stderr and "2 requests, 1 derivative, 1 error" in result.stderr
    text = Path(path).read_text("utf-8")
    assert "can't fill this in" in text and "\\nabla_{s}" in text
    assert call("notes", path).exit_code == 2


def test_a_check_that_fails_is_status_1(call, file, monkeypatch):
    from matcalc.notes import filling
    from matcalc.verification.report import CheckReport

    derived = filling.derived
    report = CheckReport(False, 3, 1.0, reason="off")
    monkeypatch.setattr(filling, "derived", lambda request: [(each, report) for each, _ in derived(request)])
    result = call("notes", file(WRONG + REQUEST))
    assert result.exit_code == 1 and "the check failed" in result.stderr


def test_a_document_that_asks_for_nothing(call, file):
    result = call("notes", file("text\n"))
    assert result.exit_code == 0 and result.stdout == "text\n" and "asks for nothing" in result.stderr
    assert "% matcalc: grad" in call("notes", file("text\n", "a.tex")).stderr


def test_latex_is_told_to_define_the_environment(call, file):
    text = "\\begin{document}\n\\begin{matcalc}\ngrad ‖x‖² wrt x\n\\end{matcalc}\n\\end{document}\n"
    assert "\\newenvironment{matcalc}{\\comment}{\\endcomment}" in call("notes", file(text, "a.tex")).stderr
    known = "\\newenvironment{matcalc}{\\comment}{\\endcomment}\n" + text
    assert "newenvironment" not in call("notes", file(known, "a.tex")).stderr
    comment = "\\begin{document}\n% matcalc: grad ‖x‖² wrt x\n\\end{document}\n"
    assert "newenvironment" not in call("notes", file(comment, "a.tex")).stderr


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("a.md", b"\x89PNG\r\n\x00\x00", "is no text: byte 7 is 0"),
        ("a.md", b"\xff\xfea", "UTF-16"),
        ("a.docx", b"text", "neither Markdown nor LaTeX"),
        ("a", b"text", "neither Markdown nor LaTeX"),
    ],
)
def test_files_that_cannot_be_read(call, file, name, data, says):
    for options in ((), ("--check",)):
        result = call("notes", file(data, name), *options)
        assert result.exit_code == 2 and says in result.stderr and result.stdout == ""


def test_files_that_are_not_there(call, file, tmp_path):
    assert "can't read the file" in call("notes", "nowhere.md").stderr
    assert call("notes", str(tmp_path), "-o", "x").exit_code == 2
    result = call("notes", file(REQUEST), "-o", str(tmp_path / "no" / "folder.md"))
    assert result.exit_code == 2 and "can't write the file" in result.stderr
    assert call("notes").exit_code == 2
    assert "takes no -o" in call("notes", file(REQUEST), "--check", "-o", "x.md").stderr


# Claims --------------------------------------------------------------------------------------------------------------


def test_claims_are_listed_with_line_verdict_and_repair(call, file):
    path = file("a\n\n" + RIGHT_CLAIM + WRONG_CLAIM + OPEN_CLAIM)
    result = call("notes", "--check", path)
    assert result.exit_code == 1
    first, second, *rest = result.stdout.splitlines()
    assert first.startswith(f"{path}:3: ") and first.endswith("2 A^\\top A x") and "wrong" not in first
    assert second.startswith(f"{path}:4: wrong") and any(
        "right would be: 2 A^{\\top} A x" in line for line in rest
    )
    assert f"{path}:5: not checked: the document does not say what F is: " in result.stdout
    assert rest[-1] == "3 claims: 1 right, 1 wrong, 1 not checked"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (RIGHT_CLAIM, 0),
        (RIGHT_CLAIM + OPEN_CLAIM, 0),
        ("text", 0),
        ("", 0),
        (WRONG_CLAIM, 1),
        (TRANSPOSED_CLAIM + RIGHT_CLAIM, 0),
        (BAD_CLAIM, 2),
        (BAD_CLAIM + RIGHT_CLAIM, 2),
        (BAD_CLAIM + WRONG_CLAIM, 1),
    ],
)
def test_the_status_of_claims(call, file, text, status):
    for name in ("a.md", "a.tex"):
        result = call("notes", "--check", file(text, name))
        assert result.exit_code == status, result.output


def test_conventions_are_counted_apart(call, file):
    result = call("notes", "--check", file(RIGHT_CLAIM + TRANSPOSED_CLAIM))
    assert "2 claims: 1 right, 1 right up to a convention" in result.stdout


def test_claims_change_nothing(call, file):
    path = file(REQUEST + RIGHT_CLAIM)
    assert call("notes", path, "--check").exit_code == 0
    assert Path(path).read_text("utf-8") == REQUEST + RIGHT_CLAIM


def test_what_was_filled_in_is_right(call, file):
    path = file(REQUEST)
    call("notes", path, "-o", path)
    result = call("notes", "--check", path)
    assert result.exit_code == 0 and "1 claim: 1 right" in result.stdout


def test_a_document_of_many_claims_is_checked_by_processes(file):
    path = file((RIGHT_CLAIM + WRONG_CLAIM) * 4)
    done = subprocess.run(
        [sys.executable, "-m", "matcalc.cli", "notes", "--check", path],
        capture_output=True,
        cwd=ROOT,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 1 and "8 claims: 4 right, 4 wrong" in done.stdout and done.stderr == ""
    lines = [line for line in done.stdout.splitlines() if line.startswith(path)]
    assert [int(line.split(":")[1]) for line in lines] == list(range(1, 9))


def test_on_a_terminal_there_is_a_bar(monkeypatch, capsys):
    command = importlib.import_module("matcalc.cli.notes")
    with command._progress(5) as done:
        done()
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    with command._progress(5) as done:
        for _ in range(5):
            done()
    assert "checking" in capsys.readouterr().err


def test_the_examples(call, tmp_path):
    for name, status, counts in (
        ("notes.md", 0, "5 claims: 5 right"),
        ("notes.tex", 1, "2 claims: 1 right, 1 wrong"),
    ):
        out = str(tmp_path / name)
        assert call("notes", str(ROOT / "examples" / name), "-o", out).exit_code == 0
        result = call("notes", "--check", out)
        assert result.exit_code == status and counts in result.stdout
    assert "W^{\\top} should be W" in result.stdout


# The document --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "holds"),
    [
        (
            ("grad", "‖As − x‖²", "--wrt", "A", "--wrt", "s"),
            "\\section*{The gradient with respect to \\(s\\)}",
        ),
        (("jacobian", "softmax(x)", "--wrt", "x"), "The Jacobian of"),
        (("hessian", "xᵀAx", "--wrt", "x"), "The Hessian of"),
        (("pullback", "XW", "--wrt", "X"), "The pullback of"),
        (("hvp", "‖x‖⁴", "--wrt", "x"), "The product of the Hessian"),
    ],
)
def test_a_latex_document_is_written(call, arguments, holds):
    result = call(*arguments, "--latex-document")
    assert result.exit_code == 0
    assert result.stdout.startswith("\\documentclass") and result.stdout.endswith("\\end{document}\n")
    assert holds in result.stdout and "agrees with finite differences" in result.stdout
    assert "agrees with finite differences" in result.stderr
    plain = call(*arguments, "--latex-document", "--no-check")
    assert "finite differences" not in plain.output


def test_documents_are_read_lazily():
    program = (
        "import sys; from matcalc.cli import commands\n"
        "commands(['grad', 'x*x', '--wrt', 'x', '--shape', 'x: scalar', '--no-check'], standalone_mode=False)\n"
    )
    program = program.replace("commands([", "import click\ntry:\n  commands([").replace(
        "=False)\n", "=False)\nexcept (SystemExit, click.exceptions.Exit): pass\n"
    )
    program += (
        "print([m for m in sys.modules if m.startswith(('matcalc.notes', 'rich', 'concurrent', 'numpy'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, cwd=ROOT, encoding="utf-8", timeout=60
    )
    assert done.stdout.splitlines()[-1] == "[]", done


def test_a_link_to_nowhere_is_unreadable(tmp_path):
    from matcalc import MatcalcError

    with pytest.raises(MatcalcError):
        read_document(str(tmp_path / "a\0b.md"))
