"""What each use of a variable adds to its gradient, by the definition in which the use stands.

Weights that a program ties through time, as U in h1 = tanh(U h0 + P x1), h2 = tanh(U h1 + P x2), get a contribution
from each step; the gradient is their sum.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from matcalc.graph.node import Node
from matcalc.naming import Names
from matcalc.steps.uses import raw_uses

if TYPE_CHECKING:
    from matcalc.derivation import Derivation
    from matcalc.printers.text import Written


@dataclass(frozen=True)
class Share:
    """What one use of a variable adds to the gradient.

    ``places`` are the definitions in which the use stands; none where it stands in the value itself.
    """

    places: tuple[str, ...]
    named: Node
    derivation: Derivation = field(repr=False)

    def written(self, spelling: str) -> Written:
        """The contribution, with the definitions of the names in it."""
        return self.derivation.write(self.named, spelling)

    def unicode(self) -> str:
        """The contribution as papers print it."""
        return str(self.written("unicode"))

    def ascii(self) -> str:
        """The contribution as MATLAB writes it."""
        return str(self.written("ascii"))

    def latex(self) -> str:
        """The contribution in LaTeX."""
        return str(self.written("latex"))


def uses(derivation: Derivation) -> int:
    """How often a variable is used."""
    reading = derivation.reading
    return len(raw_uses(derivation.variable, derivation.sweep, reading.graph, reading.operations))


def shares(derivation: Derivation) -> tuple[Share, ...]:
    """The contributions to a derivative, the use nearest to the value first."""
    reading = derivation.reading
    raw = raw_uses(derivation.variable, derivation.sweep, reading.graph, reading.operations)
    if not raw:
        return ()
    owners = _owners(derivation.names)
    deltas = [use.delta for use in raw]
    opened = deltas if derivation.projection else []
    parts = [derivation.projected(delta) for delta in deltas]
    values = derivation.names.simplify(parts, reading.operations, [derivation.value], opened=opened)
    return tuple(
        Share(tuple(owners.get(use.contribution.user, ())), value, derivation)
        for use, value in zip(raw, values, strict=True)
    )


def _owners(names: Names) -> Mapping[Node, Sequence[str]]:
    """The definitions in which each node stands: those whose text it is a part of."""
    owners: dict[Node, list[str]] = {}
    for name, root in names.by_name.items():
        pending, seen = [root], {root}
        while pending:
            node = pending.pop()
            owners.setdefault(node, []).append(name)
            fresh = [arg for arg in node.args if arg not in seen and arg not in names.variables]
            seen.update(fresh)
            pending.extend(fresh)
    return owners
