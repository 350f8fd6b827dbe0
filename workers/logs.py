"""Logs: one JSON object a line (or plain lines for reading), never with article text or secrets in them."""

from __future__ import annotations

import json
import logging
import sys
from datetime import UTC, datetime

import orjson

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime"}
_LIBRARIES = ("workers.driver", "faust", "mode", "aiokafka", "kafka", "asyncio", "trafilatura", "htmldate")


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
        extra = "".join(f" {key}={value}" for key, value in vars(record).items() if key not in _STANDARD)
        clock = datetime.fromtimestamp(record.created).astimezone().strftime("%H:%M:%S")
        line = f"{clock} {record.levelname.lower()} {record.name}: {record.getMessage()}{extra}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure(level: str, form: str) -> None:
    """Send the logs of this process to stderr in the given form (``json`` or ``text``).

    The libraries stay at WARNING: faust spends a tenth of its time on debug messages that nobody reads.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for name in _LIBRARIES:
        logging.getLogger(name).setLevel(logging.INFO if level == "DEBUG" else logging.WARNING)
