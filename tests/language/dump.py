"""A compact form of syntax trees for comparing them."""

from __future__ import annotations

from matcalc.language.parser import parse
from matcalc.language.syntax import Call, Constant, Name, Number, Syntax, postorder
from matcalc.operations import standard

FUNCTIONS = frozenset(standard().by_reading)
_SIGNS = {
    "add": "+",
    "sub": "-",
    "neg": "-",
    "mul": "*",
    "hadamard": ".*",
    "divide": "/",
    "eldivide": "./",
    "power": "^",
    "elpower": ".^",
    "transpose": "'",
}


def dump(tree: Syntax) -> str:
    """The tree as an s-expression: ``2x²`` is ``(* 2 (^ x 2))``."""
    done: list[str] = []
    for node in postorder(tree):
        match node:
            case Name():
                done.append(node.name)
            case Number():
                done.append(str(node.value))
            case Constant():
                size = "" if node.size is None else f"[{node.size}]"
                done.append(f"<{node.kind}{size}>")
            case Call():
                count = len(node.args)
                args = done[len(done) - count :]
                del done[len(done) - count :]
                done.append(f"({' '.join([_SIGNS.get(node.function, node.function), *args])})")
    return done[0]


def read(text: str, *declared: str) -> str:
    """The dump of a formula's tree."""
    return dump(parse(text, declared, FUNCTIONS).tree)
