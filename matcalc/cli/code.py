"""`matcalc code`: a function of the value and its derivatives, as a source file."""

from __future__ import annotations

import click

from matcalc.cli import output
from matcalc.cli.arguments import FormulaCommand
from matcalc.cli.options import SETTINGS, Request, reads_formula, wrt_option
from matcalc.derivation import Derivation, Derivations
from matcalc.deriving import derive

_TARGETS = ("numpy", "jax", "torch", "matlab")
_KINDS = ("gradient", "jacobian", "hessian")


@click.command(cls=FormulaCommand, context_settings=SETTINGS)
@reads_formula
@wrt_option
@click.option(
    "--to", "target", type=click.Choice(_TARGETS), default="numpy", show_default=True, help="The language."
)
@click.option(
    "--kind", type=click.Choice(_KINDS), default="gradient", show_default=True, help="The derivative."
)
@click.option("--value-only", is_flag=True, help="A function of the value alone.")
@click.option("--grad-only", is_flag=True, help="A function of the derivatives alone.")
@click.option("--compressed", is_flag=True, help="The factors of a structured derivative in place of it.")
@click.option("--batch", metavar="NAMES", help="What differs from sample to sample: 'x, y'.")
@click.option(
    "--reduction",
    type=click.Choice(["mean", "sum"]),
    default="mean",
    show_default=True,
    help="What the loss of a batch is.",
)
def code(
    request: Request,
    wrt: tuple[str, ...],
    target: str,
    kind: str,
    value_only: bool,
    grad_only: bool,
    compressed: bool,
    batch: str | None,
    reduction: str,
) -> int:
    """A source file with a function of EXPR and its derivatives with respect to NAME.

    The verdict of the check goes to standard error.  With --batch EXPR is the loss of one sample, and the function
    that of many: x is a row of X.

    \b
    Example:
      matcalc code '‖As − x‖²' --wrt A --to jax
    """
    if value_only and grad_only:
        raise click.UsageError("--value-only and --grad-only exclude each other")
    if batch is not None and not batch.strip():
        raise click.UsageError("--batch takes names of what differs from sample to sample, such as x,y")
    derived = derive(
        request.text,
        "all" if "all" in wrt else wrt,
        request.shapes,
        kind,
        rules=request.rules,
        assume=request.assume,
        batch=batch or (),
        reduction=reduction,
    )
    if isinstance(derived, Derivation):
        derived = Derivations({derived.wrt: derived})
    output.write_notes(derived.values())
    text = derived.code(target, value=not grad_only, derivative=not value_only, compressed=compressed)
    click.echo(text, nl=False)
    if request.seed is None:
        return 0
    reports = derived.check(seed=request.seed)
    for name, report in reports.items():
        click.echo(f"{name}: {report}" if len(reports) > 1 else str(report), err=True)
    return int(any(report.ok is False for report in reports.values()))
