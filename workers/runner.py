"""The one place that observes: takes a batch, has it handled, sends, waits, counts, acknowledges, in this order.

A message leaves a stage in exactly one way. What is wrong with the message itself ends in the dead letters, with the
original bytes; what is wrong with anything else (the broker, the disk, our own code around the handlers) ends the
process without an acknowledgement, and the messages are delivered again to whoever comes next.
"""

from __future__ import annotations

import asyncio
import logging
import re
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import chain
from typing import Protocol

from schemas import DeadLetterHeaders
from workers import __version__
from workers.dedupe.verdicts import rfc3339
from workers.metrics import Metrics
from workers.observe import Observer
from workers.outcomes import Outcome, Reason, Rejected, Stage
from workers.retry import deliver
from workers.stages import Headers, Message, NotReady, Output, Result
from workers.topics import DEAD_LETTER_PARTITIONS, DEAD_LETTERS, LEDGER, Topic

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
    except (MemoryError, NotReady):
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
        self._observer = Observer(metrics)
        self._now = now
        # One thread: batches are handled in order, and the event loop lives meanwhile.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=stage)

    async def run(self, messages: Sequence[Message], first: Sequence[Output] = ()) -> list[Result]:
        """The results of the batch once every output (and each of ``first``) is acknowledged by the broker.

        Raises:
            Exception: sending failed, or a handler broke in a way that is not a message's fault. Nothing may be
                acknowledged then.
        """
        self._metrics.inflight_records.set(len(messages))
        began = time.perf_counter()
        loop = asyncio.get_running_loop()
        answers = await loop.run_in_executor(self._thread, self.handler, messages)
        handled = time.perf_counter()
        results = [self._settle(message, answer) for message, answer in zip(messages, answers, strict=True)]
        await self._deliver(messages, results, first)
        delivered = time.perf_counter()
        self._count(messages, results, first, handled - began, delivered - handled)
        self._metrics.inflight_records.set(0)
        return results

    def _settle(self, message: Message, answer: Answer) -> Result:
        """The result of the message: refused if it was at fault or if what became of it is too large for its topic."""
        if isinstance(answer, Exception):
            return self._refused(message, answer)
        too_large = [output for output in answer.outputs if _size(output) > self._room(output)]
        if not too_large:
            return answer
        output = too_large[0]
        error = Rejected(
            Reason.TOO_LARGE,
            f"{_size(output)} bytes for {output.topic}, which takes {self._room(output)}; "
            "send less, or raise COPYDESK_MAX_MESSAGE_BYTES and apply the topics",
        )
        # This process's ledger has the article by now, and so must have the next one's, which is to judge alike.
        entries = [each for each in answer.outputs if each.topic == LEDGER and each not in too_large]
        return self._refused(message, error, *entries)

    def _room(self, output: Output) -> int:
        return self._topics[output.topic].max_bytes

    def _refused(self, message: Message, error: Exception, *also: Output) -> Result:
        reason = error.reason if isinstance(error, Rejected) else Reason.INTERNAL_ERROR
        where = {"stage": self._stage.value, "reason": reason.value, "origin": str(message.origin)}
        if reason is Reason.INTERNAL_ERROR:
            log.error("a message made the stage fail", extra=where, exc_info=error)
        else:
            log.info("refused", extra=where | {"error": str(error)[:LONGEST_HEADER]})
        letter = dead_letter(message, self._stage, error, self._now())
        return Result(Outcome.DEAD_LETTER, None, (letter, *also), reason)

    async def _deliver(self, messages: Sequence[Message], results: Sequence[Result], first: Sequence[Output]) -> None:
        now = int(self._now() * 1000)
        outputs = [(output, now) for output in first]
        for message, result in zip(messages, results, strict=True):
            outputs += [(output, message.timestamp) for output in result.outputs]
        await deliver(
            outputs, lambda sent: self._send(*sent), key=lambda sent: (sent[0].topic, sent[0].key), again=self._again
        )

    def _again(self, outputs: Sequence[tuple[Output, int]], error: BaseException) -> None:
        counts = Counter(output.topic for output, _ in outputs)
        log.warning("not acknowledged; sending again", extra={"topics": dict(counts), "error": repr(error)})
        for topic, count in counts.items():
            self._metrics.produce_retries.labels(topic).inc(count)

    def _count(
        self,
        messages: Sequence[Message],
        results: Sequence[Result],
        first: Sequence[Output],
        handling: float,
        delivering: float,
    ) -> None:
        metrics, now = self._metrics, self._now()
        metrics.produce_duration_seconds.observe(delivering)
        sent = chain(first, *(result.outputs for result in results))
        for topic, count in Counter(output.topic for output in sent).items():
            metrics.produced.labels(topic).inc(count)
        for message, result in zip(messages, results, strict=True):
            metrics.records_consumed.labels(message.topic).inc()
            metrics.consumed_bytes.labels(message.topic).inc(len(message.value or b""))
            metrics.stage_duration_seconds.labels(self._stage).observe(handling / len(messages))
            metrics.articles.labels(self._stage, result.outcome, result.reason or "").inc()
            if result.reason:
                metrics.dead_letters.labels(self._stage, result.reason).inc()
            if result.outcome in FINAL:
                metrics.end_to_end_latency_seconds.labels(result.outcome).observe(
                    max(0.0, now - message.timestamp / 1000)
                )
            if result.record:
                self._observer.observe(result.record, now)


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
        attempt=(int(attempt) if re.fullmatch(rb"\d{1,9}", attempt) else 0) + 1,
        first_failed_at=first_failed_at.decode("utf-8", "replace") if first_failed_at else rfc3339(int(now * 1000)),
        worker_version=__version__,
    )
    kept: Headers = tuple((name, value) for name, value in message.headers if name not in before)
    # An exception may say anything, and half a surrogate pair has no UTF-8.
    headers: Headers = tuple(
        (f"{ERROR_HEADERS}{name}", str(value).encode(errors="backslashreplace")) for name, value in asdict(why).items()
    )
    # The client sends nothing that has neither key nor value.
    key = b"" if message.key is None and message.value is None else message.key
    # A letter that is sent again stands beside the first, with or without a key.
    return Output(DEAD_LETTERS, key, message.value, message.partition % DEAD_LETTER_PARTITIONS, kept + headers)


def _size(output: Output) -> int:
    headers = sum(len(name) + len(value) + 10 for name, value in output.headers)
    return len(output.key or b"") + len(output.value or b"") + headers + FRAMING
