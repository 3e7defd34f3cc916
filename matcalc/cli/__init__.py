"""The command `matcalc`: what a user types, what is printed where, and the exit status.

Results go to standard output, everything else to standard error.  Status 0: done, and no check failed; 1: a check
failed; 2: the input could not be used.  A broken pipe and Ctrl-C end with 141 and 130, as shells report them.
"""

from __future__ import annotations

import gc
import io
import os
import sys
from collections.abc import Iterator, Mapping
from importlib import import_module

import click

import matcalc
from matcalc.errors import MatcalcError

UNUSABLE, INTERRUPTED, BROKEN_PIPE = 2, 130, 141
_PLACES = {  # of the commands: the module and the function
    "grad": "grad.grad",
    "jacobian": "derivatives.jacobian",
    "hessian": "derivatives.hessian",
    "pullback": "derivatives.pullback",
    "hvp": "derivatives.hvp",
    "code": "code.code",
    "check": "check.check",
    "graph": "graph.graph",
    "eval": "graph.evaluate",
    "notes": "notes.notes",
    "rules": "tour.rules",
    "demo": "tour.demo",
    "completion": "completion.completion",
}


class _Imported(Mapping[str, click.Command]):
    """The commands by name, each imported when it is asked for."""

    def __getitem__(self, name: str) -> click.Command:
        module, function = _PLACES[name].split(".")
        command: click.Command = getattr(import_module(f"matcalc.cli.{module}"), function)
        return command

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


class Unusable(click.ClickException):
    """Input that could not be used, as one paragraph on standard error."""

    exit_code = UNUSABLE


class _Commands(click.Group):
    """Commands return their exit status; what goes wrong ends in one line, never in a traceback."""

    def invoke(self, ctx: click.Context) -> None:
        try:
            status = super().invoke(ctx)
            sys.stdout.flush()
        except MatcalcError as problem:
            raise Unusable(str(problem)) from None
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            status = BROKEN_PIPE
        except OSError as problem:
            raise Unusable(f"the result can't be written: {problem.strerror}") from None
        except KeyboardInterrupt:
            status = INTERRUPTED
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as mistake:
            raise Unusable(_apology(mistake)) from None
        ctx.exit(status or 0)


def _apology(mistake: Exception) -> str:
    """What to say about an error that matcalc should have foreseen."""
    import traceback

    frame = traceback.extract_tb(mistake.__traceback__)[-1]
    place = f"{os.path.basename(frame.filename)}, line {frame.lineno}"
    return f"this is a mistake in matcalc, please report it: {type(mistake).__name__}: {mistake} ({place})"


@click.group(cls=_Commands, commands=_Imported(), context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(matcalc.__version__, prog_name="matcalc", message="%(prog)s %(version)s")
def commands() -> None:
    """Derivatives of matrix expressions, with the steps that lead there and a numeric proof.

    \b
    Example:
      matcalc grad '‖WᵀWx − x‖²' --wrt W
    """


def main() -> None:
    """The entry point of the command line."""
    gc.disable()  # the process ends before there is anything worth looking for
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # more take NumPy longer to start than they ever save
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # formulas need UTF-8, whatever the locale says
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    commands(prog_name="matcalc")
