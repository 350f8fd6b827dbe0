"""What is known of an article in a file: it is judged after those before it, as in the stream but without a broker."""

from __future__ import annotations

from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from schemas import Duplicate, EnrichedArticle, UniqueArticle, encode
from workers.dedupe import Ledger
from workers.errors import NotFoundError, RejectedError
from workers.explain.facts import MAX_MEMBERS, Facts, Known, Member, Refusal, marked_copy, original_of
from workers.files.articles import RawInput
from workers.in_process import InProcessStream, Line
from workers.messages import Message
from workers.outcomes import Outcome, Stage
from workers.reading.entries import WORDS
from workers.reading.moves import Moves
from workers.settings import Settings
from workers.stages import STAGES, StageContext, ignore_models
from workers.topics import HOUR, UNIQUE

MAX_REMEMBERED = 20_000
"""Unique articles before the explained one that are kept to be shown beside it, the latest."""
MAX_LISTED = 20
"""Articles that are listed for a choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which article of a file is meant: by its number from 1, by its line, or by an id. Without any, the only one."""

    number: int | None = None
    line: int | None = None
    id: str | None = None

    def __str__(self) -> str:
        given = {"number": self.number, "line": self.line, "id": self.id}
        return " and ".join(f"{name} {value}" for name, value in given.items() if value is not None)

    @property
    def is_open(self) -> bool:
        """Whether nothing is chosen."""
        return not str(self)

    def matches(self, number: int, place: str, line: Line) -> bool:
        """Whether the article is meant."""
        return (
            self.number in (None, number)
            and (self.line is None or place == f"line {self.line}")
            and (self.id is None or self.id in _ids(line))
        )


class SeveralArticlesError(Exception):
    """Nothing was chosen, and there are several articles; ``listed`` has a line for each of the first ones."""

    def __init__(self, listed: Collection[str], more: bool) -> None:
        super().__init__("there are several articles")
        self.listed = listed
        self.more = more


def find(inputs: Iterable[RawInput], choice: Choice, settings: Settings, now: int) -> Facts:
    """The facts about the chosen article.

    Args:
        inputs: the articles in the files.
        choice: which of them is meant.
        settings: the settings of the stages.
        now: the time of every message, in milliseconds since 1970.

    Raises:
        NotFoundError: there is no such article.
        SeveralArticlesError: nothing is chosen, and there are several.
    """
    before = _Before()
    judged = _judged(inputs, settings, now)
    for number, (raw, line) in enumerate(judged, start=1):
        if choice.matches(number, raw.place, line):
            if choice.is_open and (second := next(judged, None)):
                raise _several([(raw, line), second, *_first(judged)])
            return before.facts(raw, line, now, settings)
        before.add(line)
    if not before.count:
        raise NotFoundError("there is no article in it")
    raise NotFoundError(f"none of its {before.count:,} articles has {choice}")


def with_entities(
    facts: Facts,
    settings: Settings,
    now: int,
    models_loaded: Callable[[Collection[str], Collection[str]], None] = ignore_models,
) -> Facts:
    """The facts with the entities of the article, if it is unique; ``models_loaded`` as for a stage."""
    if not isinstance(facts.article, UniqueArticle) or isinstance(facts.article, EnrichedArticle):
        return facts
    ledger = Ledger(settings.window_hours * HOUR)  # which enrich does not use
    context = StageContext(settings=settings, ledger_of=lambda _: ledger, models_loaded=models_loaded)
    message = Message(UNIQUE, 0, 0, now, encode(facts.article))
    result = STAGES[Stage.ENRICH].make_handler(context)([message])[0]
    if isinstance(result, Exception):
        return replace(facts, outcome=Outcome.DEAD_LETTER, refusal=_refusal(Stage.ENRICH, result))
    assert isinstance(result.record, EnrichedArticle)
    return replace(facts, outcome=result.outcome, article=result.record)


