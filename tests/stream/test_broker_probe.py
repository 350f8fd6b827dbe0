"""Whether the broker answers, as the probe reports it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from workers.observability.health import Health
from workers.observability.metrics import Metrics
from workers.stream import broker_probe
from workers.stream.broker_probe import BrokerProbe
from workers.stream.watchdog import Progress


async def reports(progress: Progress, *answers: Callable[[], Awaitable[int]]) -> list[bool]:
    """Whether the broker counted as up when each question was asked, and after the last."""
    seen: list[bool] = []
    health, remaining = Health(), iter(answers)

    async def unread() -> int:
        seen.append(health.is_broker_up)
        return await next(remaining)()

    probe = BrokerProbe(progress, metrics := Metrics(), health, unread)
    await probe.run(lambda: len(seen) == len(answers))
    seen.append(health.is_broker_up)
    assert metrics.registry.get_sample_value("copydesk_broker_up") == seen[-1]
    return seen


async def answer() -> int:
    return 3


async def fail() -> int:
    raise ConnectionError("no broker")


def test_broker_is_down_while_it_does_not_answer_and_up_again_without_a_restart() -> None:
    progress = Progress(0.04)  # asks every hundredth of a second
    assert asyncio.run(reports(progress, answer, fail, fail, answer)) == [True, True, False, False, True]


def test_worker_whose_outputs_are_not_acknowledged_asks_too() -> None:
    progress = Progress(0.04)
    progress.batch_started([])
    assert asyncio.run(reports(progress, fail, fail)) == [True, False, False]


def test_outage_is_noticed_within_seconds() -> None:
    # The worker may have advanced just before the outage, and is then asked a period later.
    assert 2 * broker_probe.IDLE_PROBE_SECONDS + broker_probe.ANSWER_SECONDS <= 10
