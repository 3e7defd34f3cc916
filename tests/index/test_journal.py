"""The journal notes what the simplifier does to what it is asked for, and nothing of its trials and preparations."""

from __future__ import annotations

import pytest

from matcalc.index.journal import Journal
from matcalc.index.simplify import simplify
from matcalc.reading import read


def entries(text, **options):
    reading, journal = read(text, **options), Journal()
    simplify(
        [reading.value],
        reading.graph,
        reading.operations,
        [reading.value],
        structures=reading.structures,
        journal=journal,
    )
    return journal.entries


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ("exp(x) ⊘ (1 + exp(x))", ("rewrite", "logistic_ratio")),
        ("XᵀXXᵀ + XᵀXXᵀ", ("collected", "")),
        ("x − x + y", ("cancelled", "")),
        ("A A⁻¹ b", ("inverses", "")),
        ("x(xᵀx)", ("squares", "")),
        ("I A b", ("identity", "")),
        ("(1/det(X)) det(X) X⁻ᵀ", ("reciprocals", "")),
        ("Ax + Aᵀx", ("factored", "")),
    ],
)
def test_what_is_done_is_noted(text, entry):
    assert entry in entries(text)


@pytest.mark.parametrize("text", ["2Aᵀ(As − x)", "log(det(X))", "A ⊙ (x yᵀ)", "W(WᵀWx − x)xᵀ"])
def test_where_nothing_is_done_nothing_is_noted(text):
    assert entries(text) == ()


def test_nothing_is_noted_without_a_journal_and_results_are_the_same():
    for text in ("exp(x) ⊘ (1 + exp(x))", "2W(WᵀWx − x)xᵀ + 2Wx(WᵀWx − x)ᵀ", "A A⁻¹ b"):
        reading = read(text)
        nodes, graph, operations = [reading.value], reading.graph, reading.operations
        assert simplify(nodes, graph, operations) == simplify(nodes, graph, operations, journal=Journal())


def test_entries_come_once_in_the_order_of_the_first():
    journal = Journal()
    for kind in ("collected", "factored", "collected"):
        journal.note(kind)
    assert journal.entries == (("collected", ""), ("factored", ""))
    assert "factored" in journal and "cancelled" not in journal
