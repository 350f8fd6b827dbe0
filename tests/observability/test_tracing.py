"""Traces: the parent and attributes of a message's span, and the trace headers of its outputs."""

from __future__ import annotations

import asyncio
import dataclasses
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, format_span_id, format_trace_id

from schemas import encode
from tests.dedupe.support import PARAGRAPHS, article
from tests.stream.test_runner import NOW, SENT_AT, TABLE, Run, message, passed_on, refuse
from workers import topics
from workers.dedupe import Ledger
from workers.enrich import Enricher
from workers.errors import SettingsError
from workers.handlers import DedupeStage, clean_stage, enrich_stage
from workers.messages import Handler, Headers, Message, Output, Result
from workers.observability.health import Health
from workers.observability.metrics import Metrics
from workers.observability.tracing import Traces, otlp_traces
from workers.outcomes import Outcome, Reason, Stage
from workers.settings import Settings
from workers.stages import STAGES, per_batch, per_message
from workers.stream.build import build_worker
from workers.stream.worker import StageWorker

TRACE, CRAWLER = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
PARENT = f"00-{TRACE}-{CRAWLER}-01".encode()


class Traced(Run):
    """A run with traces. ``spans`` are those that have ended."""

    def __init__(self, handler: Handler, stage: Stage = Stage.CLEAN, failing: str = "") -> None:
        self._ended = InMemorySpanExporter()
        super().__init__(handler, failing, stage, Traces(stage, SimpleSpanProcessor(self._ended)))

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._ended.get_finished_spans()

    @property
    def sent(self) -> list[Output]:
        return self.broker.sent


def sending(*outputs: Output) -> Handler:
    """A handler that emits these outputs for every message, with the message's headers."""

    def handle(message: Message) -> Result:
        sent = tuple(dataclasses.replace(output, headers=message.headers) for output in outputs)
        return Result(Outcome.CLEAN, article(PARAGRAPHS[0], offset=message.offset), sent)

    return per_message(handle)


CARRYING = sending(Output(topics.CLEAN, b"id", b"value", partition=0))


def name_of(span: ReadableSpan) -> str:
    """The span as the value of a `traceparent` header."""
    return f"00-{format_trace_id(span.context.trace_id)}-{format_span_id(span.context.span_id)}-01"


def parent_of(output: Output) -> list[str]:
    """The values of the output's `traceparent` headers."""
    return [(value or b"").decode() for name, value in output.headers if name == "traceparent"]


def test_span_is_a_child_of_the_header_s_parent_and_the_output_names_the_span() -> None:
    run = Traced(CARRYING)
    run(message(headers=(("a", b"1"), ("traceparent", PARENT), ("tracestate", b"vendor=1, other=2"), ("a", b"2"))))
    (span,) = run.spans
    assert span.parent is not None
    assert (format_trace_id(span.parent.trace_id), format_span_id(span.parent.span_id)) == (TRACE, CRAWLER)
    assert format_trace_id(span.context.trace_id) == TRACE
    assert format_span_id(span.context.span_id) != CRAWLER
    (output,) = run.sent
    assert output.headers == (
        ("a", b"1"), ("a", b"2"), ("traceparent", name_of(span).encode()), ("tracestate", b"vendor=1,other=2"),
    )  # fmt: skip


def test_message_without_a_parent_starts_a_trace() -> None:
    run = Traced(CARRYING)
    run(message(offset=1), message(offset=2), dataclasses.replace(message(offset=2), timestamp=SENT_AT + 1))
    assert [span.parent for span in run.spans] == [None] * 3
    assert len({span.context.trace_id for span in run.spans}) == 3
    assert [parent_of(output) for output in run.sent] == [[name_of(span)] for span in run.spans]


@pytest.mark.parametrize("state", [None, b"\xff", b"vendor=1," * 100_000])
def test_a_state_that_is_no_text_or_too_long_is_not_forwarded(state: bytes | None) -> None:
    run = Traced(CARRYING)
    run(message(headers=(("traceparent", PARENT), ("tracestate", state))))
    (span,) = run.spans
    assert format_trace_id(span.context.trace_id) == TRACE
    assert run.sent[0].headers == (("traceparent", name_of(span).encode()),)


