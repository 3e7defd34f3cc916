"""The loss of one sample as the loss of a batch: x becomes xᵢ, the i-th row of X, and the losses are added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, islice
from typing import TYPE_CHECKING

from matcalc.errors import MatcalcError
from matcalc.language.conventions import capital
from matcalc.language.names import canonical, unicode_name
from matcalc.language.parser import Parsed
from matcalc.language.resolved import Resolved, Row, letter
from matcalc.language.shapes import Sizes
from matcalc.language.syntax import Call, Index, Name, Number, Syntax, postorder, rebuilt
from matcalc.patterns import regex
from matcalc.structure import Structures

if TYPE_CHECKING:
    from matcalc.graph.node import Node

REDUCTIONS = ("mean", "sum")
_ENTRYWISE = frozenset(["positive", "constant"])  # what holds for all samples where it holds for one
_MOST_GUESSES = 32
_SUBSCRIPT = regex(r"(?:_[A-Za-z])+\Z|_[A-Za-z]{2,}\Z")


@dataclass(frozen=True)
class Batch:
    """The variables that differ from sample to sample, and whether the losses are averaged or added."""

    names: tuple[str, ...]
    reduction: str = "mean"


@dataclass(frozen=True)
class Samples:
    """A batch that was read: how many samples there are, and what all samples of a variable are called.

    ``loss`` is the value of one sample, once that is known.
    """

    count: str | int
    reduction: str
    stacks: Mapping[str, str]  # variable of one sample -> of all
    loss: Node | None = None


def batch_of(names: str | Iterable[str], reduction: str = "mean") -> Batch | None:
    """The batch that a user asks for, ``"x, y"`` or ``["x", "y"]``; None for no names.

    Raises ``MatcalcError`` where names are no text, and for another reduction than the mean and the sum.
    """
    listed = (
        names.split(",") if isinstance(names, str) else list(names) if isinstance(names, Iterable) else [None]
    )
    if not all(isinstance(name, str) for name in listed):
        raise MatcalcError("a batch is given by the names of variables, as 'x, y' or a list of them")
    given = [name.strip() for name in map(str, listed) if name.strip()]
    if reduction not in REDUCTIONS:
        raise MatcalcError(f"the loss of a batch is the {' or the '.join(REDUCTIONS)}, not {reduction!r}")
    return Batch(tuple(canonical(name) or name for name in given), reduction) if given else None


def of_one_sample(
    parsed: Parsed, declared: Mapping[str, Sizes], batch: Batch
) -> tuple[Batch, dict[str, Sizes], str | int | None]:
    """The batch by the names of the formula, what is declared of one sample, and the number of samples if declared.

    Where X: n×d is declared and the formula has x, x is declared to be d; y: n is then a number for each sample.
    Raises ``MatcalcError`` where a name is no variable of the formula; whether the x of x_j is one shows when it is read.
    """
    used = _names(parsed.tree, *(tree for _, tree in parsed.definitions))
    used |= {part[: found.start()] for part in used if (found := _SUBSCRIPT.search(part))}  # the x of x_j
    defined = {name for name, _ in parsed.definitions}
    names = tuple(dict.fromkeys(_variable(name, used, defined) for name in batch.names))
    shapes, count = dict(declared), None
    for name in names:
        stack = capital(name)
        if stack and stack in declared and stack not in used and len(declared[stack]) > 1:
            first, *rest = shapes.pop(stack)
            if count is not None and first != count:
                raise MatcalcError(f"the batch has {count} samples and, in {stack}, {first}")
            if shapes.get(name, tuple(rest)) != tuple(rest):
                raise MatcalcError(
                    f"{unicode_name(name)} and {unicode_name(stack)} don't have the same sizes"
                )
            count, shapes[name] = first, tuple(rest)
    for name in names:
        if count is not None and name in declared and declared[name][:1] == (count,):
            shapes[name] = declared[name][1:]
    return replace(batch, names=names), shapes, count


def _variable(name: str, used: set[str], defined: set[str]) -> str:
    """The variable of one sample: x, also where the matrix X of all samples is named."""
    small = name[:1].lower() + name[1:]
    for each in (name, small):
        if each in defined:
            raise MatcalcError(
                f"{unicode_name(each)} is defined by the formula; a batch is of the variables that it is made of"
            )
        if each in used:
            return each
    raise _absent(name)


def _absent(name: str) -> MatcalcError:
    """What is said of a name that the formula does not have."""
    return MatcalcError(f"{unicode_name(name)} does not occur in the formula, so it can't be a batch")


def guesses(batch: Batch, declared: Mapping[str, Sizes]) -> Iterator[dict[str, Sizes]]:
    """What names without a declaration may be in one sample: what their letters say, or some of them numbers."""
    open_ = [name for name in batch.names if name not in declared][::-1]
    subsets = (chosen for count in range(len(open_) + 1) for chosen in combinations(open_, count))
    for chosen in islice(subsets, _MOST_GUESSES):
        yield {**declared, **dict.fromkeys(chosen, ())}


def batched(
    sample: Resolved,
    declared: Mapping[str, Sizes],
    ranks: Mapping[str, int],
    row_names: AbstractSet[str],
    batch: Batch,
    count: str | int | None,
) -> tuple[Resolved, dict[str, Sizes], Samples]:
    """The formula of a batch from that of one ``sample``, and what is declared of all samples.

    ``ranks`` are the numbers of axes that variables and definitions of one sample have, ``row_names`` the definitions that
    are rows.  Raises ``MatcalcError`` for a matrix and for what is no variable.
    """
    for name in batch.names:
        if name not in ranks:
            raise _absent(name)
        if ranks[name] > 1:
            raise MatcalcError(
                f"{unicode_name(name)} is a matrix: write the loss of one sample, with a vector for what differs from"
                " sample to sample"
            )
    definitions = dict(sample.definitions)
    trees = [sample.tree, *definitions.values()]
    used = _names(*trees)
    taken = {
        *used, *declared, *definitions, *sample.sizes, *sample.counts,
        *(str(size) for sizes in declared.values() for size in sizes),
    }  # fmt: skip
    indices = {letter(each.name) for tree in trees for each in postorder(tree) if isinstance(each, Index)}
    index = next((each for each in "ijlpqrstuv" if each not in taken | indices), "i") + "#0"
    if count is None:
        used_up = taken | {capital(name) for name in (*batch.names, *definitions)}
        free = (f"n{number}" for number in range(len(used_up) + 1))
        count = next(each for each in ("n", "N", "B", "b", *free) if each not in used_up)
    moving = _moving(batch.names, definitions)
    stacks: dict[str, str] = {}
    for name in batch.names:
        stack = capital(name) if ranks[name] else ""
        stacks[name] = stack if stack and stack not in taken | set(stacks.values()) else name
    called = {name: name for name in definitions}  # h of one sample is H of all
    for name in definitions:
        stack = capital(name) if name in moving and ranks.get(name) == 1 else ""
        if stack and stack not in {*taken, *stacks.values(), *called.values()}:
            called[name] = stack
    renamed = stacks | called
    bodies = {
        called[name]: _indexed(tree, moving, renamed, row_names, index) for name, tree in definitions.items()
    }
    orders = {
        **{called.get(name, name): order for name, order in sample.orders.items()},
        **{
            called[name]: (index, *sample.orders.get(name, ())[name in row_names :])
            for name in definitions
            if name in moving
        },
    }
    tree = sample.tree
    if isinstance(tree, Name) and tree.name in definitions and tree.name not in sample.orders:  # of a program
        tree = bodies.pop(called[tree.name])
    else:
        tree = _indexed(tree, moving, renamed, row_names, index)
    start, end = tree.start, tree.end
    tree = Call(start, end, "sum over", (tree, Index(start, end, index)))
    counts = dict(sample.counts)
    if batch.reduction == "mean":
        one = Number(start, end, Fraction(1))
        length: Syntax
        if isinstance(count, int):
            length = Number(start, end, Fraction(count))
        else:
            length = Name(start, end, count)
            counts[count] = (index,)
        tree = Call(start, end, "mul", (Call(start, end, "divide", (one, length)), tree))
    shapes = {name: sizes for name, sizes in declared.items() if name not in stacks}
    shapes |= {stack: (count, *declared[name]) for name, stack in stacks.items() if name in declared}
    rows = tuple(
        Row(unicode_name(name), letter(index), stack, of_sample=True) for name, stack in stacks.items()
    )
    axes = {**sample.axes, **{stack: ranks[name] + 1 for name, stack in stacks.items()}}
    made = sample._replace(
        tree=tree,
        definitions=tuple(bodies.items()),
        orders={name: order for name, order in orders.items() if name in bodies or not name},
        axes=axes,
        counts=counts,
        rows=(*sample.rows, *rows),
    )
    return made, shapes, Samples(count, batch.reduction, stacks)


def stacked(structures: Structures, samples: Samples) -> Structures:
    """What is assumed of one sample, assumed of all; ``MatcalcError`` where all samples can't have it."""
    kinds = dict(structures.kinds)
    for name, stack in samples.stacks.items():
        own = kinds.pop(name, frozenset())
        if own - _ENTRYWISE:
            raise MatcalcError(
                f"{unicode_name(name)} is one sample of a batch; of samples nothing but"
                f" {' and '.join(sorted(_ENTRYWISE))} can be assumed"
            )
        if own:
            kinds[stack] = own
    return structures._replace(kinds=kinds)


