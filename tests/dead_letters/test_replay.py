"""A replay sends what is meant, as it was, and commits nothing that was not acknowledged."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import encode
from tests.dead_letters.support import NOW, letter_of, letter_record
from tests.dedupe.support import PARAGRAPHS, article
from workers.dead_letters.filters import LetterFilter
from workers.dead_letters.outgoing import Outgoing, outgoing_of, with_changes
from workers.dead_letters.replay import CUT, OTHERS, SENT_BEFORE, STRAY, USED_UP, Plan, Replay
from workers.errors import ReplayStoppedError
from workers.messages import TIME_HEADER, Message
from workers.outcomes import Reason
from workers.settings import Settings
from workers.topics import DAY, DEAD_LETTERS, HOUR, RAW

MILLISECONDS = int(1000 * NOW)
STRAY_RECORD = Message(DEAD_LETTERS, 0, 5, MILLISECONDS, b"7")
NO_BODY = Plan(filter=LetterFilter(reasons=("no_body",)))


class FakeSender:
    """Takes messages, except those with the values to refuse."""

    def __init__(self, refused: Sequence[bytes | None] = ()) -> None:
        self.refused = set(refused)
        self.acknowledged: list[Outgoing] = []

    def partitions(self, topic: str) -> int:
        return 4

    def send(self, outgoing: Outgoing) -> Callable[[], str | None]:
        def acknowledgement() -> str | None:
            if outgoing.value in self.refused:
                return "too large"
            self.acknowledged.append(outgoing)
            return None

        return acknowledgement


def run(
    records: Sequence[Message], plan: Plan = NO_BODY, sender: FakeSender | None = None
) -> tuple[Replay, dict[int, int]]:
    committed: dict[int, int] = {}
    replay = Replay(plan, Settings(), sender, committed.update, now=lambda: NOW, sleep=lambda seconds: None)
    replay.run(records)
    return replay, committed


def sent_of(record: Message, **changes: object) -> Outgoing:
    return outgoing_of(letter_of(record), changes, Settings(), 4, MILLISECONDS)


def test_letters_that_are_not_meant_are_passed_but_not_sent() -> None:
    sender = FakeSender()
    records = [
        letter_record(b"1", place=(0, 1)),
        letter_record(b"2", place=(0, 2), reason=Reason.EMPTY),
        STRAY_RECORD,
        letter_record(b"3" * 5_000, place=(1, 8), max_bytes=2_000),
        letter_record(b"4", place=(1, 9), headers=(("__copydesk.errors.attempt", b"2"),)),
    ]
    replay, committed = run(records, sender=sender)
    assert [outgoing.value for outgoing in sender.acknowledged] == [b"1"]
    assert replay.report.passed == {OTHERS: 1, STRAY: 1, CUT: 1, USED_UP: 1}
    assert committed == {0: 6, 1: 10}


def test_letters_that_another_replay_has_sent_back_are_left() -> None:
    committed: dict[int, int] = {}
    sender = FakeSender()
    fixed = letter_record(b"1", place=(0, 1))
    replay = Replay(
        NO_BODY, Settings(), sender, committed.update, is_sent=lambda letter: letter.record == fixed, now=lambda: NOW
    )
    replay.run([fixed, letter_record(b"2", place=(0, 2))])
    assert [outgoing.value for outgoing in sender.acknowledged] == [b"2"]
    assert replay.report.passed == {SENT_BEFORE: 1}
    assert committed == {0: 3}


def test_a_dry_run_sends_and_commits_nothing() -> None:
    replay, committed = run([letter_record()])
    assert replay.report.sent == {"no_body": 1}
    assert committed == {}


def test_a_limit_leaves_the_rest_for_the_next_run() -> None:
    records = [letter_record(b"%d" % offset, place=(0, offset)) for offset in range(5)]
    assert run(records, replace(NO_BODY, limit=2), FakeSender())[1] == {0: 2}


def test_a_letter_that_is_not_taken_stops_the_commits_before_it_and_is_named() -> None:
    committed: dict[int, int] = {}
    replay = Replay(NO_BODY, Settings(), FakeSender([b"2"]), committed.update, now=lambda: NOW)
    records = [letter_record(b"%d" % offset, place=(0, offset)) for offset in range(1, 4)]
    with pytest.raises(ReplayStoppedError, match=r"news-raw does not take news-dead-letters-0-2: too large; .*--skip"):
        replay.run(records)
    assert committed == {0: 2}
    skipping = replace(NO_BODY, skip=frozenset({"news-dead-letters-0-2"}))
    assert run(records, skipping, FakeSender([b"2"]))[1] == {0: 4}


@given(st.data())
def test_whatever_fails_every_letter_that_is_meant_is_sent_in_the_end(data: st.DataObject) -> None:
    reasons = data.draw(st.lists(st.sampled_from([Reason.NO_BODY, Reason.EMPTY]), max_size=12))
    records = [
        letter_record(b"%d" % number, reason=reason, place=(number % 3, number))
        for number, reason in enumerate(reasons)
    ]
    meant = {record.value or b"" for record, reason in zip(records, reasons, strict=True) if reason is Reason.NO_BODY}
    committed: dict[int, int] = {}
    done: set[bytes | None] = set()
    for is_last in (False, False, True):
        refused = (
            ()
            if is_last
            else data.draw(st.lists(st.sampled_from(sorted(meant)), unique=True) if meant else st.just([]))
        )
        sender = FakeSender(refused)
        left = [record for record in records if record.offset >= committed.get(record.partition, 0)]
        replay = Replay(NO_BODY, Settings(), sender, committed.update, now=lambda: NOW)
        try:
            replay.run(left)
        except ReplayStoppedError:
            assert refused
        done |= {outgoing.value for outgoing in sender.acknowledged}
        passed = {record.value or b"" for record in records if record.offset < committed.get(record.partition, 0)}
        assert passed & meant <= done
    assert done == meant


def test_a_message_goes_back_as_it_was() -> None:
    time = MILLISECONDS - HOUR
    record = letter_record(b"text", headers=(("a", None), ("a", b"1")), timestamp=time)
    assert sent_of(record) == Outgoing(
        topic=RAW, partition=3, timestamp=time, key=b"a key", value=b"text", headers=record.headers
    )


@pytest.mark.parametrize("timestamp", [-1, 0, MILLISECONDS + 26 * HOUR])
def test_a_time_that_the_broker_would_not_take_is_left_out(timestamp: int) -> None:
    assert sent_of(letter_record(timestamp=timestamp)).timestamp is None


def test_a_time_in_other_units_stays_the_same_time() -> None:
    assert sent_of(letter_record(timestamp=MILLISECONDS * 1_000_000)).timestamp == MILLISECONDS


def test_after_clean_the_message_time_is_kept_in_its_header() -> None:
    with_header = letter_record(stage="enrich", headers=((TIME_HEADER, b"17"),))
    assert sent_of(with_header).headers == with_header.headers
    without = sent_of(letter_record(stage="enrich", timestamp=MILLISECONDS))
    assert without.headers[-1] == (TIME_HEADER, str(MILLISECONDS).encode())


def test_a_partition_that_is_gone_is_left_to_kafka_but_an_article_goes_to_its_language() -> None:
    assert sent_of(letter_record(refused=(9, 1))).partition is None
    german = encode(replace(article(PARAGRAPHS[0]), language="de"))
    assert sent_of(letter_record(german, stage="dedupe", refused=(0, 1))).partition == 1
    assert sent_of(letter_record(b"{}", stage="dedupe", refused=(2, 1))).partition == 2


def test_fields_can_be_set() -> None:
    changes = with_changes(["language=en", "rank=7", "meta.section=a=b"])
    value: Any = orjson.loads(sent_of(letter_record(b'{"a": 1, "rank": 1}'), **changes).value or b"")
    assert value == {"a": 1, "rank": 7, "language": "en", "meta": {"section": "a=b"}}


@pytest.mark.parametrize(
    ("record", "why"),
    [
        (letter_record(b"plain text"), "is not a JSON object"),
        (letter_record(b"{}", stage="dedupe"), "only messages of news-raw can be edited"),
    ],
)
def test_what_cannot_be_changed_stops_the_replay(record: Message, why: str) -> None:
    with pytest.raises(ReplayStoppedError, match=why):
        run([record], replace(NO_BODY, changes={"a": 1}), FakeSender())


@pytest.mark.parametrize("text", ["language", "=en", "a..b=1"])
def test_a_change_needs_a_field_and_a_value(text: str) -> None:
    with pytest.raises(ValueError, match="field=value"):
        with_changes([text])


def test_letters_older_than_the_window_are_counted() -> None:
    assert run([letter_record(timestamp=MILLISECONDS - 4 * DAY)])[0].report.old == 1
    assert run([letter_record(timestamp=MILLISECONDS - HOUR)])[0].report.old == 0


def test_the_rate_is_kept() -> None:
    clock, sent_at = [NOW], list[float]()

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    class Sender(FakeSender):
        def send(self, outgoing: Outgoing) -> Callable[[], str | None]:
            sent_at.append(clock[0] - NOW)
            return super().send(outgoing)

    def ignore(offsets: Mapping[int, int]) -> None:
        pass

    replay = Replay(replace(NO_BODY, rate=2), Settings(), Sender(), ignore, now=lambda: clock[0], sleep=sleep)
    replay.run([letter_record(place=(0, offset)) for offset in range(4)])
    assert sent_at == [0, 0.5, 1, 1.5]


def test_each_filter_has_a_group_of_its_own() -> None:
    plans = [NO_BODY, Plan(), replace(NO_BODY, max_attempts=9), Plan(filter=LetterFilter(reasons=("empty",)))]
    assert len({plan.group for plan in plans}) == len(plans)
    assert NO_BODY.group == "copydesk-replay.reason=no_body"
