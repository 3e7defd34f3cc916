"""What stands inside a node: the symbol of an operation, with the constants that it has as in ``+1`` or ``1/·``."""

from __future__ import annotations

from matcalc.graph.node import SCALAR, Graph, Node
from matcalc.graph.subscripts import Subscripts
from matcalc.operations import Operations
from matcalc.printers.levels import UNIT, Text
from matcalc.printers.spelling import Spelling
from matcalc.printers.tables.cells import Cell, Scribe, spelling_of, words

_SYMBOLS = {
    "add": ("+", "+"),
    "sub": ("−", "-"),
    "scale": ("×", "\\times"),
    "matmul": ("×", "\\times"),
    "over": ("÷", "\\div"),
    "hadamard": ("⊙", "\\odot"),
    "eldivide": ("⊘", "\\oslash"),
    "kron": ("⊗", "\\otimes"),
    "power": ("^", "\\wedge"),
    "elpower": ("^", "\\wedge"),
}
_ASCII = {"×": "*", "−": "-", "÷": "/", "⊙": ".*", "⊘": "./", "⊗": "kron"}
_INDICES = "ijklmnpqrstuvw"
_BARE = {"unicode": "(·)", "ascii": "(.)", "latex": "(\\cdot)"}


class Labels:
    """Makes the labels of one formula's nodes."""

    def __init__(self, graph: Graph, operations: Operations) -> None:
        self.graph = graph
        self.operations = operations

    def operation(self, node: Node, operands: list[Node]) -> Cell:
        """The symbol of an operation that is applied to ``operands``; its other operands are constants."""
        if node.op == "contract":
            return _contraction(node)
        if node.op == "sum":
            return words("Σ", "sum", "\\Sigma")
        if node.op == "hadamard" and node.args[0] is node.args[1]:
            return words("·²", ".^2", "\\cdot^{2}")
        if len(operands) == 1:
            return self._with_constants(node, operands[0])
        if node.op in _SYMBOLS:
            symbol, latex = _SYMBOLS[node.op]
            return words(symbol, _ASCII.get(symbol), latex)
        operation = self.operations.by_name.get(node.op)
        if operation is None:
            return words(node.op, latex=f"\\text{{{node.op.replace('_', ' ')}}}")
        return Cell(None, lambda spelling: spelling_of(spelling).function(operation))

    def _with_constants(self, node: Node, operand: Node) -> Cell:
        """``+1``, ``×2``, ``1/·``, ``exp``: the operation's own notation with a dot for its operand."""
        scribe = Scribe(self.operations)
        dot = self.graph.variable("operand(·)", operand.shape)
        scribe.symbols[dot] = _dot
        args = tuple(dot if _looked_through(arg) is operand else arg for arg in node.args)
        constants = [arg for arg in node.args if _looked_through(arg) is not operand]
        if node.op == "neg":
            return words("×(−1)", "*(-1)", "\\times(-1)")
        before = node.op in ("add", "scale") or (node.op == "sub" and args[0] is dot)
        if before and len(constants) == 1:
            inner = scribe.sketch(_looked_through(constants[0]))
            symbol = self.operation(node, [operand, constants[0]])
            return Cell(None, lambda spelling: _joined(symbol.text(spelling), inner.text(spelling)))
        applied = scribe.sketch(self.graph.node(node.op, args, node.shape, node.data))

        def write(spelling: str) -> str:
            text = applied.text(spelling)
            bare = text.removesuffix(_BARE[spelling])
            return bare if bare and "·" not in bare and "\\cdot" not in bare else text

        return Cell(None, write)


def _contraction(node: Node) -> Cell:
    """``ij,j→i``: the indices of the operands and of the value."""
    data = node.data
    assert isinstance(data, Subscripts)
    parts = [*data.inputs, data.output]
    if any(index >= len(_INDICES) for part in parts for index in part):
        return words("Σ", "sum", "\\Sigma")
    *inputs, output = ("".join(_INDICES[index] for index in part) for part in parts)
    text = ",".join(inputs)
    return words(f"{text}→{output}", f"{text}->{output}", f"{text} \\to {output}")


def _dot(spelling: Spelling) -> Text:
    return ("\\cdot" if spelling.latex else "." if spelling.hadamard == ".*" else "·"), UNIT


def _joined(symbol: str, constant: str) -> str:
    return f"{symbol}({constant})" if constant[:1] in "−-" or "/" in constant else f"{symbol}{constant}"


def _looked_through(node: Node) -> Node:
    """What a scalar in every entry is made of."""
    return node.args[0] if node.op == "fill" and node.args[0].shape == SCALAR else node
