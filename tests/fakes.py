"""Fakes that tests of several packages share."""

from __future__ import annotations

from collections.abc import Collection

from faust.types import TP


class _NoConsumer:
    """A consumer without partitions."""

    def assignment(self) -> Collection[TP]:
        return ()

    def highwater(self, tp: TP) -> int | None:
        return None

    def log_end(self, tp: TP) -> int | None:
        return None

    def done_to(self, tp: TP) -> int:
        return 0


NO_CONSUMER = _NoConsumer()
