"""Claims that are right of another question: the gradient in another variable, or of a formula read otherwise."""

from __future__ import annotations

from dataclasses import replace

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.gradients import gradients
from matcalc.language.names import unicode_name
from matcalc.language.syntax import Call, Name, Syntax, rebuilt
from matcalc.review.claimed import Claimed
from matcalc.review.ground import Ground


def misreading(claimed: Claimed, derivation: Derivation) -> str | None:
    """The question that a claim answers, in words; None where none of those known is it."""
    if derivation.kind != "gradient":
        return None
    return _other_variable(claimed, derivation) or _outer_square(claimed, derivation)


def _other_variable(claimed: Claimed, derivation: Derivation) -> str | None:
    """The other variable that a claim is the gradient in."""
    reading = derivation.reading
    try:
        node = claimed.built().value
    except MatcalcError:
        return None
    for name in reading.shapes:
        if name == str(derivation.variable.data) or reading.structures.has(name, "constant"):
            continue
        other = gradients(reading, [name])[name]
        if other.result.shape != node.shape:
            continue
        ground = Ground(other, [other.result], reading.structures)
        if ground.agree(node, other.result):
            wrt = unicode_name(str(derivation.variable.data))
            return f"this is the gradient in {unicode_name(name)}, not in {wrt}"
    return None


def _outer_square(claimed: Claimed, derivation: Derivation) -> str | None:
    """Whether a claim is right where ssᵀ, an outer product, is meant as the elementwise square s ⊙ s."""
    reading = derivation.reading
    if reading.parsed is None:
        return None
    formula, claim = _squared(reading.parsed.tree), _squared(claimed.tree)
    if formula is None:
        return None
    try:
        value = replace(claimed, text=reading.text, resolved=reading.parsed).built(formula[1]).value
        meant = gradients(reading._replace(value=value), [derivation.wrt])[derivation.wrt]
        node = claimed.built(claimed.tree if claim is None else claim[1]).value
        ground = Ground(meant, [meant.result], reading.structures)
    except MatcalcError:
        return None
    if node.shape != meant.result.shape or not ground.agree(node, meant.result):
        return None
    name = formula[0]
    turned = {"unicode": f"{name}{name}ᵀ", "ascii": f"{name}*{name}'", "latex": f"{name}{name}^{{\\top}}"}
    return (
        f"{turned[claimed.spelling]} is an outer product, taken for the elementwise square: with that in its place,"
        f" {claimed.written(node)} is the gradient of {claimed.written(value)}"
    )


def _squared(tree: Syntax) -> tuple[str, Syntax] | None:
    """A formula with x ⊙ x in place of xxᵀ, and the first such x; None where there is none."""
    found: list[str] = []

    def call(old: Call, args: tuple[Syntax, ...]) -> Syntax:
        new = Call(old.start, old.end, old.function, args)
        if old.function != "mul":
            return new
        left, right = args
        before = left.args[-1] if isinstance(left, Call) and left.function == "mul" else left
        turned = isinstance(right, Call) and right.function == "transpose"
        inner = right.args[0] if isinstance(right, Call) and turned else None
        if not (isinstance(before, Name) and isinstance(inner, Name) and before.name == inner.name):
            return new
        found.append(before.name)
        square = Call(old.start, old.end, "hadamard", (before, inner))
        if before is left:
            return square
        assert isinstance(left, Call)
        return Call(old.start, old.end, "mul", (left.args[0], square))

    made = rebuilt(tree, lambda leaf: leaf, call)
    return (found[0], made) if found else None
