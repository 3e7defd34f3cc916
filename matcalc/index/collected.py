"""Settled terms in which equal ones are added.

Most terms of a sum have factors that no other term has.  Only those that share their factors are given a canonical key.
"""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.index.canonical import Key, term_key
from matcalc.index.terms import Index, Term


class Collected:
    """The terms of a sum over ``free`` indices, in the order in which they came; equal ones are one term."""

    def __init__(self, free: Sequence[Index]) -> None:
        self.terms: list[Term] = []
        self._free = free
        # By factors: the term that has them, None where there are more.
        self._alone: dict[object, Term | None] = {}
        self._keyed: dict[Key, Term] = {}  # the others

    def add(self, term: Term) -> Term:
        """Put a term in; the term of the sum that it was added to, which is itself where it is the first of its kind."""
        factors = _factors(term)
        known = term
        if factors in self._alone:
            alone, self._alone[factors] = self._alone[factors], None
            if alone is not None:
                self._keyed[term_key(alone, self._free)] = alone
            known = self._keyed.setdefault(term_key(term, self._free), term)
        else:
            self._alone[factors] = term
        if known is term:
            self.terms.append(term)
        else:
            known.coefficient += term.coefficient
        return known


def _factors(term: Term) -> object:
    """What equal terms share, without their indices; identities may be spread over these in several ways."""
    return tuple(sorted([(atom.id, power) for atom, _, power in term.factors if atom.kind != "identity"]))
