"""`matcalc grad`: from the arguments to derivations, their checks and what is printed."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from matcalc.cli import output
from matcalc.derivation import Derivation, Derivations, derive
from matcalc.errors import MatcalcError
from matcalc.language.shapes import LONGEST
from matcalc.structure import RULES

FORMATS = ("unicode", "ascii", "latex", "sympy", "json")

rules_option = click.option(
    "--rules", metavar="FILE", multiple=True, help="A TOML file with more operations; repeatable."
)
seed_option = click.option("--seed", default=0, show_default=True, help="Seed of the check's random points.")


@click.command(context_settings={"ignore_unknown_options": True})  # -yᵀx is a formula
@click.argument("formula", metavar="EXPR")
@click.option("--wrt", metavar="NAME", multiple=True, required=True, help="A variable, or `all`; repeatable.")
@click.option("--shape", multiple=True, metavar="SHAPES", help="Shapes: 'A: m×k, s: k, γ: scalar'.")
@click.option(
    "--assume", multiple=True, metavar="KINDS", help="Structure: 'S: symmetric, Q: orthogonal'; repeatable."
)
@click.option(
    "--symmetric-rule",
    type=click.Choice(RULES),
    default="projection",
    show_default=True,
    help="The gradient in a symmetric variable.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(FORMATS),
    default="unicode",
    show_default=True,
    help="What to print.",
)
@click.option("--json", "as_json", is_flag=True, help="The same as --format json.")
@click.option("--steps", is_flag=True, help="Also the layer table: values, local rules and deltas.")
@click.option("--check/--no-check", default=True, help="Compare with finite differences (the default).")
@seed_option
@rules_option
def grad(
    formula: str,
    wrt: tuple[str, ...],
    shape: tuple[str, ...],
    assume: tuple[str, ...],
    symmetric_rule: str,
    form: str,
    as_json: bool,
    steps: bool,
    check: bool,
    seed: int,
    rules: tuple[str, ...],
) -> int:
    """The gradient of the scalar EXPR with respect to NAME.

    EXPR is Unicode, ASCII or LaTeX; `-` reads it from standard input, `@FILE` from a file.  Status 0: done, and the
    check did not fail; 1: the check failed; 2: the input could not be used.
    """
    if seed < 0:
        raise click.BadParameter("a seed is 0 or more", param_hint="--seed")
    text = read_formula(formula)
    derivations = derive(
        text,
        "all" if "all" in wrt else wrt,
        ", ".join(shape) or None,
        rules=rules,
        assume="; ".join(assume) or None,
        symmetric_rule=symmetric_rule,
    )
    return show(text, derivations, "json" if as_json else form, steps, seed if check else None)


def show(text: str, derived: Derivation | Derivations, form: str, steps: bool, seed: int | None) -> int:
    """Print derivations and, with a seed, their checks; the exit status."""
    if isinstance(derived, Derivation):
        derived = Derivations({derived.wrt: derived})
    derivations = list(derived.values())
    if not derivations:
        raise MatcalcError("the formula has no variables, so it has no gradients")
    output.write_notes(derivations)
    reports = [None] * len(derivations) if seed is None else list(derived.check(seed=seed).values())
    results = list(zip(derivations, reports, strict=True))
    if form == "json":
        output.write_json(text, results, steps)
    elif form in ("latex", "sympy"):
        output.write_source(results, form, steps)
    else:
        output.write_formulas(results, form, steps)
    return int(any(report is not None and report.ok is False for report in reports))


def read_formula(argument: str) -> str:
    """The text that EXPR stands for: itself, that of standard input for `-`, that of a file for `@FILE`."""
    limit = 4 * LONGEST + 1  # bytes
    if argument == "-":
        source, data = "standard input", sys.stdin.buffer.read(limit)
    elif argument.startswith("@"):
        source = argument[1:]
        try:
            with Path(source).open("rb") as file:
                data = file.read(limit)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else error
            raise MatcalcError(f"can't read the file `{source}`: {reason}") from None
    else:
        return argument
    if len(data) == limit:
        raise MatcalcError(f"{source} is too long: at most {LONGEST} characters are read")
    try:
        return data.decode("utf-8-sig").rstrip()
    except UnicodeDecodeError as error:
        raise MatcalcError(f"{source} is not UTF-8: byte {error.start + 1} can't be read") from None
