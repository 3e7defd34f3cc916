"""What the three examples share: laying out a derivation, and checking a formula that somebody else claims."""

from matcalc import Derivation
from matcalc.graph.node import variables
from matcalc.graph.template import instantiate
from matcalc.verification.report import CheckReport


def show(derivation: Derivation) -> None:
    """Print the formula, how it came about, and its check."""
    print(derivation)
    for note in derivation.notes:
        print(f"note: {note}")
    print(derivation.check())
    print()
    print(derivation.steps)


def check_claim(derivation: Derivation, claim: str) -> CheckReport:
    """Compare ``claim``, a formula over the same variables, with finite differences of the original formula."""
    reading = derivation.reading
    known = {str(variable.data): variable for variable in variables([derivation.value])}
    claimed = instantiate(claim, known, reading.graph, reading.operations)
    return Derivation(reading, derivation.wrt, derivation.variable, claimed, None).check()