def _names(*trees: Syntax) -> set[str]:
    return {piece.name for tree in trees for piece in postorder(tree) if isinstance(piece, Name)}


def _moving(samples: Iterable[str], definitions: Mapping[str, Syntax]) -> set[str]:
    """The variables and the definitions that differ from sample to sample."""
    users: dict[str, list[str]] = {}
    for name, tree in definitions.items():
        for part in _names(tree):
            users.setdefault(part, []).append(name)
    moving = set(samples)
    pending = list(moving)
    while pending:
        new = set(users.get(pending.pop(), ())) - moving
        moving |= new
        pending.extend(new)
    return moving


def _indexed(
    tree: Syntax, moving: set[str], stacks: Mapping[str, str], row_names: AbstractSet[str], index: str
) -> Syntax:
    """A tree in which what differs from sample to sample is that of the sample with this index."""

    def leaf(piece: Syntax) -> Syntax:
        if not isinstance(piece, Name) or piece.name not in moving:
            return piece
        start, end = piece.start, piece.end
        whole = Name(start, end, stacks.get(piece.name, piece.name))
        entry = Call(start, end, "entry", (whole, Index(start, end, index)))
        return Call(start, end, "transpose", (entry,)) if piece.name in row_names else entry

    def call(piece: Call, args: tuple[Syntax, ...]) -> Syntax:
        same = all(new is old for new, old in zip(args, piece.args, strict=True))
        return piece if same else Call(piece.start, piece.end, piece.function, args)

    return rebuilt(tree, leaf, call)
