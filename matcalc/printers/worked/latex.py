"""A page as LaTeX that needs nothing but amsmath: a table in an array, equations in align*."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from matcalc.printers.worked.page import Equation, Page, Piece, Section, Table

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
    "'": "\\textquotesingle{}",
    "…": "\\dots{}",
    "—": "---",
}
_HEADINGS = {"f′": "$f'$", "δ": "$\\delta$", "activation f": "activation $f$", "input z": "input $z$"}


def latex(page: Page) -> str:
    """The page as LaTeX, to be put into a document that loads amsmath; the page's spelling must be ``latex``."""
    return "\n".join(_lines(page)) + "\n"


def _lines(page: Page) -> Iterator[str]:
    yield "% needs \\usepackage{amsmath}"
    yield f"\\paragraph{{{_line(page.title)}}}"
    if page.table is not None:
        yield from ([f"{_line(page.caption)}"] if page.caption else [])
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
    return f"\\texttt{{{escaped}}}" if piece.kind == "code" else escaped


def _table(table: Table) -> Iterator[str]:
    yield "\\begin{center}\\footnotesize"
    yield f"\\begin{{tabular}}{{{'l' * len(table.headings)}}}"
    yield " & ".join(map(_heading, table.headings)) + " \\\\ \\hline"
    for place, row in enumerate(table.rows):
        if place == table.place:
            yield f"\\dots{{}} {table.left_out} more \\\\"
        yield " & ".join(map(_piece, row)) + " \\\\"
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
    for place, equation in enumerate(section.equations):
        if place == section.place:
            rows.append(f"& \\text{{\\dots{{}} {section.left_out} more}}")
        rows += _equation(equation)
    yield "\\begin{align*}"
    yield " \\\\\n".join(rows)
    yield "\\end{align*}"


def _equation(equation: Equation) -> Iterator[str]:
    """A row for each side; what is to be said of it stands behind it."""
    before = f"\\text{{{_line(equation.before)}: }} " if equation.before else ""
    for place, side in enumerate(equation.sides):
        sign = "= " if place or equation.left else ""
        left = f"{before}{equation.left} " if place == 0 else ""
        notes = "; ".join(dict.fromkeys(map(_line, side.notes)))
        yield f"{left}& {sign}{side.text}" + (f" && \\text{{{notes}}}" if notes else "")
