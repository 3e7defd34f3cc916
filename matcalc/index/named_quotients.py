"""Names for quotients: where z = c/s has a name, c/s² in a result is z/s.

Matrix products with names are found in the graph (``matcalc.folding``).  A quotient is factors of one term, which may lie
anywhere in it, and is found before the term has its canonical form.  Products without a division stay as they are: with
h = o ⊙ tanh(c), the o ⊙ (1 − o) of a sigmoid's derivative is not to be torn apart.
"""

from __future__ import annotations

from collections.abc import Mapping

from matcalc.graph.node import Node
from matcalc.index.expand import Expansion
from matcalc.index.rewrites import Rewrites, replace_factors
from matcalc.index.settle import Settling
from matcalc.index.terms import Atom, Index, Legs, Powers, Term, roots

_MOST_FACTORS = 8  # of a quotient that is looked for


class NamedQuotients:
    """The rewrites of the rule files, after names were put in for the quotients that have one."""

    def __init__(self, rewrites: Rewrites) -> None:
        self._rewrites = rewrites
        # by a factor with all indices: quotient and name
        self._known: dict[Atom, list[tuple[Term, Term, Legs]]] = {}

    def learn(self, bodies: Mapping[Node, Node], expansion: Expansion, settling: Settling) -> bool:
        """Note what is a quotient among the ``bodies``, by the variable that names each; later ones come first.

        False where there is none.
        """
        found: list[tuple[Atom, tuple[Term, Term, Legs]]] = []
        bodies = {name: body for name, body in bodies.items() if _may_divide(body)}
        names = list(bodies)
        values = expansion.expand([*names, *bodies.values()])
        for name, body in zip(values[: len(names)], values[len(names) :], strict=True):
            if len(name.legs) != len(body.legs) or len(body.terms) != 1:
                continue
            for mine, theirs in zip(name.legs, body.legs, strict=True):
                mine.join(theirs)
            legs = roots(body.legs)
            product, variable = (settling.close(value.terms, legs) for value in (body, name))
            if product.bound or len(product.factors) > _MOST_FACTORS or product.coefficient != 1:
                continue
            if {power > 0 for _, _, power in product.factors} != {True, False}:
                continue
            whole = next((atom for atom, ends, _ in product.factors if _same(ends, legs)), None)
            if whole is not None:
                found.append((whole, (product, variable, legs)))
        for atom, sides in reversed(found):
            self._known.setdefault(atom, []).append(sides)
        return bool(found)

    def apply(self, term: Term, powers: Powers, bound: set[Index]) -> bool:
        """Put in a name or apply a rewrite; False where none applies."""
        for atom, ends in list(powers):
            for product, variable, legs in self._known.get(atom, ()):
                own = next(
                    inner for other, inner, _ in product.factors if other is atom and _same(inner, legs)
                )
                places = dict(zip(own, ends, strict=True))
                sides = (product, variable, legs)
                if replace_factors(term, powers, bound, sides, tuple(places[leg] for leg in legs)):
                    return True
        return self._rewrites.apply(term, powers, bound)


def _may_divide(body: Node) -> bool:
    """Whether a definition may be a quotient; C diag(1 ⊘ s) is one."""
    if body.op == "matmul":
        return any(arg.op == "diag" for arg in body.args)
    return body.op in ("hadamard", "eldivide", "over", "scale")


def _same(ends: Legs, legs: Legs) -> bool:
    return len(ends) == len(legs) and set(ends) == set(legs)
