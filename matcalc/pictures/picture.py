"""A picture as data, before anything has a place: nodes with layer, label, value and gradient, and edges between them."""

from __future__ import annotations

from dataclasses import dataclass

from matcalc.printers.tables.cells import Cell


@dataclass(frozen=True)
class Unit:
    """One entry of a layer, with its number and that of its gradient where they are known."""

    value: Cell | None = None
    gradient: Cell | None = None


@dataclass(frozen=True)
class PictureNode:
    """One node.

    ``form`` is ``variable``, ``operation``, ``layer`` or ``total``; ``layer`` counts from the inputs.  ``label`` stands
    inside, ``caption`` and ``value`` (green) above, ``gradient`` (red), ``delta`` and ``shape`` below.  A layer consists
    of ``units``, None for those that are left out.  Nodes with the same ``tie`` have the same colour.
    """

    key: int
    layer: int
    form: str
    label: Cell
    caption: Cell | None = None
    shape: Cell | None = None
    value: Cell | None = None
    gradient: Cell | None = None
    delta: Cell | None = None
    tie: int | None = None
    units: tuple[Unit | None, ...] = ()


@dataclass(frozen=True)
class Edge:
    """From a value to what is made of it.

    ``label`` is the weight; edges with the same ``tie`` are uses of one variable and have one colour.  A ``dense`` edge
    joins every unit with every other, else each with its own.  Operands enter a node in the order of ``operand``.
    """

    source: int
    target: int
    operand: int = 0
    label: Cell | None = None
    tie: int | None = None
    dense: bool = False


@dataclass(frozen=True)
class Picture:
    """A network of layers (``kind`` is ``network``) or a graph of operations (``graph``), with lines below it."""

    kind: str
    title: Cell
    nodes: tuple[PictureNode, ...]
    edges: tuple[Edge, ...]
    legend: tuple[Cell, ...] = ()
