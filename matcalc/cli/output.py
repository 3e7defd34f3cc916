"""What `matcalc` prints: formulas with their shapes and verdicts, sources, JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from matcalc.cli.options import StepsAsked
from matcalc.derivation import Derivation
from matcalc.graph.node import Size
from matcalc.language.names import canonical
from matcalc.printers.shapes import shape_text
from matcalc.printers.text import SPELLINGS

if TYPE_CHECKING:
    from matcalc.verification.report import CheckReport

Result = tuple[Derivation, "CheckReport | None"]

_CHECK = ("ok", "error", "points", "order", "method", "reason")
_COLUMN = 46  # where the shapes stand beside a formula that leaves room
_WIDTH = 100  # a longer formula has its definitions on lines of their own
_MOST = 12  # uses of a variable whose contributions are shown without --steps


def write_notes(derivations: Iterable[Derivation]) -> None:
    """How the formula was read, on standard error, each note once."""
    for note in dict.fromkeys(note for derivation in derivations for note in derivation.notes):
        click.echo(f"note: {note}", err=True)


def write_formulas(
    derivations: list[Derivation],
    reports: Iterator[CheckReport | None],
    spelling: str,
    steps: StepsAsked,
    inline: bool = False,
) -> list[CheckReport | None]:
    """Each formula with its verdict, the shapes beside the first; then the steps.  Gives the verdicts.

    A report is asked for when its formula is printed already, as the check takes longer.
    """
    found = []
    beside = _shapes(derivations, spelling)
    for derivation in derivations:
        first, *rest = _formula(derivation, spelling, inline).split("\n")
        lines = [f"{first:<{_COLUMN}}  {beside}" if beside else first, *rest]
        beside = ""
        _print("\n".join(lines), spelling)
        report = next(reports)
        found.append(report)
        lines = [] if report is None else [str(report)]
        if derivation.names and derivation.kind == "gradient" and not steps.wanted:
            lines += _contributions(derivation, spelling)
        if lines:
            _print("\n".join(lines), spelling)
    if steps.wanted:
        from matcalc.cli.steps import write_steps

        for derivation in derivations:
            click.echo()
            write_steps(derivation, spelling, steps.verbose)
    return found


def _contributions(derivation: Derivation, spelling: str) -> list[str]:
    """What each use of a weight that several lines share gives; the first ones where there are many."""
    from matcalc.steps.shares import uses

    if uses(derivation) < 2:
        return []
    shares = derivation.contributions
    part = derivation.written(spelling).part
    name = SPELLINGS[spelling].name(str(derivation.variable.data))
    lines = [f"{name} is used {len(shares)} times:"]
    for share in shares[:_MOST]:
        place = ", ".join(map(SPELLINGS[spelling].name, share.places)) or "the last line"
        lines.append(f"  {place} gives {part(share.named)}")
    if len(shares) > _MOST:
        lines.append(f"  and {len(shares) - _MOST} more")
    return lines


def write_source(results: list[Result], form: str, steps: StepsAsked, inline: bool = False) -> None:
    """LaTeX or SymPy source alone on standard output, so that it can be piped; the rest on standard error."""
    for derivation, report in results:
        if form == "latex":
            click.echo(derivation.latex(inline))
        else:
            from matcalc.printers.sympy_source import source_of

            click.echo(source_of(derivation.sympy))
        if report is not None:
            click.echo(str(report), err=True)
        if steps.wanted:
            from matcalc.cli.steps import write_steps

            write_steps(derivation, "unicode", steps.verbose, err=True)


def write_paper(results: list[Result]) -> None:
    """A LaTeX document on standard output; the verdicts also on standard error."""
    from matcalc.notes.paper import paper

    click.echo(paper(results), nl=False)
    for _, report in results:
        if report is not None:
            click.echo(str(report), err=True)


def write_json(text: str, results: list[Result], steps: StepsAsked, inline: bool = False) -> None:
    """One object; the README documents its fields."""
    import json

    derivatives = [_as_data(derivation, report, steps, inline) for derivation, report in results]
    click.echo(json.dumps({"text": text, "derivatives": derivatives}, ensure_ascii=False, indent=2))


def _as_data(
    derivation: Derivation, report: CheckReport | None, steps: StepsAsked, inline: bool
) -> dict[str, Any]:
    data: dict[str, Any] = {
        "kind": derivation.kind,
        "wrt": derivation.wrt,
        "shape": derivation.shape,
        "formula": {
            "unicode": derivation.unicode(inline),
            "ascii": derivation.ascii(inline),
            "latex": derivation.latex(inline),
        },
        "shapes": derivation.shapes,
        "notes": derivation.notes,
        "check": None if report is None else {field: getattr(report, field) for field in _CHECK},
    }
    if derivation.names and derivation.kind == "gradient":
        data["contributions"] = [
            {"in": share.places, "unicode": share.unicode(), "ascii": share.ascii(), "latex": share.latex()}
            for share in derivation.contributions
        ]
    if steps.wanted:
        data["steps"] = derivation.steps.as_dict()
    return data


def _formula(derivation: Derivation, spelling: str, inline: bool) -> str:
    """The formula, on several lines where it defines names and is long."""
    sign = f"{derivation.head(spelling)} = "
    return sign + derivation.written(spelling, inline, headed=True).lines(_WIDTH - len(sign))


def _shapes(derivations: Iterable[Derivation], spelling: str) -> str:
    """``W: k×n, S: n×n symmetric, γ: scalar``, which --shape reads."""
    assumed = {name: each.reading.structures for each in derivations for name in each.shapes}
    shapes = {name: shape for derivation in derivations for name, shape in derivation.shapes.items()}

    def declared(name: str, shape: Sequence[Size]) -> str:
        known = canonical(name) or name
        words = (shape_text(shape, spelling), assumed[name].words(known))
        return f"{SPELLINGS[spelling].name(known)}: {' '.join(filter(None, words))}"

    return ", ".join(declared(name, shape) for name, shape in shapes.items())


def _print(text: str, spelling: str) -> None:
    """A line on standard output; in ASCII nothing but ASCII."""
    if spelling == "ascii":
        from matcalc.printers.escaping import ascii_text

        text = ascii_text(text)
    click.echo(text)
