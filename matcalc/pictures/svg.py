"""A drawing as SVG: its own text, with what users typed as text and never as markup."""

from __future__ import annotations

from matcalc.pictures.drawing import Arrow, Curve, Drawing, Outline, Point, Shape, decimal
from matcalc.printers.escaping import xml_text

_FONT = "DejaVu Sans, Verdana, Segoe UI, sans-serif"


def svg(drawing: Drawing) -> str:
    """The file's text."""
    size = f"{decimal(drawing.width)} {decimal(drawing.height)}"
    wide, high = size.split()
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {size}" '
        f'font-family="{_FONT}">',
        f"<title>{xml_text(drawing.title.unicode())}</title>",
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>',
        *map(_shape, drawing.shapes),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _shape(shape: Shape) -> str:
    if isinstance(shape, Outline):
        x, y = shape.x - shape.width / 2, shape.y - shape.height / 2
        return (
            f'<rect x="{decimal(x)}" y="{decimal(y)}" width="{decimal(shape.width)}" '
            f'height="{decimal(shape.height)}" rx="{decimal(shape.radius)}" fill="#{shape.fill}" '
            f'stroke="#{shape.stroke}" stroke-width="{decimal(shape.thick)}"/>'
        )
    if isinstance(shape, Curve):
        first, *rest = map(_point, shape.points)
        return (
            f'<path d="M{first} C{" ".join(rest)}" fill="none" stroke="#{shape.stroke}" '
            f'stroke-width="{decimal(shape.thick)}"/>'
        )
    if isinstance(shape, Arrow):
        return f'<path d="M{" L".join(map(_point, shape.points))} Z" fill="#{shape.fill}"/>'
    anchor = "" if shape.anchor == "start" else ' text-anchor="middle"'
    return (
        f'<text x="{decimal(shape.x)}" y="{decimal(shape.y + shape.size * 0.36)}" '
        f'font-size="{decimal(shape.size)}" fill="#{shape.colour}"{anchor} xml:space="preserve">'
        f"{xml_text(shape.cell.unicode())}</text>"
    )


def _point(point: Point) -> str:
    return f"{decimal(point[0])},{decimal(point[1])}"
