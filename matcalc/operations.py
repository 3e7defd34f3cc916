"""The table of operations, read from ``rules/*.toml``: what each takes and gives, its delta rules and its names.

Every room reads this one table: the language finds function names in it, the graph signatures, the sweep delta
rules, the check domains and kernels, the printers spellings.  An operation is added by adding its line to a file.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import TYPE_CHECKING

from matcalc.errors import RuleProblem
from matcalc.patterns import regex

if TYPE_CHECKING:
    from pathlib import Path

# Rows and columns of an operand, as letters; `mp` is a product of sizes and `m+p` a sum.  See Operation.takes.
Pattern = tuple[str | None, str | None]

_SETTINGS = frozenset(
    "takes gives domain reads writes numpy value sympy unicode latex transpose note whole".split()
)
_SWITCHES = frozenset(["opens", "matrices"])
RESERVED = frozenset("pi eye ones vector matrix where".split())  # words of the language that name nothing
STRUCTURES = "structures.toml"  # holds structures of variables, no operations
TARGETS = "targets.toml"  # holds texts of generated code, no operations
_NAME = regex(r"[A-Za-z][A-Za-z0-9_]*\Z")
_READING = regex(r"[A-Za-z][A-Za-z0-9_]*( [a-z]+)?\Z")
_LATEX = regex(r"(\\[A-Za-z]+|\{[A-Za-z]+\})*\Z")


@dataclass(frozen=True)
class Operation:
    """One line of a rule file.

    ``takes`` holds (operand, pattern) pairs; equal letters of the patterns stand for equal sizes, and ``None`` for
    an axis that the operand must not have.  ``deltas`` maps an operand to the text of its delta rule.  A reading of
    two words, ``softmax rows``, is a function whose last argument is the second word: ``softmax(X, rows)``.
    ``opens`` says that a formula gets the text of ``value`` in the operation's place, ``matrices`` that operands of
    two axes must have both, ``whole`` which operand must be a whole number, and ``note`` what a reader of a derivative
    that used a delta rule should know.
    """

    name: str
    takes: tuple[tuple[str, Pattern], ...]
    gives: Pattern
    deltas: Mapping[str, str]
    domain: str | None = None
    reads: tuple[str, ...] = ()
    writes: str = ""
    numpy: str | None = None
    value: str | None = None
    sympy: str | None = None
    unicode: str | None = None
    latex: str | None = None
    transpose: str | None = None
    elementwise: bool = False
    opens: bool = False
    matrices: bool = False
    whole: str | None = None
    note: str | None = None
    source: str = ""

    @staticmethod
    def letters(part: str | None) -> tuple[str, ...]:
        """The sizes in a part of a pattern: ``mp`` and ``m+p`` have two; a longer word is one."""
        if part is None:
            return ()
        return tuple(part.replace("+", "")) if Operation.combines(part) else (part,)

    @staticmethod
    def combines(part: str | None) -> str | None:
        """How a part of a pattern combines two sizes, as a ``product`` or a ``sum``; None where it does not."""
        if part is None or not (len(part) == 2 or len(part) == 3 and part[1] == "+"):
            return None
        return "sum" if "+" in part else "product"

    @cached_property
    def sizes(self) -> frozenset[str]:
        """The sizes that the texts of the line may use: single letters of ``takes`` that stand in one of them."""
        texts = " ".join((*self.deltas.values(), self.value or "", self.domain or ""))
        letters = {part for _, pattern in self.takes for part in pattern if part is not None}
        return frozenset(letter for letter in letters if len(letter) == 1 and letter in texts)

    @cached_property
    def operands(self) -> tuple[str, ...]:
        """The operands' names in order."""
        return tuple(name for name, _ in self.takes)


@dataclass(frozen=True, eq=False)
class Operations:
    """All operations and rewrites that a derivation may use; one table is equal to itself only."""

    by_name: Mapping[str, Operation]
    rewrites: tuple[tuple[str, str, str], ...] = ()  # name, left, right
    by_reading: Mapping[str, tuple[Operation, ...]] = field(init=False)
    functions: frozenset[str] = field(init=False)  # the names that are read as functions

    def __post_init__(self) -> None:
        readings: dict[str, list[Operation]] = {}
        for operation in self.by_name.values():
            for name in operation.reads:
                readings.setdefault(name, []).append(operation)
        object.__setattr__(self, "by_reading", {name: tuple(ops) for name, ops in readings.items()})
        object.__setattr__(self, "functions", frozenset(readings))

    def __getitem__(self, name: str) -> Operation:
        return self.by_name[name]


def shipped_rules() -> str:
    """The folder of the shipped rule files: inside the installed package, or beside it in a checkout."""
    here = os.path.dirname(__file__)
    inside = os.path.join(here, "rules")
    return inside if os.path.isdir(inside) else os.path.join(os.path.dirname(here), "rules")


@cache
def standard() -> Operations:
    """The operations of the shipped rule files."""
    folder = shipped_rules()
    names = sorted(name for name in os.listdir(folder) if name.endswith(".toml"))
    files = [os.path.join(folder, name) for name in names if name not in (STRUCTURES, TARGETS)]
    return _merge(Operations({}), files)


