"""How tightly the texts of formulas bind."""

from __future__ import annotations

# A sum; what ends with a sign that takes the product that follows, as Σx; an elementwise product; a product; something
# with a superscript; a unit.
SUM, PREFIX, ELEMENTWISE, PRODUCT, POSTFIX, UNIT = range(1, 7)
Text = tuple[str, int]
