"""Handlers of the stages: adapters between messages and the text code. They use no stream, clock or log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from schemas import (
    CleanArticle,
    CopyKind,
    CopyOf,
    Duplicate,
    FieldWarning,
    InvalidRecordError,
    Story,
    StoryChangeKind,
    UniqueArticle,
    Verdict,
    VerdictKind,
    decode,
    encode,
    encode_briefly,
    fields_of,
)
from workers import topics
from workers.clean import clean
from workers.clean.input.lenient import MAX_WARNING_CHARS
from workers.clean.input.reading import MAX_BYTES
from workers.clean.text import MAX_TEXT_CHARS
from workers.dedupe import Decision, Ledger, entry_key
from workers.dedupe.revisions import own_url
from workers.dedupe.sharding import shard_of
from workers.dedupe.stories.view import view_of
from workers.dedupe.texts import Text, text_of
from workers.enrich import Enricher
from workers.errors import RejectedError
from workers.messages import TIME_HEADER, Message, Output, Result
from workers.outcomes import Outcome, Reason
from workers.settings import Settings
from workers.timestamps import rfc3339

T = TypeVar("T", bound=CleanArticle)

COMES_AGAIN = (CopyKind.UNCHANGED, CopyKind.OUTDATED)
"""Kinds of a version that the stream has passed on already, or a newer one: it is never passed on."""
MAX_RECORD_BYTES = 2 * MAX_BYTES + topics.MAX_VERDICT_BYTES
"""The largest record of an article that Copydesk writes, under any settings."""
MAX_BODY_CHARS = 2 * MAX_TEXT_CHARS
"""Characters of a body that no stage of ours writes: others may write more to our topics."""


def clean_stage(settings: Settings) -> Callable[[Message], Result]:
    """The clean stage: turns a raw message into a clean article for the partition of its language."""

    def handle(message: Message) -> Result:
        received = datetime.fromtimestamp(message.raw_time / 1000, UTC) if message.raw_time else None
        article = clean(message.value, message.origin, received, paths=settings.fields)
        shard = shard_of(article, settings)
        headers = tuple(header for header in message.headers if header[0] != TIME_HEADER)
        if message.raw_time:
            headers += ((TIME_HEADER, str(message.raw_time).encode()),)
        output = Output(topics.CLEAN, article.id.encode(), encode(article), partition=shard, headers=headers)
        return Result(Outcome.CLEAN, article, (output,))

    return handle


class DedupeStage:
    """The dedupe stage: a clean article becomes unique or a duplicate, with its entry for the ledger.

    Args:
        ledger_of: the ledger of a partition; raises ``LedgerMissingError`` if this process does not have it.
        marks_copies: whether a copy is passed on with what it is a copy of. An article that comes again is not.
        keeps_bodies: whether the record of a duplicate has its text.
    """

    def __init__(
        self, ledger_of: Callable[[int], Ledger], *, marks_copies: bool = False, keeps_bodies: bool = False
    ) -> None:
        self._ledger_of = ledger_of
        self._marks_copies = marks_copies
        self._keeps_bodies = keeps_bodies

    def __call__(self, message: Message) -> Result:
        """The result of one message."""
        return self.handle(message, self.read(message))

    def read(self, message: Message) -> CleanArticle:
        """The article in a message."""
        return _read(message, CleanArticle)

    def prepare(self, messages: Sequence[tuple[Message, CleanArticle]]) -> list[Text]:
        """The texts of the articles, with which ``handle`` is faster."""
        of_partition: dict[int, list[CleanArticle]] = {}
        for message, article in messages:
            of_partition.setdefault(message.partition, []).append(article)
        texts = {
            partition: iter(self._ledger_of(partition).prepare(articles))
            for partition, articles in of_partition.items()
        }
        return [next(texts[message.partition]) for message, _ in messages]

    def handle(self, message: Message, article: CleanArticle, prepared: Text | None = None) -> Result:
        """The result of a message with an article."""
        decision = self._ledger_of(message.partition).decide(article, message.offset, message.time, prepared)
        ledger_outputs: tuple[Output, ...] = ()
        if entry := decision.entry:
            key = entry_key(entry.origin).encode()
            ledger_outputs = (Output(topics.LEDGER, key, encode_briefly(entry), partition=message.partition),)
        is_copy = decision.verdict.kind is VerdictKind.COPY
        if is_copy and not (self._marks_copies and decision.verdict.copy_kind not in COMES_AGAIN):
            copy = duplicate(article, copy_of(article, decision.verdict), decision.verdict.story_id)
            if self._keeps_bodies:
                copy = replace(copy, body=article.body)
            output = Output(topics.DUPLICATES, copy.duplicate_of.encode(), encode(copy), headers=message.headers)
            return Result(Outcome.DUPLICATE, copy, (output, *ledger_outputs))
        unique = unique_article(article, decision.verdict)
        outputs = [Output(topics.UNIQUE, unique.id.encode(), encode(unique), headers=message.headers)]
        if not is_copy:  # a story has no copies
            story = story_of(article, decision, prepared or text_of(article))
            stories = (story, *merged_into(story), *rests_of(article, decision.verdict))
            outputs += [Output(topics.STORIES, each.id.encode(), encode(each)) for each in stories]
        return Result(Outcome.UNIQUE, unique, (*outputs, *ledger_outputs))


def enrich_stage(enricher: Enricher) -> Callable[[Sequence[Message]], list[Result]]:
    """The enrich stage: adds entities to a batch of unique articles."""

    def handle(messages: Sequence[Message]) -> list[Result]:
        articles = enricher.enrich([_read(message, UniqueArticle) for message in messages])
        return [
            Result(
                Outcome.ENRICHED,
                article,
                (Output(topics.ENRICHED, article.id.encode(), encode(article), headers=message.headers),),
            )
            for message, article in zip(messages, articles, strict=True)
        ]

    return handle


def unique_article(article: CleanArticle, verdict: Verdict) -> UniqueArticle:
    """The article with its revision and its story, and without a canonical URL that is not believed.

    If the verdict is a copy, it says of what.
    """
    if verdict.url_is_disbelieved:
        warning = FieldWarning(
            field="canonical_url",
            value=(article.canonical_url or "")[:MAX_WARNING_CHARS],
            problem="not believed, since an article with another text was there before; this is where it was found",
        )
        article = replace(article, canonical_url=own_url(article), warnings=(*article.warnings, warning))
    return UniqueArticle(
        **fields_of(article, CleanArticle),
        revision=verdict.revision,
        revision_of=verdict.revision_of,
        series_of=verdict.series_of,
        story_id=verdict.story_id,
        notice_about=verdict.notice_about,
        copy=copy_of(article, verdict) if verdict.kind is VerdictKind.COPY or verdict.duplicate_of else None,
        change=verdict.change,
        story_changes=verdict.story_changes,
        resembles=verdict.resembles,
    )


def copy_of(article: CleanArticle, verdict: Verdict) -> CopyOf:
    """What an article whose verdict is a copy is a copy of.

    Raises:
        ValueError: the verdict does not name the original.
    """
    if verdict.duplicate_of is None or verdict.copy_kind is None or verdict.score is None or verdict.evidence is None:
        raise ValueError(f"the ledger's entry for {article.origin} calls it a copy but does not name the original")
    return CopyOf(
        duplicate_of=verdict.duplicate_of,
        kind=verdict.copy_kind,
        score=verdict.score,
        evidence=verdict.evidence,
        also_of=verdict.also_of,
    )


def duplicate(article: CleanArticle, copy: CopyOf, story_id: str) -> Duplicate:
    """The duplicate record of an article that is a copy; ``story_id`` is the story of the original."""
    return Duplicate(
        **fields_of(copy, CopyOf),
        id=article.id,
        origin=article.origin,
        story_id=story_id,
        headline=article.headline,
        language=article.language,
        source=article.source,
        source_id=article.source_id,
        url=article.url,
        published=article.published,
    )


def story_of(article: CleanArticle, decision: Decision, text: Text) -> Story:
    """The story of the article, up to date with this article; ``text`` is that of the article."""
    view = decision.verdict.story_view or view_of(0, article.headline, article.source, text.telling)
    return Story(
        id=decision.verdict.story_id,
        language=article.language,
        headline=view.headline,
        sources=view.sources,
        terms=view.terms,
        articles=decision.verdict.story_articles,
        first_seen=decision.verdict.story_first_seen,
        last_seen=rfc3339(decision.time),
        latest=article.id,
        changes=decision.verdict.story_changes,
    )


def rests_of(article: CleanArticle, verdict: Verdict) -> Iterator[Story]:
    """Yield each story that the article splits, as it is without the articles that move."""
    for rest in verdict.story_rests:
        yield Story(
            id=rest.story_id,
            language=article.language,
            headline=rest.view.headline,
            sources=rest.view.sources,
            terms=rest.view.terms,
            articles=rest.articles,
            first_seen=rest.first_seen,
            last_seen=rest.last_seen,
            latest=rest.latest,
        )


def merged_into(story: Story) -> Iterator[Story]:
    """Yield the last record of each story that is merged into a story because of its latest article."""
    for change in story.changes:
        if change.kind is StoryChangeKind.MERGED:
            yield replace(
                story,
                id=change.story_id,
                articles=change.articles,
                first_seen=change.first_seen,
                merged_into=story.id,
                changes=(),
            )


def _read(message: Message, kind: type[T]) -> T:
    if message.value is None:
        raise RejectedError(
            Reason.EMPTY, f"a message without a value in {message.topic}, which has no deletions; send a record"
        )
    if len(message.value) > MAX_RECORD_BYTES:
        raise _too_large(message, f"{len(message.value):,} bytes", f"{MAX_RECORD_BYTES:,}")
    try:
        article = decode(message.value, kind)
    except InvalidRecordError as error:
        raise RejectedError(Reason.INVALID_FIELD, f"not a {kind.__name__} in {message.topic}: {error}") from error
    if len(article.body) > MAX_BODY_CHARS:
        raise _too_large(message, f"a body of {len(article.body):,} characters", f"{MAX_BODY_CHARS:,}")
    return article


def _too_large(message: Message, size: str, limit: str) -> RejectedError:
    return RejectedError(
        Reason.TOO_LARGE,
        f"{size} in {message.topic}, where Copydesk writes at most {limit}; find who else writes there",
    )
