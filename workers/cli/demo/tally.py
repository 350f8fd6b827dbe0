"""The tally: which input has left the stream in which way. Every one of them must, and in exactly one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field

from schemas import CleanArticle, Duplicate, EnrichedArticle, InvalidRecordError, Origin, Story, UniqueArticle, decode
from workers import topics
from workers.outcomes import Outcome, Stage
from workers.stream.dead_letters import ERROR_HEADERS


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """What the headers of a dead letter say."""

    origin: Origin
    stage: Stage
    reason: str
    message: str


Arrival = EnrichedArticle | Duplicate | DeadLetter
"""What leaves the stream for good."""

READ = (topics.CLEAN, topics.UNIQUE, topics.DUPLICATES, topics.ENRICHED, topics.STORIES, topics.DEAD_LETTERS)
"""The topics that the tally is made of."""


@dataclass(slots=True)
class Tally:
    """Inputs by their raw message, what has become of each, and how far the stages have come."""

    names: dict[Origin, str] = field(default_factory=dict)
    arrived: dict[Origin, list[Arrival]] = field(default_factory=dict)
    handled: Counter[Stage] = field(default_factory=Counter)
    headlines: dict[str, str] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)

    def send(self, name: str, origin: Origin) -> None:
        """An input was sent."""
        self.names[origin] = name

    def take(self, topic: str, value: bytes | None, headers: Mapping[str, bytes]) -> Arrival | None:
        """Note a message of one of the topics; what it is if it leaves the stream with it.

        Raises:
            InvalidRecordError: it is not what its topic carries.
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
        """The names of the inputs that have not left the stream."""
        return [name for origin, name in self.names.items() if origin not in self.arrived]

    @property
    def ambiguous(self) -> list[str]:
        """The names of the inputs that left it in more than one way (the same outcome twice is a redelivery)."""
        return [name for origin, name in self.names.items() if len(set(map(outcome, self.arrived.get(origin, ())))) > 1]

    @property
    def outcomes(self) -> Counter[str]:
        """How many inputs left the stream in which way, with the kind of a copy or the reason of a refusal."""
        return Counter(detail(arrivals[0]) for origin, arrivals in self.arrived.items() if origin in self.names)


def outcome(arrival: Arrival) -> Outcome:
    """The outcome that the arrival stands for."""
    match arrival:
        case EnrichedArticle():
            return Outcome.ENRICHED
        case Duplicate():
            return Outcome.DUPLICATE
        case DeadLetter():
            return Outcome.DEAD_LETTER


def detail(arrival: Arrival) -> str:
    """The outcome in words: ``duplicate (near)``, ``dead letter (no_body)``."""
    match arrival:
        case EnrichedArticle():
            return "enriched" if arrival.revision == 1 else "enriched (revision)"
        case Duplicate():
            return f"duplicate ({arrival.kind})"
        case DeadLetter():
            return f"dead letter ({arrival.reason})"


def read_dead_letter(value: bytes | None, headers: Mapping[str, bytes]) -> DeadLetter:
    """What a dead letter says of itself, with the raw message that it began as, whichever stage refused it.

    Raises:
        InvalidRecordError: it has not the headers of one.
    """
    try:
        said = {name: headers[f"{ERROR_HEADERS}{name}"].decode() for name in ("topic", "stage", "reason", "message")}
        partition, offset = (int(headers[f"{ERROR_HEADERS}{name}"]) for name in ("partition", "offset"))
        stage = Stage(said["stage"])
    except (KeyError, ValueError) as error:
        raise InvalidRecordError(f"no dead letter: header {error}") from error
    origin = Origin(topic=said["topic"], partition=partition, offset=offset)
    if said["topic"] != topics.RAW:
        origin = decode(value or b"", CleanArticle).origin
    return DeadLetter(origin, stage, said["reason"], said["message"])
