"""Articles to explain, and records of them as the stages write them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache

import orjson

from schemas import Origin
from workers.dedupe import Ledger
from workers.explain import in_files
from workers.explain.explanation import Explanation, explain
from workers.explain.in_files import Choice
from workers.files.articles import RawInput
from workers.handlers import DedupeStage, clean_stage
from workers.kafka.reader import Start
from workers.messages import Message, Output, Result
from workers.settings import Settings
from workers.stages import STAGES, StageContext
from workers.topics import HOUR, RAW, UNIQUE

NOW = 1_780_000_000_000
SETTINGS = Settings(models={})
BRIDGE = (
    "The harbour bridge in Kestrel Bay will close on Monday for repairs that the port says will take six weeks, and "
    "lorries will be sent through Rotterdam.",
    "Engineers found cracks in two of its pillars after the storm in March, said Marta Lindqvist, who leads the "
    "port's works.",
    "Ferries will carry people on foot every ten minutes, and the United Nations office on the island will work from "
    "home.",
)
URL = "https://kestrel.example/bridge"
ARTICLE = {
    "id": "a1",
    "headline": "Harbour bridge in Kestrel Bay closes",
    "url": URL,
    "source": "Kestrel Courier",
    "published": "soon",
    "body": "\n\n".join(
        (f"KESTREL BAY (Reuters) - {BRIDGE[0]}", "Advertisement", BRIDGE[1], "Sign up for our newsletter", BRIDGE[2])
    ),
}
COPY = {"id": "a2", "headline": "Bridge to close", "source": "Other Post", "body": "\n\n".join(BRIDGE[:2])}
REVISION = ARTICLE | {"id": "a3", "body": "\n\n".join((BRIDGE[0], "Nobody was hurt.", BRIDGE[2]))}
REFUSED = {"id": "a4", "body": ""}
ARTICLES = (ARTICLE, COPY, REVISION, REFUSED)


def inputs(articles: Iterable[object] = ARTICLES) -> Iterator[RawInput]:
    """The articles as lines of a file."""
    for number, article in enumerate(articles, start=1):
        value = article if isinstance(article, bytes) else orjson.dumps(article)
        yield RawInput("crawl.jsonl", value, f"line {number}")


def explained(number: int | None = None, articles: Iterable[object] = ARTICLES) -> Explanation:
    """The explanation of an article of a file."""
    facts = in_files.find(inputs(articles), Choice(number=number), SETTINGS, NOW)
    return explain(in_files.with_entities(facts, SETTINGS, NOW), SETTINGS)


@cache
def records(articles: int = 3) -> tuple[Message, ...]:
    """The records in all topics once the first articles have passed the stream, in the order of time."""
    return records_of(ARTICLES[:articles])


def records_of(articles: Iterable[object]) -> tuple[Message, ...]:
    """The same for any articles."""
    ledger = Ledger(SETTINGS.window_hours * HOUR)
    enrich = STAGES["enrich"].make_handler(StageContext(settings=SETTINGS, ledger_of=lambda _: ledger))
    clean, dedupe = clean_stage(SETTINGS), DedupeStage(lambda _: ledger)
    written: list[Message] = []
    for offset, article in enumerate(articles):
        time = NOW + 10 * offset
        raw = Message(RAW, 0, offset, time, orjson.dumps(article))
        cleaned = _written(clean(raw).outputs, offset, time + 1)
        judged = _written(dedupe(cleaned[0]).outputs, offset, time + 2)
        written += (raw, *cleaned, *judged)
        for result in enrich([each for each in judged if each.topic == UNIQUE]):
            assert isinstance(result, Result)
            written += _written(result.outputs, offset, time + 3)
    return tuple(written)


def _written(outputs: Iterable[Output], offset: int, time: int) -> list[Message]:
    return [Message(each.topic, 0, offset, time, each.value, each.key, each.headers) for each in outputs]


class FakeReader:
    """Reads records from memory."""

    def __init__(self, messages: Iterable[Message], topics: Iterable[str]) -> None:
        self.topics = tuple(topics)
        self.messages = [each for each in messages if each.topic in self.topics]

    def read(self, start: Start, *, follow: bool = False) -> Iterator[Message]:
        """The records from the start on."""
        assert start != "end"
        assert not follow
        first = start if isinstance(start, int) else 0
        return (each for each in self.messages if each.timestamp >= first)

    def read_one(self, place: Origin) -> Message | None:
        """The record at the coordinates."""
        return next((each for each in self.messages if each.origin == place), None)


def stray(topic: str) -> Message:
    """A record that somebody else has written, with what one looks for in it."""
    value = b'{"id":"0123456789abcdef","origin":{"offset":1}, "story_id":5'
    return Message(topic, 0, 99, NOW, value, b"stray", (("x", None),))
