"""A drawing as SVG: its own text, with what users typed as text and never as markup."""

from __future__ import annotations

from matcalc.pictures.drawing import Arrow, Curve, Drawing, Outline, Point, Shape

_FONT = "DejaVu Sans, Verdana, Segoe UI, sans-serif"


def svg(drawing: Drawing) -> str:
    """The file's text."""
    size = f"{_number(drawing.width)} {_number(drawing.height)}"
    wide, high = size.split()
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{wide}" height="{high}" viewBox="0 0 {size}" '
        f'font-family="{_FONT}">',
        f"<title>{_escaped(drawing.title.unicode())}</title>",
        f'<rect width="{wide}" height="{high}" fill="#ffffff"/>',
        *map(_shape, drawing.shapes),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _shape(shape: Shape) -> str:
    if isinstance(shape, Outline):
        x, y = shape.x - shape.width / 2, shape.y - shape.height / 2
        return (
            f'<rect x="{_number(x)}" y="{_number(y)}" width="{_number(shape.width)}" '
            f'height="{_number(shape.height)}" rx="{_number(shape.radius)}" fill="#{shape.fill}" '
            f'stroke="#{shape.stroke}" stroke-width="{_number(shape.thick)}"/>'
        )
    if isinstance(shape, Curve):
        first, *rest = map(_point, shape.points)
        return (
            f'<path d="M{first} C{" ".join(rest)}" fill="none" stroke="#{shape.stroke}" '
            f'stroke-width="{_number(shape.thick)}"/>'
        )
    if isinstance(shape, Arrow):
        return f'<path d="M{" L".join(map(_point, shape.points))} Z" fill="#{shape.fill}"/>'
    anchor = "" if shape.anchor == "start" else ' text-anchor="middle"'
    return (
        f'<text x="{_number(shape.x)}" y="{_number(shape.y + shape.size * 0.36)}" '
        f'font-size="{_number(shape.size)}" fill="#{shape.colour}"{anchor} xml:space="preserve">'
        f"{_escaped(shape.cell.unicode())}</text>"
    )


def _point(point: Point) -> str:
    return f"{_number(point[0])},{_number(point[1])}"


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def _escaped(text: str) -> str:
    """Text between tags; what XML has no character for is left out."""
    from xml.sax.saxutils import escape

    return escape("".join(character if character.isprintable() else " " for character in text))
