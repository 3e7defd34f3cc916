"""Random expressions: generated code of values and derivatives gives what the graph says, one operation after the other."""

import random
import warnings

import numpy as np
import pytest

import matcalc
from matcalc.evaluation import function

from . import checks, seconds

BLOCKS = 4
IN_A_BLOCK = 30


def cases(block):
    for seed in range(7_000_000 + block * IN_A_BLOCK, 7_000_000 + (block + 1) * IN_A_BLOCK):
        rng = random.Random(seed)
        draw = checks.draw if seed % 2 else seconds.draw
        yield seed, draw(rng, rng.choice([2, 3, 4]))


def differ(got, expected):
    got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    if got.shape != expected.shape and got.shape != (1, *expected.shape):  # the value is a row
        return f"{got.shape}, expected {expected.shape}"
    finite = np.isfinite(expected)
    scale = max(np.abs(expected[finite]).max(initial=0.0), 1e-3)
    error = np.abs(got.reshape(expected.shape) - expected)[finite].max(initial=0.0)
    return "" if error <= 1e-7 * scale else f"off by {error:.1e} of {scale:.1e}"


@pytest.mark.parametrize("target", ["numpy", "torch", "jax"])
@pytest.mark.parametrize("block", range(BLOCKS))
def test_random_code(block, target):
    if target != "numpy":
        pytest.importorskip(target)
    if target == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)
    wrong, sure = [], 0
    for seed, case in cases(block):
        wrt = [case.wrt, case.other] if case.other else case.wrt
        try:
            derivation = matcalc.derive(case.text, wrt, case.shapes, case.kind)
            reading = derivation.reading
            inputs = case.inputs
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                expected = [
                    function(node, reading, also=[derivation.variable])(**inputs)
                    for node in (derivation.value, derivation.result)
                ]
        except matcalc.MatcalcError:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            both = derivation.function(target, value=True)(**inputs)
            alone = derivation.function(target)(**inputs)
        sure += 1
        for what, got, wanted in zip(("value", "derivative"), both, expected, strict=True):
            if why := differ(got, wanted):
                wrong.append(f"seed {seed}, {what}: {why}: {case.reproduction()}")
        if why := differ(alone, expected[1]):
            wrong.append(f"seed {seed}, alone: {why}: {case.reproduction()}")
    assert not wrong, "\n".join(wrong)
    assert sure > IN_A_BLOCK // 2
