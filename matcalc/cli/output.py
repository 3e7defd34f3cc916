"""What `matcalc` prints: formulas with their shapes and verdicts, sources, JSON."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from matcalc.derivation import Derivation
from matcalc.graph.node import Size
from matcalc.graph.sizes import is_made, spelled
from matcalc.language.names import ascii_name, canonical, unicode_name

if TYPE_CHECKING:
    from matcalc.check.report import CheckReport

Result = tuple[Derivation, "CheckReport | None"]

_CHECK = ("ok", "error", "points", "order", "method", "reason")
_COLUMN = 46  # where the shapes stand beside a formula that leaves room


def write_notes(derivations: Iterable[Derivation]) -> None:
    """How the formula was read, on standard error, each note once."""
    for note in dict.fromkeys(note for derivation in derivations for note in derivation.notes):
        click.echo(f"note: {note}", err=True)


def write_formulas(results: list[Result], spelling: str, steps: bool) -> None:
    """Each formula with its verdict, the shapes beside the first; then the layer tables."""
    beside = _shapes([derivation for derivation, _ in results], spelling)
    for derivation, report in results:
        line = _formula(derivation, spelling)
        _print(f"{line:<{_COLUMN}}  {beside}" if beside else line, spelling)
        beside = ""
        if report is not None:
            _print(str(report), spelling)
    if steps:
        for derivation, _ in results:
            click.echo()
            _print(_table(derivation, spelling), spelling)


def write_source(results: list[Result], form: str, steps: bool) -> None:
    """LaTeX or SymPy source alone on standard output, so that it can be piped; the rest on standard error."""
    for derivation, report in results:
        if form == "latex":
            click.echo(derivation.latex())
        else:
            from matcalc.printers.sympy_source import sympy_source

            click.echo(sympy_source(derivation.result, derivation.reading))
        if report is not None:
            click.echo(str(report), err=True)
        if steps:
            click.echo(_table(derivation, "unicode"), err=True)


def write_json(text: str, results: list[Result], steps: bool) -> None:
    """One object; the README documents its fields."""
    import json

    derivatives = [_as_data(derivation, report, steps) for derivation, report in results]
    click.echo(json.dumps({"text": text, "derivatives": derivatives}, ensure_ascii=False, indent=2))


def _as_data(derivation: Derivation, report: CheckReport | None, steps: bool) -> dict[str, Any]:
    data: dict[str, Any] = {
        "kind": derivation.kind,
        "wrt": derivation.wrt,
        "shape": derivation.shape,
        "formula": {
            "unicode": derivation.unicode(),
            "ascii": derivation.ascii(),
            "latex": derivation.latex(),
        },
        "shapes": derivation.shapes,
        "notes": derivation.notes,
        "check": None if report is None else {field: getattr(report, field) for field in _CHECK},
    }
    if steps:
        data["steps"] = derivation.steps.as_dict()
    return data


def _formula(derivation: Derivation, spelling: str) -> str:
    name = str(derivation.variable.data)
    if spelling == "ascii":
        return f"grad {ascii_name(name)} = {derivation.ascii()}"
    return f"∇{unicode_name(name)} = {derivation.unicode()}"


def _shapes(derivations: Iterable[Derivation], spelling: str) -> str:
    """``W: k×n, x: n, γ: scalar``, which --shape reads."""
    shapes = {name: shape for derivation in derivations for name, shape in derivation.shapes.items()}
    spell = ascii_name if spelling == "ascii" else unicode_name
    times = " x " if spelling == "ascii" else "×"

    def size(value: Size) -> str:
        return spell(value) if isinstance(value, str) and not is_made(value) else spelled(value)

    return ", ".join(
        f"{spell(canonical(name) or name)}: {times.join(map(size, shape)) or 'scalar'}"
        for name, shape in shapes.items()
    )


def _table(derivation: Derivation, spelling: str) -> str:
    """The layer table; as wide as it needs to be where no terminal sets a limit."""
    from matcalc.cli.tables import rendered
    from matcalc.printers.steps import render

    encoding = "ascii" if spelling == "ascii" else "utf-8"
    return rendered(render(derivation.steps, spelling), encoding)


def _print(text: str, spelling: str) -> None:
    """A line on standard output; in ASCII nothing but ASCII."""
    if spelling == "ascii":
        text = text.replace("×", "x").encode("ascii", "backslashreplace").decode()
    click.echo(text)
