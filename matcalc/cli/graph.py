"""`matcalc graph` and `matcalc eval`: a formula as a picture, and the numbers in it as a table."""

from __future__ import annotations

from collections.abc import Sequence

import click

from matcalc.cli.arguments import FormulaCommand
from matcalc.cli.options import SETTINGS, Request, reads_text
from matcalc.errors import MatcalcError
from matcalc.reading import Reading, read

_AT_HELP = "Numbers: 'x=-2, v=[1, 2], A=[1 2; 3 4]', or a file .npz of NumPy."
_MOST_DECIMALS = 15


@click.command(cls=FormulaCommand, context_settings=SETTINGS)
@reads_text
@click.option(
    "-o", "--output", metavar="FILE", required=True, help="A file .svg, .png, .pdf, .tex (TikZ) or .dot."
)
@click.option("--at", metavar="VALUES", help=_AT_HELP)
@click.option("--deltas", is_flag=True, help="The deltas under the nodes.")
@click.option("--wrt", metavar="NAME", help="The network that the layer table of this variable shows.")
def graph(request: Request, output: str, at: str | None, deltas: bool, wrt: str | None) -> int:
    """A picture of EXPR: its network of layers where it is one, else the graph of its operations.

    With --at each node has its value above it in green and its gradient below it in red.  Operands enter a node from
    top to bottom, and the uses of one variable have one colour.  .png and .pdf need matplotlib.

    \b
    Example:
      matcalc graph '(x + y)z' --at 'x=-2, y=5, z=-4' -o net.svg
    """
    from matcalc.pictures.making import MOST, MOST_IN_DOT, picture_for
    from matcalc.pictures.numbers import no_gradients
    from matcalc.pictures.point import arrays_at
    from matcalc.pictures.saving import check_ending, picture_file

    ending = check_ending(output)
    arrays = None if at is None else arrays_at(at)
    name = None if wrt == "all" else wrt
    reading = _read(request, arrays, [] if name is None else [name])
    picture = picture_for(reading, name, deltas, arrays, MOST_IN_DOT if ending == ".dot" else MOST)
    _write_notes(reading, None if arrays is None else no_gradients(reading))
    content = picture_file(picture, ending)
    try:
        with open(output, "wb") as file:
            file.write(content)
    except OSError as problem:
        raise MatcalcError(f"can't write the file `{output}`: {problem.strerror}") from None
    return 0


@click.command("eval", cls=FormulaCommand, context_settings=SETTINGS)
@reads_text
@click.option("--at", metavar="VALUES", required=True, help=_AT_HELP)
@click.option("--digits", default=2, show_default=True, metavar="N", help="Decimals.")
@click.option("--ascii", "plain", is_flag=True, help="A table in ASCII.")
@click.option("--json", "as_json", is_flag=True, help="The numbers with all digits, as JSON.")
def evaluate(request: Request, at: str, digits: int, plain: bool) -> int:
    """The value and the gradient of each node of EXPR, operands first: what the picture with --at shows.

    \b
    Example:
      matcalc eval '(x + y)z' --at 'x=-2, y=5, z=-4'
    """
    if not 0 <= digits <= _MOST_DECIMALS:
        raise click.BadParameter(f"0 to {_MOST_DECIMALS} decimals are printed", param_hint="--digits")
    from matcalc.pictures.numbers import no_gradients
    from matcalc.pictures.point import arrays_at
    from matcalc.pictures.table import value_table

    arrays = arrays_at(at)
    reading = _read(request, arrays)
    table = value_table(reading, arrays, digits)
    _write_notes(reading, no_gradients(reading))
    if request.form == "json":
        import json

        click.echo(json.dumps({"text": request.text, "nodes": table.as_dict()}, ensure_ascii=False, indent=2))
        return 0
    from matcalc.cli.tables import values_table

    click.echo(values_table(table.cells("ascii" if plain else "unicode"), plain))
    return 0


def _read(request: Request, arrays: dict[str, object] | None, names: Sequence[str] = ()) -> Reading:
    """The formula; variables without a declared shape have that of their array."""
    assumed = None
    if arrays is not None:
        from matcalc.evaluation import assumed_shapes

        assumed = assumed_shapes(arrays, request.shapes)
    return read(request.text, request.shapes, request.rules, assumed, names, request.assume)


def _write_notes(reading: Reading, more: str | None) -> None:
    for note in dict.fromkeys(reading.notes):
        click.echo(f"note: {note}", err=True)
    if more is not None:
        click.echo(f"note: {more}", err=True)
