"""The backward sweeps that lead to a derivative, one record each.

A gradient, a pullback and a Jacobian are one sweep; what arrives at the value is 1, a delta with a name, or the identity
tensor, for which a placeholder δ stands.  A Hessian is the Jacobian of the gradient, a Hessian-vector product the pullback
of the gradient: two sweeps.  A pushforward is a sweep through a sweep, of which the first is shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matcalc.graph.node import SCALAR, Node
from matcalc.naming import Names, names_of
from matcalc.steps.lines import Record
from matcalc.steps.record import FEW, Question, record
from matcalc.steps.table import taken_names

if TYPE_CHECKING:
    from matcalc.derivation import Derivation
    from matcalc.derivatives import Derivative

JACOBIAN = "With the identity in place of {}, whose axes ride along, the same sweep gives the"
PUSHFORWARD = (
    "A pushforward is the pullback of this pullback with respect to {}, where the direction arrives; that second sweep"
    " has no steps of its own. It gives"
)


@dataclass(frozen=True)
class Stage:
    """One sweep: its record and what follows from it.

    ``title`` says what it derives; in ``ending``, words about the result, ``{}`` stands for the delta that arrives.
    """

    record: Record
    title: str = ""
    ending: str = ""


def stages(derivation: Derivation, verbose: bool = False) -> tuple[Stage, ...]:
    """The sweeps of a derivation in their order; without ``verbose`` no more than a few lines of each kind are made."""
    return tuple(_stages(derivation, None if verbose else FEW))


def _stages(derivation: Derivation, most: int | None) -> Iterator[Stage]:
    if derivation.kind == "gradient":
        one = derivation.reading.graph.number(1)
        asked = Question(
            derivation.reading,
            derivation.names,
            derivation.value,
            derivation.variable,
            one,
            derivation.named,
            derivation.sweep,
            derivation.projection,
            taken_names(derivation),
        )
        yield Stage(record(asked, most))
    else:
        from matcalc.derivatives import Derivative

        assert isinstance(derivation, Derivative)
        yield from _other_kinds(derivation, most)


def _other_kinds(derived: Derivative, most: int | None) -> Iterator[Stage]:
    question = derived.question
    value, reading = derived.value, derived.reading
    names = names_of(reading)
    variables = [variable for _, variable in question.variables]
    if derived.kind in ("hessian", "hvp"):
        gradient = value
        for number, variable in enumerate(variables[:-1] if derived.kind == "hessian" else variables, 1):
            gradient, stage = _gradient(gradient, variable, derived, names, number, most)
            yield stage
        if derived.kind == "hvp":
            (direction,) = question.directions
            yield _sweep(
                gradient, variables[-1], direction, derived, names, most, "the pullback of the gradient"
            )
        else:
            ending = f"{JACOBIAN} {'Hessian' if len(variables) == 2 else 'derivative'}"
            if gradient.shape == SCALAR:
                ending = ""
            title = "the derivative of the gradient" if len(variables) == 2 else "the derivative of that"
            yield _sweep(gradient, variables[-1], None, derived, names, most, title, ending)
    elif derived.kind == "pullback":
        (upstream,) = question.directions
        arriving = upstream if upstream.shape == value.shape else _turned(upstream, derived)
        yield _sweep(value, variables[0], arriving, derived, derived.names, most)
    elif derived.kind == "pushforward":
        yield _sweep(value, variables[0], None, derived, derived.names, most, "the pullback", PUSHFORWARD)
    else:
        yield _sweep(value, variables[0], None, derived, derived.names, most, "", f"{JACOBIAN} Jacobian")


def _gradient(
    value: Node, variable: Node, derived: Derivative, names: Names, number: int, most: int | None
) -> tuple[Node, Stage]:
    """The derivative that is differentiated again, and how it comes about."""
    from matcalc.kinds import jacobian_of

    found = jacobian_of(value, variable, derived.reading, names, [value], structured=False)
    one = derived.reading.graph.number(1) if value.shape == SCALAR else None
    title = "the gradient" if number == 1 else "its derivative"
    ending = "" if value.shape == SCALAR else f"{JACOBIAN} derivative"
    result = found if value.shape == SCALAR else None
    asked = Question(derived.reading, names, value, variable, one, result, taken=taken_names(derived), own="")
    return names.open([found])[0], Stage(record(asked, most), title, ending)


def _sweep(
    value: Node,
    variable: Node,
    seed: Node | None,
    derived: Derivative,
    names: Names,
    most: int | None,
    title: str = "",
    ending: str = "",
) -> Stage:
    arriving = derived.reading.graph.number(1) if seed is None and value.shape == SCALAR else seed
    result = derived.named if derived.kind in ("pullback", "hvp") else None
    taken = taken_names(derived) | {str(node.data) for node in derived.question.directions}
    asked = Question(derived.reading, names, value, variable, arriving, result, taken=taken)
    return Stage(record(asked, most), title, ending)


def _turned(upstream: Node, derived: Derivative) -> Node:
    return derived.reading.graph.node("transpose", (upstream,), upstream.shape[::-1])
