"""The lexer: text in any of the three spellings, freely mixed, to one sequence of tokens."""

from __future__ import annotations

from fractions import Fraction

from matcalc.language.alphabet import (
    COMMANDS,
    FRACTIONS,
    HINTS,
    LETTERS,
    MATRIX,
    OPERATORS,
    PLAIN_WORDS,
    ROOT_INDEX,
    SKIPPED,
    SPACES,
    SUPERSCRIPT_DIGITS,
    SUPERSCRIPT_LETTERS,
    pattern,
    raised_pattern,
    rare_pattern,
    subscripts,
)
from matcalc.language.dollars import behind
from matcalc.language.indexing import after_sum, in_brackets
from matcalc.language.names import (
    ACCENTS,
    GREEK_WORDS,
    STYLES,
    SUBSCRIPT_CHARACTERS,
    canonical,
    styled,
)
from matcalc.language.tokens import (
    BAR,
    CARET,
    CLOSE,
    COMMA,
    CONSTANT,
    END,
    ENDING,
    FUNCTION,
    INDEX,
    NAME,
    NUMBER,
    OPEN,
    OPERATOR,
    OTHER,
    ROOT,
    SUBSCRIPT,
    SUM,
    SUPERSCRIPT,
    TRANSPOSE,
    Token,
)
from matcalc.language.words import Vocabulary
from matcalc.patterns import regex


def tokenize(text: str, start: int, end: int, words: Vocabulary) -> list[Token]:
    """The tokens of ``text[start:end]``, an ``END`` last; places count in ``text``."""
    latex = words.latex
    match = pattern(latex).match
    tokens: list[Token] = []
    append = tokens.append
    position = start
    matrices = 0  # open \\begin{bmatrix}
    while True:
        found = (
            match(text, position, end)
            or raised_pattern(latex).match(text, position, end)
            or rare_pattern(latex).match(text, position, end)
        )
        if found is None:
            raise _unknown(text, SPACES.match(text, position, end).end(), words)  # type: ignore[union-attr]
        kind = found.lastgroup
        position = found.end()
        if kind == "tail" and found["word"] is not None:
            if found["word"].startswith("sum") and _sums(found["word"], found["tail"], words):
                at = found.start("word")
                ranges = after_sum(text, at + 3, end, latex)
                if ranges is not None:
                    position = ranges[1]
                    append((SUM, ranges[0], at, position))
                    continue
            position = words.read(found["word"], found["tail"], found.start("word"), tokens)
            continue
        at = found.start(kind)  # type: ignore[arg-type]
        value = found[kind]  # type: ignore[index]
        if kind == "operator":
            append((OPERATOR, OPERATORS[value], at, position))
        elif kind == "open":
            if value == "[" and tokens and tokens[-1][0] in _INDEXED and tokens[-1][3] == at:
                indices = None if _is_function(tokens[-1], words) else in_brackets(text, at, end)
                if indices is not None:
                    position = indices[1]
                    append((INDEX, indices[0], at, position))
                    continue
            if value != "{" and tokens and _is_function(tokens[-1], words):
                tokens[-1] = (FUNCTION, CALLED[tokens[-1][1]], *tokens[-1][2:])
            append((OPEN, "⟨" if value == "〈" else value, at, position))
        elif kind == "close":
            append((CLOSE, "⟩" if value == "〉" else value, at, position))
        elif kind == "pinv":
            append((TRANSPOSE, "pinv", at, position))
        elif kind == "transpose":
            if value[-1] == "T" and value[0] == "^" and _is_word(text, position - 1, end, words):
                append((CARET, "power", at, position - 1))
                position -= 1
            else:
                append((TRANSPOSE, "-" in value or "−" in value, at, position))
        elif kind == "number":
            append((NUMBER, _number(value, at, words), at, position))
        elif kind == "tail":
            at = found.start("symbol")
            value = found["symbol"]
            if value == "Σ" and canonical(value + found["tail"]) not in words.declared:
                position = _sum(text, at, at + 1, end, words, tokens, latex)
            else:
                append(words.symbol(value, found["tail"], at, position))
        elif kind == "superscript":
            append(_superscript(value, at, position, words))
        elif kind == "bar":
            append((BAR, _bar(value), at, position))
        elif kind == "comma":
            append((COMMA, None, at, position))
        elif kind == "caret":
            append((CARET, "power" if value == "^" else "elpower", at, position))
            if "{" in value:
                append((OPEN, "{", at + value.index("{"), position))
        elif kind == "command" and (matrix := MATRIX.match(text, at, end)) is not None:
            position = matrix.end()
            opens = matrix[1] == "begin"
            matrices += 1 if opens else -1
            append((OPEN if opens else CLOSE, "matrix", at, position))
        elif kind == "skip" and matrices > 0 and value in ("&", "\\\\"):
            append((COMMA, None, at, position) if value == "&" else (OTHER, ";", at, position))
        elif value == "$" and tokens:
            position = behind(text, at, end)
        elif kind == "command":
            position = _command_at(text, at, position, end, words, tokens, latex)
        elif kind == "vulgar":
            append((NUMBER, FRACTIONS[value], at, position))
        elif kind == "root":
            append((ROOT, 2, at, position))
        elif kind == "sum":
            position = _sum(text, at, position, end, words, tokens, latex)
        elif kind == "onestail":
            append(words.symbol("ones", value, found.start("ones"), position))
        elif kind == "subscript":
            word = PLAIN_WORDS.match(text, at + 1, end) if value[0] == "_" else None
            if word is not None and word[0] in words.endings:
                position = word.end()
            append((SUBSCRIPT, text[at:position], at, position))
        elif kind == "brace":
            append((OPEN if value == "\\{" else CLOSE, value[1], at, position))
        elif kind == "other":
            append((OTHER, value, at, position))
        elif kind == "end":
            append((END, None, end, end))
            return tokens


