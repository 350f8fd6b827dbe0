"""What is shown of records, and which are."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

import schemas
from schemas import (
    Change,
    CleanArticle,
    CopyKind,
    CopyOf,
    Duplicate,
    EnrichedArticle,
    Entity,
    EntityMeta,
    EntityType,
    Evidence,
    Extent,
    FieldWarning,
    LedgerEntry,
    Notice,
    NoticeKind,
    Origin,
    Status,
    Story,
    StoryChange,
    StoryChangeKind,
    Verdict,
    VerdictKind,
    encode,
    fields_of,
)
from tests.dead_letters.support import letter_record
from tests.dedupe.support import PARAGRAPHS, article
from workers.messages import FILE_HEADER, Message
from workers.reading.entries import STRAY, read_entry
from workers.reading.filters import Filter
from workers.reading.pretty import Lines, envelope
from workers.reading.text import printable
from workers.topics import CLEAN, DEAD_LETTERS, DUPLICATES, ENRICHED, LEDGER, RAW, STORIES

NOW = 1_780_000_000_000
ROTTERDAM = Entity(
    name="Rotterdam", type=EntityType.GPE, aliases=("Rotterdam port",), count=1, salience=0.9,
    links={"country": "iso3166:NL"}, mentions=(),
)  # fmt: skip
ENRICHED_ARTICLE = EnrichedArticle(
    **fields_of(replace(article(PARAGRAPHS[0]), headline="Bridge closes", source="news.example.com"), CleanArticle),
    story_id="story-1", revision=2, revision_of="old", entities=(ROTTERDAM,),
    entity_meta=EntityMeta(model=None, rules="1"),
)  # fmt: skip
COPY = Duplicate(
    id="c0ffee0000000000", origin=ENRICHED_ARTICLE.origin, duplicate_of=ENRICHED_ARTICLE.id, kind=CopyKind.NEAR,
    score=0.93, evidence=Evidence(method="containment", shared=9, of_copy=1, of_original=0.9), story_id="story-1",
    headline="Bridge to close", language="en", source="other.example",
)  # fmt: skip
STORY = Story(
    id="story-1", language="en", headline="Bridge closes", articles=2, first_seen="2026-05-04T06:30:00Z",
    last_seen="2026-05-04T07:30:00Z", latest=ENRICHED_ARTICLE.id, terms=("bridge",),
)  # fmt: skip

LEDGER_ENTRY = LedgerEntry(
    id="c0ffee0000000001", origin=Origin(topic=RAW, partition=0, offset=3), position=5, time=NOW, url=None,
    content="7be1a90c52f6d834", terms="8/owHTUL",
    verdict=Verdict(
        kind=VerdictKind.COPY, story_id="story-9", story_articles=1, story_first_seen="2026-05-04T06:30:00Z",
        duplicate_of="first", copy_kind=CopyKind.EXCERPT, score=0.8,
    ),
)  # fmt: skip


def record_of(topic: str, value: object, **changes: Any) -> Message:
    bytes_or_none = value if isinstance(value, bytes | None) else encode(value)
    return replace(Message(topic, 1, 7, NOW, bytes_or_none), **changes)


MERGED = StoryChange(
    kind=StoryChangeKind.MERGED, story_id="story-2", articles=3, remaining=0, first_seen="2026-05-04T06:30:00Z",
    likeness=0.93,
)  # fmt: skip
SPLIT = replace(MERGED, kind=StoryChangeKind.SPLIT, story_id="story-3", moved=("a7",), articles=1, remaining=4)
ABSORBED = record_of(STORIES, replace(STORY, id="story-2", merged_into="story-1"))
GROWN = record_of(STORIES, replace(STORY, changes=(MERGED, SPLIT)))
RECORDS = {
    "enriched": record_of(ENRICHED, ENRICHED_ARTICLE),
    "copy": record_of(DUPLICATES, COPY),
    "story": record_of(STORIES, STORY),
    "refused": letter_record(headers=((FILE_HEADER, b"crawl.jsonl, line 7"),)),
    "raw": record_of(RAW, b'{"title": "Ferry", "source": "sea.example"}', offset=8),
    "stray": record_of(CLEAN, b"[]"),
    "deleted": record_of(LEDGER, None),
    "entry": record_of(LEDGER, LEDGER_ENTRY),
}


def shown(*names: str) -> str:
    lines = Lines()
    entries = [read_entry(RECORDS[name]) for name in names]
    for entry in entries:
        lines.remember(entry)
    return "\n".join(map(lines.show, entries))


def test_no_record_of_ours_is_taken_for_a_stray_one() -> None:
    examples = list(Path(schemas.__file__).parent.glob("examples/*/valid/*.json"))
    assert {example.parts[-3] for example in examples} >= {CLEAN, ENRICHED, DUPLICATES, STORIES, LEDGER}
    read = {str(example): read_entry(record_of(example.parts[-3], example.read_bytes())) for example in examples}
    assert not [name for name, entry in read.items() if entry.outcomes[0] == STRAY]


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("enriched", ["Bridge closes", "revision 2 of old", "Rotterdam GPE", "story-1", "news-enriched-1-7"]),
        ("copy", ["Bridge to close", f"near copy, 93% of {ENRICHED_ARTICLE.id}", "other.example"]),
        ("story", ["2 articles, 2026-05-04T06:30:00Z to"]),
        ("refused", ["Ferry runs again", "clean: no_body: there is no text", "crawl.jsonl, line 7", "letters-0-17"]),
        ("raw", ["Ferry", "sea.example", "news-raw-1-8"]),
        ("stray", ["not a record of news-clean"]),
        ("deleted", ["(deleted)"]),
        ("entry", ["ledger", "excerpt copy, 80% of first", "story-9", "news-raw-0-3", "news-ledger-1-7"]),
    ],
)  # fmt: skip
def test_a_record_is_shown_with_what_it_says(name: str, texts: list[str]) -> None:
    assert not [text for text in texts if text not in shown(name)]


def test_changes_of_stories_are_shown() -> None:
    absorbed, grown = (Lines().show(read_entry(record)) for record in (ABSORBED, GROWN))
    assert f"merged into story-1 because of {ENRICHED_ARTICLE.id}" in absorbed
    assert "merges story-2 into this story (3 articles)" in grown
    assert "moves from story-3 to this story: a7" in grown


def test_changes_of_stories_are_found_by_their_kind_and_by_what_has_moved() -> None:
    absorbed, grown = read_entry(ABSORBED), read_entry(GROWN)
    for wanted, found in (
        (Filter(outcomes=("merged",)), (True, True)),
        (Filter(outcomes=("split",)), (False, True)),
        (Filter(ids=("a7",)), (False, True)),
        (Filter(stories=("story-2",)), (True, True)),
    ):
        assert (wanted.matches(absorbed), wanted.matches(grown)) == found


def test_a_record_says_what_to_know_before_using_it() -> None:
    killed = replace(
        ENRICHED_ARTICLE, status=Status.CANCELED, notice=Notice(kind=NoticeKind.WITHDRAWAL), notice_about="bad",
        warnings=(FieldWarning(field="published", value="soon", problem="not a date"),),
    )  # fmt: skip
    entry = read_entry(record_of(ENRICHED, killed))
    assert "withdrawal of bad · canceled · 1 warning · news.example.com" in Lines().show(entry)
    assert Filter(outcomes=("withdrawal",)).matches(entry)


def test_a_marked_copy_says_of_what() -> None:
    copy = CopyOf(duplicate_of="gull", kind=CopyKind.NEAR, score=0.93, evidence=COPY.evidence)
    entry = read_entry(record_of(ENRICHED, replace(ENRICHED_ARTICLE, copy=copy)))
    assert "near copy, 93% of gull" in Lines().show(entry)
    assert Filter(outcomes=("near",)).matches(entry)


def test_a_revision_says_how_much_it_changes_and_whose_text_it_has_taken_over() -> None:
    change = Change(
        share=0.31, sentences_added=3, sentences_removed=1, headline_changed=False, extent=Extent.SUBSTANTIAL
    )
    copy = CopyOf(duplicate_of="gull", kind=CopyKind.NEAR, score=0.93, evidence=COPY.evidence)
    shown = Lines().show(read_entry(record_of(ENRICHED, replace(ENRICHED_ARTICLE, change=change, copy=copy))))
    assert "revision 2 of old, substantial (31%); near copy, 93% of gull" in shown


def test_an_older_version_says_of_what() -> None:
    entry = read_entry(record_of(DUPLICATES, replace(COPY, kind=CopyKind.OUTDATED)))
    assert f"an older version of {ENRICHED_ARTICLE.id}" in Lines().show(entry)
    assert Filter(outcomes=("outdated",)).matches(entry)


def test_the_source_of_a_raw_message_is_that_of_its_article() -> None:
    page = record_of(RAW, b"<html><link rel=canonical href='https://www.sea.example/a-b'><p>A ferry ran.</p></html>")
    letter = letter_record(b'{"headline": "Ferry", "link": "https://www.sea.example/a-b"}')
    assert all(Filter(sources=("sea.example",)).matches(read_entry(record)) for record in (page, letter))


def test_a_copy_names_the_headline_of_its_original_if_that_was_read() -> None:
    assert f"{ENRICHED_ARTICLE.id} “Bridge closes”" in shown("enriched", "copy")


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Filter(), set(RECORDS)),
        (Filter(ids=(ENRICHED_ARTICLE.id,)), {"enriched", "copy", "story"}),
        (Filter(ids=("news-raw-3-1042",)), {"refused"}),
        (Filter(ids=("news-raw/1/8",)), {"raw"}),
        (Filter(sources=("example.com", "SEA.example")), {"enriched", "raw"}),
        (Filter(languages=("en",), sources=("other.example",)), {"copy"}),
        (Filter(entities=("rotterdam PORT",)), {"enriched"}),
        (Filter(stories=("story-1",)), {"enriched", "copy", "story"}),
        (Filter(outcomes=("near", "no_body", "revision")), {"enriched", "copy", "refused"}),
        (Filter(stories=("story-9",), outcomes=("excerpt",)), {"entry"}),
        (Filter(outcomes=("stray",)), {"stray"}),
        (Filter(outcomes=("copy", "deleted")), {"copy", "deleted"}),
        (Filter(outcomes=("refused",)), {"refused"}),
    ],
)
def test_filters(wanted: Filter, names: set[str]) -> None:
    assert {name for name, record in RECORDS.items() if wanted.matches(read_entry(record))} == names


def test_json_has_the_coordinates_and_every_byte() -> None:
    line = orjson.loads(envelope(read_entry(record_of(RAW, b"\xff", key=b"k", headers=(("a", None), ("a", b"\xfe"))))))
    assert line == {
        "topic": RAW, "partition": 1, "offset": 7, "timestamp": NOW, "key": "k",
        "headers": [{"name": "a", "value": None}, {"name": "a", "value": None, "value_base64": "/g=="}],
        "value": None, "value_base64": "/w==",
    }  # fmt: skip
    assert orjson.loads(envelope(read_entry(RECORDS["copy"])))["value"]["score"] == 0.93
    assert orjson.loads(envelope(read_entry(RECORDS["refused"])))["dead_letter"]["reason"] == "no_body"


@pytest.mark.parametrize("topic", [RAW, CLEAN, ENRICHED, DUPLICATES, STORIES, LEDGER, DEAD_LETTERS])
@pytest.mark.parametrize(
    "value",
    [
        None, b"", b"\xff", b"7", b"{}", b'{"id": 7}', b'{"id": "a", "entities": {}}', b"[" * 9_999,
        b"[" * 300 + b"]" * 300, b'{"id": "a", "x": ' + b'{"y":' * 9_999,
    ],
)  # fmt: skip
def test_no_record_is_too_odd(topic: str, value: bytes | None) -> None:
    entry = read_entry(record_of(topic, value, timestamp=-1, key=b"\xff"))
    assert Lines().show(entry)
    assert orjson.loads(envelope(entry))["topic"] == topic
    assert Filter(entities=("a",)).matches(entry) is False


def test_what_a_terminal_would_obey_is_escaped() -> None:
    assert printable("a\x1b[2J\nb\u202ec\x9b\u200d") == "a\\x1b[2J b\\u202ec\\x9b\u200d"
    evil = replace(ENRICHED_ARTICLE, headline="\x1b]0;title\x07", entities=(replace(ROTTERDAM, name="\x1b[31m"),))
    shown = Lines().show(read_entry(record_of(ENRICHED, evil)))
    assert "\x1b]" not in shown
    assert "\\x1b[31m GPE" in shown
