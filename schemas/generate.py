"""JSON Schemas (draft 2020-12), generated from the records so that code and contract cannot drift apart."""

from __future__ import annotations

from pathlib import Path

import msgspec
import orjson

from schemas import records

HERE = Path(__file__).parent

PUBLISHED: dict[str, type] = {
    "raw-article": records.RawArticle,
    "clean-article": records.CleanArticle,
    "unique-article": records.UniqueArticle,
    "enriched-article": records.EnrichedArticle,
    "duplicate": records.Duplicate,
    "story": records.Story,
    "ledger-entry": records.LedgerEntry,
    "dead-letter-headers": records.DeadLetterHeaders,
}
"""The records that have their own schema, by file name."""


def schema_of(name: str) -> bytes:
    """The JSON Schema of the published record, as indented UTF-8 JSON with a final newline."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:copydesk:schema:{name}",
        **msgspec.json.schema(PUBLISHED[name]),
    }
    return orjson.dumps(schema, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def path_of(name: str) -> Path:
    """The path of the record's committed schema."""
    return HERE / f"{name}.schema.json"


def drifted() -> list[str]:
    """The names of the committed schemas that are missing or differ from the records."""
    return [name for name in PUBLISHED if not path_of(name).exists() or path_of(name).read_bytes() != schema_of(name)]


def write() -> None:
    """Write every schema into this folder."""
    for name in PUBLISHED:
        path_of(name).write_bytes(schema_of(name))
