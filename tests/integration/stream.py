"""The stream under test: fresh topics, real worker processes, and a check of everything that comes out."""

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
from tests.integration.support import recreate_topics
from tests.reliability.harness.launch import command
from workers.cli.demo.tally import TALLIED_TOPICS, Tally, outcome
from workers.kafka.kafka_python import KafkaAdminClient, KafkaConsumer, KafkaProducer, TopicPartition
from workers.outcomes import Outcome, Stage
from workers.settings import Settings
from workers.stages import STAGES, group_of
from workers.supervisor import Child, Supervisor, worker_command
from workers.topics import RAW

slow_worker_command = command({"DRILL_SLOW": "0.01"})
"""The command of a worker that is slow with every message, so that a kill hits it in a batch and with a backlog."""


@dataclass
class Stream:
    """A running stream.

    Attributes:
        bootstrap: Kafka's address.
        supervisor: runs the workers.
        log: the workers' log.
        tally: what was sent, and what came out of it.
        values: how often each value came out, by topic, key and origin of the message.
    """

    bootstrap: str
    supervisor: Supervisor
    log: Path
    tally: Tally = field(default_factory=Tally)
    values: defaultdict[tuple[str, bytes | None, str], Counter[bytes | None]] = field(
        default_factory=lambda: defaultdict(Counter)
    )

    def publish(self, inputs: Iterable[Input]) -> list[Input]:
        """Send the inputs, spread over the partitions; return them."""
        from schemas import Origin

        producer = KafkaProducer(bootstrap_servers=self.bootstrap, acks="all", linger_ms=20)
        # kafka-python sends a message without a value only if it has a key.
        sent = [(item, producer.send(RAW, item.value, b"a key" if item.value is None else None)) for item in inputs]
        producer.flush()
        for item, future in sent:
            metadata = future.get(timeout=30)
            self.tally.add_input(item.name, Origin(topic=RAW, partition=metadata.partition, offset=metadata.offset))
        producer.close()
        return [item for item, _ in sent]

    def read_until(
        self, done: Callable[[], bool], timeout: float, each_round: Callable[[], None] = lambda: None
    ) -> None:
        """Read every topic until the condition holds; fail with the end of the workers' log after the timeout."""
        consumer = KafkaConsumer(
            *TALLIED_TOPICS,
            bootstrap_servers=self.bootstrap,
            auto_offset_reset="earliest",
            isolation_level="read_committed",
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
        arrival = self.tally.record(record.topic, record.value, dict(record.headers))
        if arrival:
            self.values[record.topic, record.key, str(arrival.origin)][record.value] += 1

    def kill(self, stage: Stage) -> None:
        """Kill a worker of the stage with SIGKILL."""
        for child in self.supervisor.children:
            if child.stage == stage and child.process:
                child.process.kill()
                return

    def committed(self) -> dict[str, tuple[int, int]]:
        """For each stage, the sums over its input's partitions: committed offsets, and end offsets."""
        sums = {}
        client = KafkaAdminClient(bootstrap_servers=self.bootstrap)
        consumer = KafkaConsumer(bootstrap_servers=self.bootstrap, isolation_level="read_committed")
        try:
            for stage, topic in ((spec.name, spec.input_topic) for spec in STAGES.values()):
                partitions = [TopicPartition(topic, p) for p in consumer.partitions_for_topic(topic) or ()]
                ends = consumer.end_offsets(partitions)
                offsets = _offsets(client, group_of(stage))
                sums[stage] = (sum(max(0, offsets.get(tp, 0)) for tp in partitions), sum(ends.values()))
        finally:
            client.close()
            consumer.close()
        return sums

    def await_commits(self, timeout: float) -> None:
        """Wait until every stage has committed its input up to the end."""
        deadline = time.monotonic() + timeout
        while True:
            sums = self.committed()
            if all(committed == end for committed, end in sums.values()):
                return
            assert time.monotonic() < deadline, f"commits do not reach the end: {sums}"
            time.sleep(0.5)

    def assert_each_in_exactly_one_outcome(self, inputs: Sequence[Input]) -> None:
        """Check that each input has exactly one, allowed outcome, and that messages that came twice are identical."""
        assert self.tally.missing == []
        assert self.tally.ambiguous == []
        allowed = {item.name: item.allowed for item in inputs}
        wrong = [
            name
            for origin, name in self.tally.names.items()
            if outcome(self.tally.arrived[origin][0]) not in allowed[name]
        ]
        assert wrong == []
        differing = [key for key, values in self.values.items() if len(values) > 1]
        assert differing == [], "a redelivered message came out different from the first time"

    @property
    def repeats(self) -> int:
        """How many messages came out again after the first time."""
        return sum(sum(values.values()) - 1 for values in self.values.values())

    def outcomes(self) -> Counter[Outcome]:
        """How many inputs had each outcome."""
        return Counter(outcome(arrivals[0]) for arrivals in self.tally.arrived.values())


def _offsets(client: Any, group: str) -> dict[Any, int]:
    committed = client.list_group_offsets([group])[group]
    return {tp: offset.offset for tp, offset in committed.items()}


@contextmanager
def stream(
    bootstrap: str,
    settings: Settings,
    stages: Sequence[Stage] = tuple(Stage),
    command: Callable[[Child], list[str]] = worker_command,
) -> Iterator[Stream]:
    """A stream with fresh topics and one process per entry in ``stages``; they are restarted if they crash.

    The names of the topics are fixed, so a broker can serve one stream at a time.
    """
    with ExitStack() as stack:
        recreate_topics(bootstrap, settings)
        log = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="copydesk-test-"))) / "workers.log"
        output = stack.enter_context(log.open("wb"))
        supervisor = Supervisor([Child(stage, 0) for stage in stages], bootstrap, output, command)
        thread = Thread(target=supervisor.run, daemon=True)
        thread.start()

        def stop() -> None:
            supervisor.stopping.set()
            thread.join(120)

        stack.callback(stop)
        yield Stream(bootstrap, supervisor, log)
