"""Workers in Faust's test context: what they read, what they pass to the runner, and when they acknowledge."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import sys
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.structs import ConsumerRecord
from faust.types import TP

from schemas import CleanArticle, UniqueArticle, decode, encode, fields_of
from tests.dedupe.support import PARAGRAPHS, article
from workers import topics
from workers.dedupe import Ledger
from workers.handlers import DedupeStage, clean_stage
from workers.in_process import InProcessStream
from workers.messages import Handler, Message, Output, Result
from workers.observability.health import Health
from workers.observability.metrics import Metrics
from workers.outcomes import ExitCode, Outcome, Stage
from workers.settings import Settings
from workers.stages import STAGES, StageContext, StageSpec, per_batch, per_message
from workers.stream.build import build_worker
from workers.stream.faust_fixes import Consumer
from workers.stream.runner import Runner
from workers.stream.worker import StageWorker, message_of

SETTINGS = Settings(models={})
HEADERS = {"trace": b"7"}


class Broker:
    """A fake broker that acknowledges nothing until ``open`` is set."""

    def __init__(self) -> None:
        self.sent: list[Output] = []
        self.open = asyncio.Event()

    async def __call__(self, output: Output) -> Awaitable[object]:
        self.sent.append(output)
        return self.open.wait()


class LoadedLedgers:
    """A fake ledger manager whose ledgers are always current."""

    def __init__(self) -> None:
        self.committed: list[Mapping[int, int]] = []

    async def ensure_current(self, committed: Mapping[int, int]) -> None:
        self.committed.append(committed)

    def tombstones(self, committed: dict[int, int]) -> list[Output]:
        return [Output(topics.LEDGER, b"news-raw/0/0", None, partition) for partition in committed]


class Offsets:
    """Fake metadata of committed offsets."""

    def __init__(self) -> None:
        self.found: dict[TP, str] = {}
        self.committed: list[tuple[int, int, str]] = []

    async def fetch_metadata(self, partitions: Collection[TP]) -> Mapping[TP, str]:
        return self.found

    async def commit_with_metadata(self, offsets: Mapping[TP, tuple[int, str]]) -> None:
        self.committed += [(tp.partition, *each) for tp, each in offsets.items()]


def build(stage: StageSpec) -> StageWorker:
    worker = build_worker(stage, SETTINGS, "localhost:1", {}, metrics=Metrics(), health=Health())
    offsets = Offsets()
    worker.crash_guard.metadata = lambda: offsets
    return worker


def worker_with(stage: str | StageSpec, handler: Handler, broker: Broker) -> StageWorker:
    """A worker of the stage whose runner uses the handler and sends to the fake broker."""
    spec = stage if isinstance(stage, StageSpec) else STAGES[stage]
    worker = build(spec)
    table = {topic.name: topic for topic in topics.topics(SETTINGS)}
    worker.runner = Runner(spec.name, handler, broker, table, Metrics())
    return worker


def agent_of(worker: StageWorker) -> Any:
    (agent,) = worker.app.agents.values()
    return agent


def run_scenario(scenario: Callable[[Broker], Awaitable[None]]) -> None:
    async def run() -> None:
        await scenario(Broker())

    asyncio.run(run())


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("stage", list(Stage))
def test_a_worker_has_one_agent_that_reads_only_its_stage_s_topic(stage: Stage) -> None:
    async def scenario(broker: Broker) -> None:
        worker = build(STAGES[stage])
        agent = agent_of(worker)
        assert list(agent.channel.topics) == [STAGES[stage].input_topic]
        assert agent.concurrency == 1
        assert worker.app.conf.id == f"copydesk-{stage}"
        assert not worker.app.conf.web_enabled
        assert not worker.app.tables
        assert (worker.ledgers is not None) == (stage is Stage.DEDUPE)

    run_scenario(scenario)


def test_the_flow_stays_stopped_until_a_rebalance_ends() -> None:
    class Consumer:
        flows = True

        def stop_flow(self) -> None:
            self.flows = False

    async def scenario(broker: Broker) -> None:
        worker = build(STAGES[Stage.CLEAN])
        worker.app.consumer = consumer = Consumer()
        await worker.app.on_rebalance_complete.send()
        assert not consumer.flows

    run_scenario(scenario)


def test_a_message_reaches_the_stage_unchanged_and_is_acknowledged_after_its_outputs() -> None:
    seen: list[Message] = []
    handle = clean_stage(SETTINGS)

    def record_and_handle(message: Message) -> Result:
        seen.append(message)
        return handle(message)

    async def scenario(broker: Broker) -> None:
        worker = worker_with(Stage.CLEAN, per_message(record_and_handle), broker)
        async with agent_of(worker).test_context() as agent:
            event = await agent.put(PARAGRAPHS[0].encode(), key=b"k", partition=3, headers=HEADERS, timestamp=5250)
            await until(lambda: broker.sent)
            await asyncio.sleep(0.05)
            assert not event.message.acked
            broker.open.set()
            await until(lambda: event.message.acked)
        (message,) = seen
        assert message == Message(topics.RAW, 3, 0, 5_250, PARAGRAPHS[0].encode(), b"k", tuple(HEADERS.items()))
        assert [output.topic for output in broker.sent] == [topics.CLEAN]
        assert decode(broker.sent[0].value or b"", CleanArticle).body == PARAGRAPHS[0]

    run_scenario(scenario)


@pytest.mark.parametrize("timestamp", [None, -1, 0, 1_764_000_000_123_456_789])
def test_any_timestamp_and_any_header_reach_the_stage(timestamp: int | None) -> None:
    headers = [("a", None), ("a", b""), ("", b"\xff"), ("a", b"1"), ("\udcff\ud800", b"2")]
    record = ConsumerRecord(
        topic=topics.RAW, partition=1, offset=7, timestamp=timestamp, timestamp_type=0, headers=headers, key=b"",
        value=b"", checksum=None, serialized_key_size=0, serialized_value_size=0,
    )  # fmt: skip
    consumer = object.__new__(Consumer)
    consumer.app = SimpleNamespace(consumer_generation_id=1)
    message = message_of(SimpleNamespace(message=consumer._to_message(TP(topics.RAW, 1), record)))
    assert message.timestamp == (timestamp or 0)
    assert message.headers == (*headers[:4], ("\\udcff\\ud800", b"2"))


@pytest.mark.parametrize("value", [None, b"", b"\xff\xfe", b"{", b"null", b"\0" * 99, b'{"body": 5}'])
def test_no_message_can_fail_a_worker(value: bytes | None) -> None:
    async def scenario(broker: Broker) -> None:
        broker.open.set()
        worker = worker_with(Stage.CLEAN, per_message(clean_stage(SETTINGS)), broker)
        async with agent_of(worker).test_context() as agent:
            bad = await agent.put(value)
            good = await agent.put(PARAGRAPHS[0].encode())
            await until(lambda: bad.message.acked and good.message.acked)
        assert [output.topic for output in broker.sent] == [topics.DEAD_LETTERS, topics.CLEAN]
        assert broker.sent[0].value == value

    run_scenario(scenario)


def test_dedupe_loads_its_ledgers_before_the_first_message_and_deletes_expired_entries() -> None:
    async def scenario(broker: Broker) -> None:
        broker.open.set()
        worker = worker_with(Stage.DEDUPE, per_message(DedupeStage({2: Ledger(topics.HOUR)}.__getitem__)), broker)
        ledgers = LoadedLedgers()
        worker.ledgers = ledgers  # type: ignore[assignment]
        async with agent_of(worker).test_context() as agent:
            event = await agent.put(encode(article(PARAGRAPHS[0])), partition=2)
            await until(lambda: event.message.acked)
        assert ledgers.committed == [{2: 0}]
        assert [(output.topic, output.value is None) for output in broker.sent] == [
            (topics.LEDGER, True), (topics.UNIQUE, False), (topics.STORIES, False), (topics.LEDGER, False),
        ]  # fmt: skip

    run_scenario(scenario)


FAILING_SCRIPT = """
import asyncio
from tests.stream.test_worker import *

