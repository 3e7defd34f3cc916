"""Einstein notation: a value is a sum of terms, a term a coefficient times factors over indices.

A transpose, a trace, a Hadamard product or a diagonal differ from a product only in which indices the factors share,
so all of them are joins of indices here (Laue, Mitterreiter & Giesen, "A Simple and Efficient Tensor Calculus", 2020).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from fractions import Fraction
from itertools import count
from operator import attrgetter

from matcalc.graph.node import Data, Shape, Size

Exponent = int | Fraction
_heads = attrgetter("heads")


class Index:
    """An index and the size that it runs over; indices that became one are joined (union-find)."""

    __slots__ = ("_joined", "size", "id")
    _ids = count()

    def __init__(self, size: Size) -> None:
        self._joined: Index | None = None
        self.size = size
        self.id = next(Index._ids)

    def root(self) -> Index:
        """The index that stands for all that are joined with this one."""
        index = self
        while index._joined is not None:
            if index._joined._joined is not None:
                index._joined = index._joined._joined
            index = index._joined
        return index

    def join(self, other: Index) -> None:
        """Make both one index; ``other`` stands for both."""
        mine = self if self._joined is None else self.root()
        theirs = other if other._joined is None else other.root()
        if mine is not theirs:
            mine._joined = theirs


class Atom:
    """An indivisible factor: a variable, a function of canonical forms, a closed sum, or a constant.

    ``kind`` is ``variable``, ``function``, ``sum``, ``identity``, ``number``, ``pi`` or ``size``; ``data`` a name, an
    operation or a number; ``args`` the canonical forms of the arguments.  Equal atoms are the same object.
    ``symmetric`` says that the two legs may be swapped, ``skew`` which two legs of a sum change its sign when they are,
    ``columns`` which arguments of a function with one leg are columns rather than rows.  ``heads`` are the operations
    found inside.
    """

    __slots__ = ("kind", "data", "args", "id", "symmetric", "skew", "heads", "columns")

    def __init__(
        self,
        kind: str,
        data: Data,
        args: tuple[Form, ...],
        id: int,
        symmetric: bool,
        columns: tuple[bool, ...],
    ) -> None:
        self.kind = kind
        self.data = data
        self.args = args
        self.id = id
        self.symmetric = symmetric
        self.skew = args[0].skew if kind == "sum" else None
        self.columns = columns
        own = (str(data),) if kind == "function" else ()
        self.heads: frozenset[str] = frozenset(own).union(*map(_heads, args))


Legs = tuple[Index, ...]
Axes = tuple[Index | None, ...]
Factor = tuple[Atom, Legs, Exponent]
Powers = dict[tuple[Atom, Legs], Exponent]  # the factors of a term, by base


class Term:
    """A coefficient times factors, summed over the ``bound`` indices."""

    __slots__ = ("coefficient", "factors", "bound")

    def __init__(self, coefficient: Fraction | int, factors: list[Factor], bound: list[Index]) -> None:
        self.coefficient = coefficient
        self.factors = factors
        self.bound = bound


class Form:
    """The canonical form of a value, shared by all values that are equal to it.  ``legs`` are its free indices.

    ``skew`` are the places of two legs that change its sign when they are swapped, as those of x[i] − x[j].
    """

    __slots__ = ("legs", "terms", "id", "symmetric", "skew", "heads")

    def __init__(
        self, legs: Legs, terms: list[Term], id: int, symmetric: bool, skew: tuple[int, int] | None
    ) -> None:
        self.legs = legs
        self.terms = terms
        self.id = id
        self.symmetric = symmetric
        self.skew = skew
        heads: set[str] = set()
        for term in terms:
            for atom, _, _ in term.factors:
                heads |= atom.heads
        self.heads = frozenset(heads)


class Value:
    """A value under construction: the index of each of its axes (``None`` where it has none) and its terms.

    ``riding`` are the indices of the delta at the top that ride along on a delta below it: free like the axes, but
    the same for every value that depends on that delta.
    """

    __slots__ = ("axes", "terms", "riding")

    def __init__(self, axes: Axes, terms: list[Term], riding: Legs = ()) -> None:
        self.axes = axes
        self.terms = terms
        self.riding = riding

    @property
    def legs(self) -> Legs:
        """The indices of the value's own axes, rows first."""
        return tuple([leg for leg in self.axes if leg is not None])

    @property
    def free(self) -> Legs:
        """All free indices."""
        return (*self.legs, *self.riding)

    def scaled(self, coefficient: Fraction | int) -> Value:
        """This value times a number; the value itself is used up."""
        if coefficient == 0:
            self.terms = []
        elif coefficient != 1:
            for term in self.terms:
                term.coefficient *= coefficient
        return self

    def join(self, other: Value) -> None:
        """Make the free indices of two values of one shape the same."""
        for mine, theirs in zip(self.axes, other.axes, strict=True):
            if mine is not None and theirs is not None:
                mine.join(theirs)


def roots(legs: Collection[Index]) -> Legs:
    """The indices that stand for these."""
    for leg in legs:
        if leg._joined is not None:
            return tuple([leg if leg._joined is None else leg.root() for leg in legs])
    return tuple(legs)


def scalar_of(terms: list[Term], riding: Legs = ()) -> Value:
    """The scalar with these terms."""
    return Value((None, None), terms, riding)


def riding_of(left: Value, right: Value) -> Legs:
    """What rides along on a combination of two values."""
    return tuple(dict.fromkeys(left.riding + right.riding)) if left.riding else right.riding


def fresh_axes(shape: Shape) -> Axes:
    """Axes of this shape with indices of their own."""
    return tuple([None if size is None else Index(size) for size in shape])


def full_axes(legs: Legs) -> Axes:
    """The axes of a value with these free indices: one is that of a column, none that of a scalar."""
    return (*legs, None, None)[: max(2, len(legs))]


def shape_of(axes: Axes) -> Shape:
    """The shape of a value with these axes."""
    return tuple([None if leg is None else leg.size for leg in axes])


def copy_terms(terms: Iterable[Term], renamed: dict[Index, Index]) -> list[Term]:
    """Terms with fresh bound indices; free ones are replaced as ``renamed`` says (which the call extends)."""
    copies = []
    for term in terms:
        names = dict(renamed) if term.bound else renamed
        bound = []
        for index in term.bound:
            root = index.root()
            if root not in names:
                names[root] = Index(root.size)
                bound.append(names[root])
        factors: list[Factor] = []
        for atom, legs, power in term.factors:
            own = roots(legs)
            factors.append((atom, tuple(map(names.get, own, own)), power))
        copies.append(Term(term.coefficient, factors, bound))
    return copies


def copy_value(value: Value) -> Value:
    """An independent copy of a value; what rides along stays the same."""
    names: dict[Index, Index] = {}
    axes: list[Index | None] = []
    for leg in value.axes:
        root = None if leg is None else leg.root()
        if root is not None and root not in names:
            names[root] = Index(root.size)
        axes.append(None if root is None else names[root])
    return Value(tuple(axes), copy_terms(value.terms, names), value.riding)


def instance(form: Form, legs: Legs) -> list[Term]:
    """The terms of a form over these free indices."""
    return copy_terms(form.terms, dict(zip(roots(form.legs), legs, strict=True)))
