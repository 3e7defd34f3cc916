"""The one small edit that makes a wrong claim right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, islice

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.graph.algebra import Algebra
from matcalc.graph.node import SCALAR, Node, axes, topological
from matcalc.language.names import unicode_name
from matcalc.language.syntax import Syntax, postorder
from matcalc.review.claimed import Claimed, known_shapes
from matcalc.review.edits import Edit, Supply, edits
from matcalc.review.ground import Ground, is_zero
from matcalc.review.terms import MOST, distributed

_MOST_EDITS = 4000
_MOST_PARTS = 24  # terms and factors that may be missing
_LONGEST = 300  # nodes of a claim that is edited
_SPARE = "∂"  # begins names that no text can name


@dataclass(frozen=True)
class Repair:
    """A slip, in words, and the right formula."""

    slip: str
    value: Node


def repaired(claimed: Claimed, derivation: Derivation, ground: Ground) -> Repair | None:
    """The first small edit under which a claim has the values of the derivative; None where none of them has."""
    trees = [claimed.tree, *(tree for _, tree in claimed.resolved.definitions)]
    if is_zero(derivation.result) or sum(1 for tree in trees for _ in postorder(tree)) > _LONGEST:
        return None
    return _missing_use(claimed, derivation, ground) or _edited(claimed, derivation, ground)


def _missing_use(claimed: Claimed, derivation: Derivation, ground: Ground) -> Repair | None:
    """The uses of a variable that a claim leaves out."""
    if derivation.kind != "gradient" or derivation.sweep is None:
        return None
    shares = [derivation.names.open([share.named])[0] for share in derivation.contributions]
    if not 2 <= len(shares) <= MOST:
        return None
    try:
        claim = claimed.built().value
    except MatcalcError:
        return None
    right, have = ground.value(derivation.result), ground.value(claim)
    if right is None or have is None or right.shape != have.shape:
        return None
    values = [ground.value(share) for share in shares]
    for count in range(1, len(shares)):
        for missing in combinations(range(len(shares)), count):
            if ground.same(ground.total([have, *(values[place] for place in missing)]), right):
                graph = derivation.reading.graph
                whole = claim
                for place in missing:
                    whole = graph.node("add", (whole, shares[place]), claim.shape)
                name = unicode_name(str(derivation.variable.data))
                words = " and ".join(claimed.written(shares[place]) for place in missing)
                uses = f"{name} is used {len(shares)} times" if len(shares) != 2 else f"{name} is used twice"
                if ground.agree(whole, derivation.result):
                    return Repair(f"a missing use of {name}: {uses}, and one adds {words}", whole)
    return None


def _edited(claimed: Claimed, derivation: Derivation, ground: Ground) -> Repair | None:
    """The first edit that gives the derivative's normal form, or else the first that gives its numbers, or a multiple."""
    likely: Repair | None = None
    multiple: Repair | None = None
    right = ground.value(derivation.result)
    parts = _parts(derivation)
    supply = Supply(
        **{
            kind: [name for name in parts if name.startswith(_SPARE + kind[0])]
            for kind in ("terms", "products", "factors")
        },
        names=_alike(derivation),
        functions=_functions([derivation.result, derivation.value], derivation),
    )
    definitions = dict(claimed.resolved.definitions)
    for name in (None, *definitions):
        for edit in islice(edits(claimed.tree if name is None else definitions[name], supply), _MOST_EDITS):
            tree = edit.tree if name is None else claimed.tree
            others = definitions if name is None else {**definitions, name: edit.tree}
            try:
                node = claimed.built(tree, parts, tuple(others.items())).value
            except MatcalcError:
                continue
            value = ground.value(node)
            if node.shape != derivation.result.shape or not ground.same(value, right):
                factor = ground.ratio(value, right) if multiple is None else None
                if factor is not None and ground.agree(_times(factor, node, derivation), derivation.result):
                    lacks = f"{1 / factor} is too much" if factor.numerator == 1 else f"{factor} is missing"
                    words = f"{_words(edit, claimed, parts)}, and a factor {lacks} besides"
                    multiple = Repair(words, derivation.result)
                continue
            if is_zero(ground.difference(node, derivation.result)):
                whole = (
                    name is None
                    and edit.before is claimed.tree
                    and "a factor" in edit.slip.replace("missing ", "")
                )
                return Repair(
                    _words(edit, claimed, parts), derivation.result if whole else node
                )  # 4x, not 2(2x)
            if likely is None and not ground.jumps([node]) and ground.agree(node, derivation.result):
                likely = Repair(_words(edit, claimed, parts), node)
    return likely or multiple


def _times(factor: Fraction, node: Node, derivation: Derivation) -> Node:
    graph = derivation.reading.graph
    number = graph.number(factor)
    return graph.node("scale" if node.shape != SCALAR else "hadamard", (number, node), node.shape)


def _parts(derivation: Derivation) -> Mapping[str, Node]:
    """Terms (∂t…) and factors (∂f…) of the derivative and the formula, by names that stand for them."""
    graph = derivation.reading.graph
    order = topological([derivation.result, derivation.value])
    terms: dict[Node, None] = {}
    factors: dict[Node, None] = {}
    for node in order:
        if node.op in ("add", "sub"):
            terms.update(dict.fromkeys(node.args))
        elif node.op in ("matmul", "hadamard", "scale", "over"):
            factors.update(dict.fromkeys(node.args))
        elif node.op == "variable":
            factors[node] = None
            if len(axes(node.shape)) == 2:
                factors[graph.node("transpose", (node,), node.shape[::-1])] = None
    if derivation.shape:
        factors[Algebra(graph).ones(derivation.result.shape)] = None  # 2𝟏, not 2
    products = [
        term.args[0] if term.op == "neg" else term for term in distributed(derivation.result, graph)
    ]  # both signs are tried
    return {
        f"{_SPARE}{kind}{place}": node
        for kind, nodes in (("t", terms), ("p", products), ("f", factors))
        for place, node in enumerate(_simplest(nodes))
    }


def _simplest(nodes: Iterable[Node]) -> list[Node]:
    """Some values, the simplest first."""
    return sorted((node for node in nodes if len(node.shape) == 2), key=lambda node: node.layer)[:_MOST_PARTS]


def _alike(derivation: Derivation) -> Mapping[str, list[str]]:
    """The variables of the same shape as each."""
    shapes = known_shapes(derivation)
    return {
        name: [other for other in shapes if other != name and shapes[other] == shape]
        for name, shape in shapes.items()
    }


def _functions(values: Iterable[Node], derivation: Derivation) -> list[str]:
    """The functions of one argument that formulas use."""
    named = derivation.reading.operations.functions
    return sorted({node.op for node in topological(values) if node.op in named and len(node.args) == 1})


def _words(edit: Edit, claimed: Claimed, parts: Mapping[str, Node]) -> str:
    """What was done, with the piece before and after where both can be written."""
    if "[" in claimed.text or claimed.says_which:  # a piece alone would have other letters for its indices
        return edit.slip
    before, after = _piece(edit.before, claimed, parts), _piece(edit.after, claimed, parts)
    if before is None or after is None or before == after:
        return edit.slip
    return f"{edit.slip}: {before} should be {after}"


def _piece(tree: Syntax, claimed: Claimed, parts: Mapping[str, Node]) -> str | None:
    try:
        return claimed.written(claimed.built(tree, parts).value)
    except MatcalcError:
        text = claimed.text[tree.start : tree.end].strip()
        return text if tree.end - tree.start == len(text) and text.count("(") == text.count(")") else None
