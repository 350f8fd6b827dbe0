"""``copydesk topics``: lists, creates and checks the topics of the stream."""

from __future__ import annotations

import click

from workers.cli import load_settings
from workers.cli.command_line import Group
from workers.errors import StartRefusedError
from workers.settings import EMBEDDED, Settings

TOPICS_MATCH = "All topics match the expected configuration."


@click.group(cls=Group)
def command() -> None:
    """List, create and check the topics of the stream on the brokers in COPYDESK_BROKER.

    \b
    Examples:
      copydesk topics list
      COPYDESK_BROKER=kafka:9092 COPYDESK_REPLICATION=3 copydesk topics apply
      COPYDESK_BROKER=kafka:9092 copydesk topics check
    """


@command.command("list", short_help="List the topics that Copydesk needs.")
def list_topics() -> None:
    """List the topics that Copydesk needs, with partitions, configuration and content. Needs no broker.

    \b
    Example:
      COPYDESK_PARTITIONS=24 copydesk topics list
    """
    from workers.topics import topics

    for topic in topics(load_settings()):
        config = " ".join(f"{name}={value}" for name, value in topic.config.items())
        click.echo(f"{topic.name}: {topic.partitions} partitions, {config}")
        click.echo(f"    value: {topic.value}; key: {topic.key}; written by: {topic.written_by}")


@command.command(short_help="Create missing topics and report differences.")
@click.option("--alter", is_flag=True, help="Also change the configuration of existing topics that differ.")
def apply(alter: bool) -> None:
    """Create missing topics and report how existing ones differ from `copydesk topics list`.

    Existing topics are left unchanged unless --alter is given.

    \b
    Example:
      COPYDESK_BROKER=kafka:9092 copydesk topics apply --alter

    The exit code is 1 if a difference remains that would stop workers from starting, or if Kafka does not answer or
    refuses a topic, and 78 if a setting is wrong.
    """
    from workers.kafka import topic_admin

    values = _load_broker_settings()
    changes = topic_admin.apply(values, values.broker, alter=alter)
    for change in changes:
        click.echo(str(change))
    if not changes:
        click.echo(TOPICS_MATCH)
    if any(change.severity is topic_admin.Severity.ERROR for change in changes):
        raise SystemExit(1)


@command.command(short_help="Report differences without changing anything.")
def check() -> None:
    """Report how the topics differ from `copydesk topics list`, without changing anything.

    \b
    Example:
      COPYDESK_BROKER=kafka:9092 copydesk topics check

    The exit code is 1 if a difference would stop workers from starting, or if Kafka does not answer.
    """
    from workers.embedded_kafka.node_files import broker_address
    from workers.kafka import topic_admin

    values = load_settings()
    drifts = topic_admin.check(values, broker_address(values))
    for drift in drifts:
        click.echo(str(drift))
    if not drifts:
        click.echo(TOPICS_MATCH)
    if any(drift.severity is topic_admin.Severity.ERROR for drift in drifts):
        raise SystemExit(1)


def _load_broker_settings() -> Settings:
    values = load_settings()
    if values.broker == EMBEDDED:
        raise StartRefusedError(
            "COPYDESK_BROKER='embedded' is not allowed here: set it to host:port; "
            "`copydesk run` manages the topics of the embedded Kafka"
        )
    return values
