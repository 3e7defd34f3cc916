"""Long formulas in LaTeX, in lines."""

from __future__ import annotations

from matcalc.printers.latex_lines import broken, width


def test_long_formulas_are_broken_between_their_terms():
    text = " + ".join(f"A_{{{number}}} x" for number in range(30))
    lines = broken(text, 40)
    assert " ".join(lines) == text and len(lines) > 3
    assert all(width(line) <= 40 for line in lines) and all(line.startswith("+ ") for line in lines[1:])
    nested = "2 W ((" + text + ") x^{\\top} - \\left(" + text + "\\right))"
    lines = broken(nested, 40)
    assert " ".join(lines) == nested
    assert max(line.count("\\left") - line.count("\\right") for line in lines) == 0
    assert broken("x", 40) == ["x"]
    assert broken("\\frac{" + text + "}{2}", 10) == ["\\frac{" + text + "}{2}"]
