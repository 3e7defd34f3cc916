"""`matcalc rules` and `matcalc demo`: the operations, and the expressions that the project grew from."""

from __future__ import annotations

import click

from matcalc.cli.grad import show
from matcalc.cli.options import StepsAsked, rules_option, seed_option
from matcalc.deriving import derive
from matcalc.operations import load

DEMO = (
    ("‖As−x‖²", "s"),
    ("‖As−x‖² + γ‖A‖²", "A"),
    ("Σ√(V(s⊙s)+ε)", "s"),
    ("Σ√(Vssᵀ+ε)", "s"),
    ("‖WᵀWx−x‖²", "W"),
)


@click.command()
@rules_option
@click.option("--check", is_flag=True, help="Check every rule against finite differences.")
@seed_option
def rules(rules: tuple[str, ...], check: bool, seed: int) -> int:
    """The operations with their delta rules and domains, as a table.

    With --check status 1 says that a rule failed.

    \b
    Example:
      matcalc rules --check --rules mine.toml
    """
    operations = load(rules)
    from matcalc.cli.tables import operations_table, reports_table

    if not check:
        click.echo(operations_table(operations))
        return 0
    from matcalc.verification.rules import check_rules

    reports = check_rules(operations, seed)
    click.echo(reports_table(reports))
    for report in reports:
        if report.check.ok is not True:
            place = f" ({report.source})" if report.source else ""
            click.echo(f"{report.verdict}: {report.name}{place}: {report.check.reason}")
    failed = sum(report.check.ok is False for report in reports)
    passed = sum(report.check.ok is True for report in reports)
    click.echo(f"{len(reports)} rules: {passed} agree with finite differences, {failed} failed")
    return int(failed > 0)


@click.command()
@seed_option
def demo(seed: int) -> int:
    """The expressions that the project grew from, each with its steps and its check.

    \b
    Example:
      matcalc demo
    """
    import shlex

    status = 0
    for number, (formula, wrt) in enumerate(DEMO):
        click.echo(("\n" if number else "") + f"$ matcalc grad {shlex.quote(formula)} --wrt {wrt} --steps")
        status |= show(formula, derive(formula, wrt), "unicode", steps=StepsAsked(True), seed=seed)
    return status
