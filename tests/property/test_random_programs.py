"""Random programs: results with names, written out, read back and as the sum of each use are the same numbers."""

from __future__ import annotations

import random

import numpy as np
import pytest

import matcalc
from tests.property.programs import SHAPES, SIZES, program


@pytest.mark.parametrize("seed", range(25))
def test_every_way_to_write_a_result_is_the_same_value(seed):
    rng = random.Random(seed)
    text, names = program(rng)
    draw = np.random.default_rng(seed)
    values = {name: draw.uniform(0.1, 0.5, [SIZES[size] for size in shape]) for name, shape in SHAPES.items()}
    for wrt in (rng.choice(list(SHAPES)), rng.choice(names)):
        derivation = matcalc.derive(text, wrt)
        assert derivation.check(points=2).ok is not False, text
        assert derivation.inlined.check(points=2).ok is not False, text
        expected = derivation.inlined.function()(**values)
        close = {"rtol": 1e-9, "atol": 1e-9 * (1 + np.abs(expected).max()), "err_msg": f"{text}\n{wrt}"}
        np.testing.assert_allclose(derivation.function()(**values), expected, **close)
        for spelling in ("unicode", "ascii", "latex"):
            for inline in (False, True):
                written = getattr(derivation, spelling)(inline=inline)
                again = matcalc.evaluate(written, derivation.shapes, **values)
                np.testing.assert_allclose(again, expected, **close)
        shares = derivation.contributions
        if shares:
            total = sum(matcalc.evaluate(share.unicode(), derivation.shapes, **values) for share in shares)
            np.testing.assert_allclose(total, expected, **close)
        assert derivation.steps.plain()
