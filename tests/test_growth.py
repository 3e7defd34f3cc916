"""What a derivation does grows with the number of its nodes, and a process does no work that a plain formula doesn't need."""

import gc
import os
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import pytest

import matcalc
from matcalc.cli.grad import show
from matcalc.cli.options import StepsAsked
from matcalc.collector import paused
from matcalc.deriving import derive
from matcalc.errors import MatcalcError
from matcalc.index import canonical
from matcalc.index.terms import Index, Term
from matcalc.language.program import outline
from tests.bench.derivation import FAMILIES
from tests.counting import calls

ROOT = Path(__file__).parents[1]
NODES = 300
A_NODE = 260  # Python functions that the derivation and the printing of one more node may enter


@pytest.mark.parametrize("family", FAMILIES)
def test_work_is_linear_in_the_nodes(family):
    def derived(nodes):
        return lambda: matcalc.derive(*FAMILIES[family](nodes)).unicode()

    derived(NODES)()  # texts of rules are read once
    few, many = calls(derived(NODES)), calls(derived(4 * NODES))
    assert many < 4.1 * few
    assert (many - few) / (3 * NODES) < A_NODE


def test_each_term_of_a_closed_sum_gets_its_key_once_for_each_order_of_the_legs(monkeypatch):
    counted = []
    term_key = canonical.term_key
    monkeypatch.setattr(canonical, "term_key", lambda *given: counted.append(given) or term_key(*given))
    forms = canonical.Forms()
    legs = (Index("m"), Index("n"))
    terms = [
        Term(number, [(forms.atom("variable", name), legs, 1)], []) for name, number in (("A", 2), ("B", -4))
    ]
    number, atom, _ = forms.sum(legs, terms)
    assert (number, [term.coefficient for term in atom.args[0].terms]) == (2, [1, -2])
    assert len(counted) == 2 * len(terms)


def test_multiples_of_a_closed_sum_are_one_atom():
    forms = canonical.Forms()

    def closed(a, b):
        legs = (Index("m"), Index("n"))
        terms = [
            Term(a, [(forms.atom("variable", "A"), legs, 1)], []),
            Term(b, [(forms.atom("variable", "B"), legs, 1)], []),
        ]
        number, atom, _ = forms.sum(legs, terms)
        return number, atom

    first, atom = closed(2, -4)
    assert closed(-3, 6) == (Fraction(-3), atom)
    assert closed(Fraction(1, 2), -1) == (Fraction(1, 2), atom)
    assert (first, closed(1, 2)[1] is atom) == (2, False)


def test_a_line_without_a_clause_is_not_taken_for_one_with_the_clause_of_another():
    text = "y = A x where A: n×n\n‖y‖²"
    parts = outline(text)
    assert [text[slice(*parts.value)], text[parts.definitions[0].start : parts.definitions[0].end]] == [
        "‖y‖²",
        "A x",
    ]
    assert [item.names[0][0] for item in parts.declarations] == ["A"]


def test_the_collector_pauses_and_goes_on():
    assert gc.isenabled()
    with paused():
        assert not gc.isenabled()
        with paused():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()
    with pytest.raises(MatcalcError):
        derive("A +", "A")
    assert gc.isenabled()
    gc.disable()
    try:
        derive("‖x‖²", "x")
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_formula_is_printed_before_its_check_starts(capsys, monkeypatch):
    derived = derive("‖Ax − b‖²", ["x", "b"])
    seen = []
    check = type(derived).check

    def checked(self, **given):
        seen.append(capsys.readouterr().out)
        return check(self, **given)

    monkeypatch.setattr(type(derived), "check", checked)
    assert show("‖Ax − b‖²", derived, "unicode", StepsAsked(), 0) == 0
    (before,) = seen
    assert before.startswith("∇x = 2Aᵀ(Ax − b)") and before.count("\n") == 1
    verdict, formula, other = capsys.readouterr().out.splitlines()
    assert "agrees" in verdict and formula.startswith("∇b = ") and "agrees" in other


def test_a_plain_formula_needs_no_rare_tokens():
    lines = (
        "import matcalc",
        "from matcalc.language.alphabet import pattern, rare_pattern",
        "matcalc.derive('‖WᵀWx − x‖² + 2 exp(-x1\\'*x1)', 'W').unicode()",
        "print(pattern.cache_info().currsize, rare_pattern.cache_info().currsize)",
        "matcalc.derive('½‖x‖²', 'x')",
        "print(rare_pattern.cache_info().currsize)",
    )
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    found = subprocess.run(
        [sys.executable, "-c", "\n".join(lines)], env=environment, capture_output=True, text=True, check=True
    )
    assert found.stdout.split() == ["1", "0", "1"]
