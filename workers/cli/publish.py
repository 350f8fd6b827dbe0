"""``copydesk publish``: articles into the stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import click

from workers.cli import Refused, settings
from workers.cli.process import articles
from workers.settings import EMBEDDED, Settings


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def command(files: tuple[str, ...]) -> None:
    """Send the articles in FILES (as for `copydesk process`; without FILES, stdin) to the topic of raw articles."""
    from workers.broker import running_at

    values = settings()
    bootstrap: str | None = values.broker
    if values.broker == EMBEDDED:
        bootstrap = running_at(values.data_dir / "kafka")
        if bootstrap is None:
            raise Refused("no embedded Kafka runs here: start `copydesk run` first, or name one in COPYDESK_BROKER")
    assert bootstrap is not None
    refused: list[str] = []
    sent = send((value for _, value in articles(files or ("-",))), values, bootstrap, refused.append)
    for problem in refused:
        click.echo(f"copydesk: not sent: {problem}", err=True)
    click.echo(f"{sent} sent to {bootstrap}")
    if refused:
        raise SystemExit(1)


def send(values: Iterable[bytes], settings: Settings, bootstrap: str, refuse: Callable[[str], None]) -> int:
    """How many of the raw messages the broker has taken; ``refuse`` is told of each that it has not.

    Raises:
        click.ClickException: no broker answers.
    """
    from workers.admin import BrokerUnreachable, wait_ready  # first: it knows about kafka-python's warnings
    from workers.connection import client_options
    from workers.topics import RAW

    # isort: split
    from kafka import KafkaProducer
    from kafka.errors import KafkaError

    try:
        wait_ready(bootstrap, settings=settings)
        producer = KafkaProducer(
            bootstrap_servers=bootstrap.split(","),
            acks="all",
            linger_ms=20,
            max_request_size=settings.max_message_bytes,
            **client_options(settings),
        )
    except BrokerUnreachable as error:
        raise click.ClickException(str(error)) from None
    except KafkaError as error:
        raise click.ClickException(f"no Kafka answers at {bootstrap}: {error}") from None
    pending: list[tuple[int, Any]] = []
    for number, value in enumerate(values, start=1):
        try:
            pending.append((number, producer.send(RAW, value)))
        except KafkaError as error:
            refuse(f"article {number} ({len(value)} bytes): {error}")
    producer.flush()
    sent = 0
    for number, future in pending:
        try:
            future.get(timeout=60)
            sent += 1
        except KafkaError as error:
            refuse(f"article {number}: {error}")
    producer.close()
    return sent
