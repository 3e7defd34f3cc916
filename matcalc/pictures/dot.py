"""A picture in the language of Graphviz, which places the nodes itself: a node for each layer or operation."""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.pictures.drawing import GREEN, GREY, INK, PALE, RED, tie_colour
from matcalc.pictures.picture import Edge, Picture, PictureNode, Unit
from matcalc.printers.escaping import xml_text
from matcalc.printers.tables.cells import Cell


def dot(picture: Picture) -> str:
    """The file's text."""
    lines = [
        "digraph matcalc {",
        f"  graph [rankdir=LR, label={_quoted(_title(picture))}, labelloc=b, fontname={_quoted(_FONT)}];",
        f"  node [shape=ellipse, fontname={_quoted(_FONT)}, fontsize=12];",
        f"  edge [color={_quoted('#' + GREY)}, fontname={_quoted(_FONT)}];",
        *map(_node, picture.nodes),
        *map(_edge, picture.edges),
        "}",
    ]
    return "\n".join(lines) + "\n"


_FONT = "DejaVu Sans"


def _title(picture: Picture) -> str:
    return "\n".join(cell.unicode() for cell in (picture.title, *picture.legend))


def _node(node: PictureNode) -> str:
    style = f', shape=box, style="rounded,filled", fillcolor="#{PALE}"' if node.form == "variable" else ""
    return f'  n{node.key} [color="#{tie_colour(node.tie, INK)}"{style}, label=<{_label(node)}>];'


def _label(node: PictureNode) -> str:
    """What stands in and at a node, in Graphviz's own lines and colours."""
    lines = [
        (node.caption, GREY),
        *((value, GREEN) for value in (node.value, _listed(node.units, "value"))),
        (node.label, INK),
        *((gradient, RED) for gradient in (node.gradient, _listed(node.units, "gradient"), node.delta)),
        (node.shape, GREY),
    ]
    texts = [
        f'<font color="#{colour}">{xml_text(text if isinstance(text, str) else text.unicode())}</font>'
        for text, colour in lines
        if text
    ]
    return "<br/>".join(texts)


def _listed(units: tuple[Unit | None, ...], field: str) -> str | None:
    """The numbers of a layer's units in a line."""
    cells: list[Cell | None] = [None if unit is None else getattr(unit, field) for unit in units]
    if not any(cells):
        return None
    return f"[{', '.join('…' if cell is None else cell.unicode() for cell in cells)}]"


def _edge(edge: Edge) -> str:
    colour = tie_colour(edge.tie)
    settings = ", ".join(_settings(edge, colour))
    return f"  n{edge.source} -> n{edge.target}{f' [{settings}]' if settings else ''};"


def _settings(edge: Edge, colour: str) -> Iterator[str]:
    if edge.label is not None:
        yield f"label={_quoted(edge.label.unicode())}"
        yield f'fontcolor="#{colour if edge.tie is not None else INK}"'
    if edge.tie is not None:
        yield f'color="#{colour}", penwidth=1.5'


def _quoted(text: str) -> str:
    """A string in Graphviz's quotes, which know \\" and \\n."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\l")
    return f'"{escaped}"'
