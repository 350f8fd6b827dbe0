"""Asks whether the broker answers, and how many messages it has for an idle worker."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from workers.fault_points import fault_point
from workers.observability.health import Health
from workers.observability.metrics import Metrics
from workers.stream.watchdog import Progress

IDLE_PROBE_SECONDS = 2.0
"""Seconds without progress after which the broker is asked."""
ANSWER_SECONDS = 5.0
"""Seconds that it has to answer: a busy one may take some."""


class BrokerProbe:
    """Asks the broker for the backlog whenever nothing has advanced for a while.

    Reports it to the watchdog, and whether the broker answered to metrics and health. A worker whose outputs the broker
    does not acknowledge advances as little as an idle one.
    """

    def __init__(
        self, progress: Progress, metrics: Metrics, health: Health, unread: Callable[[], Awaitable[int]]
    ) -> None:
        self._progress = progress
        self._metrics = metrics
        self._health = health
        self._unread = unread
        self._period = min(IDLE_PROBE_SECONDS, progress.stall_seconds / 4)
        self._patience = min(ANSWER_SECONDS, progress.stall_seconds / 4)

    async def run(self, should_stop: Callable[[], bool]) -> None:
        """Ask once a period until ``should_stop``."""
        while not should_stop():
            await asyncio.sleep(self._period)
            if self._progress.idle_seconds < self._period:
                self.report_up(True)
            else:
                await self._ask()

    async def _ask(self) -> None:
        answer = asyncio.ensure_future(self._unread())
        await asyncio.wait({answer}, timeout=self._patience)
        if not answer.done():
            self._report(None)
        try:
            self._report(await answer)
        except Exception:  # noqa: BLE001 -- whatever the reason, the backlog is unknown
            self._report(None)

    def _report(self, unread: int | None) -> None:
        self._progress.backlog_reported(unread)
        self.report_up(unread is not None)

    @fault_point("report broker")
    def report_up(self, is_up: bool) -> None:
        """Tell metrics and health whether the broker answers."""
        self._health.is_broker_up = is_up
        self._metrics.broker_up.set(is_up)
