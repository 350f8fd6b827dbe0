"""Traces: a span for each message and stage, by OpenTelemetry. Imported only where they are on (extra ``otel``).

The parent of a span is what the message's W3C headers say, and the outputs carry the span in theirs: one trace leads
from the crawler, or from the raw message, to the enriched article. Ids are made of where the raw message stands, not by
chance: what is delivered again goes out with the same headers.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import replace

from workers import __version__
from workers.errors import SettingsError
from workers.messages import Headers, Message, Result, article_of
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
        "run pip install '.[otel]' in the project's directory, or leave it off"
    ) from None

Spans = Sequence[Span]
"""The spans of a batch, in the order of its messages."""

CONVENTIONS = "https://opentelemetry.io/schemas/1.44.0"
"""The version of OpenTelemetry's conventions that the attributes are named by; 1.45 renames some of them."""
PATIENCE = 5.0
"""Seconds that the end of a worker waits for a collector."""

_W3C = TraceContextTextMapPropagator()
_PARENT, _STATE = "traceparent", "tracestate"


class _Ids(IdGenerator):
    """The ids of the next span, which are set before it is started."""

    trace_id = 0
    span_id = 0

    def generate_trace_id(self) -> int:
        return self.trace_id

    def generate_span_id(self) -> int:
        return self.span_id


class Traces:
    """The spans of one stage, for one thread; ``processor`` takes those that have ended."""

    def __init__(self, stage: str, processor: SpanProcessor) -> None:
        self._stage = stage
        self._ids = _Ids()
        # What the environment says of the service comes before what we say.
        said = {"service.name": f"copydesk-{stage}", "service.version": __version__}
        resource = Resource.create({**said, **OTELResourceDetector().detect().attributes})
        self._provider = TracerProvider(resource=resource, id_generator=self._ids, shutdown_on_exit=False)
        self._provider.add_span_processor(processor)
        self._tracer = self._provider.get_tracer("copydesk", __version__, CONVENTIONS)

    def begin(
        self, messages: Sequence[Message], answers: Sequence[Result | Exception], since: float
    ) -> tuple[list[Message], list[Result | Exception], Spans]:
        """The batch with its spans in the headers of messages and outputs, and these spans, begun at ``since``.

        The headers of a message are those of its dead letter, should it come to one.
        """
        spans = [self._span(*pair, since) for pair in zip(messages, answers, strict=True)]
        carried = [_carry(*each) for each in zip(messages, answers, spans, strict=True)]
        return [message for message, _ in carried], [answer for _, answer in carried], spans

    def end(self, spans: Spans, results: Sequence[Result], now: float) -> None:
        """End the spans of a batch, whose outputs the broker has acknowledged."""
        for span, result in zip(spans, results, strict=True):
            span.set_attribute("copydesk.outcome", result.outcome.value)
            if result.reason:
                span.set_attribute("error.type", result.reason.value)
                span.set_status(StatusCode.ERROR)
            span.end(_nanoseconds(now))

    def close(self, patience: float = PATIENCE) -> None:
        """Send the spans at hand, if the collector takes them before one's patience (in seconds) is at its end."""
        closing = threading.Thread(target=self._provider.shutdown, name="traces", daemon=True)
        closing.start()
        closing.join(patience)

    def _span(self, message: Message, answer: Result | Exception, since: float) -> Span:
        record = answer.record if isinstance(answer, Result) else None
        # Not where the message stands: after a crash of the stage before, the same article may stand there twice, and
        # the outputs of both must be alike.
        origin = record.origin if record else message.origin
        # Two streams that share a collector have the same origins, though hardly at the same time.
        self._ids.trace_id = _id(16, origin, message.timestamp)
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


def exported(stage: str) -> Traces:
    """The spans of the stage, sent by OTLP over HTTP in the background: to where, the variables ``OTEL_…`` say.

    Raises:
        SettingsError: one of these says what cannot be.
    """
    try:
        return Traces(stage, BatchSpanProcessor(OTLPSpanExporter()))
    except ValueError as error:
        raise SettingsError(f"what the OTEL_ variables say cannot be: {error}") from None


def _carry(message: Message, answer: Result | Exception, span: Span) -> tuple[Message, Result | Exception]:
    context: dict[str, str] = {}
    _W3C.inject(context, set_span_in_context(span))
    if not context:  # OTEL_SDK_DISABLED
        return message, answer

    def carrying(headers: Headers) -> Headers:
        others = tuple((name, value) for name, value in headers if name not in (_PARENT, _STATE))
        return (*others, *((name, value.encode()) for name, value in context.items()))

    if isinstance(answer, Result):
        # But the ledger: it is dedupe's own memory, and goes to nobody.
        outputs = (
            output if output.topic == LEDGER else replace(output, headers=carrying(output.headers))
            for output in answer.outputs
        )
        answer = replace(answer, outputs=tuple(outputs))
    return replace(message, headers=carrying(message.headers)), answer


def _context(headers: Headers) -> dict[str, list[str]]:
    """What the headers say of a trace: nothing where they name more than one parent."""
    values: dict[str, list[str]] = {_PARENT: [], _STATE: []}
    for name, value in headers:
        if name in values:
            values[name].append(value.decode(errors="replace"))
    return values if len(values[_PARENT]) == 1 else {}


def _id(size: int, *parts: object) -> int:
    """A number of so many bytes that the parts always give; never 0, which is no id."""
    return int.from_bytes(hashlib.blake2b(" ".join(map(str, parts)).encode(), digest_size=size).digest()) or 1


def _nanoseconds(seconds: float) -> int:
    return int(seconds * 1e9)