def load(extra: Iterable[str | Path] = ()) -> Operations:
    """The shipped operations and those of a user's files, which may replace shipped ones.

    Raises ``RuleProblem``, naming file and line, where a file is no TOML or a line is no operation.
    """
    files = [os.fspath(path) for path in extra]
    return _merge(standard(), files) if files else standard()


def _merge(base: Operations, files: Iterable[str]) -> Operations:
    table = dict(base.by_name)
    rewrites = list(base.rewrites)
    for path in files:
        try:
            with open(path, encoding="utf-8") as file:
                data = tomllib.loads(file.read())
        except OSError as error:
            raise RuleProblem(f"can't read the rule file {path}: {error.strerror}") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise RuleProblem(f"{path} is not a TOML file: {error}") from None
        for name, line in data.items():
            where = f"{os.path.basename(path)}, `{name}`"
            if isinstance(line, str):
                rewrites.append((name, *_rewrite(line, where)))
            elif isinstance(line, dict):
                table[name] = _operation(name, line, where, path)
            else:
                raise RuleProblem(f"{where}: an operation is a table {{ takes = …, gives = … }}")
    return Operations(table, tuple(rewrites))


def _rewrite(line: str, where: str) -> tuple[str, str]:
    left, arrow, right = line.partition("->")
    if not arrow:
        raise RuleProblem(f"{where}: a rewrite is written 'left -> right'")
    return left.strip(), right.strip()


def _operation(name: str, line: dict[str, object], where: str, source: str) -> Operation:
    """One operation from its line, each setting checked."""
    if not _NAME.match(name):
        raise RuleProblem(f"{where}: the name of an operation is letters, digits and _")
    texts: dict[str, str] = {}
    for key, value in line.items():
        if key == "reads":
            continue
        if key in _SWITCHES:
            if value is not True:
                raise RuleProblem(f"{where}: `{key}` is true or left out")
            continue
        if not isinstance(value, str):
            raise RuleProblem(f"{where}: `{key}` must be a text")
        texts[key] = value
    for key in ("takes", "gives"):
        if key not in texts:
            raise RuleProblem(f'{where}: `{key}` is missing, for example {key} = "X"')
    takes = tuple(_operand(part, where) for part in texts["takes"].split(","))
    operands = [operand for operand, _ in takes]
    unknown = [key for key in texts if key not in _SETTINGS and key not in operands]
    if unknown:
        raise RuleProblem(
            f"{where}: `{unknown[0]}` is neither a setting nor one of the operands {', '.join(operands)}"
        )
    if texts.get("whole", operands[0]) not in operands:
        raise RuleProblem(f"{where}: `whole` is none of the operands {', '.join(operands)}")
    reads = line.get("reads", [name])
    if not isinstance(reads, list) or not all(isinstance(r, str) and _READING.match(r) for r in reads):
        raise RuleProblem(f"{where}: `reads` is a list of names")
    if "opens" in line and "value" not in texts:
        raise RuleProblem(f"{where}: what `opens` needs a `value`")
    if not _LATEX.match(texts.get("latex", "")):
        raise RuleProblem(f"{where}: `latex` may only hold commands such as \\operatorname{{name}}")
    if not all(c.isalpha() or c == " " for c in texts.get("unicode", "")):
        raise RuleProblem(f"{where}: `unicode` may only hold letters")
    settings = {k: v for k, v in texts.items() if k in _SETTINGS and k not in ("takes", "gives")}
    settings.setdefault("writes", reads[0] if reads else name)
    gives = dict(takes).get(texts["gives"]) or _pattern(texts["gives"], where)
    letters = {letter for _, pattern in takes for part in pattern for letter in Operation.letters(part)}
    made = {letter for part in gives for letter in Operation.letters(part)}
    if not letters.issuperset(made) and name != "fill":
        raise RuleProblem(f"{where}: `gives` has a size that no operand has")
    return Operation(
        name=name,
        takes=takes,
        gives=gives,
        deltas={operand: texts[operand] for operand in operands if operand in texts},
        reads=tuple(reads),
        elementwise=texts["gives"] in operands and all(pattern == ANY for _, pattern in takes),
        opens="opens" in line,
        matrices="matrices" in line,
        source=source,
        **settings,
    )


ANY: Pattern = ("rows", "columns")  # the shape of operands that a line gives none


def _operand(text: str, where: str) -> tuple[str, Pattern]:
    name, colon, shape = (part.strip() for part in text.partition(":"))
    if not (len(name) == 1 and name.isascii() and name.isupper()) or name in "DYI":
        raise RuleProblem(f"{where}: an operand is a capital letter other than D, Y and I, not `{name}`")
    return name, _pattern(shape, where) if colon else ANY


def _pattern(text: str, where: str) -> Pattern:
    found = _read_pattern(text)
    if found is None:
        raise RuleProblem(f"{where}: a shape is `m×n`, `mp×n+q`, `n` or `scalar`, not `{text}`")
    return found


@cache
def _read_pattern(text: str) -> Pattern | None:
    """The pattern that a text is; a few of them stand in most lines."""
    if text == "scalar":
        return (None, None)
    letters = [part.strip() for part in re.split("[×x]", text)]
    if len(letters) > 2 or not all(
        re.fullmatch(r"[^\W\d_]{1,2}|[^\W\d_]\+[^\W\d_]", part) for part in letters
    ):
        return None
    return (letters[0], letters[1] if len(letters) == 2 else None)
