"""Every single edit of a line of the rule files: a transpose dropped, a sign flipped, two factors swapped, …

Edits are made on the syntax tree of a formula and written back into its text; a text is kept only if it is read as
the tree that was meant.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations

from matcalc.errors import MatcalcError
from matcalc.language.parser import parse
from matcalc.language.syntax import Call, Constant, Name, Number, Syntax
from matcalc.operations import Operation, Operations

SYMBOLS = {
    "add": "+",
    "sub": "-",
    "mul": "*",
    "hadamard": ".*",
    "divide": "/",
    "eldivide": "./",
    "power": "^",
    "elpower": ".^",
}
# What stands for an operator by mistake.
CONFUSED = {
    "add": ("sub",),
    "sub": ("add",),
    "mul": ("hadamard",),
    "hadamard": ("mul", "eldivide"),
    "divide": ("mul",),
    "eldivide": ("hadamard",),
}
_ROTATED = 2  # a function becomes each of so many that follow it in the table


@dataclass(frozen=True)
class Mutation:
    """A line with one edit.

    ``line`` is the operation's or rewrite's name; ``part`` what was edited: an operand (its delta rule), ``value``,
    ``transpose``, ``left`` or ``right``; ``before`` and ``after`` are the texts (``after`` is empty
    where none was found that is read as the edit meant), ``edit`` names the edit.
    """

    line: str
    part: str
    before: str
    after: str
    edit: str

    @property
    def rule(self) -> str:
        """The name of the rule, as the check has it: ``matmul A``, ``softmax value``."""
        return f"{self.line} {self.part}"


def mutations(operations: Operations) -> Iterator[Mutation]:
    """The mutations of every line of a table."""
    for operation in operations.by_name.values():
        yield from of_operation(operation, operations)
    for rewrite in operations.rewrites:
        yield from of_rewrite(*rewrite, operations)


def of_operation(operation: Operation, operations: Operations) -> Iterator[Mutation]:
    """The mutations of the delta rules, of the value and of the `transpose` setting."""
    shapes = dict(operation.takes) | {"D": operation.gives, "Y": operation.gives}
    names = {name: any(pattern) for name, pattern in shapes.items()}  # whether it has axes
    for operand, rule in operation.deltas.items():
        yield from edited(operation.name, operand, rule, names, operations)
    if operation.value is not None:
        inputs = {name: names[name] for name in operation.operands}
        yield from edited(operation.name, "value", operation.value, inputs, operations)
    if operation.transpose is not None:
        other = {"commutes": "ignores", "ignores": "commutes"}[operation.transpose]
        yield Mutation(operation.name, "transpose", operation.transpose, other, "setting swapped")


def of_rewrite(name: str, left: str, right: str, operations: Operations) -> Iterator[Mutation]:
    """The mutations of both sides of a rewrite."""
    for part, text in (("left", left), ("right", right)):
        yield from edited(name, part, text, {"X": True}, operations)


def edited(
    line: str, part: str, text: str, names: Mapping[str, bool], operations: Operations
) -> Iterator[Mutation]:
    """The mutations of one formula over ``names``, each text once."""
    tree = parse(text, names, operations.functions).tree
    seen = {_meaning(tree)}
    for edit, piece, new in _edits(tree, names, operations):
        meant = _meaning(_rebuilt(tree, piece, new))
        if meant in seen:
            continue
        seen.add(meant)
        after = _written(text, piece, new, meant, names, operations.functions)
        yield Mutation(line, part, text, after, edit)


def _edits(
    tree: Syntax, names: Mapping[str, bool], operations: Operations
) -> Iterator[tuple[str, Syntax, Syntax]]:
    """(name of the edit, piece of the tree, what replaces it)."""
    yield "sign flipped", tree, _call("neg", tree)
    yield "constant changed", tree, _call("mul", _number(2), tree)
    yield "transpose added", tree, _call("transpose", tree)
    for piece, parent in _pieces(tree):
        if isinstance(piece, Number):
            for value in {piece.value + 1, piece.value - 1, -piece.value}:
                yield "constant changed", piece, _number(value)
        elif isinstance(piece, Constant):
            other = {"pi": _number(3), "identity": _call("matrix", _number(1))}.get(piece.kind)
            yield "constant changed", piece, other or _call("mul", _number(2), piece)
        elif isinstance(piece, Name):
            transposed = isinstance(parent, Call) and parent.function == "transpose"
            if names.get(piece.name, True) and not transposed:
                yield "transpose added", piece, _call("transpose", piece)
            for name in names:
                yield "operand replaced", piece, Name(0, 0, name)
        elif isinstance(piece, Call):
            yield from _edits_of_call(piece, parent, operations)


def _edits_of_call(
    piece: Call, parent: Syntax | None, operations: Operations
) -> Iterator[tuple[str, Syntax, Syntax]]:
    function, args = piece.function, piece.args
    if function == "transpose":
        yield "transpose dropped", piece, args[0]
    elif function == "neg":
        yield "sign flipped", piece, args[0]
    elif function in SYMBOLS:
        what = "term" if function in ("add", "sub") else "factor"
        for arg in args:
            yield f"{what} dropped", piece, arg
        for other in CONFUSED.get(function, ()):
            edit = "sign flipped" if what == "term" else "operator changed"
            yield edit, piece, Call(0, 0, other, args)
        if not (
            isinstance(parent, Call) and parent.function == function == "mul" and parent.args[0] is piece
        ):
            yield from _swaps(piece)
    else:
        for arg in args:
            yield "function dropped", piece, arg
            yield "sign flipped", arg, _call("neg", arg)
        for first, second in combinations(range(len(args)), 2):
            yield "arguments swapped", piece, Call(0, 0, function, _swapped(args, first, second))
        for other in _alike(function, len(args), operations):
            yield "function changed", piece, Call(0, 0, other, args)


def _swaps(piece: Call) -> Iterator[tuple[str, Syntax, Syntax]]:
    """Each pair of factors swapped: of a whole product A*B*C, of an operator's two sides otherwise."""
    factors: list[Syntax] = list(piece.args)
    while piece.function == "mul" and isinstance(factors[0], Call) and factors[0].function == "mul":
        factors[:1] = factors[0].args
    for first, second in combinations(range(len(factors)), 2):
        product, *rest = _swapped(factors, first, second)
        for factor in rest:
            product = _call(piece.function, product, factor)
        yield "factors swapped", piece, product


