"""The checker: what a run's history has to say of each promise. Every finding is one line; none at all is the proof."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

import orjson

from schemas import CleanArticle, LedgerEntry, Origin, decode
from tests.reliability.checker.history import History, Place, origin_of
from tests.reliability.checker.replay import Expected, new_ledgers, undisturbed
from workers.dedupe import Ledger, entry_key
from workers.messages import Headers, Message, Output
from workers.outcomes import Stage
from workers.stages import STAGES
from workers.state.changelog import SOURCE_TOPIC_IDS
from workers.stream.dead_letters import ERROR_HEADERS
from workers.topics import CLEAN, DEAD_LETTERS, DUPLICATES, ENRICHED, LEDGER, RAW, STORIES, UNIQUE

FINAL = (ENRICHED, DUPLICATES, DEAD_LETTERS)
"""The topics by which an article leaves the stream; it must stand in exactly one of them."""
BETWEEN = (CLEAN, UNIQUE)
BY_ORIGIN = (*BETWEEN, LEDGER, *FINAL)
OUTCOMES = {
    Stage.CLEAN: ((CLEAN, DEAD_LETTERS),),
    Stage.DEDUPE: ((UNIQUE, DUPLICATES, DEAD_LETTERS), (LEDGER, DEAD_LETTERS)),
    Stage.ENRICH: ((ENRICHED, DEAD_LETTERS),),
}
"""What must be there before a stage's message is acknowledged: of each row, one."""
CHANGING = (f"{ERROR_HEADERS}first_failed_at", SOURCE_TOPIC_IDS)
"""Headers that may be others: the time of a failure, the ids of topics."""
PROBES = 40
"""Copies with which a rebuilt ledger is put to the test."""

Body = tuple[bytes | None, bytes | None, Headers]
"""What of a record must not change: its key, its value, its headers but for some (``CHANGING``)."""


@dataclasses.dataclass(slots=True)
class Verdict:
    """What was found of a run: what is wrong (empty where nothing is), and figures."""

    findings: list[str]
    inputs: int
    missing: int
    repeats: int
    outcomes: Counter[str]
    between: int
    """Repeats in the topics between the stages, which the next stage takes for what they are."""


def examine(history: History) -> Verdict:
    """The verdict on a run, by every check of the table."""
    expected, ledgers = undisturbed(history)
    findings = [f"{check.__name__}: {line}" for check in CHECKS for line in check(history)]
    findings += [f"as_undisturbed: {line}" for line in as_undisturbed(history, expected)]
    findings += [f"rebuilt_ledger_answers_alike: {line}" for line in rebuilt_ledger_answers_alike(history, ledgers)]
    final = ways_out(history)
    outcomes = {topic: {origin_of(record) for record in history.of(topic)} for topic in final}
    inputs = {record.origin for record in history.of(RAW)}
    return Verdict(
        findings,
        len(inputs),
        len(inputs - set().union(*outcomes.values())),
        sum(len(history.of(topic)) for topic in final) - sum(map(len, outcomes.values())),
        Counter({topic: len(origins) for topic, origins in outcomes.items()}),
        sum(len(history.of(topic)) - len({origin_of(record) for record in history.of(topic)}) for topic in BETWEEN),
    )


def ways_out(history: History) -> tuple[str, ...]:
    """The topics by which an article leaves the stages that ran."""
    return FINAL if Stage.ENRICH in history.stages else (UNIQUE, *FINAL[1:])


def sent_is_in_raw(history: History) -> Iterator[str]:
    """Every message that the broker took is there."""
    there = {record.origin: record.value for record in history.of(RAW)}
    for origin, value in history.sent.items():
        if there.get(origin) != value:
            yield f"{origin} is not what was sent"


