"""The stream without a broker: the same stages and state, for files, scoring and experiments."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
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
from workers.dedupe.sharding import shard_of
from workers.errors import RejectedError
from workers.messages import TIME_HEADER, HandlerResult, Message, Output, Result
from workers.outcomes import Outcome, Reason
from workers.settings import Settings
from workers.stages import STAGES, StageContext, StageSpec, ignore_models

BATCH_SIZE = 32
"""Inputs taken through the stages at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The outcome of one input after the stages that ran.

    ``input_id`` is the ``id`` of its JSON object, if any; ``where`` its source and its place there
    (``crawl/a.jsonl, line 7``).
    """

    input_id: Any
    where: str
    outcome: Outcome
    article: CleanArticle | None = None
    duplicate: Duplicate | None = None
    error: dict[str, str] | None = None


class InProcessStream:
    """The stages from ``first`` to ``last``, with a ledger for each language shard.

    Args:
        now: the time of every message, in milliseconds since 1970.
        models_loaded: called with the languages whose models were loaded, and a line for each that is missing or slow.
        stages: every stage by name, in the order of the stream.
    """

    def __init__(
        self,
        settings: Settings,
        first: str,
        last: str,
        now: int,
        *,
        models_loaded: Callable[[Collection[str], Collection[str]], None] = ignore_models,
        stages: Mapping[str, StageSpec] = STAGES,
    ) -> None:
        window_ms = settings.window_hours * topics.HOUR
        ledgers = [
            Ledger(window_ms, copy_threshold=settings.copy_threshold, copies_off=settings.copies_off)
            for _ in settings.shards
        ]
        context = StageContext(settings=settings, ledger_of=ledgers.__getitem__, models_loaded=models_loaded)
        names = list(stages)
        self._stages = [stages[name] for name in names[names.index(first) : names.index(last) + 1]]
        self._handlers = [stage.make_handler(context) for stage in self._stages]
        self._settings = settings
        self._now = now

    def run(self, inputs: Iterable[tuple[str, bytes] | tuple[str, bytes, str]]) -> Iterator[Line]:
        """A line for each input, in order.

        An input is the name of its source, its bytes and its place there (``line 7``), which a refusal names.
        """
        numbered = enumerate(inputs)
        while batch := list(islice(numbered, BATCH_SIZE)):
            yield from self._run_batch([self._journey(offset, *each) for offset, each in batch])

    def _journey(self, offset: int, name: str, value: bytes, place: str = "") -> _Journey:
        received = ((TIME_HEADER, str(self._now).encode()),)
        raw = Message(name, 0, offset, self._now, value, headers=received)
        return _Journey(raw, f"{name}, {place}" if place else name)

    def _run_batch(self, journeys: Sequence[_Journey]) -> Iterator[Line]:
        if self._stages[0].input_topic != topics.RAW:
            for journey in journeys:
                journey.start_at(self._stages[0], self._settings)
        for stage, handler in zip(self._stages, self._handlers, strict=True):
            moving = [(journey, journey.next) for journey in journeys if journey.next]
            results = handler([message for _, message in moving])
            for (journey, _), result in zip(moving, results, strict=True):
                journey.record(stage, result)
        return (journey.line() for journey in journeys)


class _Journey:
    """One input on its way through the stages."""

    def __init__(self, raw: Message, place: str) -> None:
        self.next: Message | None = raw
        self._place = place
        self._raw = raw
        self._results: list[Result] = []
        self._error: Exception | None = None
        self._started_as: CleanArticle | None = None

    def start_at(self, stage: StageSpec, settings: Settings) -> None:
        """Turn a JSON row into the message that a later stage reads; its body stays as it is."""
        try:
            article = self._started_as = _as_read(self._raw, stage, settings)
        except RejectedError as error:
            self.next, self._error = None, error
        else:
            shard = shard_of(article, settings) if stage.keeps_ledgers else 0
            self.next = self._message(Output(stage.input_topic, None, encode(article), partition=shard))

    def record(self, stage: StageSpec, result: HandlerResult) -> None:
        """Store the result of a stage, and set the message for the next one."""
        self.next = None
        if isinstance(result, Exception):
            self._error = result
            return
        self._results.append(result)
        for output in result.outputs:
            if output.topic == stage.output_topic:
                self.next = self._message(output)

    def line(self) -> Line:
        """The line for this input."""
        records = [result.record for result in self._results]
        articles = [record for record in records if isinstance(record, CleanArticle)]
        article = articles[-1] if articles else None
        if self._error:
            reason = self._error.reason if isinstance(self._error, RejectedError) else Reason.INTERNAL_ERROR
            error = {"reason": reason.value, "message": str(self._error), "where": self._place}
            return self._line(Outcome.DEAD_LETTER, article, error=error)
        copy = records[-1] if isinstance(records[-1], Duplicate) else None
        if copy:
            article = article or self._started_as
        return self._line(self._results[-1].outcome, article, duplicate=copy)

    def _line(self, outcome: Outcome, article: CleanArticle | None, **rest: Any) -> Line:
        return Line(input_id=_id(self._raw), where=self._place, outcome=outcome, article=article, **rest)

    def _message(self, output: Output) -> Message:
        return Message(output.topic, output.partition or 0, self._raw.offset, self._raw.timestamp, output.value)


def _json(message: Message) -> Any:
    try:
        return orjson.loads(message.value or b"")
    except orjson.JSONDecodeError:
        return None


def _id(message: Message) -> Any:
    row = _json(message)
    return row.get("id", row.get("input_id")) if isinstance(row, dict) else None


def _row(message: Message) -> Any:
    """The JSON row of the message; of a ``Line``, its article.

    Raises:
        RejectedError: it is a ``Line`` of an article that has left the stream.
    """
    row = _json(message)
    if not isinstance(row, dict) or not row.keys() >= {"where", "outcome", "article"}:
        return row
    if row["article"] is None or row["outcome"] == Outcome.DUPLICATE:
        raise RejectedError(
            Reason.NO_ARTICLE, "the line is about an article that went no further: it was refused, or is a copy"
        )
    return row["article"]


def _as_read(message: Message, stage: StageSpec, settings: Settings) -> CleanArticle:
    """The article in a JSON row: one of our own records, a ``Line`` with one, or ``{id, headline?, body or text, …}``.

    Raises:
        RejectedError: the row is not an article.
    """
    row = _row(message)
    if not isinstance(row, dict):
        raise RejectedError(Reason.INVALID_JSON, "give a JSON object with a body")
    fields = {name: value for name, value in row.items() if value is not None}
    body = fields.get("body", fields.get("text"))
    if not isinstance(body, str) or not body.strip():
        raise RejectedError(Reason.NO_BODY, "give `body` (or `text`), a string that is not empty")
    if isinstance(declared := fields.get("language", ""), str):
        # A row too short for detection is most likely in the main language.
        fields["language"] = normalise(declared) or language(body, settings.languages[0][:2])
    received = datetime.fromtimestamp(message.timestamp / 1000, UTC)
    context = dates.Context(received, declared if isinstance(declared, str) else None)
    for field in ("published", "modified", "fetched"):
        if isinstance(date := fields.get(field), str):
            try:
                found = dates.declared(date, context)
                fields[field] = found and found.time
            except ValueError as error:
                raise RejectedError(Reason.INVALID_FIELD, f"$.{field}: {error}") from error
    headline = fields.get("headline", "")
    address = fields.get("canonical_url") or fields.get("url") or fields.get("source") or ""
    defaults: dict[str, Any] = {
        "origin": Origin(topic=message.topic, partition=message.partition, offset=message.offset),
        "headline": headline,
        "story_id": "",
    }
    identity = str(fields["id"]) if "id" in fields else article_id(str(address), str(headline), body)
    try:
        return convert(
            defaults | fields | {"id": identity, "body": body},
            CleanArticle if stage.input_topic == topics.CLEAN else UniqueArticle,
        )
    except InvalidRecordError as error:
        raise RejectedError(
            Reason.INVALID_FIELD,
            f"{error}; {stage.name} takes what the stage before it writes; begin with clean to have fields repaired",
        ) from error
