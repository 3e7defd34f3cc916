"""`matcalc grad`: from the arguments to derivations, their checks and what is printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from matcalc.cli import output
from matcalc.cli.arguments import FormulaCommand
from matcalc.cli.options import SETTINGS, Request, StepsAsked, takes_formula, takes_steps, wrt_option
from matcalc.derivation import Derivation, Derivations
from matcalc.deriving import derive
from matcalc.errors import MatcalcError
from matcalc.structure import RULES

if TYPE_CHECKING:
    from matcalc.jupyter import Shown
    from matcalc.verification.report import CheckReport


@click.command(cls=FormulaCommand, context_settings=SETTINGS)
@takes_formula
@wrt_option
@takes_steps
@click.option(
    "--symmetric-rule",
    type=click.Choice(RULES),
    default="projection",
    show_default=True,
    help="The gradient in a symmetric variable.",
)
def grad(request: Request, wrt: tuple[str, ...], steps: StepsAsked, symmetric_rule: str) -> int:
    """The gradient of the scalar EXPR with respect to NAME.

    EXPR is Unicode, ASCII or LaTeX, a formula or a program of several lines; `-` reads it from standard input, `@FILE`
    from a file.  Status 0: done, and
    the check did not fail; 1: the check failed; 2: the input could not be used.

    \b
    Example:
      matcalc grad '‖WᵀWx − x‖²' --wrt W --steps
    """
    derivations = derive(
        request.text,
        "all" if "all" in wrt else wrt,
        request.shapes,
        rules=request.rules,
        assume=request.assume,
        symmetric_rule=symmetric_rule,
    )
    return show(request.text, derivations, request.form, steps, request.seed, request.inline)


def show(
    text: str,
    derived: Derivation | Derivations,
    form: str,
    steps: StepsAsked,
    seed: int | None,
    inline: bool = False,
) -> int:
    """Print derivations and, with a seed, their checks; the exit status."""
    if isinstance(derived, Derivation):
        derived = Derivations({derived.wrt: derived})
    if inline:
        derived = Derivations({name: each.inlined for name, each in derived.items()})
    derivations = list(derived.values())
    if not derivations:
        raise MatcalcError("the formula has no variables, so it has no gradients")
    shown = _shown(form, steps)
    if shown is None:
        output.write_notes(derivations)
    reports = _reports(derived, seed)
    if shown is None and steps.form is None and form not in ("json", "latex", "sympy", "document"):
        return _status(output.write_formulas(derivations, reports, form, steps, inline))
    found = list(reports)
    results = list(zip(derivations, found, strict=True))
    if shown is not None:
        shown(derivations, found, steps.wanted, steps.verbose, inline)
    elif steps.form is not None:
        from matcalc.cli.steps import write_document

        write_document(results, steps.form, "ascii" if form == "ascii" else "unicode", steps.verbose)
    elif form == "json":
        output.write_json(text, results, steps, inline)
    elif form == "document":
        output.write_paper(results)
    else:
        output.write_source(results, form, steps, inline)
    return _status(found)


def _reports(derived: Derivations, seed: int | None) -> Iterator[CheckReport | None]:
    """The report of each check, none without a seed; all are made when the first is asked for."""
    yield from [None] * len(derived) if seed is None else derived.check(seed=seed).values()


def _status(reports: Sequence[CheckReport | None]) -> int:
    return int(any(report is not None and report.ok is False for report in reports))


def _shown(form: str, steps: StepsAsked) -> Shown | None:
    """What shows derivatives in place of printing them, where the command runs in a notebook."""
    context = click.get_current_context(silent=True)
    if context is None or form != "unicode" or steps.form is not None:
        return None
    shown: Shown | None = context.obj
    return shown