class FailingBroker(Broker):
    async def __call__(self, output):
        raise ConnectionError("the broker is gone")

async def scenario(_):
    worker = worker_with(Stage.CLEAN, per_message(clean_stage(SETTINGS)), FailingBroker())
    async with agent_of(worker).test_context() as agent:
        event = await agent.put(b"A ferry ran aground.")
        await until(lambda: event.message.acked)

try:
    run_scenario(scenario)
finally:
    print("cleaned up, which would commit")
"""


@pytest.mark.process
def test_an_undelivered_batch_ends_the_process_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", FAILING_SCRIPT], capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.FAILED
    assert "the broker is gone" in done.stderr
    assert done.stdout == ""


def test_enrich_handles_messages_in_batches() -> None:
    sizes: list[int] = []

    def handle(messages: Sequence[Message]) -> list[Result]:
        sizes.append(len(messages))
        assert all(decode(message.value or b"", UniqueArticle) for message in messages)
        return [Result(Outcome.ENRICHED, None, ()) for _ in messages]

    async def scenario(broker: Broker) -> None:
        worker = worker_with(Stage.ENRICH, per_batch(handle), broker)
        value = encode(UniqueArticle(**{name: getattr(clean, name) for name in clean.__slots__}, story_id="s"))
        async with agent_of(worker).test_context() as agent:
            events = [await agent.put(value, wait=False) for _ in range(40)]
            await until(lambda: all(event.message.acked for event in events))
        assert sum(sizes) == 40
        assert max(sizes) <= 32
        assert len(sizes) < 40

    clean = article(PARAGRAPHS[0])
    run_scenario(scenario)


def shout(context: StageContext) -> Handler:
    def handle(message: Message) -> Result:
        article = decode(message.value or b"", UniqueArticle)
        louder = encode(dataclasses.replace(article, headline=article.headline.upper()))
        output = Output(topics.ENRICHED, message.key, louder, headers=message.headers)
        return Result(Outcome.ENRICHED, article, (output,))

    return per_message(handle)


def test_one_row_adds_a_stage() -> None:
    row = StageSpec(
        name="shout",
        input_topic=topics.UNIQUE,
        output_topic=topics.ENRICHED,
        batch_size=10,
        metrics_port=9649,
        make_handler=shout,
    )
    clean = article(PARAGRAPHS[0], headline="Pilots stay ashore")
    unique = UniqueArticle(**fields_of(clean, CleanArticle), story_id="s")

    async def scenario(broker: Broker) -> None:
        broker.open.set()
        worker = build(row)
        worker.runner = Runner(row.name, row.make_handler(context), broker, table, Metrics())
        async with agent_of(worker).test_context() as agent:
            event = await agent.put(encode(unique), key=b"k")
            await until(lambda: event.message.acked)
        (output,) = broker.sent
        assert decode(output.value or b"", UniqueArticle).headline == "PILOTS STAY ASHORE"
        assert worker.app.conf.id == "copydesk-shout"

    ledgers: dict[int, Ledger] = {}
    context = StageContext(settings=SETTINGS, ledger_of=ledgers.__getitem__)
    table = {topic.name: topic for topic in topics.topics(SETTINGS)}
    run_scenario(scenario)

    stages = {Stage.CLEAN.value: STAGES[Stage.CLEAN], Stage.DEDUPE.value: STAGES[Stage.DEDUPE], row.name: row}
    stream = InProcessStream(SETTINGS, Stage.CLEAN, row.name, now=0, stages=stages)
    (line,) = stream.run([("x", f"Pilots stay ashore\n\n{PARAGRAPHS[0]}".encode())])
    assert line.outcome is Outcome.ENRICHED
