"""Commands whose formula may begin with a minus, and that still know a misspelt option."""

from __future__ import annotations

import re

import click

from matcalc.patterns import regex

_OPTION = regex(r"(--?[A-Za-z][A-Za-z-]+|-[A-Za-z])(=.*)?\Z", re.DOTALL)
_ALIKE = 0.6


class FormulaCommand(click.Command):
    """A command with a formula, which may be ``-yᵀx``: what begins with a minus and is no option may be the formula.

    Where there is one word too many, or an option is missing, that word is called an unknown option.
    """

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments that are left; raises ``click.UsageError`` for those that can't be read."""
        given = list(args)
        try:
            return super().parse_args(ctx, args)
        except click.UsageError as problem:
            if isinstance(problem, click.MissingParameter) or type(problem) is click.UsageError:
                self._refuse_unknown(ctx, given)
            raise

    def _refuse_unknown(self, ctx: click.Context, args: list[str]) -> None:
        """Raise ``click.NoSuchOption`` for the first word that is meant as an option."""
        known = {
            name: isinstance(option, click.Option) and not option.is_flag
            for option in self.get_params(ctx)
            if isinstance(option, click.Option)
            for name in (*option.opts, *option.secondary_opts)
        }
        words: list[str] = []  # those that are neither known options nor their values
        rest = iter(args[: args.index("--")] if "--" in args else args)
        for word in rest:
            if known.get(word):
                next(rest, None)
            elif word.partition("=")[0] not in known:
                words.append(word)
        for place, word in enumerate(words):
            found = _OPTION.match(word)
            if found is None or len(words) == 1:
                continue  # the only one is the formula
            from difflib import get_close_matches  # slow to import

            nearest = get_close_matches("--" + found[1].lstrip("-"), known, 1, _ALIKE)
            if nearest or word.startswith("--") or place > 0:
                raise click.NoSuchOption(found[1], possibilities=nearest, ctx=ctx)
