"""The free space of the disk that holds the embedded Kafka's data: warns in the log before it is full."""

from __future__ import annotations

import logging
import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

log = logging.getLogger(__name__)

LOW_SHARE = 0.1
"""The share of the disk below which its free space is low; the alert CopydeskDiskFilling uses the same."""
CHECK_SECONDS = 30.0
"""Seconds between two looks at the disk."""
REMINDER_SECONDS = 3600.0
"""Seconds between two log lines about a disk that stays nearly full."""


@dataclass(slots=True)
class Disk:
    """The disk of a directory: warns in the log while it is nearly full.

    Attributes:
        directory: any directory on it.
        usage, clock: replaced by tests.
    """

    directory: Path
    usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage
    clock: Callable[[], float] = time.monotonic
    _warned_at: float | None = None

    @property
    def size(self) -> int:
        """Its size in bytes."""
        return self.usage(self.directory)[0]

    @property
    def free(self) -> int:
        """Its free space in bytes."""
        return self.usage(self.directory)[2]

    def check(self) -> None:
        """Log a warning once the space is low, again every hour, and a line when it no longer is."""
        size, _, free = self.usage(self.directory)
        details = {"directory": str(self.directory), "free_bytes": free, "size_bytes": size}
        if free >= LOW_SHARE * size:
            if self._warned_at is not None:
                log.info("the disk has room again", extra=details)
            self._warned_at = None
        elif self._warned_at is None or self.clock() - self._warned_at >= REMINDER_SECONDS:
            log.warning(
                "the disk is nearly full; once it is, Kafka ends and news waits: free space, enlarge the disk or lower "
                "COPYDESK_RETENTION_BYTES",
                extra=details,
            )
            self._warned_at = self.clock()

    def watch(self) -> None:
        """Return at once; from now on check regularly."""

        def run() -> None:
            while True:
                with suppress(OSError):  # the directory is gone; Kafka says so
                    self.check()
                time.sleep(CHECK_SECONDS)

        Thread(target=run, name="disk", daemon=True).start()
