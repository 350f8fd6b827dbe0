"""Sends until the broker acknowledges: transient failures are retried a few times, for at most a minute.

The producer itself retries until its request timeout; a failure seen here comes after that timeout. One minute is
well below the two minutes that a rebalance waits for a batch.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import TypeVar

from aiokafka.errors import KafkaTimeoutError

T = TypeVar("T")

MAX_ATTEMPTS = 5
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.5, 10.0
"""Upper bound of the random pause after an attempt; it doubles with each attempt ("full jitter")."""
DELIVERY_TIMEOUT = 60.0
"""Seconds for all attempts together."""


def is_transient(error: BaseException) -> bool:
    """Whether the same message is likely to be accepted a little later."""
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
    on_retry: Callable[[Sequence[T], BaseException], None] = lambda outputs, error: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    jitter: Callable[[float, float], float] = random.uniform,
    timeout: float = DELIVERY_TIMEOUT,
) -> None:
    """Return once every output is acknowledged.

    An output is sent again together with all later ones of the same key, so that the latest value of a key stays the
    latest.

    Args:
        send: sends one output; the awaitable that it returns is the acknowledgement.
        key: returns the key of an output; outputs with the same key keep their order.
        on_retry: called with the outputs that are about to be sent again, and one of the errors.
        timeout: seconds for all attempts together.

    Raises:
        Exception: the error of an output that failed for good, or ``TimeoutError``.
    """
    async with asyncio.timeout(timeout):
        for attempt in range(MAX_ATTEMPTS):
            errors = await _attempt(outputs, send)
            permanent = [error for error in errors if error and not is_transient(error)]
            failures = permanent or [error for error in errors if error]
            if not failures:
                return
            if permanent or attempt == MAX_ATTEMPTS - 1:
                # Treat a cancelled delivery as failed: re-raising CancelledError would look like our own cancellation.
                raise failures[0] if isinstance(failures[0], Exception) else ConnectionError("a delivery was cancelled")
            outputs = _with_followers(outputs, errors, key)
            on_retry(outputs, failures[0])
            await sleep(jitter(0, min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)))


async def _attempt(
    outputs: Sequence[T], send: Callable[[T], Awaitable[Awaitable[object]]]
) -> list[BaseException | None]:
    """The error of each output, in order; None if it was acknowledged."""

    async def try_to_send(output: T) -> Awaitable[object] | Exception:
        try:
            return await send(output)
        except Exception as error:  # noqa: BLE001 -- the caller judges it, like the error of an acknowledgement
            return error

    # Send one by one to keep the order in the producer's batches; await only the acknowledgements together.
    deliveries = [await try_to_send(output) for output in outputs]
    pending = [delivery for delivery in deliveries if not isinstance(delivery, Exception)]
    acknowledgements = iter(await asyncio.gather(*pending, return_exceptions=True))
    errors: list[BaseException | None] = []
    for delivery in deliveries:
        answer = delivery if isinstance(delivery, Exception) else next(acknowledgements)
        errors.append(answer if isinstance(answer, BaseException) else None)
    return errors


def _with_followers(
    outputs: Sequence[T], errors: Sequence[BaseException | None], key: Callable[[T], Hashable]
) -> list[T]:
    """The outputs that failed, and those that came after a failed one of the same key."""
    failed_keys: set[Hashable] = set()
    chosen = []
    for output, error in zip(outputs, errors, strict=True):
        if error:
            failed_keys.add(key(output))
        if key(output) in failed_keys:
            chosen.append(output)
    return chosen
