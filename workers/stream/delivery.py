"""Sending until it is acknowledged: what fails for a passing reason is sent again, a few times, for a minute at most.

The producer itself tries again for as long as its request timeout; what surfaces here has outlived that. A minute in
all stays well under the two that a rebalance waits for a batch.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TypeVar

from aiokafka.errors import KafkaTimeoutError

T = TypeVar("T")

ATTEMPTS = 5
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
"""Seconds: the bound of a random pause, doubled from attempt to attempt ("full jitter")."""
PATIENCE = 60.0
"""Seconds for all attempts together."""


def transient(error: BaseException) -> bool:
    """Whether the same message may well be taken a little later."""
    cause: BaseException | None = error  # Faust wraps what the producer raises
    while cause is not None:
        if isinstance(cause, (TimeoutError, KafkaTimeoutError)) or getattr(cause, "retriable", False):
            return True
        cause = cause.__cause__
    return False


async def deliver(
    outputs: Sequence[T],
    send: Callable[[T], Awaitable[Awaitable[object]]],
    key: Callable[[T], Hashable],
    again: Callable[[Sequence[T], BaseException], None] = lambda outputs, error: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    jitter: Callable[[float, float], float] = random.uniform,
    patience: float = PATIENCE,
) -> None:
    """Return once every output is acknowledged.

    What is sent again goes together with whatever followed it under the same key, so that the last word on a key stays
    the last.

    Args:
        send: sends one; what it returns is awaited for the acknowledgement.
        key: what orders outputs among each other.
        again: is told what will be sent again, and an error that it met with.

    Raises:
        Exception: the error of an output that failed for good, or ``TimeoutError``.
    """
    async with asyncio.timeout(patience):
        for attempt in range(ATTEMPTS):
            errors = await _attempt(outputs, send)
            lasting = [error for error in errors if error and not transient(error)]
            failed = lasting or [error for error in errors if error]
            if not failed:
                return
            if lasting or attempt == ATTEMPTS - 1:
                # A cancelled delivery is a failed one; raised as it is, it would look like our own cancellation.
                raise failed[0] if isinstance(failed[0], Exception) else ConnectionError("a delivery was cancelled")
            outputs = _with_followers(outputs, errors, key)
            again(outputs, failed[0])
            await sleep(jitter(0, min(LONGEST_PAUSE, FIRST_PAUSE * 2**attempt)))


async def _attempt(
    outputs: Sequence[T], send: Callable[[T], Awaitable[Awaitable[object]]]
) -> list[BaseException | None]:
    """For each output, in order, what went wrong; None if it was acknowledged."""

    async def sent(output: T) -> Awaitable[object] | Exception:
        try:
            return await send(output)
        except Exception as error:  # noqa: BLE001 -- judged by the caller, like the error of a delivery
            return error

    # One after the other, which is their order in the producer's batches; only the acknowledgements come together.
    deliveries = [await sent(output) for output in outputs]
    pending = [each for each in deliveries if not isinstance(each, Exception)]
    answers = iter(await asyncio.gather(*pending, return_exceptions=True))
    errors: list[BaseException | None] = []
    for delivery in deliveries:
        answer = delivery if isinstance(delivery, Exception) else next(answers)
        errors.append(answer if isinstance(answer, BaseException) else None)
    return errors


def _with_followers(
    outputs: Sequence[T], errors: Sequence[BaseException | None], key: Callable[[T], Hashable]
) -> list[T]:
    wanted: set[Hashable] = set()
    chosen = []
    for output, error in zip(outputs, errors, strict=True):
        if error:
            wanted.add(key(output))
        if key(output) in wanted:
            chosen.append(output)
    return chosen
