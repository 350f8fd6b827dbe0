"""Logs: one JSON object a line (or plain lines for reading), never with article text or secrets in them."""

from __future__ import annotations

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime

import orjson

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_LIBRARIES = ("workers.stream.faust_fixes", "faust", "mode", "aiokafka", "kafka", "asyncio", "urllib3", "py3langid")
_QUOTING = ("trafilatura", "htmldate", "courlan", "justext", "opentelemetry.trace", "opentelemetry.util")
"""Libraries that quote what they cannot read: a text, a header of a message, a header with a token in it."""
_INSISTING = ("aiokafka.producer.sender",)
"""Libraries that tell of each attempt, ten times a second: the runner tells what came of them."""
_PLACE = re.compile(r" - at `[^`]*`\Z")


class JsonFormatter(logging.Formatter):
    """A log record as JSON: time, level, logger, message, whatever was given as ``extra``, and a traceback if any."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in one line."""
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
        except TypeError:  # half a surrogate pair, an integer of more than 64 bits: rather slow than lost
            return json.dumps(row, default=str)


class TextFormatter(logging.Formatter):
    """A log record for reading: ``12:00:00 info clean: ready port=9641``."""

    def format(self, record: logging.LogRecord) -> str:
        """The record in one line, and its traceback below."""
        given = {key: value for key, value in vars(record).items() if key not in _STANDARD}
        below = given.pop("traceback", None) or (record.exc_info and self.formatException(record.exc_info))
        extra = "".join(f" {key}={_printable(value)}" for key, value in given.items())
        clock = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        line = f"{clock} {record.levelname.lower()} {record.name}: {_printable(record.getMessage())}{extra}"
        return f"{line}\n{below}" if below else line


def _printable(value: object) -> str:
    """The value in one line that moves no terminal's cursor."""
    text = str(value)
    return text if text.isprintable() else repr(text)


def told(error: Exception) -> str:
    """What the error says, without what it quotes of the message: for an enum's value there may stand a whole body."""
    before, quoting, quoted = str(error).partition("Invalid enum value ")  # msgspec's words
    place = _PLACE.search(quoted[-200:])
    return f"{before}{quoting}…{place[0] if place else ''}" if quoting else before


def stack(error: BaseException) -> str:
    """The error's traceback without what the error says: Python's own errors quote what they fail at."""
    chain: list[BaseException] = []
    each: BaseException | None = error
    while each is not None and each not in chain:
        chain.append(each)
        each = each.__cause__ or (None if each.__suppress_context__ else each.__context__)
    return "\n".join(
        "".join(traceback.format_tb(each.__traceback__)) + type(each).__qualname__ for each in reversed(chain)
    )


def configure(level: str, form: str) -> None:
    """Send the logs of this process to stderr in the given form: ``json``, ``text``, or what suits stderr (``auto``).

    The libraries stay at WARNING: faust spends a tenth of its time on debug messages that nobody reads.
    """
    is_text = form == "text" or (form == "auto" and sys.stderr.isatty())
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(TextFormatter() if is_text else JsonFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.INFO if level == "DEBUG" else logging.WARNING)
    for name in _INSISTING:
        logging.getLogger(name).setLevel(logging.ERROR)
    for name in _QUOTING:
        logging.getLogger(name).setLevel(logging.CRITICAL)
