"""Exact numbers, kept to a size that can be worked with."""

from __future__ import annotations

from fractions import Fraction

from matcalc.errors import MatcalcError

_MOST_BITS = 8192


def exact(value: Fraction | int) -> Fraction:
    """``value`` as a fraction; to make one of one that is one already is slow."""
    return value if type(value) is Fraction else Fraction(value)


def plain(value: Fraction) -> Fraction | int:
    """``value``, a whole number as an ``int``: those multiply fast."""
    return value.numerator if value.denominator == 1 else value


def checked(value: Fraction) -> Fraction:
    """``value``, unless it has thousands of digits."""
    if value.numerator.bit_length() + value.denominator.bit_length() > _MOST_BITS:
        raise MatcalcError(
            "a number in this formula has thousands of digits; matcalc computes with exact numbers"
        )
    return value


def power(base: Fraction, exponent: int) -> Fraction:
    """``base`` to a whole power; the base is not zero where the power is negative."""
    bits = base.numerator.bit_length() + base.denominator.bit_length()
    if base not in (0, 1, -1) and bits * abs(exponent) > 2 * _MOST_BITS:
        raise MatcalcError(
            "a power of a number in this formula has thousands of digits; matcalc computes with exact numbers"
        )
    return Fraction(base**exponent)
