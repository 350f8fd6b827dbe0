"""Which letters count as sent back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dead_letters.support import letter_of, letter_record
from workers.dead_letters.filters import LetterFilter
from workers.dead_letters.replay import GROUP, Plan
from workers.dead_letters.sent import MAX_NOTE_CHARS, SINGLES, Notes, Sent, note_of, parse_runs, with_offsets
from workers.outcomes import Reason

NO_BODY = Plan(filter=LetterFilter(reasons=("no_body",)))


def test_a_filter_has_sent_the_letters_that_it_means_before_its_offset() -> None:
    sent = Sent([(NO_BODY, {0: 5})])
    assert sent.has(letter_of(letter_record(place=(0, 4))))
    assert not sent.has(letter_of(letter_record(place=(0, 5))))
    assert not sent.has(letter_of(letter_record(place=(1, 4))))
    assert not sent.has(letter_of(letter_record(place=(0, 4), reason=Reason.EMPTY)))


def test_what_a_filter_leaves_stays_open() -> None:
    used_up = letter_record(place=(0, 1), headers=(("__copydesk.errors.attempt", b"2"),))
    cut = letter_record(b"3" * 5_000, place=(0, 2), max_bytes=2_000)
    assert not any(Sent([(Plan(), {0: 9})]).has(letter_of(record)) for record in (used_up, cut))


@given(st.lists(st.lists(st.integers(0, 60), max_size=8), max_size=6))
def test_letters_that_were_sent_one_by_one_are_noted(replays: list[list[int]]) -> None:
    commits: dict[int, tuple[int, str]] = {}

    def write(partition: int, offset: int, note: str) -> None:
        commits[partition] = (offset, note)

    notes = Notes(lambda partition: commits.get(partition, (0, ""))[1], write)
    for offsets in replays:
        notes.add(letter_of(letter_record(place=(1, offset))) for offset in offsets)
    every = {offset for offsets in replays for offset in offsets}
    sent = Sent(singles={partition: parse_runs(note) for partition, (_, note) in commits.items()})
    assert {offset for offset in range(62) if sent.has(letter_of(letter_record(place=(1, offset))))} == every
    assert not sent.has(letter_of(letter_record(place=(0, 1))))


def test_a_note_that_would_be_too_long_has_the_last_letters() -> None:
    runs = with_offsets([], range(0, 10_000, 2))
    note = note_of(runs)
    assert MAX_NOTE_CHARS - 6 < len(note) <= MAX_NOTE_CHARS
    assert parse_runs(note) == runs[-len(parse_runs(note)) :]


@pytest.mark.parametrize("note", ["", "x", "5-3", "process 7 on host until 9", "1" * 30, None])
def test_a_note_of_somebody_else_says_nothing(note: str | None) -> None:
    assert parse_runs(note) == []


@pytest.mark.parametrize("plan", [Plan(), NO_BODY, Plan(max_attempts=9), Plan(filter=NO_BODY.filter, max_attempts=9)])
def test_a_group_says_what_its_replay_meant(plan: Plan) -> None:
    assert Plan.of_group(plan.group, {}) == plan


@pytest.mark.parametrize("group", [SINGLES, f"{GROUP}.", f"{GROUP}s", "copydesk-clean"])
def test_other_groups_are_of_no_filter(group: str) -> None:
    with pytest.raises(ValueError, match=r"no group of a replay|names no filter"):
        Plan.of_group(group, {})
