"""``copydesk topics``: the topics of the stream, created and checked."""

from __future__ import annotations

import click

from workers.cli import settings
from workers.errors import StartRefusedError
from workers.settings import EMBEDDED, Settings


@click.group()
def command() -> None:
    """Create and check the topics of the stream on the brokers of COPYDESK_BROKER."""


@command.command("list")
def list_topics() -> None:
    """Show the table of topics under the present settings."""
    from workers.topics import topics

    for topic in topics(settings()):
        config = " ".join(f"{name}={value}" for name, value in topic.config.items())
        click.echo(f"{topic.name}: {topic.partitions} partitions, {config}")
        click.echo(f"    {topic.value} by {topic.key}, written by {topic.written_by}")


@command.command()
@click.option("--alter", is_flag=True, help="Also put right the settings of topics that differ from the table.")
def apply(alter: bool) -> None:
    """Create what is missing and report what differs; changes nothing that is there without --alter."""
    from workers.kafka import topic_admin

    values = _with_broker()
    changes = topic_admin.apply(values, values.broker, alter=alter)
    for change in changes:
        click.echo(str(change))
    if not changes:
        click.echo("Every topic is as it should be.")


@command.command()
def check() -> None:
    """Report what differs from the table; the exit code is 1 if workers could not run."""
    from workers.kafka import topic_admin

    values = _with_broker()
    drifts = topic_admin.check(values, values.broker)
    for drift in drifts:
        click.echo(str(drift))
    if not drifts:
        click.echo("Every topic is as it should be.")
    if any(drift.severity is topic_admin.Severity.ERROR for drift in drifts):
        raise SystemExit(1)


def _with_broker() -> Settings:
    values = settings()
    if values.broker == EMBEDDED:
        raise StartRefusedError(
            "COPYDESK_BROKER='embedded': `copydesk run` applies the topics of its own Kafka; give host:port"
        )
    return values
