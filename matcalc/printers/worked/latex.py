"""A page as LaTeX that needs nothing but amsmath: a tabular, and equations in flalign*."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from matcalc.printers.worked.model import Equation, Page, Piece, Section, Side, Table

_ESCAPES = {
    "\\": "\\textbackslash{}",
    "{": "\\{",
    "}": "\\}",
    "$": "\\$",
    "&": "\\&",
    "#": "\\#",
    "%": "\\%",
    "_": "\\_",
    "^": "\\textasciicircum{}",
    "~": "\\textasciitilde{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "…": "\\dots{}",
    "—": "---",
}
_WIDE = 62  # signs of a row beside which there is no room for notes
_TABLE = 90  # signs of a table's columns
_SIGN = re.compile(r"\\(?:left|right|text|operatorname|mathbf)\b|\\[a-zA-Z]+|[^\s{}^_]")
_HEADINGS = {"f′": "$f'$", "δ": "$\\delta$", "activation f": "activation $f$", "input z": "input $z$"}


def latex(page: Page) -> str:
    """The page as LaTeX, to be put into a document that loads amsmath; the page's spelling must be ``latex``."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: Page) -> Iterator[str]:
    yield "% needs \\usepackage{amsmath}"
    yield f"\\par\\bigskip\\noindent\\textbf{{{_line(page.title)}}} {_line(page.caption)}"
    if page.table is not None:
        yield from _table(page.table)
    for section in page.sections:
        yield from _section(section)
    if page.legend:
        yield f"\\par\\noindent {_line(page.legend)}"


def _line(pieces: Sequence[Piece]) -> str:
    return "".join(map(_piece, pieces))


def _piece(piece: Piece) -> str:
    if piece.kind == "math":
        return f"${piece.text}$"
    escaped = "".join(_ESCAPES.get(letter, letter) for letter in piece.text)
    if piece.kind != "code":
        return escaped
    straight = escaped.replace("'", "\\textquotesingle{}")  # MATLAB's transpose
    return f"\\texttt{{{straight}}}"


def _table(table: Table) -> Iterator[str]:
    widths = [max(_signs(piece.text) for piece in column) for column in zip(*table.rows, strict=True)]
    shown = (
        len(widths) if sum(widths) <= _TABLE else len(widths) - 1
    )  # the last says what the lines below say too
    yield "\\begin{center}\\footnotesize"
    yield f"\\begin{{tabular}}{{{'l' * shown}}}"
    yield " & ".join(map(_heading, table.headings[:shown])) + " \\\\ \\hline\\noalign{\\smallskip}"
    for place, row in enumerate(table.rows):
        if place == table.place:
            yield f"\\dots{{}} {table.left_out} more \\\\"
        yield " & ".join(map(_piece, row[:shown])) + " \\\\"
    yield "\\end{tabular}"
    yield "\\end{center}"


def _heading(text: str) -> str:
    for words, formula in _HEADINGS.items():
        if words in text:
            return text.replace(words, formula)
    return _piece(Piece(text))


def _section(section: Section) -> Iterator[str]:
    yield f"\\par\\medskip\\noindent {_line(section.title)}:"
    rows: list[str] = []
    equations = [(equation, row) for equation in section.equations for row in _rows(equation)]
    widest = max((_signs(_left(each)) + _signs(_sides(row)) for each, row in equations), default=0)
    for place, equation in enumerate(section.equations):
        if place == section.place:
            rows.append(f"& \\text{{\\dots{{}} {section.left_out} more}}")
        rows += _equation(equation, widest)
    yield "\\begin{flalign*}"
    yield " \\\\\n".join(rows)
    yield "\\end{flalign*}"


def _equation(equation: Equation, widest: int) -> Iterator[str]:
    """Rows of sides, as many in a row as fit; what is to be said of them stands behind the widest row, or below."""
    left = _left(equation)
    for place, row in enumerate(_rows(equation)):
        sign = "= " if place or equation.left else ""
        text = f"{left if place == 0 else ''} & {sign}{_sides(row)}"
        notes = "; ".join(dict.fromkeys(_line(note) for side in row for note in side.notes))
        said = f"\\text{{\\footnotesize {notes}}}"
        if not notes:
            yield f"{text} &"
        elif widest + 3 * _signs(notes) // 5 <= _WIDE:
            yield f"{text} && {said} &"
        else:
            yield f"{text} &"
            yield f"& \\quad \\rlap{{\\footnotesize {notes}}} &"


def _left(equation: Equation) -> str:
    return (f"\\text{{{_line(equation.before)}: }} " if equation.before else "") + equation.left


def _sides(row: Sequence[Side]) -> str:
    return " = ".join(side.text for side in row)


def _rows(equation: Equation) -> Iterator[list[Side]]:
    """The sides that stand in one row: as many as fit, and no more once there is something to say."""
    row: list[Side] = []
    taken = _signs(equation.left)
    for side in equation.sides:
        if row and (row[-1].notes or taken + _signs(side.text) > _WIDE):
            yield row
            row, taken = [], _signs(equation.left)
        row.append(side)
        taken += _signs(side.text) + 2
    yield row


def _signs(text: str) -> int:
    """About how many signs are printed."""
    return len(_SIGN.findall(text))
