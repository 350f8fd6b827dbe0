"""The ``copydesk`` command line itself: finds the commands, loads them when they are called, and ends them well."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any

import click
from click.shell_completion import CompletionItem

from workers.cli import ending, streams


class Group(click.Group):
    """A group of commands that names the nearest one for a name that it does not know."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command and its arguments."""
        name, names = args[0], self.list_commands(ctx)
        if name not in names and name[:1].isalnum() and not ctx.resilient_parsing:
            nearest = get_close_matches(name.lower(), names, 1)
            hint = f"did you mean {nearest[0]}?" if nearest else f"there are {', '.join(names)}"
            ctx.fail(f"no such command: {name}; {hint}")
        return super().resolve_command(ctx, args)


class CommandLine(Group):
    """The group of all commands. It imports the module of a command when it is needed."""

    def __init__(self, *arguments: Any, summaries: Mapping[str, str], **options: Any) -> None:
        """Takes the commands by name, with the texts that ``--help`` lists."""
        super().__init__(*arguments, **options)
        self.debug = False
        self._summaries = summaries

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names in the order of the summaries."""
        return list(self._summaries)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command of that name; None if there is none."""
        if cmd_name not in self._summaries:
            return None
        command: click.Command = importlib.import_module(f"workers.cli.{cmd_name.replace('-', '_')}").command
        command.short_help = self._summaries[cmd_name]
        return command

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """The commands, without importing them, or the options that begin so."""
        if incomplete.startswith("-"):
            return super().shell_complete(ctx, incomplete)
        return [
            CompletionItem(name, help=text) for name, text in self._summaries.items() if name.startswith(incomplete)
        ]

    def invoke(self, ctx: click.Context) -> object:
        """Run the command. Ctrl-C leaves it as ``Interrupted``: click prints something of its own otherwise."""
        try:
            with ending.told_of_closed_pipes():
                return super().invoke(ctx)
        except KeyboardInterrupt:
            raise ending.Interrupted from None

    def make_context(self, *arguments: Any, **options: Any) -> click.Context:
        """Read the arguments; ``--help`` and ``--version`` print here."""
        with ending.told_of_closed_pipes():
            return super().make_context(*arguments, **options)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """The arguments of the command; whether to debug counts from here on."""
        rest = super().parse_args(ctx, args)
        self.debug = bool(ctx.params.pop("debug", False))
        return rest

    def main(self, *arguments: Any, standalone_mode: bool = True, **options: Any) -> Any:
        """Run a command and exit; whatever happens, at most one line on stderr says so."""
        options.setdefault("prog_name", self.name)
        run = partial(super().main, *arguments, standalone_mode=False, **options)
        if not standalone_mode:
            return run()
        self.debug = False
        streams.prepare()
        sys.exit(ending.exit_code_of(run, debug=lambda: self.debug))
