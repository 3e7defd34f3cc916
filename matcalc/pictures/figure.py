"""A drawing as a figure of matplotlib, which is imported here alone: PNG, PDF, Jupyter."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from matcalc.errors import MatcalcError
from matcalc.pictures.drawing import Arrow, Curve, Drawing, Outline, Point, Shape

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FONTS = ["DejaVu Sans", "STIXGeneral"]  # both come with matplotlib; the second has 𝛴 and 𝟏
_INCH = 72.0
_DOTS = 200  # an inch, of PNG
_LARGEST = 8000.0  # dots along a side


def figure(drawing: Drawing) -> Figure:
    """The drawing as a figure of its own size; it belongs to no window, and Jupyter shows it.

    Raises ``MatcalcError`` where matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise MatcalcError(
            "figures, .png and .pdf need matplotlib, which is not installed: pip install 'matcalc-symbolic[pictures]' "
            "installs it; .svg, .tex and .dot need nothing"
        ) from None

    class Picture(Figure):
        """A figure that Jupyter shows without any setting."""

        def _repr_png_(self) -> bytes:
            return image(self, "png")

    made = Picture(figsize=(drawing.width / _INCH, drawing.height / _INCH))
    axes = made.add_axes((0.0, 0.0, 1.0, 1.0))
    axes.set_xlim(0, drawing.width)
    axes.set_ylim(drawing.height, 0)
    axes.set_axis_off()
    for order, shape in enumerate(drawing.shapes):
        _add(axes, shape, order)
    return made


def image(figure: Figure, form: str) -> bytes:
    """The figure's file, ``png`` or ``pdf``."""
    wide, high = figure.get_size_inches()
    data = io.BytesIO()
    # PDF without its date, so that the same picture is the same file
    settings: dict[str, Any] = {"metadata": {"CreationDate": None}} if form == "pdf" else {}
    figure.savefig(data, format=form, dpi=min(_DOTS, _LARGEST / max(wide, high)), **settings)
    return data.getvalue()


def _add(axes: Any, shape: Shape, order: int) -> None:
    from matplotlib import patches
    from matplotlib.path import Path

    if isinstance(shape, Outline):
        points, codes = _rounded(shape)
        box = patches.PathPatch(
            Path(points, codes),
            facecolor=f"#{shape.fill}",
            edgecolor=f"#{shape.stroke}",
            linewidth=shape.thick,
            zorder=order,
        )
        axes.add_patch(box)
    elif isinstance(shape, Curve):
        path = Path(shape.points, [Path.MOVETO, *[Path.CURVE4] * (len(shape.points) - 1)])
        line = patches.PathPatch(
            path, fill=False, edgecolor=f"#{shape.stroke}", linewidth=shape.thick, zorder=order
        )
        axes.add_patch(line)
    elif isinstance(shape, Arrow):
        axes.add_patch(
            patches.Polygon(shape.points, closed=True, facecolor=f"#{shape.fill}", linewidth=0, zorder=order)
        )
    else:
        axes.text(
            shape.x,
            shape.y + shape.size * 0.36,
            shape.cell.unicode(),
            fontsize=shape.size,
            color=f"#{shape.colour}",
            family=_FONTS,
            ha="left" if shape.anchor == "start" else "center",
            va="baseline",
            parse_math=False,
            zorder=order,
        )


def _rounded(shape: Outline) -> tuple[list[Point], list[int]]:
    """A box whose corners are quarters of circles, as cubic curves, and the codes of its path."""
    radius = min(shape.radius, shape.height / 2, shape.width / 2)
    across, down = shape.width / 2 - radius, shape.height / 2 - radius
    near = radius * 0.5523  # of the control points of a quarter of a circle
    corners = ((1, -1), (1, 1), (-1, 1), (-1, -1))
    points: list[Point] = []
    codes: list[int] = []
    for turn, (right, below) in enumerate(corners):
        x, y = shape.x + right * across, shape.y + below * down
        upright = (x, y + below * radius), (x + right * near, y + below * radius)
        level = (x + right * radius, y + below * near), (x + right * radius, y)
        arc = [*upright, *level] if turn % 2 == 0 else [*reversed(level), *reversed(upright)]
        points += arc
        codes += [2 if codes else 1, 4, 4, 4]  # line (or move), then a cubic
    return [*points, points[0]], [*codes, 79]  # close
