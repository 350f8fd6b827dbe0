"""The checker has no finding for an undisturbed run, and finds exactly what was broken in any other."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Sequence
from functools import cache

import orjson
import pytest

from tests.dedupe.support import BOTH, DAM, RESCUE, WALL
from tests.integration.articles import inputs
from tests.reliability.checker.checker import check_history
from tests.reliability.checker.history import History, Sample, origin_of
from tests.reliability.checker.replay import undisturbed
from tests.reliability.findings import KILLER
from tests.reliability.harness.stream import NO_MODEL
from workers.messages import TIME_HEADER, Message
from workers.outcomes import Stage
from workers.settings import Settings
from workers.stages import STAGES
from workers.topics import CLEAN, DEAD_LETTERS, DUPLICATES, ENRICHED, LEDGER, RAW, STORIES, UNIQUE

NOON = 1_763_812_800_000


@cache
def perfect() -> History:
    """The history of an undisturbed run."""
    return history_of([message.value for message in inputs(60, seed=3, words=30, bad=0.1)])


def history_of(values: Sequence[bytes | None]) -> History:
    """The history of an undisturbed run on these messages. Every record is in partition 0 unless it has a shard."""
    history = History(Settings(models=NO_MODEL))
    history.records[RAW] = [Message(RAW, 0, offset, NOON + offset, value) for offset, value in enumerate(values)]
    history.sent = {record.origin: record.value or b"" for record in history.of(RAW)}
    for _ in Stage:
        fill(history)
    history.samples = [sample(history, 0), sample(history, 10**6)]
    history.commits = {place: [0, end] for place, end in history.samples[-1].committed.items()}
    return history


def fill(history: History) -> None:
    """Fill the topics with the outputs that the stages make of their inputs."""
    expected, _ = undisturbed(history)
    raw = history.records[RAW]
    history.records = {RAW: raw}
    for record in raw:
        for output in expected.get(record.origin, ()):
            partition = output.partition or 0
            topic = history.records.setdefault(output.topic, [])
            offset = sum(other.partition == partition for other in topic)
            topic.append(
                Message(output.topic, partition, offset, record.timestamp, output.value, output.key, output.headers)
            )
    for records in history.records.values():
        records.sort(key=lambda record: (record.partition, record.offset))


def sample(history: History, committed: int) -> Sample:
    """A sample at the end of the run, with at most ``committed`` messages of each input committed."""
    ends: dict[tuple[str, int], int] = {}
    for topic, records in history.records.items():
        for record in records:
            ends[topic, record.partition] = record.offset + 1
    inputs_of_stages = {
        place: end for place, end in ends.items() if place[0] in {stage.input_topic for stage in STAGES.values()}
    }
    return Sample({place: min(committed, end) for place, end in inputs_of_stages.items()}, ends)


def findings(breaks: Callable[[History], None]) -> set[str]:
    """The names of the checks that have findings after ``breaks`` changed the history."""
    history = copy.deepcopy(perfect())
    breaks(history)
    return {line.partition(":")[0] for line in check_history(history).findings}


def test_an_undisturbed_run_has_no_findings() -> None:
    result = check_history(perfect())
    assert result.findings == []
    assert (result.inputs, result.missing, result.repeats) == (60, 0, 0)
    assert all(result.outcomes[topic] for topic in (ENRICHED, DUPLICATES, DEAD_LETTERS))
    assert any(orjson.loads(record.value or b"")["revision"] > 1 for record in perfect().of(UNIQUE))


def test_a_message_that_kills_dedupe_may_precede_a_copy_of_it() -> None:
    body = " ".join(f"The council said on Monday that road {number} would be closed." for number in range(30))
    killer, copied = (
        orjson.dumps({"headline": headline, "body": body, "url": f"https://a.example/{number}"})
        for number, headline in enumerate((KILLER.format(Stage.DEDUPE, "kill -9"), "A text that comes again"))
    )
    history = history_of([killer, copied, *(message.value for message in inputs(3, seed=3, words=30))])
    assert [len(history.of(topic)) for topic in (CLEAN, DEAD_LETTERS, LEDGER)] == [5, 1, 4]
    assert check_history(history).findings == []


def test_a_run_in_which_stories_are_merged_has_no_findings() -> None:
    history = history_of([orjson.dumps({"body": body}) for body in (RESCUE, DAM, WALL, BOTH)])
    assert len(history.of(STORIES)) == 5
    assert check_history(history).findings == []


def test_a_repeat_is_counted_but_is_no_finding() -> None:
    history = copy.deepcopy(perfect())
    repeat(history, ENRICHED)
    result = check_history(history)
    assert (result.findings, result.repeats) == ([], 1)


def test_the_time_of_a_failure_may_differ() -> None:
    history = copy.deepcopy(perfect())
    first = repeat(history, DEAD_LETTERS)
    headers = tuple((name, b"later" if name.endswith("first_failed_at") else value) for name, value in first.headers)
    replace(history, DEAD_LETTERS, dataclasses.replace(first, headers=headers))
    assert check_history(history).findings == []


def repeat(history: History, topic: str) -> Message:
    """Append the first record of the topic again."""
    again = dataclasses.replace(history.of(topic)[0], offset=len(history.of(topic)))
    history.of(topic).append(again)
    return again


def replace(history: History, topic: str, record: Message) -> None:
    """Replace the record at the same partition and offset."""
    history.records[topic] = [record if record.origin == other.origin else other for other in history.of(topic)]


def lose(topic: str) -> Callable[[History], None]:
    def lost(history: History) -> None:
        del history.of(topic)[5 % len(history.of(topic))]

    return lost


def repeat_with_other_bytes(topic: str) -> Callable[[History], None]:
    def breaks(history: History) -> None:
        again = repeat(history, topic)
        replace(history, topic, dataclasses.replace(again, value=(again.value or b"").replace(b'"', b" ", 1)))

    def append_space(history: History) -> None:
        again = repeat(history, topic)
        replace(history, topic, dataclasses.replace(again, value=(again.value or b"") + b" "))

    return breaks if topic == DEAD_LETTERS else append_space


def repeat_with_later_time(history: History) -> None:
    again = repeat(history, ENRICHED)
    others = tuple(header for header in again.headers if header[0] != TIME_HEADER)
    headers = (*others, (TIME_HEADER, str(again.raw_time + 1).encode()))
    replace(history, ENRICHED, dataclasses.replace(again, headers=headers))


def add_second_outcome(history: History) -> None:
    origin = orjson.loads(history.of(ENRICHED)[0].value or b"")["origin"]
    other = history.of(DUPLICATES)[0]
    value = orjson.dumps(orjson.loads(other.value or b"") | {"origin": origin})
    history.of(DUPLICATES).append(dataclasses.replace(other, offset=10**4, value=value))


def skip_a_revision(history: History) -> None:
    for record in history.of(UNIQUE):
        article = orjson.loads(record.value or b"")
        if article["revision"] > 1:
            value = orjson.dumps(article | {"revision": article["revision"] + 1})
            replace(history, UNIQUE, dataclasses.replace(record, value=value))
            return


def change_story(history: History) -> None:
    for topic in (UNIQUE, ENRICHED):
        record = history.of(topic)[0]
        value = orjson.dumps(orjson.loads(record.value or b"") | {"story_id": "story-other"})
        replace(history, topic, dataclasses.replace(record, value=value))


def lower_a_commit(history: History) -> None:
    history.commits[RAW, 0] += [3, *history.commits[RAW, 0]]


def commit_before_outcomes(history: History) -> None:
    history.samples.insert(1, dataclasses.replace(sample(history, 10**6), ends={}))


def drop_the_last_commit(history: History) -> None:
    del history.commits[RAW, 0][-1]


def drop_all_samples(history: History) -> None:
    history.samples.clear()


def change_repeated_entry(history: History) -> None:
    again = repeat(history, LEDGER)
    value = orjson.dumps(orjson.loads(again.value or b"") | {"position": 10**4})
    replace(history, LEDGER, dataclasses.replace(again, value=value))


def delete_within_the_window(history: History) -> None:
    entry = history.of(LEDGER)[0]
    history.of(LEDGER).append(dataclasses.replace(entry, offset=10**4, value=None))


def move_entry_to_another_key(history: History) -> None:
    first, second = history.of(LEDGER)[:2]
    replace(history, LEDGER, dataclasses.replace(first, key=second.key))


def remove_raw_message(history: History) -> None:
    del history.records[RAW][[record.origin for record in history.of(RAW)].index(origin_of(history.of(ENRICHED)[0]))]


def change_story_record(history: History) -> None:
    record = history.of(STORIES)[0]
    value = orjson.dumps(orjson.loads(record.value or b"") | {"articles": 99})
    replace(history, STORIES, dataclasses.replace(record, value=value))


@pytest.mark.parametrize(
    ("breaks", "check"),
    [
        (lose(RAW), "sent_messages_are_in_raw"),
        (remove_raw_message, "each_in_exactly_one_outcome"),
        (lose(ENRICHED), "each_in_exactly_one_outcome"),
        (lose(DUPLICATES), "each_in_exactly_one_outcome"),
        (lose(DEAD_LETTERS), "each_in_exactly_one_outcome"),
        (lose(ENRICHED), "commits_follow_outcomes"),
        (add_second_outcome, "each_in_exactly_one_outcome"),
        (repeat_with_other_bytes(ENRICHED), "repeats_are_identical"),
        (repeat_with_other_bytes(DUPLICATES), "repeats_are_identical"),
        (repeat_with_other_bytes(DEAD_LETTERS), "repeats_are_identical"),
        (repeat_with_later_time, "repeats_are_identical"),
        (lose(UNIQUE), "matches_undisturbed_run"),
        (change_story, "matches_undisturbed_run"),
        (lose(STORIES), "matches_undisturbed_run"),
        (change_story_record, "matches_undisturbed_run"),
        (skip_a_revision, "revisions_have_no_gaps"),
        (lower_a_commit, "commits_only_rise"),
        (drop_the_last_commit, "commits_only_rise"),
        (commit_before_outcomes, "commits_follow_outcomes"),
        (drop_all_samples, "commits_follow_outcomes"),
        (lose(LEDGER), "matches_undisturbed_run"),
        (lose(LEDGER), "rebuilt_ledger_gives_same_verdicts"),
        (lose(LEDGER), "commits_follow_outcomes"),
        (change_repeated_entry, "ledger_keys_hold_one_value"),
        (delete_within_the_window, "rebuilt_ledger_gives_same_verdicts"),
        (move_entry_to_another_key, "ledger_keys_hold_one_value"),
        (lose(CLEAN), "matches_undisturbed_run"),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_the_check_finds_what_was_broken(breaks: Callable[[History], None], check: str) -> None:
    assert check in findings(breaks)
