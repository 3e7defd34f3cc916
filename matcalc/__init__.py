"""matcalc: symbolic matrix calculus that shows its work and proves it.

>>> import matcalc
>>> matcalc.derive("‖As − x‖²", wrt="s").unicode()
'2Aᵀ(As − x)'
"""

from matcalc.checking import check
from matcalc.composition import Program, let
from matcalc.derivation import Derivation, Derivations
from matcalc.deriving import derive, gradient, hessian, jacobian
from matcalc.errors import MatcalcError
from matcalc.evaluation import evaluate


def load_ipython_extension(shell: object) -> None:
    """What ``%load_ext matcalc`` runs: it gives ``%matcalc`` and ``%%matcalc``."""
    from matcalc.jupyter import register

    register(shell)


__version__ = "0.1.0"
__all__ = [
    "Derivation",
    "Derivations",
    "MatcalcError",
    "Program",
    "check",
    "derive",
    "evaluate",
    "gradient",
    "hessian",
    "jacobian",
    "let",
]
