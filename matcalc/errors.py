"""The one family of errors that matcalc raises, each with its place in the text."""

from __future__ import annotations

_WINDOW = 72  # characters of the text that an error shows around its place


class MatcalcError(Exception):
    """Something in the input could not be used.

    ``message`` is one paragraph in the user's terms.  ``text`` is what was read and ``start``/``end`` the
    offending place in it (0-based, end exclusive); they are ``None`` where no place is to blame.
    ``str(error)`` shows the message with a caret under the place and, of a text of several lines, the number of the
    line, with the name of the file that it was read from if ``source`` says that.
    """

    source: str | None = None

    def __init__(
        self, message: str, text: str | None = None, start: int | None = None, end: int | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.text = text
        self.start = start
        self.end = end

    def at(self, text: str, start: int, end: int) -> MatcalcError:
        """The same error with a place, unless it has one already."""
        if self.text is None:
            self.text, self.start, self.end = text, start, end
        return self

    def __str__(self) -> str:
        if self.start is None or self.text is None or not self.text.strip():
            return self.message
        return f"{self.message}\n{self._line()}{_caret(self.text, self.start, self.end or self.start + 1)}"

    def _line(self) -> str:
        """Which line the place is in, where there are several."""
        assert self.text is not None and self.start is not None
        if len(self.text.strip().splitlines()) < 2:
            return ""
        number = self.text.count("\n", 0, self.start) + 1
        return f"  {self.source}, line {number}:\n" if self.source else f"  line {number}:\n"


class SyntaxProblem(MatcalcError):
    """The text is not a formula: a bracket, a name or an operator is not where it can be read."""


class ShapeProblem(MatcalcError):
    """The formula has no consistent shapes."""


class RuleProblem(MatcalcError):
    """A rule file can't be used."""


class DerivationProblem(MatcalcError):
    """The formula was read, but what was asked of it can't be given."""


def _caret(text: str, start: int, end: int) -> str:
    """The line of ``text`` around ``start`` and a caret line under it."""
    start = min(start, len(text))
    line_start = text.rfind("\n", 0, start) + 1
    line_end = text.find("\n", start)
    line_end = len(text) if line_end < 0 else line_end
    if start < line_end and text[line_end - 1] == "\r":
        line_end -= 1
    left = max(line_start, start - _WINDOW // 2)
    right = min(line_end, left + _WINDOW)
    shown = "".join(c if c.isprintable() else " " for c in text[left:right])
    before = "…" if left > line_start else ""
    after = "…" if right < line_end else ""
    width = max(1, min(end, right) - start)
    return f"  {before}{shown}{after}\n  {' ' * (len(before) + start - left)}{'^' * width}"
