"""How ⊗, unvec, the commutation matrix and blocks are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from matcalc.errors import DerivationProblem
from matcalc.graph.node import Node
from matcalc.graph.sizes import is_subscript, separated, spelled
from matcalc.language.blocks import SPACED_ROW
from matcalc.printers.levels import ELEMENTWISE, POSTFIX, PRODUCT, UNIT, Text
from matcalc.printers.spelling import ASCII

if TYPE_CHECKING:
    from matcalc.printers.formula import Formula


def _kron(formula: Formula, node: Node) -> Text:
    """``A⊗B``, in ASCII ``kron(A, B)``; the product is associative."""
    if formula.spelling.kron is None:
        args = ", ".join(formula.at(arg, 0) for arg in node.args)
        return f"kron({args})", UNIT
    left, right = (
        formula.at(arg, ELEMENTWISE if arg.op == "kron" and arg not in formula.named else PRODUCT)
        for arg in node.args
    )
    return f"{left}{formula.spelling.kron}{right}", ELEMENTWISE


def _unvec(formula: Formula, node: Node) -> Text:
    """``unvec(v, m, n)``, with the sizes where the formula does not tell them."""
    formula.wrote_constant = True
    args = [formula.at(node.args[0], 0)]
    if formula.sized:
        args += [spelled(size, "*") for size in node.shape if size is not None]
    function = formula.spelling.function(formula.operations[node.op])
    return function + formula.spelling.brackets(", ".join(args)), UNIT


def _commutation(formula: Formula, node: Node) -> Text:
    """``K_{m,n}``."""
    if any(name.split("_")[0] == "K" for name in formula.taken):
        raise DerivationProblem(
            "the result has a commutation matrix, which is written K, and K is the name of a variable: rename it"
        )
    sizes = separated(str(node.data))
    if not all(map(is_subscript, sizes)):
        raise DerivationProblem(
            "the result has a commutation matrix whose sizes can't be written as subscripts"
        )
    rows, columns = (spelled(size, "") for size in sizes)
    return f"K_{{{rows},{columns}}}", UNIT


def _pairing(formula: Formula, node: Node) -> Text:
    raise DerivationProblem("the result has no form in matrix notation with ⊗, vec and unvec")


def _blocks(formula: Formula, node: Node) -> Text:
    """``[A B; C D]``, with commas where a block has spaces in it."""
    formula.wrote_constant = True
    spelling = formula.spelling
    lines = [_unfolded(formula, plain(line), "hcat") for line in _unfolded(formula, node, "vcat")]
    zeros = sum(_is_zero(part) for line in lines for part in line)
    # one zero takes what is left, where something tells the size of the whole; of more, each says its size
    told = formula.exact or (formula.sized and zeros > 1)
    formula.wrote_zero |= zeros > 0 and not told
    texts = [
        ["0" if _is_zero(part) and not told else _block(formula, part) for part in line] for line in lines
    ]
    if spelling.latex:
        body = " \\\\ ".join(" & ".join(line) for line in texts)
        return f"\\begin{{bmatrix}} {body} \\end{{bmatrix}}", UNIT
    simple = not any(" " in text or text[0] in "-−" for line in texts for text in line)
    if not simple and len(texts) > 1 and len(texts[0]) == 1:
        texts = [[spelling.brackets(text) if " " in text else text for text in line] for line in texts]
    spaced = simple and (len(texts) > 1 or SPACED_ROW.fullmatch(f"[{' '.join(texts[0])}]") is not None)
    between = " " if spaced and spelling is not ASCII else ", "
    return f"[{'; '.join(between.join(line) for line in texts)}]", UNIT


def _block(formula: Formula, part: Node) -> str:
    """One block: of a single entry the scalar, of a single row or column the vector."""
    scalars = []
    inner = part
    while inner.op == "scale" and inner not in formula.named:
        scalars.append(inner.args[0])
        inner = inner.args[1]
    single = {*inner.shape} <= {1, None} and inner not in formula.named and not _is_zero(inner)
    if not single or inner.op not in ("fill", "identity"):
        return formula.at(plain(part), 0)
    if inner.op == "fill" and not (inner.args[0].data == 1 and scalars):
        scalars.append(inner.args[0])
    if not scalars:
        return "1"
    text = formula.at(scalars[0], PRODUCT if len(scalars) > 1 else 0)
    for scalar in scalars[1:]:
        text = formula.beside(text, formula.at(scalar, POSTFIX))[0]
    return text


def _unfolded(formula: Formula, node: Node, op: str) -> list[Node]:
    """The blocks of a row or of a column."""
    parts: list[Node] = []
    whole = node  # may have a name, which this is to define
    while node.op == op and (node is whole or node not in formula.named):
        parts.append(node.args[1])
        node = node.args[0]
    return [node, *parts[::-1]]


def _is_zero(node: Node) -> bool:
    return node.op == "fill" and node.args[0].data == 0


def plain(node: Node) -> Node:
    """The vector that a matrix of one column or one row is; any other value itself."""
    if node.op == "matmul":
        for one, vector in (node.args, node.args[::-1]):
            if one.op == "fill" and one.args[0].data == 1 and set(one.shape) == {None, 1}:
                return vector
    return node


WRITERS: dict[str, Callable[[Formula, Node], Text]] = {
    "kron": _kron,
    "unvec": _unvec,
    "commutation": _commutation,
    "pairing": _pairing,
    "hcat": _blocks,
    "vcat": _blocks,
}
