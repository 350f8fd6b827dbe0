"""The scene of a drill: a Kafka of its own, the real worker processes, a publisher and a watch."""

from __future__ import annotations

import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread
from typing import Any

from schemas import Origin
from tests.integration.articles import Input
from tests.reliability.history import History, Sample, read_topics
from tests.reliability.launch import behind_proxy, command, environment_of, free_port, ready
from tests.reliability.proxy import FaultProxy
from tests.reliability.watch import Watch
from workers import admin
from workers.app import INPUT
from workers.broker import EmbeddedBroker
from workers.outcomes import Stage
from workers.settings import Settings
from workers.supervisor import Child, Supervisor
from workers.topics import RAW, largest

# isort: split
from kafka import KafkaProducer

NO_MODEL = {"xx": "none"}
"""Entities by the lexicon alone: the drills are about messages, and a model takes its time to load."""


@dataclass
class Scene:
    """A running stream. ``direct`` is the broker's address for the drill itself, past the proxy."""

    settings: Settings
    broker: EmbeddedBroker
    supervisor: Supervisor
    watch: Watch
    home: Path
    proxy: FaultProxy | None = None
    sent: dict[Origin, bytes | None] = field(default_factory=dict)
    figures: dict[str, str] = field(default_factory=dict)
    publishing: Event = field(default_factory=Event)

    @property
    def log(self) -> str:
        """What the workers have said."""
        return (self.home / "workers.log").read_text(errors="replace")

    @property
    def progress(self) -> str:
        """How far each role has committed its input, and how much has come out."""
        last = self.watch.samples[-1] if self.watch.samples else Sample({}, {})
        roles = [
            f"{stage} {sum(at for (name, _), at in last.committed.items() if name == topic)}"
            f" of {sum(end for (name, _), end in last.ends.items() if name == topic)}"
            for stage, topic in INPUT.items()
        ]
        return f"committed: {', '.join(roles)}; came out: {len(self.watch.arrived)} of {len(self.sent)}"

    @property
    def last_words(self) -> str:
        """The end of the log, without the refusals that belong to it."""
        lines = [line for line in self.log.splitlines() if '"message":"refused"' not in line]
        return "\n".join(f"{line[:200]} … {line[-600:]}" if len(line) > 800 else line for line in lines[-15:])

    @property
    def deaths(self) -> Path:
        """The directory of the tokens by which rigged workers die."""
        return self.home / "deaths"

    def set_clock(self, offset: str) -> None:
        """Tell libfaketime, where workers run under it, by how much their clock is off (``+5d``)."""
        (fresh := self.home / "clock.new").write_text(f"{offset}\n")
        fresh.replace(self.home / "clock")

    def children(self, stage: Stage) -> list[Child]:
        """The workers of the stage that run."""
        return [child for child in self.supervisor.children if child.stage is stage and child.process]

    def signal(self, child: Child, number: signal.Signals) -> None:
        """Send the signal to the worker, if it runs."""
        if process := child.process:
            process.send_signal(number)

    def hire(self, stage: Stage) -> Child:
        """Another worker of the stage."""
        child = Child(stage, free_port())
        self.supervisor.children = [*self.supervisor.children, child]
        return child

    def dismiss(self, child: Child) -> None:
        """End the worker by SIGTERM, for good."""
        self.supervisor.children = [other for other in self.supervisor.children if other is not child]
        if process := child.process:
            process.terminate()
            assert process.wait(60) == 0, "a worker does not end in order on SIGTERM"
            if process.stdin:
                process.stdin.close()

    def publish(self, inputs: Iterable[Input]) -> None:
        """Send the inputs."""
        self._publish(self._producer(), inputs, None)

    def _producer(self) -> Any:
        return KafkaProducer(bootstrap_servers=self.broker.bootstrap, acks="all", linger_ms=20)

    def _publish(self, producer: Any, inputs: Iterable[Input], rate: float | None) -> None:
        """Send the inputs, so many a second if a rate is given, until they end or ``publishing`` is cleared."""
        began, futures = time.monotonic(), []
        for number, one in enumerate(inputs):
            if rate:
                if not self.publishing.is_set():
                    break
                time.sleep(max(0.0, began + number / rate - time.monotonic()))
            futures.append((one.value or b"", producer.send(RAW, one.value)))
        producer.flush(timeout=120)
        for value, future in futures:
            place = future.get(timeout=120)
            self.sent[Origin(topic=RAW, partition=place.partition, offset=place.offset)] = value
        producer.close()

    @contextmanager
    def load(self, inputs: Iterable[Input], rate: float) -> Iterator[None]:
        """Within: inputs are sent at the rate."""
        self.publishing.set()
        thread = Thread(target=self._publish, args=(self._producer(), inputs, rate), daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.publishing.clear()
            thread.join(150)

    def await_that(self, condition: Callable[[], object], seconds: float, what: str) -> float:
        """The seconds until the condition held; fail with the end of the workers' log where it does not."""
        began = time.monotonic()
        while not condition():
            if time.monotonic() - began > seconds:
                raise AssertionError(f"not within {seconds:g} s: {what}\n{self.progress}\n{self.last_words}")
            time.sleep(0.1)
        return time.monotonic() - began

    def await_arrivals(self, seconds: float) -> None:
        """Return once everything that was sent has come out."""
        self.await_that(
            lambda: len(self.watch.arrived) >= len(self.sent) and self.sent.keys() <= self.watch.arrived.keys(),
            seconds,
            f"all of {len(self.sent)} messages come out",
        )

    def await_ready(self, children: Sequence[Child], seconds: float = 60) -> float:
        """The seconds until all of these workers said that they take part."""
        return self.await_that(lambda: all(map(ready, children)), seconds, "the workers are ready")

    def await_successor(self, child: Child, fallen: subprocess.Popen[bytes]) -> None:
        """Return once the worker was started again."""
        self.await_that(lambda: child.process not in (None, fallen), 60, "a fallen worker is started again")

    def await_commits(self, seconds: float) -> None:
        """Return once every role has committed its input to the end.

        As nothing is committed before its outputs are there, that is the end of the run: the ends are read after the
        commits.
        """
        before = len(self.watch.samples)

        def done() -> bool:
            # The one under way may have begun before the last message was sent.
            if len(self.watch.samples) < before + 2:
                return False
            last = self.watch.samples[-1]
            inputs = {place: end for place, end in last.ends.items() if place[0] in INPUT.values()}
            return all(last.committed.get(place, 0) == end for place, end in inputs.items())

        self.await_that(done, seconds, "the commits reach the end")

    def end(self) -> History:
        """The history, once the workers are gone."""
        self.supervisor.stopping.set()
        for child in self.supervisor.children:
            self.signal(child, signal.SIGKILL)
        self.watch.stop()
        records = read_topics(self.broker.bootstrap, self.settings)
        return History(self.settings, self.sent, records, self.watch.samples)


@contextmanager
def scene(
    settings: Settings, roles: Sequence[Stage], environment: Mapping[str, str], *, proxied: bool = False
) -> Iterator[Scene]:
    """A stream with one worker per entry in ``roles``, restarted when they fall."""
    with ExitStack() as stack:
        home = Path(tempfile.mkdtemp(prefix="copydesk-drill-"))
        stack.callback(shutil.rmtree, home, ignore_errors=True)
        (home / "deaths").mkdir()
        (home / "clock").write_text("+0\n")
        proxy, properties = behind_proxy(home / "kafka") if proxied else (None, {})
        broker = EmbeddedBroker(home / "kafka", max_message_bytes=largest(settings), properties=properties)
        stack.enter_context(broker)
        if proxy:
            proxy.start()
            stack.callback(proxy.stop)
        admin.apply(settings, broker.bootstrap)
        output = stack.enter_context((home / "workers.log").open("ab"))
        places = {"DRILL_DEATHS": str(home / "deaths"), "FAKETIME_TIMESTAMP_FILE": str(home / "clock")}
        given = environment_of(settings) | places | dict(environment)
        bootstrap = f"127.0.0.1:{proxy.port}" if proxy else broker.bootstrap
        children = [Child(stage, free_port()) for stage in roles]
        supervisor = Supervisor(children, bootstrap, output, command(given))
        thread = Thread(target=supervisor.run, daemon=True)
        thread.start()

        def stop() -> None:
            supervisor.stopping.set()
            for child in supervisor.children:
                if child.process:
                    child.process.kill()
            thread.join(120)

        stack.callback(stop)
        watch = Watch(broker.bootstrap, settings)
        watch.start()
        stack.callback(watch.stop)
        yield Scene(settings, broker, supervisor, watch, home, proxy)
