"""`matcalc completion`: the script that completes commands and options in a shell."""

from __future__ import annotations

import click


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> int:
    """The script with which SHELL completes matcalc's commands and options.

    \b
    Example:
      eval "$(matcalc completion bash)"    # in ~/.bashrc; likewise zsh in ~/.zshrc
      matcalc completion fish > ~/.config/fish/completions/matcalc.fish
    """
    from click.shell_completion import get_completion_class

    found = get_completion_class(shell)
    assert found is not None  # click knows these three
    click.echo(found(ctx.find_root().command, {}, "matcalc", "_MATCALC_COMPLETE").source())
    return 0
