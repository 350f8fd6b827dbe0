"""Log formats, and that no log line or span contains article text."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import pty
import subprocess
import sys
from typing import Any, NoReturn

import orjson
import pytest
from aiokafka.errors import GroupAuthorizationFailedError, GroupCoordinatorNotAvailableError
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from schemas import InvalidRecordError, RawArticle, convert, encode
from tests.dedupe.support import article
from tests.stream.test_runner import FakeBroker
from workers import topics
from workers.dedupe import Ledger
from workers.enrich import Enricher
from workers.handlers import DedupeStage, clean_stage, enrich_stage
from workers.messages import Handler, Message, Result
from workers.observability.logs import (
    REPEAT_SECONDS,
    JsonFormatter,
    RepeatFilter,
    RetriedFilter,
    TextFormatter,
    configure,
    safe_message,
    safe_traceback,
)
from workers.observability.metrics import Metrics
from workers.observability.tracing import Traces
from workers.outcomes import Reason, Stage
from workers.settings import Settings
from workers.stages import per_batch, per_message
from workers.stream.runner import Runner


def record(message: str = "ready", *arguments: object, **extra: object) -> logging.LogRecord:
    created = logging.getLogger("workers.test").makeRecord(
        "workers.test", logging.WARNING, __file__, 1, message, arguments, None, extra=extra or None
    )
    created.created = 1_767_268_800.25
    return created


def parsed(log_record: logging.LogRecord) -> dict[str, Any]:
    line = JsonFormatter().format(log_record)
    assert "\n" not in line
    row: dict[str, Any] = json.loads(line)
    return row


def test_repeated_message_of_a_library_passes_once_a_minute_and_says_how_many_did_not() -> None:
    now = 0.0
    repeats = RepeatFilter(lambda: now)

    def passes(name: str, message: str, *arguments: object, level: int = logging.ERROR) -> tuple[bool, object]:
        entry = logging.getLogger(name).makeRecord(name, level, __file__, 1, message, arguments, None)
        return bool(repeats.filter(entry)), vars(entry).get("suppressed")

    failed = "Failed fetch from %s"
    assert passes("aiokafka", failed, 1) == (True, None)
    assert [passes("aiokafka", failed, node) for node in range(50)] == [(False, None)] * 50
    assert passes("aiokafka", "Unable to reach node 7") == (True, None)
    assert passes("aiokafka", "Unable to reach node 8") == (False, None)
    assert passes("faust.transport", failed, 1) == (True, None)
    assert [passes("workers.stream.runner", "refused")[0] for _ in range(3)] == [True] * 3
    assert [passes("asyncio", "out of memory", level=logging.CRITICAL)[0] for _ in range(3)] == [True] * 3
    now = REPEAT_SECONDS
    assert passes("aiokafka", failed, 1) == (True, 50)
    assert passes("aiokafka", failed, 1) == (False, None)
    now = 2 * REPEAT_SECONDS
    assert passes("aiokafka", failed, 1) == (True, 1)


@pytest.mark.parametrize(
    ("error", "level"),
    [(GroupCoordinatorNotAvailableError(), "WARNING"), (GroupAuthorizationFailedError("copydesk-clean"), "ERROR")],
)
def test_an_error_that_a_library_retries_is_a_warning(error: Exception, level: str) -> None:
    record = logging.LogRecord("aiokafka.consumer", logging.ERROR, "x.py", 1, "request failed: %s", (error,), None)
    assert RetriedFilter().filter(record)
    assert record.levelname == level


def test_messages_that_never_repeat_take_bounded_memory() -> None:
    repeats = RepeatFilter(lambda: 0.0)
    for number in range(5_000):
        word = "".join(chr(ord("a") + int(digit)) for digit in str(number))
        entry = logging.getLogger("a").makeRecord("a", logging.ERROR, __file__, 1, word, (), None)
        assert repeats.filter(entry)
    assert len(repeats._passed_at) <= 1_000


def test_record_is_one_json_line_with_its_extra_fields() -> None:
    assert parsed(record("ready on %s", 9641, stage="clean", partitions=[1, 2])) == {
        "time": "2026-01-01T12:00:00.250+00:00",
        "level": "warning",
        "logger": "workers.test",
        "message": "ready on 9641",
        "stage": "clean",
        "partitions": [1, 2],
    }


@pytest.mark.parametrize(
    "value", ["two\nlines", "half a pair \ud800", 2**70, b"bytes", {1: 2}, {"a", "b"}, float("nan"), object()]
)
def test_extra_field_may_have_any_value(value: object) -> None:
    assert "field" in parsed(record(field=value))


def test_message_may_contain_any_text() -> None:
    assert parsed(record("half a pair \ud800"))["level"] == "warning"


def test_traceback_is_part_of_the_json_line() -> None:
    failure = record("it broke")
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError:
        failure.exc_info = sys.exc_info()
    assert parsed(failure)["traceback"].endswith("ZeroDivisionError: by nothing")
    assert TextFormatter().format(failure).endswith("ZeroDivisionError: by nothing")


def test_text_format_is_one_plain_line() -> None:
    line = TextFormatter().format(record("ready", stage="clean", port=9641))
    assert line.endswith("warning workers.test: ready stage=clean port=9641")


@pytest.mark.parametrize("value", ["\x1b[2Jgone", "two\nlines", "\r", "\u202e"])
def test_text_format_escapes_control_characters(value: str) -> None:
    assert value not in TextFormatter().format(record(value, field=value))


def fail_at(text: str) -> NoReturn:
    try:
        raise ValueError(text)
    except ValueError as error:
        raise KeyError(text) from error


def test_safe_traceback_shows_the_whole_chain_without_messages() -> None:
    text = "the harbourmaster's words"
    with pytest.raises(KeyError) as failed:
        fail_at(text)
    lines = safe_traceback(failed.value).splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["ValueError", "KeyError"]
    assert sum("in fail_at" in line for line in lines) == 2
    assert text not in "".join(lines)


def test_safe_traceback_ends_for_an_error_that_is_its_own_cause() -> None:
    error = ValueError()
    error.__cause__ = error
    assert safe_traceback(error) == "ValueError"


@pytest.mark.parametrize("value", ["words", "wor'ds", "w - at `$.status`", "w' - at `$.status`", "two\nlines", ""])
def test_safe_message_omits_quoted_input(value: str) -> None:
    with pytest.raises(InvalidRecordError) as refused:
        convert({"status": value}, RawArticle)
    assert safe_message(refused.value) == "Invalid enum value … - at `$.status`"
    assert safe_message(ValueError(f"Invalid enum value {value!r}")) == "Invalid enum value …"


def logged(log_format: str, reading: int, writing: int) -> str:
    """What a process logs to the file descriptor ``writing``, read from ``reading``. Closes both."""
    script = (
        "import logging; from workers.observability.logs import configure\n"
        f"configure('INFO', {log_format!r}); logging.info('ours')"
    )
    try:
        subprocess.run([sys.executable, "-c", script], stderr=writing, check=True)
        return os.read(reading, 10_000).decode()
    finally:
        os.close(writing)
        os.close(reading)


@pytest.mark.process
@pytest.mark.parametrize(("log_format", "is_json"), [("auto", False), ("json", True), ("text", False)])
def test_auto_writes_text_to_a_terminal(log_format: str, is_json: bool) -> None:
    line = logged(log_format, *pty.openpty())
    assert line.startswith("{") is is_json
    assert "ours" in line


@pytest.mark.process
@pytest.mark.parametrize(("log_format", "is_json"), [("auto", True), ("json", True), ("text", False)])
def test_auto_writes_json_to_a_pipe(log_format: str, is_json: bool) -> None:
    line = logged(log_format, *os.pipe())
    assert line.startswith("{") is is_json


def test_default_log_format_is_auto() -> None:
    assert Settings().log_format == "auto"


@pytest.mark.process
def test_logs_go_to_stderr_and_libraries_log_warnings_only() -> None:
    script = (
        "import logging\n"
        "from workers.observability.logs import configure\n"
        "configure('INFO', 'json')\n"
        "logging.getLogger('workers.stream.runner').info('ours', extra={'stage': 'clean'})\n"
        "logging.getLogger('faust').info('theirs')\n"
        "logging.getLogger('workers.stream.runner').debug('too much')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b""
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["message"] == "ours"


SECRET = "harbourmaster"
"""Part of every hostile message; must not appear in any log line or span."""
TEXT = f"The {SECRET} of Kestrel Bay refused to guide tankers past the breakwater."


def hostile(stage: Stage) -> list[bytes | None]:
    """Messages that the stage refuses or fails on, each for a different reason."""
    record = orjson.loads(encode(article(TEXT)))
    if stage is not Stage.CLEAN:
        return [
            None,
            TEXT.encode(),
            orjson.dumps(TEXT),
            orjson.dumps([TEXT]),
            orjson.dumps({TEXT: TEXT}),
            orjson.dumps(record | {"status": TEXT}),
            orjson.dumps(record | {"status": f"{TEXT}' - at `$.body`"}),
            orjson.dumps(record | {"published": TEXT}),
            orjson.dumps(record | {"origin": TEXT}),
            orjson.dumps(record | {"removed": [{TEXT: TEXT}]}),
            orjson.dumps(record | {"id": TEXT}),
        ]
    return [
        None,
        TEXT.encode()[:-1] + b"\xe9",
        b"<html><meta charset=rot13><p>" + TEXT.encode() + b"\xe9",
        TEXT.encode() + b"\0",
        b'{"body": "' + TEXT.encode(),
        b'{"body": ' + TEXT.encode(),
        orjson.dumps([TEXT]),
        *(orjson.dumps({"body": TEXT, name: TEXT}) for name in ("published", "modified", "fetched", "status")),
        *(orjson.dumps({"body": TEXT, name: {TEXT: TEXT}}) for name in ("url", "keywords", "byline", "id")),
        orjson.dumps({"headline": TEXT}),
        orjson.dumps({"headline": TEXT, "summary": TEXT, "body": " "}),
        SECRET.encode() + b"\xff\x81\xfe\xfd\x9d\x8f " * 30,
        b"\x89PNG\r\n\x1a\n\x00\x00" + TEXT.encode(),
        "\n".join(["name,place,text", *(f"{number},Kestrel Bay,{SECRET}" for number in range(30))]).encode(),
        orjson.dumps({"body": TEXT, "section": TEXT * 1_000}),
        orjson.dumps({"body": TEXT + "A b.\n" * 30_000}),
        orjson.dumps({"html": f"<html><title>{TEXT}</title><body></body></html>"}),
        f"<html><script type='application/ld+json'>{{'author': {TEXT}</script><title>{TEXT}</title><p>".encode(),
        f"<html lang='{TEXT}'><link rel=canonical href='http://[{TEXT}'><body><article>{TEXT}".encode(),
        b"<p " + b"".join(b"a%d=b " % number for number in range(600)) + b">" + TEXT.encode(),
    ]


def fail(message: Message) -> Result:
    fail_at(repr(message.value))


def handle_hostile_messages() -> None:
    """Run the hostile messages through every stage and a failing handler, log to stderr, and print the spans."""
    configure("DEBUG", "json")
    handlers: dict[Stage, list[Handler]] = {
        Stage.CLEAN: [per_message(clean_stage(Settings())), per_message(fail)],
        Stage.DEDUPE: [per_message(DedupeStage({0: Ledger(topics.HOUR)}.__getitem__))],
        Stage.ENRICH: [per_batch(enrich_stage(Enricher({})))],
    }
    inputs = {Stage.CLEAN: topics.RAW, Stage.DEDUPE: topics.CLEAN, Stage.ENRICH: topics.UNIQUE}
    headers = (
        ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("tracestate", TEXT.encode()),
    )
    ended = InMemorySpanExporter()
    table = {topic.name: topic for topic in topics.topics(Settings())}
    for stage in Stage:
        messages = [
            Message(inputs[stage], 0, offset, 0, value, TEXT.encode(), headers)
            for offset, value in enumerate(hostile(stage))
        ]
        traces = Traces(stage, SimpleSpanProcessor(ended))
        for handler in handlers[stage]:
            asyncio.run(Runner(stage, handler, FakeBroker(), table, Metrics(), traces=traces).run(messages))
    print(*(span.to_json(indent=None) for span in ended.get_finished_spans()), sep="\n")


@pytest.mark.process
def test_logs_and_spans_contain_no_article_text() -> None:
    script = "from tests.observability.test_logs import handle_hostile_messages; handle_hostile_messages()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    spans, rows = ([json.loads(line) for line in lines.splitlines()] for lines in (done.stdout, done.stderr))
    refusals = [row for row in rows if row["logger"] == "workers.stream.runner"]
    assert len(spans) >= len(refusals) > 50
    # A stage's text cannot make an output unsendable, and here nothing ends a worker.
    assert {row["reason"] for row in refusals} == set(Reason) - {Reason.UNSENDABLE, Reason.KILLED_WORKER}
    assert all(row.keys() >= {"stage", "topic", "partition", "offset", "reason"} for row in refusals)
    assert SECRET not in done.stderr
    assert SECRET not in done.stdout