@pytest.mark.parametrize(
    "headers",
    [
        (("traceparent", None),),
        (("traceparent", b""),),
        (("traceparent", b"\xff" * 55),),
        (("traceparent", PARENT[:-1]),),
        (("traceparent", PARENT + b"-more"),),
        (("traceparent", PARENT.upper()),),
        (("traceparent", b"ff" + PARENT[2:]),),
        (("traceparent", b"00-" + b"0" * 32 + PARENT[35:]),),
        (("traceparent", PARENT[:36] + b"0" * 16 + b"-01"),),
        (("traceparent", b"0" * 1_000_000),),
        (("traceparent", PARENT), ("traceparent", PARENT)),
    ],
)
def test_invalid_traceparent_is_ignored_and_not_forwarded(headers: Headers) -> None:
    run = Traced(CARRYING)
    run(message(headers=(*headers, ("tracestate", b"vendor=1"))))
    (span,) = run.spans
    assert span.parent is None
    (output,) = run.sent
    assert output.headers == (("traceparent", name_of(span).encode()),)


@pytest.mark.parametrize("state", [b"", b"\xff", b"no pairs", b"a=1,a=2", b"a=" + b"1" * 10_000])
def test_invalid_tracestate_is_not_forwarded(state: bytes) -> None:
    run = Traced(CARRYING)
    run(message(headers=(("traceparent", PARENT), ("tracestate", state))))
    (span,) = run.spans
    (output,) = run.sent
    assert output.headers == (("traceparent", name_of(span).encode()),)


def test_unsampled_trace_is_forwarded_but_not_recorded() -> None:
    run = Traced(CARRYING)
    run(message(headers=(("traceparent", PARENT[:-1] + b"0"),)))
    assert run.spans == ()
    ((parent,),) = map(parent_of, run.sent)
    assert parent.startswith(f"00-{TRACE}-")
    assert parent.endswith("-00")
    assert CRAWLER not in parent


def test_span_attributes_name_the_message_and_its_outcome() -> None:
    run = Traced(CARRYING)
    run(message(offset=41))
    (span,) = run.spans
    assert (span.name, span.kind, span.status.is_ok) == ("clean", SpanKind.CONSUMER, True)
    assert span.attributes == {
        "messaging.system": "kafka",
        "messaging.operation.type": "process",
        "messaging.operation.name": "clean",
        "messaging.destination.name": topics.RAW,
        "messaging.destination.partition.id": "2",
        "messaging.kafka.offset": 41,
        "copydesk.article.id": f"{41:016x}",
        "copydesk.outcome": "clean",
    }
    assert span.resource.attributes["service.name"] == "copydesk-clean"


def test_span_lasts_from_the_start_of_the_batch_until_its_outputs_are_acknowledged() -> None:
    run = Traced(CARRYING)
    run(message(), message(offset=1))
    for span in run.spans:
        assert span.start_time is not None
        assert NOW - 5 < span.start_time / 1e9 < NOW
        assert span.end_time == int(NOW * 1e9)


def test_undelivered_batch_ends_no_span() -> None:
    run = Traced(per_message(passed_on), failing=topics.CLEAN)
    with pytest.raises(ConnectionError):
        run(message())
    assert run.spans == ()


def test_dead_letter_carries_its_span_with_the_reason() -> None:
    run = Traced(per_message(refuse), Stage.DEDUPE)
    key = b"00000000000000ff"
    run(dataclasses.replace(message(headers=(("traceparent", PARENT),)), topic=topics.CLEAN, key=key))
    (span,) = run.spans
    (letter,) = run.letters
    assert parent_of(letter) == [name_of(span)]
    assert format_trace_id(span.context.trace_id) == TRACE
    assert span.attributes is not None
    assert span.attributes["copydesk.outcome"] == "dead_letter"
    assert span.attributes["copydesk.article.id"] == key.decode()
    assert span.attributes["error.type"] == "no_body"
    assert not span.status.is_ok
    assert not span.events


