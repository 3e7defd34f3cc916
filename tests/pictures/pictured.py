"""Formulas whose pictures are tested, from 3 nodes to more than 60."""

from __future__ import annotations

from matcalc.pictures.drawing import Outline
from matcalc.pictures.making import picture_of_reading
from matcalc.pictures.saving import drawing_of
from matcalc.reading import read


def deep(layers: int) -> str:
    """‖W₃tanh(W₂tanh(W₁x)) − t‖² with so many layers."""
    formula = "x"
    for number in range(1, layers + 1):
        formula = f"W{number} tanh({formula})" if number > 1 else f"W{number} {formula}"
    return f"‖{formula} − t‖²"


def tied(layers: int) -> str:
    """The same with one weight."""
    formula = "x"
    for _ in range(layers):
        formula = f"tanh(W {formula})"
    return f"‖{formula} − t‖²"


def units(count: int) -> str:
    """A network of single numbers, ``count`` units between x, y and the output: 2 + 11·count nodes and more."""
    terms = [f"v{i}·tanh(a{i}·x + b{i}·y + c{i})" for i in range(1, count + 1)]
    names = ["x", "y", "t", *(f"{letter}{i}" for letter in "abcv" for i in range(1, count + 1))]
    return f"({' + '.join(terms)} − t)^2 where " + ", ".join(f"{name}: scalar" for name in names)


NETWORKS = ["‖As−x‖²", "Σ√(V(s⊙s)+ε)", "‖WᵀWx−x‖²", "‖AXB − C‖²", deep(3), deep(10), tied(5)]
GRAPHS = [
    "(x+y)z where x: scalar, y: scalar, z: scalar",
    "1/(1+e^{-(w0x0+w1x1+w2)}) where w0, x0, w1, x1, w2: scalar",
    "‖As−x‖² + γ‖A‖²",
    "tr(AXᵀB) + log det(X)",
    "Σ_ij A_ij x_i x_j",
    "Σ max(x, y)⊙exp(−x)",
    units(2),
    units(6),
]


def picture(formula: str, deltas: bool = False, shapes: str | None = None):
    """The picture that the command draws."""
    return picture_of_reading(read(formula, shapes), deltas)


def overlaps(drawing) -> list[tuple[Outline, Outline]]:
    """The pairs of boxes that are not apart."""
    boxes = [shape for shape in drawing.shapes if isinstance(shape, Outline) and shape.stroke != "ffffff"]
    return [
        (one, other)
        for place, one in enumerate(boxes)
        for other in boxes[:place]
        if abs(one.x - other.x) < (one.width + other.width) / 2
        and abs(one.y - other.y) < (one.height + other.height) / 2
    ]


def drawn(formula: str, deltas: bool = False, shapes: str | None = None):
    """The drawing of a formula's picture."""
    return drawing_of(picture(formula, deltas, shapes))
