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
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from schemas import InvalidRecordError, RawArticle, convert, encode
from tests.dedupe.support import article
from tests.stream.test_runner import FakeBroker
from workers import topics
from workers.dedupe import Ledger
from workers.enrich import Enricher
from workers.handlers import Dedupe, clean_stage, enrich_stage
from workers.messages import Handler, Message, Result
from workers.observability.logs import JsonFormatter, TextFormatter, configure, stack, told
from workers.observability.metrics import Metrics
from workers.observability.tracing import Traces
from workers.outcomes import Reason, Stage
from workers.settings import Settings
from workers.stages import per_batch, per_message
from workers.stream.runner import Runner


def record(message: str = "ready", *arguments: object, **extra: object) -> logging.LogRecord:
    made = logging.getLogger("workers.test").makeRecord(
        "workers.test", logging.WARNING, __file__, 1, message, arguments, None, extra=extra or None
    )
    made.created = 1_767_268_800.25
    return made


def parsed(made: logging.LogRecord) -> dict[str, Any]:
    line = JsonFormatter().format(made)
    assert "\n" not in line
    row: dict[str, Any] = json.loads(line)
    return row


def test_a_record_is_one_line_of_json_with_what_was_given_beside_it() -> None:
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
def test_a_record_may_carry_anything(value: object) -> None:
    assert "given" in parsed(record(given=value))


def test_a_message_may_say_anything() -> None:
    assert parsed(record("half a pair \ud800"))["level"] == "warning"


def test_a_traceback_goes_into_the_same_line() -> None:
    made = record("it broke")
    try:
        raise ZeroDivisionError("by nothing")
    except ZeroDivisionError:
        made.exc_info = sys.exc_info()
    assert parsed(made)["traceback"].endswith("ZeroDivisionError: by nothing")
    assert TextFormatter().format(made).endswith("ZeroDivisionError: by nothing")


def test_for_reading_a_record_is_a_plain_line() -> None:
    line = TextFormatter().format(record("ready", stage="clean", port=9641))
    assert line.endswith("warning workers.test: ready stage=clean port=9641")


@pytest.mark.parametrize("value", ["\x1b[2Jgone", "two\nlines", "\r", "\u202e"])
def test_what_is_logged_moves_no_terminal_s_cursor(value: str) -> None:
    assert value not in TextFormatter().format(record(value, given=value))


def fail_at(text: str) -> NoReturn:
    try:
        raise ValueError(text)
    except ValueError as error:
        raise KeyError(text) from error


def test_a_stack_says_where_and_what_of_the_whole_chain_but_not_what_the_errors_say() -> None:
    text = "the harbourmaster's words"
    with pytest.raises(KeyError) as failed:
        fail_at(text)
    lines = stack(failed.value).splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["ValueError", "KeyError"]
    assert sum("in fail_at" in line for line in lines) == 2
    assert text not in "".join(lines)


def test_a_stack_of_an_error_that_is_its_own_cause_has_an_end() -> None:
    error = ValueError()
    error.__cause__ = error
    assert stack(error) == "ValueError"


@pytest.mark.parametrize("value", ["words", "wor'ds", "w - at `$.status`", "w' - at `$.status`", "two\nlines", ""])
def test_what_an_error_quotes_of_a_record_is_left_out(value: str) -> None:
    with pytest.raises(InvalidRecordError) as refused:
        convert({"status": value}, RawArticle)
    assert told(refused.value) == "Invalid enum value … - at `$.status`"
    assert told(ValueError(f"Invalid enum value {value!r}")) == "Invalid enum value …"


def logged(form: str, reading: int, writing: int) -> str:
    """The line that is logged to the one end, read at the other; both are closed then."""
    script = (
        "import logging; from workers.observability.logs import configure\n"
        f"configure('INFO', {form!r}); logging.info('ours')"
    )
    try:
        subprocess.run([sys.executable, "-c", script], stderr=writing, check=True)
        return os.read(reading, 10_000).decode()
    finally:
        os.close(writing)
        os.close(reading)


