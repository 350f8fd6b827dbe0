from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

import schemas
from schemas import (
    CleanArticle,
    CopyKind,
    DeadLetterHeaders,
    Duplicate,
    EnrichedArticle,
    InvalidRecordError,
    LedgerEntry,
    Origin,
    RawArticle,
    Story,
    UniqueArticle,
    decode,
    encode,
    generate,
    records,
)

times = st.datetimes().map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M:%SZ").rjust(20, "0"))
offsets = st.integers(0, 2**53)
shares = st.floats(0, 1)
hashes = st.integers(0, 2**64 - 1).map(lambda number: f"{number:016x}")
texts = st.text(st.characters(codec="utf-8"), max_size=12)
links = st.dictionaries(texts, texts, max_size=2)
spans = st.builds(records.Removed, start=offsets, end=offsets, text=texts, rule=texts, category=texts)
origins = st.builds(Origin, topic=texts, partition=offsets, offset=offsets)
evidence = st.builds(records.Evidence, method=texts, shared=offsets, of_copy=shares, of_original=shares)
mentions = st.builds(records.Mention, text=texts, start=offsets, end=offsets)
entities = st.builds(
    records.Entity,
    id=st.none() | texts,
    name=texts,
    aliases=st.tuples(texts),
    count=offsets,
    salience=shares,
    links=links,
    mentions=st.tuples(mentions),
)
clean: dict[str, Any] = {
    "id": texts,
    "origin": origins,
    "headline": texts,
    "body": texts,
    "language": texts,
    "summary": st.none() | texts,
    "byline": st.tuples(texts),
    "credits": st.tuples(st.builds(records.Credit, name=texts, role=texts)),
    "captions": st.tuples(st.builds(records.Caption, text=texts)),
    "dateline": st.none() | st.builds(records.Dateline, text=texts),
    "published": st.none() | times,
    "keywords": st.tuples(texts, texts),
    "status": st.sampled_from(records.Status),
    "removed": st.tuples(spans),
}
changes = st.builds(
    records.Change,
    share=shares,
    sentences_added=offsets,
    sentences_removed=offsets,
    extent=st.sampled_from(records.Extent),
    added=st.tuples(st.builds(records.Passage, start=offsets, end=offsets)),
)
story_changes = st.tuples(
    st.builds(
        records.StoryChange,
        kind=st.sampled_from(records.StoryChangeKind),
        story_id=texts,
        moved=st.tuples(texts),
        articles=st.integers(1, 99),
        remaining=offsets,
        first_seen=times,
        likeness=shares,
    )
)
resemblances = st.builds(records.Resemblance, article=texts, kind=st.sampled_from(records.ResemblanceKind))
unique: dict[str, Any] = {
    **clean, "revision": st.integers(1, 99), "revision_of": st.none() | texts, "story_id": texts,
    "change": st.none() | changes, "story_changes": story_changes, "resembles": st.none() | resemblances,
}  # fmt: skip
verdicts = st.builds(
    records.Verdict,
    story_id=texts,
    story_articles=offsets,
    story_first_seen=times,
    revision=st.integers(1, 99),
    score=st.none() | shares,
    evidence=st.none() | evidence,
    change=st.none() | changes,
    story_changes=story_changes,
    moved_positions=st.tuples(offsets),
    resembles=st.none() | resemblances,
)
STRATEGIES: dict[type, st.SearchStrategy[Any]] = {
    RawArticle: st.builds(RawArticle, id=st.none() | st.integers(-9, 9) | texts, body=texts, byline=st.lists(texts)),
    CleanArticle: st.builds(CleanArticle, **clean),
    UniqueArticle: st.builds(UniqueArticle, **unique),
    EnrichedArticle: st.builds(EnrichedArticle, **unique, entities=st.tuples(entities)),
    Duplicate: st.builds(
        Duplicate,
        id=texts,
        origin=origins,
        duplicate_of=texts,
        kind=st.sampled_from(CopyKind),
        score=shares,
        evidence=evidence,
        story_id=texts,
        headline=texts,
        language=texts,
        published=st.none() | times,
    ),
    Story: st.builds(
        Story,
        id=texts,
        language=texts,
        headline=texts,
        articles=st.integers(1, 99),
        first_seen=times,
        last_seen=times,
        latest=texts,
        merged_into=st.none() | texts,
        changes=story_changes,
    ),
    LedgerEntry: st.builds(
        LedgerEntry,
        id=texts,
        origin=origins,
        position=offsets,
        time=offsets,
        url=st.none() | hashes,
        content=hashes,
        shingles=texts,
        terms=texts,
        verdict=verdicts,
        modified=st.none() | offsets,
    ),
    DeadLetterHeaders: st.builds(
        DeadLetterHeaders,
        topic=texts,
        partition=offsets,
        offset=offsets,
        timestamp=st.none() | offsets,
        stage=texts,
        reason=texts,
        exception=texts,
        message=texts,
        attempt=st.integers(1, 99),
        first_failed_at=times,
        worker_version=texts,
    ),
}
VALIDATORS = {
    kind: Draft202012Validator(json.loads(generate.schema_of(name))) for name, kind in generate.PUBLISHED.items()
}


