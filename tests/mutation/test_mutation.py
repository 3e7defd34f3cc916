"""A fixed sample of the mutation test; ``python -m tests.mutation.run`` is the whole of it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from matcalc.operations import load, standard

from .mutations import Mutation, mutations, of_operation
from .run import also_listed, main, rot
from .trial import CAUGHT, EQUIVALENT, LISTED, REFUSED, SURVIVED, Trial, listed, proven, tried

SAMPLE = ("matmul", "inv", "eldivide", "softmax", "logdet", "normalized_exp")
EVERY = 9  # of all others, so many apart


@pytest.fixture(scope="module")
def every() -> list[Mutation]:
    return [*mutations(standard()), *also_listed()]


def _trial(every: list[Mutation], line: str, part: str, after: str) -> Trial:
    (mutation,) = (m for m in every if (m.line, m.part, m.after) == (line, part, after))
    return tried(mutation, standard())


@pytest.mark.parametrize("line", SAMPLE)
def test_no_change_of_these_lines_goes_unseen(every, line):
    trials = [tried(mutation, standard()) for mutation in every if mutation.line == line]
    assert len(trials) > 20
    assert [trial for trial in trials if trial.verdict == SURVIVED] == []
    assert sum(trial.verdict in (CAUGHT, REFUSED) for trial in trials) > len(trials) / 2


def test_a_sample_of_all_lines(every):
    trials = [tried(mutation, standard()) for mutation in every[::EVERY]]
    assert [trial for trial in trials if trial.verdict == SURVIVED] == []
    assert sum(trial.verdict == CAUGHT for trial in trials) > len(trials) / 2


def test_every_line_is_mutated(every):
    mutated = {mutation.line for mutation in every}
    assert {name for name, op in standard().by_name.items() if op.deltas} <= mutated
    assert {name for name, _, _ in standard().rewrites} <= mutated


def test_what_is_listed_still_survives(every):
    rules = listed().keys()
    known = [m for m in every if m.rule in rules and m.after in listed()[m.rule]]
    assert len(known) == sum(map(len, listed().values()))
    assert [t for t in (tried(m, standard()) for m in known) if t.verdict != LISTED] == []


@pytest.mark.parametrize(
    ("line", "part", "after", "edit"),
    [
        ("inv", "Z", "-Y*D*Y'", "transpose dropped"),
        ("inv", "Z", "-Y'*D'*Y'", "transpose added"),
        ("inv", "Z", "Y'*D*Y'", "sign flipped"),
        ("tanh", "X", "D .* (1 + Y.^2)", "sign flipped"),
        ("matmul", "A", "B'*D", "factors swapped"),
        ("tanh", "X", "D .* (1 - Y.^3)", "constant changed"),
        ("tanh", "X", "D .* (2 - Y.^2)", "constant changed"),
        ("absolute", "right", "2", "constant changed"),
        ("matmul", "A", "D*A'", "operand replaced"),
        ("sin", "X", "D .* tan(X)", "function changed"),
        ("eldivide", "B", "-D .* Y", "factor dropped"),
        ("inv", "transpose", "ignores", "setting swapped"),
        ("sigmoid", "value", "1 ./ (1 + exp(X))", "sign flipped"),
        ("logdet", "value", "log(det(-Z))", "sign flipped"),  # equal for 2×2 matrices
        ("absolute", "left", "sign(X)*X ./ abs(X)", "operator changed"),  # equal for scalars
        ("tangent", "right", "tan(X')", "transpose added"),  # conforms for square matrices
    ],
)
def test_edits_that_alter_the_mathematics(every, line, part, after, edit):
    trial = _trial(every, line, part, after)
    assert trial.mutation.edit == edit
    assert trial.verdict in (CAUGHT, REFUSED)


@pytest.mark.parametrize(
    ("line", "part", "after"),
    [
        ("hadamard", "A", "B .* D"),
        ("det", "Z", "D*Y .* inv(Z)'"),
        ("det", "transpose", "commutes"),
        ("sumsq", "X", "2*X*D"),
        ("tr", "Z", "(D*I)'"),
    ],
)
def test_edits_that_are_proven_to_change_nothing(every, line, part, after):
    trial = _trial(every, line, part, after)
    assert (trial.verdict, bool(trial.reason)) == (EQUIVALENT, True)


def test_a_wrong_rule_is_not_proven():
    """The proof alone, without the numbers, tells right from wrong."""
    for line, part, after in (
        ("matmul", "A", "D*A'"),
        ("tanh", "X", "D .* (1 + Y.^2)"),
        ("inv", "Z", "-Y*D*Y"),
    ):
        mutation = Mutation(line, part, standard()[line].deltas[part], after, "")
        assert proven(mutation, standard()) is None


def test_lines_of_a_user_are_mutated_the_same_way(tmp_path):
    file = tmp_path / "mine.toml"
    line = 'gram = { takes = "X: m×n", gives = "n×n", value = "X\'*X", X = "X*(D + D\')" }'
    file.write_text(line, encoding="utf-8")
    table = load([file])
    trials = {m.after: tried(m, table).verdict for m in of_operation(table["gram"], table)}
    assert trials["X*(D' + D')"] == CAUGHT
    assert trials["X*(D + D)"] == CAUGHT
    assert trials["X'*(D + D')"] == REFUSED
    assert trials["X*(D' + D)"] == EQUIVALENT
    assert SURVIVED not in trials.values()


def test_a_change_that_the_check_can_not_see_survives(tmp_path):
    """A value that is off by a constant has the same derivative: the run must say so rather than pass over it."""
    file = tmp_path / "mine.toml"
    line = 'more = { takes = "X", gives = "X", value = "sin(X) + 1", X = "D .* cos(X)" }'
    file.write_text(line, encoding="utf-8")
    table = load([file])
    mutation = next(m for m in of_operation(table["more"], table) if m.after == "sin(X) + 2")
    assert tried(mutation, table).verdict == SURVIVED


def test_a_stale_entry_of_the_list_is_named(every):
    trials = [Trial(m, LISTED, "") for m in every if m.rule in listed() and m.after in listed()[m.rule]]
    assert rot(trials) == []
    stale = rot([replace(trials[0], verdict=CAUGHT), *trials[1:]])
    assert len(stale) == 1
    assert "was caught" in stale[0]


def test_the_command(capsys):
    assert main(["--rule", "relu"]) == 0
    out = capsys.readouterr().out
    assert "relu X" in out
    assert "max(0, X)" in out
    assert "the maximum is symmetric" in out
    assert "0 SURVIVED" in out
    with pytest.raises(SystemExit):
        main(["--rule", "nonsense"])
