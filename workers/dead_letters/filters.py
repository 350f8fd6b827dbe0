"""Which dead letters are meant, and where their articles come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, unquote

from workers.dead_letters.letters import Letter
from workers.reading.entries import read_entry
from workers.reading.filters import is_source
from workers.reading.filters import source_of as source_of_entry
from workers.reading.times import parse_time
from workers.timestamps import rfc3339

_PART = re.compile(r"(?:^|\.)(reason|stage|topic|source|from|to)=")


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFilter:
    """Which letters are meant: what is empty or None allows all.

    Attributes:
        sources: sources of the articles, or hosts above them; a letter whose source cannot be told has none of them.
        first, until: times of the letters, in milliseconds; whole seconds, as in the filter's name.
        paths: where JSON has our fields (``COPYDESK_FIELDS``), to find sources.
    """

    reasons: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    first: int | None = None
    until: int | None = None
    paths: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def matches(self, letter: Letter) -> bool:
        """Whether the letter is meant."""
        return (
            (not self.reasons or letter.reason in self.reasons)
            and (not self.stages or letter.stage in self.stages)
            and (not self.topics or letter.refused.topic in self.topics)
            and (self.first is None or letter.record.timestamp >= self.first)
            and (self.until is None or letter.record.timestamp < self.until)
            and (not self.sources or self._has_source(source_of(letter, self.paths)))
        )

    def __str__(self) -> str:
        """The same text for the same filter: ``reason=empty,no_body.stage=clean``; empty if it allows all."""
        parts = {
            "reason": _listed(self.reasons),
            "stage": _listed(self.stages),
            "topic": _listed(self.topics),
            "source": _listed(source.casefold() for source in self.sources),
            "from": "" if self.first is None else rfc3339(self.first),
            "to": "" if self.until is None else rfc3339(self.until),
        }
        return ".".join(f"{name}={value}" for name, value in parts.items() if value)

    @classmethod
    def parse(cls, text: str, paths: Mapping[str, Sequence[str]]) -> LetterFilter:
        """The filter of that name.

        Raises:
            ValueError: it is no name of a filter.
        """
        _, *parts = _PART.split(text)
        given = dict(zip(parts[::2], parts[1::2], strict=True))
        lists = {
            name: tuple(unquote(each, errors="surrogatepass") for each in value.split(","))
            for name, value in given.items()
        }
        found = cls(
            reasons=lists.get("reason", ()),
            stages=lists.get("stage", ()),
            topics=lists.get("topic", ()),
            sources=lists.get("source", ()),
            first=parse_time(given["from"], 0) if "from" in given else None,
            until=parse_time(given["to"], 0) if "to" in given else None,
            paths=paths,
        )
        if str(found) != text:
            raise ValueError(f"{text!r} names no filter")
        return found

    def _has_source(self, source: str | None) -> bool:
        return any(is_source(source, wanted) for wanted in self.sources)


def source_of(letter: Letter, paths: Mapping[str, Sequence[str]]) -> str | None:
    """The source of the letter's article; None if the message does not say, or cannot be read."""
    return source_of_entry(read_entry(letter.record), paths)


def _listed(values: Iterable[str]) -> str:
    """The values in order; what separates them is escaped within them."""
    return ",".join(sorted({quote(value, safe="", errors="surrogatepass") for value in values}))
