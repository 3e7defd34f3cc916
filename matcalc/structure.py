"""What is assumed of variables: symmetric, orthogonal, positive, …, as ``rules/structures.toml`` lists them."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from typing import NamedTuple

from matcalc.errors import MatcalcError
from matcalc.graph.axes import words
from matcalc.graph.node import Shape
from matcalc.language.names import unicode_name
from matcalc.operations import STRUCTURES, shipped_rules

RULES = ("projection", "cookbook")  # what the gradient in a symmetric variable means
_NEGATIVE = frozenset(
    ["skew", "diagonal", "lower", "upper", "orthogonal"]
)  # have entries that are not positive
_ZERO = frozenset(["symmetric", "skew"])
_TRIANGULAR = frozenset(["symmetric", "lower", "upper"])  # two of them make a diagonal matrix


class Structure(NamedTuple):
    """One line of ``rules/structures.toml``, whose head explains the settings."""

    name: str
    of: str
    transpose: str | None = None
    inverse: str | None = None
    projection: str | None = None
    onto: str = ""
    cookbook: str | None = None
    implies: frozenset[str] = frozenset()
    reads: tuple[str, ...] = ()


@cache
def structures() -> Mapping[str, Structure]:
    """The structures by name."""
    with open(os.path.join(shipped_rules(), STRUCTURES), encoding="utf-8") as file:
        data = tomllib.loads(file.read())
    return {name: _structure(name, line) for name, line in data.items()}


def _structure(name: str, line: Mapping[str, object]) -> Structure:
    settings = {
        **line,
        "implies": frozenset(str(line.get("implies", "")).replace(",", " ").split()),
        "reads": (name, *line.get("reads", ())),  # type: ignore[misc]
    }
    return Structure(name=name, **settings)  # type: ignore[arg-type]


@cache
def spellings() -> Mapping[str, str]:
    """What each structure is called, in lower case, to its name."""
    return {spelling: each.name for each in structures().values() for spelling in each.reads}


class Structures(NamedTuple):
    """The structures that variables are assumed to have, by canonical name.

    ``rule`` says what the gradient in a symmetric variable is: the projection of the ambient gradient, or the
    Matrix Cookbook's derivative in the independent entries.
    """

    kinds: Mapping[str, frozenset[str]] = {}
    rule: str = "projection"

    def __bool__(self) -> bool:
        return bool(self.kinds)

    def words(self, name: object) -> str:
        """What is assumed of a variable, as declarations say it: ``symmetric constant``."""
        return " ".join(sorted(self.kinds.get(str(name), ())))

    def has(self, name: object, kind: str) -> bool:
        """Whether a variable has a structure, or one that implies it."""
        own = self.kinds.get(str(name), ())
        return kind in own or any(kind in structures()[each].implies for each in own)

    def transposes(self, name: object) -> str | None:
        """What the transpose of a variable X is: ``X``, ``-X`` or (None) something else."""
        return self._first(name, "transpose")

    def inverts(self, name: object) -> str | None:
        """What the inverse of a variable X is: ``X'`` or (None) something else."""
        return self._first(name, "inverse")

    def projecting(self, name: object) -> Structure | None:
        """The structure of a variable that its gradient is projected on; None where it is the ambient gradient."""
        for kind in self.kinds.get(str(name), ()):
            if structures()[kind].projection is not None:
                return structures()[kind]
        return None

    def square(self) -> frozenset[str]:
        """The variables that must be square matrices."""
        return frozenset(
            name
            for name, kinds in self.kinds.items()
            if any(structures()[kind].of == "n×n" for kind in kinds)
        )

    def of(self, rule: str) -> Structures:
        """The same with another rule for symmetric variables; ``MatcalcError`` where there is no such rule."""
        if rule not in RULES:
            raise MatcalcError(f"the symmetric rule is {' or '.join(map(repr, RULES))}, not {rule!r}")
        return self._replace(rule=rule)

    def zero(self, name: object) -> Structures:
        """The same for a check in which a variable of this name is zero."""
        return self._replace(kinds={**self.kinds, str(name): frozenset(["zero"])})

    def _first(self, name: object, setting: str) -> str | None:
        own = self.kinds.get(str(name))
        if own is None:
            return None
        return next((found for kind in own if (found := getattr(structures()[kind], setting))), None)

    def fit(self, shapes: Mapping[str, Shape]) -> None:
        """Raise ``MatcalcError`` where a variable of these shapes can't have its structure."""
        for name, kinds in self.kinds.items():
            for kind in sorted(kinds) if name in shapes else ():
                _fit(name, kind, shapes[name])


NONE = Structures()


def _fit(name: str, kind: str, shape: Shape) -> None:
    of = structures()[kind].of
    rows, columns = shape
    written = unicode_name(name)
    if of == "n×n" and (rows is None or columns is None or rows != columns):
        size = "a scalar" if rows is None and columns is None else words(shape)
        is_vector = rows is not None and columns is None
        size = f"a vector ({size})" if is_vector else size
        advice = f"; declare it where it is a matrix: {written}: n×n" if None in shape else ""
        raise MatcalcError(
            f"{written} can't be {kind}: only a square matrix can, and {written} is {size}{advice}"
        )
    if of == "n" and (rows is None or columns is not None):
        size = "a scalar" if rows is None and columns is None else words(shape)
        raise MatcalcError(
            f"{written} can't be a {kind} vector: {written} is {size}; declare it where it is a vector: {written}: n"
        )


def assumed(given: Iterable[tuple[str, Iterable[str]]]) -> Structures:
    """The structures of variables from (name, kinds) pairs.

    Raises ``MatcalcError`` where the kinds of one variable contradict each other.
    """
    kinds: dict[str, frozenset[str]] = {}
    for name, more in given:
        kinds[name] = kinds.get(name, frozenset()) | frozenset(more)
    return Structures({name: _consistent(name, each) for name, each in kinds.items()})


def _consistent(name: str, kinds: frozenset[str]) -> frozenset[str]:
    """The kinds without those that others imply."""
    table = structures()
    kept = frozenset(kind for kind in kinds if not any(kind in table[other].implies for other in kinds))
    own = kept - {"constant", "positive"}
    named = " and ".join(kind for kind in table if kind in kinds and kind in own)
    written = unicode_name(name)
    wide = own.union(*(table[kind].implies for kind in own))
    if wide >= _ZERO:
        raise MatcalcError(f"{written} can't be {named}: such a matrix is zero")
    if len(own) > 1 and len(own & _TRIANGULAR) == len(own):
        raise MatcalcError(f"a matrix that is {named} is diagonal: write {written}: diagonal")
    if len(own) > 1:
        raise MatcalcError(f"{written} can't be assumed {named} at once; assume one of them")
    if "positive" in kept and own & _NEGATIVE:
        raise MatcalcError(
            f"{written} can't be {named} and positive: positive means that every entry is above 0"
        )
    return kept
