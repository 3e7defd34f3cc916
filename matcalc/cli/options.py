"""What the commands about a formula have in common: the formula, its shapes and rules, the check, what to print."""

from __future__ import annotations

import functools
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import click

from matcalc.errors import MatcalcError
from matcalc.language.shapes import LONGEST

FORMATS = ("unicode", "ascii", "latex", "sympy", "json")

rules_option = click.option(
    "--rules", metavar="FILE", multiple=True, help="A TOML file with more operations; repeatable."
)
seed_option = click.option("--seed", default=0, show_default=True, help="Seed of the check's random points.")


def _separated(context: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """The names in ``W,x``; a comma in the braces of a subscript separates nothing."""
    return tuple(name.strip() for text in given for name in re.split(r",(?![^{]*\})", text))


wrt_option = click.option(
    "--wrt",
    metavar="NAME",
    multiple=True,
    required=True,
    callback=_separated,
    help="A variable, or several, `W,x`, or `all`; repeatable.",
)
STEPS_FORMATS = ("text", "markdown", "latex", "html")
_STEPS = (
    click.option("--steps", is_flag=True, help="Also the derivation: layers, deltas, their rules, reasons."),
    click.option(
        "--steps-format",
        type=click.Choice(STEPS_FORMATS),
        help="The derivation alone, as a document in this form; implies --steps.",
    ),
    click.option("--verbose", is_flag=True, help="Every layer and every simplification; implies --steps."),
)
SETTINGS = {"ignore_unknown_options": True}  # of such a command: -yᵀx is a formula

_TEXT = (
    click.argument("formula", metavar="EXPR"),
    click.option("--shape", multiple=True, metavar="SHAPES", help="Shapes: 'A: m×k, s: k, γ: scalar'."),
    click.option(
        "--assume",
        multiple=True,
        metavar="KINDS",
        help="Structure: 'S: symmetric, Q: orthogonal'; repeatable.",
    ),
)
_CHECKING = (
    click.option("--check/--no-check", default=True, help="Compare with finite differences (the default)."),
    seed_option,
    rules_option,
)
_PRINTING = (
    click.option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="unicode",
        show_default=True,
        help="What to print.",
    ),
    click.option("--json", "as_json", is_flag=True, help="The same as --format json."),
    click.option("--latex-document", is_flag=True, help="A complete LaTeX document, with its derivation."),
    click.option(
        "--inline", is_flag=True, help="Write out what has a name, and name no part of a long result."
    ),
)


class StepsAsked(NamedTuple):
    """Whether the steps are asked for, as a part of what is printed or, with a ``form``, as a document."""

    wanted: bool = False
    form: str | None = None
    verbose: bool = False


class Request(NamedTuple):
    """What a command was given: the text of the formula or program and how to read and print it.

    ``source`` is the file or standard input that the text came from, ``seed`` is None where no check is wanted.
    """

    text: str
    source: str | None
    shapes: str | None
    assume: str | None
    rules: tuple[str, ...]
    form: str
    inline: bool
    seed: int | None


def takes_formula(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command EXPR and its options; it is called with a ``Request`` before its own options.

    Errors about the text name the file that it came from.
    """
    return _with_options(reads_formula(command), _PRINTING)


def takes_steps(command: Callable[..., int]) -> Callable[..., int]:
    """Give a command the options about steps; it is called with ``steps``, a ``StepsAsked``."""

    @functools.wraps(command)
    def run(*given: Any, steps: bool, steps_format: str | None, verbose: bool, **own: Any) -> int:
        asked = StepsAsked(steps or verbose or steps_format is not None, steps_format, verbose)
        return command(*given, steps=asked, **own)

    return _with_options(run, _STEPS)


def reads_formula(command: Callable[..., int]) -> Callable[..., int]:
    """The same for a command that prints no formulas."""
    return _with_options(_asked(command), (*_TEXT, *_CHECKING))


def reads_text(command: Callable[..., int]) -> Callable[..., int]:
    """The same for a command that checks nothing either."""
    return _with_options(_asked(command), (*_TEXT, rules_option))


def _asked(command: Callable[..., int]) -> Callable[..., int]:
    """The command, called with a request."""

    @functools.wraps(command)
    def run(
        formula: str,
        shape: tuple[str, ...],
        assume: tuple[str, ...],
        rules: tuple[str, ...],
        check: bool = False,
        seed: int = 0,
        form: str = "unicode",
        as_json: bool = False,
        latex_document: bool = False,
        inline: bool = False,
        **own: Any,
    ) -> int:
        if seed < 0:
            raise click.BadParameter("a seed is 0 or more", param_hint="--seed")
        text, source = read_formula(formula)
        shapes = ", ".join(shape) or None
        structures = "; ".join(assume) or None
        form = "json" if as_json else "document" if latex_document else form
        request = Request(text, source, shapes, structures, rules, form, inline, seed if check else None)
        try:
            return command(request, **own)
        except MatcalcError as problem:
            if problem.text == text:
                problem.source = source
            raise

    return run


def _with_options(command: Callable[..., int], options: Sequence[Any]) -> Callable[..., int]:
    for option in reversed(options):
        command = option(command)
    return command


def read_formula(argument: str) -> tuple[str, str | None]:
    """The text that EXPR stands for, itself, that of standard input for `-`, or that of a file for `@FILE`; its source."""
    limit = 4 * LONGEST + 1  # bytes
    if argument == "-":
        source, data = "standard input", sys.stdin.buffer.read(limit)
    elif argument.startswith("@"):
        source = argument[1:]
        try:
            with open(source, "rb") as file:
                data = file.read(limit)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise MatcalcError(f"can't read the file `{source}`: {reason}") from None
    else:
        return argument, None
    if len(data) == limit:
        raise MatcalcError(f"{source} is too long: at most {LONGEST} characters are read")
    try:
        return data.decode("utf-8-sig").rstrip(), source
    except UnicodeDecodeError as error:
        raise MatcalcError(f"{source} is not UTF-8: byte {error.start + 1} can't be read") from None
