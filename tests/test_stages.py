"""The stages: the topic, key, partition and headers of every output."""

from __future__ import annotations

import dataclasses
import gc
from collections.abc import Callable, Sequence

import orjson
import pytest

from schemas import (
    CleanArticle,
    CopyKind,
    Duplicate,
    EnrichedArticle,
    LedgerEntry,
    Origin,
    Story,
    StoryChange,
    StoryChangeKind,
    UniqueArticle,
    decode,
    encode,
)
from tests.dedupe.support import BOTH, BRIDGE, DAM, PARAGRAPHS, RESCUE, WALL, article
from workers import topics
from workers.dedupe import Ledger
from workers.dedupe.stories.index import MAX_CANDIDATES
from workers.dedupe.texts import Text
from workers.enrich import Enricher
from workers.errors import LedgerMissingError, RejectedError
from workers.handlers import MAX_BODY_CHARS, MAX_RECORD_BYTES, DedupeStage, clean_stage, enrich_stage
from workers.messages import TIME_HEADER, Message, Result
from workers.outcomes import Outcome, Reason
from workers.settings import Settings
from workers.stages import MAX_PREPARED_BYTES, STAGES, StageContext, per_message, prepared

BODY = PARAGRAPHS[0]
HEADERS = (("trace", b"7"), ("trace", b"8"))
NOON = 1_767_268_800_000
"""2026-01-01T12:00:00Z."""


def message(topic: str, value: bytes | None, offset: int = 5, partition: int = 0) -> Message:
    return Message(topic, partition, offset, NOON, value, b"a key", HEADERS)


def places(result: Result) -> list[tuple[str, bytes | None, int | None, object]]:
    """Topic, key, partition and headers of each output."""
    return [(output.topic, output.key, output.partition, output.headers) for output in result.outputs]


def dedupe() -> Callable[[Message], Result]:
    return DedupeStage({0: Ledger(topics.HOUR)}.__getitem__)


@pytest.mark.parametrize(
    ("text", "shard"),
    [
        (BODY, 0),
        ("Die Lotsen im Hafen weigerten sich am Montag, Tanker an der beschädigten Mole vorbeizuführen.", 1),
        ("Loodsen in de haven weigerden maandag om tankers langs de beschadigde golfbreker te leiden.", 7),
    ],
)
def test_a_clean_article_goes_to_the_shard_of_its_language_with_its_id_and_headers(text: str, shard: int) -> None:
    raw = message(topics.RAW, f"Pilots stay ashore\n\n{text}".encode())
    result = clean_stage(Settings())(raw)
    article = result.record
    assert isinstance(article, CleanArticle)
    assert article.origin == Origin(topic=topics.RAW, partition=0, offset=5)
    assert result.outcome is Outcome.CLEAN
    assert places(result) == [(topics.CLEAN, article.id.encode(), shard, (*HEADERS, (TIME_HEADER, str(NOON).encode())))]
    assert decode(result.outputs[0].value or b"", CleanArticle) == article


@pytest.mark.parametrize("timestamp", [-1, 0, 3_600_000, NOON * 1_000_000_000])
def test_a_raw_message_of_unknown_time_is_cleaned_without_one(timestamp: int) -> None:
    value = orjson.dumps({"headline": "Pilots stay ashore", "body": BODY, "published": "2024-08-04T06:30:00Z"})
    headers = (*HEADERS, (TIME_HEADER, str(NOON).encode()), ("empty", None))
    result = clean_stage(Settings())(Message(topics.RAW, 0, 5, timestamp, value, headers=headers))
    assert isinstance(result.record, CleanArticle)
    assert result.record.published == "2024-08-04T06:30:00Z"
    assert result.outputs[0].headers == (*HEADERS, ("empty", None))


def test_a_published_date_after_the_time_of_the_message_is_dropped() -> None:
    value = orjson.dumps({"body": BODY, "published": "2026-01-03T12:00:00Z"})
    article = decode(clean_stage(Settings())(message(topics.RAW, value)).outputs[0].value or b"", CleanArticle)
    assert article.published is None
    assert [warning.field for warning in article.warnings] == ["published"]


def test_the_time_of_the_raw_message_counts_and_not_that_of_writing() -> None:
    yesterday = (TIME_HEADER, str(NOON - topics.DAY).encode())
    result = dedupe()(Message(topics.CLEAN, 0, 5, NOON, encode(article(BODY)), headers=(yesterday,)))
    _, story, entry = (output.value or b"" for output in result.outputs)
    assert decode(entry, LedgerEntry).time == NOON - topics.DAY
    assert decode(story, Story).last_seen == "2025-12-31T12:00:00Z"
    assert result.outputs[0].headers == (yesterday,)


