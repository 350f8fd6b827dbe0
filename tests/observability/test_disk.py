"""The warnings about a disk that is nearly full."""

from __future__ import annotations

from pathlib import Path

import pytest

from workers.observability.disk import REMINDER_SECONDS, Disk

FULL, AGAIN = "the disk is nearly full", "the disk has room again"


def test_low_space_is_logged_once_an_hour_until_there_is_room(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    frees, moments = [0], [0.0]
    disk = Disk(Path("/data"), usage=lambda _: (1_000, 1_000 - frees[-1], frees[-1]), clock=lambda: moments[-1])
    for moment, free, expected in (
        (0.0, 500, []),
        (30.0, 99, [FULL]),
        (60.0, 98, []),
        (31.0 + REMINDER_SECONDS, 97, [FULL]),
        (32.0 + REMINDER_SECONDS, 100, [AGAIN]),
        (33.0 + REMINDER_SECONDS, 500, []),
        (34.0 + REMINDER_SECONDS, 0, [FULL]),
    ):
        frees.append(free)
        moments.append(moment)
        caplog.clear()
        disk.check()
        assert [message.split(";")[0] for message in caplog.messages] == expected
    assert (disk.size, disk.free) == (1_000, 0)
    assert vars(caplog.records[0])["free_bytes"] == 0
