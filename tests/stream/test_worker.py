"""The agents by Faust's own test context: what they read, what they hand to the runner, and that they hold the acks."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import pytest

from schemas import CleanArticle, UniqueArticle, decode, encode
from tests.dedupe.support import PARAGRAPHS, article
from workers import topics
from workers.dedupe import Ledger
from workers.messages import Message, Output, Result
from workers.observability.health import Health
from workers.observability.metrics import Metrics
from workers.outcomes import ExitCode, Outcome, Stage
from workers.settings import Settings
from workers.stages import Dedupe, clean_stage
from workers.stream.runner import Handler, Runner, per_batch, per_message
from workers.stream.worker import INPUT, StageWorker

SETTINGS = Settings(models={})
HEADERS = {"trace": b"7"}


class Broker:
    """Takes what is sent; ``open`` is set once the broker acknowledges."""

    def __init__(self) -> None:
        self.sent: list[Output] = []
        self.open = asyncio.Event()

    async def __call__(self, output: Output, timestamp: int) -> Awaitable[object]:
        self.sent.append(output)
        return self.open.wait()


class LedgersAtHand:
    """Ledgers that are always there."""

    def __init__(self) -> None:
        self.asked: list[Mapping[int, int]] = []

    async def ensure_current(self, committed: Mapping[int, int], new_consumer: object) -> None:
        self.asked.append(committed)

    def tombstones(self, committed: dict[int, int]) -> list[Output]:
        return [Output(topics.LEDGER, b"news-raw/0/0", None, partition) for partition in committed]


def pipeline(stage: Stage, handler: Handler, broker: Broker) -> StageWorker:
    """The pipeline of a role whose runner sends to the given broker."""
    wired = StageWorker(stage, SETTINGS, "localhost:1", Metrics(), Health(), {})
    table = {topic.name: topic for topic in topics.topics(SETTINGS)}
    wired.runner = Runner(stage, handler, broker, table, wired.metrics)
    return wired


def agent_of(wired: StageWorker) -> Any:
    (agent,) = wired.app.agents.values()
    return agent


def wire(scenario: Callable[[Broker], Awaitable[None]]) -> None:
    async def run() -> None:
        await scenario(Broker())

    asyncio.run(run())


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("stage", list(Stage))
def test_a_role_has_one_agent_which_reads_its_stage_s_topic_and_nothing_else(stage: Stage) -> None:
    async def scenario(broker: Broker) -> None:
        wired = StageWorker(stage, SETTINGS, "localhost:1", Metrics(), Health(), {})
        agent = agent_of(wired)
        assert list(agent.channel.topics) == [INPUT[stage]]
        assert agent.concurrency == 1
        assert wired.app.conf.id == f"copydesk-{stage}"
        assert not wired.app.conf.web_enabled
        assert not wired.app.tables
        assert (wired.ledgers is not None) == (stage is Stage.DEDUPE)

    wire(scenario)


def test_the_flow_is_held_until_the_end_of_a_rebalance() -> None:
    class Consumer:
        flows = True

        def stop_flow(self) -> None:
            self.flows = False

    async def scenario(broker: Broker) -> None:
        wired = StageWorker(Stage.CLEAN, SETTINGS, "localhost:1", Metrics(), Health(), {})
        wired.app.consumer = consumer = Consumer()
        await wired.app.on_rebalance_complete.send()
        assert not consumer.flows

    wire(scenario)


def test_a_raw_message_comes_to_the_stage_as_it_was_sent_and_is_acknowledged_only_after_its_outputs() -> None:
    seen: list[Message] = []
    handle = clean_stage(SETTINGS)

    def noted(message: Message) -> Result:
        seen.append(message)
        return handle(message)

    async def scenario(broker: Broker) -> None:
        wired = pipeline(Stage.CLEAN, per_message(noted), broker)
        async with agent_of(wired).test_context() as agent:
            event = await agent.put(PARAGRAPHS[0].encode(), key=b"k", partition=3, headers=HEADERS, timestamp=5.25)
            await until(lambda: broker.sent)
            await asyncio.sleep(0.05)
            assert not event.message.acked
            broker.open.set()
            await until(lambda: event.message.acked)
        (message,) = seen
        assert message == Message(topics.RAW, 3, 0, 5_250, PARAGRAPHS[0].encode(), b"k", tuple(HEADERS.items()))
        assert [output.topic for output in broker.sent] == [topics.CLEAN]
        assert decode(broker.sent[0].value or b"", CleanArticle).body == PARAGRAPHS[0]

    wire(scenario)


@pytest.mark.parametrize("value", [None, b"", b"\xff", b"{", b"null", b"\0" * 99, b'{"body": 5}'])
def test_no_message_makes_an_agent_fail(value: bytes | None) -> None:
    async def scenario(broker: Broker) -> None:
        broker.open.set()
        wired = pipeline(Stage.CLEAN, per_message(clean_stage(SETTINGS)), broker)
        async with agent_of(wired).test_context() as agent:
            bad = await agent.put(value)
            good = await agent.put(PARAGRAPHS[0].encode())
            await until(lambda: bad.message.acked and good.message.acked)
        assert [output.topic for output in broker.sent] == [topics.DEAD_LETTERS, topics.CLEAN]
        assert broker.sent[0].value == value

    wire(scenario)


def test_dedupe_has_its_ledgers_before_the_first_message_and_deletes_what_has_expired() -> None:
    async def scenario(broker: Broker) -> None:
        broker.open.set()
        wired = pipeline(Stage.DEDUPE, per_message(Dedupe({2: Ledger(topics.HOUR)}).handle), broker)
        ledgers = LedgersAtHand()
        wired.ledgers = ledgers  # type: ignore[assignment]
        async with agent_of(wired).test_context() as agent:
            event = await agent.put(encode(article(PARAGRAPHS[0])), partition=2)
            await until(lambda: event.message.acked)
        assert ledgers.asked == [{2: 0}]
        assert [(output.topic, output.value is None) for output in broker.sent] == [
            (topics.LEDGER, True), (topics.UNIQUE, False), (topics.STORIES, False), (topics.LEDGER, False),
        ]  # fmt: skip

    wire(scenario)


FAILS = """
import asyncio
from tests.stream.test_worker import *