_COMMANDS = regex(r"\\[A-Za-z]+")

# Greek letters that are functions where a bracket follows and nothing declares them.
CALLED = {"sigma": "sigmoid", "Gamma": "gammafn"}
# what may stand right before the brackets of an index list
_INDEXED = frozenset([NAME, CONSTANT, CLOSE, TRANSPOSE, SUPERSCRIPT, INDEX])


def _is_function(token: Token, words: Vocabulary) -> bool:
    """Whether a letter before a bracket is a function, as σ is in σ(x)."""
    return token[1] in CALLED and token[1] not in words.declared


def _sums(word: str, tail: str, words: Vocabulary) -> bool:
    """Whether a word is ``sum`` with indices, as in ``sum_i``."""
    attached = tail if word == "sum" else word[3:]
    return (
        attached[:1] in ("_", *SUBSCRIPT_CHARACTERS)
        and attached != ""
        and canonical(word + tail) not in words.declared
    )


def _sum(
    text: str, at: int, position: int, end: int, words: Vocabulary, tokens: list[Token], latex: bool
) -> int:
    """Append a sum sign with the indices after it; give the place where reading goes on."""
    ranges = after_sum(text, position, end, latex)
    value, stop = (None, position) if ranges is None else ranges
    tokens.append((SUM, value, at, stop))
    return stop


def _is_word(text: str, position: int, end: int, words: Vocabulary) -> bool:
    """Whether the ``T`` after a ``^`` starts a word, as in ``x^Theta``."""
    match = LETTERS.match(text, position, min(end, position + 80))
    return match is not None and match[0] != "T" and (match[0] in words.declared or match[0] in words.whole)


def _number(digits: str, at: int, words: Vocabulary) -> Fraction:
    """The exact value; refuses what no floating-point number can hold before it costs time."""
    mantissa, _, exponent = digits.lower().partition("e")
    if len(mantissa) <= 320 and len(exponent) <= 4 and abs(int(exponent or 0)) <= 320:
        return (
            Fraction(digits if digits[-1] != "." else digits[:-1])
            if "." in digits or exponent
            else Fraction(int(digits))
        )
    raise words.problem("this number is too long; at most 320 digits are read", at, at + len(digits))


def _superscript(value: str, at: int, end: int, words: Vocabulary) -> Token:
    negative = value[0] == "⁻"
    plain = value[1:] if negative else value
    if plain in "ᵀ⊤⊺":
        return (TRANSPOSE, negative, at, end)
    if plain in SUPERSCRIPT_LETTERS:
        return (SUPERSCRIPT, (SUPERSCRIPT_LETTERS[plain], negative), at, end)
    number = FRACTIONS.get(plain) or _number(plain.translate(SUPERSCRIPT_DIGITS), at, words)
    return (SUPERSCRIPT, -number if negative else number, at, end)


def _bar(value: str) -> tuple[str, str]:
    norm = any(mark in value for mark in ("||", "‖", "∥", "\\|", "Vert"))
    if "lvert" in value.lower():
        side = "l"
    elif "rvert" in value.lower():
        side = "r"
    else:
        side = (
            "l" if "\\left" in value or "gl" in value else "r" if "\\right" in value or "gr" in value else ""
        )
    return ("norm" if norm else "abs", side)


