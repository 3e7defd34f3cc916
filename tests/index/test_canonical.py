"""Canonical labelling: the names of bound indices and the order of factors don't matter, nothing else is lost."""

import random

from matcalc.index.canonical import Forms, term_key
from matcalc.index.terms import Index, Term


def term(edges, legs, atoms, names, rng):
    """A term whose factors are ``edges`` (atom, index, index) over renamed indices, in random order."""
    shuffled = [(atoms[atom], (names[i], names[j]), 1) for atom, i, j in edges]
    rng.shuffle(shuffled)
    return Term(1, shuffled, [index for place, index in names.items() if place not in legs])


def keys(edges, legs, count, repeats=40):
    """The keys of one term under random renamings and reorderings."""
    rng = random.Random(1)
    forms = Forms()
    atoms = {name: forms.atom("variable", name) for name, _, _ in edges}
    found = set()
    for _ in range(repeats):
        fresh = [Index("n") for _ in range(count)]
        rng.shuffle(fresh)
        names = dict(enumerate(fresh))
        found.add(term_key(term(edges, legs, atoms, names, rng), [names[leg] for leg in legs]))
    return found


def test_a_trace_of_equal_factors_has_one_key():
    assert len(keys([("A", 0, 1), ("A", 1, 2), ("A", 2, 0)], [], 3)) == 1


def test_a_product_with_repeated_factors_has_one_key():
    assert len(keys([("X", 2, 0), ("X", 2, 3), ("X", 4, 3), ("X", 4, 1)], [0, 1], 5)) == 1


def test_two_separate_loops_have_one_key():
    assert len(keys([("A", 0, 1), ("A", 1, 0), ("A", 2, 3), ("A", 3, 2)], [], 4)) == 1


def test_transposing_one_factor_changes_the_key():
    straight = keys([("A", 0, 2), ("B", 2, 1)], [0, 1], 3)
    assert straight != keys([("A", 2, 0), ("B", 2, 1)], [0, 1], 3)


def test_free_indices_are_told_apart():
    assert keys([("A", 0, 1)], [0, 1], 2) != keys([("A", 1, 0)], [0, 1], 2)


def test_one_cycle_is_not_two():
    six = [("A", i, (i + 1) % 6) for i in range(6)]
    threes = [("A", i, (i + 1) % 3) for i in range(3)] + [("A", 3 + i, 3 + (i + 1) % 3) for i in range(3)]
    assert keys(six, [], 6, repeats=5).isdisjoint(keys(threes, [], 6, repeats=5))


def test_many_alike_parts_cost_little_and_stay_apart():
    sixes, threes = [], []
    for part in range(35):
        start = 6 * part
        sixes += [("A", start + i, start + (i + 1) % 6) for i in range(6)]
        threes += [("A", start + i, start + (i + 1) % 3) for i in range(3)]
        threes += [("A", start + 3 + i, start + 3 + (i + 1) % 3) for i in range(3)]
    assert keys(sixes, [], 210, repeats=2).isdisjoint(keys(threes, [], 210, repeats=2))
    assert len(keys(sixes, [], 210, repeats=3)) == 1


def test_long_chains_of_one_matrix_have_one_key():
    assert len(keys([("X", i, i + 1) for i in range(300)], [0, 300], 301, repeats=3)) == 1
