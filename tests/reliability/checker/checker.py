"""The checker: checks the history of a run against every promise. A finding is one line; a good run has none."""

from __future__ import annotations

import dataclasses
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise

import orjson

from schemas import CleanArticle, LedgerEntry, Origin, decode
from tests.reliability.checker.history import INTERMEDIATE, History, Place, origin_of
from tests.reliability.checker.replay import Expected, new_ledgers, undisturbed
from tests.reliability.findings import CONFLICTING, DIFFERENT, EARLY, LOST, MISSING, NEVER_SENT
from workers.dedupe import Ledger, entry_key
from workers.messages import Headers, Message, Output
from workers.outcomes import Stage
from workers.stages import STAGES
from workers.state.lineage import SHARD, SOURCE_TOPIC_IDS
from workers.stream.dead_letters import ERROR_HEADERS
from workers.topics import CLEAN, DEAD_LETTERS, DUPLICATES, ENRICHED, LEDGER, RAW, STORIES, UNIQUE

FINAL = (ENRICHED, DUPLICATES, DEAD_LETTERS)
"""The topics by which an article leaves the stream; it must be in exactly one of them."""
BY_ORIGIN = (*INTERMEDIATE, LEDGER, *FINAL)
OUTCOMES = {
    Stage.CLEAN: ((CLEAN, DEAD_LETTERS),),
    Stage.DEDUPE: ((UNIQUE, DUPLICATES, DEAD_LETTERS), (LEDGER, DEAD_LETTERS)),
    Stage.ENRICH: ((ENRICHED, DEAD_LETTERS),),
}
"""The topics that must hold an output before a stage acknowledges a message: one topic of each row."""
VOLATILE_HEADERS = (f"{ERROR_HEADERS}first_failed_at", SOURCE_TOPIC_IDS, SHARD)
"""Headers that may differ between runs, or that only the sender adds."""
PROBES = 40
"""Copies of articles that a rebuilt ledger must judge like the original one."""

Body = tuple[bytes | None, bytes | None, Headers]
"""What must not differ between runs: key, value, and headers other than ``VOLATILE_HEADERS``."""


@dataclasses.dataclass(slots=True)
class CheckResult:
    """What is wrong with a run (nothing if ``findings`` is empty), and its figures."""

    findings: list[str]
    inputs: int
    missing: int
    repeats: int
    outcomes: Counter[str]
    intermediate_repeats: int
    """Repeats in the topics between the stages; the next stage recognises them."""


def check_history(history: History) -> CheckResult:
    """The result of every check on a run."""
    expected, ledgers = undisturbed(history)
    findings = [f"{check.__name__}: {line}" for check in CHECKS for line in check(history)]
    findings += [f"matches_undisturbed_run: {line}" for line in matches_undisturbed_run(history, expected)]
    findings += [
        f"rebuilt_ledger_gives_same_verdicts: {line}" for line in rebuilt_ledger_gives_same_verdicts(history, ledgers)
    ]
    final = final_topics(history)
    outcomes = {topic: {origin_of(record) for record in history.of(topic)} for topic in final}
    inputs = inputs_of(history)
    return CheckResult(
        findings,
        len(inputs),
        len(inputs - set().union(*outcomes.values())),
        sum(len(history.of(topic)) for topic in final) - sum(map(len, outcomes.values())),
        Counter({topic: len(origins) for topic, origins in outcomes.items()}),
        sum(
            len(history.of(topic)) - len({origin_of(record) for record in history.of(topic)}) for topic in INTERMEDIATE
        ),
    )


def final_topics(history: History) -> tuple[str, ...]:
    """The topics in which an article ends, given the stages that ran."""
    return FINAL if Stage.ENRICH in history.stages else (UNIQUE, *FINAL[1:])


def inputs_of(history: History) -> set[Origin]:
    """Every message that must have an outcome: the raw ones, and stray ones between the stages."""
    strays = (record.origin for topic in INTERMEDIATE for record in history.of(topic) if is_stray(record))
    return {record.origin for record in history.of(RAW)}.union(strays)


def is_stray(record: Message) -> bool:
    """Whether the record, which is from a topic between the stages, is no article."""
    return origin_of(record) == record.origin