def each_in_exactly_one_outcome(history: History) -> Iterator[str]:
    """No raw message is missing, none left in two ways, and nothing came out that never went in."""
    ways: defaultdict[Origin, set[str]] = defaultdict(set)
    for topic in ways_out(history):
        for record in history.of(topic):
            ways[origin_of(record)].add(topic)
    inputs = {record.origin for record in history.of(RAW)}
    for origin in sorted(inputs - ways.keys(), key=str):
        yield f"{origin} is lost"
    for origin, topics in ways.items():
        if len(topics) > 1:
            yield f"{origin} is in {' and '.join(sorted(topics))}"
        if origin not in inputs:
            yield f"{origin} is in {min(topics)} and was never sent"


def repeats_are_identical(history: History) -> Iterator[str]:
    """What came twice came to the same partition with the same bytes and time."""
    for topic in BY_ORIGIN:
        bodies: defaultdict[Origin, set[tuple[int, int, Body]]] = defaultdict(set)
        for record in history.of(topic):
            if record.value is not None or topic != LEDGER:
                bodies[origin_of(record)].add((record.partition, record.timestamp, body_of(record)))
        for origin, different in bodies.items():
            if len(different) > 1:
                yield f"{origin} stands in {topic} in {len(different)} different ways"


def revisions_have_no_gaps(history: History) -> Iterator[str]:
    """The revisions of a URL are numbered 1, 2, 3, … within a shard, and anew once the last has left the window."""
    unique = {origin_of(record): orjson.loads(record.value or b"") for record in history.of(UNIQUE)}
    clocks: defaultdict[int, int] = defaultdict(int)
    last: dict[tuple[int, str], tuple[int, int]] = {}
    for record in history.first(CLEAN):
        clock = clocks[record.partition] = max(clocks[record.partition], record.timestamp)
        article = unique.get(origin_of(record))
        if article is None or not (url := article["canonical_url"] or article["url"]):
            continue
        number, time = last.get((record.partition, url), (0, 0))
        expected = number + 1 if time >= clock - history.window else 1
        if article["revision"] != expected:
            yield f"{url} has the revision {article['revision']} where {expected} is next"
        last[record.partition, url] = (article["revision"], record.timestamp)


def commits_only_rise(history: History) -> Iterator[str]:
    """No committed offset ever falls, and the last ones are at the end."""
    for (topic, partition), offsets in history.commits.items():
        for before, after in pairwise(offsets):
            if after < before:
                yield f"the offset of {topic}/{partition} fell from {before} to {after}"
    ends: dict[Place, int] = {}
    for topic in (STAGES[stage].input_topic for stage in history.stages):
        for record in history.of(topic):
            ends[topic, record.partition] = record.offset + 1
    for place, end in ends.items():
        if (last := history.commits.get(place, [0])[-1]) != end:
            yield f"the offset of {place[0]}/{place[1]} is {last} at last, not {end}"


def commits_follow_outcomes(history: History) -> Iterator[str]:
    """Whenever an offset was seen committed, every message below it had its outcome in the topics already."""
    places: defaultdict[tuple[str, Origin], list[tuple[Place, int]]] = defaultdict(list)
    for topic in BY_ORIGIN:
        for record in history.of(topic):
            places[topic, origin_of(record)].append(((topic, record.partition), record.offset))
    for stage in history.stages:
        topic = STAGES[stage].input_topic
        waiting: defaultdict[int, list[Message]] = defaultdict(list)
        for record in reversed(history.of(topic)):
            waiting[record.partition].append(record)
        for sample in history.samples:
            for partition, records in waiting.items():
                while records and records[-1].offset < sample.committed.get((topic, partition), 0):
                    record = records.pop()
                    origin = origin_of(record)
                    for either in OUTCOMES[stage]:
                        found = [at for other in either for at in places.get((other, origin), ())]
                        if not any(offset < sample.ends.get(place, 0) for place, offset in found):
                            yield f"{record.origin} was acknowledged by {stage} before it was in {' or '.join(either)}"
    if not history.samples:
        yield "no commit was ever seen"


