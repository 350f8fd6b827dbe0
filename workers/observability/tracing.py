"""OpenTelemetry traces: one span per message and stage. Imported only when traces are on; needs the extra ``otel``.

A span's parent comes from the message's W3C trace headers, and the outputs carry the span in theirs. One trace leads
from the crawler, or from the raw message, to the enriched article. Ids are derived from the raw message's topic,
partition and offset, not random: a redelivered message produces outputs with the same headers.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import replace

from workers import __version__
from workers.errors import SettingsError
from workers.messages import HandlerResult, Headers, Message, Result, article_of
from workers.topics import LEDGER

try:
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor
    from opentelemetry.sdk.trace.id_generator import IdGenerator
    from opentelemetry.trace import Span, SpanKind, StatusCode, set_span_in_context
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
except ImportError as error:
    raise SettingsError(
        f"COPYDESK_TRACES='on' needs the extra otel ({error}): "
        "run pip install '.[otel]' in the project's directory, or turn traces off"
    ) from None

Spans = Sequence[Span]
"""The spans of a batch, in the order of its messages."""

CONVENTIONS = "https://opentelemetry.io/schemas/1.44.0"
"""The version of OpenTelemetry's semantic conventions that the attribute names follow; 1.45 renames some of them."""
SHUTDOWN_TIMEOUT_SECONDS = 5.0
"""How long a stopping worker waits for the collector to take the last spans."""

_W3C = TraceContextTextMapPropagator()
_PARENT, _STATE = "traceparent", "tracestate"
MAX_TRACE_HEADER_BYTES = 8192
"""Longer trace headers are ignored. A state has at most 32 members of 512 bytes; W3C asks tracers for 512 in all."""


class _Ids(IdGenerator):
    """An id generator that returns the ids set before a span is started."""

    trace_id = 0
    span_id = 0

    def generate_trace_id(self) -> int:
        return self.trace_id

    def generate_span_id(self) -> int:
        return self.span_id


class Traces:
    """The spans of one stage, for use by one thread. ``processor`` receives the spans that have ended."""

    def __init__(self, stage: str, processor: SpanProcessor) -> None:
        self._stage = stage
        self._ids = _Ids()
        # OTEL_RESOURCE_ATTRIBUTES and OTEL_SERVICE_NAME take precedence over these.
        defaults = {"service.name": f"copydesk-{stage}", "service.version": __version__}
        resource = Resource.create({**defaults, **OTELResourceDetector().detect().attributes})
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("copydesk", __version__, CONVENTIONS)

    def begin(
        self, messages: Sequence[Message], results: Sequence[HandlerResult], since: float
    ) -> tuple[list[Message], list[HandlerResult], Spans]:
        """Start a span for each message at ``since`` (seconds since 1970).

        Return the messages and results with their spans in the headers, and the spans. Messages carry their span, too,
        so that a dead letter made from one has it.
        """
        spans = [self._span(*pair, since) for pair in zip(messages, results, strict=True)]
        carried = [_carry(*row) for row in zip(messages, results, spans, strict=True)]
        return [message for message, _ in carried], [result for _, result in carried], spans

    def end(self, spans: Spans, results: Sequence[Result], now: float) -> None:
        """End the spans of a batch once the broker has acknowledged its outputs. ``now`` is in seconds since 1970."""
        for span, result in zip(spans, results, strict=True):
            span.set_attribute("copydesk.outcome", result.outcome.value)
            if result.reason:
                span.set_attribute("error.type", result.reason.value)
                span.set_status(StatusCode.ERROR)
            span.end(_nanoseconds(now))

    def close(self, timeout: float = SHUTDOWN_TIMEOUT_SECONDS) -> None:
        """Send the remaining spans, waiting at most ``timeout`` seconds for the collector."""
        closing = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        closing.start()
        closing.join(timeout)

    def _span(self, message: Message, result: HandlerResult, since: float) -> Span:
        record = result.record if isinstance(result, Result) else None
        # Not the message's own offset: after a crash of the previous stage the topic may hold the same article twice,
        # and both must produce identical outputs.
        origin = record.origin if record else message.origin
        # The time tells apart two streams that share a collector: their raw messages have the same origins.
        self._ids.trace_id = _id(16, origin, message.raw_time)
        self._ids.span_id = _id(8, origin, self._stage)
        attributes: dict[str, str | int] = {
            "messaging.system": "kafka",
            "messaging.operation.type": "process",
            "messaging.operation.name": str(self._stage),
            "messaging.destination.name": message.topic,
            "messaging.destination.partition.id": str(message.partition),
            "messaging.kafka.offset": message.offset,
        }
        if article := article_of(message, record):
            attributes["copydesk.article.id"] = article
        parent = _W3C.extract(_context(message.headers))
        return self._tracer.start_span(
            str(self._stage), parent, SpanKind.CONSUMER, attributes, start_time=_nanoseconds(since)
        )


def otlp_traces(stage: str) -> Traces:
    """Traces of the stage, sent in the background by OTLP over HTTP, as the ``OTEL_…`` variables configure it.

    Raises:
        SettingsError: one of the variables has an invalid value.
    """
    try:
        return Traces(stage, BatchSpanProcessor(OTLPSpanExporter()))
    except ValueError as error:
        raise SettingsError(f"invalid OTEL_ variable: {error}") from None


def _carry(message: Message, result: HandlerResult, span: Span) -> tuple[Message, HandlerResult]:
    context: dict[str, str] = {}
    _W3C.inject(context, set_span_in_context(span))
    if not context:  # OTEL_SDK_DISABLED=true
        return message, result

    def with_span(headers: Headers) -> Headers:
        others = tuple((name, value) for name, value in headers if name not in (_PARENT, _STATE))
        return (*others, *((name, value.encode()) for name, value in context.items()))

    if isinstance(result, Result):
        # Ledger entries carry no span: only dedupe itself reads them.
        outputs = (
            output if output.topic == LEDGER else replace(output, headers=with_span(output.headers))
            for output in result.outputs
        )
        result = replace(result, outputs=tuple(outputs))
    return replace(message, headers=with_span(message.headers)), result


def _context(headers: Headers) -> dict[str, list[str]]:
    """The trace headers by name; empty if there is not exactly one ``traceparent``."""
    values: dict[str, list[str]] = {_PARENT: [], _STATE: []}
    for name, value in headers:
        if name in values and value is not None and len(value) <= MAX_TRACE_HEADER_BYTES:
            values[name].append(value.decode(errors="replace"))
    return values if len(values[_PARENT]) == 1 else {}


def _id(size: int, *parts: object) -> int:
    """A hash of the parts as an integer of ``size`` bytes; never 0, which OpenTelemetry treats as no id."""
    return int.from_bytes(hashlib.blake2b(" ".join(map(str, parts)).encode(), digest_size=size).digest()) or 1


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
