"""Runs one batch: handle, publish, await acknowledgements, record metrics, in this order.

A message leaves a stage in exactly one way. A message that is itself at fault goes to the dead letters, with its
original bytes. Anything else that fails (the broker, the disk, our own code around the handlers) ends the process
without an acknowledgement, and the messages are delivered again to the next worker.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Protocol

from workers.errors import RejectedError
from workers.fault_points import fault_point
from workers.messages import Handler, HandlerResult, Message, Output, Result, article_of
from workers.observability.logs import safe_message, safe_traceback
from workers.observability.metrics import Metrics
from workers.observability.record_metrics import RecordMetrics
from workers.outcomes import Outcome, Reason
from workers.stream.dead_letters import MAX_ERROR_CHARS, dead_letter, without_value
from workers.stream.delivery import SIZE_REFUSALS, cause_of_refusal, deliver
from workers.topics import DEAD_LETTERS, LEDGER, Topic

if TYPE_CHECKING:
    from workers.observability.tracing import Spans, Traces

log = logging.getLogger(__name__)

FINAL_OUTCOMES = frozenset({Outcome.ENRICHED, Outcome.DUPLICATE, Outcome.DEAD_LETTER})
"""Outcomes after which no stage sees the article again."""


class Sender(Protocol):
    """Sends a message; the awaitable that it returns is the broker's acknowledgement."""

    async def __call__(self, output: Output) -> Awaitable[object]:
        """Add the message to the outgoing buffer."""


@dataclass(frozen=True, slots=True, eq=False)
class Outgoing:
    """An output on its way to the broker. ``message`` is the place of its message in the batch; None if it has none."""

    output: Output
    message: int | None = None


