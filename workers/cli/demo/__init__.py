"""``copydesk demo``: runs the whole stream, from an empty machine to enriched articles, and shows what comes out."""

from __future__ import annotations

import signal
import socket
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from schemas import EnrichedArticle, Origin
from workers.cli import is_terminal, load_settings, show_progress
from workers.errors import StartRefusedError
from workers.files.articles import articles
from workers.settings import PLAINTEXT, Settings

if TYPE_CHECKING:
    from workers.cli.demo.tally import Arrival
    from workers.supervisor import Child, Supervisor

Record = tuple[str, bytes | None, Mapping[str, bytes]]
"""Topic, value and headers of a message."""

ARRIVAL_TIMEOUT = 120.0
"""Seconds without an arrival after which the demo stops waiting for missing articles."""
SEND_TIMEOUT = 30.0
"""Seconds to wait for Kafka's acknowledgement of an input."""
LOG_TAIL_LINES = 20


@click.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, allow_dash=True))
def command(files: tuple[str, ...]) -> None:
    """Run the whole stream on an embedded Kafka with sample articles, and show what comes out.

    With FILES, run it with the articles in them instead, read as by `copydesk process`.

    The exit code is 0 only if every article arrives with exactly one outcome.
    """
    from workers.cli.demo.samples import samples

    settings = load_settings()
    if settings.security_protocol != PLAINTEXT:
        raise StartRefusedError(
            f"COPYDESK_SECURITY_PROTOCOL={settings.security_protocol!r} does not apply to the demo, "
            "which runs an embedded Kafka: unset it"
        )
    inputs = (
        [(str(article), article.value) for article in articles(files)]
        if files
        else [(sample.name, sample.value) for sample in samples()]
    )
    raise SystemExit(Demo(settings, inputs).run())


class Demo:
    """One demonstration: a stream of its own, its inputs, and what became of them."""

    def __init__(self, settings: Settings, inputs: list[tuple[str, bytes]]) -> None:
        """Takes the inputs as pairs of a name and a raw message."""
        from workers.cli.demo.tally import Tally

        self.settings = settings
        self.inputs = inputs
        self.tally = Tally()
        self.started_at = time.monotonic()
        self.seconds_to_first_enriched: float | None = None

    def run(self) -> int:
        """Run the demo, and return its exit code: 0 if every input arrived with exactly one outcome, else 1."""
        from workers.embedded_kafka.broker import EmbeddedBroker
        from workers.kafka import topic_admin
        from workers.supervisor import Supervisor
        from workers.topics import largest

        # SIGTERM stops the demo as Ctrl-C does.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with ExitStack() as stack:
            show_progress("Starting Kafka ...")
            max_bytes = largest(self.settings)
            broker = stack.enter_context(EmbeddedBroker(None, show_progress, max_message_bytes=max_bytes))
            topic_admin.apply(self.settings, broker.bootstrap)
            log = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="copydesk-demo-"))) / "workers.log"
            output = stack.enter_context(log.open("wb"))
            supervisor = Supervisor(_children_on_free_ports(self.settings), broker.bootstrap, output)
            stack.callback(supervisor.stop)
            show_progress(f"Kafka is running at {broker.bootstrap}. Starting clean, dedupe and enrich ...")
            supervisor.poll()
            self._send_inputs(broker.bootstrap)
            try:
                self._watch(broker.bootstrap, supervisor)
            except KeyboardInterrupt:
                show_progress("Stopping ...")
            code = self._show_summary()
            if code:
                click.echo(f"\nThe last lines of the workers' log:\n{_tail(log)}", err=True)
        return code

    def _send_inputs(self, bootstrap: str) -> None:
        """Send the inputs one by one to one partition, so that dedupe sees an original before its copies."""
        from workers.kafka.kafka_python import KafkaProducer
        from workers.topics import RAW

        producer = KafkaProducer(
            bootstrap_servers=bootstrap, acks="all", linger_ms=20, max_request_size=self.settings.max_message_bytes
        )
        for name, value in self.inputs:
            metadata = producer.send(RAW, value, partition=0).get(timeout=SEND_TIMEOUT)
            self.tally.add_input(name, Origin(topic=RAW, partition=metadata.partition, offset=metadata.offset))
        producer.close()

    def _watch(self, bootstrap: str, supervisor: Supervisor) -> None:
        """Show arrivals until none is missing, or on a terminal until Ctrl-C; give up if they stop coming."""
        with self._view(supervisor) as show, _consumer(bootstrap) as poll:
            last_arrival_at = time.monotonic()
            while True:
                supervisor.poll()
                for topic, value, headers in poll():
                    arrival = self.tally.record(topic, value, headers)
                    if arrival is not None:
                        last_arrival_at = time.monotonic()
                        if isinstance(arrival, EnrichedArticle) and self.seconds_to_first_enriched is None:
                            self.seconds_to_first_enriched = last_arrival_at - self.started_at
                    show(arrival)
                show(None)
                if time.monotonic() - last_arrival_at > ARRIVAL_TIMEOUT:
                    return
                if not self.tally.missing and not is_terminal():
                    return

    @contextmanager
    def _view(self, supervisor: Supervisor) -> Iterator[Callable[[Arrival | None], None]]:
        """A function that shows an arrival, or with None refreshes the screen."""
        from workers.cli.demo.view import LiveView, plain_line

        if not is_terminal():
            yield lambda arrival: click.echo(plain_line(arrival, self.tally)) if arrival else None
            return
        with LiveView(self.tally, [(child.stage, child.metrics_port) for child in supervisor.children]) as view:
            yield view.show

    def _show_summary(self) -> int:
        """Print the summary, and return the exit code."""
        from workers.cli.demo.view import summary

        click.echo(summary(self.tally, self.seconds_to_first_enriched), nl=False)
        return 1 if self.tally.missing or self.tally.ambiguous else 0


@contextmanager
def _consumer(bootstrap: str) -> Iterator[Callable[[], Iterable[Record]]]:
    """A function that returns the next messages of the topics that the tally is made of."""
    from workers.cli.demo.tally import TALLIED_TOPICS
    from workers.kafka.kafka_python import KafkaConsumer

    consumer = KafkaConsumer(
        *TALLIED_TOPICS,
        bootstrap_servers=bootstrap,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        group_id=None,
        enable_auto_commit=False,
    )

    def poll() -> Iterable[Record]:
        for records in consumer.poll(timeout_ms=200).values():
            for record in records:
                yield record.topic, record.value, dict(record.headers)

    try:
        yield poll
    finally:
        consumer.close()


def _children_on_free_ports(settings: Settings) -> list[Child]:
    """The processes of all roles, with metrics ports that are free now."""
    from workers.supervisor import children_of

    children = children_of(settings)
    with ExitStack() as stack:
        for child in children:
            probe = stack.enter_context(socket.socket())
            probe.bind(("127.0.0.1", 0))
            child.metrics_port = probe.getsockname()[1]
    return children


def _tail(log: Path) -> str:
    return "\n".join(log.read_text("utf-8", "replace").splitlines()[-LOG_TAIL_LINES:])
