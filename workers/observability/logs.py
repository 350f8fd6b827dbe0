"""Logs as JSON lines, or as human-readable text on a terminal. They never contain article text or secrets."""

from __future__ import annotations

import json
import logging
import math
import re
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

import orjson

from workers.fault_points import fault_point

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
"""The attributes of every log record; all others come from ``extra``."""
_LIBRARIES = (
    "workers.stream.consumer_thread",
    "workers.stream.faust_fixes",
    "faust",
    "mode",
    "aiokafka",
    "kafka",
    "asyncio",
    "urllib3",
    "py3langid",
)
_INPUT_QUOTING_LIBRARIES = (
    "trafilatura",
    "htmldate",
    "courlan",
    "justext",
    "opentelemetry.trace",
    "opentelemetry.util",
)
"""Libraries whose messages quote input that they cannot parse: text, message headers, a header with a token."""
_RETRY_LOGGING_LIBRARIES = ("aiokafka.producer.sender",)
"""Libraries that log up to ten retries a second; the runner logs their outcome."""
REPEAT_SECONDS = 60.0
"""Seconds in which a library may log the same message once."""
MAX_REMEMBERED = 1_000
"""Messages of which the time is remembered."""
_OWN_PACKAGES = frozenset({"workers", "schemas", "__main__"})
_NUMBER = re.compile(r"\d+")
_JSON_PATH = re.compile(r" - at `[^`]*`\Z")


class JsonFormatter(logging.Formatter):
    """A log record as JSON: time, level, logger, message, the fields of ``extra``, and a traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record as one line."""
        row: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        row |= {key: value for key, value in vars(record).items() if key not in _STANDARD}
        if record.exc_info:
            row["traceback"] = self.formatException(record.exc_info)
        try:
            return orjson.dumps(row, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
        except TypeError:  # orjson rejects lone surrogates and integers over 64 bits; json is slower but takes them
            return json.dumps(row, default=str)


class TextFormatter(logging.Formatter):
    """A human-readable log record: ``12:00:00 info clean: ready port=9641``."""

    def format(self, record: logging.LogRecord) -> str:
        """Format the record as one line, followed by its traceback if there is one."""
        fields = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        details = fields.pop("traceback", None) or (record.exc_info and self.formatException(record.exc_info))
        extra = "".join(f" {key}={_printable(value)}" for key, value in fields.items())
        time = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        line = f"{time} {record.levelname.lower()} {record.name}: {_printable(record.getMessage())}{extra}"
        return f"{line}\n{details}" if details else line


class RetriedFilter(logging.Filter):
    """Makes warnings of the errors that aiokafka logs and retries itself, as at the first start of a Kafka."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged: it is."""
        errors = record.args if record.name.startswith("aiokafka.") and isinstance(record.args, tuple) else ()
        if record.levelno == logging.ERROR and any(getattr(error, "retriable", False) is True for error in errors):
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        return True


class RepeatFilter(logging.Filter):
    """Lets each message of a library through once a minute; ``suppressed`` then says how often it was held back.

    While a broker is away, aiokafka logs some messages at every attempt, up to a hundred times a second. Numbers in a
    message do not make it another one. Copydesk's own messages and critical ones always pass.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._clock = clock
        self._passed_at: dict[tuple[str, str], float] = {}
        self._suppressed: Counter[tuple[str, str]] = Counter()

    @fault_point("suppress repeats")
    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged."""
        if record.name.split(".")[0] in _OWN_PACKAGES or record.levelno >= logging.CRITICAL:
            return True
        key, now = (record.name, _NUMBER.sub("#", str(record.msg))), self._clock()
        if now - self._passed_at.get(key, -math.inf) < REPEAT_SECONDS:
            self._suppressed[key] += 1
            return False
        if len(self._passed_at) >= MAX_REMEMBERED:  # messages with their arguments already in them
            self._passed_at.clear()
        self._passed_at[key] = now
        if suppressed := self._suppressed.pop(key, 0):
            record.suppressed = suppressed
        return True


def _printable(value: object) -> str:
    """The value as one line without control characters, which could move a terminal's cursor."""
    text = str(value)
    return text if text.isprintable() else repr(text)


def safe_message(error: Exception) -> str:
    """The error's message without quoted input: an invalid enum value may be a whole article body."""
    before, prefix, quoted = str(error).partition("Invalid enum value ")  # msgspec's wording
    path = _JSON_PATH.search(quoted[-200:])
    return f"{before}{prefix}…{path[0] if path else ''}" if prefix else before


def safe_traceback(error: BaseException) -> str:
    """The error's traceback, with its causes but without messages: Python's own errors quote the value they fail on."""
    chain: list[BaseException] = []
    link: BaseException | None = error
    while link is not None and link not in chain:
        chain.append(link)
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\n".join(
        "".join(traceback.format_tb(link.__traceback__)) + type(link).__qualname__ for link in reversed(chain)
    )


def configure(level: str, log_format: str) -> None:
    """Send this process's logs to stderr as ``json`` or ``text``; ``auto`` writes text to a terminal, JSON otherwise.

    Libraries log at WARNING (INFO where ``level`` is DEBUG): Faust would spend a tenth of its time on debug messages
    that nobody reads.
    """
    is_text = log_format == "text" or (log_format == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextFormatter() if is_text else JsonFormatter())
    handler.addFilter(RetriedFilter())
    handler.addFilter(RepeatFilter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.INFO if level == "DEBUG" else logging.WARNING)
    for name in _RETRY_LOGGING_LIBRARIES:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in _INPUT_QUOTING_LIBRARIES:
        logging.getLogger(name).setLevel(logging.CRITICAL)
