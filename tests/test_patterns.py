"""Regular expressions that are compiled at their first use."""

import re

import pytest

from matcalc import patterns
from matcalc.patterns import regex


@pytest.fixture
def compiled(monkeypatch):
    """What is compiled from here on."""
    found, compile_now = [], re.compile
    monkeypatch.setattr(patterns.re, "compile", lambda *given: found.append(given) or compile_now(*given))
    return found


def test_nothing_is_compiled_before_the_first_use(compiled):
    letters = regex("[a-z]+", re.IGNORECASE)
    assert compiled == []
    assert letters.match("Ab1")[0] == "Ab"
    assert compiled == [("[a-z]+", re.IGNORECASE)]


def test_a_method_is_looked_up_once(compiled):
    letters = regex("[a-z]+")
    assert [letters.search(text)[0] for text in ("1a", "2b", "3c")] == ["a", "b", "c"]
    assert len(compiled) == 1


@pytest.mark.parametrize("method", ["match", "fullmatch", "search", "findall", "split"])
def test_methods_are_those_of_the_pattern(method):
    for text in ("", "12", "a1b22c"):
        late, now = (getattr(each, method)(text) for each in (regex("([0-9])+"), re.compile("([0-9])+")))
        assert str(late).partition("at 0x")[0] == str(now).partition("at 0x")[0]


def test_a_mistake_is_raised_at_the_first_use():
    wrong = regex("(")
    with pytest.raises(re.error, match="unterminated subpattern"):
        wrong.match("x")