def _command_at(
    text: str, at: int, position: int, end: int, words: Vocabulary, tokens: list[Token], latex: bool
) -> int:
    """Append what the LaTeX command at ``at`` stands for; give the place where reading goes on."""
    name = text[at + 1 : position].rstrip("*")
    if name in SKIPPED:
        return position
    simple = COMMANDS.get(name)
    if simple is not None:
        kind, value = simple
        if kind == SUM:
            _note_on_backslash(text, name, at, words)
        if kind == ROOT:
            index = ROOT_INDEX.match(text, position, end)
            if index is not None and int(index[1]) > 0:
                value, position = int(index[1]), index.end()
            elif (
                text[position:end].lstrip()[:1] == "[" if position < end and text[position] in " [" else False
            ):
                raise words.problem("the index of a root is a positive whole number", at, position + 1)
        if kind == SUM:
            return _sum(text, at, position, end, words, tokens, latex)
        tokens.append((kind, value, at, position))
        return position
    if name in GREEK_WORDS or name in STYLES or name in ACCENTS:
        found = styled(text, at, end)
        if found is None:
            if name in ACCENTS or name == "mathbb":
                raise words.problem(f"`\\{name}` stands over one letter, `\\{name}{{x}}`", at, position)
            return position  # a style over a whole group changes nothing
        return _styled_name(text, at, found, end, words, tokens, latex)
    if name in words.functions:
        _note_on_backslash(text, name, at, words)
        tokens.append((FUNCTION, name, at, position))
        return position
    from difflib import get_close_matches

    close = get_close_matches(name[:40], [*COMMANDS, *words.functions, *GREEK_WORDS], 1, 0.75)
    hint = f"; did you mean `\\{close[0]}`?" if close else ""
    if len(name) == 1:
        hint = f"; a division from the left is `\\backslash {name}`"
    raise words.problem(f"the LaTeX command `\\{name[:40]}` is not known here{hint}", at, position)


def _note_on_backslash(text: str, name: str, at: int, words: Vocabulary) -> None:
    """A\\sum(b) is A times Σb, which who writes ASCII may mean as a division from the left."""
    others = [command[1:] for command in _COMMANDS.findall(text)]
    if at and (text[at - 1].isupper() or text[at - 1] in ")'") and words.functions.issuperset(others):
        words.notes.append(
            f"`\\{name}` was read as a LaTeX command; a division from the left is solve(A, {name}(…))"
        )


def _styled_name(
    text: str,
    at: int,
    found: tuple[str, str, int, bool],
    end: int,
    words: Vocabulary,
    tokens: list[Token],
    latex: bool,
) -> int:
    """The token of ``\\mathbf{x}_1``, ``\\hat{x}``, ``\\mathrm{tr}``, ``\\mathbf{1}_n`` or ``\\gamma``."""
    base, accent, position, upright = found
    suffix = subscripts(latex).match(text, position, end)[0]  # type: ignore[index]
    stop = position + len(suffix)
    if base == "1":
        tokens.append(words.symbol("ones", suffix, at, stop))
        return stop
    if "\\mathbb" in text[at:position] or "\\mathds" in text[at:position]:
        raise words.problem("`\\mathbb` is read in `\\mathbb{1}` and in shapes only", at, position)
    if len(base) == 1 or base in GREEK_WORDS or accent:
        tokens.append(words.symbol(base + accent, suffix, at, stop))
        return stop
    name = canonical(base + suffix)
    if name not in words.declared:
        if not upright:
            return PLAIN_WORDS.match(text, at).end()  # type: ignore[union-attr]
        known = words.whole.get(base)
        if known is not None and known[0] == FUNCTION:
            tokens.append((*known, at, position))
            return position
        if base in words.endings and tokens and tokens[-1][0] == COMMA:
            tokens.append((ENDING, base, at, position))
            return position
        if base in ("eye", "ones") and not suffix:
            return words.sized(base, at, stop, tokens)
        if base in ("eye", "ones", "pi"):
            tokens.append(words.symbol(base, suffix, at, stop))
            return stop
        following = SPACES.match(text, stop, end).end()  # type: ignore[union-attr]
        if text.startswith(("(", "\\left(", "\\left ("), following):
            words.refuse_unknown(base, at + text[at:position].index(base))
    if name is None:
        raise words.problem("a subscript holds letters and digits", position, stop)
    tokens.append((NAME, name, at, stop))
    return stop


def _unknown(text: str, position: int, words: Vocabulary) -> Exception:
    character = text[position]
    shown = character if character.isprintable() and not character.isspace() else f"U+{ord(character):04X}"
    if character == "\\":
        return words.problem(
            "a backslash starts a LaTeX command, such as `\\log`; for A⁻¹b write inv(A)*b",
            position,
            position + 1,
        )
    hint = HINTS.get(character)
    if hint is None:
        hint = "a formula holds letters, numbers, brackets and operators"
    return words.problem(f"`{shown}` can't be read here; {hint}", position, position + 1)