class _Before:
    """The articles before the explained one."""

    def __init__(self) -> None:
        self.count = 0
        self._unique: OrderedDict[str, Known] = OrderedDict()
        self._stories: Counter[str] = Counter()
        self._moves = Moves()

    def add(self, line: Line) -> None:
        self.count += 1
        article = line.article
        if isinstance(article, UniqueArticle) and not marked_copy(article) and line.outcome is Outcome.UNIQUE:
            self._count(article)
            self._unique[article.id] = Known(where=line.where, article=article)
            if len(self._unique) > MAX_REMEMBERED:
                self._unique.popitem(last=False)

    def facts(self, raw: RawInput, line: Line, now: int, settings: Settings) -> Facts:
        article, copy = line.article, line.duplicate or marked_copy(line.article)
        story = article.story_id if isinstance(article, UniqueArticle) else copy.story_id if copy else None
        if isinstance(article, UniqueArticle) and not copy:
            self._count(article)
        refusal = None
        if line.error:
            error = line.error
            stage = Stage.CLEAN if article is None else Stage.DEDUPE
            refusal = Refusal(stage=stage, reason=error["reason"], message=error["message"], todo="")
        return Facts(
            where=line.where,
            raw=raw.value,
            outcome=line.outcome,
            article=article,
            duplicate=copy,
            original=self._unique.get(original_of(article, copy) or ""),
            previous=self._unique.get(article.revision_of or "") if isinstance(article, UniqueArticle) else None,
            members=tuple(self._members(story)) if story else (),
            articles=self._stories[story] if story else None,
            compared_with=self.count,
            refusal=refusal,
        )

    def _count(self, article: UniqueArticle) -> None:
        self._stories[article.story_id] += 1
        for change in article.story_changes:
            self._stories[change.story_id] -= change.articles
            self._stories[article.story_id] += change.articles
        self._moves.add(article.story_id, article.story_changes)

    def _members(self, story: str) -> Iterator[Member]:
        found = [
            Member(where=known.where, id=id, headline=known.article.headline, source=known.article.source)
            for id, known in self._unique.items()
            if isinstance(known.article, UniqueArticle) and self._moves.story_of(id, known.article.story_id) == story
        ]
        yield from found[-MAX_MEMBERS:]


def _judged(inputs: Iterable[RawInput], settings: Settings, now: int) -> Iterator[tuple[RawInput, Line]]:
    """Each article with its outcome after dedupe."""
    waiting: deque[RawInput] = deque()

    def noted() -> Iterator[RawInput]:
        for each in inputs:
            waiting.append(each)
            yield each

    stream = InProcessStream(settings, Stage.CLEAN, Stage.DEDUPE, now)
    return ((waiting.popleft(), line) for line in stream.run(noted()))


def _refusal(stage: Stage, error: Exception) -> Refusal:
    reason = error.reason.value if isinstance(error, RejectedError) else "internal_error"
    return Refusal(stage=stage, reason=reason, message=str(error), todo="")


def _ids(line: Line) -> set[str]:
    """What the article may be called: its id, the sender's, or its URL."""
    record = line.article or line.duplicate
    found: list[object] = [line.input_id]
    if record:
        found += [record.id, record.source_id, record.url]
        found += [] if isinstance(record, Duplicate) else [record.canonical_url]
    return {str(each) for each in found if each is not None}


def _first(judged: Iterator[tuple[RawInput, Line]]) -> Iterator[tuple[RawInput, Line]]:
    for _, each in zip(range(MAX_LISTED - 1), judged, strict=False):
        yield each


def _several(first: list[tuple[RawInput, Line]]) -> SeveralArticlesError:
    listed = [
        f"{number:3}  {line.where}  {_outcome(line):8}  {_headline(line)}"
        for number, (_, line) in enumerate(first[:MAX_LISTED], start=1)
    ]
    return SeveralArticlesError(listed, more=len(first) > MAX_LISTED)


def _outcome(line: Line) -> str:
    if isinstance(line.article, UniqueArticle) and line.article.revision > 1:
        return "revision"
    return WORDS.get(line.outcome, line.outcome.value)


def _headline(line: Line) -> str:
    if line.error:
        return line.error["reason"]
    return (line.article.headline if line.article else "") or "(no headline)"