def test_one_message_from_the_future_does_not_empty_the_window() -> None:
    stage = dedupe()
    tomorrow = (TIME_HEADER, str(NOON + 26 * topics.HOUR).encode())
    values = [encode(article(body, offset=offset)) for offset, body in enumerate([BODY, PARAGRAPHS[1], BODY])]
    messages = [Message(topics.CLEAN, 0, offset, NOON + offset, value) for offset, value in enumerate(values)]
    messages[1] = dataclasses.replace(messages[1], headers=(tomorrow,))
    assert [stage(message).outcome for message in messages] == [Outcome.UNIQUE, Outcome.UNIQUE, Outcome.DUPLICATE]


def test_the_same_raw_message_gives_the_same_bytes() -> None:
    stage, raw = clean_stage(Settings()), message(topics.RAW, BODY.encode())
    assert stage(raw) == stage(raw)


def test_a_new_article_is_sent_with_its_story_and_ledger_entry() -> None:
    clean = article(BODY, offset=3, headline="Pilots stay ashore")
    result = dedupe()(message(topics.CLEAN, encode(clean)))
    assert result.outcome is Outcome.UNIQUE
    assert places(result) == [
        (topics.UNIQUE, clean.id.encode(), None, HEADERS),
        (topics.STORIES, f"story-{clean.id}".encode(), None, ()),
        (topics.LEDGER, b"news-raw/0/3", 0, ()),
    ]
    unique, story, entry = (output.value or b"" for output in result.outputs)
    assert decode(unique, UniqueArticle) == result.record
    assert decode(unique, CleanArticle) == clean
    assert decode(story, Story) == Story(
        id=f"story-{clean.id}",
        language="en",
        headline="Pilots stay ashore",
        articles=1,
        first_seen="2026-01-01T12:00:00Z",
        last_seen="2026-01-01T12:00:00Z",
        latest=clean.id,
        terms=("pilots", "breakwater", "tankers", "kestrel", "ashore", "pillars", "harbour", "damaged"),
    )
    assert decode(entry, LedgerEntry).position == 5


def test_an_article_that_merges_stories_sends_the_last_record_of_each_that_is_absorbed() -> None:
    stage = dedupe()
    articles = [
        article(body, offset=offset, headline=f"Report {offset}")
        for offset, body in enumerate([RESCUE, DAM, WALL, BOTH])
    ]
    results = [stage(message(topics.CLEAN, encode(each), each.origin.offset)) for each in articles]
    unique, *stories = (output.value or b"" for output in results[-1].outputs[:-1])
    goes_on, absorbed = (decode(story, Story) for story in stories)
    assert goes_on.id == decode(unique, UniqueArticle).story_id == f"story-{articles[1].id}"
    assert goes_on.changes == decode(unique, UniqueArticle).story_changes
    assert [change.story_id for change in goes_on.changes] == [absorbed.id] == [f"story-{articles[0].id}"]
    assert absorbed == dataclasses.replace(goes_on, id=absorbed.id, articles=1, merged_into=goes_on.id, changes=())
    assert (goes_on.articles, goes_on.merged_into) == (4, None)
    assert places(results[-1])[1:3] == [(topics.STORIES, story.id.encode(), None, ()) for story in (goes_on, absorbed)]


def test_an_article_that_splits_a_story_sends_what_remains_of_it() -> None:
    stage = dedupe()
    articles = [
        dataclasses.replace(article(body, offset=offset, headline=f"Report {offset}"), source=f"{offset}.example")
        for offset, body in enumerate([BRIDGE, DAM, WALL, RESCUE])
    ]
    results = [stage(message(topics.CLEAN, encode(each), each.origin.offset)) for each in articles]
    stories = [[decode(output.value or b"", Story) for output in each.outputs[1:-1]] for each in results]
    (whole,), (grown, rest) = stories[-2:]
    assert (whole.id, whole.sources) == (rest.id, ("0.example", "1.example", "2.example"))
    assert grown.sources == ("0.example", "3.example")
    assert (rest.articles, rest.latest, rest.sources) == (2, articles[2].id, ("1.example", "2.example"))
    assert rest.headline in ("Report 1", "Report 2")
    assert rest.changes == ()
    assert places(results[-1])[2] == (topics.STORIES, rest.id.encode(), None, ())
    assert stage(message(topics.CLEAN, encode(articles[3]), 3)).outputs == results[-1].outputs[:-1]  # read again


