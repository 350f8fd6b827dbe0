"""The stream without a broker: the same stages and the same state, for files, for scoring, for trying things out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import orjson

from schemas import CleanArticle, Duplicate, InvalidRecordError, Origin, UniqueArticle, convert, encode
from workers import topics
from workers.clean.article import article_id
from workers.clean.fields import dates
from workers.clean.fields.language import language, normalise
from workers.dedupe import Ledger
from workers.enrich import Enricher
from workers.errors import RejectedError
from workers.messages import Message, Output, Result
from workers.outcomes import Outcome, Reason, Stage
from workers.settings import Settings
from workers.stages import Dedupe, clean_stage, enrich_stage
from workers.stream.runner import Handler, HandlerResult, per_batch, per_message

TOGETHER = 32
"""Messages taken through the stages at a time."""

CARRIES = {Stage.CLEAN: topics.CLEAN, Stage.DEDUPE: topics.UNIQUE, Stage.ENRICH: topics.ENRICHED}
"""The topic by which a stage hands an article on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """What became of one input, as far as the stages ran; ``input_id`` is the ``id`` of its JSON object, if any."""

    input_id: Any
    outcome: Outcome
    article: CleanArticle | None = None
    duplicate: Duplicate | None = None
    error: dict[str, str] | None = None


class LocalStream:
    """The stages from ``first`` to ``last``, with a ledger per language shard.

    ``now`` (milliseconds since 1970) is the time of every message; ``enricher`` is called if entities are wanted.
    """

    def __init__(
        self, settings: Settings, first: Stage, last: Stage, enricher: Callable[[], Enricher], now: int
    ) -> None:
        window = settings.window_hours * topics.HOUR
        ledgers = {shard: Ledger(window) for shard in range(len(settings.shards))}
        make: dict[Stage, Callable[[], Handler]] = {
            Stage.CLEAN: lambda: per_message(clean_stage(settings)),
            Stage.DEDUPE: lambda: per_message(Dedupe(ledgers).handle),
            Stage.ENRICH: lambda: per_batch(enrich_stage(enricher())),
        }
        stages = list(Stage)
        self._handlers = {stage: make[stage]() for stage in stages[stages.index(first) : stages.index(last) + 1]}
        self._first = first
        self._settings = settings
        self._now = now

    def run(self, inputs: Iterable[tuple[str, bytes]]) -> Iterator[Line]:
        """A line for each input, in order; an input is the name of its source and its bytes."""
        numbered = enumerate(inputs)
        while batch := list(islice(numbered, TOGETHER)):
            raw = [Message(name, 0, offset, self._now, value) for offset, (name, value) in batch]
            yield from self._together(raw)

    def _together(self, raw: Sequence[Message]) -> Iterator[Line]:
        lines = [_Progress(message) for message in raw]
        if self._first is not Stage.CLEAN:
            for line in lines:
                line.enter(self._first, self._settings)
        for stage, handler in self._handlers.items():
            moving = [line for line in lines if line.next]
            for line, answer in zip(moving, handler([line.next for line in moving if line.next]), strict=True):
                line.take(stage, answer)
        return (line.line() for line in lines)


class _Progress:
    """One input on its way through the stages."""

    def __init__(self, raw: Message) -> None:
        self.next: Message | None = raw
        self._raw = raw
        self._results: list[Result] = []
        self._error: Exception | None = None
        self._entered: CleanArticle | None = None

    def enter(self, stage: Stage, settings: Settings) -> None:
        """Turn a row of JSON into the message that the stage reads, its body untouched."""
        try:
            article = self._entered = _as_read(self._raw, stage, settings)
        except RejectedError as error:
            self.next, self._error = None, error
        else:
            shard = topics.shard_of(article.language, settings) if stage is Stage.DEDUPE else 0
            self.next = self._message(Output(CARRIES[_before(stage)], None, encode(article), partition=shard))

    def take(self, stage: Stage, answer: HandlerResult) -> None:
        """Note what the stage made of it."""
        self.next = None
        if isinstance(answer, Exception):
            self._error = answer
            return
        self._results.append(answer)
        for output in answer.outputs:
            if output.topic == CARRIES[stage]:
                self.next = self._message(output)

    def line(self) -> Line:
        """What became of it in the end."""
        records = [result.record for result in self._results]
        articles = [record for record in records if isinstance(record, CleanArticle)]
        article = articles[-1] if articles else None
        if self._error:
            reason = self._error.reason if isinstance(self._error, RejectedError) else Reason.INTERNAL_ERROR
            error = {"reason": reason.value, "message": str(self._error)}
            return Line(input_id=_id(self._raw), outcome=Outcome.DEAD_LETTER, article=article, error=error)
        copy = records[-1] if isinstance(records[-1], Duplicate) else None
        if copy:
            article = article or self._entered
        return Line(input_id=_id(self._raw), outcome=self._results[-1].outcome, article=article, duplicate=copy)

    def _message(self, output: Output) -> Message:
        return Message(output.topic, output.partition or 0, self._raw.offset, self._raw.timestamp, output.value)


def _before(stage: Stage) -> Stage:
    stages = list(Stage)
    return stages[stages.index(stage) - 1]


def _json(message: Message) -> Any:
    try:
        return orjson.loads(message.value or b"")
    except orjson.JSONDecodeError:
        return None


def _id(message: Message) -> Any:
    row = _json(message)
    return row.get("id") if isinstance(row, dict) else None


def _as_read(message: Message, stage: Stage, settings: Settings) -> CleanArticle:
    """The article that a row of JSON describes: one of our own records, or ``{id, headline?, body or text, …}``.

    Raises:
        RejectedError: it describes none.
    """
    row = _json(message)
    if not isinstance(row, dict):
        raise RejectedError(Reason.INVALID_JSON, f"line {message.offset + 1}: give a JSON object with a body")
    given = {name: value for name, value in row.items() if value is not None}
    body = given.get("body", given.get("text"))
    if not isinstance(body, str) or not body.strip():
        raise RejectedError(
            Reason.NO_BODY, f"line {message.offset + 1}: give `body` (or `text`), a string that is not empty"
        )
    if isinstance(declared := given.get("language", ""), str):
        # A row of a few words is more likely in the main language than in none.
        given["language"] = normalise(declared) or language(body, settings.languages[0])
    received = datetime.fromtimestamp(message.timestamp / 1000, UTC)
    for field in ("published", "modified", "fetched"):
        if isinstance(date := given.get(field), str):
            given[field] = dates.declared(date, received, field)
    headline = given.get("headline", "")
    place = given.get("canonical_url") or given.get("url") or given.get("source") or ""
    defaults: dict[str, Any] = {
        "origin": Origin(topic=message.topic, partition=message.partition, offset=message.offset),
        "headline": headline,
        "story_id": "",
    }
    identity = str(given["id"]) if "id" in given else article_id(str(place), str(headline), body)
    try:
        return convert(
            defaults | given | {"id": identity, "body": body}, CleanArticle if stage is Stage.DEDUPE else UniqueArticle
        )
    except InvalidRecordError as error:
        raise RejectedError(Reason.INVALID_FIELD, f"line {message.offset + 1}: {error}") from error
