"""Messages: their time, whatever their producer says, and their size in bytes."""

from __future__ import annotations

import pytest
from aiokafka.record.default_records import DefaultRecordBatchBuilder
from hypothesis import given
from hypothesis import strategies as st

from workers.messages import MAX_CLOCK_SKEW_MS, MAX_FRAMING_BYTES, TIME_HEADER, Headers, Message, Output
from workers.timestamps import UNITS_PER_SECOND, milliseconds, rfc3339
from workers.topics import CLEAN, DAY, RAW

NOON = 1_767_268_800_123
"""2026-01-01T12:00:00.123Z."""
times = st.integers(946_684_800_000, 4_102_444_799_999)


def clean(timestamp: int, *times: bytes | None) -> Message:
    headers: Headers = (("a", None), *((TIME_HEADER, time) for time in times), ("a", b""))
    return Message(CLEAN, 0, 0, timestamp, b"", headers=headers)


@given(times, st.sampled_from(UNITS_PER_SECOND))
def test_a_time_is_the_same_in_every_unit(time: int, per_second: int) -> None:
    assert milliseconds(time * per_second // 1_000) == (time if per_second >= 1_000 else time // 1_000 * 1_000)


@given(st.integers(-(1 << 63), (1 << 63) - 1))
def test_a_timestamp_is_a_time_of_this_century_or_unknown(timestamp: int) -> None:
    time = milliseconds(timestamp)
    assert time == 0 or rfc3339(time).startswith("20")


@pytest.mark.parametrize(
    ("timestamp", "time"),
    [
        (NOON, NOON),
        (NOON // 1_000, NOON // 1_000 * 1_000),
        (NOON * 1_000 + 7, NOON),
        (NOON * 1_000_000 + 7, NOON),
        (0, 0),
        (-1, 0),
        (-NOON, 0),
        (3_600, 0),
        (915_148_800, 0),
        (915_148_800_000, 0),
        ((1 << 63) - 1, 0),
    ],
)
def test_a_raw_message_has_the_time_of_its_producer_in_any_unit(timestamp: int, time: int) -> None:
    header: Headers = ((TIME_HEADER, str(NOON + 5).encode()),)
    message = Message(RAW, 0, 0, timestamp, b"", headers=header)
    assert (message.raw_time, message.time) == (time, time), "the header of a raw message must not be trusted"


@pytest.mark.parametrize("ago", [0, 10 * DAY, -MAX_CLOCK_SKEW_MS])
def test_a_message_of_a_later_stage_has_the_time_of_the_raw_message(ago: int) -> None:
    message = clean(NOON, str(NOON - ago).encode())
    assert (message.raw_time, message.time, message.written) == (NOON - ago, NOON - ago, NOON)


@pytest.mark.parametrize(
    "header",
    [
        (),
        (None,),
        (b"",),
        (b"-1",),
        (b"soon",),
        (b"\xff",),
        (b"9" * 9_999,),
        (str(NOON + MAX_CLOCK_SKEW_MS + 1).encode(),),
    ],
)
def test_without_a_credible_raw_time_the_time_of_writing_counts(header: tuple[bytes | None, ...]) -> None:
    assert clean(NOON, *header).time == NOON


def test_a_raw_time_counts_if_the_time_of_writing_is_unknown() -> None:
    assert clean(0, str(NOON).encode()).time == NOON


@given(
    st.lists(st.tuples(st.text(st.characters(codec="utf-8")), st.none() | st.binary()), max_size=5),
    st.none() | st.binary(),
    st.binary(),
)
def test_an_output_is_at_least_as_large_as_its_record_batch(
    headers: list[tuple[str, bytes | None]], key: bytes | None, value: bytes
) -> None:
    builder = DefaultRecordBatchBuilder(
        2, 0, is_transactional=0, producer_id=-1, producer_epoch=-1, base_sequence=0, batch_size=1 << 20
    )
    builder.append(0, 0, key=key, value=value, headers=headers)
    size = Output(CLEAN, key, value, headers=tuple(headers)).size
    assert len(builder.build()) <= size <= len(builder.build()) + MAX_FRAMING_BYTES + 10 * len(headers)