class Gone(Broker):
    async def __call__(self, output, timestamp):
        raise ConnectionError("the broker is gone")

async def scenario(_):
    async with agent_of(pipeline(Stage.CLEAN, per_message(clean_stage(SETTINGS)), Gone())).test_context() as agent:
        event = await agent.put(b"A ferry ran aground.")
        await until(lambda: event.message.acked)

try:
    wire(scenario)
finally:
    print("cleaned up, which would commit")
"""


@pytest.mark.process
def test_a_batch_that_cannot_be_delivered_ends_the_process_at_once() -> None:
    done = subprocess.run([sys.executable, "-c", FAILS], capture_output=True, text=True, check=False)
    assert done.returncode == ExitCode.FAILED
    assert "the broker is gone" in done.stderr
    assert done.stdout == ""


def test_enrich_is_given_batches() -> None:
    sizes: list[int] = []

    def handle(messages: Sequence[Message]) -> list[Result]:
        sizes.append(len(messages))
        assert all(decode(message.value or b"", UniqueArticle) for message in messages)
        return [Result(Outcome.ENRICHED, None, ()) for _ in messages]

    async def scenario(broker: Broker) -> None:
        wired = pipeline(Stage.ENRICH, per_batch(handle), broker)
        value = encode(UniqueArticle(**{name: getattr(one, name) for name in one.__slots__}, story_id="s"))
        async with agent_of(wired).test_context() as agent:
            events = [await agent.put(value, wait=False) for _ in range(40)]
            await until(lambda: all(event.message.acked for event in events))
        assert sum(sizes) == 40
        assert max(sizes) <= 32
        assert len(sizes) < 40

    one = article(PARAGRAPHS[0])
    wire(scenario)
