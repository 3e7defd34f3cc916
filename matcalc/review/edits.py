"""Small edits of a formula: each undoes one slip that people make."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from matcalc.language.syntax import Call, Constant, Name, Number, Syntax, postorder, rebuilt

_FACTORS = (Fraction(2), Fraction(1, 2), Fraction(3), Fraction(1, 3), Fraction(4), Fraction(1, 4))
_KINDS = {"mul": "hadamard", "hadamard": "mul", "divide": "eldivide", "power": "elpower", "elpower": "power"}
_ADDING = ("add", "sub")
_MULTIPLYING = ("mul", "hadamard", "divide", "eldivide", "kron", "dot", "outer")
_OPERATORS = frozenset(
    [
        "add",
        "sub",
        "neg",
        "mul",
        "hadamard",
        "kron",
        "divide",
        "eldivide",
        "power",
        "elpower",
        "transpose",
        "entry",
    ]
)


@dataclass(frozen=True)
class Edit:
    """A formula in which one piece is another: the ``slip`` that this undoes, and the piece before and after."""

    slip: str
    tree: Syntax
    before: Syntax
    after: Syntax


@dataclass(frozen=True)
class Supply:
    """What may have been left out or mistaken: names of terms and of factors, of variables and of functions."""

    terms: Sequence[str] = ()
    products: Sequence[str] = ()  # terms of a formula that is multiplied out
    factors: Sequence[str] = ()
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)  # those with the same shape, by name
    functions: Sequence[str] = ()


Piece = tuple[Syntax, Call | None]  # and what it is an argument of
Change = Callable[[Syntax, Call | None], Iterator[tuple[str, Syntax]]]


def edits(tree: Syntax, supply: Supply) -> Iterator[Edit]:
    """The formulas that one small edit makes of ``tree``, the likelier slips first."""
    pieces = _pieces(tree)
    for piece, parent in reversed(pieces):  # of A rather than of 2A
        if not _is(piece, "mul"):  # of a product it may be that its factors are swapped
            for slip, after in _transposed(piece, parent):
                yield Edit(slip, _with(tree, piece, after), piece, after)
    changes: list[Change] = [
        _signed,
        _scaled,
        _swapped,
        lambda piece, parent: _transposed(piece, parent) if _is(piece, "mul") else iter(()),
        _regrouped,
        _other_number,
        lambda piece, parent: _completed(piece, parent, supply.terms),
        lambda piece, parent: _completed(piece, parent, supply.products),
        _other_product,
        _raised,
        _shortened,
        lambda piece, parent: _renamed(piece, supply),
        lambda piece, parent: _multiplied(piece, parent, supply.factors),
    ]
    for change in changes:
        for piece, parent in pieces:
            for slip, after in change(piece, parent):
                yield Edit(slip, _with(tree, piece, after), piece, after)


def _pieces(tree: Syntax) -> list[Piece]:
    """The pieces of a formula that are values, the largest first."""
    found: list[Piece] = [(tree, None)]
    for piece in postorder(tree):
        if isinstance(piece, Call):
            inner = piece.args[:1] if piece.function in ("entry", "sum over") else piece.args
            found += [(arg, piece) for arg in inner if isinstance(arg, Call | Name | Number | Constant)]
    return sorted(found, key=lambda each: each[0].start - each[0].end)


def _with(tree: Syntax, piece: Syntax, after: Syntax) -> Syntax:
    """The tree in which ``piece`` has become ``after``."""
    if tree is piece:
        return after

    def call(old: Call, args: tuple[Syntax, ...]) -> Syntax:
        return after if old is piece else Call(old.start, old.end, old.function, args)

    return rebuilt(tree, lambda leaf: after if leaf is piece else leaf, call)


def _call(piece: Syntax, function: str, *args: Syntax) -> Call:
    return Call(piece.start, piece.end, function, args)


def _is(piece: Syntax | None, *functions: str) -> bool:
    return isinstance(piece, Call) and piece.function in functions


def _is_term(parent: Call | None) -> bool:
    """Whether a piece is all of a formula, a term of a sum, or what a function is applied to."""
    return parent is None or parent.function in _ADDING or parent.function not in _OPERATORS


def _transposed(piece: Syntax, parent: Call | None) -> Iterator[tuple[str, Syntax]]:
    if isinstance(piece, Call) and piece.function == "transpose":
        yield "a transpose too many", piece.args[0]
    elif not isinstance(piece, Number) and not _is(parent, "transpose"):
        yield "a missing transpose", _call(piece, "transpose", piece)


def _signed(piece: Syntax, parent: Call | None) -> Iterator[tuple[str, Syntax]]:
    if isinstance(piece, Call) and piece.function in _ADDING:
        yield "a sign", _call(piece, "sub" if piece.function == "add" else "add", *piece.args)
    if isinstance(piece, Call) and piece.function == "neg":
        yield "a sign", piece.args[0]
    elif not _is(parent, "neg") and (_is_term(parent) or _is(parent, "power", "elpower")):
        yield "a sign", _call(piece, "neg", piece)


def _scaled(piece: Syntax, parent: Call | None) -> Iterator[tuple[str, Syntax]]:
    if _is_term(parent):
        for factor in _FACTORS:
            slip = (
                f"a missing factor {factor}" if factor.denominator == 1 else f"a factor {1 / factor} too many"
            )
            yield slip, _call(piece, "mul", Number(piece.start, piece.end, factor), piece)


def _swapped(piece: Syntax, parent: Call | None) -> Iterator[tuple[str, Syntax]]:
    if not isinstance(piece, Call):
        return
    if piece.function in ("divide", "eldivide", "sub"):
        yield (
            "a swapped quotient" if piece.function != "sub" else "a swapped difference",
            _call(piece, piece.function, *piece.args[::-1]),
        )
    if piece.function != "mul" or _is(parent, "mul"):
        return
    factors = _factors(piece)
    for place in range(len(factors) - 1):
        one, other = factors[place : place + 2]
        rest = factors[:place], factors[place + 2 :]
        yield "swapped factors", _product(piece, [*rest[0], other, one, *rest[1]])
        if _is(one, "transpose") != _is(other, "transpose"):  # xyᵀ and yxᵀ
            yield "swapped factors", _product(piece, [*rest[0], _turned(other), _turned(one), *rest[1]])
    if len(factors) > 2:
        yield "factors in the wrong order", _product(piece, factors[::-1])
        yield "factors in the wrong order", _product(piece, [*factors[1:], factors[0]])
        yield "factors in the wrong order", _product(piece, [factors[-1], *factors[:-1]])


def _regrouped(piece: Syntax, parent: Call | None) -> Iterator[tuple[str, Syntax]]:
    """The formula with its brackets elsewhere: (a ⊙ b)cᵀ for a ⊙ bcᵀ, Aᵀ(x − b) for Aᵀx − b, and the other way."""
    if not isinstance(piece, Call) or len(piece.args) != 2:
        return
    left, right = piece.args
    kind = piece.function
    if kind in ("hadamard", *_ADDING):
        before = _factors(left)
        for place in range(1, len(before)):
            inner = _call(piece, kind, _product(left, before[place:]), right)
            yield "brackets", _product(piece, [*before[:place], inner])
        after = _factors(right)
        for place in range(1, len(after)):
            inner = _call(piece, kind, left, _product(right, after[:place]))
            yield "brackets", _product(piece, [inner, *after[place:]])
    if kind == "mul" and isinstance(right, Call) and right.function in _ADDING:
        yield (
            "brackets",
            _call(piece, right.function, _call(piece, "mul", left, right.args[0]), right.args[1]),
        )
    if kind == "mul" and isinstance(left, Call) and left.function in _ADDING:
        yield "brackets", _call(piece, left.function, left.args[0], _call(piece, "mul", left.args[1], right))


def _factors(piece: Syntax) -> list[Syntax]:
    """The factors of a chain of products."""
    chain: list[Syntax] = []
    while isinstance(piece, Call) and piece.function == "mul":
        chain.append(piece.args[1])
        piece = piece.args[0]
    return [piece, *chain[::-1]]


def _product(place: Syntax, factors: Sequence[Syntax]) -> Syntax:
    whole = factors[0]
    for factor in factors[1:]:
        whole = _call(place, "mul", whole, factor)
    return whole


def _turned(piece: Syntax) -> Syntax:
    if isinstance(piece, Call) and piece.function == "transpose":
        return piece.args[0]
    return _call(piece, "transpose", piece)


def _completed(piece: Syntax, parent: Call | None, terms: Sequence[str]) -> Iterator[tuple[str, Syntax]]:
    if _is(parent, *_ADDING) and _is(piece, *_ADDING):
        return  # its terms are pieces too
    for name in terms:
        term = Name(piece.start, piece.end, name)
        yield "a missing term", _call(piece, "add", piece, term)
        yield "a missing term", _call(piece, "sub", piece, term)


def _other_product(piece: Syntax, parent: Call | None) -> Iterator[tuple[str, Syntax]]:
    if isinstance(piece, Call) and piece.function in _KINDS:
        slip = "an elementwise operation in place of one of matrices"
        if piece.function in ("mul", "power", "divide"):
            slip = "an operation of matrices in place of an elementwise one"
        yield slip, _call(piece, _KINDS[piece.function], *piece.args)


def _other_number(piece: Syntax, parent: Call | None) -> Iterator[tuple[str, Syntax]]:
    if isinstance(piece, Number):
        value = piece.value
        for other in dict.fromkeys(
            [value * 2, value / 2, value + 1, value - 1, -value, 1 / value if value else value]
        ):
            if other != value:
                yield "a wrong number", Number(piece.start, piece.end, other)


def _raised(piece: Syntax, parent: Call | None) -> Iterator[tuple[str, Syntax]]:
    if isinstance(piece, Call) and piece.function in ("power", "elpower"):
        yield "a power too many", piece.args[0]
    elif isinstance(piece, Call | Name) and not _is(parent, "power", "elpower"):
        for power in (Fraction(2), Fraction(-1), Fraction(1, 2)):
            yield "a missing power", _call(piece, "elpower", piece, Number(piece.start, piece.end, power))


def _shortened(piece: Syntax, parent: Call | None) -> Iterator[tuple[str, Syntax]]:
    if isinstance(piece, Call) and piece.function in _ADDING:
        left, right = piece.args
        yield "a term too many", left
        yield "a term too many", right if piece.function == "add" else _call(right, "neg", right)
    if isinstance(piece, Call) and piece.function in _MULTIPLYING:
        yield "a factor too many", piece.args[0]
        yield "a factor too many", piece.args[1]
    if isinstance(piece, Call) and piece.function not in _OPERATORS and len(piece.args) == 1:
        yield "a function too many", piece.args[0]


def _renamed(piece: Syntax, supply: Supply) -> Iterator[tuple[str, Syntax]]:
    if isinstance(piece, Name):
        for name in supply.names.get(piece.name, ()):
            yield "another variable", Name(piece.start, piece.end, name)
    if isinstance(piece, Call) and piece.function in supply.functions:
        for function in supply.functions:
            if function != piece.function:
                yield "another function", _call(piece, function, *piece.args)
    elif not isinstance(piece, Number):
        for function in supply.functions:
            yield "a missing function", _call(piece, function, piece)


def _multiplied(piece: Syntax, parent: Call | None, factors: Sequence[str]) -> Iterator[tuple[str, Syntax]]:
    for name in factors:
        factor = Name(piece.start, piece.end, name)
        if isinstance(piece, Number) and piece.value == 1:
            yield "a missing factor", factor
        for function in ("mul", "hadamard"):
            yield "a missing factor", _call(piece, function, piece, factor)
        yield "a missing factor", _call(piece, "mul", factor, piece)
        yield "a missing factor", _call(piece, "divide", piece, factor)
