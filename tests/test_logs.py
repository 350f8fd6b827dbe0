from __future__ import annotations

import json
import logging
import subprocess
import sys
from typing import Any

import pytest

from workers.logs import JsonFormatter, TextFormatter


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


def test_logs_go_to_stderr_and_the_libraries_keep_quiet() -> None:
    script = (
        "import logging\n"
        "from workers.logs import configure\n"
        "configure('INFO', 'json')\n"
        "logging.getLogger('workers.runner').info('ours', extra={'stage': 'clean'})\n"
        "logging.getLogger('faust').info('theirs')\n"
        "logging.getLogger('workers.runner').debug('too much')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b""
    (line,) = done.stderr.splitlines()
    assert json.loads(line)["message"] == "ours"