def test_a_copy_is_keyed_by_the_id_of_its_original_and_joins_no_story() -> None:
    stage = dedupe()
    original, copy = (encode(article(BODY, offset=offset, url=f"https://{offset}.example/a")) for offset in (3, 4))
    stage(message(topics.CLEAN, original, 5))
    result = stage(message(topics.CLEAN, copy, 6))
    assert result.outcome is Outcome.DUPLICATE
    assert places(result) == [
        (topics.DUPLICATES, article(BODY, offset=3).id.encode(), None, HEADERS),
        (topics.LEDGER, b"news-raw/0/4", 0, ()),
    ]
    duplicate = decode(result.outputs[0].value or b"", Duplicate)
    assert duplicate == result.record
    assert (duplicate.kind, duplicate.score, duplicate.origin.offset) == (CopyKind.EXACT, 1.0, 4)


def test_a_marked_copy_is_passed_on_but_an_article_that_comes_again_is_not() -> None:
    stage = DedupeStage({0: Ledger(topics.HOUR)}.__getitem__, marks_copies=True)
    copies = [
        article(BODY, offset=offset, id=id, url=f"https://{id}.example/harbour")
        for offset, id in enumerate(("gull", "tern", "gull", "tern"), start=3)
    ]
    results = [stage(message(topics.CLEAN, encode(copy), copy.origin.offset)) for copy in copies]
    assert [result.outcome for result in results] == [Outcome.UNIQUE] * 2 + [Outcome.DUPLICATE] * 2
    assert places(results[1]) == [(topics.UNIQUE, b"tern", None, HEADERS), (topics.LEDGER, b"news-raw/0/4", 0, ())]
    marked = decode(results[1].outputs[0].value or b"", UniqueArticle)
    assert marked.story_id == "story-gull"
    assert marked.copy is not None
    assert (marked.copy.duplicate_of, marked.copy.kind) == ("gull", CopyKind.EXACT)


def test_a_duplicate_has_its_text_only_if_the_setting_says_so() -> None:
    bodies = []
    for setting in ("off", "on"):
        ledger_of, settings = {0: Ledger(topics.HOUR)}.__getitem__, Settings(duplicate_bodies=setting)
        stage = STAGES["dedupe"].make_handler(StageContext(settings=settings, ledger_of=ledger_of))
        _, copy = stage([message(topics.CLEAN, encode(article(BODY, offset=offset)), offset) for offset in (3, 4)])
        assert isinstance(copy, Result)
        bodies.append(decode(copy.outputs[0].value or b"", Duplicate).body)
    assert bodies == [None, BODY]


def test_a_redelivered_article_has_the_same_outputs_again() -> None:
    stage = dedupe()
    messages = [
        message(topics.CLEAN, encode(article(body, offset=offset, url="https://a.example/harbour")), offset)
        for offset, body in enumerate([BODY, PARAGRAPHS[1], BODY, BODY, PARAGRAPHS[2]])
    ]
    first = [stage(message) for message in messages]
    for before, again in zip(first, [stage(message) for message in messages], strict=True):
        # Except the ledger entry, which exists already.
        assert again.outputs == tuple(output for output in before.outputs if output.topic != topics.LEDGER)
        assert (again.outcome, again.record) == (before.outcome, before.record)


def test_each_partition_has_its_own_ledger() -> None:
    stage = DedupeStage({0: Ledger(topics.HOUR), 1: Ledger(topics.HOUR)}.__getitem__)
    for partition in (0, 1):
        clean = article(BODY, offset=partition)
        result = stage(message(topics.CLEAN, encode(clean), partition=partition))
        assert result.outcome is Outcome.UNIQUE
        assert result.outputs[-1].partition == partition


def test_what_enrich_loads_is_never_looked_through_for_garbage() -> None:
    gc.unfreeze()
    context = StageContext(settings=Settings(models={}), ledger_of={0: Ledger(topics.HOUR)}.__getitem__)
    STAGES["enrich"].make_handler(context)
    assert gc.get_freeze_count() > 0
    gc.unfreeze()


def test_an_enriched_article_keeps_its_id_and_headers() -> None:
    stage = enrich_stage(Enricher({}))
    values = [dedupe()(message(topics.CLEAN, encode(article(text)))).outputs[0].value for text in PARAGRAPHS[:2]]
    results = stage([message(topics.UNIQUE, value, offset) for offset, value in enumerate(values)])
    for value, result in zip(values, results, strict=True):
        unique = decode(value or b"", UniqueArticle)
        assert result.outcome is Outcome.ENRICHED
        assert places(result) == [(topics.ENRICHED, unique.id.encode(), None, HEADERS)]
        enriched = decode(result.outputs[0].value or b"", EnrichedArticle)
        assert enriched == result.record
        assert decode(result.outputs[0].value or b"", UniqueArticle) == unique


