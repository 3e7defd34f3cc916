"""The verdict on a claimed formula, and the reasons for it."""

from __future__ import annotations

from dataclasses import replace

from matcalc.derivation import Derivation
from matcalc.errors import DerivationProblem, ShapeProblem
from matcalc.graph.node import Node, axes, variables
from matcalc.index.simplify import simplify
from matcalc.language.names import unicode_name
from matcalc.language.syntax import Name, postorder
from matcalc.review.claimed import Claimed, known_shapes, read_claim
from matcalc.review.conventions import adding_up, condition, convention
from matcalc.review.ground import Ground, is_zero
from matcalc.review.misreadings import misreading
from matcalc.review.repair import repaired
from matcalc.review.report import CONVENTION, EQUAL, WRONG, ClaimReport
from matcalc.review.terms import Terms, compare_terms

_MOST_STRANGERS = 6  # that are named


def review(derivation: Derivation, claim: str) -> ClaimReport:
    """The report on a claim that says what ``derivation`` derives.

    Raises ``MatcalcError`` where the claim can't be read, or can't be compared.
    """
    claimed = read_claim(claim, derivation)
    try:
        built = claimed.built()
    except ShapeProblem as problem:
        problem.text = claim  # with its left side
        strange = _strangers(claimed, derivation)
        return _wrong(claimed, derivation, [str(problem), *strange])
    node, right = built.value, derivation.result
    report = ClaimReport(EQUAL, (), derivation, notes=(*claimed.notes, *built.notes))
    if node.shape != right.shape and is_zero(node) and is_zero(right):
        node = right
    stranger = _stranger(node, derivation)
    if node.shape == right.shape and _same_form(node, derivation):
        return replace(report, reasons=("both have the same normal form",))
    ground = Ground(derivation, [right], derivation.reading.structures)
    _require_proof(derivation)
    if node.shape == right.shape and ground.agree(node, right):
        count = len(ground.points)
        return replace(report, reasons=(f"the forms differ, the numbers agree at {count} random points",))
    if stranger is not None:
        return replace(_wrong(claimed, derivation, [stranger], ground), notes=report.notes)
    words = convention(derivation, node, ground, claimed.says_which)
    if words is not None:
        return replace(
            report, verdict=CONVENTION, reasons=(words, f"by matcalc's conventions {_head(claimed)}")
        )
    holds = condition(derivation, node) or adding_up(derivation, node, ground)
    reasons = [_difference(node, derivation, claimed), *filter(None, [holds])]
    return replace(_wrong(claimed, derivation, reasons, ground), notes=report.notes)


def _require_proof(derivation: Derivation) -> None:
    """A claim is called wrong only beside a derivative that finite differences confirm."""
    found = derivation.check()
    if found.ok is not True:
        raise DerivationProblem(f"the claim can't be judged: matcalc's own derivative is {found}")


def _same_form(node: Node, derivation: Derivation) -> bool:
    """Whether a claim and the derivative have one normal form: their difference is zero."""
    reading = derivation.reading
    difference = reading.graph.node("sub", (node, derivation.result), node.shape)
    (rest,) = simplify([difference], reading.graph, reading.operations, structures=reading.structures)
    return is_zero(rest)


def _stranger(node: Node, derivation: Derivation) -> str | None:
    """A variable of the claim that the formula does not have."""
    known = {
        str(variable.data)
        for variable in variables([derivation.value, derivation.result, *derivation.heads()])
    }
    known |= derivation.reading.declared.keys()
    for variable in variables([node]):
        if str(variable.data) not in known:
            name = unicode_name(str(variable.data))
            return (
                f"{name} is no variable of the formula; it has {', '.join(map(unicode_name, sorted(known)))}"
            )
    return None


def _strangers(claimed: Claimed, derivation: Derivation) -> list[str]:
    """That a claim whose shapes don't conform has names that the formula lacks: in adj(X) these are a, d and j."""
    known = {*known_shapes(derivation), *(name for name, _ in claimed.resolved.definitions)}
    trees = (claimed.tree, *(tree for _, tree in claimed.resolved.definitions))
    names = {piece.name: None for tree in trees for piece in postorder(tree) if isinstance(piece, Name)}
    strange = [unicode_name(name) for name in names if name not in known]
    if not strange or claimed.resolved.orders or len(strange) > _MOST_STRANGERS:
        return []
    return [f"the formula has no {' and no '.join(strange)}"]


def _difference(node: Node, derivation: Derivation, claimed: Claimed) -> str:
    """What is wrong at first sight."""
    if node.shape != derivation.result.shape:
        what = unicode_name(str(derivation.variable.data))
        kind = "gradient" if derivation.kind == "gradient" else derivation.kind
        like = f", as {what} is" if derivation.kind == "gradient" else ""
        return f"the claim is {_shape(node)}, but the {kind} is {_shape(derivation.result)}{like}"
    return "its values differ from those of the derivative, which finite differences confirm"


def _wrong(
    claimed: Claimed, derivation: Derivation, reasons: list[str], ground: Ground | None = None
) -> ClaimReport:
    """The report on a wrong claim: what agrees, the slip, and the right formula."""
    if ground is None:
        ground = Ground(derivation, [derivation.result], derivation.reading.structures)
        _require_proof(derivation)
    terms = compare_terms(claimed, derivation, ground)
    reasons += _of_terms(terms)
    found = repaired(claimed, derivation, ground)
    if found is not None:
        repair = claimed.written(found.value)
        return ClaimReport(WRONG, (*reasons, found.slip), derivation, repair, found.slip)
    slip = misreading(claimed, derivation)
    reasons.append(slip or "no single small edit makes it right")
    return ClaimReport(WRONG, tuple(reasons), derivation, claimed.right, slip)


def _of_terms(terms: Terms | None) -> list[str]:
    if terms is None:
        return []
    lines = [("agrees", terms.agree), ("differs", terms.differ), ("missing", terms.missing)]
    return [f"{word}: {',  '.join(found)}" for word, found in lines if found]


def _head(claimed: Claimed) -> str:
    right = claimed.right
    return (
        right
        if "=" in right.partition("where")[0]
        else f"{claimed.derivation.head(claimed.spelling)} = {right}"
    )


def _shape(node: Node) -> str:
    return "×".join(map(str, axes(node.shape))) or "a scalar"