@pytest.mark.parametrize(("form", "is_json"), [("auto", False), ("json", True), ("text", False)])
def test_a_terminal_is_written_to_for_reading_unless_told_otherwise(form: str, is_json: bool) -> None:
    line = logged(form, *pty.openpty())
    assert line.startswith("{") is is_json
    assert "ours" in line


@pytest.mark.parametrize(("form", "is_json"), [("auto", True), ("json", True), ("text", False)])
def test_whatever_else_is_written_to_in_json_unless_told_otherwise(form: str, is_json: bool) -> None:
    line = logged(form, *os.pipe())
    assert line.startswith("{") is is_json


def test_by_default_it_is_told_by_where_the_logs_go() -> None:
    assert Settings().log_format == "auto"


def test_logs_go_to_stderr_and_the_libraries_keep_quiet() -> None:
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
"""Stands in every hostile message, and may stand in no line."""
TEXT = f"The {SECRET} of Kestrel Bay refused to guide tankers past the breakwater."


def hostile(stage: Stage) -> list[bytes | None]:
    """Messages that the stage refuses, each in another way, or that fail in its hands."""
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
        orjson.dumps({"body": TEXT, "section": TEXT * 1_000}),
        orjson.dumps({"body": TEXT + "A b.\n" * 30_000}),
        orjson.dumps({"html": f"<html><title>{TEXT}</title><body></body></html>"}),
        f"<html><script type='application/ld+json'>{{'author': {TEXT}</script><title>{TEXT}</title><p>".encode(),
        f"<html lang='{TEXT}'><link rel=canonical href='http://[{TEXT}'><body><article>{TEXT}".encode(),
        b"<p " + b"".join(b"a%d=b " % number for number in range(600)) + b">" + TEXT.encode(),
    ]


def fail(message: Message) -> Result:
    fail_at(repr(message.value))


def handle_what_is_hostile() -> None:
    """Take the hostile messages through the stages, and through one that fails, with all that is logged and traced."""
    configure("DEBUG", "json")
    handlers: dict[Stage, list[Handler]] = {
        Stage.CLEAN: [per_message(clean_stage(Settings())), per_message(fail)],
        Stage.DEDUPE: [per_message(Dedupe({0: Ledger(topics.HOUR)}.__getitem__).handle)],
        Stage.ENRICH: [per_batch(enrich_stage(Enricher({})))],
    }
    read = {Stage.CLEAN: topics.RAW, Stage.DEDUPE: topics.CLEAN, Stage.ENRICH: topics.UNIQUE}
    headers = (
        ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        ("tracestate", TEXT.encode()),
    )
    ended = InMemorySpanExporter()
    table = {topic.name: topic for topic in topics.topics(Settings())}
    for stage in Stage:
        messages = [
            Message(read[stage], 0, offset, 0, value, TEXT.encode(), headers)
            for offset, value in enumerate(hostile(stage))
        ]
        traces = Traces(stage, SimpleSpanProcessor(ended))
        for handler in handlers[stage]:
            asyncio.run(Runner(stage, handler, FakeBroker(), table, Metrics(), traces=traces).run(messages))
    print(*(span.to_json(indent=None) for span in ended.get_finished_spans()), sep="\n")


def test_no_line_and_no_span_of_a_hostile_message_says_anything_of_its_text() -> None:
    script = "from tests.observability.test_logs import handle_what_is_hostile; handle_what_is_hostile()"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    spans, rows = ([json.loads(line) for line in lines.splitlines()] for lines in (done.stdout, done.stderr))
    about = [row for row in rows if row["logger"] == "workers.stream.runner"]
    assert len(spans) >= len(about) > 50
    assert {row["reason"] for row in about} == set(Reason)
    assert all(row.keys() >= {"stage", "topic", "partition", "offset", "reason"} for row in about)
    assert SECRET not in done.stderr
    assert SECRET not in done.stdout
