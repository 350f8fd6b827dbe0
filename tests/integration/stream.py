"""The stream under test: a Kafka of its own, the real worker processes, and a check of everything that came out."""

from __future__ import annotations

import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any

from tests.integration.articles import Input
from tests.reliability.harness.launch import command
from workers.cli.demo.tally import READ, Tally, outcome
from workers.embedded_kafka.broker import EmbeddedBroker
from workers.kafka import topic_admin
from workers.kafka.kafka_python import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from workers.outcomes import Outcome, Stage
from workers.settings import Settings
from workers.stream.faust_app import group_of
from workers.stream.worker import INPUT
from workers.supervisor import Child, Supervisor, worker_command
from workers.topics import RAW

slow_worker_command = command({"DRILL_SLOW": "0.01"})
"""A worker that takes its time over every message, so that a kill finds it with a backlog and a batch at hand."""


@dataclass
class Stream:
    """A running stream."""

    bootstrap: str
    supervisor: Supervisor
    log: Path
    tally: Tally = field(default_factory=Tally)
    values: defaultdict[tuple[str, bytes | None, str], Counter[bytes | None]] = field(
        default_factory=lambda: defaultdict(Counter)
    )

    def publish(self, inputs: Iterable[Input]) -> list[Input]:
        """Send the inputs, spread over the partitions; returns them."""
        from schemas import Origin

        producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all", linger_ms=20)
        # The client sends no value only under a key.
        sent = [(one, producer.send(RAW, one.value, b"a key" if one.value is None else None)) for one in inputs]
        producer.flush()
        for one, future in sent:
            place = future.get(timeout=30)
            self.tally.send(one.name, Origin(topic=RAW, partition=place.partition, offset=place.offset))
        producer.close()
        return [one for one, _ in sent]

    def read_until(
        self, done: Callable[[], bool], timeout: float, each_round: Callable[[], None] = lambda: None
    ) -> None:
        """Read every topic until the condition holds; fail with the end of the workers' log where it does not."""
        consumer = KafkaConsumer(
            *READ,
            bootstrap_servers=self.bootstrap,
            auto_offset_reset="earliest",
            group_id=None,
            enable_auto_commit=False,
        )
        try:
            deadline = time.monotonic() + timeout
            while not done():
                each_round()
                for records in consumer.poll(timeout_ms=200).values():
                    for record in records:
                        self._read(record)
                if time.monotonic() > deadline:
                    log = "\n".join(self.log.read_text().splitlines()[-40:])
                    raise AssertionError(f"{len(self.tally.missing)} missing after {timeout} s\n{log}")
        finally:
            consumer.close()

    def _read(self, record: Any) -> None:
        arrival = self.tally.take(record.topic, record.value, dict(record.headers))
        if arrival:
            self.values[record.topic, record.key, str(arrival.origin)][record.value] += 1

    def kill(self, stage: Stage) -> None:
        """kill -9 a worker of the stage."""
        for child in self.supervisor.children:
            if child.stage is stage and child.process:
                child.process.kill()
                return

    def committed(self) -> dict[Stage, tuple[int, int]]:
        """By stage, the sum of the committed offsets of its input and the sum of its end offsets."""
        found = {}
        client = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap)
        try:
            for stage, topic in INPUT.items():
                partitions = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
                ends = consumer.end_offsets(partitions)
                offsets = _offsets(client, group_of(stage))
                found[stage] = (sum(max(0, offsets.get(tp, 0)) for tp in partitions), sum(ends.values()))
        finally:
            client.close()
            consumer.close()
        return found

    def await_commits(self, timeout: float) -> None:
        """Return once every stage has committed its input to the end."""
        deadline = time.monotonic() + timeout
        while True:
            found = self.committed()
            if all(done == end for done, end in found.values()):
                return
            assert time.monotonic() < deadline, f"commits do not reach the end: {found}"
            time.sleep(0.5)

    def assert_each_in_exactly_one_outcome(self, inputs: Sequence[Input]) -> None:
        """Nothing is missing, nothing is in two outcomes, every outcome may be, and what came twice came alike."""
        assert self.tally.missing == []
        assert self.tally.ambiguous == []
        expected = {one.name: one.may_be for one in inputs}
        wrong = [
            name
            for origin, name in self.tally.names.items()
            if outcome(self.tally.arrived[origin][0]) not in expected[name]
        ]
        assert wrong == []
        unlike = [key for key, values in self.values.items() if len(values) > 1]
        assert unlike == [], "a redelivered message came out otherwise than the first time"

    @property
    def repeats(self) -> int:
        """How many messages came out more than once."""
        return sum(sum(values.values()) - 1 for values in self.values.values())

    def outcomes(self) -> Counter[Outcome]:
        """How many inputs came out in which way."""
        return Counter(outcome(arrivals[0]) for arrivals in self.tally.arrived.values())


def _offsets(client: Any, group: str) -> dict[Any, int]:
    groups = client.list_group_offsets([group])
    return {tp: found.offset for tp, found in groups[group].items()}


@contextmanager
def stream(
    settings: Settings, roles: Sequence[Stage] = tuple(Stage), command: Callable[[Child], list[str]] = worker_command
) -> Iterator[Stream]:
    """A stream with one process per entry in ``roles``, restarted when they fall, stopped at the end."""
    with ExitStack() as stack:
        broker = stack.enter_context(EmbeddedBroker())
        topic_admin.apply(settings, broker.bootstrap)
        log = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="copydesk-test-"))) / "workers.log"
        output = stack.enter_context(log.open("wb"))
        supervisor = Supervisor([Child(stage, 0) for stage in roles], broker.bootstrap, output, command)
        thread = Thread(target=supervisor.run, daemon=True)
        thread.start()

        def stop() -> None:
            supervisor.stopping.set()
            thread.join(120)

        stack.callback(stop)
        yield Stream(broker.bootstrap, supervisor, log)
