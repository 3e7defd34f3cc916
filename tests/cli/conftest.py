"""The command line as tests call it, and rule files of a user."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matcalc.cli import commands

RIGHT = 'swish = { takes = "X", gives = "X", value = "X .* sigmoid(X)", X = "D .* (Y + sigmoid(X) .* (1 - Y))" }\n'
WRONG = RIGHT.replace("swish", "wish").replace("(1 - Y)", "(1 + Y)")

Call = Callable[..., Result]


@pytest.fixture
def call() -> Call:
    """Run the command in this process; a traceback fails the test."""

    def run(*arguments: str, text: str | bytes | None = None) -> Result:
        result = CliRunner().invoke(commands, arguments, input=text)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "mistake in matcalc" not in result.stderr
        return result

    return run


@pytest.fixture
def right_rules(tmp_path: Path) -> str:
    """A rule file with an operation whose rule is right."""
    path = tmp_path / "swish.toml"
    path.write_text(RIGHT, encoding="utf-8")
    return str(path)


@pytest.fixture
def wrong_rules(tmp_path: Path) -> str:
    """A rule file with an operation whose rule is wrong."""
    path = tmp_path / "wish.toml"
    path.write_text(WRONG, encoding="utf-8")
    return str(path)