def sent_messages_are_in_raw(history: History) -> Iterator[str]:
    """Every acknowledged raw message is in its topic, unchanged."""
    published = {record.origin: record.value for record in history.of(RAW)}
    for origin, value in history.sent.items():
        if published.get(origin) != value:
            yield f"{origin} is not what was sent"


def each_in_exactly_one_outcome(history: History) -> Iterator[str]:
    """Every raw message is in exactly one final topic, and nothing else is in any of them."""
    outcomes: defaultdict[Origin, set[str]] = defaultdict(set)
    for topic in final_topics(history):
        for record in history.of(topic):
            outcomes[origin_of(record)].add(topic)
    inputs = inputs_of(history)
    for origin in sorted(inputs - outcomes.keys(), key=str):
        yield f"{origin} {LOST}"
    for origin, topics in outcomes.items():
        if len(topics) > 1:
            yield f"{origin} is in {' and '.join(sorted(topics))}"
        if origin not in inputs:
            yield f"{origin} is in {min(topics)} but {NEVER_SENT}"


def repeats_are_identical(history: History) -> Iterator[str]:
    """Repeats of a record are identical: partition, bytes, and with the headers the message time."""
    for topic in BY_ORIGIN:
        bodies: defaultdict[Origin, set[tuple[int, Body]]] = defaultdict(set)
        for record in history.of(topic):
            if record.value is not None or topic != LEDGER:
                bodies[origin_of(record)].add((record.partition, body_of(record)))
        for origin, different in bodies.items():
            if len(different) > 1:
                yield f"{origin} is in {topic} with {len(different)} different contents"


def revisions_have_no_gaps(history: History) -> Iterator[str]:
    """Within a shard, the revisions of a URL count 1, 2, 3, …, and from 1 again once the last has left the window."""
    unique = {
        origin_of(record): orjson.loads(record.value or b"") for record in history.of(UNIQUE) if not is_stray(record)
    }
    watermarks: defaultdict[int, int] = defaultdict(int)
    last: dict[tuple[int, str], tuple[int, int]] = {}
    for record in history.without_repeats(CLEAN):
        watermark = watermarks[record.partition] = max(watermarks[record.partition], record.time)
        article = unique.get(origin_of(record))
        if article is None or not (url := article["canonical_url"] or article["url"]):
            continue
        if record.time < watermark - history.window_ms:  # late: it is compared with nothing, now and later
            if article["revision"] != 1:
                yield f"{url} has revision {article['revision']} though it is older than the window"
            continue
        number, time = last.get((record.partition, url), (0, 0))
        expected = number + 1 if time >= watermark - history.window_ms else 1
        if article["revision"] != expected:
            yield f"{url} has revision {article['revision']}, expected {expected}"
        last[record.partition, url] = (article["revision"], record.time)


def commits_only_rise(history: History) -> Iterator[str]:
    """No committed offset falls unless its group is set back, and the last ones are the end offsets."""
    for (topic, partition), offsets in history.commits.items():
        for before, after in pairwise(offsets):
            if after < before and topic not in history.set_back:
                yield f"the committed offset of {topic}/{partition} fell from {before} to {after}"
    ends: dict[Place, int] = {}
    for topic in (STAGES[stage].input_topic for stage in history.stages):
        for record in history.of(topic):
            ends[topic, record.partition] = record.offset + 1
    for place, end in ends.items():
        if (last := history.commits.get(place, [0])[-1]) < end:  # behind the last record, there may be markers
            yield f"the last committed offset of {place[0]}/{place[1]} is {last}, not {end}"


def commits_follow_outcomes(history: History) -> Iterator[str]:
    """Whenever a sample has an offset as committed, the outcome of every message below it is in the topics."""
    outputs: defaultdict[tuple[str, Origin], list[tuple[Place, int]]] = defaultdict(list)
    for topic in BY_ORIGIN:
        for record in history.of(topic):
            outputs[topic, origin_of(record)].append(((topic, record.partition), record.offset))
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
                        written = [output for other in either for output in outputs.get((other, origin), ())]
                        if not any(offset < sample.ends.get(place, 0) for place, offset in written):
                            yield f"{record.origin} {EARLY} {stage} before it was in {' or '.join(either)}"
    if not history.samples:
        yield "there is no sample of committed offsets"


