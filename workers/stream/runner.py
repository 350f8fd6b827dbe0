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
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from workers.errors import LedgerMissingError, RejectedError
from workers.messages import Message, Output, Result, article_of
from workers.observability.logs import safe_message, safe_traceback
from workers.observability.metrics import Metrics
from workers.observability.record_metrics import RecordMetrics
from workers.outcomes import Outcome, Reason, Stage
from workers.stream.dead_letters import LONGEST_HEADER, dead_letter
from workers.stream.delivery import deliver
from workers.topics import DEAD_LETTERS, LEDGER, Topic

if TYPE_CHECKING:
    from workers.observability.tracing import Spans, Traces

log = logging.getLogger(__name__)

HandlerResult = Result | Exception
Handler = Callable[[Sequence[Message]], Sequence[HandlerResult]]
"""What a stage makes of a batch: for each message, in order, a result or what was wrong with it."""


class Sender(Protocol):
    """Sends a message; what it returns is awaited for the broker's acknowledgement."""

    async def __call__(self, output: Output, timestamp: int) -> Awaitable[object]:
        """Take the message into the outgoing buffer."""


def per_message(handle: Callable[[Message], Result]) -> Handler:
    """A handler that handles the messages of a batch one after the other."""
    return lambda messages: [_attempt(handle, message) for message in messages]


def per_batch(handle: Callable[[Sequence[Message]], Sequence[Result]]) -> Handler:
    """A handler for a batch at a time, and one by one where that fails, so that one bad message spoils no other."""

    def handler(messages: Sequence[Message]) -> Sequence[HandlerResult]:
        try:
            return handle(messages)
        except Exception:  # noqa: BLE001 -- found again below, where it can be laid at the door of one message
            return [_attempt(lambda message: handle([message])[0], message) for message in messages]

    return handler


def _attempt(handle: Callable[[Message], Result], message: Message) -> HandlerResult:
    try:
        return handle(message)
    except (MemoryError, LedgerMissingError):
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
        traces: Traces | None = None,
    ) -> None:
        self._stage = stage
        self.handler = handler
        self._send = send
        self._topics = topics
        self._metrics = metrics
        self._record_metrics = RecordMetrics(metrics)
        self._now = now
        self._traces = traces
        # Prometheus sees no increase in a series that begins with its first event.
        for reason in Reason:
            metrics.articles.labels(stage, Outcome.DEAD_LETTER, reason)
            metrics.dead_letters.labels(stage, reason)
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
        spans: Spans = ()
        if self._traces is not None:
            # Before anything is measured: the headers that carry a span count towards an output's size.
            messages, answers, spans = self._traces.begin(messages, answers, self._now() - (handled - began))
        results = [self._resolve(message, answer) for message, answer in zip(messages, answers, strict=True)]
        await self._deliver(messages, results, first)
        delivered = time.perf_counter()
        if self._traces is not None:
            self._traces.end(spans, results, self._now())
        self._count(messages, results, first, handled - began, delivered - handled)
        self._metrics.inflight_records.set(0)
        return results

    def _resolve(self, message: Message, answer: HandlerResult) -> Result:
        """The result of the message: refused if it was at fault or if what became of it is too large for its topic."""
        if isinstance(answer, Exception):
            return self._refused(message, answer, article_of(message))
        too_large = [output for output in answer.outputs if output.size > self._max_bytes(output)]
        if not too_large:
            return answer
        output = too_large[0]
        error = RejectedError(
            Reason.TOO_LARGE,
            f"{output.size} bytes for {output.topic}, which takes {self._max_bytes(output)}; "
            "send less, or raise COPYDESK_MAX_MESSAGE_BYTES and apply the topics",
        )
        # This process's ledger has the article by now, and so must have the next one's, which is to judge alike.
        entries = [each for each in answer.outputs if each.topic == LEDGER and each not in too_large]
        return self._refused(message, error, article_of(message, answer.record), *entries)

    def _max_bytes(self, output: Output) -> int:
        return self._topics[output.topic].max_bytes

    def _refused(self, message: Message, error: Exception, article: str | None, *also: Output) -> Result:
        reason = error.reason if isinstance(error, RejectedError) else Reason.INTERNAL_ERROR
        about = {"stage": self._stage.value, **asdict(message.origin), "reason": reason.value}
        if article:
            about["article"] = article
        if reason is Reason.INTERNAL_ERROR:
            log.error("a message made the stage fail", extra=about | {"traceback": safe_traceback(error)})
        else:
            log.info("refused", extra=about | {"error": safe_message(error)[:LONGEST_HEADER]})
        room = self._topics[DEAD_LETTERS].max_bytes
        letter = dead_letter(message, self._stage, error, self._now(), room)
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
        for topic, count in Counter(message.topic for message in messages).items():
            metrics.records_consumed.labels(topic).inc(count)
            size = sum(len(message.value or b"") for message in messages if message.topic == topic)
            metrics.consumed_bytes.labels(topic).inc(size)
        for (outcome, reason), count in Counter((result.outcome, result.reason) for result in results).items():
            metrics.articles.labels(self._stage, outcome, reason or "").inc(count)
            if reason:
                metrics.dead_letters.labels(self._stage, reason).inc(count)
        duration = metrics.stage_duration_seconds.labels(self._stage)
        for message, result in zip(messages, results, strict=True):
            duration.observe(handling / len(messages))
            if result.outcome in FINAL:
                metrics.end_to_end_latency_seconds.labels(result.outcome).observe(
                    max(0.0, now - message.timestamp / 1000)
                )
            if result.record:
                self._record_metrics.count(result.record, now)


FINAL = frozenset({Outcome.ENRICHED, Outcome.DUPLICATE, Outcome.DEAD_LETTER})
"""The outcomes after which no stage sees the article again."""
