"""The tally: how each input left the stream. Each must leave it with exactly one outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from schemas import CleanArticle, Duplicate, EnrichedArticle, InvalidRecordError, Origin, Story, UniqueArticle, decode
from workers import topics
from workers.outcomes import Outcome, Stage
from workers.stream.dead_letters import ERROR_HEADERS


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What the headers of a dead letter contain."""

    origin: Origin
    stage: Stage
    reason: str
    message: str


Arrival = EnrichedArticle | Duplicate | DeadLetter
"""A record with which an article leaves the stream."""

_DEAD_LETTER_HEADERS = ("topic", "partition", "offset", "stage", "reason", "message")

TALLIED_TOPICS = (
    topics.CLEAN,
    topics.UNIQUE,
    topics.DUPLICATES,
    topics.ENRICHED,
    topics.STORIES,
    topics.DEAD_LETTERS,
)
"""The topics whose messages ``Tally.record`` takes."""


@dataclass(slots=True)
class Tally:
    """The inputs of a stream, what has become of each, and how far the stages have got.

    Attributes:
        names: the name of each input, by its raw message.
        arrived: the outputs of each raw message with which it left the stream, in order of arrival.
        handled: how many messages each stage has handled.
        headlines: the headlines of unique articles, by article id.
        stories: the latest version of each story, by story id.
    """

    names: dict[Origin, str] = field(default_factory=dict)
    arrived: dict[Origin, list[Arrival]] = field(default_factory=dict)
    handled: Counter[Stage] = field(default_factory=Counter)
    headlines: dict[str, str] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)

    def add_input(self, name: str, origin: Origin) -> None:
        """Add an input that was sent to the stream."""
        self.names[origin] = name

    def record(self, topic: str, value: bytes | None, headers: Mapping[str, bytes | None]) -> Arrival | None:
        """Record a message of one of ``TALLIED_TOPICS``, and return it if an article leaves the stream with it.

        Raises:
            InvalidRecordError: the message is not a valid record of its topic.
        """
        match topic:
            case topics.CLEAN:
                self.handled[Stage.CLEAN] += 1
            case topics.UNIQUE:
                self.handled[Stage.DEDUPE] += 1
                unique = decode(value or b"", UniqueArticle)
                self.headlines[unique.id] = unique.headline
            case topics.STORIES:
                story = decode(value or b"", Story)
                self.stories[story.id] = story
            case topics.ENRICHED:
                return self._arrive(Stage.ENRICH, decode(value or b"", EnrichedArticle))
            case topics.DUPLICATES:
                return self._arrive(Stage.DEDUPE, decode(value or b"", Duplicate))
            case topics.DEAD_LETTERS:
                letter = read_dead_letter(value, headers)
                return self._arrive(letter.stage, letter)
        return None

    def _arrive(self, stage: Stage, arrival: Arrival) -> Arrival:
        self.handled[stage] += 1
        self.arrived.setdefault(arrival.origin, []).append(arrival)
        return arrival

    @property
    def missing(self) -> list[str]:
        """The names of the inputs that have not left the stream yet."""
        return [name for origin, name in self.names.items() if origin not in self.arrived]

    @property
    def ambiguous(self) -> list[str]:
        """The names of the inputs with several different outcomes (the same outcome twice is a redelivery)."""
        outcomes = {origin: {outcome(arrival) for arrival in arrivals} for origin, arrivals in self.arrived.items()}
        return [name for origin, name in self.names.items() if len(outcomes.get(origin, ())) > 1]

    @property
    def outcomes(self) -> Counter[str]:
        """The number of inputs with each outcome, as ``describe`` words it."""
        return Counter(describe(arrivals[0]) for origin, arrivals in self.arrived.items() if origin in self.names)


def outcome(arrival: Arrival) -> Outcome:
    """The outcome that the arrival stands for."""
    match arrival:
        case EnrichedArticle():
            return Outcome.ENRICHED
        case Duplicate():
            return Outcome.DUPLICATE
        case DeadLetter():
            return Outcome.DEAD_LETTER


def describe(arrival: Arrival) -> str:
    """The outcome in words: ``enriched``, ``duplicate (near)``, ``dead letter (no_body)``."""
    match arrival:
        case EnrichedArticle():
            return "enriched" if arrival.revision == 1 else "enriched (revision)"
        case Duplicate():
            return f"duplicate ({arrival.kind})"
        case DeadLetter():
            return f"dead letter ({arrival.reason})"


def read_dead_letter(value: bytes | None, headers: Mapping[str, bytes | None]) -> DeadLetter:
    """The dead letter that its headers describe.

    The origin is that of the raw message, whichever stage refused the article; the refused message itself if it was
    no article.

    Raises:
        InvalidRecordError: the headers are not those of a dead letter.
    """
    try:
        named = {name: headers[f"{ERROR_HEADERS}{name}"] or b"" for name in _DEAD_LETTER_HEADERS}
        text = {name: value.decode() for name, value in named.items()}
        partition, offset = int(text["partition"]), int(text["offset"])
        stage = Stage(text["stage"])
        if min(partition, offset) < 0:
            raise ValueError(f"partition {partition} or offset {offset} is negative")
    except (KeyError, ValueError) as error:
        raise InvalidRecordError(f"not a dead letter: header {error}") from error
    origin = Origin(topic=text["topic"], partition=partition, offset=offset)
    if text["topic"] != topics.RAW:
        with suppress(InvalidRecordError):
            origin = decode(value or b"", CleanArticle).origin
    return DeadLetter(origin, stage, text["reason"], text["message"])
