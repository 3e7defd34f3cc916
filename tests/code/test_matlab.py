"""Generated MATLAB code runs in GNU Octave and gives the numbers of the independent oracle and of the NumPy code."""

import json
from pathlib import Path

import numpy as np
import pytest
from in_octave import OCTAVE, Call, run, shaped

import matcalc

CASES = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "data" / "public.jsonl").read_text("utf-8").splitlines()
]

pytestmark = pytest.mark.skipif(OCTAVE is None, reason="GNU Octave is not installed (apt-get install octave)")


def derived(case):
    return matcalc.derive(case["unicode"], wrt=case["wrt"], shapes=case["shapes"], kind=case["kind"])


def called(derivations, inputs, dtype=np.float64):
    """The call of the MATLAB function of these derivations."""
    from matcalc.code.function import code

    source = code(derivations, "matlab")
    values = {str(node.data): inputs[str(node.data)] for node, _ in source.arguments}
    arguments = tuple(np.asarray(value, dtype=dtype) for value in values.values())
    return Call(source.text, arguments, 1 + len(derivations))


def agrees(got, expected):
    got, expected = np.asarray(got, dtype=float), np.asarray(expected, dtype=float)
    return np.abs(got - expected).max() <= 1e-8 * max(np.abs(expected).max(), 1e-3)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    if OCTAVE is None:
        pytest.skip("GNU Octave is not installed (apt-get install octave)")
    calls = [called([derived(case)], case["inputs"]) for case in CASES]
    return run(tmp_path_factory.mktemp("octave"), calls)


@pytest.mark.parametrize("place", range(len(CASES)), ids=[case["name"] for case in CASES])
def test_octave_gives_the_numbers_of_the_oracle_and_of_numpy(results, place):
    case = CASES[place]
    assert not isinstance(results[place], str), results[place]
    (_, value), (_, derivative) = results[place]
    expected = np.array(case["expected"])
    got = shaped(derivative, expected.shape)
    assert got is not None, (derivative.shape, expected.shape)
    assert agrees(got, expected)
    by_numpy = derived(case).function("numpy", value=True)(**case["inputs"])
    assert agrees(shaped(value, np.shape(by_numpy[0])), by_numpy[0])
    assert agrees(got, by_numpy[1])
