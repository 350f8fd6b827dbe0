"""The one place that observes: takes a batch, has it handled, sends, waits, counts, acknowledges, in this order.

A message leaves a stage in exactly one way. What is wrong with the message itself ends in the dead letters, with the
original bytes; what is wrong with anything else (the broker, the disk, our own code around the handlers) ends the
process without an acknowledgement, and the messages are delivered again to whoever comes next.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from typing import Protocol

from schemas import DeadLetterHeaders
from workers import __version__
from workers.dedupe.verdicts import rfc3339
from workers.metrics import Metrics
from workers.outcomes import Outcome, Reason, Rejected, Stage
from workers.stages import Headers, Message, Output, Result
from workers.topics import DEAD_LETTERS, Topic

log = logging.getLogger(__name__)

ERROR_HEADERS = "__copydesk.errors."
LONGEST_HEADER = 500
"""Characters of an error message that go into the headers."""
FRAMING = 512
"""Bytes that Kafka may add to a record in a batch of its own, with room to spare."""

Answer = Result | Exception
Handler = Callable[[Sequence[Message]], Sequence[Answer]]
"""What a stage makes of a batch: for each message, in order, a result or what was wrong with it."""


class Sender(Protocol):
    """Sends a message; what it returns is awaited for the broker's acknowledgement."""

    async def __call__(self, output: Output, timestamp: int) -> Awaitable[object]:
        """Take the message into the outgoing buffer."""


def one_by_one(handle: Callable[[Message], Result]) -> Handler:
    """A handler that handles the messages of a batch one after the other."""
    return lambda messages: [_attempt(handle, message) for message in messages]


def together(handle: Callable[[Sequence[Message]], Sequence[Result]]) -> Handler:
    """A handler for a batch at a time, and one by one where that fails, so that one bad message spoils no other."""

    def handler(messages: Sequence[Message]) -> Sequence[Answer]:
        try:
            return handle(messages)
        except Exception:  # noqa: BLE001 -- found again below, where it can be laid at the door of one message
            return [_attempt(lambda message: handle([message])[0], message) for message in messages]

    return handler


def _attempt(handle: Callable[[Message], Result], message: Message) -> Answer:
    try:
        return handle(message)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 -- whatever a message makes the code do, the next one must go on
        return error


