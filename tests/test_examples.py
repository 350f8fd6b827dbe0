"""The schemas and the code agree on the examples in ``schemas/examples/<topic>/{valid,invalid}``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

import schemas
from schemas import InvalidRecordError, decode, encode
from schemas.generate import PUBLISHED, path_of
from workers import topics

EXAMPLES = Path(schemas.__file__).parent / "examples"
SCHEMA = {
    topics.RAW: "raw-article",
    topics.CLEAN: "clean-article",
    topics.UNIQUE: "unique-article",
    topics.ENRICHED: "enriched-article",
    topics.DUPLICATES: "duplicate",
    topics.STORIES: "story",
    topics.LEDGER: "ledger-entry",
}


def examples(validity: str) -> list[object]:
    return [
        pytest.param(topic, path, id=f"{topic}/{path.stem}")
        for topic in SCHEMA
        for path in sorted((EXAMPLES / topic / validity).glob("*.json"))
    ]


def is_valid(topic: str, path: Path) -> bool:
    schema = json.loads(path_of(SCHEMA[topic]).read_text())
    return bool(Draft202012Validator(schema).is_valid(json.loads(path.read_text())))


@pytest.mark.parametrize(("topic", "path"), examples("valid"))
def test_a_valid_example_validates_and_round_trips(topic: str, path: Path) -> None:
    assert is_valid(topic, path)
    kind = PUBLISHED[SCHEMA[topic]]
    record: object = decode(path.read_bytes(), kind)
    assert decode(encode(record), kind) == record
    unknown = {"crawler"}
    assert json.loads(encode(record)).keys() >= json.loads(path.read_text()).keys() - unknown


@pytest.mark.parametrize(("topic", "path"), examples("invalid"))
def test_an_invalid_example_neither_validates_nor_decodes(topic: str, path: Path) -> None:
    assert not is_valid(topic, path)
    with pytest.raises(InvalidRecordError):
        decode(path.read_bytes(), PUBLISHED[SCHEMA[topic]])


def test_every_topic_with_records_has_valid_and_invalid_examples() -> None:
    for topic in SCHEMA:
        assert all(list((EXAMPLES / topic / validity).glob("*.json")) for validity in ("valid", "invalid"))
    assert {path.name for path in EXAMPLES.iterdir()} == SCHEMA.keys()
