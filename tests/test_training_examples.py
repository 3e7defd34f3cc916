"""The training examples solve their tasks, and the gradients that they go down are those of autograd."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest

import matcalc

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "examples" / "training"
SHARED = {"descent", "patches"}
SCRIPTS = ["symmetry", "family_trees", "recurrent", "ica", "topographic"]


def script(name: str, *options: str) -> str:
    """What an example prints."""
    done = subprocess.run(
        [sys.executable, f"examples/training/{name}.py", *options],
        cwd=ROOT,
        capture_output=True,
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "OPENBLAS_NUM_THREADS": "1"},
        encoding="utf-8",
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


@pytest.fixture
def load(monkeypatch):
    """Import a module of the folder, as its scripts do."""
    monkeypatch.syspath_prepend(str(FOLDER))
    yield import_module
    for name in (*SCRIPTS, *SHARED):
        sys.modules.pop(name, None)


def test_every_example_is_known():
    assert {path.stem for path in FOLDER.glob("*.py")} == {*SCRIPTS, *SHARED}
    index = (ROOT / "examples" / "README.md").read_text(encoding="utf-8")
    assert all(f"`training/{name}.py`" in index for name in SCRIPTS)


def solved(printed: str) -> int:
    """In how many sweeps the example says that its task is solved; its gradients were checked before."""
    check = re.search(r"^check of ∇.*: agrees with finite differences", printed, re.M)
    found = re.search(r"^solved in (\d+) sweeps: ", printed, re.M)
    assert check
    assert found, printed
    assert check.start() < found.start()
    return int(found[1])


def test_symmetry():
    printed = script("symmetry")
    assert 500 < solved(printed) < 2500
    assert "64 of 64 patterns right" in printed
    rows = re.findall(r"^((?: +-?\d+\.\d\d){6})   sizes 1\.0 : 2\.0 : 4\.0$", printed, re.M)
    weights = np.array([row.split() for row in rows], float)
    assert weights.shape == (2, 6)
    np.testing.assert_allclose(weights[:, 3:], -weights[:, 2::-1], rtol=0.02)


def test_family_trees():
    printed = script("family_trees")
    assert solved(printed) <= 1500
    assert "100 of 100 told cases right" in printed
    right = int(re.search(r"^of the 4 held out, (\d) right:$", printed, re.M)[1])
    assert right == printed.count("✓")
    assert 4 - right == printed.count("✗")
    assert right >= 2  # of 24 people, by chance none


def test_recurrent():
    printed = script("recurrent")
    assert solved(printed) <= 600
    assert "8 of 8 patterns right" in printed
    parts = re.findall(r"^  (H\d): .* norm (\S+); from ∇(U.) of the layered net by (\S+)$", printed, re.M)
    assert [(step, weight) for step, _, weight, _ in parts] == [("H3", "U₃"), ("H2", "U₂"), ("H1", "U₁")]
    assert all(float(norm) > 0.01 and float(gap) < 1e-12 for _, norm, _, gap in parts)
    together = re.search(r"their sum: .* net by (\S+), from finite differences by (\S+)$", printed, re.M)
    assert float(together[1]) < 1e-12
    assert float(together[2]) < 1e-7
    assert float(re.search(r"differ by (\S+) from the recurrent net's U", printed)[1]) < 1e-10


def test_ica():
    printed = script("ica")
    assert solved(printed) <= 600
    assert "16 of 16 bars have a feature" in printed
    assert float(re.search(r"least like its bar: (\S+)", printed)[1]) > 0.95


def test_topographic():
    printed = script("topographic")
    assert solved(printed) <= 2400
    degrees = [int(each) for each in re.search(r"in degrees: +(.*)$", printed, re.M)[1].split()]
    assert len(degrees) == 16
    assert len(set(degrees)) >= 14  # not one bar many times
    steps = np.abs(np.diff([*degrees, degrees[0]]))
    assert np.minimum(steps, 180 - steps).max() <= 23


@pytest.mark.parametrize("name", SCRIPTS)
def test_quick_and_plot(name, tmp_path):
    pytest.importorskip("matplotlib")
    file = tmp_path / "curve.svg"
    printed = script(name, "--quick", "--plot", str(file))
    assert f"saved {file}" in printed
    assert "not solved in " in printed
    assert "sweeps</text>" in file.read_text() or "<!-- sweeps -->" in file.read_text()


# The losses as the examples print them, written by hand in NumPy: autograd differentiates these.


def _sigma(z):
    import autograd.numpy as anp

    return 1 / (1 + anp.exp(-z))


def _symmetry(W, b, v, c, X, t):
    import autograd.numpy as anp

    loss = 0.0
    for row, target in zip(X, t, strict=True):
        hidden = _sigma(anp.dot(W, row) + b)
        loss = loss + (_sigma(anp.dot(v, hidden) + c) - target) ** 2 / 2
    return loss


def _family_trees(A, a, B, b, C, c, F, f, G, g, P, R, T):
    import autograd.numpy as anp

    loss = 0.0
    for person, relationship, target in zip(P.T, R.T, T.T, strict=True):
        both = anp.concatenate([_sigma(anp.dot(A, person) + a), _sigma(anp.dot(B, relationship) + b)])
        error = _sigma(anp.dot(G, _sigma(anp.dot(F, _sigma(anp.dot(C, both) + c)) + f)) + g) - target
        loss = loss + anp.sum(anp.maximum(anp.abs(error) - 0.2, 0.0) ** 2) / 2
    return loss


def _recurrent(U, P, V, H0, X1, X2, X3, T):
    return _layered(U, U, U, P, P, P, V, H0, X1, X2, X3, T)


def _layered(U1, U2, U3, P1, P2, P3, V, H0, X1, X2, X3, T):
    import autograd.numpy as anp

    state = H0
    for U, P, X in ((U1, P1, X1), (U2, P2, X2), (U3, P3, X3)):
        state = anp.tanh(anp.dot(U, state) + anp.dot(P, X))
    return anp.sum((anp.dot(V, state) - T) ** 2) / 2


def _ica(W, X, λ, ε):
    import autograd.numpy as anp

    loss = 0.0
    for x in X.T:
        s = anp.dot(W, x)
        loss = loss + anp.sum((anp.dot(W.T, s) - x) ** 2) + λ * anp.sum(anp.sqrt(s**2 + ε))
    return loss


def _topographic(A, S, X, V, λ, γ, ε):
    import autograd.numpy as anp

    penalty = anp.sum(anp.sqrt(anp.dot(V, S**2) + ε))
    return anp.sum((anp.dot(A, S) - X) ** 2) + λ * penalty + γ * anp.sum(A**2)


CASES = [
    ("symmetry", "derived", _symmetry, {"W": (2, 6), "b": (2,), "v": (2,), "c": ()}, {"X": (9, 6), "t": (9,)}),
    (
        "family_trees",
        "derived",
        _family_trees,
        {
            "A": (6, 24), "a": (6,), "B": (6, 12), "b": (6,), "C": (12, 12), "c": (12,),
            "F": (6, 12), "f": (6,), "G": (24, 6), "g": (24,),
        },
        {"P": (24, 7), "R": (12, 7), "T": (24, 7)},
    ),
    (
        "recurrent",
        "recurrent",
        _recurrent,
        {"U": (5, 5), "P": (5, 3), "V": (2, 5)},
        {"H0": (5, 7), "X1": (3, 7), "X2": (3, 7), "X3": (3, 7), "T": (2, 7)},
    ),
    (
        "recurrent",
        "layered",
        _layered,
        {"U1": (5, 5), "U2": (5, 5), "U3": (5, 5), "P1": (5, 3), "P2": (5, 3), "P3": (5, 3), "V": (2, 5)},
        {"H0": (5, 7), "X1": (3, 7), "X2": (3, 7), "X3": (3, 7), "T": (2, 7)},
    ),
    ("ica", "derived", _ica, {"W": (4, 5)}, {"X": (5, 7), "λ": (), "ε": ()}),
    (
        "topographic",
        "derived",
        _topographic,
        {"A": (5, 4), "S": (4, 7)},
        {"X": (5, 7), "V": (4, 4), "λ": (), "γ": (), "ε": ()},
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("module", "maker", "loss", "weights", "data"), CASES, ids=[each[1] for each in CASES]
)
def test_generated_gradients_are_autograds(load, module, maker, loss, weights, data):
    autograd = pytest.importorskip("autograd")
    random = np.random.default_rng(5)
    at = {name: random.normal(size=shape) for name, shape in {**weights, **data}.items()}
    at |= {name: np.abs(at[name]) + 0.1 for name in ("V", "λ", "γ", "ε") if name in data}
    value, *gradients = getattr(load(module), maker)().function("numpy", value=True)(**at)
    np.testing.assert_allclose(value, loss(**at), rtol=1e-12)
    for name, gradient in zip(weights, gradients, strict=True):

        def moved(array, name=name):
            return loss(**{**at, name: array})

        expected = autograd.grad(moved)(at[name])
        assert np.abs(expected).max() > 1e-6
        np.testing.assert_allclose(gradient, expected, rtol=1e-9, atol=1e-12, err_msg=name)


def test_the_kinship_of_the_source(load):
    trees = load("family_trees")
    people, P, R, T = trees.cases()
    assert (len(people), P.shape, R.shape, T.shape) == (24, (24, 104), (12, 104), (24, 104))
    assert (T.sum(axis=0) == 2).sum() == 8
    assert set(T.sum(axis=0)) == {1, 2}
    facts = {
        (people[P[:, case].argmax()], trees.RELATIONSHIPS[R[:, case].argmax()]): {
            people[each] for each in np.flatnonzero(T[:, case])
        }
        for case in range(104)
    }
    assert len(facts) == 104
    assert facts["Colin", "aunt"] == {"Jennifer", "Margaret"}  # the case of the source's figure 3
    assert facts["Colin", "uncle"] == {"Arthur", "Charles"}
    assert facts["Margaret", "nephew"] == {"Colin"}
    assert facts["Charles", "niece"] == {"Charlotte"}
    assert facts["Sophia", "brother"] == {"Alfonso"}
    assert facts["Lucia", "husband"] == {"Marco"}
    assert facts["Pierro", "daughter"] == {"Angela"}
    assert facts["Emilio", "mother"] == {"Maria"}
    assert ("Christopher", "father") not in facts
    isomorphic = dict(zip(people[:12], people[12:], strict=True))
    for (person, relationship), answer in facts.items():
        if person in isomorphic:
            assert facts[isomorphic[person], relationship] == {isomorphic[each] for each in answer}


def test_the_update_rule(load):
    """E = w², by hand: Δw = −ε 2w + α Δw, and a tenth of the weight decays."""
    descent = load("descent")
    run = descent.Descent(lambda w: (w**2, 2 * w), {"w": np.array(8.0)}, {})
    run.run(1, 0.25, 0.5, decay=0.0)
    assert run.weights["w"] == 8 - 4
    run.run(1, 0.25, 0.5)
    assert run.weights["w"] == 4 - 2 - 2
    run = descent.Descent(lambda w: (w**2, 2 * w), {"w": np.array(8.0)}, {}).run(
        1, {"w": 0.25}, 0.5, decay=0.5
    )
    assert run.weights["w"] == 2
    assert run.losses == [64]


def test_solved_is_since_when(load):
    descent = load("descent")
    answers = iter([False, True, False, True, True])
    run = descent.Descent(lambda w: (w, 1.0), {"w": np.array(0.0)}, {})
    run.run(5, 0.1, 0.0, solves=lambda weights: next(answers))
    assert run.solved == 4


def test_the_curve(load):
    lines = load("descent").curve([48.0, 24.5, 1.0]).splitlines()
    assert [line[11:] for line in lines[:6]] == ["█", "█", "█▁", "██", "██", "██▁"]
    assert lines[0].split() == ["48.00", "│█"]
    assert lines[5].split() == ["1.000", "│██▁"]
    assert lines[7].split() == "E 48 → 1 in 3 sweeps".split()


def test_no_training_with_a_wrong_gradient(load, capsys):
    descent = load("descent")
    right = matcalc.derive("‖Ax‖²", wrt=["x"])
    right["x"].result = right["x"].variable  # x in place of 2AᵀAx
    with pytest.raises(SystemExit, match="no training"):
        descent.checked(right)
    assert "∇x: DISAGREES" in capsys.readouterr().out


def test_a_plot_without_matplotlib(load, monkeypatch):
    descent = load("descent")
    for name in [each for each in sys.modules if each.partition(".")[0] == "matplotlib"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    run = descent.Descent(lambda: (), {}, {}, losses=[1.0])
    descent.plot(None, run, "none asked for")
    with pytest.raises(SystemExit, match="pip install matplotlib"):
        descent.plot("curve.png", run, "a curve")


def test_a_plot_that_can_not_be_written(load, tmp_path):
    pytest.importorskip("matplotlib")
    descent = load("descent")
    run = descent.Descent(lambda: (), {}, {}, losses=[1.0, 0.5])
    for name in ("curve.nothing", "no/such/folder.png"):
        with pytest.raises(SystemExit, match="can't be written"):
            descent.plot(str(tmp_path / name), run, "a curve")
