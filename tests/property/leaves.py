"""Names, numbers and constants, written in one spelling."""

from __future__ import annotations

import random
from fractions import Fraction

from .style import Style
from .tokens import ATOM, OVER, Text
from .tree import SIZES, Expr

_GREEK = dict(
    zip(
        "alpha beta gamma delta eps zeta eta theta kappa lambda mu nu xi rho sigma tau phi psi omega Sigma Theta ell".split(),
        "αβγδεζηθκλμνξρστφψω𝛴Θℓ",
        strict=True,
    )
)
_SUB = str.maketrans("0123456789nmkp", "₀₁₂₃₄₅₆₇₈₉ₙₘₖₚ")
_VULGAR = {
    Fraction(1, 2): "½",
    Fraction(1, 3): "⅓",
    Fraction(2, 3): "⅔",
    Fraction(3, 4): "¾",
    Fraction(1, 8): "⅛",
}


class Leaves(Style):
    """Writes what has no operands; with ``integers``, sizes are numbers."""

    def __init__(self, style: str, rng: random.Random, integers: bool = False, plain: bool = False) -> None:
        super().__init__(style, rng, plain)
        self.integers = integers

    def name(self, name: str) -> str:
        base, _, sub = name.partition("_")
        digits = base.lstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
        base = base[: len(base) - len(digits)]
        if base in ("weights", "bias", "rate"):
            return self.one_of(f"\\mathrm{{{base}}}", f"\\text{{{base}}}") if self.latex else base
        if sub == "hat":
            return "\\hat{x}" if self.latex else "x_hat" if self.ascii else self.one_of("x̂", "x_hat")
        if self.ascii:
            return f"{base}_{{{sub}}}" if sub and self.perhaps(0.3) else name
        symbol = _GREEK.get(base, base)
        if self.latex:
            symbol = "\\epsilon" if base == "eps" else "\\" + base if base in _GREEK else base
            if len(base) == 1 and self.perhaps(0.1):
                symbol = f"\\mathbf{{{base}}}"
            index = digits or sub
            if not index:
                return symbol
            if len(index) == 1 and self.perhaps(0.5):
                return f"{symbol}_{index}"
            return (
                f"{symbol}_{{{index}}}"
                if len(index) == 1 or self.perhaps(0.5)
                else f"{symbol}_{{\\mathrm{{{index}}}}}"
            )
        if digits or sub.isdigit():
            index = digits or sub
            return symbol + self.one_of(index.translate(_SUB), index, f"_{index}", f"_{{{index}}}")
        return f"{symbol}_{{{sub}}}" if sub else symbol

    def size(self, name: str) -> str:
        return str(SIZES[name]) if self.integers else name

    def indexed(self, base: str, size: str) -> str:
        size = self.size(size)
        if not (self.latex or self.ascii) and size.translate(_SUB) != size and self.perhaps(0.5):
            return base + size.translate(_SUB)
        return base + self.one_of(f"_{{{size}}}", f"_{size}")

    # Leaves

    def _variable(self, piece: Expr) -> Text:
        return [self.name(piece.data)], ATOM

    def _number(self, piece: Expr) -> Text:
        value: Fraction = piece.data
        if value.denominator == 1:
            text = str(value.numerator)
            return [self.one_of(text, text, text, text, text + ".0" if not self.latex else text)], ATOM
        exact = value.denominator in (2, 4, 5, 8, 10)
        if exact and self.rng.random() < 0.4:
            return [str(float(value))], ATOM
        if self.latex:
            digits = f"\\frac{value.numerator}{value.denominator}"
            if self.perhaps(0.3) and value.numerator < 10 and value.denominator < 10:
                return [digits], ATOM
            return [f"\\frac{{{value.numerator}}}{{{value.denominator}}}"], ATOM
        if not self.ascii and value in _VULGAR and self.rng.random() < 0.6:
            return [_VULGAR[value]], ATOM
        return [str(value.numerator), "/", str(value.denominator)], OVER

    def _pi(self, piece: Expr) -> Text:
        return ["\\pi" if self.latex else "pi" if self.ascii else "π"], ATOM

    def _ones(self, piece: Expr) -> Text:
        size = str(piece.shape[0])
        if self.ascii:
            return [
                self.one_of(f"ones({self.size(size)})", f"ones_{self.size(size)}")
                if piece.sized
                else self.one_of("vector(1)", "ones")
            ], ATOM
        one = self.one_of("\\mathbf{1}", "\\mathbf 1") if self.latex else "𝟏"
        return [self.indexed(one, size) if piece.sized else one], ATOM

    def _identity(self, piece: Expr) -> Text:
        size = str(piece.shape[0])
        if piece.sized:
            return [
                f"eye({self.size(size)})" if self.ascii and self.perhaps(0.5) else self.indexed("I", size)
            ], ATOM
        return [self.one_of("I", "I", "eye") if self.ascii else "I"], ATOM
