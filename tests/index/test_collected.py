"""Equal terms of a sum are added; those that share their factors but not their indices stay apart."""

from matcalc.index.canonical import Forms
from matcalc.index.collected import Collected
from matcalc.index.terms import Index, Term

FORMS = Forms()
A, B = FORMS.atom("variable", "A"), FORMS.atom("variable", "B")


def test_equal_terms_are_added_where_the_first_of_them_came():
    rows, columns, inner, other = (Index("n") for _ in range(4))
    collected = Collected([rows, columns])
    product = Term(2, [(A, (rows, inner), 1), (B, (inner, columns), 1)], [inner])
    turned = Term(3, [(A, (columns, inner), 1), (B, (inner, rows), 1)], [inner])
    lone = Term(7, [(A, (rows, columns), 1)], [])
    again = Term(5, [(B, (other, columns), 1), (A, (rows, other), 1)], [other])
    kept = [collected.add(term) for term in (product, turned, lone, again)]
    assert kept == [product, turned, lone, product]
    assert collected.terms == [product, turned, lone]
    assert [term.coefficient for term in collected.terms] == [7, 3, 7]


def test_powers_tell_terms_apart():
    index = Index("n")
    collected = Collected([index])
    square, root = (Term(1, [(A, (index,), power)], []) for power in (2, 1))
    assert [collected.add(term) for term in (square, root)] == [square, root]
    assert collected.add(Term(-1, [(A, (index,), 2)], [])) is square
    assert [term.coefficient for term in collected.terms] == [0, 1]