def test_replayed_dead_letter_continues_its_trace() -> None:
    run = Traced(per_message(refuse))
    run(message(headers=(("traceparent", PARENT),)))
    run(message(offset=9, headers=run.letters[0].headers))
    first, again = run.spans
    assert again.parent is not None
    assert again.parent.span_id == first.context.span_id
    assert again.context.trace_id == first.context.trace_id
    assert again.context.span_id != first.context.span_id


def test_trace_headers_count_towards_an_output_s_size() -> None:
    max_bytes = TABLE[topics.CLEAN].max_bytes
    framing = Output(topics.CLEAN, None, None).size
    exact = Output(topics.CLEAN, b"", b"x" * (max_bytes - framing), partition=0)
    (plain,) = Run(sending(exact))(message())
    (traced,) = Traced(sending(exact))(message())
    assert plain.outcome is Outcome.CLEAN
    assert traced.reason is Reason.TOO_LARGE


def test_truncated_dead_letter_leaves_room_for_trace_headers() -> None:
    max_bytes = TABLE[topics.DEAD_LETTERS].max_bytes
    run = Traced(per_message(refuse))
    run(message(b"x" * max_bytes))
    (letter,) = run.letters
    assert letter.size <= max_bytes


def chain(headers: Headers = ()) -> list[Traced]:
    """The runs of a raw message through the three stages; each run receives the first output of the previous one."""
    clean = Traced(per_message(clean_stage(Settings())), Stage.CLEAN)
    dedupe = Traced(per_message(DedupeStage({0: Ledger(topics.HOUR)}.__getitem__)), Stage.DEDUPE)
    enrich = Traced(per_batch(enrich_stage(Enricher({}))), Stage.ENRICH)
    raw = message(PARAGRAPHS[0].encode(), headers=headers)
    clean(raw)
    dedupe(read(clean.sent[0]))
    enrich(read(dedupe.sent[0]))
    return [clean, dedupe, enrich]


def read(output: Output, offset: int = 5) -> Message:
    """The output as the next stage's input message."""
    return Message(output.topic, output.partition or 0, offset, SENT_AT, output.value, output.key, output.headers)


@pytest.mark.parametrize("headers", [(), (("traceparent", PARENT),)])
def test_one_trace_spans_all_three_stages(headers: Headers) -> None:
    runs = chain(headers)
    clean, unique, enriched = (run.spans[0] for run in runs)
    assert [span.name for span in (clean, unique, enriched)] == ["clean", "dedupe", "enrich"]
    assert len({span.context.trace_id for span in (clean, unique, enriched)}) == 1
    assert len({span.attributes["copydesk.article.id"] for span in (clean, unique, enriched) if span.attributes}) == 1
    assert unique.parent is not None
    assert enriched.parent is not None
    assert (unique.parent.span_id, enriched.parent.span_id) == (clean.context.span_id, unique.context.span_id)
    assert parent_of(runs[-1].sent[-1]) == [name_of(enriched)]


def test_story_carries_the_trace_and_the_ledger_entry_does_not() -> None:
    _, dedupe, _ = chain()
    (span,) = dedupe.spans
    assert {output.topic: parent_of(output) for output in dedupe.sent} == {
        topics.UNIQUE: [name_of(span)],
        topics.STORIES: [name_of(span)],
        topics.LEDGER: [],
    }


@pytest.mark.parametrize("headers", [(), (("traceparent", PARENT), ("tracestate", b"vendor=1"))])
def test_redelivered_message_produces_the_same_headers(headers: Headers) -> None:
    first, again = chain(headers), chain(headers)
    assert [run.sent for run in first] == [run.sent for run in again]


def test_article_that_clean_sent_twice_produces_the_same_headers() -> None:
    """Clean sends an article twice when it is killed between sending and committing."""
    dedupe = Traced(per_message(DedupeStage({0: Ledger(topics.HOUR)}.__getitem__)), Stage.DEDUPE)
    for offset in (5, 6):
        dedupe(read(Output(topics.CLEAN, b"0" * 16, encode(article(PARAGRAPHS[0]))), offset))
    one, two = (output for output in dedupe.sent if output.topic == topics.UNIQUE)
    assert one == two


