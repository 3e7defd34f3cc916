"""What the three examples share: laying out a derivation."""

from matcalc import Derivation


def show(derivation: Derivation) -> None:
    """Print the formula, how it came about, and its check."""
    print(derivation)
    for note in derivation.notes:
        print(f"note: {note}")
    print(derivation.check())
    print()
    print(derivation.steps)