def ledger_keys_hold_one_value(history: History) -> Iterator[str]:
    """No key of the ledger ever had two values, and no value two keys."""
    values: defaultdict[bytes | None, set[bytes]] = defaultdict(set)
    for record in history.of(LEDGER):
        if record.value is not None:
            values[record.key].add(record.value)
            if decode(record.value, LedgerEntry).origin != origin_of(record):
                yield f"the entry under {record.key!r} is of another message"
    for key, different in values.items():
        if len(different) > 1:
            yield f"{key!r} has {len(different)} values"


CHECKS: tuple[Callable[[History], Iterator[str]], ...] = (
    sent_is_in_raw,
    each_in_exactly_one_outcome,
    repeats_are_identical,
    revisions_have_no_gaps,
    commits_only_rise,
    commits_follow_outcomes,
    ledger_keys_hold_one_value,
)


def as_undisturbed(history: History, expected: Expected) -> Iterator[str]:
    """Every topic holds exactly what an undisturbed run leaves there, byte for byte, but for repeats."""
    wanted = {(output.topic, origin): output for origin, outputs in expected.items() for output in outputs}
    there: set[tuple[str, Origin]] = set()
    for topic in BY_ORIGIN:
        for record in history.of(topic):
            origin = origin_of(record)
            there.add((topic, origin))
            if topic == LEDGER and record.value is None:
                continue
            output = wanted.get((topic, origin))
            if output is None:
                yield f"{origin} should not be in {topic}"
            elif body_of(record) != body_of(output):
                yield f"{origin} stands otherwise in {topic}"
    for topic, origin in sorted(wanted.keys() - there, key=str):
        if topic != STORIES:
            yield f"{origin} should be in {topic}"
    tellings = {(record.key, record.value) for record in history.of(STORIES)}
    told = {(output.key, output.value) for (topic, _), output in wanted.items() if topic == STORIES}
    for key, _ in tellings ^ told:
        yield f"{key!r} is told otherwise in {STORIES}"


def rebuilt_ledger_answers_alike(history: History, replayed: dict[int, Ledger]) -> Iterator[str]:
    """A ledger read from its topic knows every message and finds the same copies as the one of the undisturbed run.

    But for the messages whose entries have left the window and were deleted: nobody asks for these again.
    """
    rebuilt = new_ledgers(history)
    deleted = set()
    for record in history.of(LEDGER):
        key = (record.key or b"").decode()
        if record.value is None:
            rebuilt[record.partition].forget(key)
            deleted.add(key)
        else:
            rebuilt[record.partition].load(key, record.value)
            deleted.discard(key)
    articles = [(record, decode(record.value or b"", CleanArticle)) for record in history.first(CLEAN)]
    copies = [
        (record, dataclasses.replace(article, origin=Origin(topic=RAW, partition=1 << 30, offset=number)))
        for number, (record, article) in enumerate(articles[:: max(1, len(articles) // PROBES)])
    ]
    latest = max((record.timestamp for record, _ in articles), default=0)
    for number, (record, article) in enumerate(copies):
        answers = [of[record.partition].decide(article, (1 << 40) + number, latest) for of in (rebuilt, replayed)]
        if answers[0] != answers[1]:
            yield f"a copy of what stands at {record.origin} is judged otherwise"
    for record, article in articles:
        if entry_key(article.origin) in deleted:
            if record.timestamp >= latest - history.window:
                yield f"the entry of {article.origin} was deleted within the window"
            continue
        answers = [of[record.partition].decide(article, record.offset, record.timestamp) for of in (rebuilt, replayed)]
        if answers[0] != answers[1]:
            yield f"{article.origin} has another entry"


def body_of(record: Message | Output) -> Body:
    """What of a record must not change from one time to the next, or from one cluster to the next."""
    headers = tuple(sorted(pair for pair in record.headers if pair[0] not in CHANGING))
    return record.key, record.value, headers
