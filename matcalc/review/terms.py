"""The terms of a claim beside those of the derivative: which agree, which do not, which are missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations, product

from matcalc.derivation import Derivation
from matcalc.errors import MatcalcError
from matcalc.graph.node import Graph, Node
from matcalc.language.syntax import Call, Number, Syntax
from matcalc.review.claimed import Claimed
from matcalc.review.ground import Ground
from matcalc.verification.arrays import Array

MOST = 12  # terms that are told apart
_TOGETHER = 3  # terms of the derivative that may be one of the claim


@dataclass(frozen=True)
class Terms:
    """Terms of a claim that are in the derivative, those that are not, and what of the derivative is missing."""

    agree: tuple[str, ...]
    differ: tuple[str, ...]
    missing: tuple[str, ...]


def summands(tree: Syntax) -> list[Syntax]:
    """The terms that a formula adds, with their signs; a number in front of a sum is multiplied into it."""
    found: list[Syntax] = []
    waiting: list[tuple[Syntax, bool, tuple[Call, ...]]] = [(tree, True, ())]
    while waiting:
        piece, positive, scales = waiting.pop()
        match piece:
            case Call(function="add" | "sub" as kind, args=(left, right)):
                waiting += [(right, positive == (kind == "add"), scales), (left, positive, scales)]
            case Call(function="neg", args=(inner,)):
                waiting.append((inner, not positive, scales))
            case Call(function="mul", args=(Number(), inner)):
                waiting.append((inner, positive, (*scales, piece)))
            case _:
                for scale in reversed(scales):
                    piece = Call(piece.start, piece.end, "mul", (scale.args[0], piece))
                found.append(piece if positive else Call(piece.start, piece.end, "neg", (piece,)))
    return found


def distributed(node: Node, graph: Graph) -> list[Node]:
    """The terms of a value with its products multiplied out; the value itself where they are too many."""
    found = _distributed(node, graph, MOST)
    if len(found) > MOST:
        return [node]
    return [term if positive else graph.node("neg", (term,), term.shape) for positive, term in found]


def _distributed(node: Node, graph: Graph, depth: int) -> list[tuple[bool, Node]]:
    """Terms, and whether each is added rather than taken away."""

    def parts(arg: Node) -> list[tuple[bool, Node]]:
        found = _distributed(arg, graph, depth - 1) if depth else []
        return found if 1 <= len(found) <= MOST else [(True, arg)]

    if node.op in ("add", "sub"):
        left, right = map(parts, node.args)
        return left + ([(not sign, term) for sign, term in right] if node.op == "sub" else right)
    if node.op == "neg":
        return [(not sign, term) for sign, term in parts(node.args[0])]
    if node.op == "transpose":
        return [(sign, graph.node("transpose", (term,), node.shape)) for sign, term in parts(node.args[0])]
    if node.op == "over":
        return [
            (sign, graph.node("over", (term, node.args[1]), node.shape)) for sign, term in parts(node.args[0])
        ]
    if node.op in ("scale", "matmul", "hadamard"):
        left, right = map(parts, node.args)
        return [
            (one == other, graph.node(node.op, (a, b), node.shape))
            for (one, a), (other, b) in product(left, right)
        ]
    return [(True, node)]


def compare_terms(claimed: Claimed, derivation: Derivation, ground: Ground) -> Terms | None:
    """The terms of a claim beside those of the derivative; None where either is one term or they are too many."""
    pieces = summands(claimed.tree)
    if not 1 <= len(pieces) <= MOST:
        return None
    nodes = [_node(claimed, piece, derivation) for piece in pieces]
    best: Terms | None = None
    for terms in _decompositions(derivation):
        if len(terms) > MOST:
            continue
        used = set[int]()
        agree: list[str] = []
        differ: list[str] = []
        known = [ground.value(term) for term in terms]
        for piece, node in zip(pieces, nodes, strict=True):
            places = _found(node, terms, known, used, ground, derivation.reading.graph)
            used |= set(places)
            (agree if places else differ).append(_shown(claimed, piece))
        missing = [claimed.written(term) for place, term in enumerate(terms) if place not in used]
        if agree and (best is None or len(differ) < len(best.differ)):
            best = Terms(tuple(agree), tuple(differ), tuple(missing))
    return best


def _decompositions(derivation: Derivation) -> Iterator[list[Node]]:
    """Ways to write the derivative as a sum: by the uses of its variable, and multiplied out."""
    if derivation.kind == "gradient" and derivation.sweep is not None:
        shares = [derivation.names.open([share.named])[0] for share in derivation.contributions]
        yield shares
    yield distributed(derivation.result, derivation.reading.graph)


def _node(claimed: Claimed, piece: Syntax, derivation: Derivation) -> Node | None:
    """A term of a claim; None where it does not conform or has another shape than the derivative."""
    try:
        node = claimed.built(piece).value
    except MatcalcError:
        return None
    return node if node.shape == derivation.result.shape else None


def _found(
    node: Node | None,
    terms: Sequence[Node],
    known: Sequence[Array | None],
    used: set[int],
    ground: Ground,
    graph: Graph,
) -> tuple[int, ...]:
    """The places of the fewest unused terms that add up to a term of a claim."""
    value = None if node is None else ground.value(node)
    if node is None or value is None:
        return ()
    free = [place for place, term in enumerate(known) if place not in used and term is not None]
    for count in range(1, min(_TOGETHER, len(free)) + 1):
        for places in combinations(free, count):
            if ground.same(ground.total([known[place] for place in places]), value):
                whole = terms[places[0]]
                for place in places[1:]:
                    whole = graph.node("add", (whole, terms[place]), node.shape)
                if ground.agree(whole, node):
                    return places
    return ()


def _shown(claimed: Claimed, piece: Syntax) -> str:
    """A term as it is written."""
    try:
        return claimed.written(claimed.built(piece).value)
    except MatcalcError:
        return claimed.text[piece.start : piece.end]
