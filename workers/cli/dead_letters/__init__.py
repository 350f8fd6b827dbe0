"""``copydesk dead-letters``: lists, shows, exports and replays what was refused."""

from __future__ import annotations

import click

from workers.cli.command_line import Group
from workers.cli.dead_letters import looking, replaying


@click.group(cls=Group)
def command() -> None:
    """List, show, export and replay dead letters: messages that a stage refused, with the reason.

    \b
    Examples:
      copydesk dead-letters list --reason invalid_field
      copydesk dead-letters show news-dead-letters-0-17
      copydesk dead-letters replay news-dead-letters-0-17 --set language=en
      copydesk dead-letters replay --reason internal_error --dry-run

    The exit code is 1 if a letter is missing or cannot be sent back, or if Kafka does not answer.
    """


command.add_command(looking.list_letters)
command.add_command(looking.show)
command.add_command(looking.export)
command.add_command(replaying.replay)
