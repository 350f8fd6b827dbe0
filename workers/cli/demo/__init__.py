"""``copydesk demo``: runs the whole stream, from an empty machine to enriched articles, and shows what comes out."""

from __future__ import annotations

import shutil
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
from workers.cli.ending import Interrupted, interruptible
from workers.errors import StartRefusedError
from workers.files import display_name
from workers.files.articles import articles, refuse
from workers.reading.text import plural
from workers.settings import PLAINTEXT, Settings

if TYPE_CHECKING:
    from rich.console import Console

    from workers.cli.demo.tally import Arrival
    from workers.supervisor import Child, Supervisor

Record = tuple[str, bytes | None, Mapping[str, bytes]]
"""Topic, value and headers of a message."""

ARRIVAL_TIMEOUT = 120.0
"""Seconds without an arrival after which the demo stops waiting for missing articles."""
SEND_TIMEOUT = 30.0
"""Seconds to wait for Kafka's acknowledgement of an input."""
LOG_TAIL_LINES = 20
PLAIN_WIDTH = 100
"""Columns of the lines where stdout is no terminal."""


@click.command()
@click.argument("files", nargs=-1, type=click.Path())
@click.option("--save", type=click.Path(file_okay=False), help="Write the sample articles to this folder, and exit.")
def command(files: tuple[str, ...], save: str | None) -> None:
    """Run the whole stream on an embedded Kafka with sample articles, and show what comes out.

    With FILES, run it with the articles in them instead, read as by `copydesk process`. Nothing is left when it ends.

    \b
    Examples:
      copydesk demo
      copydesk demo crawl.jsonl
      copydesk demo --save articles

    The exit code is 0 if every article arrived with exactly one outcome, 1 if not, and 130 if Ctrl-C came before.
    """
    from workers.cli.demo.samples import samples
    from workers.files.finding import find

    if save is not None:
        if files:
            raise click.UsageError("--save writes the sample articles, so it takes no FILES")
        _save(save)
        return
    settings = load_settings()
    if settings.security_protocol != PLAINTEXT:
        raise StartRefusedError(
            f"COPYDESK_SECURITY_PROTOCOL={settings.security_protocol!r} does not apply to the demo, "
            "which runs an embedded Kafka: unset it"
        )
    inputs = (
        [(str(article), article.value) for article in articles(find(files, refuse))]
        if files
        else [(sample.name, sample.value) for sample in samples()]
    )
    with interruptible(lambda: "everything is stopped, and nothing is left behind"):
        code = Demo(settings, inputs, files).run()
    raise SystemExit(code)


class Demo:
    """One demonstration: a stream of its own, its inputs, and what became of them."""

    def __init__(self, settings: Settings, inputs: list[tuple[str, bytes]], files: tuple[str, ...] = ()) -> None:
        """Takes the inputs as pairs of a name and a raw message, and the files that they are from."""
        from workers.cli.demo.tally import Tally

        self.settings = settings
        self.inputs = inputs
        self.files = files
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
            is_interrupted = False
            try:
                self._watch(broker.bootstrap, supervisor)
            except KeyboardInterrupt:
                is_interrupted = True
            code = self._show_summary(is_interrupted=is_interrupted)
            show_progress("Stopping ...")
            if code and is_interrupted:
                raise Interrupted(f"{plural(len(self.tally.missing), 'article')} had not arrived")
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
        from workers.cli.demo.view import Lines, Screen

        console = _console()
        ports = [(child.stage, child.metrics_port) for child in supervisor.children]
        with Screen(self.tally, ports, console) if is_terminal() else Lines(self.tally, console.width) as view:
            yield view.show

    def _show_summary(self, *, is_interrupted: bool) -> int:
        """Print the summary, and return the exit code."""
        from workers.cli.demo.summary import summary

        console = _console()
        with console.capture() as shown:  # if the reader has ended, rich would end the demo with 1
            console.print(
                summary(self.tally, self.seconds_to_first_enriched, self.files, is_interrupted=is_interrupted)
            )
        click.echo(shown.get(), nl=False)
        return 1 if self.tally.missing or self.tally.ambiguous else 0


def _console() -> Console:
    """A console for text of strangers, as wide as the terminal."""
    from rich.console import Console

    width = shutil.get_terminal_size((PLAIN_WIDTH, 24)).columns
    return Console(width=width, markup=False, highlight=False, emoji=False)


def _save(folder: str) -> None:
    """Write each sample to a file in the folder, named so that they sort in the order of sending."""
    from workers.cli.demo.samples import samples

    Path(folder).mkdir(parents=True, exist_ok=True)
    for number, sample in enumerate(samples(), start=1):
        suffix = {b"{": "json", b"<": "html"}.get(sample.value[:1], "txt")
        Path(folder, f"{number:02}-{sample.name}.{suffix}").write_bytes(sample.value)
    click.echo(f"{len(samples())} articles written to {display_name(folder)}", err=True)


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
