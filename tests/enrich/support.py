"""Articles and recognisers made for tests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from schemas.records import Caption, EnrichedArticle, Entity, EntityType, Origin, Section, UniqueArticle
from workers.enrich import Enricher
from workers.enrich.spans import ModelSpan


class Fake:
    """A recogniser that finds given names wherever they stand."""

    def __init__(self, names: Mapping[str, EntityType]) -> None:
        self.name = "fake 1"
        self.calls: list[list[str]] = []
        self._names = names

    def recognise(self, texts: Sequence[str]) -> list[list[ModelSpan]]:
        self.calls.append(list(texts))
        return [
            [
                ModelSpan(*match.span(), kind)
                for name, kind in self._names.items()
                for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)
            ]
            for text in texts
        ]


class Fixed:
    """A recogniser that finds the same spans in every text."""

    name = "fixed 1"

    def __init__(self, spans: Sequence[ModelSpan]) -> None:
        self._spans = list(spans)

    def recognise(self, texts: Sequence[str]) -> list[list[ModelSpan]]:
        return [list(self._spans) for _ in texts]


def article(
    body: str,
    *,
    headline: str = "",
    captions: Sequence[str] = (),
    byline: Sequence[str] = (),
    language: str = "en",
) -> UniqueArticle:
    return UniqueArticle(
        id="a1",
        origin=Origin(topic="news-unique", partition=0, offset=7),
        headline=headline,
        body=body,
        language=language,
        captions=tuple(Caption(text=text) for text in captions),
        byline=tuple(byline),
        story_id="s1",
    )


def enriched(one: UniqueArticle, names: Mapping[str, EntityType] | None = None) -> EnrichedArticle:
    """The article as it comes out with a fake recogniser that knows the names."""
    (out,) = Enricher({"en": Fake(names or {})}).enrich([one])
    return out


def entity(one: EnrichedArticle, name: str) -> Entity:
    """The entity of that name."""
    (found,) = [e for e in one.entities if e.name == name]
    return found


def named(one: EnrichedArticle) -> dict[str, EntityType]:
    """The names of all entities with their types."""
    return {e.name: e.type for e in one.entities}


def counts(one: EnrichedArticle, kind: EntityType) -> dict[str, int]:
    """How often the article names each entity of a type; those that only its byline names left out."""
    return {e.name: e.count for e in one.entities if e.type is kind and e.count}


def in_section(one: EnrichedArticle, section: Section) -> set[str]:
    """The names of the entities that a section mentions."""
    return {e.name for e in one.entities if any(m.section is section for m in e.mentions)}
