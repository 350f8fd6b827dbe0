"""The stages: what each makes of a message. Plain functions and one state; no stream, no clock, no logging."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from schemas import (
    CleanArticle,
    Duplicate,
    InvalidRecordError,
    Story,
    UniqueArticle,
    Verdict,
    VerdictKind,
    decode,
    encode,
    fields_of,
)
from workers import topics
from workers.clean import clean
from workers.dedupe import Decision, Ledger, entry_key
from workers.enrich import Enricher
from workers.errors import LedgerMissingError, RejectedError
from workers.messages import Message, Output, Result
from workers.outcomes import Outcome, Reason
from workers.settings import Settings
from workers.timestamps import rfc3339
from workers.topics import shard_of

T = TypeVar("T")


def clean_stage(settings: Settings) -> Callable[[Message], Result]:
    """What the clean stage makes of a raw message, to be kept with the other articles of its language."""

    def handle(message: Message) -> Result:
        received = datetime.fromtimestamp(message.timestamp / 1000, UTC)
        article = clean(message.value, message.origin, received)
        shard = shard_of(article.language, settings)
        output = Output(topics.CLEAN, article.id.encode(), encode(article), partition=shard, headers=message.headers)
        return Result(Outcome.CLEAN, article, (output,))

    return handle


class Dedupe:
    """The dedupe stage: verdicts by the ledger of each partition, which must be there before its first message."""

    def __init__(self, ledgers: Mapping[int, Ledger]) -> None:
        self._ledgers = ledgers

    def handle(self, message: Message) -> Result:
        """What becomes of a clean article: unique or a duplicate, with its entry in the ledger.

        Raises:
            RejectedError: the message holds no clean article.
            LedgerMissingError: its partition has no ledger here.
        """
        article = _read(message, CleanArticle)
        ledger = self._ledgers.get(message.partition)
        if ledger is None:
            raise LedgerMissingError(f"no ledger for {message.topic}/{message.partition}")
        decision = ledger.decide(article, message.offset, message.timestamp)
        remember: tuple[Output, ...] = ()
        if entry := decision.entry:
            key = entry_key(entry.origin).encode()
            remember = (Output(topics.LEDGER, key, encode(entry), partition=message.partition),)
        if decision.verdict.kind is VerdictKind.COPY:
            copy = duplicate(article, decision.verdict)
            output = Output(topics.DUPLICATES, copy.duplicate_of.encode(), encode(copy), headers=message.headers)
            return Result(Outcome.DUPLICATE, copy, (output, *remember))
        unique, story = unique_article(article, decision.verdict), story_of(article, decision)
        return Result(
            Outcome.UNIQUE,
            unique,
            (
                Output(topics.UNIQUE, unique.id.encode(), encode(unique), headers=message.headers),
                Output(topics.STORIES, story.id.encode(), encode(story)),
                *remember,
            ),
        )


def enrich_stage(enricher: Enricher) -> Callable[[Sequence[Message]], list[Result]]:
    """What the enrich stage makes of a batch of messages."""

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
    """The article with its revision and its story."""
    return UniqueArticle(
        **fields_of(article, CleanArticle),
        revision=verdict.revision,
        revision_of=verdict.revision_of,
        story_id=verdict.story_id,
    )


def duplicate(article: CleanArticle, verdict: Verdict) -> Duplicate:
    """The article as the copy that it was found to be."""
    if verdict.duplicate_of is None or verdict.copy_kind is None or verdict.score is None or verdict.evidence is None:
        raise ValueError(f"the ledger's entry for {article.origin} calls it a copy and does not say of what")
    return Duplicate(
        id=article.id,
        origin=article.origin,
        duplicate_of=verdict.duplicate_of,
        kind=verdict.copy_kind,
        score=verdict.score,
        evidence=verdict.evidence,
        story_id=verdict.story_id,
        headline=article.headline,
        language=article.language,
        source=article.source,
        source_id=article.source_id,
        url=article.url,
        published=article.published,
    )


def story_of(article: CleanArticle, decision: Decision) -> Story:
    """The article's story as of the article."""
    return Story(
        id=decision.verdict.story_id,
        language=article.language,
        headline=article.headline,
        articles=decision.verdict.story_articles,
        first_seen=decision.verdict.story_first_seen,
        last_seen=rfc3339(decision.time),
        latest=article.id,
    )


def _read(message: Message, kind: type[T]) -> T:
    if message.value is None:
        raise RejectedError(Reason.EMPTY, f"a deletion in {message.topic}, which carries none; send a record")
    try:
        return decode(message.value, kind)
    except InvalidRecordError as error:
        raise RejectedError(Reason.INVALID_FIELD, f"no {kind.__name__} in {message.topic}: {error}") from error