def ledger_keys_hold_one_value(history: History) -> Iterator[str]:
    """No ledger key ever had two values, and no value is under the key of another message."""
    values: defaultdict[bytes | None, set[bytes]] = defaultdict(set)
    for record in history.of(LEDGER):
        if record.value is not None:
            values[record.key].add(record.value)
            if decode(record.value, LedgerEntry).origin != origin_of(record):
                yield f"the entry under {record.key!r} belongs to another message"
    for key, different in values.items():
        if len(different) > 1:
            yield f"{key!r} {CONFLICTING}: {len(different)}"


CHECKS: tuple[Callable[[History], Iterator[str]], ...] = (
    sent_messages_are_in_raw,
    each_in_exactly_one_outcome,
    repeats_are_identical,
    revisions_have_no_gaps,
    commits_only_rise,
    commits_follow_outcomes,
    ledger_keys_hold_one_value,
)


def matches_undisturbed_run(history: History, expected: Expected) -> Iterator[str]:
    """Apart from repeats, every topic holds exactly what an undisturbed run writes, byte for byte."""
    expected_outputs = {(output.topic, origin): output for origin, outputs in expected.items() for output in outputs}
    written: set[tuple[str, Origin]] = set()
    for topic in BY_ORIGIN:
        for record in history.of(topic):
            origin = origin_of(record)
            written.add((topic, origin))
            if (topic == LEDGER and record.value is None) or (topic in INTERMEDIATE and is_stray(record)):
                continue
            output = expected_outputs.get((topic, origin))
            if output is None:
                yield f"{origin} should not be in {topic}"
            elif body_of(record) != body_of(output):
                yield f"{origin} {DIFFERENT} {topic}"
    for topic, origin in sorted(expected_outputs.keys() - written, key=str):
        if topic != STORIES:
            yield f"{origin} {MISSING} {topic}"
    stories = {(record.key, record.value) for record in history.of(STORIES)}
    expected_stories = {  # an article may write several
        (output.key, output.value) for outputs in expected.values() for output in outputs if output.topic == STORIES
    }
    for key, _ in stories ^ expected_stories:
        yield f"{key!r} {DIFFERENT} {STORIES}"


def rebuilt_ledger_gives_same_verdicts(history: History, replayed: dict[int, Ledger]) -> Iterator[str]:
    """A ledger rebuilt from its topic judges every message and new copies like that of the undisturbed run.

    Messages whose entries are deleted because they have left the memory are exempt, and so are those that never had
    one, because they end every worker that judges them.
    """
    rebuilt = new_ledgers(history)
    written, deleted = set(), set()
    for record in history.of(LEDGER):
        key = (record.key or b"").decode()
        if record.value is None:
            rebuilt[record.partition].forget(key)
            deleted.add(key)
        else:
            rebuilt[record.partition].load(key, record.value)
            written.add(key)
            deleted.discard(key)
    articles = [
        (record, decode(record.value or b"", CleanArticle))
        for record in history.without_repeats(CLEAN)
        if not is_stray(record)
    ]
    latest = max((record.time for record, _ in articles), default=0)
    for record, article in articles:
        key = entry_key(article.origin)
        if key in deleted:
            if record.time >= latest - history.memory_ms:
                yield f"the entry of {article.origin} was deleted within the memory"
            continue
        if key not in written:
            continue
        answers = [of[record.partition].decide(article, record.offset, record.time) for of in (rebuilt, replayed)]
        if answers[0] != answers[1]:
            yield f"{article.origin} has a different entry in the rebuilt ledger"
    copies = [
        (record, dataclasses.replace(article, origin=Origin(topic=RAW, partition=1 << 30, offset=number)))
        for number, (record, article) in enumerate(articles[:: max(1, len(articles) // PROBES)])
    ]
    for number, (record, article) in enumerate(copies):
        answers = [of[record.partition].decide(article, (1 << 40) + number, latest) for of in (rebuilt, replayed)]
        if answers[0] != answers[1]:
            yield f"the rebuilt ledger judges a copy of {record.origin} differently"


def body_of(record: Message | Output) -> Body:
    """The part of a record that must be the same in every run and on every cluster."""
    headers = tuple(pair for pair in record.headers if pair[0] not in VOLATILE_HEADERS)
    return record.key, record.value, headers
