"""Sizes that are made of sizes: the ``m*n`` entries of vec(A), the ``m+p`` rows of blocks.

A made size is the text of a polynomial with whole coefficients, in one canonical way: the terms of more factors first,
then by name, numbers multiplied out.  So equal sizes are equal texts, and 2 times 3 is the number 6.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from math import prod
from typing import Any

from matcalc.errors import ShapeProblem
from matcalc.patterns import regex

Size = str | int
_MOST_FACTORS, _MOST_TERMS, _LARGEST = 100, 200, 10**18
Polynomial = dict[tuple[str, ...], int]  # sorted factors -> coefficient


def product(sizes: Iterable[Size]) -> Size:
    """The size of so many times so many; of none it is 1.

    Raises ``ShapeProblem`` where it takes more than 100 factors or 200 terms to write, or 18 digits.
    """
    result: Polynomial = {(): 1}
    for size in sizes:
        terms = _polynomial(size)
        multiplied: Counter[tuple[str, ...]] = Counter()
        for left, times in result.items():
            for right, more in terms.items():
                multiplied[tuple(sorted((*left, *right)))] += times * more
        result = dict(multiplied)
        if len(result) > _MOST_TERMS or max(map(len, result)) > _MOST_FACTORS:
            raise ShapeProblem("a size would be a product of too many sizes")
        if max(result.values()) > _LARGEST:
            raise ShapeProblem("a size would be larger than any array can be")
    return _size(result)


def total(sizes: Iterable[Size]) -> Size:
    """The size of all these together."""
    result: Counter[tuple[str, ...]] = Counter()
    for size in sizes:
        result.update(_polynomial(size))
    return _size(result)


def quotient(size: Size, factors: Iterable[Size]) -> Size | None:
    """What multiplied by ``factors`` gives ``size``; None where nothing does."""
    for factor in factors:
        divisor = _polynomial(factor)
        if len(divisor) != 1:
            if size != factor:
                return None
            size = 1
            continue
        ((names, times),) = divisor.items()
        result: Polynomial = {}
        for term, coefficient in _polynomial(size).items():
            rest = Counter(term)
            rest.subtract(names)
            if coefficient % times or min(rest.values(), default=0) < 0:
                return None
            result[tuple(sorted(rest.elements()))] = coefficient // times
        size = _size(result)
    return size


def difference(size: Size, parts: Iterable[Size]) -> Size | None:
    """What added to ``parts`` gives ``size``; None where no positive size does."""
    rest = Counter(_polynomial(size))
    for part in parts:
        rest.subtract(_polynomial(part))
    if min(rest.values(), default=0) < 0 or not any(rest.values()):
        return None
    return _size(rest)


def is_made(size: Size | None) -> bool:
    """Whether a size is a product or a sum of others."""
    return isinstance(size, str) and ("*" in size or "+" in size)


def symbols(size: Size | None) -> tuple[Size, ...]:
    """The sizes that a size is made of: itself where it is a name or a number."""
    if size is None:
        return ()
    if isinstance(size, int) or not is_made(size):
        return (size,)
    return tuple(dict.fromkeys(name for term in _polynomial(size) for name in term))


def number(size: Size, known: Mapping[Any, int]) -> int | None:
    """The number that a size is, where the sizes that it is made of are ``known``; a number stands for itself."""
    if not is_made(size):
        found = known.get(size, size)
        return found if isinstance(found, int) else None
    if any(name not in known for term in _polynomial(size) for name in term):
        return None
    return sum(times * prod(known[name] for name in term) for term, times in _polynomial(size).items())


def is_subscript(size: Size) -> bool:
    """Whether a size can be a subscript: a name, a number or a product of one-letter names, as in ``I_{mn}``."""
    return not is_made(size) or all(len(factor) == 1 and factor.isalpha() for factor in str(size).split("*"))


def spelled(size: Size, times: str = "·") -> str:
    """A size as readers write it: ``mn`` for one-letter names, ``2m``, ``m+p``; else with the sign for ``times``."""
    if not is_made(size):
        return str(size)
    terms = []
    for term in str(size).split("+"):
        factors = term.split("*")
        short = all(len(factor) == 1 for factor in factors[1:]) and (
            len(factors[0]) == 1 or factors[0].isdigit()
        )
        terms.append(("" if short and not factors[-1].isdigit() else times).join(factors))
    return "+".join(terms)


_TERM = regex(r"(?:[1-9]\d{0,8}\s*[*·]?\s*)?[A-Za-z]\w*(?:\s*[*·]\s*[A-Za-z]\w*)*|[1-9]\d{0,8}")


def written(text: str) -> Size | None:
    """The size of a text such as ``2m``, ``m·n`` or ``m+p``, as declarations have it; None where it is no such."""
    terms = []
    for term in text.split("+"):
        if not _TERM.fullmatch(term.strip()):
            return None
        factors = re.findall(r"[A-Za-z]\w*|\d+", term)
        terms.append(product(int(factor) if factor.isdigit() else factor for factor in factors))
    return total(terms)


def resolved(size: Size, known: Iterable[object]) -> Size:
    """A size in which names such as ``mn``, where m and n are ``known`` sizes, are products."""
    if isinstance(size, int) or (not is_made(size) and len(size) == 1):
        return size
    names = set(known)
    if not is_made(size) and not _spells_product(size, names):
        return size
    terms = []
    for term, times in _polynomial(size).items():
        factors = [product(name) if _spells_product(name, names) else name for name in term]
        terms.append(product([times, *factors]))
    return total(terms)


def _spells_product(name: str, known: set[object]) -> bool:
    return len(name) > 1 and name.isalpha() and all(letter in known for letter in name)


_COMMUTATION = regex(r"K(?:_([A-Za-z]+)|([0-9]+))_([A-Za-z]+|[0-9]+)\Z")


def subscripts_of_k(name: str, known: Iterable[object]) -> tuple[Size, Size] | None:
    """The sizes m and n of the canonical name of ``K_{m,n}``; None where they are no ``known`` sizes."""
    match = _COMMUTATION.match(name)
    if match is None:
        return None
    names = set(known)
    first, second = (
        int(text) if text.isdigit() else resolved(text, names) for text in (match[1] or match[2], match[3])
    )
    if not all(part in names for size in (first, second) for part in symbols(size)):
        return None
    return first, second


def joined(parts: Iterable[Size]) -> str:
    """Several sizes as one text."""
    return ",".join(str(part) for part in parts)


def separated(text: str) -> tuple[Size, ...]:
    """The sizes of a text that ``joined`` made."""
    return tuple(int(part) if part.isdigit() else part for part in text.split(","))


def _polynomial(size: Size) -> Polynomial:
    if isinstance(size, int):
        return {(): size}
    terms: Polynomial = {}
    for term in size.split("+"):
        factors = term.split("*")
        times = int(factors.pop(0)) if factors[0].isdigit() else 1
        terms[tuple(factors)] = times
    return terms


def _size(terms: Mapping[tuple[str, ...], int]) -> Size:
    kept = sorted(((-len(term), term, times) for term, times in terms.items() if times))
    texts = []
    for _, term, times in kept:
        if not term:
            texts.append(str(times))
        else:
            texts.append("*".join(term if times == 1 else (str(times), *term)))
    if len(kept) == 1 and not kept[0][1]:
        return kept[0][2]
    return "+".join(texts) or 0
