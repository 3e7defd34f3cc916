"""A picture as a file; the ending of its name says which kind."""

from __future__ import annotations

from pathlib import Path

from matcalc.errors import MatcalcError
from matcalc.pictures.drawing import Drawing
from matcalc.pictures.picture import Picture

ENDINGS = (".svg", ".png", ".pdf", ".tex", ".dot")


def drawing_of(picture: Picture) -> Drawing:
    """A picture with places for all that is in it."""
    if picture.kind == "network":
        from matcalc.pictures.network_drawing import network_drawing

        return network_drawing(picture)
    from matcalc.pictures.graph_drawing import graph_drawing

    return graph_drawing(picture)


def check_ending(path: str | Path) -> str:
    """The ending of a file's name; raises ``MatcalcError`` for one that no picture has."""
    ending = Path(path).suffix.lower()
    if ending not in ENDINGS:
        known = ", ".join(ENDINGS[:-1])
        named = f"`{path}` ends in {ending}" if ending else f"`{path}` has no ending"
        raise MatcalcError(f"{named}; a picture is a file that ends in {known} or {ENDINGS[-1]}")
    return ending


def picture_file(picture: Picture, ending: str) -> bytes:
    """The contents of the file with this ending."""
    if ending == ".dot":
        from matcalc.pictures.dot import dot

        return dot(picture).encode()
    drawing = drawing_of(picture)
    if ending == ".svg":
        from matcalc.pictures.svg import svg

        return svg(drawing).encode()
    if ending == ".tex":
        from matcalc.pictures.tikz import tikz

        return tikz(drawing).encode()
    from matcalc.pictures.figure import figure, image

    return image(figure(drawing), ending[1:])


def save(picture: Picture, path: str | Path) -> None:
    """Write a picture to a file that ends in one of ``ENDINGS``; raises ``MatcalcError`` for another, or ``OSError``."""
    data = picture_file(picture, check_ending(path))
    Path(path).write_bytes(data)
