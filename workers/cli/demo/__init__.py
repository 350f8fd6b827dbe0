"""``copydesk demo``: the whole stream, from an empty machine to enriched articles, in view."""

from __future__ import annotations

import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click

from schemas import EnrichedArticle, Origin
from workers.cli import is_terminal, progress, settings
from workers.cli.process import articles
from workers.errors import StartRefusedError
from workers.settings import PLAINTEXT, Settings

PATIENCE = 120.0
"""Seconds without an arrival after which the demo gives up on what is missing."""


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def command(files: tuple[str, ...]) -> None:
    """Run the whole stream on a Kafka of its own with sample articles, or with those in FILES, and show what comes out.

    The exit code is 0 only if every article arrived in exactly one outcome.
    """
    from workers.cli.demo.samples import samples

    values = settings()
    if values.security_protocol != PLAINTEXT:
        raise StartRefusedError(
            f"COPYDESK_SECURITY_PROTOCOL={values.security_protocol!r} is not for the demo, "
            "which runs on a Kafka of its own: leave it out"
        )
    inputs = list(articles(files)) if files else [(sample.name, sample.value) for sample in samples()]
    raise SystemExit(Demo(values, inputs).run())


class Demo:
    """One demonstration: a stream of its own, the inputs, and what became of them."""

    def __init__(self, values: Settings, inputs: list[tuple[str, bytes]]) -> None:
        from workers.cli.demo.tally import Tally

        self.settings = values
        self.inputs = inputs
        self.tally = Tally()
        self.began = time.monotonic()
        self.first_enriched: float | None = None

    def run(self) -> int:
        """The exit code: 0 if every input arrived in exactly one outcome."""
        from workers.embedded_kafka.broker import EmbeddedBroker
        from workers.kafka import topic_admin
        from workers.supervisor import Supervisor
        from workers.topics import largest

        # A second Ctrl-C while everything is being stopped must not leave half of it running.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with ExitStack() as stack:
            progress("Starting Kafka ...")
            broker = stack.enter_context(EmbeddedBroker(None, progress, max_message_bytes=largest(self.settings)))
            topic_admin.apply(self.settings, broker.bootstrap)
            log = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="copydesk-demo-"))) / "workers.log"
            output = stack.enter_context(log.open("wb"))
            supervisor = Supervisor(_children(self.settings), broker.bootstrap, output)
            stack.callback(supervisor.stop)
            progress(f"Kafka runs at {broker.bootstrap}; starting clean, dedupe and enrich ...")
            supervisor.tend()
            self._send(broker.bootstrap)
            try:
                self._watch(broker.bootstrap, supervisor)
            except KeyboardInterrupt:
                progress("Stopping ...")
            code = self._summary()
            if code:
                click.echo(f"\nThe workers' log ends:\n{_tail(log)}", err=True)
        return code

    def _send(self, bootstrap: str) -> None:
        from workers.kafka.kafka_python import KafkaProducer
        from workers.topics import RAW

        producer = KafkaProducer(
            bootstrap_servers=bootstrap, acks="all", linger_ms=20, max_request_size=self.settings.max_message_bytes
        )
        # In their order: one after the other into one partition, so that an original is seen before its copies.
        for name, value in self.inputs:
            sent = producer.send(RAW, value, partition=0).get(timeout=30)
            self.tally.send(name, Origin(topic=RAW, partition=sent.partition, offset=sent.offset))
        producer.close()

    def _watch(self, bootstrap: str, supervisor: Any) -> None:
        """Show what arrives until everything has; before a person, until Ctrl-C."""
        with self._view(supervisor) as show, _reader(bootstrap) as read:
            moved = time.monotonic()
            while True:
                supervisor.tend()
                for topic, value, headers in read():
                    arrival = self.tally.take(topic, value, headers)
                    if arrival is not None:
                        moved = time.monotonic()
                        if isinstance(arrival, EnrichedArticle) and self.first_enriched is None:
                            self.first_enriched = moved - self.began
                    show(arrival)
                show(None)
                if time.monotonic() - moved > PATIENCE:
                    return
                if not self.tally.missing and not is_terminal():
                    return

    @contextmanager
    def _view(self, supervisor: Any) -> Iterator[Callable[[Any], None]]:
        from workers.cli.demo.view import LiveView, plain_line

        if not is_terminal():
            yield lambda arrival: click.echo(plain_line(arrival, self.tally)) if arrival else None
            return
        with LiveView(self.tally, [(child.stage.value, child.metrics_port) for child in supervisor.children]) as view:
            yield view.show

    def _summary(self) -> int:
        from workers.cli.demo.view import summary

        click.echo(summary(self.tally, self.first_enriched), nl=False)
        return 1 if self.tally.missing or self.tally.ambiguous else 0


@contextmanager
def _reader(bootstrap: str) -> Iterator[Callable[[], Iterable[tuple[str, bytes | None, dict[str, bytes]]]]]:
    from workers.cli.demo.tally import READ
    from workers.kafka.kafka_python import KafkaConsumer

    consumer = KafkaConsumer(
        *READ, bootstrap_servers=bootstrap, auto_offset_reset="earliest", group_id=None, enable_auto_commit=False
    )

    def read() -> Iterable[tuple[str, bytes | None, dict[str, bytes]]]:
        for records in consumer.poll(timeout_ms=200).values():
            for record in records:
                yield record.topic, record.value, dict(record.headers)

    try:
        yield read
    finally:
        consumer.close()


def _children(values: Settings) -> list[Any]:
    """The processes of all roles, on ports that are free now."""
    from workers.supervisor import children_of

    children = children_of(values)
    with ExitStack() as stack:
        for child in children:
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            child.metrics_port = probe.getsockname()[1]
    return children


def _tail(log: Path, lines: int = 20) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-lines:])
