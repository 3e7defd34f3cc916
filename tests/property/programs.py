"""Random programs: definitions that use each other, over a few variables whose sizes all differ."""

from __future__ import annotations

import random

SHAPES = {
    "A": ("m", "n"),
    "B": ("n", "m"),
    "C": ("n", "n"),
    "x": ("n",),
    "y": ("m",),
    "z": ("n",),
    "alpha": (),
}
SIZES = {"m": 3, "n": 4}
_LETTERS = {"m": "u", "n": "v", "": "c", "nn": "G", "mn": "H"}
_VECTORS = (
    "tanh({mat}*{vec} + {own})",
    "{mat}*{vec} - {own}",
    "{own} .* ({mat}*{vec})",
    "exp(-{own}.*{own})",
    "softmax({mat}*{vec})",
    "{c}*{own} + {mat}*{vec}",
    "sigmoid({own})",
    "2*{own}",
)
_SCALARS = (
    "{n}'*{n2}",
    "norm2({m})^2",
    "norm2({m} - {n}'*{n2})",
    "sum({n})",
    "{c}*sin({c2})",
    "tr({mn}*{nm})",
    "logsumexp({m})",
    "{n}'*{nn}*{n2}",
)
_SQUARE = (
    "{mn}'*{mn2}",
    "{nm}*{mn}",
    "{nn} + {nn2}'",
    "{n}*{n2}'",
    "diag({n})*{nn}",
    "{nn}*{nn2}",
    "inv({mn}'*{mn} + eye)",
    "{nn}'",
)
_OBLONG = ("{mn}*{nn}", "{m}*{n}'", "tanh({mn})", "{mn} - {nm}'")
_VALUES = (
    "norm2({m} - {m2})^2",
    "sum({n} .* {n2}) + {c}",
    "{n}'*{nn}*{n2}",
    "norm2({mn}*{n} + {m})",
    "tr({nn}*{nn2})",
)


def program(rng: random.Random) -> tuple[str, list[str]]:
    """A program's text and the names that it defines."""
    known = {"m": ["y"], "n": ["x", "z"], "mn": ["A"], "nm": ["B"], "nn": ["C"], "": ["alpha"]}

    def fill(template: str, **more: str) -> str:
        def pick(kind: str) -> str:
            return rng.choice(known[kind][-3:] if rng.random() < 0.6 else known[kind])

        kinds = {"m": "m", "n": "n", "mn": "mn", "nm": "nm", "nn": "nn", "c": ""}
        names = {f"{key}{place}": pick(kind) for key, kind in kinds.items() for place in ("", "2")}
        names |= {key: pick(kind) for key, kind in more.items()}
        return template.format(**names)

    lines, names = [], []
    for number in range(rng.randint(2, 6)):
        kind = rng.choice(["m", "n", "n", "m", "", "nn", "mn"])
        if kind == "m":
            body = fill(rng.choice(_VECTORS), mat="mn", vec="n", own="m")
        elif kind == "n":
            matrix = rng.choice(["nm", "nn"])
            body = fill(rng.choice(_VECTORS), mat=matrix, vec=matrix[1], own="n")
        else:
            body = fill(rng.choice({"": _SCALARS, "nn": _SQUARE, "mn": _OBLONG}[kind]))
        names.append(f"{_LETTERS[kind]}{number + 1}")
        known[kind].append(names[-1])
        lines.append(f"{names[-1]} = {body}")
    shapes = ", ".join(f"{name}: {'×'.join(shape) or 'scalar'}" for name, shape in SHAPES.items())
    return "\n".join([f"shapes {shapes}", *lines, f"L = {fill(rng.choice(_VALUES))}"]), names
