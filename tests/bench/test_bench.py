"""The scripts run, and the results that they compare are equal; times are not judged."""

from __future__ import annotations

import re
from importlib.util import find_spec

import pytest

from tests.bench import timing


def needs(*packages):
    for package in packages:
        pytest.importorskip(package)


def printed(main, capsys):
    main(["--quick"])
    return capsys.readouterr().out


def test_gradient_functions(capsys):
    needs("autograd", "jax")
    from tests.bench.gradient_functions import main
    from tests.bench.problems import PROBLEMS

    out = printed(main, capsys)
    assert all(problem.name in out for problem in PROBLEMS)


def test_hessians(capsys):
    needs("jax")
    from tests.bench.hessians import PROBLEMS, main

    out = printed(main, capsys)
    assert all(out.count(problem.name) == 2 for problem in PROBLEMS)


def test_derivation(capsys):
    from tests.bench.derivation import FAMILIES, main

    out = printed(main, capsys)
    ours = re.findall(r"^(?:gradient|jacobian) +matcalc +(\d+) right  ", out, re.MULTILINE)
    assert len(ours) == 2, out  # all of them right, of both kinds
    assert all(out.count(name) == 2 for name in FAMILIES)
    assert ("import tensorgrad" in out) == (find_spec("tensorgrad") is not None)


def test_results_that_differ_are_refused():
    np = pytest.importorskip("numpy")
    from tests.bench.comparison import agree

    agree({"a": (np.ones(3), 1.0), "b": (np.ones(3) + 1e-12, 1.0)})
    for other in ((np.ones(3) + 1e-6, 1.0), (np.ones(3), 1.1), (np.ones((3, 1)), 1.0), (np.ones(3),)):
        with pytest.raises((AssertionError, ValueError)):
            agree({"a": (np.ones(3), 1.0), "b": other})
    with pytest.raises(AssertionError):
        agree({"a": np.ones(3), "b": np.full(3, np.nan)})


def test_a_ratio_is_taken_within_a_round():
    # The machine was ten times slower in the second round.
    times = timing.Times({"ours": [1.0, 10.0, 1.0], "theirs": [2.0, 20.0, 2.0]})
    assert times.ratio("theirs", "ours") == 2.0
    assert times.seconds("ours") == 1.0
    assert times.fastest(["theirs", "ours"]) == "ours"


def test_contestants_take_turns():
    calls = []
    pace = timing.Pace(rounds=3, least=0.0)
    times = timing.interleaved({name: lambda name=name: calls.append(name) for name in "ab"}, pace)
    assert "".join(calls[2:]) == "abbaab"
    assert [len(rounds) for rounds in times.rounds.values()] == [3, 3]


def test_a_budget_leaves_a_few_rounds():
    pace = timing.Pace(rounds=9, least=0.0, budget=0.0, few=2)
    assert len(timing.interleaved({"a": lambda: None}, pace).rounds["a"]) == 2


def test_a_table_has_columns():
    lines = timing.table(("case", "s"), [["a", "10"], ["longer", "1"]]).splitlines()
    assert lines == ["case     s", "──────────", "a       10", "longer   1"]
