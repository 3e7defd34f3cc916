"""Names for what a long formula repeats: ``W₁ᵀ(r ⊙ u) where r = …``.

A shared value is named once, so that a text is never longer than its graph allows, however often values are shared.
Nor does one text hold all of a thousand layers: a part of some pages gets a name, too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

from matcalc.graph.node import SCALAR, Node

LONG = 100  # formulas up to about so many characters are written out
LONG_WITH_NAMES = 60  # those that define names in any case
LONG_WITH_AXES = 20  # Jacobians and Hessians, which say the same values over and over
_WORTH = 9  # shorter parts are never named
_LONGEST_PART = (
    2000  # longer ones always are: as each part holds the text of its own parts, all would be the square
)
_ENDLESS = 10**9

_SCALARS = "kappa mu nu rho tau omega zeta xi chi".split()
_VECTORS = "r u v z y h g q p".split()
_MATRICES = "G H M P Q R Z U V".split()
_ACTIVATIONS = frozenset("softmax sigmoid tanh relu softplus exp".split())
_SIGNS = frozenset("variable number pi size identity ones transpose neg fill".split())


def abbreviations(
    order: Sequence[Node], taken: frozenset[str], long: int = LONG, needed: Collection[Node] = ()
) -> dict[Node, str]:
    """Names for parts of the formula whose nodes are ``order`` (operands first): the ``needed`` ones, where it is
    ``long`` also those that it repeats.

    Names in ``taken`` are not used.
    """
    shared = {*needed, *_shared(order)} if is_longer(order, long) else {*needed}
    chosen = [node for node in order if node in shared]
    named: dict[Node, str] = {}
    arguments = {arg for node in order if node.op in _ACTIVATIONS for arg in node.args}
    for node in chosen:  # p = softmax(z), z = Wx + b
        letter = "p" if node.op == "softmax" else "z" if node in arguments else None
        if letter and _kind(node) == 1 and letter not in taken and letter not in named.values():
            named[node] = letter
    taken |= {*named.values()}
    rest = {node: _kind(node) for node in chosen if node not in named}
    counts = Counter(rest.values())
    names = {
        kind: _names(letters, counts[kind], taken)
        for kind, letters in enumerate((_SCALARS, _VECTORS, _MATRICES))
    }
    named |= {node: next(names[kind]) for node, kind in rest.items()}
    return {node: named[node] for node in chosen}


def _shared(order: Sequence[Node]) -> set[Node]:
    """The parts that are used more than once and worth a name, and those that are too long for one text."""
    uses: dict[Node, int] = {}
    for node in order:
        for arg in node.args:
            uses[arg] = uses.get(arg, 0) + 1
    shared: set[Node] = set()
    lengths: dict[Node, int] = {}
    for node in order:
        length = _length(node, lengths)
        repeated = uses.get(node, 0) > 1 and length >= _WORTH and node.op not in _SIGNS
        if repeated or length > _LONGEST_PART:
            shared.add(node)
            length = 2
        lengths[node] = length
    return shared


def is_longer(order: Sequence[Node], limit: int) -> bool:
    """Whether a formula made of these nodes, operands first, takes more than about ``limit`` characters written out."""
    lengths: dict[Node, int] = {}
    for node in order:
        length = lengths[node] = _length(node, lengths)
        if length > limit:
            return True
    return False


def _kind(node: Node) -> int:
    """0 for scalars, 1 for vectors, 2 for matrices."""
    return 0 if node.shape == SCALAR else 1 if None in node.shape else 2


def _length(node: Node, lengths: dict[Node, int]) -> int:
    """About how many characters a node takes, written out of its operands."""
    own = 1 if node.op in _SIGNS else 8 if node.op in _ACTIVATIONS else 3
    return min(own + sum(map(lengths.__getitem__, node.args)), _ENDLESS)


def _names(letters: Sequence[str], count: int, taken: frozenset[str]) -> Iterator[str]:
    """Free names: single letters while they last, else one letter with numbers."""
    free = [letter for letter in letters if letter not in taken]
    if count <= len(free):
        yield from free
        return
    letter = free[0] if free else letters[0]
    number = 1
    while True:
        if f"{letter}{number}" not in taken:
            yield f"{letter}{number}"
        number += 1