def test_without_traces_headers_are_forwarded_unchanged() -> None:
    headers = (("traceparent", PARENT), ("tracestate", b"no pairs"), ("traceparent", b"\xff"))
    run = Run(CARRYING)
    run(message(headers=headers))
    (output,) = run.broker.sent
    assert output.headers == headers


def stage_worker(traces: str) -> StageWorker:
    async def create() -> StageWorker:
        settings = Settings(traces=traces)
        return build_worker(STAGES[Stage.CLEAN], settings, "localhost:1", {}, metrics=Metrics(), health=Health())

    return asyncio.run(create())


def test_worker_traces_only_if_traces_are_on() -> None:
    assert stage_worker(traces="off").traces is None
    traces = stage_worker(traces="on").traces
    assert traces is not None
    traces.close()


WITHOUT_OPENTELEMETRY = """
import sys
sys.modules["opentelemetry"] = None
from functools import partial
from tests.stream.test_worker import *

async def scenario(_):
    build = partial(
        build_worker, STAGES[Stage.CLEAN], bootstrap="localhost:1", topic_ids={}, metrics=Metrics(), health=Health()
    )
    assert build(settings=SETTINGS).traces is None
    build(settings=Settings(traces="on"))

try:
    run_scenario(scenario)
except ValueError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.process
def test_missing_otel_extra_raises_a_settings_error() -> None:
    done = subprocess.run([sys.executable, "-c", WITHOUT_OPENTELEMETRY], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("SettingsError COPYDESK_TRACES='on' needs the extra otel (")
    assert "pip install '.[otel]'" in done.stdout
    assert done.stdout.count("\n") == 1


class Collector(HTTPServer):
    """A collector that keeps the path, headers and body of each request."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), CollectorHandler)
        self.requests: list[tuple[str, dict[str, str], bytes]] = []


class CollectorHandler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert isinstance(self.server, Collector)
        self.server.requests.append((self.path, dict(self.headers), body))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def collector() -> Iterator[Collector]:
    with Collector() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_otel_variables_configure_the_exporter(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", f"http://127.0.0.1:{collector.server_port}")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "x-token=7")
    monkeypatch.setenv("OTEL_RESOURCE_ATTRIBUTES", "service.name=desk,deployment.environment.name=test")
    traces = otlp_traces(Stage.CLEAN)
    Run(CARRYING, traces=traces)(message())
    traces.close()
    ((path, headers, body),) = collector.requests
    assert path == "/v1/traces"
    assert headers["x-token"] == "7"
    assert all(text in body for text in (b"desk", b"deployment.environment.name", b"messaging.kafka.offset"))
    assert b"copydesk-clean" not in body


def test_invalid_otel_variable_raises_a_settings_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "-1")
    with pytest.raises(SettingsError, match="OTEL_ variable") as refused:
        otlp_traces(Stage.CLEAN)
    assert "\n" not in str(refused.value)


def test_disabled_sdk_forwards_headers_unchanged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OTEL_SDK_DISABLED", "true")
    run = Traced(CARRYING)
    run(message(headers=(("a", b"1"),)), message(headers=(("traceparent", PARENT),)))
    assert [output.headers for output in run.sent] == [(("a", b"1"),), (("traceparent", PARENT),)]


class HangingProcessor(SpanProcessor):
    """A processor whose shutdown waits for a collector that never answers."""

    def __init__(self) -> None:
        self.asked, self.answered = threading.Event(), threading.Event()

    def shutdown(self) -> None:
        self.asked.set()
        self.answered.wait()


def test_close_does_not_wait_longer_than_its_timeout() -> None:
    stuck = HangingProcessor()
    Traces(Stage.CLEAN, stuck).close(timeout=0.1)
    assert stuck.asked.is_set()
    stuck.answered.set()
