"""Articles and fake recognisers for tests."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from schemas.records import Caption, EnrichedArticle, Entity, EntityType, Origin, Section, UniqueArticle
from workers.enrich import Enricher
from workers.enrich.spans import ModelSpan


class NameRecogniser:
    """Finds the given names wherever they occur."""

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


class SpanRecogniser:
    """Finds the same spans in every text."""

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


def enriched(unique: UniqueArticle, names: Mapping[str, EntityType] | None = None) -> EnrichedArticle:
    """Enriches an article with a recogniser that finds the given names."""
    (out,) = Enricher({"en": NameRecogniser(names or {})}).enrich([unique])
    return out


def entity(out: EnrichedArticle, name: str) -> Entity:
    """Returns the entity of that name; there must be exactly one."""
    (found,) = [e for e in out.entities if e.name == name]
    return found


def types_by_name(out: EnrichedArticle) -> dict[str, EntityType]:
    """Returns the types of all entities by name."""
    return {e.name: e.type for e in out.entities}


def counts(out: EnrichedArticle, kind: EntityType) -> dict[str, int]:
    """Returns how often the article mentions each entity of a type, without those that only its byline mentions."""
    return {e.name: e.count for e in out.entities if e.type is kind and e.count}


def in_section(out: EnrichedArticle, section: Section) -> set[str]:
    """Returns the names of the entities that a section mentions."""
    return {e.name for e in out.entities if any(m.section is section for m in e.mentions)}
