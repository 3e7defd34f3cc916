"""Settling terms and collecting equal ones.

A term is settled when its factors have said to each other all that they have to say: powers of equal factors are
joined, identities have renamed indices, inverses met what they invert, and ``rules/rewrites.toml`` was applied.  Only
then it has a canonical key.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from operator import attrgetter
from typing import Any, Protocol

from matcalc.errors import RuleProblem
from matcalc.index.blocks import choose
from matcalc.index.cancellation import cancel_inverses, close_squares, distribute
from matcalc.index.canonical import Forms
from matcalc.index.collected import Collected
from matcalc.index.diagonals import commute
from matcalc.index.factors import base, has_identity, join_identities, multiply, rational_power, share_names
from matcalc.index.journal import Journal
from matcalc.index.layout import into_sum, pair_up
from matcalc.index.peeling import peel_inverses
from matcalc.index.quotients import cancel_sums
from matcalc.index.structured import orient, simplify_factors
from matcalc.index.terms import Atom, Factor, Index, Legs, Powers, Term, copy_terms, instance, roots

_SIMPLIFICATIONS = (
    200  # of one term, and more where it is long; only rewrites that undo each other need so many
)
_OPENED = 64  # terms up to which closed sums of many indices are multiplied out
_SHORT = 16  # terms up to which a closed sum is opened among others; each sum of a long chain has the one before it
_LOOKED_AT_AGAIN = 256  # factors up to which terms are settled again, now that the sums among them are known
_EXPANDED = 12  # terms up to which a sum is multiplied out to see whether it gets shorter
_by_id = attrgetter("id")


class Rewriting(Protocol):
    """What applies identities to the factors of a term."""

    def apply(self, term: Term, powers: Powers, bound: set[Index]) -> bool:
        """Apply one; False where none applies."""


class Settling:
    """Settles terms and collects equal ones; closes sums into atoms."""

    def __init__(self, forms: Forms, rewrites: Rewriting | None) -> None:
        self.forms = forms
        self.rewrites = rewrites
        self._structured = bool(forms.structures)
        self.journal: Journal | None = None  # of what is done, where somebody asks

    # Sums ------------------------------------------------------------------------------------------------------

    def collect(self, terms: list[Term], legs: Legs) -> list[Term]:
        """Settled terms with equal ones added and zero ones dropped; sums that stand alone are opened."""
        free = _distinct(legs)
        return self._shortened(self._collected(terms, free, opening=True), free)

    def arrange(self, terms: list[Term], legs: Legs) -> list[Term]:
        """Collected terms for the eye: multiples of a sum stay closed where opening them lets nothing cancel."""
        free = _distinct(legs)
        closed = self._collected(terms, free, opening=False)
        sums = [term for term in closed if _is_sum(term, free)]
        if not sums and sum(len(term.factors) for term in closed) > _LOOKED_AT_AGAIN:
            return self._shortened(closed, free)
        opened = self.collect(copy_terms(closed, {index: index for index in free}), legs)
        if all(abs(term.coefficient) == 1 for term in sums):
            return opened
        written = len(closed) + sum(len(term.factors[0][0].args[0].terms) - 1 for term in sums)
        return opened if len(opened) < written else closed

    def opened(self, terms: list[Term], legs: Legs) -> list[Term]:
        """Collected terms with the closed sums of three indices or more multiplied out, while that is not too long."""
        pending = list(reversed(terms))
        done: list[Term] = []
        while pending:
            term = pending.pop()
            place = _open_tensor(term)
            if place is None or len(done) + len(pending) > _OPENED:
                done.append(term)
            else:
                pending.extend(reversed(_multiplied_out(term, place)))
        free = _distinct(legs)
        return self._collected(copy_terms(done, {index: index for index in free}), free, opening=True)

    def _collected(self, terms: list[Term], free: list[Index], opening: bool) -> list[Term]:
        pending = list(reversed(terms))
        collected = Collected(free)
        while pending:
            term = self.settle(pending.pop(), free)
            if not term.coefficient:
                continue
            alone = not collected.terms and not pending
            if opening and _is_sum(term, free) and (alone or _is_short(term)):
                pending.extend(reversed(_opened(term)))
            elif alone:
                return [term]
            else:
                known = collected.add(term)
                if known is not term and self.journal is not None:
                    self.journal.note("collected" if known.coefficient else "cancelled")
        return [term for term in collected.terms if term.coefficient]

    def _shortened(self, terms: list[Term], free: list[Index]) -> list[Term]:
        """Collected terms, multiplied out where that is shorter."""
        if len(terms) < 2 or not _may_cancel(terms):
            return terms
        journal, self.journal = self.journal, None  # of a trial nothing is noted
        expanded = self._expanded(terms, free)
        self.journal = journal
        if expanded is None or len(expanded) > len(terms) or _weight(expanded) >= _weight(terms):
            return terms
        if self.journal is not None:
            self.journal.note("expanded")
        return expanded

    def _expanded(self, terms: list[Term], free: list[Index]) -> list[Term] | None:
        """The terms multiplied out; None where that makes too many."""
        pending = copy_terms(terms, {index: index for index in free})
        done: list[Term] = []
        while pending:
            term = pending.pop()
            place = _sum_place(term)
            if place is None:
                done.append(term)
            else:
                pending.extend(_multiplied_out(term, place))
            if len(done) + len(pending) > _EXPANDED:
                return None
        # The parts share their outer bound indices: each gets its own.
        return self._collected(copy_terms(done[::-1], {index: index for index in free}), free, opening=True)

    def close(self, terms: list[Term], legs: Legs) -> Term:
        """Terms as one term: a closed sum where more than one is left."""
        terms = self.collect(terms, legs)
        if not terms:
            return Term(0, [], [])
        return terms[0] if len(terms) == 1 else self.closed(terms, legs)

    def closed(self, terms: list[Term], legs: Legs) -> Term:
        """Collected terms as a number times one atom."""
        used = {leg for term in terms for _, factor_legs, _ in term.factors for leg in factor_legs}
        kept = tuple([index for index in _distinct(legs) if index in used])
        common = _common_scalars(terms)
        number, atom, legs = self.forms.sum(kept, terms)
        return Term(number, [*common, (atom, legs, 1)], [])

    # One term --------------------------------------------------------------------------------------------------

    def settle(self, term: Term, free: list[Index]) -> Term:
        """The term with its factors joined and simplified; ``free`` are the roots of its free indices, each once."""
        if not term.coefficient:
            return term
        if self.journal is not None:
            self._note_factors(term, self.journal)
        bound = set(roots(term.bound)).difference(free)
        kinds = _kinds(term.factors)
        if "identity" in kinds:
            join_identities(term, bound)
            share_names(term, free)
            bound = set(roots(bound))
        powers = self._powers(term, "number" in kinds)
        for _ in range(_SIMPLIFICATIONS + 8 * len(powers)):
            done = self._simplified(term, powers, bound, kinds)
            if not done:
                break
            kinds = _kinds(powers)
            if self.journal is not None:
                self.journal.note(done)
        else:
            raise RuleProblem("the rewrites of the rule files go round in a circle")
        if bound:
            unused = bound.difference(*[legs for _, legs in powers])
            for index in sorted(unused, key=_by_id):
                self._times_size(term, powers, index)
            bound -= unused
        term.factors = [(atom, legs, power) for (atom, legs), power in powers.items()]
        term.bound = sorted(bound, key=_by_id)
        if not self._structured:
            return term
        structures = self.forms.structures
        return orient(commute(term, free, structures), free, structures)

    def _note_factors(self, term: Term, journal: Journal) -> None:
        """Note what joining the factors of a term will do."""
        if has_identity(term):
            journal.note("identity")
        powers: Powers = {}
        for factor in term.factors:
            multiply(powers, factor)
        if any(base(atom, roots(legs)) not in powers for atom, legs, _ in term.factors):
            journal.note("reciprocals")

    def _simplified(self, term: Term, powers: Powers, bound: set[Index], kinds: set[str]) -> str:
        """Apply one simplification and say which; nothing where none applies.

        What needs factors of other than these ``kinds`` is not tried.
        """
        if self._structured and simplify_factors(term, powers, bound, self.forms.structures):
            return "structure"
        if bound and close_squares(powers, bound, self.forms):
            return "squares"
        if "inv" in kinds and cancel_inverses(powers, bound):
            return "inverses"
        if "inv" in kinds and peel_inverses(powers, bound, self.forms):
            return "peeled"
        if "pairing" in kinds and pair_up(powers, bound):
            return "vec"
        if "inclusion" in kinds and choose(term, powers, bound, self.forms):
            return "blocks"
        if "sum" in kinds and cancel_sums(term, powers, bound):
            return "reciprocals"
        if "sum" in kinds and into_sum(term, powers, bound, self.close):
            return "into sum"
        if "sum" in kinds and distribute(term, powers, bound, self.close, self.forms):
            return "into sum"
        return "rewrites" if self.rewrites is not None and self.rewrites.apply(term, powers, bound) else ""

    def _powers(self, term: Term, has_numbers: bool) -> Powers:
        """The factors by base, numbers worked out where they are rational."""
        powers: Powers = {}
        for factor in term.factors:
            multiply(powers, factor)
        for atom, legs in [key for key in powers if key[0].kind == "number"] if has_numbers else ():
            assert isinstance(atom.data, Fraction)
            exact = rational_power(atom.data, powers[(atom, legs)])
            if exact is not None:
                del powers[(atom, legs)]
                term.coefficient *= exact
        return powers

    def _times_size(self, term: Term, powers: Powers, index: Index) -> None:
        """A sum over an index that no factor has counts its values."""
        if isinstance(index.size, int):
            term.coefficient *= index.size
        else:
            multiply(powers, (self.forms.atom("size", index.size), (), 1))


def _kinds(factors: Iterable[tuple[Any, ...]]) -> set[str]:
    """The kinds of the atoms with which factors begin."""
    return {"inv" if factor[0].data == "inv" else factor[0].kind for factor in factors}


def _distinct(legs: Legs) -> list[Index]:
    """The roots of free indices, each once."""
    return list(dict.fromkeys(roots(legs)))


def _common_scalars(terms: list[Term]) -> list[Factor]:
    """The scalar factors that all terms of a sum have, which are taken out of it."""
    if len(terms) < 2:
        return []
    common = [
        factor
        for factor in terms[0].factors
        if not factor[1] and all(factor in term.factors for term in terms[1:])
    ]
    if common:
        for term in terms:
            term.factors = [factor for factor in term.factors if factor not in common]
    return common


def _multiplied_out(term: Term, place: int) -> list[Term]:
    """The terms of a product with the closed sum at this place of its factors; they share their outer bound indices."""
    atom, legs, _ = term.factors[place]
    rest = term.factors[:place] + term.factors[place + 1 :]
    return [
        Term(inner.coefficient * term.coefficient, rest + inner.factors, term.bound + inner.bound)
        for inner in instance(atom.args[0], legs)
    ]


def has_open_tensor(term: Term) -> bool:
    """Whether a closed sum with more indices than a matrix is among the factors of a term."""
    return _open_tensor(term) is not None


def _open_tensor(term: Term) -> int | None:
    """The place of the first such factor."""
    for place, (atom, legs, power) in enumerate(term.factors):
        if len(legs) > 2 and atom.kind == "sum" and power == 1:
            return place
    return None


def _is_sum(term: Term, free: list[Index]) -> bool:
    """Whether a settled term is a multiple of a closed sum and nothing else."""
    if len(term.factors) != 1:
        return False
    atom, legs, power = term.factors[0]
    return (
        atom.kind == "sum" and power == 1 and len(set(legs)) == len(legs) and all(leg in free for leg in legs)
    )


def _is_short(term: Term) -> bool:
    """Whether the closed sum that a term is a multiple of has few terms."""
    return len(term.factors[0][0].args[0].terms) <= _SHORT


def _sum_place(term: Term) -> int | None:
    """The place of the first closed sum among the factors of a term."""
    places = (i for i, (atom, _, power) in enumerate(term.factors) if atom.kind == "sum" and power == 1)
    return next(places, None)


def _opened(term: Term) -> list[Term]:
    """The terms of a closed sum that is the only factor of a term."""
    atom, legs, _ = term.factors[0]
    terms = instance(atom.args[0], legs)
    for inner in terms:
        inner.coefficient *= term.coefficient
    return terms


def _may_cancel(terms: list[Term]) -> bool:
    """Whether a sum inside one term has a factor that stands elsewhere too, so that multiplying out might cancel."""
    outside = [{atom for atom, _, _ in term.factors} for term in terms]
    for place, term in enumerate(terms):
        for atom, _, power in term.factors:
            if atom.kind == "sum" and power == 1 and len(term.factors) > 1:
                inside = {inner for part in atom.args[0].terms for inner, _, _ in part.factors}
                others = set().union(*(outside[i] for i in range(len(terms)) if i != place))
                if inside & others or atom in others:
                    return True
    return False


def _weight(terms: list[Term]) -> int:
    """How many factors a sum is written with, those of closed sums included."""
    return len(terms) + sum(_atom_weight(atom) for term in terms for atom, _, _ in term.factors)


def _atom_weight(atom: Atom) -> int:
    return 1 + sum(len(part.factors) + 1 for part in atom.args[0].terms) if atom.kind == "sum" else 1
