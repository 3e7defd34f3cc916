"""Random expressions to second order: Hessians, mixed blocks, Jacobians and their maps agree with JAX and differences."""

import random

import pytest

from . import seconds
from .checks import Discarded

BLOCKS = 4
IN_A_BLOCK = 11

pytestmark = pytest.mark.filterwarnings("ignore:Output seems independent:UserWarning")


def case_of(seed):
    rng = random.Random(seed)
    return seconds.draw(rng, rng.choice([2, 3, 3, 4]))


@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_second_derivatives(block):
    found, sure = [], 0
    for seed in range(2_000_000 + block * IN_A_BLOCK, 2_000_000 + (block + 1) * IN_A_BLOCK):
        case = case_of(seed)
        try:
            outcome = seconds.examine(case)
        except Discarded:
            continue
        sure += 1
        found += [f"seed {seed}, {kind}: {case.reproduction()}\n    {why}" for kind, why in outcome.failures]
    assert not found, "\n".join(found)
    assert sure > IN_A_BLOCK // 2


def test_every_kind_is_drawn_in_every_number_of_axes():
    drawn = [case_of(seed) for seed in range(300)]
    assert {(case.kind, bool(case.other)) for case in drawn} == {
        ("hessian", False),
        ("hessian", True),
        ("jacobian", False),
    }
    for kind in ("hessian", "jacobian"):
        counts = {len(seconds.sizes(case)) for case in drawn if case.kind == kind}
        assert counts >= {1, 2, 3, 4}


@pytest.mark.parametrize("kind", ["hessian", "jacobian", "hvp", "pushforward", "pullback"])
def test_a_wrong_factor_is_seen(monkeypatch, kind):
    from matcalc.derivatives import Derivative

    right = Derivative.function

    def wrong(self, target="numpy"):
        factor = 1.00001 if self.kind == kind else 1.0
        return lambda **arrays: factor * right(self, target)(**arrays)

    monkeypatch.setattr(Derivative, "function", wrong)
    seen = 0
    for seed in range(40):
        case = case_of(seed)
        if case.kind != ("hessian" if kind in ("hessian", "hvp") else "jacobian") or case.other:
            continue
        try:
            outcome = seconds.examine(case, check=False)
        except Discarded:
            continue
        if not outcome.zero:
            assert f"{kind} wrong" in [name for name, _ in outcome.failures]
            seen += 1
        if seen == 2:
            return
    raise AssertionError("no case was drawn")


def test_an_asymmetric_hessian_is_seen(monkeypatch):
    """A mixed block that disagrees with the other one is reported even where each alone is right."""
    from matcalc.derivatives import Derivative

    case = next(case for case in map(case_of, range(100)) if case.other and not _zero(case))
    right = Derivative.function

    def wrong(self, target="numpy"):
        factor = 1.00001 if self.wrt == case.other else 1.0
        return lambda **arrays: factor * right(self, target)(**arrays)

    monkeypatch.setattr(Derivative, "function", wrong)
    assert "Schwarz" in [name for name, _ in seconds.examine(case, check=False).failures]


def _zero(case):
    try:
        return seconds.examine(case, check=False).zero
    except Discarded:
        return True