@pytest.mark.parametrize(
    ("value", "reason"),
    [(None, Reason.EMPTY), (b"", Reason.INVALID_FIELD), (b"{}", Reason.INVALID_FIELD), (b"\xff", Reason.INVALID_FIELD)],
)
def test_an_invalid_record_is_refused(value: bytes | None, reason: Reason) -> None:
    with pytest.raises(RejectedError) as rejected:
        dedupe()(message(topics.CLEAN, value))
    assert rejected.value.reason is reason
    with pytest.raises(RejectedError) as rejected:
        enrich_stage(Enricher({}))([message(topics.UNIQUE, value)])
    assert rejected.value.reason is reason


def test_an_article_that_fits_the_clean_topic_fits_the_unique_one() -> None:
    """Otherwise it would be refused only after the ledger has its entry."""
    stage = dedupe()
    for offset, body in enumerate(PARAGRAPHS[:2]):
        clean = encode(article(body, offset=offset, url="https://a.example/harbour"))
        unique = stage(message(topics.CLEAN, clean, offset)).outputs[0].value or b""
    max_bytes = {topic.name: topic.max_bytes for topic in topics.topics(Settings())}
    assert b'"revision":2' in unique
    assert max_bytes[topics.UNIQUE] - max_bytes[topics.CLEAN] > 2 * (len(unique) - len(clean))


def test_an_article_that_merges_every_story_it_is_compared_with_fits_the_unique_topic() -> None:
    change = StoryChange(
        kind=StoryChangeKind.MERGED, story_id=f"story-{'a' * 16}", articles=1000, remaining=0,
        first_seen="2026-01-12T09:40:00Z", likeness=0.999,
    )  # fmt: skip
    assert len(encode([change] * MAX_CANDIDATES)) < topics.MAX_VERDICT_BYTES - 1024


def test_without_a_ledger_an_article_is_neither_judged_nor_refused() -> None:
    def no_ledger(partition: int) -> Ledger:
        raise LedgerMissingError(f"partition {partition} has no ledger")

    handler = per_message(DedupeStage(no_ledger))
    with pytest.raises(LedgerMissingError, match="partition 3"):
        handler([message(topics.CLEAN, encode(article(BODY)), partition=3)])


class Counting(DedupeStage):
    """The dedupe stage, which notes how many articles it prepares at once, and cannot prepare ``refused``."""

    def __init__(self, refused: str = "") -> None:
        super().__init__({0: Ledger(topics.HOUR), 1: Ledger(topics.HOUR)}.__getitem__)
        self.prepared: list[int] = []
        self._refused = refused

    def prepare(self, messages: Sequence[tuple[Message, CleanArticle]]) -> list[Text]:
        self.prepared.append(len(messages))
        if any(article.body == self._refused for _, article in messages):
            raise ValueError("cannot prepare it")
        return super().prepare(messages)


def mixed_batch() -> list[Message]:
    """Articles of two partitions, a copy among them, and a message that is none."""
    values = [*(encode(article(PARAGRAPHS[n % 5], offset=n)) for n in range(7)), b"no article"]
    return [message(topics.CLEAN, value, offset, partition=offset % 2) for offset, value in enumerate(values)]


@pytest.mark.parametrize("refused", ["", PARAGRAPHS[2]], ids=["prepared", "not prepared"])
def test_a_batch_has_the_results_of_its_messages_one_by_one_whether_or_not_it_can_be_prepared(refused: str) -> None:
    one_by_one, together = per_message(Counting()), Counting(refused)
    expected = one_by_one(mixed_batch())
    assert list(map(str, prepared(together)(mixed_batch()))) == list(map(str, expected))
    assert together.prepared == [7]
    assert isinstance(expected[-1], RejectedError)


def test_large_messages_are_prepared_a_few_at_a_time() -> None:
    stage = Counting()
    large = encode(article(f"{BODY} " * (MAX_PREPARED_BYTES // len(BODY) // 3)))
    handler = prepared(stage)
    assert len(handler([message(topics.CLEAN, large, offset) for offset in range(5)])) == 5
    assert stage.prepared == [3, 2]
    assert handler([]) == []


@pytest.mark.parametrize("value", [b"[" * (MAX_RECORD_BYTES + 1), encode(article("x" * (MAX_BODY_CHARS + 1)))])
def test_article_that_is_larger_than_any_of_ours_is_refused_before_it_is_compared(value: bytes) -> None:
    with pytest.raises(RejectedError, match=r"in news-clean, where Copydesk writes at most") as refusal:
        dedupe()(message(topics.CLEAN, value))
    assert refusal.value.reason is Reason.TOO_LARGE
