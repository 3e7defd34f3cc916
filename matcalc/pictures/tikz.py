r"""A drawing as a ``tikzpicture``: needs ``\usepackage{tikz}`` alone.  Formulas are in LaTeX."""

from __future__ import annotations

from matcalc.pictures.drawing import LABEL, Arrow, Curve, Drawing, Outline, Point, Shape, Words, decimal

_SCALE = 0.88  # points of the page for one of the drawing: LaTeX's letters are smaller
# What formulas take from amsmath, for documents without it; inside the picture, so that nothing else changes.
_AMSMATH = {
    "\\text{": "\\providecommand\\text[1]{\\mbox{#1}}",
    "\\operatorname{": "\\providecommand\\operatorname[1]{\\mathop{\\mathrm{#1}}\\nolimits}",
    "\\lVert": "\\providecommand\\lVert{\\Vert}\\providecommand\\rVert{\\Vert}",
    "\\lvert": "\\providecommand\\lvert{\\vert}\\providecommand\\rvert{\\vert}",
    "{bmatrix}": "\\ifdefined\\bmatrix\\else\\newenvironment{bmatrix}"
    "{\\left[\\begin{array}{*{20}{c}}}{\\end{array}\\right]}\\fi",
}


def tikz(drawing: Drawing) -> str:
    """The file's text, to be read with ``\\input`` where the picture is to stand."""
    title = " ".join(drawing.title.ascii().split())
    colours = sorted({colour for shape in drawing.shapes for colour in _colours(shape)})
    shapes = [_shape(shape) for shape in drawing.shapes]
    needed = [line for mark, line in _AMSMATH.items() if any(mark in text for text in shapes)]
    lines = [
        f"% {title}",
        "% \\usepackage{tikz}",
        f"\\begin{{tikzpicture}}[x={_SCALE}pt, y=-{_SCALE}pt, inner sep=0pt]",
        *needed,
        *(f"\\definecolor{{mc{colour}}}{{HTML}}{{{colour.upper()}}}" for colour in colours),
        *shapes,
        "\\end{tikzpicture}",
    ]
    return "\n".join(lines) + "\n"


def _colours(shape: Shape) -> tuple[str, ...]:
    if isinstance(shape, Outline):
        return (shape.stroke, shape.fill)
    return (
        shape.colour
        if isinstance(shape, Words)
        else shape.stroke
        if isinstance(shape, Curve)
        else shape.fill,
    )


def _shape(shape: Shape) -> str:
    if isinstance(shape, Outline):
        corner = (shape.x - shape.width / 2, shape.y - shape.height / 2)
        other = (shape.x + shape.width / 2, shape.y + shape.height / 2)
        radius = min(shape.radius, shape.height / 2) * _SCALE
        return (
            f"\\filldraw[draw=mc{shape.stroke}, fill=mc{shape.fill}, line width={decimal(shape.thick * 0.6)}pt, "
            f"rounded corners={decimal(radius)}pt] {_point(corner)} rectangle {_point(other)};"
        )
    if isinstance(shape, Curve):
        path = _point(shape.points[0])
        for first, second, end in zip(
            shape.points[1::3], shape.points[2::3], shape.points[3::3], strict=True
        ):
            path += f" .. controls {_point(first)} and {_point(second)} .. {_point(end)}"
        return f"\\draw[mc{shape.stroke}, line width={decimal(shape.thick * 0.6)}pt] {path};"
    if isinstance(shape, Arrow):
        return f"\\fill[mc{shape.fill}] {' -- '.join(map(_point, shape.points))} -- cycle;"
    size = "\\normalsize" if shape.size >= LABEL else "\\footnotesize"
    if "\\frac" in shape.cell.latex():  # which is taller than a line
        size = "\\scriptsize"
    anchor = ", anchor=west" if shape.anchor == "start" else ""
    text = shape.cell.latex()
    return f"\\node[text=mc{shape.colour}, font={size}{anchor}] at {_point((shape.x, shape.y))} {{${text}$}};"


def _point(point: Point) -> str:
    return f"({decimal(point[0])},{decimal(point[1])})"
