"""Words: what a run of letters in a formula stands for."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache

from matcalc.errors import SyntaxProblem
from matcalc.graph.sizes import written
from matcalc.language.names import (
    GREEK_WORDS,
    LATEX_SUBSCRIPT,
    PLAIN_SUBSCRIPT,
    canonical,
    compose,
)
from matcalc.language.tokens import (
    COMMA,
    CONSTANT,
    ENDING,
    FUNCTION,
    NAME,
    SUBSCRIPT,
    Token,
    plain_subscript,
)
from matcalc.patterns import regex

BUILT_IN = frozenset({"vector", "matrix"})  # functions that the language itself knows
_CONSTANTS = {"eye": "identity", "I": "identity", "ones": "ones", "pi": "pi"}

_PLAIN_CHUNK = regex(rf"([A-Za-z]+)([0-9]*(?:{PLAIN_SUBSCRIPT})*)")
_LATEX_CHUNK = regex(rf"([A-Za-z]+)([0-9]*(?:{LATEX_SUBSCRIPT})*)")
_SIZE_IN_BRACKETS = regex(r"\s*\(([^()]{0,40})\)")


@lru_cache(maxsize=16)
def _whole_words(functions: frozenset[str]) -> dict[str, tuple[int, object]]:
    """Words that mean something by themselves, unless they are declared: kind and value of their token."""
    words: dict[str, tuple[int, object]] = {word: (NAME, name) for word, name in GREEK_WORDS.items()}
    words.update({word: (CONSTANT, (kind, None)) for word, kind in _CONSTANTS.items()})
    words.update(
        {name.replace("_", ""): (FUNCTION, name) for name in functions if " " not in name}
    )  # in LaTeX
    words.update({name.partition(" ")[0]: (FUNCTION, name.partition(" ")[0]) for name in functions})
    words.update({name.replace(" ", "_"): (FUNCTION, name) for name in functions | BUILT_IN})
    return words


@lru_cache(maxsize=16)
def endings(functions: frozenset[str]) -> frozenset[str]:
    """The words that end the arguments of a function, as ``rows`` in ``softmax(X, rows)``."""
    return frozenset(name.partition(" ")[2] for name in functions if " " in name)


def _lengths(declared: frozenset[str]) -> tuple[int, list[int]]:
    """The length of the longest name, and the lengths of names that are words, the longest first."""
    words = {len(name) for name in declared if name[:2].isalpha() and len(name) > 1}
    return max(map(len, declared), default=0), sorted(words, reverse=True)


class Vocabulary:
    """The names and functions that one text is read with, formula by formula."""

    def __init__(
        self, text: str, declared: Collection[str], functions: frozenset[str], notes: list[str]
    ) -> None:
        self.text = text
        self.end = len(text)
        self.declared = frozenset(declared)
        self.functions = functions | BUILT_IN
        self.notes = notes
        self.whole = _whole_words(functions)
        self.endings = endings(functions) - self.declared
        self.longest, self.lengths = _lengths(self.declared)
        self.latex = False

    def turn_to(self, end: int, latex: bool) -> Vocabulary:
        """The same vocabulary, for a formula that ends here."""
        self.end = end
        self.latex = latex
        return self

    def read(self, word: str, tail: str, start: int, tokens: list[Token]) -> int:
        """Append the tokens of a word and the subscript ``tail`` after it; give the place where they end."""
        stop = start + len(word) + len(tail)
        if self.declared and len(word) + len(tail) <= self.longest + 8:
            name = canonical(word + tail)
            if name in self.declared:
                tokens.append((NAME, name, start, stop))
                return stop
        if not tail:
            if word in self.endings and tokens and tokens[-1][0] == COMMA:
                tokens.append((ENDING, word, start, stop))
                return stop
            known = self.whole.get(word)
            if known is not None and not (known[0] == NAME and self._spells_product(word)):
                return self._known(known, word, start, stop, tokens)
            if len(word) == 1:
                tokens.append((NAME, word, start, stop))
                return stop
        pieces = list((_LATEX_CHUNK if self.latex else _PLAIN_CHUNK).finditer(word))
        for piece in pieces:
            last = piece is pieces[-1]
            end = self._chunk(
                piece[1], piece[2] + tail if last else piece[2], start + piece.start(), last, tokens
            )
        return end

    def _chunk(self, letters: str, suffix: str, start: int, last: bool, tokens: list[Token]) -> int:
        """One run of letters and what is attached to its last letter."""
        end = start + len(letters) + len(suffix)
        known = self.whole.get(letters + suffix)
        if known is not None:
            return self._known(known, letters + suffix, start, end, tokens)
        known = self.whole.get(letters)
        if known is not None and known[0] == FUNCTION and self._name(letters, suffix) not in self.declared:
            if plain_subscript(suffix) in self.endings:
                tokens.append((*known, start, start + len(letters)))
                tokens.append((SUBSCRIPT, suffix, start + len(letters), end))
                return end
            raise self.problem(
                f"`{letters}` is a function and can't carry `{suffix}`; write `{letters}(…)`",
                start,
                end,
            )
        if known is not None or len(letters) == 1:
            tokens.append(self.symbol(letters, suffix, start, end))
            return end
        first = len(tokens)
        for position, stop, name in self._split(letters, suffix):
            tail = suffix if stop == len(letters) else ""
            stop += len(tail)
            if name is None:
                tokens.append(self.symbol(letters[position], tail, start + position, start + stop))
            else:
                tokens.append((NAME, name, start + position, start + stop))
        self._judge(letters, suffix, start, tokens[first:], last)
        return end

    def _split(self, letters: str, suffix: str) -> Iterator[tuple[int, int, str | None]]:
        """The parts of an undeclared run: the longest declared name at each place, else a letter (None)."""
        position, count = 0, len(letters)
        if not self.lengths:
            yield from ((place, place + 1, None) for place in range(count))
            return
        while position < count:
            stop, name = position + 1, None
            if count - position <= self.longest:
                whole = self._name(letters[position:], suffix)
                if whole in self.declared and count - position > 1:
                    stop, name = count, whole
            if name is None:
                for length in self.lengths:
                    part = letters[position : position + length]
                    if (
                        part in self.declared
                        and (position + length < count or not suffix)
                        and len(part) == length
                    ):
                        stop, name = position + length, part
                        break
            yield position, stop, name
            position = stop

    def _judge(self, letters: str, suffix: str, start: int, tokens: list[Token], last: bool) -> None:
        """Refuse a run that looks like a mistyped function; note one that looks like a word."""
        opens = last and self.text.startswith("(", start + len(letters) + len(suffix), self.end)
        if opens and len(letters) >= 4:
            self.refuse_unknown(letters + suffix, start, close_only=True)
        if len(letters) < 3 or len(tokens) < 3:
            return
        if all(token[0] == CONSTANT or token[1] in self.declared for token in tokens):
            return
        shown = letters if len(letters) <= 24 else letters[:23] + "…"
        product = "·".join(self.text[token[2] : token[3]] for token in tokens[:24]) + (
            "…" if len(letters) > 24 else ""
        )
        note = (
            f"`{shown}` was read as the product {product};"
            f" declare it with --shape '{shown}: …' if it is one name"
        )
        if note not in self.notes[-50:]:
            self.notes.append(note)

    def refuse_unknown(self, word: str, start: int, close_only: bool = False) -> None:
        """Raise for an unknown function; with ``close_only`` only if a known one is spelled much like it."""
        from difflib import get_close_matches

        shown = word if len(word) <= 40 else word[:39] + "…"
        close = get_close_matches(shown, sorted(self.functions), 1, 0.75)
        if close:
            hint = f"did you mean `{close[0]}`?"
            rest = word.removesuffix(close[0])
            if rest != word:
                hint += f" For a product write `{rest}*{close[0]}(…)`."
            raise self.problem(f"unknown function `{shown}`; {hint}", start, start + len(word))
        if not close_only:
            raise self.problem(f"unknown function `{shown}`", start, start + len(word))

    def symbol(self, base: str, suffix: str, start: int, end: int) -> Token:
        """The token of one letter (or Greek word) and its subscript: a name, or ``I_n`` and its kin."""
        if not suffix and len(base) == 1 and base.isascii() and base != "I":
            return (NAME, base, start, end)
        name = self._name(base, suffix)
        if name is None:
            hint = "; entries and slices are written X[i,:]" if any(c in suffix for c in ":+-") else ""
            raise self.problem(
                f"`{self.text[start:end][:40]}` is no name: a subscript holds letters and digits{hint}",
                start,
                end,
            )
        if name not in self.declared:
            if base in ("I", "eye", "ones"):
                return (CONSTANT, (_CONSTANTS[base], self.size(name[len(base) :], start, end)), start, end)
            if name == "pi":
                return (CONSTANT, ("pi", None), start, end)
        return (NAME, name, start, end)

    def size(self, subscript: str, start: int, end: int) -> str | int | None:
        """The size that a constant carries as its subscript (canonical: ``3`` or ``_n``)."""
        subscript = subscript.removeprefix("_")
        if not subscript:
            return None
        if subscript.isdecimal() and subscript.isascii() and len(subscript) <= 9 and int(subscript) > 0:
            return int(subscript)
        if subscript[0].isalpha():
            name = canonical(subscript)
            if name is not None:
                return name
        raise self.problem(
            f"`{subscript[:40]}` is no size; a size is a name or a positive whole number", start, end
        )

    def problem(self, message: str, start: int, end: int) -> SyntaxProblem:
        """The error at a place of the text."""
        return SyntaxProblem(message, self.text, start, end)

    @staticmethod
    def _name(base: str, suffix: str) -> str | None:
        return compose(base, suffix)

    def _spells_product(self, word: str) -> bool:
        """Whether every letter of a Greek letter's name was declared: then Mu is M·u, not Μ."""
        return len(word) > 1 and bool(self.declared) and self.declared.issuperset(word)

    def _known(self, known: tuple[int, object], word: str, start: int, end: int, tokens: list[Token]) -> int:
        """A word with a meaning of its own; ``eye`` and ``ones`` take a size in brackets."""
        kind, value = known
        if kind == NAME and value in self.declared or kind == CONSTANT and word in self.declared:
            tokens.append((NAME, value if kind == NAME else word, start, end))
            return end
        if word in ("eye", "ones"):
            return self.sized(word, start, end, tokens)
        tokens.append((kind, value, start, end))
        return end

    def sized(self, word: str, start: int, end: int, tokens: list[Token]) -> int:
        """The token of ``eye`` or ``ones`` with the size in brackets that may follow; give the place where it ends."""
        value: tuple[str, str | int | None] = (_CONSTANTS[word], None)
        brackets = _SIZE_IN_BRACKETS.match(self.text, end, self.end)
        if brackets is not None:
            first, _, second = (part.strip() for part in brackets[1].partition(","))
            name = first if first.isdecimal() else canonical(first)
            made = None if name else written(first)
            if not (name or made) or second not in ("", first if word == "eye" else "1"):
                raise self.problem(
                    f"`{word}` takes one size, `{word}(n)` or `{word}(3)`", end, brackets.end()
                )
            size = made or self.size(name or "", brackets.start(1), brackets.end(1))
            value = (_CONSTANTS[word], size)
            end = brackets.end()
        tokens.append((CONSTANT, value, start, end))
        return end
