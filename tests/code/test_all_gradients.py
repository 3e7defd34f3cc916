"""One function of a formula's value and all its gradients, of random expressions, against autograd."""

import random

import numpy as np
import pytest

import matcalc
from tests.property.checks import Discarded, declared, distance, draw, oracle, plain
from tests.property.tree import Unsuitable, variables

TOLERANCE = 1e-6


def all_gradients(seed):
    """What the function of the expression returns, and what autograd says; None where autograd has no answer."""
    try:
        case = draw(random.Random(seed), 4)
        wanted = [plain(oracle(case.root, name), variable) for name, variable in variables(case.root).items()]
    except (Unsuitable, Discarded, ArithmeticError, np.linalg.LinAlgError):
        return None
    names = list(variables(case.root))
    derived = matcalc.derive(case.text, names, declared(case.root, case.mode == "integers"))
    with np.errstate(all="ignore"):
        got = derived.function("numpy", value=True)(**case.inputs)
        return case, got, [case.root.value, *wanted]


@pytest.mark.parametrize("first", range(0, 400, 100))
def test_the_gradients_in_all_variables_share_products_and_are_right(first):
    compared = 0
    for seed in range(first, first + 20):
        found = all_gradients(seed)
        if found is None:
            continue
        case, got, wanted = found
        for mine, other in zip(got, wanted, strict=True):
            other = np.reshape(other, np.shape(mine))
            assert distance(mine, other, 1e-9) <= TOLERANCE, (seed, case.reproduction())
            compared += 1
    assert compared > 20
