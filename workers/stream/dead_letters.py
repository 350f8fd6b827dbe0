"""Dead letters: refused messages with their original bytes, and headers that say why."""

from __future__ import annotations

import re
from dataclasses import asdict, replace

from schemas import DeadLetterHeaders
from workers import __version__
from workers.errors import RejectedError
from workers.messages import Headers, Message, Output
from workers.outcomes import Reason
from workers.timestamps import rfc3339
from workers.topics import DEAD_LETTER_PARTITIONS, DEAD_LETTERS

ERROR_HEADERS = "__copydesk.errors."
REFUSED_EXCEPTION = "Rejected"
"""The value of the header ``exception`` for a refused message: a contract, unlike the name of the class."""
MAX_ERROR_CHARS = 500
"""Characters of an error message that go into the headers."""
MAX_KEY_BYTES = 1024
"""Bytes of the key that a dead letter keeps when it must be cut."""
_TIME = re.compile(rb"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def dead_letter(message: Message, stage: str, error: Exception, now: float, max_bytes: int) -> Output:
    """The message unchanged, addressed to the dead letters, with headers that say why.

    A message that was replayed from the dead letters keeps the time of its first failure and counts the attempts. One
    that is larger than ``max_bytes`` (when the broker accepts more than our settings say) is cut: the whole message is
    still in its own topic.
    """
    before = {name: value or b"" for name, value in message.headers if name.startswith(ERROR_HEADERS)}
    attempt = before.get(f"{ERROR_HEADERS}attempt", b"0")
    first_failed_at = before.get(f"{ERROR_HEADERS}first_failed_at", b"")
    why = DeadLetterHeaders(
        topic=message.topic,
        partition=message.partition,
        offset=message.offset,
        timestamp=message.timestamp,
        stage=stage,
        reason=error.reason if isinstance(error, RejectedError) else Reason.INTERNAL_ERROR,
        exception=REFUSED_EXCEPTION if isinstance(error, RejectedError) else type(error).__name__,
        message=str(error)[:MAX_ERROR_CHARS],
        attempt=(int(attempt) if re.fullmatch(rb"\d{1,9}", attempt) else 0) + 1,
        first_failed_at=first_failed_at.decode() if _TIME.fullmatch(first_failed_at) else rfc3339(int(now * 1000)),
        worker_version=__version__,
    )
    kept: Headers = tuple((name, value) for name, value in message.headers if name not in before)
    # The client sends no message that has neither key nor value.
    key = b"" if message.key is None and message.value is None else message.key
    # A dead letter that is sent twice goes to the same partition both times, with or without a key.
    partition = message.partition % DEAD_LETTER_PARTITIONS
    letter = Output(DEAD_LETTERS, key, message.value, partition, kept + _as_headers(why))
    if letter.size <= max_bytes:
        return letter
    why = replace(why, cut_from=len(message.value or b""))
    bare = Output(DEAD_LETTERS, key and key[:MAX_KEY_BYTES], b"", partition, _as_headers(why))
    return replace(bare, value=(message.value or b"")[: max(0, max_bytes - bare.size)])


def without_value(letter: Output, size: int) -> Output:
    """The smallest form of a dead letter that the broker did not take: the error headers and a key, but no value.

    ``size`` is that of the original message in bytes.
    """
    headers = dict(header for header in letter.headers if header[0].startswith(ERROR_HEADERS))
    headers[f"{ERROR_HEADERS}cut_from"] = str(size).encode()
    return replace(letter, key=(letter.key or b"")[:MAX_KEY_BYTES], value=b"", headers=tuple(headers.items()))


def _as_headers(why: DeadLetterHeaders) -> Headers:
    # An exception text may contain anything, and a lone surrogate has no UTF-8 encoding.
    return tuple(
        (f"{ERROR_HEADERS}{name}", str(value).encode(errors="backslashreplace"))
        for name, value in asdict(why).items()
        if value is not None
    )
