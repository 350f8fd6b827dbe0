"""Tells the entries of the ledger topic from stray records, which somebody else has written to it."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable

from schemas import InvalidRecordError, LedgerEntry, VerdictKind, decode
from workers.dedupe import entry_key
from workers.dedupe.changes import unpack as unpack_outline
from workers.dedupe.sketches import unpack as unpack_sketches
from workers.dedupe.stories import TERM

_KEY = re.compile(r"[\w.-]+/\d+/\d+")


def key_of(key: bytes | None) -> str:
    """The key of a ledger record, as text.

    Raises:
        InvalidRecordError: it is not the key of an entry.
    """
    try:
        text = (key or b"").decode()
    except UnicodeDecodeError:
        raise InvalidRecordError("the key is not UTF-8") from None
    if not _KEY.fullmatch(text):
        raise InvalidRecordError("the key does not name a raw message, as topic/partition/offset")
    return text


def check_entry(key: str, value: bytes) -> None:
    """Return if the value is an entry that belongs under the key, complete enough to be indexed and repeated.

    Raises:
        InvalidRecordError: it is not.
    """
    entry = decode(value, LedgerEntry)
    verdict = entry.verdict
    if entry_key(entry.origin) != key:
        raise InvalidRecordError("the entry is about another message than its key")
    if max(entry.position, entry.time, entry.origin.offset, entry.modified or 0) >= 1 << 62:
        raise InvalidRecordError("an offset or a time that cannot be")
    named = (verdict.duplicate_of, verdict.copy_kind, verdict.score, verdict.evidence)
    if (verdict.kind is VerdictKind.COPY or verdict.duplicate_of) and None in named:
        raise InvalidRecordError("the verdict is a copy, but does not name the original")
    if len(_packed(entry.terms, "terms")) % TERM.itemsize:
        raise InvalidRecordError("$.terms has a hash that is cut off")
    if len(_packed(entry.particulars, "particulars")) % 2:
        raise InvalidRecordError("$.particulars has a hash that is cut off")
    shingles, outline = _packed(entry.shingles, "shingles"), _packed(entry.outline, "outline")
    _try("shingles", lambda: unpack_sketches([shingles]))
    _try("outline", lambda: unpack_outline(outline))


def _try(name: str, unpack: Callable[[], object]) -> None:
    try:
        unpack()
    except ValueError as error:
        raise InvalidRecordError(f"$.{name}: {error}") from None


def _packed(text: str, name: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise InvalidRecordError(f"$.{name} is not base64") from None
