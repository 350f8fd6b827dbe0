"""Recovery of ledgers: what is read from their topic and when, from which snapshot, and what ends the process."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import orjson
import pytest
from aiokafka import TopicPartition
from aiokafka.errors import KafkaConnectionError

from schemas import encode
from tests.dedupe.support import PARAGRAPHS, WINDOW, Delivery, article, decide, entries_of
from workers.dedupe import Ledger, entry_key
from workers.dedupe.ledger import MAX_REORDERING_OFFSETS
from workers.errors import RecoveryStalledError, StaleLedgerError
from workers.observability.health import Health
from workers.observability.metrics import Metrics
from workers.state.changelog import DEFAULT_READ_LIMITS, ReadLimits
from workers.state.lineage import Lineage
from workers.state.manager import LedgerManager
from workers.state.snapshots import SnapshotIdentity, Snapshots
from workers.topics import LEDGER

STREAM = [Delivery(article(body, offset=i), i, 100 * i) for i, body in enumerate(PARAGRAPHS)]
AGAIN = [Delivery(article(body, offset=50 + i), 50 + i, 600) for i, body in enumerate(PARAGRAPHS)]
OURS = Lineage("raw-1 clean-1", ("en", "other"))
IDENTITY = SnapshotIdentity(
    topic_id="ledger-1", source_topic_ids=OURS.source_topic_ids, shards="en other", window_ms=WINDOW, memory_ms=WINDOW
)


@dataclass
class Topic:
    """A fake ledger topic: its records, and the offsets that were read."""

    records: list[tuple[str | bytes | None, bytes | None, Lineage | None]] = field(default_factory=list)
    first: int = 0
    reads: list[int] = field(default_factory=list)
    away: bool = False
    """Whether its broker is unreachable."""

    def write(self, deliveries: Sequence[Delivery], lineage: Lineage = OURS) -> None:
        """Append the entries that a worker writes for the deliveries."""
        entries = entries_of(*deliveries)
        self.records += [(entry_key(entry.origin), encode(entry), lineage) for entry in entries]

    def delete(self, key: str) -> None:
        self.records.append((key, None, OURS))


class Record(SimpleNamespace):
    """A record whose end can be seen."""


class Consumer:
    """A fake consumer of the topic."""

    def __init__(self, topic: Topic) -> None:
        self._topic = topic
        self._at = 0

    async def __aenter__(self) -> Self:
        if self._topic.away:
            raise KafkaConnectionError("unreachable")
        return self

    async def __aexit__(self, *_: object) -> None:
        pass

    def assign(self, places: list[TopicPartition]) -> None:
        assert [place.topic for place in places] == [LEDGER]

    async def beginning_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, self._topic.first)

    async def end_offsets(self, places: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict.fromkeys(places, len(self._topic.records))

    def seek(self, place: TopicPartition, offset: int) -> None:
        self._at = offset

    async def position(self, place: TopicPartition) -> int:
        return self._at

    async def getmany(self, place: TopicPartition, **_: object) -> dict[TopicPartition, list[Any]]:
        found = self._topic.records[self._at : self._at + 2]
        self._topic.reads += range(self._at, self._at + len(found))
        self._at += len(found)
        records = [
            Record(
                partition=place.partition,
                offset=self._at - len(found) + number,
                key=key.encode() if isinstance(key, str) else key,
                value=value,
                headers=() if lineage is None else lineage.headers(place.partition),
            )
            for number, (key, value, lineage) in enumerate(found)
        ]
        return {place: records}


@dataclass
class Worker:
    """A ledger manager and what it reports to."""

    topic: Topic
    snapshots: Snapshots | None = None
    seconds: float = 0.0
    new_consumer: Callable[[Topic], Any] = Consumer
    limits: ReadLimits = DEFAULT_READ_LIMITS

    def __post_init__(self) -> None:
        self.metrics, self.health = Metrics(), Health()
        self.ledgers = LedgerManager(
            lambda: Ledger(WINDOW),
            lambda: self.new_consumer(self.topic),
            metrics=self.metrics,
            health=self.health,
            lineage=OURS,
            snapshots=self.snapshots,
            snapshot_seconds=self.seconds,
            read_limits=self.limits,
        )
        self.ledgers.invalidate([0])

    async def ready(self, committed: int = 0) -> None:
        await self.ledgers.ensure_current({0: committed})

    async def saved(self) -> None:
        """Return once the current snapshot is written or has failed."""
        await self.ledgers.snapshot_done()

    def figure(self, name: str, **labels: str) -> float | None:
        return self.metrics.registry.get_sample_value(f"copydesk_{name}", labels)


def run(scenario: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scenario())  # type: ignore[arg-type]


def undisturbed() -> list[bytes]:
    ledger = Ledger(WINDOW)
    decide(ledger, STREAM)
    return decide(ledger, AGAIN)


def test_a_ledger_is_read_once_per_assignment_and_then_only_new_entries() -> None:
    async def scenario() -> None:
        topic = Topic()
        topic.write(STREAM[:4])
        worker = Worker(topic)
        await worker.ready()
        await worker.ready()
        assert topic.reads == [0, 1, 2, 3]
        topic.write(STREAM)  # by another worker
        worker.ledgers.invalidate([0])
        await worker.ready(committed=6)
        assert topic.reads == list(range(10))
        assert decide(worker.ledgers.ledger(0), AGAIN) == undisturbed()

    run(scenario)


def test_the_ledger_of_a_lost_partition_is_let_go() -> None:
    async def scenario() -> None:
        worker = Worker(Topic())
        await worker.ready()
        worker.ledgers.invalidate([5])
        await worker.ledgers.ensure_current({5: 0})
        assert list(worker.ledgers.partitions) == [5]

    run(scenario)


def test_deleted_entries_are_not_read_back() -> None:
    async def scenario() -> None:
        topic = Topic()
        topic.write(STREAM)
        topic.delete("news-raw/0/2")
        worker = Worker(topic)
        await worker.ready()
        assert len(worker.ledgers.ledger(0)) == len(STREAM) - 1

    run(scenario)


def test_a_broker_that_gives_no_more_entries_ends_the_load() -> None:
    class Silent(Consumer):
        async def getmany(self, place: TopicPartition, **_: object) -> dict[TopicPartition, list[Any]]:
            await asyncio.sleep(0.02)
            return {}

    async def scenario() -> None:
        topic = Topic()
        topic.write(STREAM)
        worker = Worker(topic, new_consumer=Silent, limits=ReadLimits(stall_timeout_seconds=0.05))
        with pytest.raises(RecoveryStalledError, match=r"no entry of news-ledger/0 for 0\.05 s, at offset 0 of 6"):
            await worker.ready()
        assert not worker.health.is_recovering
        assert worker.figure("recovering") == 0

    run(scenario)


def test_stray_records_are_forgotten_as_they_are_read() -> None:
    strays: list[weakref.ref[Any]] = []
    kept: list[int] = []

    class Watched(Consumer):
        async def getmany(self, place: TopicPartition, **options: object) -> dict[TopicPartition, list[Any]]:
            kept.append(sum(stray() is not None for stray in strays))
            found = await super().getmany(place, **options)
            strays.extend(weakref.ref(record) for record in found[place] if record.key == b"user-17")
            return found

    async def scenario() -> None:
        topic = Topic()
        topic.write(STREAM)
        topic.records[3:3] = [("user-17", b"{}", None)] * 40
        await Worker(topic, new_consumer=Watched).ready(committed=len(STREAM))

    run(scenario)
    assert len(strays) == 40
    assert max(kept) <= 2, "more than those of the last read"


def test_a_long_load_tells_how_far_it_is(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        topic = Topic()
        topic.write(STREAM)
        await Worker(topic, limits=ReadLimits(progress_log_seconds=0.0)).ready()
        told = [record for record in caplog.records if record.message == "reading the ledger back"]
        assert [record.__dict__["remaining"] for record in told] == [4, 2, 0]

    with caplog.at_level("INFO"):
        run(scenario)


FAR = [Delivery(article(body, offset=i), i * MAX_REORDERING_OFFSETS * 2, 100 * i) for i, body in enumerate(PARAGRAPHS)]
"""Articles so far apart that the entry of each can be indexed when the next one is read."""
END = FAR[-1].offset + 1
FAR_AGAIN = [Delivery(article(body, offset=99 + i), END + i, 600) for i, body in enumerate(PARAGRAPHS)]


@pytest.mark.parametrize("last", [END, FAR[3].offset])
def test_a_long_topic_is_indexed_while_it_is_read(last: int) -> None:
    async def scenario() -> None:
        topic = Topic()
        topic.write(FAR)
        never_ended, worker = Ledger(WINDOW), Worker(topic, limits=ReadLimits(min_block_records=2))
        decide(never_ended, FAR)
        await worker.ready(committed=last)
        assert topic.reads == [*range(6), *range(6)]
        assert decide(worker.ledgers.ledger(0), [*FAR, *FAR_AGAIN]) == decide(never_ended, [*FAR, *FAR_AGAIN])

    run(scenario)


def test_entries_out_of_order_are_indexed_once_all_are_read(caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        topic = Topic()
        topic.write(FAR)
        topic.records.append(topic.records.pop(0))
        never_ended, worker = Ledger(WINDOW), Worker(topic, limits=ReadLimits(min_block_records=2))
        decide(never_ended, FAR)
        await worker.ready(committed=END)
        assert "ledger entries out of order; indexing after all are read" in caplog.messages
        assert decide(worker.ledgers.ledger(0), FAR_AGAIN) == decide(never_ended, FAR_AGAIN)

    run(scenario)


def test_a_ledger_of_recreated_topics_is_refused_with_a_remedy() -> None:
    async def scenario() -> None:
        topic = Topic()
        topic.write(STREAM, Lineage("raw-0 clean-1", OURS.shards))
        with pytest.raises(StaleLedgerError, match=r"raw-0 clean-1.*raw-1 clean-1.*copydesk topics apply"):
            await Worker(topic).ready()

    run(scenario)


@pytest.mark.parametrize(
    "lineage",
    [
        Lineage(OURS.source_topic_ids, OURS.shards[::-1]),
        Lineage("raw-2 clean-2", ("de", "other")),
        Lineage(OURS.source_topic_ids, ("", "")),
    ],
    ids=["another partition", "another cluster", "no language"],
)
def test_entries_from_elsewhere_in_an_empty_ledger_are_skipped(lineage: Lineage) -> None:
    async def scenario() -> None:
        topic = Topic()
        topic.write(STREAM, lineage)
        worker = Worker(topic)
        await worker.ready()
        assert len(worker.ledgers.ledger(0)) == 0
        assert worker.figure("records_skipped_total", topic=LEDGER, reason="stray") == len(STREAM)

    run(scenario)


def test_a_ledger_in_another_language_is_refused_with_a_remedy() -> None:
    async def scenario() -> None:
        topic = Topic()
        topic.write(STREAM, Lineage(OURS.source_topic_ids, ("de", "other")))
        with pytest.raises(
            StaleLedgerError, match=r"news-ledger/0 .*'de'.*COPYDESK_LANGUAGES=en .*'en'.*deploy/README"
        ):
            await Worker(topic).ready()

    run(scenario)


@pytest.mark.parametrize(("shard", "named"), [("de", "de"), ("", None)])
def test_a_record_without_a_language_names_none(shard: str, named: str | None) -> None:
    assert OURS.language_named(Lineage(OURS.source_topic_ids, (shard,)).headers(0)) == named


def test_the_remedy_names_the_languages_as_they_are_set() -> None:
    lineage = Lineage(OURS.source_topic_ids, ("en:1", "en:2", "de", "other"))
    with pytest.raises(StaleLedgerError, match=r"COPYDESK_LANGUAGES=en:2,de it stands for 'en:1'"):
        lineage.check(0, Lineage(OURS.source_topic_ids, ("fr",)).headers(0))


def test_a_start_continues_from_the_snapshot_with_the_same_verdicts(tmp_path: Path) -> None:
    async def scenario() -> None:
        topic = Topic()
        topic.write(STREAM[:4])
        before = Worker(topic, Snapshots(tmp_path, IDENTITY))
        await before.ready(committed=4)
        await before.saved()
        assert before.figure("snapshots_total", result="ok") == 1
        topic.reads.clear()

        topic.write(STREAM)
        after = Worker(topic, Snapshots(tmp_path, IDENTITY), seconds=9e9)
        await after.ready(committed=6)
        assert topic.reads == [4, 5, 6, 7, 8, 9]
        assert decide(after.ledgers.ledger(0), AGAIN) == undisturbed()

    run(scenario)


def test_a_snapshot_holds_entries_that_the_process_itself_wrote(tmp_path: Path) -> None:
    async def scenario() -> None:
        topic = Topic()
        worker = Worker(topic, Snapshots(tmp_path, IDENTITY))
        await worker.ready()
        await worker.saved()
        decide(worker.ledgers.ledger(0), STREAM)
        topic.write(STREAM)
        await worker.ready(committed=6)
        await worker.saved()
        found = Snapshots(tmp_path, IDENTITY).load(0)
        assert found is not None
        assert (len(found[0]), found[1]) == (len(STREAM), len(topic.records))

    run(scenario)


def test_no_snapshot_is_taken_before_its_interval_is_over(tmp_path: Path) -> None:
    async def scenario() -> None:
        worker = Worker(Topic(), Snapshots(tmp_path, IDENTITY), seconds=60)
        await worker.ready()
        await worker.ready()
        await worker.saved()
        assert list(tmp_path.iterdir()) == []

    run(scenario)


@pytest.mark.parametrize("first", [0, 2])
def test_a_snapshot_ahead_of_the_topic_is_not_used(
    first: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        Snapshots(tmp_path, IDENTITY).save(0, Ledger(WINDOW).dump(), 99)
        topic = Topic(first=first)
        topic.write(STREAM)
        worker = Worker(topic, Snapshots(tmp_path, IDENTITY), seconds=9e9)
        await worker.ready()
        assert topic.reads == list(range(first, len(STREAM)))
        assert "snapshot not used; it is ahead of the topic" in caplog.messages

    run(scenario)


def test_a_failed_snapshot_is_counted_and_does_not_stop_the_worker(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        worker = Worker(Topic(), Snapshots(tmp_path / "gone", IDENTITY))
        await worker.ready()
        await worker.saved()
        assert worker.figure("snapshots_total", result="failed") == 1
        assert "snapshot not written; the previous one remains" in caplog.messages
        await worker.ready()

    run(scenario)


def test_an_unreachable_broker_fails_only_the_snapshot(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def scenario() -> None:
        worker = Worker(Topic(), Snapshots(tmp_path, IDENTITY))
        await worker.ready()
        await worker.saved()
        worker.topic.away = True
        await worker.ready()
        assert worker.figure("snapshots_total", result="failed") == 1
        assert "snapshot not written; the previous one remains" in caplog.messages
        worker.topic.away = False
        await worker.ready()
        await worker.saved()
        assert worker.figure("snapshots_total", result="ok") == 2

    run(scenario)


ENTRY = entries_of(Delivery(article(PARAGRAPHS[0], offset=900), 900, 100))[0]
KEY = entry_key(ENTRY.origin)


def changed(**fields: object) -> bytes:
    """The entry with other fields, as JSON."""
    return orjson.dumps(orjson.loads(encode(ENTRY)) | fields)


@pytest.mark.parametrize(
    ("key", "value", "lineage"),
    [
        (None, encode(ENTRY), None),
        (b"", encode(ENTRY), None),
        (b"\xff/0/900", encode(ENTRY), None),
        ("news-raw", encode(ENTRY), None),
        ("news-raw/0/-1", encode(ENTRY), None),
        ("news-raw/0/901", encode(ENTRY), None),
        ("user-17", None, None),
        (None, None, OURS),
        (KEY, b"", None),
        (KEY, b"\xff\x00", None),
        (KEY, b"not JSON", OURS),
        (KEY, b"[" * 100_000, None),
        (KEY, b"{}", OURS),
        (KEY, b'{"position": 3}', None),
        (KEY, orjson.dumps({"id": 17, "text": "another service's record"}), None),
        (KEY, changed(position="first"), OURS),
        (KEY, changed(position=1 << 62), None),
        (KEY, changed(time=1 << 63), None),
        (KEY, changed(origin={"topic": "news-raw"}), None),
        (KEY, changed(origin={"topic": "news-raw", "partition": 0, "offset": 901}), None),
        (KEY, changed(content="words"), None),
        (KEY, changed(url="https://news.example"), None),
        (KEY, changed(shingles="AAA"), None),
        (KEY, changed(shingles="AAAA"), None),
        (KEY, changed(terms="not base64!"), None),
        (KEY, changed(terms="AAAA"), None),
        (KEY, changed(outline="AAA"), None),
        (KEY, changed(outline="AAAAAAMAAAA="), None),
        (KEY, changed(modified=1 << 62), None),
        (KEY, changed(verdict=None), None),
        (KEY, changed(verdict={"kind": "guess"}), None),
        (KEY, changed(verdict=orjson.loads(encode(ENTRY))["verdict"] | {"kind": "copy"}), None),
        (KEY, changed(verdict=orjson.loads(encode(ENTRY))["verdict"] | {"duplicate_of": "a"}), None),
        (KEY, b"not JSON", Lineage("raw-2 clean-2", ("other",))),
        (KEY, encode(ENTRY), None),
        ("news-raw/0/2", None, None),
        (KEY, encode(ENTRY), Lineage("raw-2 clean-2", OURS.shards)),
        (KEY, encode(ENTRY), Lineage(OURS.source_topic_ids, ("de", "other"))),
        ("news-raw/0/2", None, Lineage("raw-2 clean-2", OURS.shards)),
    ],
)
def test_a_stray_record_is_skipped_counted_and_logged_with_its_own_offset(
    key: str | bytes | None, value: bytes | None, lineage: Lineage | None, caplog: pytest.LogCaptureFixture
) -> None:
    async def scenario() -> None:
        topic = Topic()
        topic.write(STREAM)
        topic.records.insert(1, (key, value, lineage))
        worker = Worker(topic)
        await worker.ready(committed=len(STREAM))
        assert decide(worker.ledgers.ledger(0), AGAIN) == undisturbed()
        assert worker.figure("records_skipped_total", topic=LEDGER, reason="stray") == 1

    run(scenario)
    (line,) = [vars(record) for record in caplog.records if record.levelname == "WARNING"]
    assert (line["topic"], line["partition"], line["offset"]) == (LEDGER, 0, 1)
    assert "another service" not in str(line)
