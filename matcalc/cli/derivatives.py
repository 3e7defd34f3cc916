"""`matcalc jacobian`, `hessian`, `pullback` and `hvp`: derivatives other than gradients."""

from __future__ import annotations

from typing import Any

import click

from matcalc.cli.arguments import FormulaCommand
from matcalc.cli.grad import show
from matcalc.cli.options import SETTINGS, Request, StepsAsked, takes_formula, takes_steps, wrt_option
from matcalc.deriving import derive

layout_option = click.option(
    "--layout",
    type=click.Choice(["numerator", "denominator", "kron"]),
    default="numerator",
    show_default=True,
    help="Rows for the entries of the value, or of the variable; or a matrix for vec of both.",
)


@click.command(cls=FormulaCommand, context_settings=SETTINGS)
@takes_formula
@wrt_option
@takes_steps
@layout_option
def jacobian(request: Request, wrt: tuple[str, ...], steps: StepsAsked, layout: str) -> int:
    """The derivative of any EXPR with respect to NAME.

    Of a vector in a vector it is a matrix, with a row for each entry of EXPR; with more than two axes it is written by
    its entries.

    \b
    Example:
      matcalc jacobian 'softmax(x)' --wrt x
    """
    return _answer(request, steps, "jacobian", "all" if "all" in wrt else wrt, layout=layout)


@click.command(cls=FormulaCommand, context_settings=SETTINGS)
@takes_formula
@wrt_option
@takes_steps
@layout_option
@click.option("--order", default=2, show_default=True, help="The order of the derivative.")
def hessian(request: Request, wrt: tuple[str, ...], steps: StepsAsked, layout: str, order: int) -> int:
    """The second derivative of the scalar EXPR with respect to NAME.

    Two names, as --wrt U,V, give the mixed block.

    \b
    Example:
      matcalc hessian 'xᵀAx' --wrt x
    """
    names = [name for part in wrt for name in part.split(",")]
    return _answer(request, steps, "hessian", names, layout=layout, order=order)


@click.command(cls=FormulaCommand, context_settings=SETTINGS)
@takes_formula
@wrt_option
@takes_steps
@click.option("--upstream", metavar="G", help="A name for the delta that arrives; a free letter by default.")
@click.option("--tangent", metavar="V", help="Instead: how EXPR moves when NAME moves along V.")
def pullback(
    request: Request, wrt: tuple[str, ...], steps: StepsAsked, upstream: str | None, tangent: str | None
) -> int:
    """The delta of NAME when a delta arrives at EXPR, which may have any shape.

    \b
    Example:
      matcalc pullback 'XW' --wrt X --wrt W --upstream G
    """
    if tangent is not None and upstream is not None:
        raise click.UsageError(
            "--upstream asks for a pullback, --tangent for a pushforward; take one of them"
        )
    names = "all" if "all" in wrt else wrt
    if tangent is not None:
        return _answer(request, steps, "pushforward", names, tangent=tangent)
    return _answer(request, steps, "pullback", names, upstream=upstream)


@click.command(cls=FormulaCommand, context_settings=SETTINGS)
@takes_formula
@wrt_option
@takes_steps
@click.option("--direction", metavar="V", help="A name for the direction; a free letter by default.")
def hvp(request: Request, wrt: tuple[str, ...], steps: StepsAsked, direction: str | None) -> int:
    """The Hessian of the scalar EXPR with respect to NAME times a direction.

    \b
    Example:
      matcalc hvp 'Σ log(1 + exp(−y ⊙ Xw))' --wrt w --direction v
    """
    return _answer(request, steps, "hvp", "all" if "all" in wrt else wrt, direction=direction)


def _answer(request: Request, steps: StepsAsked, kind: str, wrt: Any, **asked: Any) -> int:
    derived = derive(
        request.text, wrt, request.shapes, kind, rules=request.rules, assume=request.assume, **asked
    )
    return show(request.text, derived, request.form, steps, request.seed, request.inline)
