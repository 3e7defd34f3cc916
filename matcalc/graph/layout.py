"""What ⊗, vec, unvec and sums over blocks mean for operands of given shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from matcalc.graph import sizes
from matcalc.graph.axes import Axis, words
from matcalc.graph.draft import Draft
from matcalc.graph.node import Shape

if TYPE_CHECKING:
    from matcalc.graph.operators import Operators


def kron(operators: Operators, *args: Draft) -> Draft:
    """A ⊗ B: a block a_ij·B for each entry of A."""
    result, *more = _count(operators, "kron", "two arrays or more", args, range(2, len(args) + 1))
    for factor in more:
        result = _kron(operators, result, factor).placed(result.start, factor.end)
    return result


def _kron(operators: Operators, left: Draft, right: Draft) -> Draft:
    if left.is_scalar or right.is_scalar:
        return operators.mul(left, right)
    combined = []
    for mine, theirs in zip(left.shape, right.shape, strict=True):
        present = [axis for axis in (theirs, mine) if axis is not None]  # in the order of vec: X of vec(AXBᵀ)
        combined.append(operators.drafting.combined("product", present) if present else None)
    return operators.drafting.make("kron", (left, right), tuple(combined))


def vec(operators: Operators, *args: Draft) -> Draft:
    """The columns of a matrix, one below the other; a vector is its own vec."""
    (value,) = _count(operators, "vec", "one array", args, (1,))
    rows, columns = value.shape
    if columns is None:
        return value
    if rows is None:
        return operators.transpose(value)
    return operators.drafting.make(
        "vec", (value,), (operators.drafting.combined("product", (rows, columns)), None)
    )


def unvec(operators: Operators, *args: Draft) -> Draft:
    """unvec(v, m, n): the m×n matrix whose vec is v; without sizes they are found from the formula."""
    vector, *given = _count(operators, "unvec", "a vector, and two sizes or none", args, (1, 3))
    if vector.shape[0] is None or vector.shape[1] is not None:
        source = operators.drafting.source(vector)
        raise operators.drafting.problem(f"unvec takes a column vector; {source} is {words(vector.shape)}")
    shape = [operators.drafting.sized(_size(operators, draft)) for draft in given] or [Axis(), Axis()]
    length = operators.drafting.combined("product", shape)
    if not length.join(vector.shape[0]):
        source, found = operators.drafting.source(vector), words(vector.shape)
        raise operators.drafting.problem(
            f"unvec({source}, …): {source} has {found} entries, a matrix of "
            f"{words((shape[0], shape[1]))} has {words((length, None))}"
        )
    return operators.drafting.make("unvec", (vector,), (shape[0], shape[1]))


def blockdot(operators: Operators, *args: Draft) -> Draft:
    """blockdot(Z, B): the inner product of B with each block of Z that is as large as B."""
    whole, block = _count(operators, "blockdot", "two arrays", args, (2,))
    return operators.drafting.make("blockdot", (whole, block), _outer(operators, "blockdot", whole, block))


def blocksum(operators: Operators, *args: Draft) -> Draft:
    """blocksum(A, Z): the blocks of Z, one for each entry of A, multiplied by the entries and added."""
    weights, whole = _count(operators, "blocksum", "two arrays", args, (2,))
    return operators.drafting.make(
        "blocksum", (weights, whole), _outer(operators, "blocksum", whole, weights)
    )


def _outer(operators: Operators, function: str, whole: Draft, part: Draft) -> tuple[Axis | None, Axis | None]:
    """The axes that, multiplied by those of ``part``, are those of ``whole``."""
    found: list[Axis | None] = []
    for all_, some in zip(whole.shape, part.shape, strict=True):
        if some is None or all_ is None:
            if some is not None:
                shapes = f"{words(whole.shape)} and {words(part.shape)}"
                raise operators.drafting.problem(f"{function}: blocks of {shapes} don't fit into each other")
            found.append(all_)
            continue
        other = Axis()
        if not operators.drafting.combined("product", (some, other)).join(all_):
            raise operators.drafting.problem(
                f"{function}: {words(part.shape)} does not divide {words(whole.shape)}"
            )
        found.append(other)
    return found[0], found[1]


def without_axes(draft: Draft, expected: Shape) -> Draft:
    """What a rule means where its operand was a vector: it has no columns to sum over, and is its own vec."""
    if draft.op == "unvec" and expected[1:] == (None,):
        return draft.args[0]
    if draft.op not in ("blockdot", "blocksum") or len(expected) != len(draft.shape):
        return draft
    shape = []
    for axis, size in zip(draft.shape, expected, strict=True):
        if axis is not None and size is None:
            axis.join(Axis(1))
            axis = None
        shape.append(axis)
    return Draft(draft.op, draft.args, tuple(shape), draft.data)


def _count(
    operators: Operators, function: str, takes: str, args: Sequence[Draft], counts: Sequence[int]
) -> Sequence[Draft]:
    if len(args) not in counts:
        raise operators.drafting.problem(f"{function} takes {takes}, not {len(args)}")
    return args


def _size(operators: Operators, draft: Draft) -> sizes.Size:
    """The size that an argument names: ``m``, ``3``, ``mn``, ``m + p`` or the trace of an identity."""
    known: dict[Draft, sizes.Size | None] = {}
    for piece in draft.postorder():
        known[piece] = _named_size(piece, [known[arg] for arg in piece.args])
    found = known[draft]
    if found is not None:
        return found
    source = operators.drafting.source(draft)
    raise operators.drafting.problem(
        f"`{source}` is no size; a size is a number or a name that a declaration has as a size, as in X: m×n"
    )


def _named_size(draft: Draft, args: Sequence[sizes.Size | None]) -> sizes.Size | None:
    """The size that a piece of an argument names, made of those that its parts name; None where it names none."""
    if draft.op == "size" and isinstance(draft.data, (str, int)):
        return draft.data
    constant = draft.constant
    if constant is not None and constant.denominator == 1 and 0 < constant < 10**9:
        return int(constant)
    if draft.op == "tr" and draft.args[0].op == "identity" and draft.args[0].shape[0] is not None:
        return draft.args[0].shape[0].size
    parts = [size for size in args if size is not None]
    if draft.op in ("scale", "add") and len(parts) == len(args):
        return sizes.product(parts) if draft.op == "scale" else sizes.total(parts)
    return None


def hcat(operators: Operators, *args: Draft) -> Draft:
    """[A, B]: side by side; a column is a matrix of one column, a scalar other than 0 one of one entry."""
    return _concatenated(operators, "hcat", args, 1)


def vcat(operators: Operators, *args: Draft) -> Draft:
    """[A; B]: one below the other; a row is a matrix of one row, a scalar other than 0 one of one entry."""
    return _concatenated(operators, "vcat", args, 0)


def _concatenated(operators: Operators, op: str, args: Sequence[Draft], along: int) -> Draft:
    """Blocks put together along the rows (0) or the columns (1)."""
    first, *more = _count(operators, op, "arrays", args, range(1, len(args) + 1))
    if not more:
        return first
    flat = all(arg.shape[1 - along] is None for arg in args) and not all(
        arg.op == "number" and not arg.data for arg in args
    )
    blocks = [_block(operators, arg, along, flat).placed(arg.start, arg.end) for arg in args]
    result = blocks[0]
    for block in blocks[1:]:
        across, other = result.shape[1 - along], block.shape[1 - along]
        if across is not None and other is not None and not across.join(other):
            shapes = f"{words(result.shape)} and {words(block.shape)}"
            raise operators.drafting.problem(
                f"blocks {'beside' if along else 'above'} each other must have the same number of "
                f"{'rows' if along else 'columns'}; these are {shapes}"
            )
        ends = [draft.shape[along] for draft in (result, block)]
        total = operators.drafting.combined("sum", [axis for axis in ends if axis is not None])
        shape = (across, total) if along else (total, across)
        result = operators.drafting.make(op, (result, block), shape).placed(result.start, block.end)
    return result


def _block(operators: Operators, value: Draft, along: int, flat: bool) -> Draft:
    """One block, with the axes that it needs; where all are columns above each other it needs no second axis."""
    drafting = operators.drafting
    if value.is_scalar:
        zero = value.op == "number" and value.data == 0
        shape = [Axis() if zero else drafting.sized(1) for _ in range(2)]
        return drafting.fill(
            value, (None if flat and along else shape[0], None if flat and not along else shape[1])
        )
    if flat or value.is_matrix:
        return value
    one = drafting.number(1)
    if value.shape[1] is None:
        return operators.mul(value, drafting.fill(one, (None, drafting.sized(1))))
    return operators.mul(drafting.fill(one, (drafting.sized(1), None)), value)


OPERATORS: dict[str, Callable[..., Draft]] = {
    "hcat": hcat,
    "vcat": vcat,
    "kron": kron,
    "vec": vec,
    "unvec": unvec,
    "blockdot": blockdot,
    "blocksum": blocksum,
}
