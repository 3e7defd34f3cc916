"""The three spellings: what each symbol of a formula looks like in Unicode, ASCII and LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import NamedTuple

from matcalc.graph.sizes import spelled
from matcalc.language.names import ascii_name, latex_name, unicode_name
from matcalc.operations import Operation

_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_SUBSCRIPTS = str.maketrans("0123456789ehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉ₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_VULGAR = {Fraction(1, 2): "½", Fraction(1, 4): "¼", Fraction(3, 4): "¾"}


class Spelling(NamedTuple):
    """How one spelling writes the pieces of a formula."""

    name: Callable[[str], str]
    function: Callable[[Operation], str]
    minus: str
    hadamard: str
    eldivide: str
    transpose: str
    inverse: str | None  # None: inv(X)
    inverse_transpose: str | None
    total: str | None  # the sum sign; None: sum(X)
    root: str | None
    norm: tuple[str, str] | None
    bars: tuple[str, str] | None
    kron: str | None  # None: kron(A, B)
    one: str | None  # the vector of ones; None: vector(1)
    pi: str
    delta: str  # Kronecker's
    latex: bool = False

    def brackets(self, text: str) -> str:
        """``text`` in parentheses."""
        if self.latex and any(tall in text for tall in ("\\frac", "\\sqrt", "\\left")):
            return f"\\left({text}\\right)"
        return f"({text})"

    def power(self, base: str, exponent: str, elementwise: bool) -> str:
        """``base`` to the power of the text of an exponent; with ``elementwise`` entry by entry."""
        if self.latex:
            circle = "\\circ " if elementwise else ""
            return f"{base}^{{{circle}{exponent}}}"
        if self.hadamard == ".*":
            simple = exponent.isalnum() or (exponent.startswith("-") and exponent[1:].isalnum())
            return f"{base}{'.^' if elementwise else '^'}{exponent if simple else f'({exponent})'}"
        if elementwise:
            return f"{base}^{{∘{exponent}}}"
        digits = exponent.replace("−", "-")
        if digits.lstrip("-").isdigit():
            return base + digits.translate(_SUPERSCRIPTS)
        return f"{base}^{exponent}" if len(exponent) == 1 else f"{base}^({exponent})"

    def indexed_sum(self, indices: Sequence[str], text: str) -> str:
        """The sum of ``text`` over indices."""
        if self.latex:
            return f"\\sum_{{{''.join(indices)}}} {text}"
        joined = ",".join(indices)
        if self.hadamard == ".*":
            return f"sum_{joined if len(indices) == 1 else f'{{{joined}}}'}({text})"
        small = "".join(indices).translate(_SUBSCRIPTS)
        if not any(letter in small for letter in indices):
            return f"Σ{small} {text}"
        return f"Σ_{joined if len(indices) == 1 else f'{{{joined}}}'} {text}"

    def number(self, value: Fraction) -> tuple[str, bool]:
        """A number that is not negative, and whether it is written as a quotient that needs brackets in a product."""
        if value.denominator == 1:
            return str(value.numerator), False
        if value in _VULGAR and not self.latex and self.hadamard != ".*":
            return _VULGAR[value], False
        decimal = _decimal(value)
        if decimal is not None:
            return decimal, False
        if self.latex:
            return f"\\frac{{{value.numerator}}}{{{value.denominator}}}", False
        return f"{value.numerator}/{value.denominator}", True

    def size(self, size: str | int) -> str:
        """The subscript of a constant whose size the formula does not tell."""
        text = spelled(size, "")
        if (
            self.hadamard == "⊙"
            and text.translate(_SUBSCRIPTS) != text
            and not (set(text) - set("0123456789ehklmnoprstx"))
        ):
            return text.translate(_SUBSCRIPTS)
        return f"_{text}" if len(text) == 1 else f"_{{{text}}}"


def _decimal(value: Fraction) -> str | None:
    """A fraction such as 0.1 that reads better as a decimal number."""
    if value.denominator in (2, 4, 8) or 10000 % value.denominator:
        return None
    return f"{float(value):.4f}".rstrip("0")


def _unicode_function(operation: Operation) -> str:
    return operation.unicode or operation.writes


def _latex_function(operation: Operation) -> str:
    name, _, ending = operation.writes.partition(" ")
    latex = operation.latex or f"\\operatorname{{{name.replace('_', '')}}}"
    return f"{latex}_{{\\mathrm{{{ending}}}}}" if ending else latex


UNICODE = Spelling(
    name=unicode_name,
    function=_unicode_function,
    minus="−",
    hadamard="⊙",
    eldivide="⊘",
    transpose="ᵀ",
    inverse="⁻¹",
    inverse_transpose="⁻ᵀ",
    total="Σ",
    root="√",
    norm=("‖", "‖"),
    bars=("|", "|"),
    kron="⊗",
    one="𝟏",
    pi="π",
    delta="δ",
)
ASCII = Spelling(
    name=ascii_name,
    function=lambda operation: operation.writes,
    minus="-",
    hadamard=".*",
    eldivide="./",
    transpose="'",
    inverse=None,
    inverse_transpose=None,
    total=None,
    root=None,
    norm=None,
    bars=None,
    kron=None,
    one=None,
    pi="pi",
    delta="delta",
)
LATEX = Spelling(
    name=latex_name,
    function=_latex_function,
    minus="-",
    hadamard="\\odot",
    eldivide="\\oslash",
    transpose="^{\\top}",
    inverse="^{-1}",
    inverse_transpose="^{-\\top}",
    total="\\sum",
    root="\\sqrt",
    norm=("\\lVert ", " \\rVert"),
    bars=("\\lvert ", " \\rvert"),
    kron=" \\otimes ",
    one="\\mathbf{1}",
    pi="\\pi",
    delta="\\delta",
    latex=True,
)
