"""Sends until the broker acknowledges: transient failures are retried a few times, for at most a minute.

The producer itself retries until its request timeout; a failure seen here comes after that timeout. One minute is
well below the two minutes that a rebalance waits for a batch.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Hashable, Iterator, Sequence
from enum import Enum, auto
from typing import TypeVar

from aiokafka import errors as kafka

from workers.fault_points import fault_point

T = TypeVar("T")

MAX_ATTEMPTS = 5
FIRST_PAUSE_SECONDS, MAX_PAUSE_SECONDS = 0.5, 10.0
"""Upper bound of the random pause after an attempt; it doubles with each attempt ("full jitter")."""
DELIVERY_TIMEOUT = 60.0
"""Seconds for all attempts together."""


class InvalidRecordError(kafka.BrokerResponseError):  # type: ignore[misc]
    """The broker does not take the record, such as one without a key in a compacted topic; aiokafka has no such error.

    A subclass of ``BrokerResponseError`` so that aiokafka raises it, once it is registered under its code.
    """

    errno = 87
    message = "INVALID_RECORD"


kafka.kafka_errors.setdefault(InvalidRecordError.errno, InvalidRecordError)


class Failure(Enum):
    """What a failed send means for its output."""

    TRANSIENT = auto()
    """The same output is likely to be accepted a little later."""
    REFUSED = auto()
    """The output is itself at fault; no worker will ever get it accepted."""
    PERMANENT = auto()
    """Neither the output nor time will help: permissions, a missing topic, a closed producer."""


SIZE_REFUSALS = (kafka.MessageSizeTooLargeError, kafka.RecordListTooLargeError)
"""Errors of an output that is larger than its topic or the producer takes."""
REFUSALS = (*SIZE_REFUSALS, kafka.InvalidTimestampError, InvalidRecordError, UnicodeEncodeError)
"""Errors whose cause lies in the output."""


@fault_point("classify failure")
def classify(error: BaseException) -> Failure:
    """What the failed send means, by its error or the errors that caused it: Faust wraps what the producer raises."""
    for cause in _causes(error):
        if isinstance(cause, REFUSALS):
            return Failure.REFUSED
        if isinstance(cause, (TimeoutError, kafka.KafkaTimeoutError)) or getattr(cause, "retriable", False):
            return Failure.TRANSIENT
    return Failure.PERMANENT


async def deliver(
    outputs: Sequence[T],
    send: Callable[[T], Awaitable[Awaitable[object]]],
    key: Callable[[T], Hashable],
    on_retry: Callable[[Sequence[T], BaseException], None] = lambda outputs, error: None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    jitter: Callable[[float, float], float] = random.uniform,
    timeout: float = DELIVERY_TIMEOUT,
) -> list[tuple[T, Exception]]:
    """Return once every output is acknowledged or refused: the refused outputs, each with its error.

    An output is sent again together with all later ones of the same key, so that the latest value of a key stays the
    latest.

    Args:
        send: sends one output; the awaitable that it returns is the acknowledgement.
        key: returns the key of an output; outputs with the same key keep their order.
        on_retry: called with the outputs that are about to be sent again, and one of the errors.
        timeout: seconds for all attempts together.

    Raises:
        Exception: the error of an output that failed for good though it is not at fault, or ``TimeoutError``.
    """
    refused: list[tuple[T, Exception]] = []
    alone = False
    async with asyncio.timeout(timeout):
        for attempt in range(MAX_ATTEMPTS):
            errors = await (_send_in_turn(outputs, send) if alone else _send_together(outputs, send))
            if alone:
                for number, error in enumerate(errors):
                    if isinstance(error, Exception) and _is_refusal(error):
                        refused.append((outputs[number], error))
                        errors[number] = None
            failures = [error for error in errors if error]
            permanent = [error for error in failures if classify(error) is Failure.PERMANENT]
            if not failures:
                break
            if permanent or attempt == MAX_ATTEMPTS - 1:
                raise _as_exception((permanent or failures)[0])
            outputs = _with_followers(outputs, errors, key)
            on_retry(outputs, failures[0])
            if any(map(_is_refusal, failures)):
                # The broker refuses a whole batch of the producer for one output in it. Alone, an output is judged.
                alone = True
            else:
                await sleep(jitter(0, min(MAX_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2**attempt)))
    return refused


def cause_of_refusal(error: Exception) -> BaseException:
    """The error that says why an output was refused, without what Faust wraps around it."""
    return next((cause for cause in _causes(error) if isinstance(cause, REFUSALS)), error)


def _is_refusal(error: BaseException) -> bool:
    return classify(error) is Failure.REFUSED


def _as_exception(error: BaseException) -> Exception:
    # Treat a cancelled delivery as failed: re-raising CancelledError would look like our own cancellation.
    return error if isinstance(error, Exception) else ConnectionError("a delivery was cancelled")


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__


async def _send_in_turn(
    outputs: Sequence[T], send: Callable[[T], Awaitable[Awaitable[object]]]
) -> list[BaseException | None]:
    """What ``_send_together`` returns; each output is acknowledged before the next is sent."""
    return [error for output in outputs for error in await _send_together([output], send)]


async def _send_together(
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
