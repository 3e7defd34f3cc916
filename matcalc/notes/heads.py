r"""The left sides that claim a derivative: ``\nabla_W f``, ``∇_W f``, ``\frac{\partial f}{\partial W}``, ``∂/∂W f``, ``d/dx f``."""

from __future__ import annotations

import re
from dataclasses import dataclass

from matcalc.language.names import canonical

_D = r"(?:\\partial(?![A-Za-z])|∂|\\(?:mathrm|text|operatorname)\s*\{\s*d\s*\}|\{\s*\\rm\s+d\s*\}|\\mathrm\s+d|\\dd(?![A-Za-z])|d(?![A-Za-z]{2}))"
_POWER = r"(?P<{}>\s*\^\s*(?:\{{[^{{}}]*\}}|\w)|[²³⁴])?"
_BRACED = r"\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\}"
_LETTER = r"(?:\\[A-Za-z]+(?:\s*\{[^{}]*\})?|[^\W\d_])"
_NAME = rf"{_LETTER}(?:\s*_\s*(?:{_BRACED}|\w)|[₀-₉ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ]+)?"
_NABLA = re.compile(
    rf"(?:\\nabla(?![A-Za-z])|∇){_POWER.format('order')}(?:\s*_\s*(?P<name>{_BRACED}|{_LETTER})|(?P<low>[ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ]))"
    rf"{_POWER.format('after')}"
)
_FRACTION = re.compile(rf"\\[dtc]?frac\s*(?P<above>{_BRACED})\s*(?P<below>{_BRACED})")
_ABOVE = re.compile(rf"\s*{_D}{_POWER.format('order')}\s*(?P<value>.*?)\s*\Z", re.DOTALL)
_BELOW = re.compile(rf"\s*{_D}\s*(?P<name>.*?)\s*\Z", re.DOTALL)
_SLASH = re.compile(
    rf"(?P<d>{_D}){_POWER.format('order')}\s*(?P<value>[^/]*?)\s*/\s*{_D}\s*(?P<name>{_NAME})(?P<more>\s*\^|²)?",
    re.DOTALL,
)
_FROM_LOW = str.maketrans("ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ", "aehijklmnoprstuvx")
_ENTRY = re.compile(r"_\s*\{?\s*[ijkl]{1,3}\s*(?:,|\}|\Z)|[ᵢⱼₖₗ]\Z")  # x_i, W_{ij}, W_{i,j}
ANY = re.compile(r"\\nabla|∇|\\partial|∂|\\mathrm\s*\{\s*d\s*\}|(?<![A-Za-z\\])d/d")


@dataclass(frozen=True)
class Head:
    """The left side of a claim: the text of the value, the name of the variable.

    ``scalar`` tells whether it is an ordinary or partial derivative, which may be one of numbers; ``problem`` says why
    such a derivative is not checked.
    """

    value: str
    wrt: str
    scalar: bool = False
    problem: str | None = None


def head(text: str) -> Head | None:
    """What a side of an equation claims the derivative of; None where it is no derivative of a formula."""
    text = text.strip()
    nabla = _NABLA.match(text)
    if nabla is not None:
        name = nabla["low"].translate(_FROM_LOW) if nabla["low"] else _unbraced(nabla["name"])
        return _head(text[nabla.end() :], name, bool(nabla["order"] or nabla["after"]), False)
    fraction = _FRACTION.match(text)
    if fraction is not None:
        above = _ABOVE.match(fraction["above"][1:-1])
        below = _BELOW.match(fraction["below"][1:-1])
        if above is None or below is None:
            return None
        rest = text[fraction.end() :].strip()
        if above["value"] and rest:
            return None  # a product of derivatives
        several = re.search(rf"{_D}|\^|²", below["name"]) is not None
        return _head(above["value"] or rest, below["name"], bool(above["order"]) or several, True)
    slash = _SLASH.match(text)
    if slash is not None:
        rest = text[slash.end() :].strip()
        if slash["value"] and rest:
            return None
        return _head(slash["value"] or rest, slash["name"], bool(slash["order"] or slash["more"]), True)
    return None


def _head(value: str, name: str, higher: bool, scalar: bool) -> Head | None:
    value, name = _unbraced(value.strip()), _unbraced(name)
    if not value:
        return None
    if higher:
        return Head(value, name, scalar, "only first derivatives are checked")
    if canonical(name) is None:
        return Head(value, name, scalar, f"`{name}` is no name of a variable that matcalc reads")
    if _ENTRY.search(name):
        return Head(value, name, scalar, "derivatives in single entries are not checked")
    if ANY.search(value):
        return Head(value, name, scalar, "it is a derivative of a derivative")
    return Head(value, name, scalar)


def _unbraced(text: str) -> str:
    return text[1:-1].strip() if re.fullmatch(_BRACED, text) else text
