"""``copydesk completion``: the script with which a shell completes commands and options."""

from __future__ import annotations

import click

from workers.cli import main

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell", metavar="SHELL", type=click.Choice(SHELLS))
def command(shell: str) -> None:
    """Print the script with which SHELL completes commands, options and their values.

    \b
    Add a line to the file that your shell reads at its start:
      bash  ~/.bashrc                        eval "$(copydesk completion bash)"
      zsh   ~/.zshrc, after compinit         eval "$(copydesk completion zsh)"
      fish  ~/.config/fish/config.fish       copydesk completion fish | source

    bash must be 4.4 or newer.
    """
    from click.shell_completion import get_completion_class

    scripts = get_completion_class(shell)
    assert scripts
    script = scripts(main, {}, "copydesk", "_COPYDESK_COMPLETE").source()
    # click's own script for fish cuts a help text at its first comma.
    click.echo(script.replace('string split ","', 'string split --max 1 ","'))