def test_the_committed_schemas_match_the_records() -> None:
    assert generate.drifted() == [], "run `make generated` and commit the result"
    committed = {path.name.removesuffix(".schema.json") for path in generate.HERE.glob("*.schema.json")}
    assert committed == generate.PUBLISHED.keys()


@pytest.mark.parametrize("name", list(generate.PUBLISHED))
def test_each_schema_is_valid_draft_2020_12_and_has_its_id(name: str) -> None:
    schema = json.loads(generate.schema_of(name))
    Draft202012Validator.check_schema(schema)
    assert schema["$id"] == f"urn:copydesk:schema:{name}"


@pytest.mark.parametrize("kind", list(STRATEGIES), ids=lambda kind: kind.__name__)
@settings(max_examples=40)
@given(data=st.data())
def test_records_round_trip_through_json_that_their_schema_accepts(kind: type, data: st.DataObject) -> None:
    record = data.draw(STRATEGIES[kind])
    written = encode(record)
    assert decode(written, kind) == record
    VALIDATORS[kind].validate(json.loads(written))
    assert encode(decode(written, kind)) == written


def test_every_published_record_has_a_strategy() -> None:
    assert STRATEGIES.keys() == set(generate.PUBLISHED.values())


@settings(max_examples=300)
@given(st.data())
def test_schema_and_decoder_accept_the_same_values(data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(STRATEGIES)))
    value = json.loads(encode(data.draw(STRATEGIES[kind])))
    name = data.draw(st.sampled_from([field.name for field in fields(kind)]))
    nonsense = st.sampled_from([None, "", "x", "0" * 16, -1, 0, 1, 1.5, True, [], ["x"], [1], {}, {"topic": "x"}])
    if data.draw(st.booleans()):
        value[name] = data.draw(nonsense)
    else:
        del value[name]
    try:
        decode(encode(value), kind)
    except InvalidRecordError:
        is_decodable = False
    else:
        is_decodable = True
    assert VALIDATORS[kind].is_valid(value) == is_decodable


@pytest.mark.parametrize(
    "data", [b"", b"{", b"null", b"[]", b"\xff", b'{"id": "\xff"}', b'{"body": "\\ud800"}', b"NaN"]
)
def test_invalid_data_raises_an_error_with_a_message(data: bytes) -> None:
    with pytest.raises(InvalidRecordError) as error:
        decode(data, RawArticle)
    assert str(error.value)


def test_the_error_names_the_path_of_the_field() -> None:
    with pytest.raises(InvalidRecordError, match=r"\$\.origin\.partition"):
        decode(b'{"id": "a", "origin": {"topic": "t", "partition": "p", "offset": 1}}', CleanArticle)


def test_unknown_fields_are_ignored() -> None:
    origin = Origin(topic="news-raw", partition=1, offset=2)
    assert decode(b'{"topic": "news-raw", "partition": 1, "offset": 2, "rack": "b"}', Origin) == origin
    for validator in VALIDATORS.values():
        assert b'"additionalProperties":false' not in encode(validator.schema)


def test_records_are_frozen() -> None:
    origin = Origin(topic="news-raw", partition=1, offset=2)
    with pytest.raises(FrozenInstanceError):
        origin.offset = 3  # type: ignore[misc]
    assert str(origin) == "news-raw/1/2"


def test_the_package_exports_every_record() -> None:
    assert set(schemas.__all__) >= {kind.__name__ for kind in generate.PUBLISHED.values()}
    assert all(hasattr(schemas, name) for name in schemas.__all__)
