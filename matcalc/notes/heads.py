r"""The left sides that claim a derivative: ``\nabla_W f``, ``∇_W f``, ``\frac{\partial f}{\partial W}``, ``∂/∂W f``, ``d/dx f``."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from matcalc.language.names import FROM_SUBSCRIPT, SUBSCRIPT_CHARACTERS, canonical

_D = r"(?:\\partial(?![A-Za-z])|∂|\\(?:mathrm|text|operatorname)\s*\{\s*d\s*\}|\{\s*\\rm\s+d\s*\}|\\mathrm\s+d|\\dd(?![A-Za-z])|d(?![A-Za-z]{2}))"
_POWER = r"(?P<{}>\s*\^\s*(?:\{{[^{{}}]*\}}|\w)|[²³⁴])?"
_BRACED = r"\{(?:[^{}]|\{(?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*\})*\}"
_LETTER = r"(?:\\[A-Za-z]+(?:\s*\{[^{}]*\})?|[^\W\d_])"
_NAME = rf"{_LETTER}(?:\s*_\s*(?:{_BRACED}|\w)|[{SUBSCRIPT_CHARACTERS}]+)?"
_NABLA = re.compile(
    rf"(?:\\nabla(?![A-Za-z])|∇){_POWER.format('order')}(?:\s*_\s*(?P<name>{_BRACED}|{_LETTER})|(?P<low>[ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ]))"
    rf"{_POWER.format('after')}"
)
_OF_ONE = re.compile(
    rf"(?:\\nabla(?![A-Za-z])|∇){_POWER.format('order')}\s*(?P<value>{_NAME}\s*(?:\\left)?\(\s*(?P<name>{_NAME})\s*(?:\\right)?\))\s*\Z"
)
_FRACTION = re.compile(rf"\\[dtc]?frac\s*(?P<above>{_BRACED})\s*(?P<below>{_BRACED})")
_ABOVE = re.compile(rf"\s*{_D}{_POWER.format('order')}\s*(?P<value>.*?)\s*\Z", re.DOTALL)
_BELOW = re.compile(rf"\s*{_D}\s*(?P<name>.*?)\s*\Z", re.DOTALL)
_SLASH = re.compile(
    rf"(?P<d>{_D}){_POWER.format('order')}\s*(?P<value>[^/]*?)\s*/\s*{_D}\s*(?P<name>{_NAME})(?P<more>\s*\^\s*(?:\{{[^{{}}]*\}}|\w)|²)?",
    re.DOTALL,
)
_SQUARE = re.compile(r"\s*(?:\^\s*(?:\{\s*(?:2|T|\\top)\s*\}|2|T|\\top)|²|ᵀ)\s*\Z")  # ∂x², ∂x∂xᵀ
_TWO = re.compile(r"[\s^{]*[2²]\s*\}?\Z")
_ARGUMENTS = re.compile(r"\([^()]*\)")
_ENTRY = re.compile(r"_\s*\{?\s*[ijkl]{1,3}\s*(?:,|\}|\Z)|[ᵢⱼₖₗ]\Z")  # x_i, W_{ij}, W_{i,j}
ANY = re.compile(r"\\nabla|∇|\\partial|∂|\\mathrm\s*\{\s*d\s*\}|(?<![A-Za-z\\])d/d")


@dataclass(frozen=True)
class Head:
    """The left side of a claim: the text of the value, the names of the variables: one, or two of a second derivative.

    ``scalar`` tells whether it is an ordinary or partial derivative, which may be one of numbers, ``second`` whether it is
    a second derivative; ``problem`` says why such a derivative is not checked.
    """

    value: str
    wrt: tuple[str, ...]
    scalar: bool = False
    second: bool = False
    problem: str | None = None

    @property
    def variables(self) -> set[str]:
        """The canonical names of the variables."""
        return {str(canonical(name)) for name in self.wrt}


def head(text: str) -> Head | None:
    """What a side of an equation claims the derivative of; None where it is no derivative of a formula."""
    text = text.strip()
    nabla = _NABLA.match(text)
    if nabla is not None:
        name = nabla["low"].translate(FROM_SUBSCRIPT) if nabla["low"] else nabla["name"]
        return _head(text[nabla.end() :], (name,), nabla["order"] or nabla["after"] or "", False)
    function = _OF_ONE.match(text)
    if function is not None:  # the gradient in what the function is of
        return _head(function["value"], (function["name"],), function["order"] or "", False)
    fraction = _FRACTION.match(text)
    if fraction is not None:
        above = _ABOVE.match(fraction["above"][1:-1])
        below = _BELOW.match(fraction["below"][1:-1])
        if above is None or below is None:
            return None
        names = tuple(_SQUARE.sub("", name).strip() for name in re.split(_D, below["name"]))
        return _head(_value(above["value"], text[fraction.end() :]), names, above["order"] or "", True)
    slash = _SLASH.match(text)
    if slash is not None:
        value = _value(slash["value"], text[slash.end() :])
        return _head(value, (slash["name"],), slash["order"] or slash["more"] or "", True)
    return None


def _value(above: str, behind: str) -> str:
    """What is derived: what stands above the line or behind the fraction; not both, which is a product."""
    behind = behind.strip()
    if above and behind and not _ARGUMENTS.fullmatch(behind):
        return ""
    return above or behind


def _head(value: str, names: tuple[str, ...], order: str, scalar: bool) -> Head | None:
    value, names = _unbraced(value.strip()), tuple(map(_unbraced, names))
    if not value:
        return None
    second = bool(order)
    found = Head(value, tuple(dict.fromkeys(names)), scalar, second)
    unknown = [name for name in names if canonical(name) is None]
    if (order and not _TWO.search(order)) or len(names) > 1 + second:
        return replace(found, problem="only first and second derivatives are checked")
    if unknown:
        return replace(found, problem=f"`{unknown[0]}` is no name of a variable that matcalc reads")
    if any(map(_ENTRY.search, names)):
        return replace(found, problem="derivatives in single entries are not checked")
    if ANY.search(value):
        return replace(found, problem="it is a derivative of a derivative")
    return found


def _unbraced(text: str) -> str:
    return text[1:-1].strip() if re.fullmatch(_BRACED, text) else text