def _swapped(pieces: Sequence[Syntax], first: int, second: int) -> tuple[Syntax, ...]:
    order = list(pieces)
    order[first], order[second] = order[second], order[first]
    return tuple(order)


def _alike(function: str, count: int, operations: Operations) -> list[str]:
    """The next functions of the table that take and give the same shapes."""
    found = [op for op in operations.by_reading.get(function, ()) if len(op.takes) == count]
    if not found:
        return []
    like = [
        op
        for op in operations.by_name.values()
        if op.reads
        and [p for _, p in op.takes] == [p for _, p in found[0].takes]
        and op.gives == found[0].gives
    ]
    at = like.index(found[0])
    following = like[at + 1 :] + like[:at]
    return [op.reads[0] for op in following[:_ROTATED]]


# Trees --------------------------------------------------------------------------------------------------------------


def _call(function: str, *args: Syntax) -> Call:
    return Call(0, 0, function, args)


def _number(value: Fraction | int) -> Number:
    return Number(0, 0, Fraction(value))


def _parts(piece: Syntax) -> list[tuple[str, object]]:
    """The fields of a piece that mean something: all but its place."""
    return [(name, getattr(piece, name)) for name in type(piece).__slots__ if name not in ("start", "end")]


def _pieces(tree: Syntax, parent: Syntax | None = None) -> Iterator[tuple[Syntax, Syntax | None]]:
    """Every piece of a rule's tree with the one that holds it; rules are short, so this may recurse."""
    yield tree, parent
    for _, part in _parts(tree):
        yield from _within(part, tree)


def _within(part: object, parent: Syntax) -> Iterator[tuple[Syntax, Syntax | None]]:
    if isinstance(part, Syntax):
        yield from _pieces(part, parent)
    elif isinstance(part, tuple):
        for item in part:
            yield from _within(item, parent)


def _rebuilt(part: object, piece: Syntax, new: Syntax) -> object:
    """The tree with ``new`` in the place of ``piece``."""
    if part is piece:
        return new
    if isinstance(part, Syntax):
        made = {name: _rebuilt(value, piece, new) for name, value in _parts(part)}
        return type(part)(part.start, part.end, **made)
    if isinstance(part, tuple):
        return tuple(_rebuilt(item, piece, new) for item in part)
    return part


def _meaning(part: object) -> object:
    """What two trees share exactly when they are read the same; a negative number is the number's negative."""
    if isinstance(part, Call) and part.function == "neg" and isinstance(part.args[0], Number):
        return _meaning(_number(-part.args[0].value))
    if isinstance(part, Syntax):
        return (type(part).__name__, *(_meaning(value) for _, value in _parts(part)))
    if isinstance(part, tuple):
        return tuple(map(_meaning, part))
    return part


# Texts --------------------------------------------------------------------------------------------------------------


def _written(
    text: str, piece: Syntax, new: Syntax, meant: object, names: Mapping[str, bool], functions: frozenset[str]
) -> str:
    """The text with ``new`` in the place of ``piece``, with as few brackets as it takes to be read so; "" if none do."""
    for inner, outer in ((False, False), (True, False), (False, True), (True, True)):
        body = _spelled(text, new, inner)
        after = text[: piece.start] + (f"({body})" if outer else body) + text[piece.end :]
        try:
            if _meaning(parse(after, names, functions).tree) == meant:
                return after
        except MatcalcError:
            continue
    return ""


def _spelled(text: str, piece: Syntax, brackets: bool) -> str:
    """The spelling of a piece: its own text where it has one, else operators between the spelling of its parts."""
    if piece.end > piece.start:
        return text[piece.start : piece.end]
    if isinstance(piece, Number):
        return str(piece.value)
    if isinstance(piece, Name):
        return piece.name
    assert isinstance(piece, Call)
    args = [_spelled(text, arg, brackets) for arg in piece.args]
    if piece.function not in SYMBOLS and piece.function not in ("neg", "transpose"):
        name, _, word = piece.function.partition(" ")  # `softmax rows` is written softmax(X, rows)
        return f"{name}({', '.join([*args, word] if word else args)})"
    if brackets:
        args = [
            f"({arg})"
            if isinstance(inner, Call) and not (inner.end == inner.start and piece.function == inner.function)
            else arg
            for arg, inner in zip(args, piece.args, strict=True)
        ]
    if piece.function == "neg":
        return f"-{args[0]}"
    if piece.function == "transpose":
        return f"{args[0]}'"
    return (
        SYMBOLS[piece.function].join(args)
        if piece.function == "mul"
        else f" {SYMBOLS[piece.function]} ".join(args)
    )
