"""`matcalc check`: the verdict on somebody's formula."""

from __future__ import annotations

import click

from matcalc.checking import check as check_claim
from matcalc.cli.arguments import FormulaCommand
from matcalc.cli.options import SETTINGS, Request, reads_text


@click.command(cls=FormulaCommand, context_settings=SETTINGS)
@reads_text
@click.option("--wrt", metavar="NAME", required=True, help="The variable; two for a mixed Hessian: U,V.")
@click.option("--claim", metavar="FORMULA", required=True, help="What is said to be the derivative.")
@click.option(
    "--kind",
    type=click.Choice(["gradient", "jacobian", "hessian"]),
    help="The derivative; by default the gradient of a scalar, the Jacobian of anything else.",
)
@click.option(
    "--upstream", metavar="G", help="The delta that arrives: the claim is that of NAME, a pullback."
)
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
def check(request: Request, wrt: str, claim: str, kind: str | None, upstream: str | None) -> int:
    """Whether FORMULA is the derivative of EXPR with respect to NAME, and what is wrong where it is not.

    Status 0: it is, be it up to a convention; 1: it is wrong; 2: one of the two can't be read, or they can't be compared.

    \b
    Example:
      matcalc check '‖Ax − b‖²' --wrt x --claim '2A(Ax − b)'
    """
    if upstream is not None and kind is not None:
        raise click.UsageError("--upstream asks for a pullback; leave --kind out")
    names = wrt.split(",") if kind == "hessian" else wrt
    asked = {} if upstream is None else {"kind": "pullback", "upstream": upstream}
    asked |= {} if kind is None else {"kind": kind}
    report = check_claim(
        request.text, names, claim, request.shapes, rules=request.rules, assume=request.assume, **asked
    )
    for note in dict.fromkeys((*report.derivation.notes, *report.notes)):
        click.echo(f"note: {note}", err=True)
    if request.form == "json":
        import json

        fields = {name: getattr(report, name) for name in ("ok", "verdict", "reasons", "slip", "repair")}
        click.echo(json.dumps(fields, ensure_ascii=False, indent=2))
    else:
        click.echo(str(report))
    return int(not report.ok)