class Runner:
    """Runs one stage over batches of messages. ``send`` sends its outputs; ``topics`` has every topic by name."""

    def __init__(
        self,
        stage: str,
        handler: Handler,
        send: Sender,
        topics: Mapping[str, Topic],
        metrics: Metrics,
        now: Callable[[], float] = time.time,
        traces: Traces | None = None,
    ) -> None:
        self._stage = stage
        self._handler = handler
        self.send = send
        self._topics = topics
        self._metrics = metrics
        self._record_metrics = RecordMetrics(metrics)
        self._now = now
        self._traces = traces
        # Prometheus sees no increase in a series that begins with its first event.
        for reason in Reason:
            metrics.articles.labels(stage, Outcome.DEAD_LETTER, reason)
            metrics.dead_letters.labels(stage, reason)
        # One thread, so that batches are handled in order while the event loop stays responsive.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=stage)

    async def run(
        self,
        messages: Sequence[Message],
        first: Sequence[Output] = (),
        handle: Callable[[Sequence[Message]], Awaitable[Sequence[HandlerResult]]] | None = None,
    ) -> list[Result]:
        """The results of the batch, once the broker has acknowledged every output. Sends ``first`` before them.

        Args:
            handle: handles the messages; by default ``handle_in_thread`` does.

        Raises:
            Exception: sending failed, or a handler failed in a way that is not a message's fault. Acknowledge nothing.
        """
        self._metrics.inflight_records.set(len(messages))
        started = time.perf_counter()
        handled = await (handle or self.handle_in_thread)(messages)
        handling_seconds = time.perf_counter() - started
        spans: Spans = ()
        if self._traces is not None:
            # Do this first: headers that carry a span count towards an output's size.
            messages, handled, spans = self._traces.begin(messages, handled, self._now() - handling_seconds)
        results = [self._resolve(message, result) for message, result in zip(messages, handled, strict=True)]
        delivery_started = time.perf_counter()
        outgoing = [Outgoing(output) for output in first]
        outgoing += [Outgoing(output, number) for number, result in enumerate(results) for output in result.outputs]
        while refused := await self.deliver(outgoing):
            outgoing = self._replace_refused(messages, results, refused)
        delivery_seconds = time.perf_counter() - delivery_started
        if self._traces is not None:
            self._traces.end(spans, results, self._now())
        self._count(messages, results, first, handling_seconds, delivery_seconds)
        self._metrics.inflight_records.set(0)
        return results

    async def handle_in_thread(self, messages: Sequence[Message]) -> Sequence[HandlerResult]:
        """The stage's result for each message of the batch; the event loop stays responsive meanwhile."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, self.handle, messages)

    @fault_point("handle batch")
    def handle(self, messages: Sequence[Message]) -> Sequence[HandlerResult]:
        """The stage's result for each message of the batch; runs in the runner's thread."""
        return self._handler(messages)

    @fault_point("deliver outputs")
    async def deliver(self, outgoing: Sequence[Outgoing]) -> list[tuple[Outgoing, Exception]]:
        """Return once the broker has acknowledged every output, except those that it refuses: these, with the error."""
        return await deliver(
            outgoing,
            lambda sending: self.send(sending.output),
            key=lambda sending: (sending.output.topic, sending.output.key),
            on_retry=self._report_retry,
        )

    @fault_point("topic size limit")
    def max_bytes(self, topic: str) -> int:
        """The largest record batch that the topic takes, in bytes."""
        return self._topics[topic].max_bytes

    @fault_point("refuse message")
    def refuse(self, message: Message, error: Exception, article: str | None, *other_outputs: Output) -> Result:
        """The result of a message that goes to the dead letters, logged."""
        reason = error.reason if isinstance(error, RejectedError) else Reason.INTERNAL_ERROR
        extra = {"stage": self._stage, **asdict(message.origin), "reason": reason.value}
        if article:
            extra["article"] = article
        if reason is Reason.INTERNAL_ERROR:
            log.error("the stage failed on a message", extra=extra | {"traceback": safe_traceback(error)})
        else:
            log.info("refused", extra=extra | {"error": safe_message(error)[:MAX_ERROR_CHARS]})
        letter = dead_letter(message, self._stage, error, self._now(), self.max_letter_bytes())
        # The frames hold the message, and the error with it: a cycle that only the garbage collector would free.
        error.__traceback__ = error.__cause__ = error.__context__ = None
        return Result(Outcome.DEAD_LETTER, None, (letter, *other_outputs), reason)

    @fault_point("dead letter size limit")
    def max_letter_bytes(self) -> int:
        """The largest dead letter, in bytes."""
        return self._topics[DEAD_LETTERS].max_bytes

    def _resolve(self, message: Message, handled: HandlerResult) -> Result:
        """The result of the message: refused if it is at fault, or if an output is too large for its topic."""
        if isinstance(handled, Exception):
            return self.refuse(message, handled, article_of(message))
        too_large = [output for output in handled.outputs if output.size > self.max_bytes(output.topic)]
        if not too_large:
            return handled
        output = too_large[0]
        error = RejectedError(
            Reason.TOO_LARGE,
            f"{output.size} bytes for {output.topic}, which takes {self.max_bytes(output.topic)}; "
            "send less, or raise COPYDESK_MAX_MESSAGE_BYTES and apply the topics",
        )
        # This process's ledger now has the article. Write its entry, so that the next worker judges alike.
        entries = [entry for entry in handled.outputs if entry.topic == LEDGER and entry not in too_large]
        return self.refuse(message, error, article_of(message, handled.record), *entries)

    def _replace_refused(
        self, messages: Sequence[Message], results: list[Result], refused: Sequence[tuple[Outgoing, Exception]]
    ) -> list[Outgoing]:
        """Put dead letters into the results in place of the outcomes that the broker refuses; return them to be sent.

        A message whose outcome is written keeps it, though the update of its story is refused. Its ledger entry is
        written in any case, so that the next worker judges alike.

        Raises:
            Exception: the error of a refused ledger entry, or of the smallest form of a dead letter.
        """
        letters = []
        for sending, error in refused:
            output, number, why = sending.output, sending.message, cause_of_refusal(error)
            self._metrics.outputs_refused.labels(output.topic).inc()
            log.error(
                "the broker refuses an output; `copydesk topics check` shows how its topic differs",
                extra={
                    "stage": self._stage,
                    **(asdict(messages[number].origin) if number is not None else {}),
                    "output": output.topic,
                    "bytes": output.size,
                    "error": type(why).__name__,
                },
            )
            if number is None or output.topic == LEDGER:
                raise error
            message, result = messages[number], results[number]
            others = tuple(other for other in result.outputs if other is not output)
            if output is not result.outputs[0]:
                results[number] = replace(result, outputs=others)
                continue
            if result.outcome is Outcome.DEAD_LETTER:
                letter = without_value(output, len(message.value or b""))
                if letter == output:
                    raise error
                results[number] = replace(result, outputs=(letter, *others))
            else:
                rejected = RejectedError(
                    Reason.TOO_LARGE if isinstance(why, SIZE_REFUSALS) else Reason.UNSENDABLE,
                    f"the broker does not take {output.size} bytes for {output.topic} ({type(why).__name__}); "
                    "`copydesk topics check` shows how the topic differs",
                )
                results[number] = self.refuse(message, rejected, article_of(message, result.record), *others)
            letters.append(Outgoing(results[number].outputs[0], number))
        return letters

    def _report_retry(self, outgoing: Sequence[Outgoing], error: BaseException) -> None:
        counts = Counter(sending.output.topic for sending in outgoing)
        log.warning(
            "outputs not acknowledged; sending them again", extra={"topics": dict(counts), "error": repr(error)}
        )
        for topic, count in counts.items():
            self._metrics.produce_retries.labels(topic).inc(count)

    def _count(
        self,
        messages: Sequence[Message],
        results: Sequence[Result],
        first: Sequence[Output],
        handling_seconds: float,
        delivery_seconds: float,
    ) -> None:
        metrics, now = self._metrics, self._now()
        metrics.produce_duration_seconds.observe(delivery_seconds)
        outputs = chain(first, *(result.outputs for result in results))
        for topic, count in Counter(output.topic for output in outputs).items():
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
            duration.observe(handling_seconds / len(messages))
            if result.outcome in FINAL_OUTCOMES and message.time:
                latency = max(0.0, now - message.time / 1000)
                metrics.end_to_end_latency_seconds.labels(result.outcome).observe(latency)
            if result.record:
                self._record_metrics.count(result.record, now)
