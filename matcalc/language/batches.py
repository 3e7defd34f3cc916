"""The loss of one sample as the loss of a batch: x becomes xᵢ, the i-th row of X, and the losses are added."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from matcalc.errors import MatcalcError
from matcalc.language.names import canonical, unicode_name
from matcalc.language.parser import Parsed
from matcalc.language.shapes import Sizes
from matcalc.language.syntax import Call, Index, Name, Number, Syntax, postorder
from matcalc.language.usage import capital

REDUCTIONS = ("mean", "sum")


@dataclass(frozen=True)
class Batch:
    """The variables that differ from sample to sample, and whether the losses are averaged or added."""

    names: tuple[str, ...]
    reduction: str = "mean"


def batch_of(names: str | Iterable[str], reduction: str = "mean") -> Batch | None:
    """The batch that a user asks for, ``"x, y"`` or ``["x", "y"]``; None for no names."""
    given = names.split(",") if isinstance(names, str) else list(names)
    given = [name.strip() for name in given if name.strip()]
    if reduction not in REDUCTIONS:
        raise MatcalcError(f"the loss of a batch is the {' or the '.join(REDUCTIONS)}, not {reduction!r}")
    return Batch(tuple(canonical(name) or name for name in given), reduction) if given else None


def batched(parsed: Parsed, declared: Mapping[str, Sizes], batch: Batch) -> tuple[Parsed, dict[str, Sizes]]:
    """The formula of a batch, and what is declared of its variables.

    Raises ``MatcalcError`` where a name is no variable of the formula or a matrix.
    """
    trees = [parsed.tree, *(tree for _, tree in parsed.definitions)]
    used = {piece.name for tree in trees for piece in postorder(tree) if isinstance(piece, (Name, Index))}
    taken = {*used, *declared, *(str(size) for sizes in declared.values() for size in sizes)}
    samples = [_variable(name, used) for name in batch.names]
    letter = next(each for each in "ijlpqrstuv" if each not in taken)
    count = next(each for each in ("n", "N", "B", "b", "n_b") if each not in taken)
    definitions, moving = [], set(samples)
    for name, tree in parsed.definitions:
        if any(isinstance(piece, Name) and piece.name in moving for piece in postorder(tree)):
            moving.add(name)
    renamed = {name: f"{name}_{letter}" for name in moving}
    for name, tree in parsed.definitions:
        definitions.append((renamed.get(name, name), _renamed(tree, renamed)))
    tree = _renamed(parsed.tree, renamed)
    if isinstance(tree, Name) and tree.name in dict(definitions):  # the last line of a program
        name = tree.name
        tree = dict(definitions)[name]
        definitions = [(other, body) for other, body in definitions if other != name]
    start, end = tree.start, tree.end
    tree = Call(start, end, "sum over", (tree, Index(start, end, letter)))
    if batch.reduction == "mean":
        share = Call(start, end, "divide", (Number(start, end, Fraction(1)), Name(start, end, count)))
        tree = Call(start, end, "mul", (share, tree))
    spellings = {**parsed.spellings, **{renamed[name]: renamed[name] for name in samples}}
    shapes = {name: sizes for name, sizes in declared.items() if name not in samples}
    for name in samples:
        if name in declared:
            shapes |= _stacked(name, declared[name], count, used)
    return replace(parsed, tree=tree, definitions=tuple(definitions), spellings=spellings, shapes={}), shapes


def _variable(name: str, used: set[str]) -> str:
    """The variable of one sample: x, also where the matrix X of all samples is named."""
    if name in used:
        return name
    lower = name[0].lower() + name[1:]
    if lower in used:
        return lower
    raise MatcalcError(f"{unicode_name(name)} does not occur in the formula, so it can't be a batch")


def _stacked(name: str, sizes: Sizes, count: str, used: set[str]) -> dict[str, Sizes]:
    """The shape of all samples: X: n×d for x: d, y: n for a number y."""
    if len(sizes) > 1:
        raise MatcalcError(
            f"{unicode_name(name)} is a matrix: write the loss of one sample, with a vector for what differs from "
            "sample to sample"
        )
    matrix = capital(name)
    stacked = matrix if sizes and matrix and matrix not in used else name
    return {stacked: (count, *sizes)}


def _renamed(tree: Syntax, names: Mapping[str, str]) -> Syntax:
    """A tree with other names for variables."""
    made: dict[Syntax, Syntax] = {}
    for piece in postorder(tree):
        if isinstance(piece, Name) and piece.name in names:
            made[piece] = Name(piece.start, piece.end, names[piece.name])
        elif isinstance(piece, Call) and any(made[arg] is not arg for arg in piece.args):
            made[piece] = Call(piece.start, piece.end, piece.function, tuple(made[arg] for arg in piece.args))
        else:
            made[piece] = piece
    return made[tree]