class Runner:
    """Runs one stage over batches of messages."""

    def __init__(
        self,
        stage: Stage,
        handler: Handler,
        send: Sender,
        topics: Mapping[str, Topic],
        metrics: Metrics,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._stage = stage
        self.handler = handler
        self._send = send
        self._topics = topics
        self._metrics = metrics
        self._now = now
        # One thread: batches are handled in order, and the event loop lives meanwhile.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=stage)

    async def run(self, messages: Sequence[Message], first: Sequence[Output] = ()) -> list[Result]:
        """The results of the batch once every output (and each of ``first``) is acknowledged by the broker.

        Raises:
            Exception: sending failed, or a handler broke in a way that is not a message's fault. Nothing may be
                acknowledged then.
        """
        self._metrics.inflight.set(len(messages))
        began = time.perf_counter()
        loop = asyncio.get_running_loop()
        answers = await loop.run_in_executor(self._thread, self.handler, messages)
        handled = time.perf_counter()
        results = [self._settle(message, answer) for message, answer in zip(messages, answers, strict=True)]
        await self._deliver(messages, results, first)
        delivered = time.perf_counter()
        self._count(messages, results, handled - began, delivered - handled)
        self._metrics.inflight.set(0)
        return results

    def _settle(self, message: Message, answer: Answer) -> Result:
        """The result of the message: refused if it was at fault or if what became of it is too large for its topic."""
        if isinstance(answer, Result):
            for output in answer.outputs:
                limit = self._topics[output.topic].max_bytes
                if _size(output) > limit:
                    answer = Rejected(
                        Reason.TOO_LARGE,
                        f"{_size(output)} bytes for {output.topic}, which takes {limit}; "
                        "send less, or raise COPYDESK_MAX_MESSAGE_BYTES and apply the topics",
                    )
                    break
            else:
                return answer
        reason = answer.reason if isinstance(answer, Rejected) else Reason.INTERNAL_ERROR
        where = {"stage": self._stage.value, "reason": reason.value, "origin": str(message.origin)}
        if reason is Reason.INTERNAL_ERROR:
            log.error("a message made the stage fail", extra=where, exc_info=answer)
        else:
            log.info("refused", extra=where | {"error": str(answer)[:LONGEST_HEADER]})
        letter = dead_letter(message, self._stage, answer, self._now())
        return Result(Outcome.DEAD_LETTER, None, (letter,), reason)

    async def _deliver(self, messages: Sequence[Message], results: Sequence[Result], first: Sequence[Output]) -> None:
        now = int(self._now() * 1000)
        deliveries = [await self._send(output, now) for output in first]
        for message, result in zip(messages, results, strict=True):
            deliveries += [await self._send(output, message.timestamp) for output in result.outputs]
        await asyncio.gather(*deliveries)

    def _count(
        self, messages: Sequence[Message], results: Sequence[Result], handling: float, delivering: float
    ) -> None:
        metrics, now = self._metrics, self._now()
        metrics.produce_duration.observe(delivering)
        for topic, count in Counter(output.topic for result in results for output in result.outputs).items():
            metrics.produced.labels(topic).inc(count)
        for message, result in zip(messages, results, strict=True):
            metrics.records_consumed.labels(message.topic).inc()
            metrics.consumed_bytes.labels(message.topic).inc(len(message.value or b""))
            metrics.stage_duration.labels(self._stage).observe(handling / len(messages))
            metrics.articles.labels(self._stage, result.outcome, result.reason or "").inc()
            if result.reason:
                metrics.dead_letters.labels(self._stage, result.reason).inc()
            if result.outcome in FINAL:
                metrics.end_to_end_latency.labels(result.outcome).observe(max(0.0, now - message.timestamp / 1000))
            if result.record:
                metrics.observe(result.record)


FINAL = frozenset({Outcome.ENRICHED, Outcome.DUPLICATE, Outcome.DEAD_LETTER})
"""The outcomes after which no stage sees the article again."""


def dead_letter(message: Message, stage: Stage, error: Exception, now: float) -> Output:
    """The message as it came, for the dead letters, with headers that say why.

    A message that comes from the dead letters again keeps the time of its first failure and counts the attempts.
    """
    before = {name: value for name, value in message.headers if name.startswith(ERROR_HEADERS)}
    attempt = before.get(f"{ERROR_HEADERS}attempt", b"0")
    first_failed_at = before.get(f"{ERROR_HEADERS}first_failed_at")
    why = DeadLetterHeaders(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp=message.timestamp,
        stage=stage,
        reason=error.reason if isinstance(error, Rejected) else Reason.INTERNAL_ERROR,
        exception=type(error).__name__,
        message=str(error)[:LONGEST_HEADER],
        attempt=(int(attempt) if attempt.isdigit() else 0) + 1,
        first_failed_at=first_failed_at.decode("utf-8", "replace") if first_failed_at else rfc3339(int(now * 1000)),
        worker_version=__version__,
    )
    kept: Headers = tuple((name, value) for name, value in message.headers if name not in before)
    headers: Headers = tuple((f"{ERROR_HEADERS}{name}", str(value).encode()) for name, value in asdict(why).items())
    # The partition follows from the original's, so that a letter that is sent again stands beside the first.
    return Output(DEAD_LETTERS, message.key, message.value, headers=kept + headers)


def _size(output: Output) -> int:
    headers = sum(len(name) + len(value) + 10 for name, value in output.headers)
    return len(output.key or b"") + len(output.value or b"") + headers + FRAMING
