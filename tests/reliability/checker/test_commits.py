"""Parsing Kafka's own records of commits."""

from __future__ import annotations

import pytest

from tests.reliability.checker.commits import offset_of, place_of

COMMIT = b"\x00\x01\x00\x0ecopydesk-clean\x00\x08news-raw\x00\x00\x00\x05"
GROUP = b"\x00\x02\x00\x0ecopydesk-clean"


@pytest.mark.parametrize(("key", "place"), [(COMMIT, ("news-raw", 5)), (GROUP, None)])
def test_only_the_key_of_a_commit_has_a_partition(key: bytes, place: tuple[str, int] | None) -> None:
    assert place_of(key) == place


def test_the_value_of_a_commit_has_the_offset() -> None:
    assert offset_of(b"\x00\x04" + (1 << 40).to_bytes(8, "big") + b"\xff\xff\xff\xff\x00\x00") == 1 << 40
