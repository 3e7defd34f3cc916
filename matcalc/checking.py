"""``check``: is a formula from someone's notes the derivative that it is said to be?"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matcalc.derivation import Derivations
from matcalc.deriving import derive
from matcalc.errors import DerivationProblem
from matcalc.graph.node import SCALAR
from matcalc.language.assumptions import Assume
from matcalc.reading import Rules, Shapes, read

if TYPE_CHECKING:
    from matcalc.review.report import ClaimReport


def check(
    formula: object,
    wrt: object,
    claim: str,
    shapes: Shapes = None,
    kind: str | None = None,
    *,
    rules: Rules = (),
    assume: Assume = None,
    **asked: Any,
) -> ClaimReport:
    """Whether ``claim`` is the derivative of ``formula`` with respect to ``wrt``, and what is wrong where it is not.

    The claim is text in any spelling, over the variables of the formula; a left side such as ``∇W =`` is passed over.
    ``kind`` is ``"gradient"`` for a scalar formula and ``"jacobian"`` for any other, unless it says otherwise; it and
    the other arguments are as for ``derive``.  The claim is equal by its normal form, or by its values at random points
    of the formula's domain; matcalc's own derivative is compared with finite differences before a claim is called wrong.

    Raises ``MatcalcError`` where the formula or the claim can't be read, or the two can't be compared.
    """
    from matcalc.review.review import review

    if kind is None:
        names = [wrt] if isinstance(wrt, str) else []
        value = read(formula, shapes, rules, names=names, assume=assume).value
        kind = "gradient" if value.shape == SCALAR else "jacobian"
    derived = derive(formula, wrt, shapes, kind, rules=rules, assume=assume, **asked)
    if isinstance(derived, Derivations):
        raise DerivationProblem("a claim is about one variable; name it")
    return review(derived, claim)
