"""Random expressions over the whole language: values, gradients, printed formulas and checks agree with autograd."""

import random
import warnings

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from . import numbers
from .checks import Discarded, draw, examine, shrink
from .expressions import Generator

BLOCKS = 12
IN_A_BLOCK = 25

pytestmark = pytest.mark.filterwarnings("ignore:Output seems independent:UserWarning")


def problems(case):
    """What is wrong with a case, told by a smaller case; empty where nothing is, or the oracle is not sure."""
    try:
        outcome = examine(case)
    except Discarded:
        return []
    found = []
    for kind, detail in outcome.failures:
        least = shrink(case, kind, budget=5)
        found.append(f"{kind}: {least.reproduction()}\n    {detail}")
    return found


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_expressions(block):
    found = []
    for seed in range(1_000_000 + block * IN_A_BLOCK, 1_000_000 + (block + 1) * IN_A_BLOCK):
        rng = random.Random(seed)
        found += [
            f"seed {seed}, {problem}" for problem in problems(draw(rng, rng.choice([2, 3, 4, 4, 5, 5, 6, 6])))
        ]
    assert not found, "\n".join(found)


@settings(
    max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck), database=None
)
@given(st.randoms(use_true_random=False), st.integers(1, 4))
def test_expressions_that_hypothesis_draws(rng, depth):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case = draw(rng, depth)
        try:
            outcome = examine(case)
        except Discarded:
            assume(False)
    assert not outcome.failures, case.reproduction()


def test_the_generator_reaches_every_operation():
    ops = set()
    for seed in range(600):
        rng = random.Random(seed)
        ops |= {piece.op for piece in Generator(rng).expression(5).walk()}
    everything = {
        *numbers.UNARY,
        *numbers.BINARY,
        "number",
        "pi",
        "ones",
        "identity",
        "fill",
        "intpow",
        "matpow",
    }
    assert ops == everything | {"variable"}


def test_the_oracle_would_see_a_wrong_gradient(monkeypatch):
    """An off-by-a-factor rule must not pass unseen."""
    from matcalc import derivation

    right = derivation.Derivation.function
    monkeypatch.setattr(
        derivation.Derivation,
        "function",
        lambda self, target="numpy": lambda **arrays: 1.00001 * right(self, target)(**arrays),
    )
    seen = 0
    for seed in range(10):
        rng = random.Random(seed)
        try:
            outcome = examine(draw(rng, 4), check=False)
        except Discarded:
            continue
        seen += any(kind == "gradient wrong" for kind, _ in outcome.failures)
    assert seen >= 5
