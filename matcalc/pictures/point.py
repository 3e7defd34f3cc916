"""Where numbers come from: ``x=-2, A=[1 2; 3 4]`` as a text, an ``.npz`` file, or arrays by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from matcalc.errors import MatcalcError, SyntaxProblem
from matcalc.language.names import canonical
from matcalc.language.shapes import LONGEST

Point = Mapping[str, object] | str | Path

_MOST = 2 * 10**9  # bytes of a file's arrays
_SPACE = re.compile(r"\s*")
_NUMBER = re.compile(
    r"[-+−]?\s*(?:(\d+\s*/\s*\d+)|(?:\d+\.?\d*|\.\d+)(?:[eE][-+−]?\d+)?)(?![\w.])",
)
_NAME = re.compile(r"[^=:,;\[\]]+")
_EXAMPLE = "write `x = -2, v = [1, 2, 3], A = [1 2; 3 4]`"


def arrays_at(point: Point) -> dict[str, Any]:
    """The arrays that a point gives, by name as it is spelled there.

    Raises ``MatcalcError`` for what can't be read, with the place in a text.
    """
    if isinstance(point, Mapping):
        return dict(point)
    if isinstance(point, Path) or point.strip().endswith(".npz"):
        return _from_file(Path(point) if isinstance(point, Path) else Path(point.strip()))
    return _Reader(point).assignments()


def _from_file(path: Path) -> dict[str, Any]:
    import zipfile

    import numpy as np

    try:
        with zipfile.ZipFile(path) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > _MOST:
                raise MatcalcError(f"the arrays of `{path}` are too large to be read")
        with np.load(path, allow_pickle=False) as file:
            found = {name: file[name] for name in file.files}
    except OSError as problem:
        raise MatcalcError(f"can't read the file `{path}`: {problem.strerror or problem}") from None
    except MemoryError:
        raise MatcalcError(f"the arrays of `{path}` need more memory than there is") from None
    except MatcalcError:
        raise
    except Exception:  # a damaged archive raises anything: BadZipFile, ValueError, EOFError, zlib.error, …
        raise MatcalcError(
            f"`{path}` is no .npz file of arrays of numbers, as numpy.savez writes it"
        ) from None
    for name, array in found.items():
        if array.dtype.kind not in "biuf":
            raise MatcalcError(
                f"{name} in `{path}`: an array of real numbers is needed, not of {array.dtype}"
            )
    return found


def _as_letter(name: str, array: Any) -> Any:
    """``[1 2]`` as a row where an upper-case letter stands for a matrix, ``[1; 2]`` as a vector where a lower-case one does."""
    if array.ndim == 1 and "A" <= name[0] <= "Z":
        return array[None, :]
    if array.ndim == 2 and array.shape[1] == 1 and "a" <= name[0] <= "z":
        return array.ravel()
    return array


class _Reader:
    """Reads assignments from a text."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.place = 0
        if len(text) > LONGEST:
            raise SyntaxProblem(f"the values have {len(text)} characters; at most {LONGEST} are read")

    def assignments(self) -> dict[str, Any]:
        """Arrays by name."""
        import numpy as np

        found: dict[str, Any] = {}
        while not self._ends():
            start = self.place
            name = self._name()
            if name in found:
                raise self._problem(f"{name} is given twice", start, start + len(name))
            value = self._value()
            try:
                found[name] = _as_letter(name, np.asarray(value, dtype=float))
            except ValueError:
                raise self._problem(f"{name}: the rows have different lengths", start, self.place) from None
            if not self._ends() and not self._take(",", ";"):
                raise self._problem("a comma is needed between two values", self.place)
        if not found:
            raise SyntaxProblem(f"no values are given: {_EXAMPLE}")
        return found

    def _name(self) -> str:
        match = _NAME.match(self.text, self.place)
        name = match[0].strip() if match else ""
        if canonical(name) is None:
            end = match.end() if match else self.place + 1
            raise self._problem(f"a name is needed here: {_EXAMPLE}", self.place, end)
        assert match is not None
        self.place = match.end()
        if not self._take("=", ":"):
            raise self._problem(f"`=` and a value are needed after {name}", self.place)
        self._skip()
        return name

    def _value(self) -> Any:
        """A number, or an array of rows: nested lists."""
        stack: list[tuple[int, list[Any], list[Any]]] = []  # where it opened, its rows, the row that is read
        while True:
            self._skip()
            if self._take("["):
                stack.append((self.place - 1, [], []))
                if len(stack) > 12:
                    raise self._problem("an array has at most 12 axes", self.place - 1)
                continue
            done = self._closed(stack) if self._take("]") else self._number()
            if not stack:
                return done
            stack[-1][2].append(done)
            self._separate(stack)

    def _closed(self, stack: list[tuple[int, list[Any], list[Any]]]) -> list[Any]:
        start, rows, row = stack.pop() if stack else (self.place - 1, [], [])
        if not row:
            raise self._problem("a number is needed here", self.place - 1)
        return [*rows, row] if rows else row

    def _separate(self, stack: list[tuple[int, list[Any], list[Any]]]) -> None:
        """What may stand between the entries of an array: spaces, a comma, a semicolon after a row."""
        start, rows, row = stack[-1]
        self._skip()
        if self._take(";"):
            rows.append(list(row))
            row.clear()
        elif not self._take(",") and self._at_end():
            raise self._problem("this bracket is not closed", start)

    def _number(self) -> float:
        match = _NUMBER.match(self.text, self.place)
        if match is None:
            raise self._problem("a number is needed here", self.place)
        self.place = match.end()
        text = "".join(match[0].replace("−", "-").split())
        if match[1]:
            above, _, below = text.partition("/")
            if int(below) == 0:
                raise self._problem("this divides by 0", match.start(), match.end())
            return int(above) / int(below)
        return float(text)

    def _take(self, *marks: str) -> bool:
        self._skip()
        if self.text[self.place : self.place + 1] in marks and not self._at_end():
            self.place += 1
            return True
        return False

    def _skip(self) -> None:
        match = _SPACE.match(self.text, self.place)
        assert match is not None
        self.place = match.end()

    def _at_end(self) -> bool:
        return self.place >= len(self.text)

    def _ends(self) -> bool:
        self._skip()
        return self._at_end()

    def _problem(self, message: str, start: int, end: int | None = None) -> SyntaxProblem:
        start = min(start, max(0, len(self.text) - 1))
        return SyntaxProblem(message, self.text, start, start + 1 if end is None else max(end, start + 1))
