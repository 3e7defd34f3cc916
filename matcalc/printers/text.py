"""A result as text in one spelling.

Constants get their size where the formula alone would not tell it, and long formulas name what they repeat.
"""

from __future__ import annotations

from matcalc.errors import MatcalcError
from matcalc.graph.build import build
from matcalc.graph.node import Graph, Node, axes, topological
from matcalc.language.indices import resolve
from matcalc.language.parser import parse
from matcalc.operations import Operations
from matcalc.printers.abbreviations import abbreviations
from matcalc.printers.formula import Formula
from matcalc.printers.spelling import ASCII, LATEX, UNICODE

SPELLINGS = {"unicode": UNICODE, "ascii": ASCII, "latex": LATEX}


def write(node: Node, spelling: str, operations: Operations, taken: frozenset[str] = frozenset()) -> str:
    """The formula of a node, with a ``where`` clause for what it repeats if it is long.

    ``taken`` are names, beside those of its variables, that new names must differ from.
    """
    if node.op == "fill" and node.args[0].data == 0:
        return "0"  # of whatever shape
    order = topological([node])
    variables = {str(inner.data): inner for inner in order if inner.op == "variable"}
    taken |= variables.keys()
    sizes = {str(size) for inner in order for size in inner.shape if size is not None}
    named = abbreviations(order, taken | sizes)
    formula = Formula(SPELLINGS[spelling], operations, named, taken)
    text = _text(node, formula)
    if formula.wrote_constant:
        declared = {name: axes(variable.shape) for name, variable in variables.items()}
        if not _tells_sizes(text, declared, operations):
            return _text(node, Formula(SPELLINGS[spelling], operations, named, taken, sized=True))
    return text


def _text(node: Node, formula: Formula) -> str:
    text = formula.text(node)
    if not formula.named:
        return text
    spelling = formula.spelling
    equals = ", ".join(
        f"{spelling.name(name)} = {formula.definition(inner)}" for inner, name in formula.named.items()
    )
    return f"{text} \\quad\\text{{where}}\\quad {equals}" if spelling.latex else f"{text} where {equals}"


def _tells_sizes(text: str, declared: dict[str, tuple[str | int, ...]], operations: Operations) -> bool:
    """Whether a reader who knows the variables' shapes finds the size of every constant in the text."""
    try:
        parsed = parse(text, declared.keys(), operations.functions)
        indices = resolve(parsed, text, declared)
        built = build(indices.tree, text, Graph(), operations, declared, indices.definitions, indices=indices)
    except MatcalcError:
        return False
    return not built.invented
